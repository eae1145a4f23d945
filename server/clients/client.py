"""What an adapter for a client is: two functions and the files it is registered in.

Every hook process loads this package: standard library and `policies.hook` only, and nothing here
that only `init` needs (see `settings.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...core.records import dataclass
from ...policies.hook import HookAnswer, HookEvent

HOOK_PROGRAM = "safe-rollback-hook"
SERVER_NAME = "rollback"
SERVER_ARGV = ("safe-rollback", "serve")

# A client takes a program that is missing or breaks for a yes; the shell turns that into a no. Exit code 2
# is the program's own no, with its own words.
OR_BLOCK = " || { [ $? -eq 2 ] || echo 'The safe-rollback guard did not run; nothing was done.' >&2; exit 2; }"
NO_REASON = "safe-rollback refused this and gave no reason."


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What the hook program prints and exits with."""

    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One of our values in a settings file.

    Attributes:
        path: the keys that lead to it.
        value: as JSON.
        append: whether the last key names a list that it is one element of.
    """

    path: tuple[str, ...]
    value: Any
    append: bool = False


@dataclass(frozen=True, kw_only=True)
class JsonFile:
    """A JSON file of a client, with comments or without.

    Attributes:
        paths: where it may stand, relative to the project; the first that exists, else the first.
        entries: what we put in.
        version: what its key `version` has to be where we begin the file's hooks.
    """

    paths: tuple[str, ...]
    entries: tuple[Entry, ...]
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class TomlFile:
    """A TOML file that gets one table at its end.

    Attributes:
        path: relative to the project.
        table: the keys of the table.
        body: its lines.
    """

    path: str
    table: tuple[str, ...]
    body: str


@dataclass(frozen=True, kw_only=True)
class OwnFile:
    """A file that is wholly ours."""

    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Client:
    """An adapter.

    Attributes:
        name: as `init --client` and the hook program take it.
        title: as people call it.
        parse: the client's JSON as an event; raises ValueError for anything that cannot be used.
        render: an answer as the client reads it.
        files: where hooks and server are registered.
        note: what else a person has to do, or know.
    """

    name: str
    title: str
    parse: Callable[[Mapping[str, Any]], HookEvent]
    render: Callable[[HookEvent, HookAnswer], Rendered]
    files: Sequence[JsonFile | TomlFile | OwnFile]
    note: str = ""


def string(data: Mapping[str, Any], key: str) -> str:
    """A string that has to be there.

    Raises:
        ValueError: if it is not, or is empty.
    """
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"the client sent no usable `{key}`")
    return value


def mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object that has to be there.

    Raises:
        ValueError: if it is not.
    """
    value = data.get(key)
    if not isinstance(value, dict):
        raise ValueError(f"the client sent no usable `{key}`")
    return value


def directory(value: object) -> str:
    """An absolute directory.

    Raises:
        ValueError: if it is none.
    """
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise ValueError("the client sent no absolute working directory")
    return value


def whole(value: object) -> int | None:
    """An exit code, if it is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
