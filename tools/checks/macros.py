"""At most six macros in the whole tree; what Highway asks of each of its files does not count."""
import re

from .tree import Finding

BUDGET = 6
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
OF_HIGHWAY = re.compile(r"^HWY_TARGET_INCLUDE$|_INL_H_$|_TOGGLE$")


def check(files):
    found = []
    for file in files:
        if file.is_cpp:
            for match in DEFINE.finditer(file.code):
                if not OF_HIGHWAY.search(match.group(1)):
                    found.append((file.path, file.line_of(match.start()), match.group(1)))
    if len(found) > BUDGET:
        for path, line, name in found:
            yield Finding(path, line, f"macro {name}: {len(found)} in the tree, at most {BUDGET}")
