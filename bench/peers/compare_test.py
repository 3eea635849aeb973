#!/usr/bin/env python3
"""Tests bench/compare: as a program beside made-up Redbud and peers whose times are known, and its arithmetic alone."""
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

sys.dont_write_bytecode = True
PEERS = pathlib.Path(__file__).resolve().parent
COMPARE = PEERS.parent / "compare"
sys.path.insert(0, str(PEERS))

from runner import networks, table, virtual_environment  # noqa: E402
from runner.errors import Failure  # noqa: E402
from runner.samples import Samples, Spread, in_turns  # noqa: E402

# Takes 100 us for everything, with two threads 50 us; twice as long beside a busy loop, which it can't know of: `mean` says so in turns.
REDBUD = '''
import json, os, sys
verb, threads = sys.argv[2], int(sys.argv[sys.argv.index("--threads") + 1])
if sys.argv[1] == "train":
    os.makedirs(sys.argv[sys.argv.index("--out") + 1])  # refused if it is there
    print(json.dumps({"event": "start"}), json.dumps({"event": "done", "train": {"accuracy": 0.9}}), sep="\\n")
    sys.exit()
count = os.path.join(os.path.dirname(__file__), "count")
with open(count, "a") as file: file.write("x")
us = 100 / threads
record = {"us_per_step": us, "us_per_call": us, "mean": us * (2 - os.path.getsize(count) % 2), "share_of_bound": 0.5}
record |= {"gb_per_s": 1.0, "encoded_gb_per_s": 0.5, "fp32_gflops": 250.0, "bf16_gflops": None}
record |= {"round_trip_ns": 48.0}
record |= {key: 200.0 for key in ("l1_gb_s", "l2_gb_s", "l3_gb_s", "memory_gb_s")}
print(json.dumps(record))
'''
PYTHON = '''
import json, os, sys
if sys.argv[1] == "-c":
    print("PINNED")
    sys.exit()
script = os.path.basename(sys.argv[1])
if script == "cold.py":
    print(json.dumps({"accuracy": 0.8}))
    sys.exit()
us = lambda value: {"us": value, "mean": value}
variants = {
    "jax_step.py": ("jax", {"scan": us(200.0), "jit": us(300.0)}),
    "torch_step.py": ("pytorch", {"eager": us(500.0), "fused": us(400.0), "compile": {"error": "no compiler"}}),
    "ort_predict.py": ("onnxruntime", {"io_binding": us(120.0)}),
    "torch_predict.py": ("pytorch", {"eager": us(250.0)}),
    "csv_peers.py": ("csv", {name: {"gb_per_s": 0.2} for name in ("pyarrow", "polars", "pyarrow_f32", "numpy_f32")}),
}
if script == os.environ.get("BROKEN"):
    sys.exit("libsomething.so is missing")
peer, times = variants[script]
print(json.dumps({"peer": peer, "ready": list(times)}), flush=True)
for line in sys.stdin:
    print(json.dumps({"peer": peer, "variants": times}), flush=True)
'''


def write_program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable} -IS\n" + textwrap.dedent(text))
    path.chmod(0o755)


def compare(*options, **environment):
    command = [sys.executable, str(COMPARE), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)


def cells(text, beginning):
    """Of the table's row that begins so."""
    for line in text.splitlines():
        parts = [part.strip() for part in line.strip().strip("|").split("|")]
        if parts[0].startswith(beginning):
            return parts
    raise AssertionError(f"no row {beginning} in:\n{text}")


