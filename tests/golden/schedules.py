#!/usr/bin/env python3
"""Makes schedules.txt: learning-rate factors of PyTorch's schedulers at the beginning of each of 30 epochs.

A line: what it is of, then the factors. Read by src/redbud/optim/schedule_test.cpp, which has the same constants.
    pip install torch && python3 schedules.py > schedules.txt
"""
import torch
from torch.optim import lr_scheduler

EPOCHS = 30


def factors(make, scores=None):
    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    scheduler = make(optimizer)
    found = []
    for epoch in range(EPOCHS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(*([scores[epoch]] if scores else []))
    return found


def show(name, found):
    print(name, " ".join(f"{value:.12g}" for value in found))


def main():
    show("piecewise", factors(lambda o: lr_scheduler.MultiStepLR(o, [5, 12, 20], gamma=0.1)))
    show("exponential", factors(lambda o: lr_scheduler.ExponentialLR(o, 0.1 ** (1 / 20))))
    show("polynomial", factors(lambda o: lr_scheduler.PolynomialLR(o, total_iters=EPOCHS, power=2.0)))
    show("cosine", factors(lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS, eta_min=0.05)))
    show("restarts", factors(lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=4, T_mult=2, eta_min=0.1)))
    show("warmup", factors(lambda o: lr_scheduler.LinearLR(o, start_factor=1e-12, total_iters=8)))
    # PyTorch's OneCycleLR reaches its last rate in the last step: 31 steps are 30 epochs with both ends.
    show("one_cycle", factors(lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=EPOCHS + 1, pct_start=10 / 31)))


if __name__ == "__main__":
    main()
