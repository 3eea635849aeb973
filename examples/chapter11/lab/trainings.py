"""Trainings by the program, each kept in a folder of its own."""
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import statistics
import subprocess
import sys

from . import idx


@dataclasses.dataclass
class Row:
    """A line of a table: a variation of an experiment's run file."""

    name: str
    options: list = dataclasses.field(default_factory=list)
    claim: str = ""  # what chapter, notebook or paper say
    seeds: int = 0  # how many of the seeds; 0: all


@dataclasses.dataclass
class Outcome:
    """What one training came to; `epochs` are the records of its log."""

    done: dict
    epochs: list
    folder: object
    error: str = ""

    @property
    def diverged(self):
        return not self.done or self.done.get("stop_reason") == "diverged"

    def accuracy(self, part):
        """In percent; what a network of ten classes knows that never trained, where there is nothing else."""
        metrics = self.done.get(part) if self.done else None
        return 100 * metrics["accuracy"] if metrics else 10.0

    def seconds(self):
        return self.done["wall_s"]

    def us_per_step(self):
        if not self.epochs or not self.epochs[-1]["step"]:
            return None
        last = self.epochs[-1]
        rows = self.done["train"]["rows"] if self.done else 0
        steps_an_epoch = last["step"] / last["epoch"]
        rates = [epoch["rows_per_s"] for epoch in self.epochs]
        return 1e6 * rows / steps_an_epoch / statistics.median(rates)


class Lab:
    def __init__(self, here, program, mnist, out, seeds, jobs, only_kept=False):
        self.here, self.program, self.mnist, self.out, self.seeds = here, program.resolve(), mnist.resolve(), out, seeds
        self.jobs = jobs or len(os.sched_getaffinity(0))
        self.only_kept = only_kept

    def notebook_digits(self):
        """The notebook's split: its validation digits are the first 5,000 of the training files. Two folders."""
        parts = self.out / "notebook-train", self.out / "notebook-validation"
        return idx.rows(self.mnist, 5000, None, parts[0]), idx.rows(self.mnist, 0, 5000, parts[1])

    def digits(self, *classes):
        """The folder of some digits alone, made from the files."""
        return idx.only(self.mnist, classes, self.out / ("digits-" + "".join(map(str, classes))))

    def _folder(self, run_file, options, seed, data):
        text = json.dumps([run_file.read_text(), options, seed, str(data)])
        return self.out / f"{run_file.stem}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def train(self, run_file, options, seed, data=None):
        """One training, or what is left of an earlier one."""
        data = data or self.mnist
        file = self.here / run_file
        folder = self._folder(file, options, seed, data)
        log = folder / "log.jsonl"
        words = [self.program, "train", data, "--config", file, *options, "--seed", str(seed), "--threads", "1", "--out", folder, "--json"]
        error = ""
        if not _is_finished(log):
            again = [self.program, "resume", folder, "--threads", "1", "--json"]
            has_begun = (folder / "checkpoints").is_dir()
            process = subprocess.run(list(map(str, again if has_begun else words)), capture_output=True, text=True)
            if process.returncode not in (0, 5):
                sys.exit(f"run: {' '.join(map(str, words))}\n{process.stderr}")
            error = process.stderr.strip().splitlines()[-1] if process.returncode == 5 else ""
            folder.mkdir(parents=True, exist_ok=True)
            if error:
                (folder / "divergence.txt").write_text(error)
        return _read(folder)

    def train_all(self, run_file, rows, data=None, seeds=None):
        """All rows with all seeds; a list of outcomes a row."""
        jobs = [(row, seed) for row in rows for seed in (seeds or self.seeds)[: row.seeds or None]]
        if self.only_kept:
            jobs = [job for job in jobs if _is_finished(self._folder(self.here / run_file, job[0].options, job[1], data or self.mnist) / "log.jsonl")]
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            outcomes = list(pool.map(lambda job: self.train(run_file, job[0].options, job[1], data), jobs))
        return [[outcome for (of, _), outcome in zip(jobs, outcomes) if of is row] for row in rows]


def _records(log):
    return [json.loads(line) for line in log.read_text().splitlines()] if log.is_file() else []


def _is_finished(log):
    return (log.parent / "divergence.txt").is_file() or any(_is_end(record) for record in _records(log))


def _is_end(record):
    """A run that was interrupted has a result, too, but goes on."""
    return record["event"] == "done" and record["stop_reason"] != "interrupted"


def _read(folder):
    records = _records(folder / "log.jsonl")
    done = next((record for record in reversed(records) if record["event"] == "done"), {})
    note = folder / "divergence.txt"
    return Outcome(done, [r for r in records if r["event"] == "epoch"], folder, note.read_text() if note.is_file() else "")
