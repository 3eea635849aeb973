"""Results of rounds in turns, and the ratios of the pairs."""
import collections
import dataclasses
import statistics

from .errors import Failure


@dataclasses.dataclass(frozen=True)
class Spread:
    """Median of the pairs, the least and the greatest."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(values):
        return Spread(statistics.median(values), min(values), max(values))


class Samples:
    """What each program measured, a value a pair; a label is a program and its variant: "jax scan"."""

    def __init__(self):
        self.values = collections.defaultdict(list)
        self.errors = {}

    def add(self, label, value):
        if label not in self.errors:
            self.values[label].append(value)

    def fail(self, label, reason):
        """From here on the label has no value in some pair, so it takes part in nothing."""
        self.errors[label] = reason
        self.values.pop(label, None)

    def spread(self, label):
        if label not in self.values:
            raise Failure(f"no values of {label}")
        return Spread.of(self.values[label])

    def labels(self, program):
        return [label for label in self.values if label.split()[0] == program]

    def best(self, program, most=False):
        """The variant with the least median (or the greatest); None where all failed."""
        labels = self.labels(program)
        return (max if most else min)(labels, key=lambda label: self.spread(label).median, default=None)

    def ratio(self, over, under):
        """over / under, pair by pair."""
        return Spread.of([a / b for a, b in zip(self.values[over], self.values[under], strict=True)])


def in_turns(pairs, own, peers, key="us", samples=None):
    """Rounds A B A B: `own` is {label: function to a value}; each peer's variants give `key`."""
    samples = samples or Samples()
    for _ in range(pairs):
        for label, measure in own.items():
            samples.add(label, measure())
        for peer in peers:
            take_round(samples, peer, key)
    return samples


def take_round(samples, peer, key):
    """One round of a peer; a peer that ends is left out and named."""
    try:
        results = peer.round()
    except Failure as failure:
        for label in [*samples.labels(peer.name), peer.name]:
            samples.fail(label, str(failure))
        return
    for variant, result in results.items():
        label = f"{peer.name} {variant}"
        if "error" in result:
            samples.fail(label, result["error"])
        else:
            samples.add(label, result[key])
