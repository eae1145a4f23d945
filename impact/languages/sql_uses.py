"""Where a SQL file uses a table, a column, a model, a source or a macro of another file."""

import posixpath
from collections.abc import Sequence

from ..model import Edge, Use
from .dbt import said
from .lines import Lines
from .sql_scopes import Query, queries
from .sql_tables import text_at
from .sql_tokens import Sql

_MOST = 20
_BEFORE_TABLE = ("into", "table", "overwrite", "references", "exists", "view", "on", "copy")


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> Sequence[Use]:
    """Uses through an edge: columns of the table or model it leads to, macros and sources by name."""
    if b"\0" in data[:8192]:
        return []
    wanted = dict.fromkeys(name.lower() for name in names if not name.endswith("*"))
    original = {name.lower(): name for name in names}
    found = dict[tuple[str, int], bool]()
    _named_by_jinja(data, set(names), found)
    if edge.kind in ("read", "write", "reference") and not edge.target.endswith((".yml", ".yaml")):
        _Columns(Sql(data), edge, wanted, original, found).look()
    return _first(found)


def _first(found: dict[tuple[str, int], bool]) -> list[Use]:
    out, count = list[Use](), dict[str, int]()
    for (name, line), sure in sorted(found.items(), key=lambda one: one[0][1]):
        count[name] = count.get(name, 0) + 1
        if count[name] <= _MOST:
            out.append(Use(name, line, sure))
    return out


def _named_by_jinja(data: bytes, names: set[str], found: dict[tuple[str, int], bool]) -> None:
    lines = Lines(data)
    for one in said(data):
        last = one.target.rpartition(".")[2]
        if one.word == "source" and one.target in names:
            found[one.target, lines.at(one.offset)] = True
        elif one.word == "macro" and last in names:
            found[last, lines.at(one.offset)] = True
        elif one.word == "dispatch":
            for name in names:
                if name.endswith(f"__{one.target}"):
                    found[name, lines.at(one.offset)] = False


class _Columns:
    """Looks for columns of one table."""

    def __init__(
        self,
        sql: Sql,
        edge: Edge,
        wanted: dict[str, None],
        original: dict[str, str],
        found: dict[tuple[str, int], bool],
    ) -> None:
        self.sql, self.edge, self.original, self.found = sql, edge, original, found
        self.queries = queries(sql)
        self.model = posixpath.splitext(posixpath.basename(edge.target))[0].lower()
        read = {name.name.lower() for name in edge.names}
        # A name with a dot is `table.column`, or a table with its schema; without one it is a model's column.
        self.tables = {name: name for name in wanted if any(_same(name, one) for one in read)}
        self.columns: dict[str, list[str]] = {}
        for name in wanted:
            if name not in self.tables:
                self.columns.setdefault(name.rpartition(".")[2], []).append(name)

    def look(self) -> None:
        """Fill `found`."""
        through = self._through()
        position = 0
        stack = list[Query]()
        for at, token in enumerate(self.sql.tokens):
            if not token.word:
                continue
            while stack and stack[-1].end <= at:
                stack.pop()
            while position < len(self.queries) and self.queries[position].start <= at:
                stack.append(self.queries[position])
                position += 1
            self._table(at)
            self._column(at, stack, through)

    def _through(self) -> set[str]:
        """Names of common table expressions that pass everything on: `name AS (SELECT * FROM table)`."""
        names = set[str]()
        for query in self.queries:
            stars = [one for one in query.columns if one.name == "*"]
            tables = set(query.sources.values())
            if query.name and stars and tables and all(self._is_it(one) or one in names for one in tables):
                names.add(query.name)
        return names

    def _is_it(self, table: str) -> bool:
        place = self.sql.places.get(table, "")
        if place:
            return place.partition(":")[2].partition("@")[0].rpartition(".")[2].lower() == self.model
        if not table:
            return False
        if self.edge.names:
            return any(_same(table, name.name.lower()) for name in self.edge.names)
        return table.rpartition(".")[2] == self.model

    def _table(self, at: int) -> None:
        token = self.sql.tokens[at]
        for name in self.tables:
            called = text_at(self.sql.tokens, at + 1) == "(" and text_at(self.sql.tokens, at - 1) not in _BEFORE_TABLE
            if _same(token.text, name) and not called:
                self.found.setdefault((self.original[name], self.sql.line(token)), True)

    def _column(self, at: int, stack: list[Query], through: set[str]) -> None:
        token = self.sql.tokens[at]
        before, _, last = token.text.rpartition(".")
        names = self.columns.get(last)
        if names is None or text_at(self.sql.tokens, at + 1) == "(":
            return
        if at and text_at(self.sql.tokens, at - 1) == "as" and not before:
            return
        sure = self._surely(before, stack, through)
        if sure is None:
            return
        for name in names:
            key = self.original[name], self.sql.line(token)
            self.found[key] = self.found.get(key, False) or sure

    def _surely(self, before: str, stack: list[Query], through: set[str]) -> bool | None:
        """Whether a column is surely of the table; None if it surely is not."""
        for query in reversed(stack):
            if not query.sources:
                continue
            if before:
                if before not in query.sources:
                    continue
                table = query.sources[before]
                return True if self._is_it(table) or table in through else None
            tables = set(query.sources.values())
            ours = [one for one in tables if self._is_it(one) or one in through]
            if ours:
                return len(tables) == 1
        if before:
            return True if self._is_it(before) else None
        return None if stack else False


def _same(one: str, other: str) -> bool:
    first, second = one.split("."), other.split(".")
    count = min(len(first), len(second))
    return first[-count:] == second[-count:]
