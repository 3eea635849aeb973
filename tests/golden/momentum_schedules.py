#!/usr/bin/env python3
"""Makes momentum_schedules.txt: momentums of 50 steps, and the weights that PyTorch's optimizers reach along them, in double.

The gradient is c * (w - 1), the rate 0.01 (one_cycle: OneCycleLR moves rate and momentum). Read by
src/redbud/optim/momentum_schedule_test.cpp, which has the same constants; a step there is a tenth of an epoch.
    pip install torch && python3 momentum_schedules.py > momentum_schedules.txt
"""
import math

import torch

START = [2.5, -1.75, 0.5, 0.0, 1.0, -0.125, 3.0]
C = [0.5, 1.0, 2.0, 0.25, 4.0, 8.0, 0.125]
STEPS = 50

# Written down from the papers' formulas, step by step, not from Redbud's code.
SCHEDULES = {
    "line": lambda t: 0.5 + (0.99 - 0.5) * min(1.0, t / 30),  # Hinton et al. 2012
    "cosine": lambda t: 0.95 - (0.95 - 0.6) * (1 + math.cos(math.pi * t / STEPS)) / 2,
    "exponential": lambda t: 0.98 - (0.98 - 0.9) * 0.1 ** (t / 20),
    "piecewise": lambda t: 0.5 if t < 10 else 0.9 if t < 35 else 0.99,
    "sutskever": lambda t: min(1 - 2 ** (-1 - math.log2(t // 4 + 1)), 0.95),  # Sutskever et al. 2013
}
OPTIMIZERS = {
    "momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adamax": lambda p: torch.optim.Adamax(p, lr=0.01),
    "radam": lambda p: torch.optim.RAdam(p, lr=0.01),
}


def set_momentum(optimizer, value):
    for group in optimizer.param_groups:
        if "momentum" in group:
            group["momentum"] = value
        else:
            group["betas"] = (value, group["betas"][1])


def run(make, watch):
    """Along what `watch`, given the optimizer, does before each step."""
    w = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    c = torch.tensor(C, dtype=torch.float64)
    optimizer = make([w])
    before_step = watch(optimizer)
    for t in range(STEPS):
        before_step(t)
        w.grad = c * (w.detach() - 1.0)
        optimizer.step()
    return w.tolist()


def show(name, values):
    print(name, *[repr(v) for v in values])


def along(schedule, make):
    return run(make, lambda optimizer: lambda t: set_momentum(optimizer, schedule(t)))


def one_cycle(make, momentums):
    def start(optimizer):
        # OneCycleLR reaches its last values in the last of its steps: 51 are 50 with both ends.
        scheduler = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, 0.01, total_steps=STEPS + 1, pct_start=16 / 51, div_factor=25, final_div_factor=1e4,
            base_momentum=0.85, max_momentum=0.95)

        def step(t):
            if t > 0:
                scheduler.step()
            group = optimizer.param_groups[0]
            momentums.append(group["momentum"] if "momentum" in group else group["betas"][0])

        return step

    return run(make, start)


def main():
    print(f"# momentum_schedules.py, PyTorch {torch.__version__}")
    show("start", START)
    show("c", C)
    for name, schedule in SCHEDULES.items():
        show(name, [schedule(t) for t in range(STEPS)])
        for optimizer, make in OPTIMIZERS.items():
            show(f"{name}:{optimizer}", along(schedule, make))
    momentums = []
    reached = {optimizer: one_cycle(make, momentums) for optimizer, make in OPTIMIZERS.items()}
    show("one_cycle", momentums[:STEPS])
    for optimizer, values in reached.items():
        show(f"one_cycle:{optimizer}", values)


if __name__ == "__main__":
    main()
