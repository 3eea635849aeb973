"""Names: files and folders snake_case, types PascalCase, constants kName."""
import re

from .tree import Finding

SNAKE = re.compile(r"^[a-z0-9_]+$")
TYPE = re.compile(r"^[ \t]*(?:template\s*<[^;{}]*>\s*)?(?:enum\s+class|enum\s+struct|class|struct|enum|union)\s+(\w+)\s*(?:final\s*)?(?::(?!:)|\{|;)", re.MULTILINE)
CONSTANT = re.compile(r"^(?:inline |static )?constexpr [\w:]+(?:<[\w:, <>]*>)?[&* ]+(\w+)(?:\[\w*\])? ?[={]", re.MULTILINE)
PASCAL = re.compile(r"^[A-Z][A-Za-z0-9]*$")
OF_CONSTANT = re.compile(r"^k[A-Z][A-Za-z0-9]*$")
SOURCE_FOLDERS = ("src/", "tests/", "bench/", "examples/", "fuzz/", "tools/")


def check_path(file):
    parts = file.path.split("/")
    for part in parts[:-1]:
        if not SNAKE.match(part):
            yield Finding(file.path, 1, f"folder {part}: folders are snake_case")
    name = file.name.rsplit(".", 1)[0]
    if file.suffix == ".h":
        name = name.removesuffix("-inl")  # Highway's mark of a header that is included once for each target
    if (file.is_cpp or file.suffix == ".py") and not SNAKE.match(name):
        yield Finding(file.path, 1, f"{file.name}: files are snake_case")


def check(files):
    for file in files:
        if file.path.startswith(SOURCE_FOLDERS):
            yield from check_path(file)
        if not file.is_cpp:
            continue
        for match in TYPE.finditer(file.code):
            if not PASCAL.match(match.group(1)):
                yield Finding(file.path, file.line_of(match.start(1)), f"{match.group(1)}: types are PascalCase")
        for match in CONSTANT.finditer(file.code):
            before = file.code[: match.start()].rstrip().rsplit("\n", 1)[-1]
            if not OF_CONSTANT.match(match.group(1)) and not re.match(r"template\b.*>$", before):
                yield Finding(file.path, file.line_of(match.start(1)), f"{match.group(1)}: constants are kName")
