"""What `init --client` changes in the files of clients."""

from collections.abc import Sequence

from ...core.errors import InvalidInputError
from ..clients import CLIENTS
from ..clients.client import Client
from ..clients.settings import File, SettingsError, paths, put, take
from .changes import Change, read_file

NAMES = ", ".join(client.name for client in CLIENTS)


def chosen(names: Sequence[str]) -> list[Client]:
    """The clients of these names, each once.

    Raises:
        InvalidInputError: if one is unknown.
    """
    known = {client.name: client for client in CLIENTS}
    for name in names:
        if name not in known:
            raise InvalidInputError(f"There is no client {name!r}.", hint=f"Known are: {NAMES}.")
    return [known[name] for name in dict.fromkeys(names)]


def plan_clients(root: str, clients: Sequence[Client], *, remove: bool) -> tuple[list[Change], list[str]]:
    """The changes that register clients, or take them out; and what a person should know.

    Raises:
        InvalidInputError: if a file cannot be changed.
    """
    changes, notes = [], []
    for client in clients:
        for file in client.files:
            for name in _names(root, file, remove=remove):
                before = read_file(root, name)
                try:
                    after, said = take(file, before) if remove else put(file, before)
                except SettingsError as error:
                    raise InvalidInputError(
                        f"{name} is not what {client.title} reads: {error}.", hint="Mend it, then call init again."
                    ) from error
                notes += [f"{name}: {note}" for note in said]
                if after != before:
                    changes.append(Change(path=name, before=before, after=after))
        if client.note and not remove:
            notes.append(client.note)
    return changes, notes


def _names(root: str, file: File, *, remove: bool) -> list[str]:
    """Where a file stands; to add to, one place."""
    there = [name for name in paths(file) if read_file(root, name) is not None]
    return there if remove else (there or [*paths(file)])[:1]
