"""The page of tables, a section an experiment."""
HEAD = """# The chapter, run again

Made by `examples/chapter11/run`; each section names its command. Three seeds where a range is shown: median (lowest-highest). *Trains* means
more than 95 % of the test digits, *does not* fewer than 30 %, in the same few epochs.
"""


def put(file, number, section):
    """Puts a section in its place between its marks."""
    begin, end = f"<!-- experiment {number}: begin -->", f"<!-- experiment {number}: end -->"
    text = file.read_text() if file.is_file() else HEAD
    body = f"{begin}\n{section.strip()}\n{end}"
    if begin in text:
        before, rest = text.split(begin, 1)
        text = before + body + rest.split(end, 1)[1]
    else:
        later = [n for n in range(number + 1, 11) if f"<!-- experiment {n}: begin -->" in text]
        if later:
            mark = f"<!-- experiment {later[0]}: begin -->"
            text = text.replace(mark, f"{body}\n\n{mark}")
        else:
            text = text.rstrip() + f"\n\n{body}\n"
    file.write_text(text)


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])
