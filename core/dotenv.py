"""Dotenv files of a worktree: which there are, and the names and values in them."""

import os
import re
import stat
from collections.abc import Iterable, Iterator

from .late import late
from .records import dataclass, field

MAX_FILES = 64
MAX_BYTES = 256 << 10
MAX_DEPTH = 4
"""Directories above a file that was named."""

_LEVELS = 2
# Directories looked into by ourselves: a worktree with more of them names its files, or they are not found.
_MAX_DIRECTORIES = 400
_SKIPPED = frozenset({"node_modules", "vendor", "venv", "__pycache__", "target", "dist", "build", "site-packages"})
# What is there to be copied holds no secrets.
_EXAMPLE = late(r"\.(?:example|examples|sample|template|tmpl|tpl|dist|defaults|schema)\b", re.IGNORECASE)
_ASSIGNMENT = late(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)(?:[ \t]*=|:[ \t])[ \t]*
        (?: '(?P<single>[^']*)' | "(?P<double>(?:\\.|[^"\\])*)" | `(?P<back>[^`]*)` | (?P<plain>[^\r\n]*) )""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A line of a dotenv file.

    Attributes:
        name: of the variable.
        value: as a program gets it; references to other variables stand as they are.
        path: the file, from the root.
    """

    name: str
    value: str = field(repr=False)
    path: str = ""


def dotenv_values(root: str, paths: Iterable[str] = ()) -> list[Variable]:
    """What the dotenv files of a worktree set: those in the first two levels, and those among `paths`.

    At most 64 files of 256 kB each; examples and templates are left out. Files that cannot be read hold nothing.

    Args:
        root: of the worktree.
        paths: files that are tracked or captured, from the root; others than dotenv files are passed over.
    """
    found: list[Variable] = []
    for path in _files(root, paths):
        text = _read(os.path.join(root, path))
        found += [Variable(name=name, value=value, path=path) for name, value in parse(text)]
    return found


def parse(text: str) -> Iterator[tuple[str, str]]:
    """The names and values of a dotenv file's text, in its order."""
    position = 0
    while match := _ASSIGNMENT.search(text, position):
        single, double, back, plain = match.group("single", "double", "back", "plain")
        if double is not None:
            value = re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[1]), double, flags=re.DOTALL)
        elif plain is not None:
            value = re.split(r"\s#", plain, maxsplit=1)[0].strip()
        else:
            value = single if single is not None else back or ""
        yield match["name"], value
        # After a stray quote a value spans lines that are assignments themselves: those are read too.
        line_end = text.find("\n", match.start("name"))
        position = match.end() if line_end < 0 else min(match.end(), line_end + 1)


def is_dotenv(name: str) -> bool:
    """Whether a file of this name sets variables, and is no example."""
    return name.startswith(".env") and not _EXAMPLE.search(name)


def _files(root: str, paths: Iterable[str]) -> list[str]:
    named = (path for path in paths if is_dotenv(path.rpartition("/")[2]) and path.count("/") <= MAX_DEPTH)
    found: dict[str, None] = {}
    for path in (*_looked_up(root), *named):
        if len(found) < MAX_FILES:
            found[path] = None
    return list(found)


def _looked_up(root: str) -> Iterator[str]:
    level = [""]
    left = _MAX_DIRECTORIES
    for depth in range(_LEVELS):
        below: list[str] = []
        for folder in level[:left]:
            # This meets every file of two levels, before each action: what is not asked for is not made.
            try:
                with os.scandir(os.path.join(root, folder)) as entries:
                    if depth + 1 < _LEVELS:
                        listed = list(entries)
                        below += [_join(folder, entry.name) for entry in listed if _leads_on(entry)]
                        names = [entry.name for entry in listed]
                    else:
                        names = [entry.name for entry in entries]
            except OSError:
                continue
            yield from [_join(folder, name) for name in names if name[:4] == ".env" and is_dotenv(name)]
        left -= len(level)
        level = below


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _leads_on(entry: "os.DirEntry[str]") -> bool:
    if entry.name[:1] == "." or entry.name in _SKIPPED:
        return False
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _read(path: str) -> str:
    """The text of a regular file, cut at the limit; a pipe or a device is not waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return ""
        # A regular file is read whole, or up to the limit, at once.
        return os.read(handle, MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(handle)
