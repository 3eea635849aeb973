"""Markdown tables, and their place in a document."""
import dataclasses
import re


@dataclasses.dataclass
class Section:
    """One printed table; `name` is what --only calls it."""

    name: str
    title: str
    head: list
    rows: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)

    def text(self):
        lines = [f"### {self.title}", "", markdown_row(self.head), markdown_row(["---"] * len(self.head))]
        lines += [markdown_row(row) for row in self.rows]
        lines += ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines) + "\n"


def markdown_row(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def number(value):
    """Three or four figures."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def times(spread):
    """A median and its spread."""
    return f"{number(spread.median)} ({number(spread.low)}-{number(spread.high)})"


def factor(spread):
    return f"{spread.median:.2f}x ({spread.low:.2f}-{spread.high:.2f})"


def share(value):
    return "-" if value is None else f"{100 * value:.0f} %"


def reached(*demands):
    """`demands` are (measured, wanted at least); None where nothing was measured."""
    if any(measured is None for measured, _ in demands):
        return "not measured"
    failed = [f"{measured:.2f} of {wanted:g}" for measured, wanted in demands if measured < wanted]
    return "no: " + ", ".join(failed) if failed else "yes"


def placed(document, name, text):
    """The document with the part between its marks replaced, or added at its end."""
    begin, end = f"<!-- bench/compare {name}: begin -->", f"<!-- bench/compare {name}: end -->"
    block = f"{begin}\n{text.strip()}\n{end}"
    marked = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if marked.search(document):
        return marked.sub(lambda _: block, document)
    return document.rstrip("\n") + ("\n\n" if document.strip() else "") + block + "\n"
