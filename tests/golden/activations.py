#!/usr/bin/env python3
"""Makes activations.txt: values and derivatives of PyTorch's activations in double.

Three lines an activation: its name with ".z", ".y" and ".slope", then the numbers. Read by
src/redbud/kernels/activation_golden_test.cpp, which has the same constants.
    pip install torch && python3 activations.py > activations.txt
"""
import torch
from torch.nn import functional as f

# None closer than 1e-3 to a kink.
Z = [-30.0, -9.0, -7.5, -4.0, -3.2, -2.9, -1.6, -1.0, -0.75, -0.3, -0.05, -1e-9, 1e-9, 0.02, 0.4, 0.9, 1.5, 2.5, 2.9,
     3.1, 5.5, 6.5, 9.0, 30.0]

FUNCTIONS = {
    "elu": f.elu,
    "elu_0.3": lambda z: f.elu(z, 0.3),
    "relu": f.relu,
    "leaky_relu": f.leaky_relu,
    "leaky_relu_0.2": lambda z: f.leaky_relu(z, 0.2),
    "selu": f.selu,
    "logistic": torch.sigmoid,
    "tanh": torch.tanh,
    "softplus": lambda z: f.softplus(z, threshold=1000.0),
    "softsign": f.softsign,
    "hard_sigmoid": lambda z: (z / 6 + 0.5).clamp(0, 1),  # f.hardsigmoid's derivative is 1/6 in float
    "relu6": f.relu6,
    "gelu": f.gelu,
    "gelu_tanh": lambda z: f.gelu(z, approximate="tanh"),
    "silu": f.silu,
    "mish": f.mish,
    "hard_swish": f.hardswish,
    "rrelu": lambda z: f.rrelu(z, training=False),
}


def show(name, numbers):
    print(name, " ".join(f"{value:.17g}" for value in numbers))


def show_all(name, z, y):
    y.sum().backward()
    show(name + ".z", z.detach().flatten().tolist())
    show(name + ".y", y.detach().flatten().tolist())
    show(name + ".slope", z.grad.flatten().tolist())


def main():
    for name, function in FUNCTIONS.items():
        z = torch.tensor(Z, dtype=torch.float64, requires_grad=True)
        show_all(name, z, function(z))
    # Four rows of six features, each with its slope.
    z = torch.tensor(Z, dtype=torch.float64).reshape(4, 6).requires_grad_()
    a = torch.tensor([0.25, 0.1, 0.0, -0.2, 1.0, 2.0], dtype=torch.float64, requires_grad=True)
    show_all("prelu", z, f.prelu(z, a))
    show("prelu.da", a.grad.tolist())
    z = torch.tensor(Z, dtype=torch.float64).reshape(4, 6).requires_grad_()
    dy = torch.tensor([(7 * i % 11) - 4.0 for i in range(24)], dtype=torch.float64).reshape(4, 6)
    y = f.log_softmax(z, 1)
    y.backward(dy)
    show("log_softmax.y", y.detach().flatten().tolist())
    show("log_softmax.dz", z.grad.flatten().tolist())


if __name__ == "__main__":
    main()
