"""Trains 20-100-50-2 from a CSV file in a new process, the import of the library included: cold.py sklearn|pytorch FILE."""
import argparse
import json
import sys
import time

START = time.perf_counter()
HIDDEN = (100, 50)


def table(path):
    """Standardised features and the classes of the last column."""
    import numpy as np

    values = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.float32)
    x, y = values[:, :-1], values[:, -1].astype(np.int64)
    return (x - x.mean(axis=0)) / x.std(axis=0), y


def train_sklearn(options):
    """MLPClassifier; its accuracy on the training rows."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)  # it is told to stop after so many epochs
    x, y = table(options.file)
    net = MLPClassifier(
        HIDDEN, batch_size=options.batch_size, max_iter=options.epochs, n_iter_no_change=options.epochs, random_state=1
    )
    return net.fit(x, y).score(x, y)


def train_pytorch(options):
    """Eager with the fused optimizer: the fastest way to the end when nothing is compiled yet."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
    x, y = (torch.from_numpy(part) for part in table(options.file))
    widths = [x.shape[1], *HIDDEN]
    layers = [part for a, b in zip(widths[:-1], widths[1:]) for part in (torch.nn.Linear(a, b), torch.nn.ReLU())]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], 2))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    for _ in range(options.epochs):
        for rows in torch.randperm(len(x)).split(options.batch_size):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
            optimizer.step()
    with torch.inference_mode():
        return (net(x).argmax(1) == y).float().mean().item()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("peer", choices=["sklearn", "pytorch"])
    options.add_argument("file")
    options.add_argument("--epochs", type=int, default=20)
    options.add_argument("--batch-size", type=int, default=200)
    options.add_argument("--json", action="store_true")
    options = options.parse_args()
    accuracy = {"sklearn": train_sklearn, "pytorch": train_pytorch}[options.peer](options)
    result = {"peer": options.peer, "accuracy": float(accuracy), "s": time.perf_counter() - START}
    print(json.dumps(result) if options.json else f"{options.peer}: {result['s']:.2f} s, accuracy {accuracy:.3f}")


if __name__ == "__main__":
    sys.exit(main())
