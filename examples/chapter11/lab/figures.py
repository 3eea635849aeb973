"""What most experiments are: a table of variations with one figure each."""
import dataclasses
import statistics

from .document import table
from .trainings import Row

TRAINS, DOES_NOT = 95.0, 30.0


def spread(values, digits=2, unit=""):
    """Median (lowest-highest)."""
    middle = f"{statistics.median(values):.{digits}f}{unit}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def verdict(accuracies):
    middle = statistics.median(accuracies)
    return "trains" if middle > TRAINS else "does not train" if middle < DOES_NOT else "crawls"


def figure_of(outcome, what):
    if what == "test error":
        return 100 - outcome.accuracy("test")
    if what in ("hours", "seconds"):
        return outcome.seconds() / (3600 if what == "hours" else 1)
    if what == "last validation loss":
        return outcome.epochs[-1]["validation"]["loss"]
    if what == "validation loss":
        return outcome.done["validation"]["loss"]
    return outcome.accuracy(what)


def _format_of(what):
    """Digits after the point, unit."""
    return (4, "") if what.endswith("loss") else (2, "") if what in ("hours", "seconds") else (2, " %")


def cell(outcomes, what):
    if not outcomes:
        return "not run yet"
    lost = [outcome for outcome in outcomes if outcome.diverged]
    kept = [figure_of(outcome, what) for outcome in outcomes if not outcome.diverged]
    text = spread(kept, *_format_of(what)) if kept else ""
    if not lost:
        return text
    return f"{text + '; ' if text else ''}{len(lost)} of {len(outcomes)} diverge"


@dataclasses.dataclass
class Simple:
    number: int
    run_file: str
    title: str
    what: str  # "validation", "test": accuracy; "test error"
    rows: list[Row]
    data: object = lambda lab: (lab.mnist, [])  # and the options that go with it
    also: tuple[str, ...] = ()
    is_long: bool = False
    remark: str = ""

    def run(self, lab):
        return "\n\n".join([f"## {self.number}. {self.title}", f"`examples/chapter11/run {self.number}`", self.body(lab)])

    def body(self, lab):
        """The table and what is to be said of it."""
        data, options = self.data(lab)
        rows = [dataclasses.replace(row, options=row.options + options) for row in self.rows]
        outcomes = lab.train_all(self.run_file, rows, data)
        whats = [self.what, *self.also]
        lines = [[row.name, row.claim, *(cell(of, what) for what in whats)] for row, of in zip(self.rows, outcomes)]
        columns = ["network", "claim", *(w if w.endswith(("error", "loss", "hours", "seconds")) else f"{w} accuracy" for w in whats)]
        return table(columns, lines) + (f"\n\n{self.remark}" if self.remark else "")
