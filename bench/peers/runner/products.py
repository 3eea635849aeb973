"""The three products of a linear layer against oneDNN's, on one core."""
import json
import re
import statistics

from . import processes, table
from .errors import Failure

KINDS = ("linear_forward", "linear_input_gradient", "linear_weight_gradient")
SHAPE = re.compile(r"(linear_\w+?)(_plain)?/rows:(\d+)/inputs:(\d+)/outputs:(\d+)/threads:1$")


def shares(program, bench, cores):
    """{(shape, kind): share of the peak} of one run, the better layout of two."""
    command = [program, "--benchmark_format=json", f"--benchmark_min_time={min(bench.seconds, 0.2)}",
               "--benchmark_filter=threads:1$"]  # fmt: skip
    out, _ = processes.run(command, cores)
    best = {}
    for record in json.loads(out)["benchmarks"]:
        found = SHAPE.search(record["name"])
        if found:
            key = (tuple(int(part) for part in found.groups()[2:]), found[1])
            best[key] = max(best.get(key, 0.0), record["share_of_peak"])
    return best


def one_core(bench):
    """Redbud's kernels against oneDNN's inner product."""
    section = table.Section(
        "products",
        "Products of a linear layer, one core (share of the peak: Redbud / oneDNN)",
        ["rows x inputs x outputs", "forward", "input gradient", "weight gradient"],
        notes=["oneDNN in the better of its own layout (reorders not counted) and plain ones; medians of the rounds."],
    )
    programs = {name: bench.redbud.parent / "bench" / f"{name}_bench" for name in ("linear", "onednn")}
    for program in programs.values():
        if not program.is_file():
            raise Failure(f"{program} is not there (it is built where libbenchmark-dev and libdnnl-dev are installed)")
    cores = processes.granted_cores(1)
    rounds = [{name: shares(program, bench, cores) for name, program in programs.items()} for _ in range(min(bench.pairs, 3))]
    shapes = dict.fromkeys(shape for shape, _ in rounds[0]["linear"])
    for shape in shapes:
        cells = []
        for kind in KINDS:
            pair = [statistics.median(one[name][shape, kind] for one in rounds) for name in programs]
            cells.append(" / ".join(f"{100 * share:.0f}" for share in pair) + " %")
        section.rows.append([" x ".join(str(part) for part in shape), *cells])
    return section, True
