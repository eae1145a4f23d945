"""What the history table of a migration tool says about one migration."""

import ast
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import conditions
from .conditions import ConditionError, as_text

_MAX_REVISIONS = 5_000
_MAX_BYTES = 200_000


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of a live database.

    Attributes:
        schema: as the database spells it; empty where there are none.
        name: as the database spells it.
        columns: by their names in lower case, as the database spells them.
    """

    schema: str
    name: str
    columns: Mapping[str, str]

    @property
    def text(self) -> str:
        """Its name with its schema."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True)
class Finding:
    """What a history says.

    Attributes:
        applied: None if it cannot tell.
        text: in words: where, and what.
        elsewhere: whether the database has no history of the tool at all: another one may.
    """

    applied: bool | None
    text: str
    elsewhere: bool = False


Rows = Sequence[Mapping[str, Any]]
"""Rows of a history table, by column in lower case."""


def needed(history: Mapping[str, Any]) -> list[str]:
    """The columns to read of a history, in lower case; `id` for the order of rows, where the table has it.

    Raises:
        ConditionError: if its expressions are of a form that is not understood.
    """
    named = conditions.columns(history["column"]) + conditions.columns(history.get("undone") or "")
    return list(dict.fromkeys(one.lower() for one in named))


def is_history(table: Table, history: Mapping[str, Any]) -> bool:
    """Whether a table has the name and the columns of a tool's history; several tools use `migrations`."""
    schema, _, name = str(history["table"]).rpartition(".")
    if table.name.lower() != name.lower() or (schema and table.schema.lower() != schema.lower()):
        return False
    return all(str(one).lower() in table.columns for one in (*history["columns"], *needed(history)))


def said(table: Table, history: Mapping[str, Any], rows: Rows, id_: str, chain: "Chain") -> Finding:
    """What the rows of a history say about a migration.

    Args:
        table: where they are.
        history: as `migrations.model.History` describes it.
        rows: all of them.
        id_: the migration's.
        chain: who comes after whom, for tools that keep only the newest.
    """
    try:
        known = [(conditions.joined(history["column"], row), _counts(history, row), row) for row in rows]
    except ConditionError:
        return Finding(None, f"{table.text} is of a form that is not understood")
    if history.get("heads"):
        return _by_heads(table, id_, [name for name, counts, _ in known if counts], chain)
    own = [(counts, row) for name, counts, row in known if name == id_ or (history.get("paths") and _ends(name, id_))]
    if not own:
        return Finding(False, f"{table.text} has no row for it")
    if all("id" in row and isinstance(row["id"], int) for _, row in own):
        # Rows that are written when it is taken back too: the newest counts.
        own = [max(own, key=lambda one: int(one[1]["id"]))]
    if any(counts for counts, _ in own):
        return Finding(True, f"{table.text} has its row")
    return Finding(False, f"{table.text} says that it is undone ({history.get('undone')})")


def _ends(one: str, other: str) -> bool:
    """Whether two paths are one, seen from different directories: `classpath:db/a.xml` and `app/db/a.xml`."""
    one, other = one.rpartition("classpath:")[2].lstrip("/"), other.lstrip("/")
    return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")


def _counts(history: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    undone = history.get("undone")
    return not undone or not conditions.holds(undone, row)


class Chain:
    """Which revision comes after which, of a tool that keeps only the newest of a line.

    Args:
        parents: revision → those it comes after.
        more: further parents, read only if those do not tell.
    """

    def __init__(
        self, parents: Mapping[str, Sequence[str]], more: Callable[[], Mapping[str, Sequence[str]]] = dict
    ) -> None:
        self._parents, self._more = dict(parents), more

    def reaches(self, later: str, earlier: str) -> bool | None:
        """Whether one revision comes after another, or is it; None if the line between them is not known."""
        found = self._search(later, earlier)
        if found is None:
            self._parents = {**self._more(), **self._parents}
            found = self._search(later, earlier)
        return found

    def _search(self, later: str, earlier: str) -> bool | None:
        left, seen, complete = [later], set[str](), True
        while left:
            one = left.pop()
            if one == earlier:
                return True
            if one in seen:
                continue
            seen.add(one)
            if one not in self._parents:
                complete = False
            left += self._parents.get(one, ())
        return False if complete else None

    def knows(self, revision: str) -> bool:
        """Whether its own parents are known."""
        return revision in self._parents


def _by_heads(table: Table, id_: str, heads: Sequence[str], chain: Chain) -> Finding:
    if id_ in heads:
        return Finding(True, f"{table.text} has it as its newest")
    if not heads:
        return Finding(False, f"{table.text} is empty")
    shown = ", ".join(heads[:3])
    if not chain.knows(id_) and id_.isdigit() and all(head.isdigit() for head in heads):
        # Versions that are numbers are applied in their order.
        applied = int(id_) <= max(map(int, heads))
        return Finding(applied, f"{table.text} is at {shown}")
    for head in heads:
        if chain.reaches(head, id_):
            return Finding(True, f"{table.text} is at {shown}, which was built on it")
    # Each head is either before it, or on a line that does not hold it.
    if all(chain.reaches(id_, head) or chain.reaches(head, id_) is False for head in heads):
        return Finding(False, f"{table.text} is at {shown}, before it")
    return Finding(None, f"{table.text} is at {shown}; whether that was built on {id_} cannot be told from here")


def revisions_beside(folder: str) -> dict[str, Sequence[str]]:
    """The revisions of Alembic's files in a directory, with those they come after; those that parse."""
    found: dict[str, Sequence[str]] = {}
    try:
        names = sorted(os.listdir(folder))[:_MAX_REVISIONS]
    except OSError:
        return {}
    for name in names:
        if not name.endswith(".py"):
            continue
        try:
            with open(os.path.join(folder, name), "rb") as file:
                tree = ast.parse(file.read(_MAX_BYTES))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        values = _constants(tree)
        if isinstance(values.get("revision"), str) and "down_revision" in values:
            before = values["down_revision"]
            parents = (before,) if isinstance(before, str) else before if isinstance(before, tuple | list) else ()
            found[values["revision"]] = tuple(as_text(one) for one in parents)
    return found


def _constants(tree: ast.Module) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id in ("revision", "down_revision"):
                try:
                    found[target.id] = ast.literal_eval(value)
                except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                    continue
    return found
