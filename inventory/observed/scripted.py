"""The commands of a line, and those that the scripts of a package.json run for it."""

import posixpath
from collections.abc import Callable, Iterator

from ...core.packagejson import FILE, MAX_BYTES, asked, lines, scripts_in
from .lines import split, stdin_of

_MAX_DEPTH = 4

Read = Callable[[str], bytes | None]
"""A file's bytes as they were before the command, by its path from the root; None if there is none."""


def commands(line: str, read: Read) -> Iterator[list[str]]:
    """The simple commands of a shell line as `split` gives them, each followed by those of the script it starts.

    Where the line began is not recorded: it is taken to be the root.

    Args:
        line: as it was given to a shell.
        read: reads files.
    """
    yield from _commands(line, "", read, _MAX_DEPTH)


def _commands(line: str, folder: str, read: Read, depth: int) -> Iterator[list[str]]:
    for argv in split(line):
        yield argv
        if argv[:1] == ["cd"] and len(argv) == 2:
            folder = posixpath.normpath(posixpath.join(folder, argv[1]))
            continue
        script = asked(stdin_of(argv)[0]) if depth else None
        found = None if script is None else _scripts(posixpath.join(folder, script.directory), read)
        if script is not None and found is not None:
            place, scripts = found
            for one in lines(scripts, script):
                yield from _commands(one, place, read, depth - 1)


def _scripts(folder: str, read: Read) -> tuple[str, dict[str, str]] | None:
    """The scripts of the nearest package.json at or above a folder, and where it stands."""
    folder = posixpath.normpath(folder)
    if folder.startswith(("/", "..")):
        return None
    while True:
        data = read(posixpath.normpath(posixpath.join(folder, FILE)))
        if data is not None:
            scripts = scripts_in(data) if len(data) <= MAX_BYTES else None
            return None if scripts is None else (folder, scripts)
        if folder in ("", "."):
            return None
        folder = posixpath.dirname(folder) or "."
