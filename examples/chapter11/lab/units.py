"""Units that are never active."""
import statistics

from .document import table
from .figures import cell
from .trainings import Row

RATES = ["0.001", "0.003", "0.01", "0.03"]
ACTIVATIONS = ["relu", "leaky_relu", "elu"]


def shares(outcomes):
    """The share of dead units of the whole network at each training's last epoch, where its log tells it."""
    found = []
    for outcome in outcomes:
        layers = [layer for layer in (outcome.epochs[-1].get("health") or []) if layer.get("dead") is not None] if outcome.epochs else []
        if layers:
            found.append(statistics.mean(layer["dead"] for layer in layers))
    return found


def dead_share(outcomes):
    found = shares(outcomes)
    return f"{100 * statistics.median(found):.1f} %" if found else "-"


class DeadUnits:
    number = 7
    is_long = False

    def run(self, lab):
        keys = [(activation, rate) for activation in ACTIVATIONS for rate in RATES]
        rows = [Row("", ["--activation", a, "--learning-rate", r]) for a, r in keys]
        found = {key: f"{dead_share(o)} dead, {cell(o, 'test')}" for key, o in zip(keys, lab.train_all("07_dead_units.toml", rows))}
        lines = [[a, *(found[a, r] for r in RATES)] for a in ACTIVATIONS]
        return "## 7. Dead units against the rate\n\n`examples/chapter11/run 7`\n\nClaim: the higher the rate, the more ReLU units die; leaky ReLU and ELU have none. 784-5x100-10, adam, 3 epochs.\n\n" + table(
            ["dead units and test accuracy at the rate", *RATES], lines
        )
