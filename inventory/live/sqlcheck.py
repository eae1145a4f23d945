"""Whether migrations are applied: what the history says, and what really stands in the schema."""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..migrations import TOOLS
from ..model import Item, Live
from .conditions import ConditionError, as_text, holds, joined
from .histories import Chain, Finding, Rows, Table, is_history, needed, revisions_beside, said
from .objects import SchemaObject, Standing, listed, schema_object, standing
from .probe import ELSEWHERE, Connection, ProbeError, inside

MAX_ROWS = 50_000
"""Rows of a history table that are read."""

_MAX_APPLIED = 2_000


class Catalog(Protocol):
    """A database, asked with SELECTs only."""

    def tables(self, names: Sequence[str]) -> Sequence[Table]:
        """The tables of these names (lower case, without schema) in its schemas, best first, then in any other."""

    def schemas(self) -> Sequence[str]:
        """The schemas that names without one are looked up in, best first, in lower case."""

    def rows(self, table: Table, columns: Sequence[str]) -> Rows:
        """Columns (lower case) of all rows, at most `MAX_ROWS` + 1; by column in lower case.

        Raises:
            ProbeError: if it may not be read.
        """

    def stands(self, objects: Sequence[SchemaObject]) -> dict[SchemaObject, bool | None]:
        """Which of some objects there are; None for a kind that cannot be looked up."""

    def shape(self) -> Iterable[Sequence[Any]]:
        """Every column and index of its schemas, sorted: what a schema's hash is of."""


def is_migration(item: Item) -> bool:
    """Whether an item is a migration whose tool keeps a history."""
    return item.kind == "migration" and bool(item.details.get("id"))


def ask_catalog(catalog: Catalog, connection: Connection, items: Sequence[Item]) -> dict[str, Live]:
    """What a database says about migrations, by the items' ids."""
    objects = {item.id: (_objects(item, "creates"), _objects(item, "drops")) for item in items}
    every = dict.fromkeys(one for pair in objects.values() for side in pair for one in side)
    stands = catalog.stands(list(every))
    histories = _Histories(catalog, [one for item in items for one in item.details.get("history", ())])
    answers = {}
    for item in items:
        finding = histories.finding(item, _chain(connection, item, items))
        answers[item.id] = judged(item, finding, standing(*objects[item.id], stands))
    return answers


def judged(item: Item, finding: Finding, there: Standing) -> Live:
    """What history and schema together mean for a migration that is to be taken back, or to come back."""
    texts = [finding.text]
    if finding.applied is False and (there.made or there.gone) and item.change == "added":
        texts = [f"history row is gone ({finding.text}), but {_left(there)}"]
    elif finding.applied is True and (there.unmade or there.back):
        texts = [f"{finding.text}, but {_missing(there)}"]
    elif there.made or there.gone:
        texts.append(_left(there))
    elif there.unmade or there.back:
        texts.append(_missing(there))
    if there.untold:
        texts.append(f"not looked up: {listed(there.untold)}")
    state = {True: "applied", False: "not applied", None: "unknown"}[finding.applied]
    if finding.elsewhere and not there.made:
        state = ELSEWHERE
    return Live(checked=True, state=state, detail="; ".join(texts), clean=_clean(item, finding, there))


def _clean(item: Item, finding: Finding, there: Standing) -> bool | None:
    if item.change == "removed":
        # Its file comes back: it is as before if the database still has it.
        return True if finding.applied and not (there.unmade or there.back or there.untold) else None
    if item.change != "added":
        return None
    if finding.applied or there.made or there.gone:
        return False
    if finding.applied is None or there.untold:
        return None
    # A down that is empty or unread removes the row whatever stands; with no object to look at, nothing is proven.
    return True if there.known or item.details.get("down") in ("works", "inferred") else None


def _left(there: Standing) -> str:
    texts = [f"{listed(there.made)} still {'stand' if len(there.made) > 1 else 'stands'}"] if there.made else []
    texts += [f"{listed(there.gone)} {'are' if len(there.gone) > 1 else 'is'} still missing"] if there.gone else []
    return " and ".join(texts)


def _missing(there: Standing) -> str:
    texts = [f"{listed(there.unmade)} {'are' if len(there.unmade) > 1 else 'is'} not there"] if there.unmade else []
    texts += [f"{listed(there.back)} {'stand' if len(there.back) > 1 else 'stands'}"] if there.back else []
    return " and ".join(texts)


def _objects(item: Item, side: str) -> list[SchemaObject]:
    return [schema_object(str(one)) for one in item.details.get(side) or ()]


