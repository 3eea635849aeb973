"""Writes optimizers.txt: weights after 50 steps of PyTorch's (nadam, lion: optax's) optimizers, in double, on a parabola.

The gradient is c * (w - 1). Read by src/redbud/kernels/optimizer_step_test.cpp.
    python optimizers.py > optimizers.txt
"""
import jax
import optax
import torch

START = [2.5, -1.75, 0.5, 0.0, 1.0, -0.125, 3.0]
C = [0.5, 1.0, 2.0, 0.25, 4.0, 8.0, 0.125]
STEPS = 50


def run(make, clip_value=0.0):
    w = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    c = torch.tensor(C, dtype=torch.float64)
    optimizer = make([w])
    for _ in range(STEPS):
        w.grad = c * (w.detach() - 1.0)
        if clip_value > 0.0:
            torch.nn.utils.clip_grad_value_([w], clip_value)
        optimizer.step()
    return w.tolist()


def run_optax(optimizer):
    jax.config.update("jax_enable_x64", True)
    w, c = (jax.numpy.array(values, dtype=jax.numpy.float64) for values in (START, C))
    state = optimizer.init(w)
    for _ in range(STEPS):
        updates, state = optimizer.update(c * (w - 1.0), state, w)
        w = optax.apply_updates(w, updates)
    return [float(v) for v in w]


def line(name, values):
    print(name, *[repr(v) for v in values])


optim = torch.optim
print(f"# optimizers.py, PyTorch {torch.__version__}")
line("start", START)
line("c", C)
line("sgd", run(lambda p: optim.SGD(p, lr=0.01)))
line("sgd_l2", run(lambda p: optim.SGD(p, lr=0.01, weight_decay=0.1)))
line("momentum", run(lambda p: optim.SGD(p, lr=0.01, momentum=0.9)))
line("nesterov", run(lambda p: optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True)))
line("rmsprop", run(lambda p: optim.RMSprop(p, lr=0.01, alpha=0.9)))
line("adam", run(lambda p: optim.Adam(p, lr=0.01)))
line("adam_betas", run(lambda p: optim.Adam(p, lr=0.02, betas=(0.7, 0.9), eps=1e-3)))
line("adam_l2", run(lambda p: optim.Adam(p, lr=0.01, weight_decay=0.1)))
line("adamw", run(lambda p: optim.AdamW(p, lr=0.01, weight_decay=0.1)))
line("adam_clip", run(lambda p: optim.Adam(p, lr=0.01), clip_value=0.3))
line("centered_rmsprop", run(lambda p: optim.RMSprop(p, lr=0.01, alpha=0.9, centered=True)))
line("adagrad", run(lambda p: optim.Adagrad(p, lr=0.01)))
line("adadelta", run(lambda p: optim.Adadelta(p, lr=1.0)))
line("adamax", run(lambda p: optim.Adamax(p, lr=0.01)))
line("nadam", run_optax(optax.nadam(0.01)))
line("amsgrad", run(lambda p: optim.Adam(p, lr=0.01, amsgrad=True)))
line("radam", run(lambda p: optim.RAdam(p, lr=0.01)))
line("lion", run_optax(optax.lion(0.01, weight_decay=0.0)))