class Program(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.redbud = self.folder / "redbud"
        write_program(self.redbud, REDBUD)
        pinned = "\\n".join(f"{name} {version}" for name, version in virtual_environment.pinned().items())
        write_program(self.folder / "venv" / "bin" / "python", PYTHON.replace("PINNED", pinned))

    def compare(self, *options, **environment):
        return compare("--redbud", self.redbud, "--venv", self.folder / "venv", "--quick", *options, **environment)

    def test_help(self):
        answer = compare("--help")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        for option in ("--quick", "--only", "--pairs", "--out", "--venv"):
            self.assertIn(option, answer.stdout)

    def test_wrong_options(self):
        for options, message in ((["--pairs", "0"], "at least 1"), (["--only", "speed"], "invalid choice"), (["more"], "unrecognized")):
            with self.subTest(options=options):
                answer = compare(*options)
                self.assertEqual(answer.returncode, 2)
                self.assertIn(message, answer.stderr)

    def test_no_program(self):
        answer = compare("--redbud", self.folder / "nothing")
        self.assertEqual(answer.returncode, 2)
        self.assertRegex(answer.stderr, r"^bench/compare: error: .*nothing is not there; build it first")

    def test_steps(self):
        answer = self.compare("--only", "step", "--pairs", "2")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        row = cells(answer.stdout, "784-300-100-10")
        self.assertEqual(row[1:3], ["100 (100-100)", "50 %"])
        self.assertEqual(row[3:5], ["200 (200-200) scan", "2.00x (2.00-2.00)"])
        self.assertEqual(row[5:7], ["400 (400-400) fused", "4.00x (4.00-4.00)"])
        self.assertEqual(row[7:], [">= 1.15x JAX, >= 1.7x PyTorch", "yes"])
        self.assertEqual(cells(answer.stdout, "784-10x100-10 BN ELU dropout, batch 32")[-1], "no: 2.00 of 4, 4.00 of 6")
        self.assertIn("batch 20, Adam: pytorch compile did not run: no compiler", answer.stdout)

    def test_peer_that_does_not_start(self):
        answer = self.compare("--only", "step", BROKEN="jax_step.py")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn("jax_step.py ended with 1: libsomething.so is missing", answer.stderr)
        row = cells(answer.stdout, "784-300-100-10")
        self.assertEqual([row[3], row[5], row[-1]], ["-", "400 (400-400) fused", "not measured"])

    def test_program_that_fails(self):
        write_program(self.redbud, REDBUD + "\nif verb == 'step': sys.exit('redbud: error: no such layer')\n")
        answer = self.compare("--only", "step")
        self.assertEqual(answer.returncode, 1)
        self.assertEqual(cells(answer.stdout, "784-300-100-10")[1], "failed")
        self.assertIn("ended with 1: redbud: error: no such layer", answer.stdout)

    def test_other_parts(self):
        answer = self.compare("--only", "predict", "--only", "csv", "--only", "cold")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        row = cells(answer.stdout, "784-5x100-5 ELU, batch 1")
        self.assertEqual(row[2], "2 %")  # 475,600 bytes at 200 GB/s are 2.4 of the 100 us
        self.assertEqual([row[4], row[-1]], ["1.20x (1.20-1.20)", "no: 1.20 of 2.5"])
        self.assertEqual(cells(answer.stdout, "to typed columns")[1:4], ["1.00 (1.00-1.00)", "0.20 (0.20-0.20)", "5.00x (5.00-5.00)"])
        row = cells(answer.stdout, "to float32 tensor")
        self.assertEqual(row[3:], ["2.50x (2.50-2.50)", "numpy 0.20", ">= 4x pyarrow", "no: 2.50 of 4"])
        self.assertIn("Redbud 0.900, scikit-learn 0.800, PyTorch 0.800", answer.stdout)

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "needs two cores")
    def test_two_threads(self):
        answer = self.compare("--only", "threads")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        row = cells(answer.stdout, "784-300-100-10")
        self.assertEqual(row[1:7], ["100 (100-100)", "50.0 (50.0-50.0)", "2.00x (2.00-2.00)", "48.0", ">= 1x", "yes"])
        load = answer.stdout[answer.stdout.index("Two threads while") :]
        self.assertIn(cells(load, "784-300-100-10")[3], ("2.00x (2.00-2.00)", "0.50x (0.50-0.50)"))
        self.assertEqual(cells(load, "784-300-100-10")[-2:], ["1.00x (1.00-1.00) scan", "1.00x (1.00-1.00) fused"])

    def test_out(self):
        document = self.folder / "performance.md"
        document.write_text("# Speed\n\n<!-- bench/compare cold: begin -->\nold\n<!-- bench/compare cold: end -->\n\nThe rest.\n")
        for _ in range(2):
            self.assertEqual(self.compare("--only", "cold", "--out", document).returncode, 0)
        text = document.read_text()
        self.assertTrue(text.startswith("# Speed\n\n<!-- bench/compare cold: begin -->\n### Cold start"), text)
        self.assertNotIn("old\n<", text)
        self.assertIn("<!-- bench/compare cold: end -->\n\nThe rest.\n\n<!-- bench/compare machine: begin -->\n", text)
        self.assertEqual(text.count("### Cold start"), 1)


class Arithmetic(unittest.TestCase):
    def test_ratio_is_of_pairs(self):
        samples = Samples()
        for own, peer in ((1, 2), (2, 6), (4, 4)):
            samples.add("redbud", own)
            samples.add("jax scan", peer)
        self.assertEqual(samples.ratio("jax scan", "redbud"), Spread(2.0, 1.0, 3.0))
        self.assertEqual(samples.spread("redbud"), Spread(2, 1, 4))

    def test_peer_that_ends_between_pairs(self):
        class Peer:
            name = "jax"
            rounds = 0

            def round(self):
                self.rounds += 1
                if self.rounds == 2:
                    raise Failure("killed")
                return {"scan": {"us": 3.0}}

        samples = in_turns(3, {"redbud": lambda: 1.0}, [Peer()])
        self.assertIsNone(samples.best("jax"))
        self.assertEqual(samples.errors["jax scan"], "killed")

    def test_weight_bytes(self):
        self.assertEqual(networks.RELU.weight_bytes(), 4 * (784 * 300 + 300 * 100 + 100 * 10))

    def test_numbers(self):
        for value, text in ((0.254, "0.25"), (12.34, "12.3"), (295.4, "295"), (12940.2, "12,940")):
            self.assertEqual(table.number(value), text)

    def test_reached(self):
        self.assertEqual(table.reached((1.2, 1.15), (1.7, 1.7)), "yes")
        self.assertEqual(table.reached((1.1, 1.15), (1.8, 1.7)), "no: 1.10 of 1.15")
        self.assertEqual(table.reached((None, 1.15)), "not measured")


if __name__ == "__main__":
    unittest.main()