def _chain(connection: Connection, item: Item, items: Iterable[Item]) -> Chain:
    """Who comes after whom: by the items, and if they do not tell by the files beside."""
    tool = item.details.get("tool")
    parents = {}
    for one in items:
        names = one.details.get("names") or {}
        before = names.get("after", names.get("down_revision"))
        if one.details.get("tool") == tool and before is not None:
            parents[str(one.details["id"])] = before.split() if isinstance(before, str) else list(before)
    folder = os.path.dirname(str(item.details.get("path") or ""))

    def beside() -> Mapping[str, Sequence[str]]:
        try:
            return revisions_beside(inside(connection.root, folder))
        except ProbeError:
            return {}

    return Chain(parents, beside)


class _Histories:
    """The history tables of a database; each is read once."""

    def __init__(self, catalog: Catalog, histories: Iterable[Mapping[str, Any]]) -> None:
        self._catalog = catalog
        names = {str(one["table"]).rpartition(".")[2].lower() for one in histories}
        self._tables = catalog.tables(sorted(names)) if names else ()
        self._schemas = catalog.schemas()
        self._rows: dict[str, Rows | str] = {}

    def finding(self, item: Item, chain: Chain) -> Finding:
        """What the first history that is there says."""
        histories = item.details.get("history") or ()
        if not histories:
            return Finding(None, f"{item.details.get('tool') or 'its tool'} keeps no history that could be read")
        elsewhere: list[Table] = []
        for history in histories:
            try:
                found = [one for one in self._tables if is_history(one, history)]
            except ConditionError:
                return Finding(None, f"the history {history['table']} is of a form that is not understood")
            for table in found:
                if "." not in str(history["table"]) and self._schemas and table.schema.lower() not in self._schemas:
                    elsewhere.append(table)
                    continue
                return self._said(table, history, item, chain)
        if elsewhere:
            return Finding(None, f"{elsewhere[0].text} is outside of the search path: set the option schema")
        names = " or ".join(dict.fromkeys(str(one["table"]) for one in histories))
        return Finding(None, f"no table {names} with the columns of {item.details.get('tool')}", elsewhere=True)

    def _said(self, table: Table, history: Mapping[str, Any], item: Item, chain: Chain) -> Finding:
        """What one history says: by the columns that hold something of the migration, if its id stands in none."""
        findings = []
        for column, value in item.details.get("rows") or [(history["column"], str(item.details["id"]))]:
            asked = {**history, "column": column}
            if column.lower() not in table.columns and column != history["column"]:
                continue
            rows = self._read(table, asked)
            if isinstance(rows, str):
                return Finding(None, rows)
            findings.append(said(table, asked, rows, value, chain))
        unknown = Finding(None, f"{table.text} has none of the columns that would tell")
        return next((one for one in findings if one.applied), findings[0] if findings else unknown)

    def _read(self, table: Table, history: Mapping[str, Any]) -> Rows | str:
        columns = needed(history)
        columns += ["id"] if "id" in table.columns and "id" not in columns else []
        key = f"{table.text} {' '.join(columns)}"
        if key not in self._rows:
            try:
                rows = self._catalog.rows(table, columns)
            except ProbeError as error:
                self._rows[key] = f"{table.text} cannot be read: {error.why}"
            else:
                self._rows[key] = rows if len(rows) <= MAX_ROWS else f"{table.text} has more than {MAX_ROWS} rows"
        return self._rows[key]


def fingerprint_catalog(catalog: Catalog) -> dict[str, str]:
    """The applied migrations of every tool whose history is there, and a hash of the schema."""
    found: dict[str, str] = {}
    known = [vars(history) for tool in TOOLS for history in tool.history]
    names = sorted({str(one["table"]).rpartition(".")[2].lower() for one in known})
    tables = catalog.tables(names) if names else ()
    schemas = catalog.schemas()
    for table in tables:
        if table.schema and schemas and table.schema.lower() not in schemas:
            continue
        for history in known:
            if not is_history(table, history):
                continue
            for name in applied(catalog, table, history):
                found[f"{table.text} {name}"] = "applied"
    digest = hashlib.sha256()
    for row in catalog.shape():
        digest.update("\0".join(as_text(one) for one in row).encode() + b"\n")
    return {**found, "schema": digest.hexdigest()[:16]}


def applied(catalog: Catalog, table: Table, history: Mapping[str, Any]) -> list[str]:
    """The ids a history has, those that count; the newest of very many."""
    rows = catalog.rows(table, needed(history))
    undone = history.get("undone")
    return [joined(history["column"], row) for row in rows if not undone or not holds(undone, row)][-_MAX_APPLIED:]
