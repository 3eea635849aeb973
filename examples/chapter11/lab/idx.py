"""Parts of the MNIST files."""
import gzip
import pathlib


def _read(folder, name):
    plain, packed = folder / name, folder / (name + ".gz")
    return plain.read_bytes() if plain.is_file() else gzip.decompress(packed.read_bytes())


def _write(path, header, body):
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(header + body)
    temporary.replace(path)


def _select(mnist, folder, rows_of):
    """The rows that `rows_of(part, labels)` names, of both parts."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("train", "t10k"):
        images, labels = folder / f"{part}-images-idx3-ubyte", folder / f"{part}-labels-idx1-ubyte"
        if images.is_file() and labels.is_file():
            continue
        pixels, marks = _read(mnist, images.name), _read(mnist, labels.name)
        size = int.from_bytes(pixels[8:12], "big") * int.from_bytes(pixels[12:16], "big")
        kept = rows_of(part, marks[8:])
        count = len(kept).to_bytes(4, "big")
        _write(images, pixels[:4] + count + pixels[8:16], b"".join(pixels[16 + size * row : 16 + size * (row + 1)] for row in kept))
        _write(labels, marks[:4] + count, bytes(marks[8 + row] for row in kept))
    return folder


def only(mnist, classes, folder):
    """The pictures of some digits, which become classes of the same names."""
    return _select(mnist, folder, lambda part, marks: [row for row, mark in enumerate(marks) if mark in classes])


def rows(mnist, begin, end, folder):
    """Those rows of the training files, and all of the test files."""
    return _select(mnist, folder, lambda part, marks: range(len(marks))[begin:end] if part == "train" else range(len(marks)))
