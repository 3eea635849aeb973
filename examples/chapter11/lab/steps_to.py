"""Optimizers and schedules: steps to 98 % of the validation digits, each at the best rate of one grid."""
import statistics

from .document import table
from .figures import cell
from .trainings import Row

RUN_FILE = "05_optimizers.toml"
GOAL = 0.98
RATES = ["0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1"]
OPTIMIZERS = [
    "sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "centered_rmsprop", "adam", "adamw", "adamax", "nadam", "amsgrad", "radam", "lion", "lamb", "muon", "schedule_free_adamw", "ftrl",
]
SCHEDULES = {
    "constant": "none",
    "exponential": '{ name = "exponential" }',
    "power": '{ name = "power" }',
    "polynomial": '{ name = "polynomial" }',
    "cosine": '{ name = "cosine" }',
    "one_cycle": '{ name = "one_cycle" }',
    "plateau": '{ name = "plateau", patience = 2 }',
}


def steps_to_goal(outcome):
    """Of the first epoch that reaches it; None where none does."""
    reached = [epoch["step"] for epoch in outcome.epochs if epoch["validation"]["accuracy"] >= GOAL]
    return reached[0] if reached else None


def loss_of(outcomes):
    """The median of the validation loss; a training that diverges counts as endlessly bad."""
    return statistics.median(float("inf") if o.diverged else o.done["validation"]["loss"] for o in outcomes)


def steps_text(outcomes):
    steps = [steps_to_goal(outcome) for outcome in outcomes]
    if sum(step is not None for step in steps) * 2 <= len(steps):
        return "not reached"
    return f"{statistics.median(step if step is not None else float('inf') for step in steps):,.0f}"


class Optimizers:
    number = 5
    is_long = False

    def best(self, lab, options, rates=RATES):
        """The rate with the lowest validation loss of one seed, then all seeds."""
        rows = [Row(rate, [*options, "--learning-rate", rate]) for rate in rates]
        tried = lab.train_all(RUN_FILE, rows, seeds=lab.seeds[:1])
        row = min(zip(rows, tried), key=lambda pair: loss_of(pair[1]))[0]
        return row.name, lab.train_all(RUN_FILE, [row])[0]

    def lines(self, lab, variations):
        lines = []
        for name, options in variations:
            rate, outcomes = self.best(lab, options)
            lines.append((loss_of(outcomes), [name, rate, steps_text(outcomes), cell(outcomes, "validation loss"), cell(outcomes, "test")]))
        return [line for _, line in sorted(lines, key=lambda pair: pair[0])]

    def run(self, lab):
        columns = ["best rate", "steps to 98 % of validation", "validation loss", "test accuracy"]
        optimizers = self.lines(lab, [(name, ["--optimizer", name]) for name in OPTIMIZERS])
        schedules = self.lines(lab, [(name, ["--optimizer", "momentum", "--set", f"train.schedule={text}"]) for name, text in SCHEDULES.items()])
        return "\n\n".join(
            [
                "## 5. Optimizers and schedules on one network",
                "`examples/chapter11/run 5`",
                "784-5x100-10, ELU, batch norm, batch 128, 10 epochs (4,300 steps); each rate from the grid 0.0001 to 1, three a decade, by the validation loss of the first seed. "
                "Steps are counted at the ends of epochs of 430.",
                table(["optimizer", *columns], optimizers),
                "Schedules, with momentum:",
                table(["schedule", *columns], schedules),
            ]
        )
