"""Programs under measurement: pinned to cores, in an environment of their own."""
import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time

from .errors import Failure

DROPPED = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}  # they choose kernels of another processor
THREAD_LIMITS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
START_LIMIT_S = 1800  # torch.compile of a deep network
ROUND_LIMIT_S = 600
SETTLE_S = 0.1  # after it threads that spin when their work is done have gone to sleep


def core_count():
    return len(os.sched_getaffinity(0))


def granted_cores(count):
    """The last `count` cores that this process may use: the first ones serve the interrupts."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < count:
        raise Failure(f"needs {count} cores, {len(cores)} granted")
    return cores[-count:]


def environment(threads):
    """This process's environment with the thread limits of the libraries."""
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    limits = {name: str(threads) for name in THREAD_LIMITS}
    return kept | limits | {"JAX_PLATFORMS": "cpu", "TORCHINDUCTOR_COMPILE_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def start(command, cores, **streams):
    """Starts a program that may use these cores."""
    # JAX takes the size of its pool from the affinity.
    pin = lambda: os.sched_setaffinity(0, cores)  # noqa: E731
    try:
        return subprocess.Popen(
            [str(part) for part in command], env=environment(len(cores)), preexec_fn=pin, text=True, **streams
        )
    except OSError as error:
        raise Failure(f"{command[0]}: {error.strerror}") from error


def settle(cores):
    """Waits where a program that was measured before may still hold a core."""
    if len(cores) > 1:
        time.sleep(SETTLE_S)


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no message"


def run(command, cores):
    """Runs a program to its end: (stdout, seconds)."""
    settle(cores)
    begin = time.perf_counter()
    with start(command, cores, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        try:
            out, err = process.communicate(timeout=ROUND_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failure(f"{' '.join(map(str, command))}: not done after {ROUND_LIMIT_S} s") from None
    seconds = time.perf_counter() - begin
    if process.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))} ended with {process.returncode}: {last_line(err)}")
    return out, seconds


def run_json(command, cores):
    """The JSON object that a program prints last."""
    out, _ = run(command, cores)
    try:
        return json.loads(out.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise Failure(f"{' '.join(map(str, command))}: no JSON on stdout") from None


class Peer:
    """A peer that was warmed up, and measures a round when told to."""

    def __init__(self, python, script, arguments, cores):
        self.command = [python, script, *arguments, "--threads", len(cores), "--serve"]
        self.cores = cores
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = start(self.command, cores, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self.name = self.answer(START_LIMIT_S)["peer"]

    def answer(self, limit_s):
        """The next line as an object."""
        timer = threading.Timer(limit_s, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if not line:
            self.process.wait()
            self.log.seek(0)
            raise Failure(f"{self.command[1].name} ended with {self.process.returncode}: {last_line(self.log.read())}")
        return json.loads(line)

    def round(self):
        """{variant: its times or its error}."""
        settle(self.cores)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.answer(ROUND_LIMIT_S)["variants"]

    def close(self):
        """Ends the process."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()


@contextlib.contextmanager
def busy(core):
    """Another program that takes a core: a loop that never rests."""
    loop = start(["sh", "-c", "while :; do :; done"], [core])
    try:
        yield
    finally:
        loop.kill()
        loop.wait()
