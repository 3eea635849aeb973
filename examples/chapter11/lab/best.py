"""The best dense network, and the one that is good enough soonest."""
from .figures import Simple
from .trainings import Row

BEST = Simple(
    10,
    "10_best.toml",
    "Our own best dense network for MNIST",
    "test error",
    [Row("784-1000-500-250-250-250-10, batch norm, noise at every layer, label smoothing", [], "<= 0.95 % wanted")],
    also=("hours",),
)
FASTEST = Simple(
    10,
    "10_fast.toml",
    "The shortest time to 98 %",
    "test",
    [Row("784-192-96-10, ReLU, batch norm, one cycle, 2 epochs", [], "98 %")],
    also=("seconds",),
    remark="Seconds of training on one thread, judging included.",
)


class Best:
    number = 10
    is_long = True

    def run(self, lab):
        return "\n\n".join([BEST.run(lab), f"### {FASTEST.title}", FASTEST.body(lab)])
