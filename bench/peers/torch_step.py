"""Times PyTorch training steps: eager, with the fused optimizer, compiled."""
import numpy as np
import torch
from torch.nn import functional

import common
from torch_net import network


def optimizer_of(parameters, options, fused):
    """Plain SGD or Adam with the usual constants."""
    if options.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=0.01, fused=fused)
    return torch.optim.Adam(parameters, lr=1e-3, fused=fused)


def training_step(options, fused, compile_mode=None):
    """A function of a batch that updates a network of its own."""
    net = network(options).train()
    optimizer = optimizer_of(net.parameters(), options, fused)

    def loss_of(x, y):
        return functional.cross_entropy(net(x), y)

    if compile_mode:
        loss_of = torch.compile(loss_of, mode=compile_mode, dynamic=False)

    def step(x, y):
        optimizer.zero_grad(set_to_none=True)
        loss_of(x, y).backward()
        optimizer.step()

    return step


def rounds(options, data, **how):
    """Whole steps, batches gathered from shuffled rows."""
    x, y = data
    step = training_step(options, **how)
    steps = common.chunk_steps(options)
    generator = np.random.default_rng(2)

    def prepare():
        return torch.from_numpy(common.shuffled(options, steps, generator)).unbind()

    def gather_and_step(rows):
        step(x.index_select(0, rows), y.index_select(0, rows))

    return lambda seconds: common.time_steps(prepare, gather_and_step, seconds)


def main():
    options = common.network_parser(__doc__).parse_args()
    torch.set_num_threads(options.threads)
    rows = common.epoch_steps(options) * options.batch_size
    data = [torch.from_numpy(part) for part in common.random_data(options, rows)]
    ways = {
        "eager": {"fused": False},
        "fused": {"fused": True},
        "compile": {"fused": True, "compile_mode": "default"},
        "max_autotune": {"fused": True, "compile_mode": "max-autotune-no-cudagraphs"},
    }
    builders = {name: lambda how=how: rounds(options, data, **how) for name, how in ways.items()}
    common.main("pytorch", torch.__version__, builders, options)


if __name__ == "__main__":
    main()
