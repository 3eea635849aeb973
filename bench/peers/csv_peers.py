"""Times reading a CSV file of numbers into memory."""
import os
import sys
import time

import common


def pyarrow_reader(path, threads):
    from pyarrow import csv

    settings = csv.ReadOptions(use_threads=threads > 1)
    return lambda: csv.read_csv(path, settings)


def pandas_reader(path, _):
    import pandas

    return lambda: pandas.read_csv(path)


def polars_reader(path, threads):
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars

    return lambda: polars.read_csv(path)


def numpy_reader(path, _):
    import numpy

    return lambda: numpy.loadtxt(path, delimiter=",", skiprows=1, dtype=numpy.float32)


def matrix_of(table):
    """The columns of a table as one float32 matrix, samples in rows."""
    import numpy

    return numpy.column_stack([column.to_numpy().astype(numpy.float32) for column in table.columns])


def pyarrow_f32_reader(path, threads):
    read = pyarrow_reader(path, threads)
    return lambda: matrix_of(read())


def pandas_f32_reader(path, threads):
    read = pandas_reader(path, threads)
    return lambda: read().to_numpy(dtype="float32")


def polars_f32_reader(path, threads):
    read = polars_reader(path, threads)
    import polars

    return lambda: read().cast(polars.Float32).to_numpy(order="c")


# To typed columns, and (_f32) on to a matrix that a network can take.
READERS = {
    "pyarrow": pyarrow_reader,
    "pandas": pandas_reader,
    "polars": polars_reader,
    "pyarrow_f32": pyarrow_f32_reader,
    "pandas_f32": pandas_f32_reader,
    "polars_f32": polars_f32_reader,
    "numpy_f32": numpy_reader,
}


def rounds(name, options):
    """Rounds of reading the whole file; gigabytes a second."""
    read = READERS[name](options.file, options.threads)
    size = os.path.getsize(options.file)

    def round_of(seconds):
        times = []
        end = time.perf_counter() + seconds
        while not times or time.perf_counter() < end:
            start = time.perf_counter()
            read()
            times.append(time.perf_counter() - start)
        return {"gb_per_s": size / sorted(times)[len(times) // 2] / 1e9, "rounds": len(times)}

    return round_of


def main():
    options = common.parser(__doc__)
    options.add_argument("file")
    options = options.parse_args()
    if not os.path.isfile(options.file):
        sys.exit(f"csv_peers: {options.file}: no such file")
    builders = {name: lambda name=name: rounds(name, options) for name in READERS}
    common.main("csv", "", builders, options)


if __name__ == "__main__":
    main()
