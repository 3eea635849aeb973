"""Reading a CSV file on one core."""
import pathlib
import tempfile

from . import processes, table
from .bench import fill, note_errors
from .samples import in_turns
from .tables_of_numbers import write_csv

ROWS, QUICK_ROWS, COLUMNS = 200_000, 20_000, 20
OVER_PYARROW = 4.0
# What is made of the file: Redbud's key of it, and how the peers call it.
WAYS = {"typed columns": ("gb_per_s", ""), "float32 tensor": ("encoded_gb_per_s", "_f32")}


def reading(samples, name):
    """Gigabytes a second of a peer."""
    return table.times(samples.spread(name)) if name in samples.values else "-"


def others(samples, suffix):
    """The other readers, the fastest first."""
    names = [f"csv {name}{suffix}" for name in ("polars", "pandas", "numpy")]
    names = [name for name in names if name in samples.values]
    names.sort(key=lambda name: -samples.spread(name).median)
    return ", ".join(f"{name.split()[1].removesuffix('_f32')} {table.number(samples.spread(name).median)}" for name in names)


def one_core(bench):
    """Redbud against pyarrow, pandas, polars and numpy."""
    rows = QUICK_ROWS if bench.quick else ROWS
    section = table.Section(
        "csv",
        f"CSV of {rows:,} x {COLUMNS} numbers, one core (GB/s)",
        ["what", "Redbud", "pyarrow", "ratio", "other readers", "must", "reached"],
    )
    cores = processes.granted_cores(1)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "numbers.csv"
        write_csv(file, rows, COLUMNS)
        own = bench.own("csv", [file], cores)
        with bench.peers({"csv_peers.py": None}, [file], cores) as peers:
            samples = in_turns(bench.pairs, {"redbud": own.value("gb_per_s")}, peers, "gb_per_s")
    note_errors(section, "CSV", samples)

    def row_of(way):
        key, suffix = WAYS[way]
        mine = f"redbud {key}"
        for record in own.records:
            samples.add(mine, record[key])
        pyarrow = f"csv pyarrow{suffix}"
        ratio = samples.ratio(mine, pyarrow) if pyarrow in samples.values else None
        verdict = table.reached((ratio and ratio.median, OVER_PYARROW))
        cells = [reading(samples, mine), reading(samples, pyarrow), table.factor(ratio) if ratio else "-"]
        return [f"to {way}", *cells, others(samples, suffix), f">= {OVER_PYARROW:g}x pyarrow", verdict]

    return section, fill(section, list(WAYS), row_of)
