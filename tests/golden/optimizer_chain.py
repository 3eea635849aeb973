"""Prints the table of src/redbud/optim/optimizer_test.cpp: weights after three updates.

The gradients are those of f(w) = sum_i (i + 1) * (w_i - i)^2 / 2 at w = (1, -2, 3, 0.5). Made with torch 2.x, in double.
    python optimizer_chain.py
"""
import torch

START = [1.0, -2.0, 3.0, 0.5]


def run(make, clip=None):
    w = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer = make([w])
    scale = torch.arange(1, 5, dtype=torch.float64)
    centre = torch.arange(0, 4, dtype=torch.float64)
    for _ in range(3):
        optimizer.zero_grad()
        (scale * (w - centre) ** 2 / 2).sum().backward()
        if clip:
            clip(w)
        optimizer.step()
    return w.tolist()


optim = torch.optim
CASES = {
    "sgd": run(lambda p: optim.SGD(p, lr=0.01)),
    "momentum": run(lambda p: optim.SGD(p, lr=0.01, momentum=0.9)),
    "nesterov": run(lambda p: optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True)),
    "rmsprop": run(lambda p: optim.RMSprop(p, lr=0.001, alpha=0.9, eps=1e-8)),
    "adam": run(lambda p: optim.Adam(p, lr=0.001)),
    "adamw": run(lambda p: optim.AdamW(p, lr=0.001, weight_decay=0.01)),
    "sgd, l2 0.1": run(lambda p: optim.SGD(p, lr=0.01, weight_decay=0.1)),
    "adam, l2 0.1": run(lambda p: optim.Adam(p, lr=0.001, weight_decay=0.1)),
    "sgd, clip_value 1": run(lambda p: optim.SGD(p, lr=0.01), lambda w: torch.nn.utils.clip_grad_value_([w], 1.0)),
    # torch divides by norm + 1e-6, which is far below the tolerance.
    "sgd, clip_norm 2": run(lambda p: optim.SGD(p, lr=0.01), lambda w: torch.nn.utils.clip_grad_norm_([w], 2.0)),
}
for name, weights in CASES.items():
    print(f'{{"{name}", {{{", ".join(f"{v:.10f}" for v in weights)}}}}},')
