"""clang-format agrees with every C++ file."""
import concurrent.futures
import os
import re
import shutil
import subprocess

from .tree import Finding

COMPLAINT = re.compile(r"^(?P<path>.+?):(?P<line>\d+):\d+: error: code should be clang-formatted", re.MULTILINE)
BATCH = 16


def program():
    return shutil.which("clang-format-14") or shutil.which("clang-format")


def check(files):
    paths = [file.path for file in files if file.is_cpp]
    if not paths:
        return
    clang_format = program()
    if clang_format is None:
        yield Finding("tools/packages.txt", 1, "clang-format-14 is not installed; tools/install_packages installs it")
        return
    root = files[0].root

    def run(batch):
        command = [clang_format, "--dry-run", "-Werror", *batch]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    batches = [paths[i : i + BATCH] for i in range(0, len(paths), BATCH)]
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for answer in pool.map(run, batches):
            seen = set()
            for match in COMPLAINT.finditer(answer.stderr):
                if match["path"] not in seen:
                    seen.add(match["path"])
                    yield Finding(match["path"], int(match["line"]), "not as clang-format has it; run clang-format -i")
            if answer.returncode != 0 and not seen:
                yield Finding(".clang-format", 1, answer.stderr.strip().splitlines()[0])
