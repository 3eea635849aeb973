"""Sizes of functions, by matching braces; good for code that clang-format has laid out."""
import re

from .tree import Finding

SOFT_LINES = 40
HARD_LINES = 80
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.MULTILINE)
SCOPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:inline\s+)?(?:export\s+)?(?:extern\s*\"|namespace\b|class\b|struct\b|union\b|enum\b)", re.DOTALL)
# What may stand between a function's parameters and its body.
AFTER_PARAMETERS = re.compile(r"(\)|\b(const|noexcept|override|final|mutable|try)|&)$")
TRAILING_RETURN = re.compile(r"\)[^()]*->[^{;]*$")
CONSTRUCTOR_LIST = re.compile(r"\)\s*(noexcept\s*)?:[^:]", re.DOTALL)


def code_without_directives(file):
    return PREPROCESSOR.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), file.code)


def kind_of(head):
    """What a brace opens whose statement began with `head`: scope, function or other (initialisers)."""
    head = re.sub(r"^((public|private|protected)\s*:)", "", head.strip()).strip()
    if SCOPE.match(head) and not re.search(r"\)\s*(const|noexcept)?$", head):
        return "scope"
    if ")" not in head:
        return "other"
    if head.endswith("}") and CONSTRUCTOR_LIST.search(head):
        return "function"
    if CONSTRUCTOR_LIST.search(head) and re.search(r"[\w>]$", head) and not AFTER_PARAMETERS.search(head):
        return "other"
    if AFTER_PARAMETERS.search(head) or TRAILING_RETURN.search(head):
        return "function"
    return "other"


def functions(file):
    """(first line, lines) of each function outside others."""
    code = code_without_directives(file)
    stack = []  # (kind, offset of the brace, start of the statement)
    start = 0
    for match in re.finditer(r"[{};]", code):
        at = match.start()
        inside = any(kind == "function" for kind, _, _ in stack)
        if match.group(0) == "{":
            kind = "other" if inside else kind_of(code[start:at])
            stack.append((kind, at, start))
            if kind != "other":
                start = at + 1
        elif match.group(0) == "}":
            if not stack:
                return
            kind, opened, statement = stack.pop()
            if kind == "other":
                start = statement if not inside else at + 1
                continue
            if kind == "function":
                first = statement + len(code[statement:opened]) - len(code[statement:opened].lstrip())
                yield file.line_of(first), code.count("\n", first, at) + 1
            start = at + 1
        elif not (stack and stack[-1][0] == "other"):
            start = at + 1


def check(files):
    for file in files:
        if not file.is_cpp:
            continue
        for line, lines in functions(file):
            if lines > HARD_LINES:
                yield Finding(file.path, line, f"a function of {lines} lines; at most {HARD_LINES}")
            elif lines > SOFT_LINES:
                yield Finding(file.path, line, f"a function of {lines} lines; better at most {SOFT_LINES}", True)
