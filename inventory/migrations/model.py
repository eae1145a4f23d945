"""What is known about a migration, whichever tool it belongs to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..changes import Changes, Delta
from ..model import Change

Effect = Literal["additive", "restrictive", "destructive", "irreversible", "data", "unknown"]
"""Worst first where a migration has several: irreversible, destructive, unknown, data, restrictive, additive."""

Down = Literal["works", "empty", "missing", "unknown", "inferred"]
"""`empty` removes the history row and nothing else; `inferred` is computed by the tool from the up."""

EFFECT_ORDER: tuple[Effect, ...] = ("irreversible", "destructive", "unknown", "data", "restrictive", "additive")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that a migration does.

    Attributes:
        effect: what it does to data and to those who use the schema.
        objects: what it touches: `table users`, `column users.email`, `index users_email_idx`, `type mood` …
        text: what says so, shortened.
        line: in the file.
        creates: the objects among them that exist only after it: what a check looks for in the live schema.
        drops: the objects that are gone after it.
    """

    effect: Effect
    objects: Sequence[str] = ()
    text: str = ""
    line: int = 0
    creates: Sequence[str] = ()
    drops: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Migration:
    """A migration as its file says.

    Attributes:
        id: as the tool's history table stores it.
        path: its file.
        line: where it begins.
        up: what applying it does.
        down: whether taking it back does what it should.
        undo: what taking it back does, where that can be read.
        order: sorts the migrations of one tool and directory, oldest first.
        database: what kind of database it is written for, where the file or the project says.
        project: the directory its commands are run from, from the root; empty for the root.
        names: what else its commands need: the app label, the previous revision, a class name.
        rows: where its row in the history does not hold its id: columns, each with what it holds; any of them tells.
    """

    id: str
    path: str
    line: int = 1
    up: Sequence[Operation] = ()
    down: Down = "unknown"
    undo: Sequence[Operation] = ()
    order: tuple[str | int, ...] = ()
    database: str = ""
    project: str = ""
    names: dict[str, str] | None = None
    rows: Sequence[tuple[str, str]] = ()

    @property
    def effect(self) -> Effect:
        """The worst of what it does; `unknown` if nothing could be read."""
        return min((one.effect for one in self.up), key=EFFECT_ORDER.index, default="unknown")


@dataclass(frozen=True, kw_only=True)
class Touched:
    """A migration that a target added, removed or edited.

    Attributes:
        change: what the target did to it.
        migration: as it is after the target, or was before if the target removed it.
        delta: the change of its file.
        edited: whether it was there before and says something else now: databases that have it will not notice.
        was: as it was before, if it was edited.
    """

    change: Change
    migration: Migration
    delta: Delta
    edited: bool = False
    was: Migration | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """Where a tool keeps what it has applied.

    Attributes:
        table: its name; with a schema where that is fixed (`drizzle.__drizzle_migrations`).
        columns: columns that have to be there for the table to be this tool's, in lower case; names like
            `migrations` are used by several.
        column: the one that holds the id; or an expression of two, `app || '.' || name`.
        heads: whether only the newest of a line is kept (Alembic): an older one is applied if a newer is.
        undone: a condition of rows that do not count, `rolled_back_at IS NOT NULL`.
        paths: whether what it holds begins with a path, of which it may have more or fewer directories than we see.
    """

    table: str
    columns: Sequence[str]
    column: str
    heads: bool = False
    undone: str = ""
    paths: bool = False


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A migration tool.

    Attributes:
        name: `alembic`, `django` …
        claims: whether a path may be one of its migrations; cheap, and may be generous.
        read: the migrations that the deltas it claimed added, removed or edited. Says what it cannot read by
            `Changes.unread("database", path, why)`.
        undo: the command that takes one migration back, on the database it was applied to; empty if there is none.
        apply: the command that applies it again.
        history: where the tool keeps what it has applied; several where versions differ.
        note: what a person has to know before using `undo`.
        down_in_file: whether the file can say how it is taken back.
    """

    name: str
    claims: Callable[[str], bool]
    read: Callable[[Changes, Sequence[Delta]], Iterable[Touched]]
    undo: Callable[[Migration], str]
    apply: Callable[[Migration], str]
    history: Sequence[History] = ()
    note: str = ""
    down_in_file: bool = True
