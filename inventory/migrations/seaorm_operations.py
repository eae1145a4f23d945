"""What the statements of a SeaORM migration do.

Source: https://docs.rs/sea-query and https://docs.rs/sea-orm-migration
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, walk
from .embedded import COMPUTED, of_sql, operation
from .model import Effect, Operation
from .own_tables import on_own_tables

if TYPE_CHECKING:
    from tree_sitter import Node

_SQL = frozenset({"execute_unprepared", "from_string", "from_sql_and_values", "execute_raw"})
_WRITES = re.compile(r"^(?:insert|update|save|insert_many|update_many|exec_insert|exec_update)$")
_STARTS = re.compile(
    r"^(?:\w+::)*(Table|Index|ForeignKey|Type|Query)::(create|alter|drop|rename|truncate|insert|update|delete)$"
)


@dataclass(frozen=True, eq=False)
class _Chain:
    """A statement as it is built: `Table::create()`, and the calls on it."""

    kind: str
    verb: str
    calls: Sequence[tuple[str, Sequence["Node"]]]
    line: int

    def given(self, name: str, place: int = 0) -> "list[Node]":
        """An argument of each call of a name."""
        return [args[place] for called, args in self.calls if called == name and len(args) > place]

    def has(self, name: str) -> bool:
        """Whether there is a call of a name."""
        return any(called == name for called, _ in self.calls)


def operations(tree: Tree, method: "Node") -> list[Operation]:
    """What a method does, in order; on tables that it creates itself nobody is restricted."""
    reader = _Reader(tree, dict(_names(tree)))
    found = sorted(reader.read(method), key=lambda one: one.line)
    return on_own_tables(found)


def _names(tree: Tree) -> Iterator[tuple[str, str]]:
    """What the variants of the file's enums are called in the database."""
    for node in walk(tree.root):
        if node.type != "enum_item":
            continue
        enum = tree.text(node.child_by_field_name("name"))
        body = node.child_by_field_name("body")
        renamed = ""
        for one in body.named_children if body is not None else ():
            if one.type == "attribute_item":
                match = re.search(r"iden\s*=\s*\"([^\"]+)\"", tree.text(one))
                renamed = match[1] if match else ""
            elif one.type == "enum_variant":
                variant = tree.text(one.child_by_field_name("name"))
                yield f"{enum}::{variant}", renamed or _snake(enum if variant == "Table" else variant)
                renamed = ""


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@dataclass(eq=False)
class _Reader:
    tree: Tree
    names: Mapping[str, str]

    def read(self, method: "Node") -> Iterator[Operation]:
        """What a method does."""
        body = method.child_by_field_name("body")
        for node in walk(body) if body is not None else ():
            if node.type != "call_expression":
                continue
            chain = self.chain(node)
            if chain is not None:
                yield from self.of_chain(chain)
                continue
            function = node.child_by_field_name("function")
            name = self.tree.text(function).rpartition(".")[2].rpartition("::")[2]
            given = node.child_by_field_name("arguments")
            args = given.named_children if given is not None else []
            if name in _SQL:
                texts = (self.text(one) for one in args)
                yield from of_sql(next((one for one in texts if one), None), line(node))
            elif _WRITES.match(name) and function is not None and function.type == "field_expression":
                yield operation("data", name, line(node))
            elif name in ("delete", "delete_many") and function is not None and function.type == "field_expression":
                yield operation("destructive", name, line(node))

    def chain(self, node: "Node") -> _Chain | None:
        """The statement of which a call is the last; None if it is none, or one within it."""
        calls: list[tuple[str, Sequence[Node]]] = []
        at: Node | None = node
        above = node.parent
        called = above.parent if above is not None and above.type == "field_expression" else None
        if called is not None and called.type == "call_expression":
            return None
        while at is not None and at.type == "call_expression":
            function, given = at.child_by_field_name("function"), at.child_by_field_name("arguments")
            args = given.named_children if given is not None else []
            if function is None:
                return None
            if function.type == "field_expression":
                calls.append((self.tree.text(function.child_by_field_name("field")), args))
                at = function.child_by_field_name("value")
                continue
            start = _STARTS.match(self.tree.text(function).replace(" ", ""))
            return None if start is None else _Chain(start[1], start[2], calls[::-1], line(at))
        return None

    def of_chain(self, chain: _Chain) -> Iterator[Operation]:
        """What a statement does."""
        table = next((self.name(one) for one in (*chain.given("table"), *chain.given("into_table"))), COMPUTED)
        named, at, said = f"table {table}", chain.line, f"{chain.kind}::{chain.verb}"
        if chain.kind == "Query":
            effect: Effect = "destructive" if chain.verb == "delete" else "data"
            yield operation(effect, said, at, objects=[f"table {self.of_query(chain)}"])
        elif chain.kind == "Table" and chain.verb == "create":
            yield operation("additive", said, at, creates=[named])
        elif chain.kind == "Table" and chain.verb == "drop":
            yield operation(
                "destructive", said, at, drops=[f"table {self.name(one)}" for one in chain.given("table")]
            )
        elif chain.kind == "Table" and chain.verb == "truncate":
            yield operation("destructive", said, at, objects=[named])
        elif chain.kind == "Table" and chain.verb == "rename":
            new = next((self.name(one) for one in chain.given("table", 1)), COMPUTED)
            yield operation("destructive", said, at, drops=[named], creates=[f"table {new}"])
        elif chain.kind == "Table":
            yield from self.of_alter(chain, table)
        elif chain.kind == "Index":
            yield from self.of_index(chain, table)
        elif chain.kind == "ForeignKey":
            yield from self.of_foreign_key(chain)
        else:
            yield from self.of_type(chain)

    def of_query(self, chain: _Chain) -> str:
        given = (*chain.given("into_table"), *chain.given("table"), *chain.given("from_table"))
        return next((self.name(one) for one in given), COMPUTED)

    def of_alter(self, chain: _Chain, table: str) -> Iterator[Operation]:
        """What an altered table becomes."""
        for called, args in chain.calls:
            first = args[0] if args else None
            if first is None:
                continue
            column, text = f"column {table}.{self.column(first)}", self.tree.text(first)
            if called in ("add_column", "add_column_if_not_exists"):
                tight = ".not_null()" in text and ".default(" not in text and ".auto_increment()" not in text
                effect: Effect = "restrictive" if tight or ".unique_key()" in text else "additive"
                yield operation(effect, called, line(first), creates=[column], objects=[f"table {table}"])
            elif called in ("drop_column", "drop_column_if_exists"):
                yield operation("destructive", called, line(first), drops=[column])
            elif called == "rename_column" and len(args) > 1:
                new = f"column {table}.{self.column(args[1])}"
                yield operation("destructive", called, line(first), drops=[column], creates=[new])
            elif called == "modify_column":
                yield operation("destructive", called, line(first), objects=[column])
            elif called == "add_foreign_key":
                yield operation("restrictive", called, line(first), objects=[f"table {table}"])
            elif called == "drop_foreign_key":
                constraint = f"constraint {table}.{self.text(first) or self.name(first)}"
                yield operation("additive", called, line(first), drops=[constraint])

    def of_index(self, chain: _Chain, table: str) -> Iterator[Operation]:
        name = next((self.text(one) for one in chain.given("name")), None) or COMPUTED
        said = f"Index::{chain.verb}"
        if chain.verb == "create":
            effect: Effect = "restrictive" if chain.has("unique") or chain.has("primary") else "additive"
            yield operation(effect, said, chain.line, creates=[f"index {name}"], objects=[f"table {table}"])
        else:
            yield operation("additive", said, chain.line, drops=[f"index {name}"])

    def of_foreign_key(self, chain: _Chain) -> Iterator[Operation]:
        given = (*chain.given("from"), *chain.given("from_tbl"), *chain.given("table"))
        table = next((self.name(one) for one in given), COMPUTED)
        name = next((self.text(one) for one in (*chain.given("name"), *chain.given("fk_name"))), None)
        named = [f"constraint {table}.{name}"] if name else []
        said = f"ForeignKey::{chain.verb}"
        if chain.verb == "create":
            yield operation("restrictive", said, chain.line, creates=named, objects=[f"table {table}"])
        else:
            yield operation("additive", said, chain.line, drops=named, objects=[f"table {table}"])

    def of_type(self, chain: _Chain) -> Iterator[Operation]:
        name = next((self.name(one) for one in (*chain.given("as_enum"), *chain.given("name"))), COMPUTED)
        said = f"Type::{chain.verb}"
        if chain.verb == "create":
            yield operation("additive", said, chain.line, creates=[f"type {name}"])
        elif chain.verb == "drop":
            yield operation("destructive", said, chain.line, drops=[f"type {name}"])
        else:
            effect: Effect = "irreversible" if chain.has("add_value") else "destructive"
            yield operation(effect, said, chain.line, objects=[f"type {name}"])

    def name(self, node: "Node") -> str:
        """What an identifier of a table or column is called in the database."""
        text = self.text(node)
        if text is not None:
            return text
        path = re.sub(r"\s", "", self.tree.text(node)).lstrip("&")
        if path in self.names:
            return self.names[path]
        found = re.findall(r"[A-Za-z_]\w*(?:::[A-Za-z_]\w*)+", path)
        if not found:
            return COMPUTED
        *_, owner, last = found[0].split("::")
        return self.names.get(f"{owner}::{last}") or _snake(owner if last in ("Table", "Entity") else last)

    def column(self, node: "Node") -> str:
        """The column that `ColumnDef::new(…)`, or a function such as `string(…)`, is about."""
        if node.type == "reference_expression" and node.named_children:
            node = node.named_children[-1]
        at: Node | None = node
        while at is not None and at.type == "call_expression":
            function, given = at.child_by_field_name("function"), at.child_by_field_name("arguments")
            if function is not None and function.type == "field_expression":
                at = function.child_by_field_name("value")
            else:
                return self.name(given.named_children[0]) if given is not None and given.named_children else COMPUTED
        return self.name(node)

    def text(self, node: "Node") -> str | None:
        """The text of a string; None if it is none."""
        if node.type in ("string_literal", "raw_string_literal"):
            inner = (one for one in node.named_children if one.type == "string_content")
            return "".join(self.tree.text(one) for one in inner)
        if node.type == "reference_expression" and node.named_children:
            return self.text(node.named_children[-1])
        if node.type == "call_expression":
            # `"…".to_owned()`, `Alias::new("…")`
            function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
            if function is not None and function.type == "field_expression":
                value = function.child_by_field_name("value")
                return self.text(value) if value is not None else None
            if self.tree.text(function).endswith("Alias::new") and given is not None and given.named_children:
                return self.text(given.named_children[0])
        if node.type == "macro_invocation" and self.tree.text(node).startswith("format!"):
            found = next((one for one in walk(node) if one.type in ("string_literal", "raw_string_literal")), None)
            return re.sub(r"\{[^{}]*\}", COMPUTED, self.text(found) or "") if found is not None else None
        return None
