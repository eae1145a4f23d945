"""What the tools share whose migrations are SQL files."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..changes import Changes, Side
from .ddl import guessed, operations_of_sql
from .embedded import NOTHING
from .model import Down, Migration, Operation
from .project import above, directory, joined
from .sides import Reading
from .sql_statements import statements

_DATABASES = {"postgres": "postgresql", "mysql": "mysql", "sqlite": "sqlite", "tsql": "sqlserver"}


@dataclass(frozen=True)
class Script:
    """SQL, and the line at which it begins in its file."""

    text: str
    line: int = 1


@dataclass
class Places:
    """Files beside others, before and after the changes."""

    changes: Changes
    _named: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.changes.after.files:
            place, _, name = path.rpartition("/")
            found.setdefault(place, []).append(name)
        return found

    def names(self, place: str) -> Sequence[str]:
        """The names of the files in a directory, after the changes."""
        return self._names.get(place, ())

    def read(self, path: str) -> Side | None:
        """A file, after the changes or before them, or whenever it was there between."""
        side = self.changes.after.read(path) or self.changes.before.read(path)
        if side is not None:
            return side
        sides = (side for delta in self.changes.deltas if delta.path == path for side in delta.sides)
        return next(sides, None)

    def uses(self, path: str, manifests: Sequence[str], word: str) -> bool:
        """Whether a manifest in a directory above a file names something.

        Args:
            path: the file.
            manifests: names of files.
            word: what has to stand there; as a whole word.
        """
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        for manifest in (joined(place, name) for place in above(path) for name in manifests):
            key = f"{manifest}\0{word}"
            if key not in self._named:
                side = self.read(manifest)
                self._named[key] = side is not None and pattern.search(side.text) is not None
            if self._named[key]:
                return True
        return False

    def with_file(self, path: str, names: Sequence[str]) -> str | None:
        """The nearest directory above a file that has, at one of these paths within it, a file; None if none has."""
        for place in above(path):
            if any(self.read(joined(place, name)) is not None for name in names):
                return place
        return None

    def previous(self, path: str, number: re.Pattern[str]) -> str:
        """The number of the migration before a file's in its directory; empty if it is the first.

        Args:
            path: the file, or the directory, of a migration.
            number: finds the number in a name, as its first group.
        """
        place, _, name = path.rpartition("/")
        own = number.match(name)
        found = {int(match[1]): match[1] for one in self.names(place) if (match := number.match(one))}
        earlier = [value for value in found if own is not None and value < int(own[1])]
        return found[max(earlier)] if earlier else ""


def marked(text: str, up: re.Pattern[str], down: re.Pattern[str]) -> tuple[Script, Script | None] | None:
    """The halves of a file that marks them by comments; the second is None without a mark, both without an up.

    Args:
        text: the file.
        up: marks a line that begins what applies it.
        down: marks a line that begins what takes it back.
    """
    first = up.search(text)
    if first is None:
        return None
    second = down.search(text)
    end = len(text) if second is None or second.start() < first.start() else second.start()
    top = Script(text[first.end() : end], 1 + text.count("\n", 0, first.end()))
    if second is None:
        return top, None
    last = first.start() if second.start() < first.start() else len(text)
    return top, Script(text[second.end() : last], 1 + text.count("\n", 0, second.end()))


def reading(
    side: Side,
    id_: str,
    up: Script,
    down: Script | None,
    *,
    order: tuple[str | int, ...],
    dialect: str = "",
    project: str = "",
    names: dict[str, str] | None = None,
    rows: Sequence[tuple[str, str]] = (),
) -> Reading:
    """A migration in SQL.

    Args:
        side: its file.
        id_: see `Migration.id`.
        up: what applies it.
        down: what takes it back; None if there is nothing.
        order: see `Migration.order`.
        dialect: as the project calls its database; empty if it does not say.
        project: see `Migration.project`.
        names: see `Migration.names`.
        rows: see `Migration.rows`.
    """
    dialect = dialect or guessed(up.text)
    operations = operations_of_sql(up.text, dialect, up.line)
    state, undo = way_back(down, dialect)
    return Reading(
        migration=Migration(
            id=id_,
            path=side.path,
            line=operations[0].line if operations else 1,
            up=operations or [NOTHING],
            down=state,
            undo=undo,
            order=order,
            database=_DATABASES.get(dialect, dialect),
            project=project,
            names=names,
            rows=rows,
        ),
        digest=digest(up, down),
    )


def way_back(down: Script | None, dialect: str) -> tuple[Down, list[Operation]]:
    """Whether a script takes a migration back, and what it does."""
    if down is None:
        return "missing", []
    operations = operations_of_sql(down.text, dialect, down.line)
    return ("works" if operations else "empty"), operations


def digest(*scripts: Script | None) -> str:
    """The same for scripts that differ in comments and layout only."""
    found = hashlib.sha256()
    for text in _texts(scripts):
        found.update(text.encode("utf-8", "replace") + b"\0")
    return found.hexdigest()


def _texts(scripts: Sequence[Script | None]) -> Iterator[str]:
    for script in scripts:
        if script is not None:
            yield from (" ".join(one.text.split()) for one in statements(script.text, guessed(script.text)))
        yield ";"


def of_file(side: Side | None) -> Script | None:
    """A whole file as a script; None if there is none."""
    return None if side is None else Script(side.text)


def beside(path: str, name: str) -> str:
    """The path of a file in the same directory."""
    return joined(directory(path), name)
