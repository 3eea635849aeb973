"""A whole training run in a new process, on one core."""
import itertools
import json
import pathlib
import tempfile

from . import processes, table
from .bench import PEERS, fill
from .samples import in_turns
from .tables_of_numbers import write_csv

EPOCHS, BATCH, HIDDEN = 20, 200, "100,50"
TRAINING, VALIDATION = "training.csv", "validation.csv"
AT_MOST_MS = 200
PEER_NAMES = {"sklearn": "scikit-learn", "pytorch": "PyTorch"}


def redbud_command(bench, folder, number):
    """The run that the peers make, and what they don't do: a look at validation rows of their own after each epoch."""
    options = ["--hidden", HIDDEN, "--activation", "relu", "--batch-norm", "none", "--dropout", 0, "--optimizer", "adam"]
    options += ["--batch-size", BATCH, "--epochs", EPOCHS, "--patience", 0, "--threads", 1]
    options += ["--validation", folder / VALIDATION, "--out", folder / f"run-{number}"]
    return [bench.redbud, "train", folder / TRAINING, "--target", "label", *options, "--json"]


def accuracy_of(record):
    """On the training rows."""
    return record.get("accuracy", record.get("train", {}).get("accuracy"))


class Timer:
    """Runs commands to their ends and keeps what they printed last."""

    def __init__(self, cores):
        self.cores = cores
        self.accuracies = {}

    def ms(self, name, command):
        out, seconds = processes.run(command, self.cores)
        self.accuracies[name] = accuracy_of(json.loads(out.strip().splitlines()[-1]))
        return seconds * 1e3


def one_core(bench):
    """Redbud against scikit-learn and PyTorch, imports included."""
    section = table.Section(
        "cold",
        f"Cold start: training 20-100-50-2 on a CSV of 10,000 x 20, {EPOCHS} epochs of batches of {BATCH}, one core (ms)",
        ["what", "Redbud", "scikit-learn", "ratio", "PyTorch", "ratio", "must", "reached"],
    )
    timer = Timer(processes.granted_cores(1))

    def row_of(_):
        with tempfile.TemporaryDirectory() as folder:
            samples = measure(bench, timer, pathlib.Path(folder))
        mine = samples.spread("redbud")
        cells = [table.times(mine)]
        for peer in PEER_NAMES:
            cells += [table.times(samples.spread(peer)), table.factor(samples.ratio(peer, "redbud"))]
        verdict = "yes" if mine.median <= AT_MOST_MS else f"no: {mine.median:.0f}"
        section.notes.append("Accuracy on the training rows: " + accuracies(timer))
        return ["start to end", *cells, f"<= {AT_MOST_MS} ms", verdict]

    return section, fill(section, ["redbud train, scikit-learn, PyTorch"], row_of)


def accuracies(timer):
    names = {"redbud": "Redbud", **PEER_NAMES}
    known = {name: share for name, share in timer.accuracies.items() if share is not None}
    return ", ".join(f"{names[name]} {share:.3f}" for name, share in known.items())


def measure(bench, timer, folder):
    """Runs in turns; each of Redbud's has a run folder of its own."""
    write_csv(folder / TRAINING, 10_000, 20, with_label=True)
    write_csv(folder / VALIDATION, 500, 20, with_label=True, seed=2)
    runs = itertools.count()
    own = {"redbud": lambda: timer.ms("redbud", redbud_command(bench, folder, next(runs)))}
    for peer in PEER_NAMES:
        options = ["--epochs", EPOCHS, "--batch-size", BATCH, "--json"]
        command = [bench.python, PEERS / "cold.py", peer, folder / TRAINING, *options]
        own[peer] = lambda peer=peer, command=command: timer.ms(peer, command)
    for warm_up in own.values():  # all files are in memory from here on
        warm_up()
    return in_turns(bench.pairs, own, [])
