"""No way to the disk but core/file: whatever opens, lists or changes files elsewhere escapes the fault tests."""
import re

from .tree import Finding

FILESYSTEM_CALLS = (
    r"remove|remove_all|rename|create_director(?:y|ies)\w*|copy|copy_file|resize_file|permissions|last_write_time|"
    r"directory_iterator|recursive_directory_iterator|exists|is_directory|is_regular_file|file_size|status|space|"
    r"temp_directory_path|create_symlink"
)
PATTERNS = [
    r"\b[io]?fstream\b",
    r"\bf(?:re)?open\s*\(",
    r"\b(?:mkstemp|tmpfile|opendir|mmap64)\s*\(",
    r"(?<![\w:>])::(?:open|openat|creat|rename|unlink|mkdir|rmdir|truncate|ftruncate|fsync|stat|lstat|access)\s*\(",
    r"(?<![\w.>:])(?:openat|creat|unlink|mkdir|rmdir|fsync)\s*\(",
    r"(?<![\w.>:])open\s*\([^;]*\bO_[A-Z]",
    r"\b(?:std::filesystem|fs)::(?:" + FILESYSTEM_CALLS + r")\b",
]
SEAM = re.compile("|".join(f"(?:{pattern})" for pattern in PATTERNS))


def check(files):
    for file in files:
        if not file.is_cpp or file.room in (None, "testing") or file.is_test:
            continue
        if file.path.startswith("src/redbud/core/file"):
            continue
        for match in SEAM.finditer(file.code):
            yield Finding(file.path, file.line_of(match.start()), f"{match.group(0).split('(')[0].strip()}: only core/file touches the disk")
