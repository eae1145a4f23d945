"""Changes of a project's files that are shown first, and written only as shown."""

import contextlib
import difflib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import typer
from rich.markup import escape

from ...core.errors import InvalidInputError, StateMovedError
from ...core.files import sync_directory, write_atomically
from .common import EXIT_UNCHANGED, errors, say


@dataclass(frozen=True, kw_only=True)
class Change:
    """A file to be written or deleted.

    Attributes:
        path: relative to the root.
        before: its bytes as seen, None if there is no file.
        after: its bytes to be, None if it is to go.
    """

    path: str
    before: bytes | None
    after: bytes | None

    def diff(self) -> list[str]:
        """The change, every line of it."""
        source = "/dev/null" if self.before is None else self.path
        target = "/dev/null" if self.after is None else self.path
        return list(difflib.unified_diff(_lines(self.before), _lines(self.after), source, target, lineterm=""))

    def data(self) -> dict[str, Any]:
        """The change, for a program."""
        return {"path": self.path, "new": self.before is None, "deleted": self.after is None, "diff": self.diff()}


def _lines(text: bytes | None) -> list[str]:
    return (text or b"").decode("utf-8", "replace").splitlines()


def read_file(root: str, name: str) -> bytes | None:
    """A file's bytes, None if there is none.

    Raises:
        InvalidInputError: if it, or a directory that leads to it, is a link or no file.
    """
    parts = name.split("/")
    for depth in range(1, len(parts) + 1):
        part = "/".join(parts[:depth])
        if os.path.islink(os.path.join(root, part)):
            raise InvalidInputError(
                f"{part} is a symbolic link.", hint="Change the file it leads to yourself; --json shows the lines."
            )
    try:
        with open(os.path.join(root, name), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except (IsADirectoryError, NotADirectoryError) as error:
        raise InvalidInputError(f"{name} is no file.", hint="Move away what stands in its place.") from error


def present(changes: Sequence[Change], notes: Sequence[str]) -> None:
    """Show a person every line."""
    for one in changes:
        for line in one.diff():
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "dim")
            say(f"[{colour}]{escape(line)}[/]")
    for note in notes:
        say(escape(note))


def agreed(yes: bool, as_json: bool) -> bool:
    """Whether to write; asks a person at a terminal.

    Raises:
        typer.Exit: if the person declines.
    """
    if yes:
        return True
    if as_json or not sys.stdin.isatty():
        return False
    if not typer.confirm("Write this?"):
        errors.print("Nothing was written.")
        raise typer.Exit(EXIT_UNCHANGED)
    return True


def write_changes(root: str, changes: Sequence[Change]) -> None:
    """Write what was shown.

    Raises:
        StateMovedError: if a file is not as it was shown; it and those after it are left alone.
    """
    for one in changes:
        if read_file(root, one.path) != one.before:
            raise StateMovedError(
                f"{one.path} changed while you looked at it.", hint="It was left alone. Call init again."
            )
        path = os.path.join(root, one.path)
        if one.after is None:
            _delete(root, one.path)
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            mode = 0o644 if one.before is None else os.stat(path).st_mode & 0o777
            write_atomically(path, one.after, mode=mode)


def _delete(root: str, name: str) -> None:
    """Delete a file, and the directories that hold nothing then."""
    os.unlink(os.path.join(root, name))
    folder = os.path.dirname(name)
    with contextlib.suppress(OSError):
        while folder:
            os.rmdir(os.path.join(root, folder))
            folder = os.path.dirname(folder)
    sync_directory(os.path.join(root, folder))
