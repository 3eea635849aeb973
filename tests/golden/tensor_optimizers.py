"""Writes tensor_optimizers.txt: three tensors after 50 steps of optimizers by Keras, optax and schedulefree, in double.

The tensors are a matrix of 5 by 3, a bias of 3, a matrix of 3 by 4, one after the other; the gradient is
c * (w - target). Read by src/redbud/optim/golden_test.cpp.
    KERAS_BACKEND=jax python tensor_optimizers.py > tensor_optimizers.txt
"""
import os

os.environ.setdefault("KERAS_BACKEND", "jax")
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import keras
import numpy as np
import optax
import schedulefree
import torch

SHAPES = [(5, 3), (3,), (3, 4)]
COUNT = sum(int(np.prod(shape)) for shape in SHAPES)
# Written with few digits, so that f32 and f64 start alike.
START = np.round(np.sin(1.7 * np.arange(COUNT) + 0.3), 3)
C = np.round(1.0 + 0.9 * np.cos(2.3 * np.arange(COUNT)), 3)
TARGET = np.where(np.arange(COUNT) % 3 == 0, 0.01, np.round(0.8 * np.cos(0.9 * np.arange(COUNT)), 3))
STEPS = 50


def cut(flat):
    sizes = np.cumsum([int(np.prod(shape)) for shape in SHAPES])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(np.asarray(flat, np.float64), sizes), SHAPES)]


def join(tensors):
    return np.concatenate([np.asarray(t).reshape(-1) for t in tensors])


def gradients(tensors):
    return [c * (w - t) for w, c, t in zip(tensors, cut(C), cut(TARGET))]


def by_optax(make):
    """make(tensor) gives the transformation of one tensor."""
    result = []
    for start, c, target in zip(cut(START), cut(C), cut(TARGET)):
        w = jnp.array(start)
        optimizer = make(w)
        state = optimizer.init(w)
        for _ in range(STEPS):
            updates, state = optimizer.update(jnp.array(c) * (w - target), state, w)
            w = optax.apply_updates(w, updates)
        result.append(w)
    return join(result)


def decayed(w):
    return w.ndim == 2


def lamb(decay):
    return by_optax(lambda w: optax.lamb(0.02, weight_decay=decay if decayed(w) else 0.0))


def muon(decay):
    def make(w):
        if not decayed(w):
            return optax.adamw(0.02, weight_decay=0.0)
        return optax.contrib.muon(0.02, consistent_rms=0.2, weight_decay=decay)

    return by_optax(make)


def lookahead():
    """adam, its slow weights after every 6th of 50 steps; the last two steps move the fast ones alone."""
    result = []
    for start, c, target in zip(cut(START), cut(C), cut(TARGET)):
        w = optax.LookaheadParams.init_synced(jnp.array(start))
        optimizer = optax.lookahead(optax.adam(0.02), sync_period=6, slow_step_size=0.5)
        state = optimizer.init(w)
        for _ in range(STEPS):
            updates, state = optimizer.update(jnp.array(c) * (w.fast - target), state, w)
            w = optax.apply_updates(w, updates)
        result.append(w)
    return join([w.fast for w in result]), join([w.slow for w in result])


def schedule_free(decay, warmup):
    tensors = [torch.nn.Parameter(torch.tensor(t)) for t in cut(START)]
    groups = [{"params": [t], "weight_decay": decay if decayed(t) else 0.0} for t in tensors]
    optimizer = schedulefree.AdamWScheduleFree(groups, lr=0.05, warmup_steps=warmup, foreach=False)
    optimizer.train()
    for _ in range(STEPS):
        for t, g in zip(tensors, gradients([t.detach().numpy() for t in tensors])):
            t.grad = torch.tensor(g)
        optimizer.step()
    y = join([t.detach().numpy() for t in tensors])
    optimizer.eval()
    return y, join([t.detach().numpy() for t in tensors])


def ftrl(l1, l2, beta, rate=0.1):
    """Keras' l2 is half of the paper's. Its z begins so that it stands for the weights that are there."""
    keras.backend.set_floatx("float64")
    result = []
    for start, c, target in zip(cut(START), cut(C), cut(TARGET)):
        of_weights = decayed(start)
        w = keras.Variable(start, dtype="float64")
        optimizer = keras.optimizers.Ftrl(rate, initial_accumulator_value=0.0, beta=beta,
                                          l1_regularization_strength=l1 if of_weights else 0.0,
                                          l2_regularization_strength=l2 / 2 if of_weights else 0.0)
        optimizer.build([w])
        optimizer._linears[0].assign(-start * beta / rate)
        for _ in range(STEPS):
            optimizer.apply([jnp.array(c) * (w.value - target)], [w])
        result.append(np.array(w.value))
    return join(result)


def line(name, values):
    print(name, *[repr(float(v)) for v in values])


print(f"# tensor_optimizers.py, Keras {keras.__version__}, optax {optax.__version__}, schedulefree 1.4.1")
line("start", START)
line("c", C)
line("target", TARGET)
line("lamb", lamb(0.0))
line("lamb_decay", lamb(0.1))
line("muon", muon(0.0))
line("muon_decay", muon(0.1))
for name, values in zip(("lookahead_fast", "lookahead"), lookahead()):
    line(name, values)
for name, values in zip(("schedule_free_y", "schedule_free"), schedule_free(0.0, 0)):
    line(name, values)
line("schedule_free_decay", schedule_free(0.1, 0)[1])
line("schedule_free_warmup", schedule_free(0.0, 10)[1])
line("ftrl", ftrl(0.0, 0.0, 1.0))
line("ftrl_l1", ftrl(4.0, 0.0, 1.0))
line("ftrl_l1_l2", ftrl(2.0, 0.3, 0.5))
