"""The database: migrations of every tool, in the order in which they are taken back."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..changes import Changes, Delta
from ..detector import Domain
from ..generated import is_vendored
from ..migrations import TOOLS
from ..migrations.items import item_of, scope_of
from ..migrations.model import Migration, Tool, Touched
from ..migrations.ranking import Ranked, ranks
from ..model import Confidence, Item

logger = logging.getLogger("safe_rollback")

# Migrations of applications that exist for tests only: no database outlives them.
_FOR_TESTS = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|fixtures|__fixtures__|testdata|test_data|testing|e2e|examples?)/", re.IGNORECASE
)


_RAILS_DATABASE = re.compile(r"(?:^|/)db/(\w+)_migrate/")
_SWEEP = 6
"""From so many edits of old migrations in one commit on, those that change no effect are not about the database."""


_TELLING = 10
"""An id this long is the same migration wherever its file is; `001` may be another one."""


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A touched migration, whose it is, and the place of its commit."""

    tool: Tool
    touched: Touched
    position: int


def migrations(changes: Changes, tools: Sequence[Tool] = TOOLS) -> Iterator[Item]:
    """The migrations that the changes touched, oldest commit first.

    Args:
        changes: of the target.
        tools: which are looked for; where two claim a path, the first that reads it has it.
    """
    known = _moved(_found(changes, tools), _folders(changes))
    found = sorted(_without_sweeps(known), key=lambda one: one.position)
    places = ranks(
        [
            Ranked(
                tool=one.tool.name,
                scope=scope_of(one.tool, one.touched.migration),
                migration=one.touched.migration,
                position=one.position,
            )
            for one in found
        ]
    )
    born: set[tuple[str, str]] = set()
    for one in found:
        key = (scope_of(one.tool, one.touched.migration), one.touched.migration.id)
        if one.touched.change == "added":
            born.add(key)
        confidence: Confidence = "medium" if key not in born and _says_the_same(one.touched) else "high"
        yield item_of(one.tool, one.touched, born=key in born, rank=places[key], confidence=confidence)


def _found(changes: Changes, tools: Sequence[Tool]) -> Iterator[_Found]:
    deltas = [one for one in changes.deltas if not is_vendored(one.path) and not _FOR_TESTS.search(one.path)]
    commits = {commit: place for place, commit in enumerate(dict.fromkeys(one.commit for one in changes.deltas))}
    taken: set[str] = set()
    for tool in tools:
        claimed = [one for one in deltas if one.path not in taken and tool.claims(one.path)]
        if not claimed:
            continue
        for touched in _read(changes, tool, claimed):
            taken.add(touched.delta.path)
            yield _Found(tool=tool, touched=touched, position=commits[touched.delta.commit])


def _read(changes: Changes, tool: Tool, claimed: Sequence[Delta]) -> Sequence[Touched]:
    try:
        return list(tool.read(changes, claimed))
    except Exception as error:
        # One tool that fails must not keep the others from being read.
        logger.exception("the migrations of %s", tool.name)
        changes.unread("database", tool.name, f"its migrations could not be read: {type(error).__name__}: {error}")
        return ()


@dataclass(frozen=True, kw_only=True)
class _Folders:
    """Directories of migrations: those there were before the target, and those that it emptied."""

    before: frozenset[str]
    emptied: frozenset[str]

    def renamed(self, old: str, new: str) -> bool:
        """Whether a file's directory went to another name as a whole: its database is the same."""
        return _folder(old) in self.emptied and _folder(new) not in self.before


def _folders(changes: Changes) -> _Folders:
    gone = {delta.path for delta in changes.deltas if delta.new is None and "migrate/" in delta.path}
    if not gone:
        return _Folders(before=frozenset(), emptied=frozenset())
    before = [path for path in changes.before.files if "migrate/" in path]
    left = {_folder(path) for path in before if path not in gone}
    return _Folders(
        before=frozenset(map(_folder, before)), emptied=frozenset({_folder(path) for path in gone} - left)
    )


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _moved(found: Iterable[_Found], folders: _Folders) -> Iterator[_Found]:
    """Takes out the two halves of a file that only moved; one that was also edited is edited."""
    everything = list(found)
    gone: dict[tuple[str, str, str], list[_Found]] = {}
    for one in everything:
        if one.touched.change == "removed":
            gone.setdefault(_same(one), []).append(one)
    paired: set[int] = set()
    edited: dict[int, _Found] = {}
    for one in everything:
        other = _twin(one, gone.get(_same(one), []), folders) if one.touched.change == "added" else None
        if other is None:
            continue
        paired |= {id(one), id(other)}
        if not _alike(one.touched, other.touched):
            delta = replace(one.touched.delta, old=other.touched.delta.old)
            now = replace(one.touched, change="changed", edited=True, was=other.touched.migration, delta=delta)
            edited[id(one)] = replace(one, touched=now)
    for one in everything:
        if id(one) in edited:
            yield edited[id(one)]
        elif id(one) not in paired:
            yield one


def _without_sweeps(found: Iterable[_Found]) -> Iterator[_Found]:
    """Takes out what a linter or an upgrade did to many old files at once without another effect on the database."""
    everything = list(found)
    swept = Counter(one.touched.delta.commit for one in everything if _says_the_same(one.touched))
    for one in everything:
        if not _says_the_same(one.touched) or swept[one.touched.delta.commit] < _SWEEP:
            yield one


def _says_the_same(touched: Touched) -> bool:
    """Whether an edit changed the code and, as far as can be read, nothing of what it does."""
    return touched.edited and touched.was is not None and _facts(touched.was) == _facts(touched.migration)


def _twin(one: _Found, gone: list[_Found], folders: _Folders) -> _Found | None:
    """The removed file that an added one is, taken out of those of the same id; None if there is none."""
    path = one.touched.delta.path
    there = [
        other
        for other in gone
        if _database_of(other.touched.delta.path) == _database_of(path)
        or folders.renamed(other.touched.delta.path, path)
    ]
    found = next((other for other in there if _alike(one.touched, other.touched)), None)
    if found is None and len(there) == 1 and len(one.touched.migration.id) >= _TELLING:
        found = there[0]
    if found is not None:
        gone.remove(found)
    return found


def _database_of(path: str) -> str:
    """Which of an application's databases a directory's migrations are for; Rails has one directory for each."""
    found = _RAILS_DATABASE.search(path)
    return found[1] if found else ""


def _same(one: _Found) -> tuple[str, str, str]:
    return (one.touched.delta.commit, one.tool.name, one.touched.migration.id)


def _alike(one: Touched, other: Touched) -> bool:
    """Whether two files say the same."""
    new, old = one.delta.new, other.delta.old
    if new is not None and old is not None and new.entry.oid == old.entry.oid:
        return True
    return one.migration.effect != "unknown" and _facts(one.migration) == _facts(other.migration)


def _facts(migration: Migration) -> object:
    parts = (migration.up, migration.undo)
    return (
        migration.down,
        [[(one.effect, *one.objects, *one.creates, *one.drops) for one in part] for part in parts],
    )


DATABASE = Domain(name="database", detect=migrations)
