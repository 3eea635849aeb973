"""Ten hidden layers: which activations and initialisers train, and what batch norm changes."""
from .document import table
from .figures import cell, spread, verdict
from .trainings import Row
from .units import dead_share

RUN_FILE = "01_depth.toml"
RATES = ["0.01", "0.1", "1"]
PLACES = ["none", "before"]


def of(activation, *more):
    return ["--activation", activation, *more]


FIRST = [
    Row("logistic, Glorot", of("logistic", "--initializer", "glorot_normal"), "does not train: gradients vanish"),
    Row("logistic, normal(0,1)", of("logistic", "--initializer", "normal"), "saturates and crawls"),
    Row("ReLU, He", of("relu"), "trains"),
    Row("leaky ReLU, He", of("leaky_relu"), "trains"),
    Row("ELU, He", of("elu"), "trains"),
    Row("SELU, LeCun", of("selu"), "trains"),
    Row("tanh, Glorot", of("tanh"), "trains"),
    Row("logistic, Glorot, batch norm", of("logistic", "--initializer", "glorot_normal", "--batch-norm", "before"), "trains"),
]
GRID = [
    (activation, initializer, place, rate)
    for activation in ("logistic", "tanh", "elu")
    for initializer in ("normal", "auto")
    for place in PLACES
    for rate in RATES
]
TOGETHER = [
    Row("neither", of("elu"), ""),
    Row("dropout 0.1", of("elu", "--dropout", "0.1"), ""),
    Row("batch norm", of("elu", "--batch-norm", "before"), ""),
    Row("both", of("elu", "--batch-norm", "before", "--dropout", "0.1"), ""),
]


class Depth:
    number = 1
    is_long = False

    def run(self, lab):
        return "\n\n".join(["## 1. Ten hidden layers of 100", "`examples/chapter11/run 1`", self.first(lab), self.grid(lab), self.together(lab)])

    def first(self, lab):
        lines = []
        for row, outcomes in zip(FIRST, lab.train_all(RUN_FILE, FIRST)):
            accuracies = [outcome.accuracy("test") for outcome in outcomes]
            steps = [outcome.us_per_step() for outcome in outcomes if outcome.us_per_step()]
            lines.append([row.name, row.claim, verdict(accuracies), spread(accuracies, 2, " %"), spread(steps, 0) if steps else "-", dead_share(outcomes)])
        return table(["network", "claim", "result", "test accuracy", "microseconds a step", "dead units"], lines)

    def grid(self, lab):
        rows = [Row("", of(a, "--initializer", i, "--batch-norm", place, "--learning-rate", rate)) for a, i, place, rate in GRID]
        found = {key: cell(outcomes, "test") for key, outcomes in zip(GRID, lab.train_all(RUN_FILE, rows))}
        lines = [
            [f"{a}, {'normal(0,1)' if i == 'normal' else 'its pair'}, {'batch norm' if place != 'none' else 'no batch norm'}", *(found[a, i, place, r] for r in RATES)]
            for a in ("logistic", "tanh", "elu")
            for i in ("normal", "auto")
            for place in PLACES
        ]
        claim = "Claim: batch norm bears higher rates and bad initial weights (*its pair*: Glorot with gain 4 for logistic, Glorot for tanh, He for ELU)."
        return claim + "\n\n" + table(["test accuracy at the rate", *RATES], lines)

    def together(self, lab):
        lines = [[row.name, cell(outcomes, "test"), cell(outcomes, "validation loss")] for row, outcomes in zip(TOGETHER, lab.train_all(RUN_FILE, TOGETHER))]
        return "Batch norm and dropout, each alone and together:\n\n" + table(["ELU, He", "test accuracy", "validation loss"], lines)
