"""Sizes of files, what headers may include, unfinished work, and paths of one machine."""
import re

from .rooms import includes
from .tree import Finding

SOFT_LINES = 300
HARD_LINES = 600
SCRIPTS = {".py", ".sh", ".cmake"}
STANDARD = re.compile(r"^[a-z_0-9]+$")
# Written in pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE = re.compile(r"(?<![\w.$}])/(wo" r"rk|ho" r"me|ro" r"ot|op" r"t|tmp/te" r"am|tmp/pe" r"ers)/[\w.]|\b(?:10|127|192\.168)\.\d+\.\d+\.\d+\b")
PROSE = {".md", ".txt", ""}


def size(file):
    lines = len(file.lines)
    if lines > HARD_LINES:
        yield Finding(file.path, HARD_LINES + 1, f"{lines} lines; a file has at most {HARD_LINES}")
    elif lines > SOFT_LINES and file.is_cpp:
        yield Finding(file.path, SOFT_LINES + 1, f"{lines} lines; a file should have at most {SOFT_LINES}", True)


def may_include(file, target):
    if STANDARD.match(target):
        return True
    if target.startswith("hwy/"):
        return file.path.startswith("src/redbud/kernels/") or file.path.endswith("-inl.h")
    return (file.room == "testing" or file.is_test) and target.startswith(("gtest/", "gmock/", "rapidcheck"))


def header(file):
    if "#pragma once" not in file.lines and "HWY_TARGET_TOGGLE" not in file.text:
        yield Finding(file.path, 1, "a header begins with #pragma once")
    if not file.path.startswith("src/"):
        return
    for line, quote, target in includes(file):
        if quote == "<" and not may_include(file, target):
            yield Finding(file.path, line, f"<{target}> in a header; other libraries are included in .cpp files only")
        elif quote == '"' and not target.startswith("redbud/") and not may_include(file, target):
            yield Finding(file.path, line, f'"{target}" in a header; other libraries are included in .cpp files only')


def check(files):
    for file in files:
        if file.is_cpp or file.suffix in SCRIPTS or file.text.startswith("#!"):
            yield from size(file)
        if file.suffix == ".h":
            yield from header(file)
        if file.is_cpp:
            yield from file.find(r"\busing\s+namespace\b", "no `using namespace`")
        if file.suffix not in {".csv", ".svg"}:
            yield from file.find(UNFINISHED, "{}: finish it, or file an issue", file.text)
            yield from file.find(MACHINE, "{}: a path or address of one machine", file.text)
