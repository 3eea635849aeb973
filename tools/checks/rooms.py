"""Left never includes right: the order of the rooms of src/redbud, as ARCHITECTURE.md has it."""
import re

from .tree import Finding

ORDER = [
    ["core"],
    ["data", "kernels", "parallel"],
    ["graph"],
    ["layers", "losses"],
    ["plan"],
    ["optim"],
    ["checkpoint"],
    ["zoo", "importers", "exporters", "predict"],
    ["train"],
    ["reuse", "pretrain"],
    ["report"],
    ["cli"],
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
# Tests of these rooms and all after them need what testing needs: layers that exist, plans that run.
SEEN_BY_TESTING = LEVEL["plan"]
INTRINSICS = re.compile(r"^(\w*mmintrin|x86intrin|arm_neon|arm_sve)\.h$")
GUARDED = re.compile(r"^src/redbud/kernels/cpu/\w+_(x86|arm)\.cpp$")


def includes(file):
    for match in INCLUDE.finditer(file.text):
        yield file.line_of(match.start()), match.group(1), match.group(2)


def refusal(file, target):
    """Why `file` may not include redbud/<target>, or None."""
    parts = target.split("/")
    if len(parts) == 1:
        return None if file.room is None else f"a room does not include the umbrella redbud/{target}"
    room = parts[0]
    if room != "testing" and room not in LEVEL:
        return f"redbud/{target}: unknown room {room}"
    if file.room is None:
        return None
    if file.path.startswith("src/redbud/testing/core/"):
        return None if room == "core" or target.startswith("testing/core/") else "testing/core sees core alone"
    if file.room == "testing":
        return None if room != "cli" else "testing does not include cli"
    if room == "testing":
        return None if file.is_test else "only tests include testing"
    level = LEVEL[file.room]
    if file.is_test and level >= LEVEL["graph"]:
        level = max(level, SEEN_BY_TESTING + 1)
    if room == file.room or LEVEL[room] < level:
        return None
    return f"{file.room} does not include {room} (redbud/{target}): left never includes right"


def first_is_own_header(file, found):
    """x.cpp includes x.h first, which proves that x.h stands alone. (Highway's per-target files begin with their own name.)"""
    own = file.path.removeprefix("src/").removesuffix(".cpp") + ".h"
    targets = [target for _, _, target in found]
    if own not in targets or targets[0] == own or "hwy/foreach_target.h" in targets:
        return
    yield Finding(file.path, found[0][0], f"{own} is included first, so that it is seen to stand alone")


def check(files):
    for file in files:
        if not file.is_cpp:
            continue
        in_source = file.path.startswith("src/")
        if file.room is not None and file.room != "testing" and file.room not in LEVEL:
            yield Finding(file.path, 1, f"unknown room {file.room}; the rooms are in tools/checks/rooms.py")
            continue
        found = list(includes(file))
        for line, quote, target in found:
            if INTRINSICS.match(target) and in_source and not GUARDED.search(file.path):
                yield Finding(file.path, line, f"{target}: intrinsics are for files named *_x86.cpp or *_arm.cpp; use Highway")
            if target.startswith("redbud/"):
                reason = refusal(file, target.removeprefix("redbud/"))
                if reason:
                    yield Finding(file.path, line, reason)
            elif quote == '"' and in_source and "/" not in target:
                yield Finding(file.path, line, f'"{target}": include by the whole path, "redbud/..."')
        if in_source and file.suffix == ".cpp":
            yield from first_is_own_header(file, found)
