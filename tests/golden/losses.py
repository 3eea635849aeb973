#!/usr/bin/env python3
"""Makes losses.txt: losses of PyTorch, optax and scikit-learn, and their gradients, in double.

Lines: `scores`, `numbers`, `counts`, `labels`, `shares` (rows of 4) and `classes`, which are the inputs; then a line a
loss: its name, the loss, the gradient of all scores. Read by src/redbud/kernels/losses_golden_test.cpp, which has the
same constants.
    pip install torch optax scikit-learn && python3 losses.py > losses.txt
"""
import jax
import numpy as np
import optax
import sklearn
import torch
import torch.nn.functional as F
from sklearn.metrics import mean_pinball_loss

jax.config.update("jax_enable_x64", True)
ROWS, OUTPUTS = 5, 4
rng = np.random.default_rng(1)
scores = rng.normal(0, 1.5, (ROWS, OUTPUTS))
numbers = rng.normal(0, 1.0, (ROWS, OUTPUTS))
counts = rng.poisson(2.0, (ROWS, OUTPUTS)).astype(float)
labels = rng.integers(0, 2, (ROWS, OUTPUTS)).astype(float)
shares = rng.dirichlet(np.ones(OUTPUTS), ROWS)
classes = rng.integers(0, OUTPUTS, ROWS)


def show(name, values):
    print(name, " ".join(f"{v:.17g}" for v in np.ravel(values)))


def show_torch(name, loss_of):
    s = torch.tensor(scores, requires_grad=True)
    loss = loss_of(s)
    loss.backward()
    show(name, [loss.item(), *s.grad.numpy().ravel()])


def show_jax(name, loss_of):
    loss, gradient = jax.value_and_grad(loss_of)(jax.numpy.asarray(scores))
    show(name, [float(loss), *np.asarray(gradient).ravel()])


def row_sum(losses):
    return losses.sum() / ROWS


def main():
    print(f"# losses.py, PyTorch {torch.__version__}, optax {optax.__version__}, scikit-learn {sklearn.__version__}")
    for name in ("scores", "numbers", "counts", "labels", "shares", "classes"):
        show(name, globals()[name])
    t, c, y, p, k = (torch.tensor(v) for v in (numbers, counts, labels, shares, classes))
    show_torch("softmax_cross_entropy", lambda s: F.cross_entropy(s, k))
    show_torch("softmax_smoothed", lambda s: F.cross_entropy(s, k, label_smoothing=0.1))
    show_torch("softmax_shares", lambda s: F.cross_entropy(s, p))
    show_torch("softmax_shares_smoothed", lambda s: F.cross_entropy(s, p, label_smoothing=0.1))
    w = torch.tensor([0.5, 2.0, 1.0, 3.0], dtype=torch.float64)
    show_torch("softmax_class_weights", lambda s: F.cross_entropy(s, k, weight=w))
    show_torch("sigmoid_cross_entropy", lambda s: row_sum(F.binary_cross_entropy_with_logits(s, y, reduction="none")))
    smooth = y * 0.9 + 0.05
    show_torch("sigmoid_smoothed", lambda s: row_sum(F.binary_cross_entropy_with_logits(s, smooth, reduction="none")))
    show_torch("mean_squared_error", lambda s: F.mse_loss(s, t))
    show_torch("mae", lambda s: F.l1_loss(s, t))
    show_torch("huber", lambda s: F.huber_loss(s, t, delta=0.7))
    show_torch("poisson", lambda s: F.poisson_nll_loss(s, c, log_input=True))
    show_torch("cosine", lambda s: (1 - F.cosine_similarity(s, t)).mean())
    one_hot = jax.nn.one_hot(classes, OUTPUTS)
    show_jax("hinge", lambda s: optax.losses.multiclass_hinge_loss(s, jax.numpy.asarray(classes)).mean())
    show_jax("binary_hinge", lambda s: optax.losses.hinge_loss(s, 2 * labels - 1).sum() / ROWS)
    show_jax("sigmoid_focal",
             lambda s: optax.losses.sigmoid_focal_loss(s, labels, alpha=0.25, gamma=2.0).sum() / ROWS)
    # Without alpha: twice what alpha = 1/2 gives.
    show_jax("sigmoid_focal_symmetric", lambda s: 0.5 * optax.losses.sigmoid_focal_loss(s, labels, gamma=1.5).sum() / ROWS)

    def focal(s):
        log_p = (jax.nn.log_softmax(s) * one_hot).sum(-1)
        return (-0.25 * (1 - jax.numpy.exp(log_p)) ** 2 * log_p).mean()

    show_jax("focal", focal)
    show("quantile_value", [mean_pinball_loss(numbers.ravel(), scores.ravel(), alpha=0.8)])


if __name__ == "__main__":
    main()
