"""Secrets that changes brought into files: places, never the secrets themselves."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .gate.objects import MODE_GITLINK, Entry
from .gate.trees import Difference
from .ids import Oid
from .secretforms import Span, certain
from .workspace import Workspace

_LARGEST = 2 << 20
_AT_ONCE = 200
_SNIFFED = 8000

Find = Callable[[str], Iterable[Span]]


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A place that holds what has the form of a secret.

    Attributes:
        path: the file.
        line: from 1.
        name: what it is called there; empty if nothing says.
    """

    path: str
    line: int
    name: str = ""


def leaks(workspace: Workspace, rows: Sequence[Difference], find: Find = certain) -> tuple[list[Leak], list[str]]:
    """Secrets on lines that the newer sides of some differences have and the older do not.

    Args:
        workspace: where the blobs are.
        rows: differences, old to new.
        find: what counts as one: `certain`, or `spans` for what only its name makes one, too.

    Returns:
        The places, and files that were not looked at because they are larger than 2 MiB.
    """
    places: dict[Leak, None] = {}
    unread: list[str] = []
    known: dict[Oid, str] = {}
    for first in range(0, len(rows), _AT_ONCE):
        batch = rows[first : first + _AT_ONCE]
        names = {oid for row in batch for side in (row.old, row.new) if (oid := _blob(side)) is not None}
        known = {name: text for name, text in known.items() if name in names}
        read = workspace.reader.read_all(sorted(names - known.keys()), _LARGEST)
        known |= {name: _text(data) for name, data in read.items()}
        for row in batch:
            new = _blob(row.new)
            if new is not None and new not in known:
                unread.append(row.path)
            old = _blob(row.old)
            for line, name in _added(known.get(old, "") if old else "", known.get(new, "") if new else "", find):
                places[Leak(path=row.path, line=line, name=name)] = None
    return list(places), unread


def _added(old: str, new: str, find: Find) -> Iterator[tuple[int, str]]:
    before = set(old.split("\n"))
    # Only what was added: looking for secrets costs far more than comparing lines.
    added = [(number, line) for number, line in enumerate(new.split("\n"), start=1) if line not in before]
    text = "\n".join(line for _, line in added)
    found: dict[int, str] = {}
    for span in find(text):
        value = text[span.start : span.end]
        # A word that begins like a token, the name of a style class, say, has no digit.
        if value not in old and (span.name or any(one.isdigit() for one in value)):
            found[span.start] = max(found.get(span.start, ""), span.name)
    for start, name in sorted(found.items()):
        yield added[text.count("\n", 0, start)][0], name


def _blob(side: Entry | None) -> Oid | None:
    return None if side is None or side.mode == MODE_GITLINK else side.oid


def _text(data: bytes) -> str:
    return "" if b"\0" in data[:_SNIFFED] else data.decode("utf-8", "replace")
