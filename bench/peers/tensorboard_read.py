#!/usr/bin/env python3
"""Trains a run with --tensorboard and reads its event file back with the `tensorboard` package: every figure must be that of log.jsonl.

    pip install tensorboard==2.21.0
    bench/peers/tensorboard_read.py build/redbud [DATA.csv]        default: examples/digits/digits.csv

Also killed and resumed: the file of a run that was stopped and went on holds the same steps once each, as one that was not.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator
from tensorboard.plugins.hparams import plugin_data_pb2

ROOT = pathlib.Path(__file__).resolve().parents[2]
EPOCHS = 12


def train(redbud, data, out, more=()):
    words = [redbud, "train", data, "--out", out, "--test", "0.2", "--hidden", "48,32", "--epochs", str(EPOCHS), "--seed", "1",
             "--patience", "0", "--tensorboard", *more]
    subprocess.run(words, check=True, capture_output=True)


def train_with_stops(redbud, data, out):
    """Killed some times, in the middle of whatever it did; then to its end."""
    words = [redbud, "train", data, "--out", out, "--test", "0.2", "--hidden", "48,32", "--epochs", str(EPOCHS), "--seed", "1",
             "--patience", "0", "--tensorboard", "--checkpoint-every-s", "0"]
    kills = 0
    for attempt in range(40):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            code = process.wait(0.05 + 0.02 * attempt)
            assert code == 0, code
            return kills
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            if os.path.exists(os.path.join(out, "config.toml")):
                words = [redbud, "resume", out]
    raise SystemExit("the run never ended")


def load(run):
    folder = os.path.join(run, "tensorboard")
    old = event_accumulator.EventAccumulator(folder, size_guidance={"scalars": 0, "histograms": 0})
    old.Reload()
    new = plugin_event_accumulator.EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0})
    new.Reload()
    return old, new


def log_of(run):
    with open(os.path.join(run, "log.jsonl")) as file:
        return [json.loads(line) for line in file]


def check_scalars(old, log):
    epochs = [record for record in log if record["event"] == "epoch"]
    done = log[-1]
    count = 0
    expected = {"train/loss": [e["train_loss"] for e in epochs], "learning_rate": [e["learning_rate"] for e in epochs],
                "rows_per_s": [e["rows_per_s"] for e in epochs]}
    for key in epochs[0]["validation"]:
        if key != "rows":
            expected["validation/" + key] = [e["validation"][key] for e in epochs]
    for tag, values in expected.items():
        read = old.Scalars(tag)
        assert [s.step for s in read] == [e["step"] for e in epochs], tag
        assert np.array_equal(np.float32([s.value for s in read]), np.float32(values)), tag
        count += len(read)
    for key, value in done["test"].items():
        if key != "rows":
            (read,) = old.Scalars("test/" + key)
            assert np.float32(read.value) == np.float32(value) and read.step == epochs[-1]["step"], key
            count += 1
    expected_tags = set(expected) | {"test/" + key for key in done["test"] if key != "rows"}
    assert set(old.Tags()["scalars"]) == expected_tags, set(old.Tags()["scalars"]) ^ expected_tags
    return count


def check_histograms(old, redbud, run):
    """The last epoch's histograms against the weights of the model file, where the last epoch is the best and no average is kept."""
    inspected = json.loads(subprocess.run([redbud, "inspect", run, "--json"], check=True, capture_output=True).stdout)
    weights = {t["name"]: t for t in inspected["tensors"] if t["role"] == "parameter" and len(t["shape"]) > 1}
    assert set(old.Tags()["histograms"]) == {"weights/" + name for name in weights}
    for name, tensor in weights.items():
        read = old.Histograms("weights/" + name)
        assert len(read) == EPOCHS
        last = read[-1].histogram_value
        count = int(np.prod(tensor["shape"]))
        assert last.num == count == sum(last.bucket), name
        assert np.isclose(last.min, tensor["min"]) and np.isclose(last.max, tensor["max"]), name
        assert np.isclose(last.sum / count, tensor["mean"], rtol=1e-5, atol=1e-9), name
        assert np.isclose(np.sqrt(last.sum_squares / count - (last.sum / count) ** 2), tensor["std"], rtol=1e-5), name
    return len(weights) * EPOCHS


def check_hparams(new, settings):
    metadata = new.SummaryMetadata
    start = plugin_data_pb2.HParamsPluginData.FromString(metadata("_hparams_/session_start_info").plugin_data.content)
    end = plugin_data_pb2.HParamsPluginData.FromString(metadata("_hparams_/session_end_info").plugin_data.content)
    hparams = {}
    for key, value in start.session_start_info.hparams.items():
        hparams[key] = getattr(value, value.WhichOneof("kind"))
    for key, value in settings.items():
        assert hparams[key] == value and type(hparams[key]) is type(value), (key, hparams[key])
    assert end.session_end_info.status == 1  # STATUS_SUCCESS
    assert abs(start.session_start_info.start_time_secs - time.time()) < 3600
    return len(hparams)


def main():
    redbud = os.path.abspath(sys.argv[1])
    data = sys.argv[2] if len(sys.argv) > 2 else str(ROOT / "examples/digits/digits.csv")
    with tempfile.TemporaryDirectory() as folder:
        whole = os.path.join(folder, "whole")
        train(redbud, data, whole, ["--weight-average", "0"])
        old, new = load(whole)
        log = log_of(whole)
        print(f"scalars: {check_scalars(old, log)} values as in log.jsonl")
        assert log[-1]["best_epoch"] == EPOCHS, "choose data on which the last epoch is the best"
        print(f"histograms: {check_histograms(old, redbud, whole)} with the moments that inspect tells of the model file")
        known = {"train.optimizer": "adam", "train.epochs": 12.0, "train.tensorboard": True, "model.hidden": "[48, 32]"}
        print(f"hparams: {check_hparams(new, known)} settings")
        stopped = os.path.join(folder, "stopped")
        kills = train_with_stops(redbud, data, stopped)
        old, new = load(stopped)
        print(f"killed {kills} times: {check_scalars(old, log_of(stopped))} values as in log.jsonl, each step once")


if __name__ == "__main__":
    main()
