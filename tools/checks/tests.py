"""Tests that are off, or that cannot fail."""
import re

from .functions import functions
from .tree import Finding

OFF = re.compile(r"\bDIS" r"ABLED_\w*")
HOLLOW = re.compile(r"\b(?:EXPECT|ASSERT)_(?:TRUE\s*\(\s*true|FALSE\s*\(\s*false|EQ\s*\(\s*(\w+)\s*,\s*\1)\s*\)|\bSUCCEED\s*\(")
TEST = re.compile(r"^\s*TEST(_F|_P)?\s*\(")
ASSERTION = re.compile(r"EXPECT|ASSERT|RC_|FAIL|check|expect|require|verify", re.IGNORECASE)


def check(files):
    for file in files:
        if not file.is_cpp:
            continue
        yield from file.find(OFF, "{}: a test that is off")
        yield from file.find(HOLLOW, "{}: cannot fail")
        if not file.is_test:
            continue
        lines = file.code.splitlines()
        for line, count in functions(file):
            if TEST.match(lines[line - 1]) and not ASSERTION.search("\n".join(lines[line : line - 1 + count] or lines[line - 1 :])):
                if count > 1 or not ASSERTION.search(lines[line - 1].split("{", 1)[-1]):
                    yield Finding(file.path, line, "a test without an assertion")
