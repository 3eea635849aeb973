"""CSV files of normal numbers, always the same."""
import random


def write_csv(path, rows, columns, with_label=False, seed=1):
    """A header and `rows` lines; the label is a class that two layers can learn."""
    generator = random.Random(seed)
    head = [f"x{number}" for number in range(columns)]
    with open(path, "w", encoding="ascii") as file:
        file.write(",".join(head + ["label"] * with_label) + "\n")
        for _ in range(rows):
            values = [generator.gauss(0, 1) for _ in range(columns)]
            cells = [f"{value:.6g}" for value in values]
            if with_label:
                cells.append("01"[values[0] * values[1] + values[2] > 0])
            file.write(",".join(cells) + "\n")
