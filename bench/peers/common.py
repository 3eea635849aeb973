"""What the peers share: the options of a network, dense random data, rounds of timing, JSON lines.

A peer offers named variants of the same work (eager, compiled, ...). Each is warmed up once and then measured in rounds: one round
when run alone, or, with --serve, one round for each line on stdin, so that rounds of several programs can take turns.
"""
import argparse
import json
import statistics
import sys
import time

import numpy as np

SMALLEST_ROUND = 3   # chunks
DATA_BYTES = 48 << 20  # about MNIST: more than caches hold; as `redbud bench step` takes


def parser(description):
    """Options that every peer has."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--seconds", type=float, default=1.0, help="length of one round of one variant")
    options.add_argument("--variants", type=lambda text: text.split(","), help="only these, by comma")
    options.add_argument("--json", action="store_true", help="one JSON object a line")
    options.add_argument("--serve", action="store_true", help="JSON; a round for each line on stdin")
    return options


def network_parser(description):
    """Options of a peer that runs a network; named as `redbud bench` names them."""
    options = parser(description)
    options.add_argument("--inputs", type=int, default=784)
    options.add_argument("--outputs", type=int, default=10)
    options.add_argument("--hidden", type=lambda text: [int(part) for part in text.split(",")], default=[300, 100])
    options.add_argument("--activation", choices=["relu", "elu"], default="relu")
    options.add_argument("--batch-norm", choices=["none", "before"], default="none")
    options.add_argument("--dropout", type=float, default=0.0)
    options.add_argument("--batch-size", type=int, default=50)
    options.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
    return options


def layer_sizes(options):
    """(inputs, units) of each dense layer."""
    widths = [options.inputs, *options.hidden, options.outputs]
    return list(zip(widths[:-1], widths[1:]))


def multiply_adds(options):
    """Of one sample, forward."""
    return sum(inputs * units for inputs, units in layer_sizes(options))


def epoch_steps(options):
    """Steps of an epoch over the data in memory."""
    return max(8, DATA_BYTES // (4 * options.inputs) // options.batch_size)


def random_data(options, rows):
    """Dense normal inputs and uniform labels."""
    generator = np.random.default_rng(1)
    x = generator.standard_normal((rows, options.inputs), dtype=np.float32)
    return x, generator.integers(0, options.outputs, rows)


def chunk_steps(options):
    """Steps between two looks at the clock: a whole epoch, or the beginning of one where an epoch takes long."""
    about_a_fifth_of_a_second = int(20e9 / (6 * multiply_adds(options) * options.batch_size))
    return max(4, min(epoch_steps(options), about_a_fifth_of_a_second))


def chunk_calls(options):
    """Prediction calls between two looks at the clock: some ten milliseconds."""
    return max(4, min(1000, int(1e9 / (2 * multiply_adds(options) * options.batch_size))))


def shuffled(options, steps, generator):
    """Row numbers of `steps` batches of a newly shuffled epoch."""
    rows = generator.permutation(epoch_steps(options) * options.batch_size)
    return rows[: steps * options.batch_size].reshape(steps, options.batch_size)


def summary(times):
    """Of microseconds a step."""
    return {"us": statistics.median(times), "mean": statistics.fmean(times), "min": min(times), "max": max(times)}


def time_chunks(prepare, run, seconds):
    """Times `steps = run(prepare())` over and over: a chunk's share of a step counts, as where the whole epoch is one call."""
    times = []
    end = time.perf_counter() + seconds
    while len(times) < SMALLEST_ROUND or time.perf_counter() < end:
        chunk = prepare()
        start = time.perf_counter()
        steps = run(chunk)
        times.append((time.perf_counter() - start) * 1e6 / steps)
    return summary(times)


def time_steps(prepare, step, seconds):
    """Times each `step(item)` of the chunks that `prepare()` gives; in the middle of a chunk it stops only late."""
    times = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        for item in prepare():
            start = time.perf_counter()
            step(item)
            stop = time.perf_counter()
            times.append((stop - start) * 1e6)
            if stop > end + seconds:  # a machine under load: what was seen is enough
                break
    return summary(times)


def warm(build, seconds):
    """A built and warmed-up variant, or the error it ended with."""
    try:
        round_of = build()
        round_of(seconds)
        return round_of
    except Exception as error:  # pylint: disable=broad-except
        return error


def measure(variants, seconds):
    """One round of each variant in turn."""
    results = {}
    for name, round_of in variants.items():
        if isinstance(round_of, Exception):
            results[name] = {"error": " ".join(f"{type(round_of).__name__}: {round_of}".split())[:300]}
        else:
            results[name] = round_of(seconds)
    return results


def show(results, options):
    """A line of JSON, or a table to read."""
    if options.json or options.serve:
        print(json.dumps(results), flush=True)
        return
    for name, result in results["variants"].items():
        values = "  ".join(f"{key} {value:.4g}" if isinstance(value, float) else f"{key}: {value}" for key, value in result.items())
        print(f"{results['peer']} {results['version']} {name:12}  {values}")


def main(peer, version, builders, options):
    """Warms up the chosen variants and measures them: once, or whenever a line comes in."""
    unknown = set(options.variants or []) - set(builders)
    if unknown:
        sys.exit(f"{peer}: no variant {', '.join(sorted(unknown))}; known are {', '.join(builders)}")
    chosen = {name: build for name, build in builders.items() if not options.variants or name in options.variants}
    variants = {name: warm(build, min(0.3, options.seconds)) for name, build in chosen.items()}
    head = {"peer": peer, "version": version}
    if not options.serve:
        show({**head, "variants": measure(variants, options.seconds)}, options)
        return
    show({**head, "ready": list(variants)}, options)
    for _ in sys.stdin:
        show({**head, "variants": measure(variants, options.seconds)}, options)
