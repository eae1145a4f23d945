"""What the calls of a Laravel migration do.

Source: https://laravel.com/docs/migrations
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

_CALLS = ("scoped_call_expression", "member_call_expression", "nullsafe_member_call_expression")
_WRITES = re.compile(
    r"^(?:insert\w*|update\w*|upsert|create\w*|save\w*|increment|decrement|firstOrCreate|forceFill|sync\w*|attach)$"
)
_DELETES = re.compile(r"^(?:delete|forceDelete|destroy|truncate|detach)$")
_DEEP = 5
_INDEXES = {
    "index": "index",
    "unique": "unique",
    "primary": "primary",
    "fullText": "fulltext",
    "spatialIndex": "spatialindex",
}
_SEVERAL: Mapping[str, Sequence[str]] = {
    "timestamps": ("created_at", "updated_at"),
    "timestampsTz": ("created_at", "updated_at"),
    "nullableTimestamps": ("created_at", "updated_at"),
    "softDeletes": ("deleted_at",),
    "softDeletesTz": ("deleted_at",),
    "rememberToken": ("remember_token",),
    "id": ("id",),
    "increments": ("id",),
    "bigIncrements": ("id",),
}
"""Columns of those that need no name; none of them has to be given a value."""
_DROPS: Mapping[str, Sequence[str]] = {
    "dropTimestamps": ("created_at", "updated_at"),
    "dropTimestampsTz": ("created_at", "updated_at"),
    "dropSoftDeletes": ("deleted_at",),
    "dropSoftDeletesTz": ("deleted_at",),
    "dropRememberToken": ("remember_token",),
}
_OPTIONS = frozenset({"engine", "charset", "collation", "comment", "temporary", "getTable", "getColumns", "after"})


@dataclass(frozen=True, eq=False)
class _Link:
    """One call of a chain: `->nullable()`."""

    name: str
    args: Sequence["Node"]
    line: int


@dataclass(frozen=True, eq=False)
class _Chain:
    """Calls on one another, first to last, and what the first is called on."""

    root: str
    links: Sequence[_Link]

    def has(self, name: str) -> bool:
        """Whether one of the calls has this name."""
        return any(one.name == name for one in self.links)


@dataclass(eq=False)
class _Reader:
    tree: Tree
    methods: Mapping[str, "Node"]

    def of_method(self, name: str, depth: int = 0) -> Iterator[Operation]:
        """What a method does, those of the class that it calls included."""
        body = self.methods[name].child_by_field_name("body")
        if body is None or depth > _DEEP:
            return
        for chain in self.chains(body):
            first = chain.links[0]
            if chain.root == "$this" and first.name in self.methods and first.name != name:
                yield from self.of_method(first.name, depth + 1)
            else:
                yield from self.of_chain(chain)

    def chains(self, body: "Node") -> Iterator[_Chain]:
        """The outermost calls, in order, without those in the closures that a schema is described by."""
        todo = [body]
        while todo:
            node = todo.pop()
            if node.type in _CALLS:
                chain = self.chain(node)
                yield chain
                if chain.root == "Schema":
                    continue
                # Code that is given to others: `each(function ($user) { … })`.
                todo += reversed([inner for link in chain.links for one in link.args for inner in self.closures(one)])
                continue
            todo += reversed(node.named_children)

    def closures(self, node: "Node") -> list["Node"]:
        """The body of a closure; none for another argument."""
        found = (one for one in walk(node) if one.type in ("anonymous_function", "arrow_function"))
        function = next(found, None)
        body = function.child_by_field_name("body") if function is not None else None
        return [body] if body is not None else []

    def chain(self, node: "Node") -> _Chain:
        """The calls that lead to one."""
        links: list[_Link] = []
        at: Node | None = node
        while at is not None and at.type in _CALLS:
            given = at.child_by_field_name("arguments")
            args = [one.named_children[-1] for one in given.named_children if one.type == "argument"] if given else []
            name = at.child_by_field_name("name")
            links.append(_Link(self.tree.text(name), args, line(name or at)))
            at = (
                at.child_by_field_name("object")
                if at.type != "scoped_call_expression"
                else at.child_by_field_name("scope")
            )
        return _Chain(self.tree.text(at).rpartition("\\")[2], links[::-1])

    def of_chain(self, chain: _Chain) -> Iterator[Operation]:
        """What a chain of calls does."""
        if chain.root == "Schema":
            # `Schema::connection('other')->create(…)`.
            link = next((one for one in chain.links if one.name != "connection"), None)
            if link is not None:
                yield from self.of_schema(link)
            return
        if chain.root == "DB" and chain.links[0].name in (
            "statement",
            "unprepared",
            "raw",
            "insert",
            "update",
            "delete",
        ):
            first = chain.links[0]
            yield from of_sql(self.text(first.args[0]) if first.args else None, first.line)
            return
        table = self.text(chain.links[0].args[0]) if chain.links[0].name == "table" and chain.links[0].args else None
        for link in chain.links:
            effect: Effect | None = (
                "destructive" if _DELETES.match(link.name) else "data" if _WRITES.match(link.name) else None
            )
            if effect is not None:
                yield operation(
                    effect, f"{chain.root}…{link.name}", link.line, objects=[f"table {table}"] if table else []
                )
                return
        if chain.root == "Artisan":
            yield operation("unknown", "Artisan::call", chain.links[0].line)

    def of_schema(self, link: _Link) -> Iterator[Operation]:
        """What a call of the schema's builder does."""
        table = (self.text(link.args[0]) if link.args else None) or COMPUTED
        named, name, at = f"table {table}", link.name, link.line
        if name == "create":
            yield operation("additive", name, at, creates=[named])
        elif name in ("drop", "dropIfExists"):
            yield operation("destructive", name, at, drops=[named])
        elif name == "rename":
            new = (self.text(link.args[1]) if len(link.args) > 1 else None) or COMPUTED
            yield operation("destructive", name, at, drops=[named], creates=[f"table {new}"])
        elif name == "dropColumns":
            columns = [f"column {table}.{one}" for arg in link.args[1:] for one in self.texts(arg)]
            yield operation("destructive", name, at, drops=columns)
        elif name in ("table", "whenTableHasColumn", "whenTableDoesntHaveColumn"):
            for body in (body for arg in link.args for body in self.closures(arg)):
                for chain in self.chains(body):
                    if chain.root.startswith("$") and chain.links[0].name not in _OPTIONS:
                        yield from self.of_blueprint(table, chain)
        elif not name.startswith(("has", "get", "enable", "disable", "without", "defaultStringLength", "is")):
            yield operation("unknown", f"Schema::{name}", at)

    def of_blueprint(self, table: str, chain: _Chain) -> Iterator[Operation]:
        """What a line of a table's description does to one that is there already."""
        first = chain.links[0]
        name, at = first.name, first.line
        columns = [text for arg in first.args[:1] for text in self.texts(arg)]
        named = [f"column {table}.{one}" for one in columns]
        if name in ("dropColumn", "removeColumn"):
            named = [f"column {table}.{one}" for arg in first.args for one in self.texts(arg)]
            yield operation("destructive", name, at, drops=named)
        elif name in ("dropConstrainedForeignId", "dropForeignIdFor", "dropMorphs"):
            yield operation("destructive", name, at, drops=named)
        elif name in _DROPS:
            yield operation("destructive", name, at, drops=[f"column {table}.{one}" for one in _DROPS[name]])
        elif name == "renameColumn":
            new = (self.text(first.args[1]) if len(first.args) > 1 else None) or COMPUTED
            yield operation("destructive", name, at, drops=named, creates=[f"column {table}.{new}"])
        elif name == "rename":
            yield operation(
                "destructive", name, at, drops=[f"table {table}"], creates=[f"table {one}" for one in columns]
            )
        elif name == "renameIndex":
            new = (self.text(first.args[1]) if len(first.args) > 1 else None) or COMPUTED
            yield operation("additive", name, at, drops=[f"index {one}" for one in columns], creates=[f"index {new}"])
        elif name in _INDEXES:
            tight: Effect = "restrictive" if name in ("unique", "primary") else "additive"
            index = (self.text(first.args[1]) if len(first.args) > 1 else None) or "_".join(
                [table, *columns, _INDEXES[name]]
            )
            yield operation(tight, name, at, creates=[f"index {index}"], objects=[f"table {table}"])
        elif name == "foreign":
            constraint = "_".join([table, *columns, "foreign"])
            yield operation(
                "restrictive", name, at, creates=[f"constraint {table}.{constraint}"], objects=[f"table {table}"]
            )
        elif name.startswith("drop"):
            yield operation("additive", name, at, objects=[f"table {table}"])
        else:
            yield self.of_column(table, chain, columns)

    def of_column(self, table: str, chain: _Chain, columns: Sequence[str]) -> Operation:
        """What the description of a column does."""
        first = chain.links[0]
        named = columns or _SEVERAL.get(first.name, ())
        objects = [f"column {table}.{one}" for one in named]
        if chain.has("change"):
            return operation("destructive", f"{first.name} change", first.line, objects=objects)
        optional = first.name in _SEVERAL or first.name.startswith(("nullable", "increments", "bigIncrements"))
        optional = optional or any(
            chain.has(one)
            for one in ("nullable", "default", "useCurrent", "autoIncrement", "storedAs", "virtualAs", "generatedAs")
        )
        tight = not optional or any(chain.has(one) for one in ("unique", "constrained", "primary"))
        effect: Effect = "restrictive" if tight else "additive"
        return operation(effect, first.name, first.line, creates=objects, objects=[f"table {table}"])

    def text(self, node: "Node | None") -> str | None:
        """The text of a string, with `COMPUTED` for what only running it tells; None for none."""
        if node is None:
            return None
        if node.type == "string":
            return self.tree.text(node)[1:-1].replace("\\'", "'")
        if node.type in ("encapsed_string", "heredoc", "nowdoc", "heredoc_body", "nowdoc_body"):
            parts = (self.part(one) for one in node.named_children)
            return "".join(part for part in parts if part is not None)
        if node.type == "binary_expression":
            sides = [self.text(node.child_by_field_name(side)) for side in ("left", "right")]
            return "".join(one or COMPUTED for one in sides) if any(sides) else None
        return None

    def part(self, node: "Node") -> str | None:
        """A part of a string."""
        if node.type in ("string_content", "string_value", "nowdoc_string"):
            return self.tree.text(node)
        if node.type == "escape_sequence":
            return {r"\n": "\n", r"\"": '"', r"\t": "\t", r"\$": "$"}.get(self.tree.text(node), self.tree.text(node))
        if node.type in ("heredoc_body", "nowdoc_body"):
            return self.text(node)
        return None if node.type in ("heredoc_start", "heredoc_end") else COMPUTED

    def texts(self, node: "Node") -> list[str]:
        """The texts of a list, or the one of a text."""
        if node.type != "array_creation_expression":
            return [self.text(node) or COMPUTED]
        items = (one.named_children[-1] for one in node.named_children if one.named_children)
        return [self.text(one) or COMPUTED for one in items]


def operations(tree: Tree, methods: Mapping[str, "Node"], name: str) -> list[Operation]:
    """What a method of a migration does; on tables that it creates itself nobody is restricted."""
    found = list(_Reader(tree, methods).of_method(name))
    return on_own_tables(found)
