"""Secrets that changes brought into files: places, never the secrets themselves."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence

from .gate.objects import MODE_GITLINK, Entry
from .gate.trees import Difference
from .ids import Oid
from .records import dataclass
from .remembered import Remembered
from .secretforms import Span, certain
from .workspace import Workspace

_LARGEST = 2 << 20
_AT_ONCE = 200
_SNIFFED = 8000

Find = Callable[[str], Iterable[Span]]
_Sides = tuple[Find, Oid | None, Oid | None]
# Differences that bring none: most do not, and a plan is asked for again on the way to a rollback.
_CLEAN = Remembered[bool](100_000)


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
    rows = [row for row in rows if not _CLEAN.get(_sides(row, find))]
    for first in range(0, len(rows), _AT_ONCE):
        batch = rows[first : first + _AT_ONCE]
        names = {oid for row in batch for side in (row.old, row.new) if (oid := _blob(side)) is not None}
        known = {name: text for name, text in known.items() if name in names}
        read = workspace.reader.read_all(sorted(names - known.keys()), _LARGEST)
        known |= {name: _text(data) for name, data in read.items()}
        for row in batch:
            sides = _, old, new = _sides(row, find)
            if new is not None and new not in known:
                unread.append(row.path)
            added = list(_added(known.get(old, "") if old else "", known.get(new, "") if new else "", find))
            places |= {Leak(path=row.path, line=line, name=name): None for line, name in added}
            if not added and all(side is None or side in known for side in (old, new)):
                _CLEAN.put(sides, True)
    return list(places), unread


def _sides(row: Difference, find: Find) -> _Sides:
    return find, _blob(row.old), _blob(row.new)


def _added(old: str, new: str, find: Find) -> Iterator[tuple[int, str]]:
    # Only what was added: looking for secrets costs far more than comparing lines; and of large files, such as lock
    # files and schemas, most is the same at both ends.
    first, last = _same(old, new)
    before = set(old[first : len(old) - last].split("\n"))
    rows = new[first : len(new) - last].split("\n")
    text = "\n".join(row for row in rows if row not in before)
    found: dict[int, str] = {}
    for span in find(text):
        value = text[span.start : span.end]
        # A word that begins like a token, the name of a style class, say, has no digit.
        if value not in old and (span.name or any(one.isdigit() for one in value)):
            found[span.start] = max(found.get(span.start, ""), span.name)
    above = new.count("\n", 0, first) if found else 0
    numbers = [number for number, row in enumerate(rows, start=above + 1) if row not in before] if found else []
    for start, name in sorted(found.items()):
        yield numbers[text.count("\n", 0, start)], name


def _same(old: str, new: str) -> tuple[int, int]:
    """How many characters of whole lines two texts have in common at their beginning, and then at their end."""
    shorter = min(len(old), len(new))
    first = bisect_left(range(1, shorter + 1), True, key=lambda length: not new.startswith(old[:length]))
    first = old.rfind("\n", 0, first) + 1
    rest = range(1, shorter - first + 1)
    last = bisect_left(rest, True, key=lambda length: not new.endswith(old[len(old) - length :]))
    # The line that a common end begins in may have another beginning.
    end = old.find("\n", len(old) - last) if last else -1
    return first, len(old) - end if end >= 0 else 0


def _blob(side: Entry | None) -> Oid | None:
    return None if side is None or side.mode == MODE_GITLINK else side.oid


def _text(data: bytes) -> str:
    return "" if b"\0" in data[:_SNIFFED] else data.decode("utf-8", "replace")
