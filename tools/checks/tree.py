"""The files of a tree, their text, and their code: the text without comments and the insides of strings."""
import dataclasses
import functools
import pathlib
import re
import subprocess

SKIPPED_FOLDERS = re.compile(r"^(\.git|build.*|runs|\.venv.*|__pycache__)$")
CPP = {".h", ".cpp", ".cu"}
TOKENS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL,
)


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str
    is_warning: bool = False

    def __str__(self):
        return f"{self.path}:{self.line}: {'warning: ' if self.is_warning else ''}{self.message}"


def blank(match):
    text = match.group(0)
    if match.lastgroup == "comment":
        return re.sub(r"[^\n]", " ", text)
    return text[0] + re.sub(r"[^\n]", " ", text[1:-1]) + text[-1]


@dataclasses.dataclass(frozen=True)
class File:
    path: str  # relative to the root, with '/'
    root: pathlib.Path
    text: str

    @property
    def name(self):
        return self.path.rsplit("/", 1)[-1]

    @property
    def suffix(self):
        return pathlib.PurePosixPath(self.path).suffix

    @property
    def is_cpp(self):
        return self.suffix in CPP

    @property
    def is_test(self):
        return self.path.endswith(("_test.cpp", "_test.h"))

    @functools.cached_property
    def lines(self):
        return self.text.splitlines()

    @functools.cached_property
    def code(self):
        """As long as the text, line by line; comments are blanks, strings are empty inside."""
        return TOKENS.sub(blank, self.text)

    @property
    def room(self):
        """The folder below src/redbud, or None."""
        parts = self.path.split("/")
        return parts[2] if len(parts) > 3 and parts[:2] == ["src", "redbud"] else None

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def find(self, pattern, message, text=None):
        """One finding for each match in the code (or in `text`, which must be as long); {} in the message is the match."""
        for match in re.finditer(pattern, self.code if text is None else text):
            yield Finding(self.path, self.line_of(match.start()), message.format(match.group(0).strip()))


def listed(root):
    """What git tracks or would; without git, all that lies there but builds and runs."""
    if (root / ".git").exists():
        command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"]
        answer = subprocess.run(command, capture_output=True, check=False)
        if answer.returncode == 0:
            return sorted(path for path in answer.stdout.decode().split("\0") if path)
    paths = []
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.is_file() and not any(SKIPPED_FOLDERS.match(part) for part in relative.parts):
            paths.append(relative.as_posix())
    return paths


def read(root):
    files = []
    for path in listed(root):
        full = root / path
        if not full.is_file() or full.is_symlink():
            continue
        data = full.read_bytes()
        if b"\0" in data[:8192]:
            continue
        files.append(File(path, root, data.decode("utf-8", errors="replace")))
    return files
