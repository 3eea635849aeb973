"""Writes normalisation.txt: loss and gradients of small networks that normalise, computed by PyTorch's autograd in double.

A line is a name and numbers; a network begins with "network NAME". Weights are (inputs, units), row by row. Read by
src/redbud/layers/normalisation_golden_test.cpp.
    python normalisation.py > normalisation.txt
"""
import torch

ROWS, INPUTS, UNITS, OUTPUTS = 5, 6, 7, 3


def parameter(shape, seed, scale=1.0, shift=0.0):
    g = torch.Generator().manual_seed(seed)
    return (shift + scale * torch.randn(shape, generator=g, dtype=torch.float64)).requires_grad_()


def standardized(w, epsilon=1e-4):
    """Brock et al. 2021, equation 1 without its gain: mean 0 and variance 1 / fan-in for each unit."""
    centred = w - w.mean(dim=0)
    return centred / torch.sqrt(w.shape[0] * w.var(dim=0, unbiased=False) + epsilon)


def layer_norm(p, z):
    return torch.nn.functional.layer_norm(z, (UNITS,), p.get("norm.gamma"), p.get("norm.beta"), 1e-5)


def batch_norm(p, z):
    return torch.nn.functional.batch_norm(z, None, None, p.get("norm.gamma"), p.get("norm.beta"), training=True, eps=1e-3)


def run(name, norm, standardize, scale, center):
    p = {"hidden.weight": parameter((INPUTS, UNITS), 1, 0.5), "hidden.bias": parameter((UNITS,), 2, 0.3)}
    if scale:
        p["norm.gamma"] = parameter((UNITS,), 3, 0.2, 1.0)
    if center:
        p["norm.beta"] = parameter((UNITS,), 4, 0.3)
    p["output.weight"] = parameter((UNITS, OUTPUTS), 5, 0.5)
    p["output.bias"] = parameter((OUTPUTS,), 6, 0.3)
    x = parameter((ROWS, INPUTS), 7).detach()
    target = parameter((ROWS, OUTPUTS), 8).detach()
    w = p["hidden.weight"]
    z = x @ (standardized(w) if standardize else w) + p["hidden.bias"]
    y = torch.tanh(norm(p, z)) @ p["output.weight"] + p["output.bias"]
    loss = torch.nn.functional.mse_loss(y, target)
    loss.backward()
    print("network", name)
    for key, value in {"x": x, "target": target, **p, "loss": loss}.items():
        print(key, *[repr(v) for v in value.detach().flatten().tolist()])
    for key, value in p.items():
        print("d." + key, *[repr(v) for v in value.grad.flatten().tolist()])


print("# normalisation.py, PyTorch", torch.__version__)
run("layer_norm", layer_norm, standardize=False, scale=True, center=True)
run("layer_norm_bare", layer_norm, standardize=False, scale=False, center=False)
run("batch_norm", batch_norm, standardize=False, scale=True, center=True)
run("batch_norm_bare", batch_norm, standardize=False, scale=False, center=False)
run("weight_standardization", layer_norm, standardize=True, scale=True, center=True)
