"""What is compared with what: Redbud's program, the peers' scripts, how often and how long."""
import contextlib
import dataclasses
import pathlib
import statistics
import sys

from . import processes
from .errors import Failure

PEERS = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class Bench:
    redbud: pathlib.Path
    python: pathlib.Path
    pairs: int
    seconds: float
    quick: bool

    def run_redbud(self, verb, options, cores):
        """The record of `redbud bench VERB`, on these cores, with as many threads."""
        command = [self.redbud, "bench", verb, *options, "--threads", len(cores), "--json"]
        return processes.run_json(command, cores)

    def own(self, verb, options, cores):
        """An Own that measures `redbud bench VERB`."""
        return Own(lambda: self.run_redbud(verb, [*options, "--seconds", self.seconds], cores))

    @contextlib.contextmanager
    def peers(self, scripts, options, cores):
        """The peers of these scripts, warmed up; one that can't start is told and left out."""
        with contextlib.ExitStack() as stack:
            running = []
            for script, variants in scripts.items():
                arguments = [*options, "--seconds", self.seconds]
                if self.quick and variants:
                    arguments += ["--variants", variants]
                try:
                    peer = processes.Peer(self.python, PEERS / script, arguments, cores)
                except Failure as failure:
                    tell(str(failure))
                    continue
                stack.callback(peer.close)
                running.append(peer)
            yield running


class Own:
    """Redbud's records of the rounds."""

    def __init__(self, measure):
        self.measure = measure
        self.records = []

    def value(self, *keys):
        """A function that takes a new record and gives the first of these keys that it has."""

        def take():
            record = self.measure()
            self.records.append(record)
            return next(record[key] for key in keys if key in record)

        return take

    def median(self, key):
        """Of the records; None where they lack the key."""
        values = [record[key] for record in self.records if record.get(key) is not None]
        return statistics.median(values) if values else None


def tell(text):
    print(f"bench/compare: {text}", file=sys.stderr, flush=True)


def fill(section, cases, row_of):
    """Adds the row of each case; a case that fails leaves its reason. True if all went well."""
    well = True
    for number, case in enumerate(cases, 1):
        tell(f"{section.name} {number}/{len(cases)}: {case}")
        try:
            section.rows.append(row_of(case))
        except Failure as failure:
            tell(str(failure))
            section.rows.append([case, "failed", *[""] * (len(section.head) - 2)])
            section.notes.append(f"{case}: {failure}")
            well = False
    return well


def note_errors(section, case, samples):
    """Names the variants that did not run."""
    for label, reason in samples.errors.items():
        section.notes.append(f"{case}: {label} did not run: {reason}")
