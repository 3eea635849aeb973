"""Weights that are exactly zero in the model file, against the accuracy."""
import array
import json
import statistics
import struct

from .document import table
from .figures import cell
from .trainings import Row

FTRL = ["--optimizer", "ftrl", "--learning-rate", "auto"]
ROWS = [
    Row("sgd", []),
    Row("sgd, l1 0.0001", ["--l1", "0.0001"]),
    Row("sgd, l1 0.0003", ["--l1", "0.0003"]),
    Row("sgd, l1 0.001", ["--l1", "0.001"]),
    Row("ftrl", FTRL),
    Row("ftrl, l1 0.3", [*FTRL, "--l1", "0.3"]),
    Row("ftrl, l1 1", [*FTRL, "--l1", "1"]),
    Row("ftrl, l1 3", [*FTRL, "--l1", "3"]),
]


def zero_share(model_file):
    """Of the weights of a model file, a safetensors container."""
    data = model_file.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    zeros = total = 0
    for name, tensor in json.loads(data[8 : 8 + size]).items():
        if not name.endswith("weight"):
            continue
        begin, end = tensor["data_offsets"]
        values = array.array("f", data[8 + size + begin : 8 + size + end])
        zeros += sum(value == 0.0 for value in values)
        total += len(values)
    return zeros / total


class Sparse:
    number = 9
    is_long = False

    def run(self, lab):
        lines = []
        for row, outcomes in zip(ROWS, lab.train_all("09_sparse.toml", ROWS)):
            shares = [zero_share(outcome.folder / "model.redbud") for outcome in outcomes if not outcome.diverged]
            lines.append([row.name, f"{100 * statistics.median(shares):.1f} %" if shares else "-", cell(outcomes, "test")])
        return "## 9. Zeros: l1 and ftrl\n\n`examples/chapter11/run 9`\n\n" + table(["784-300-100-10, ELU", "weights that are 0", "test accuracy"], lines)
