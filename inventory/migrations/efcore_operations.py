"""What the calls of EF Core's `MigrationBuilder` do.

Source: https://learn.microsoft.com/en-us/dotnet/api/microsoft.entityframeworkcore.migrations.migrationbuilder
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, walk
from .embedded import COMPUTED, of_sql, operation
from .model import Effect, Operation
from .own_tables import on_own_tables

if TYPE_CHECKING:
    from tree_sitter import Node

_BUILDER = "migrationBuilder"


@dataclass(frozen=True, eq=False)
class _Call:
    """A call of the builder, with its arguments by name, or by place where they have none."""

    tree: Tree
    name: str
    given: Mapping[str | int, "Node"]
    line: int

    def text(self, name: str, place: int = -1) -> str | None:
        """The string that an argument is; None if it is absent or none."""
        return _string(self.tree, self.given.get(name) or self.given.get(place))

    def word(self, name: str) -> str:
        """An argument as it is written."""
        return self.tree.text(self.given.get(name))

    def named(self, name: str = "name", place: int = 0) -> str:
        """The name that an argument gives, `COMPUTED` if it cannot be told."""
        return self.text(name, place) or COMPUTED

    @property
    def table(self) -> str:
        """The table it is about, with its schema."""
        return self._with_schema(self.named("table", 1))

    def _with_schema(self, name: str) -> str:
        schema = self.text("schema")
        return f"{schema}.{name}" if schema and schema not in ("public", "dbo") else name

    @property
    def own(self) -> str:
        """The table or sequence that it is itself about, with its schema."""
        return self._with_schema(self.named())


def operations(tree: Tree, method: "Node") -> list[Operation]:
    """What a method does with its builder, in order; on tables that it creates itself nobody is restricted."""
    parameter = next((node for node in walk(method) if node.type == "parameter"), None)
    builder = tree.text(parameter.child_by_field_name("name")) if parameter is not None else _BUILDER
    found: list[Operation] = []
    body = method.child_by_field_name("body")
    for call in _calls(tree, body or method, builder):
        read = _CALLS.get(call.name)
        found += [operation("unknown", call.name, call.line)] if read is None else read(call)
    return on_own_tables(found)


def _calls(tree: Tree, body: "Node", builder: str) -> Iterator[_Call]:
    for node in walk(body):
        if node.type != "invocation_expression":
            continue
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        values = [one for one in given.named_children if one.type == "argument"] if given is not None else []
        member = function if function is not None and function.type == "member_access_expression" else None
        if member is not None and tree.text(member.child_by_field_name("expression")) == builder:
            name = tree.text(member.child_by_field_name("name")).partition("<")[0]
            yield _Call(tree, name, dict(_arguments(tree, values)), line(node))
        elif any(tree.text(one) == builder for one in values):
            yield _Call(tree, f"{tree.text(function)}({builder})", {}, line(node))


def _arguments(tree: Tree, values: Sequence["Node"]) -> Iterator[tuple[str | int, "Node"]]:
    for place, one in enumerate(values):
        name = one.child_by_field_name("name")
        if one.named_children:
            yield (place if name is None else tree.text(name)), one.named_children[-1]


def _string(tree: Tree, node: "Node | None") -> str | None:
    """The text of a string, with `COMPUTED` for what only running it tells."""
    if node is None:
        return None
    if node.type == "string_literal":
        return tree.text(node)[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\r", "")
    if node.type == "verbatim_string_literal":
        return tree.text(node)[2:-1].replace('""', '"')
    if node.type == "raw_string_literal":
        return tree.text(node).strip('"')
    if node.type == "interpolated_string_expression":
        parts = (
            COMPUTED if one.type == "interpolation" else tree.text(one)
            for one in node.named_children
            if one.type in ("interpolation", "string_content", "interpolated_string_text")
        )
        return "".join(parts)
    if node.type == "binary_expression":
        sides = [_string(tree, node.child_by_field_name(side)) for side in ("left", "right")]
        return "".join(one or COMPUTED for one in sides) if any(sides) else None
    return None


Read = Callable[[_Call], list[Operation]]


def _made(kind: str, effect: Effect = "additive") -> Read:
    return lambda call: [operation(effect, call.name, call.line, creates=[f"{kind} {call.own}"])]


def _gone(kind: str) -> Read:
    return lambda call: [operation("destructive", call.name, call.line, drops=[f"{kind} {call.own}"])]


def _add_column(call: _Call) -> list[Operation]:
    valued = any(name in call.given for name in ("defaultValue", "defaultValueSql", "computedColumnSql"))
    effect: Effect = "additive" if call.word("nullable") == "true" or valued else "restrictive"
    column = f"column {call.table}.{call.named()}"
    return [operation(effect, call.name, call.line, creates=[column], objects=[f"table {call.table}"])]


def _drop_column(call: _Call) -> list[Operation]:
    return [operation("destructive", call.name, call.line, drops=[f"column {call.table}.{call.named()}"])]


def _alter_column(call: _Call) -> list[Operation]:
    types = [call.word(name) for name in ("type", "oldType")]
    longest = [call.word(name) for name in ("maxLength", "oldMaxLength")]
    effect: Effect = "additive"
    if not all(types) or types[0] != types[1] or longest[0] != longest[1]:
        effect = "destructive"
    elif call.word("nullable") != "true" and call.word("oldNullable") == "true":
        effect = "restrictive"
    return [operation(effect, call.name, call.line, objects=[f"column {call.table}.{call.named()}"])]


def _rename(kind: str, effect: Effect) -> Read:
    def read(call: _Call) -> list[Operation]:
        prefix = f"{call.table}." if kind == "column" else ""
        new = call.text("newName", 2 if kind == "column" else 1)
        drops, creates = [f"{kind} {prefix}{call.named()}"], [f"{kind} {prefix}{new or call.named()}"]
        return [operation(effect, call.name, call.line, drops=drops, creates=creates)]

    return read


def _create_index(call: _Call) -> list[Operation]:
    effect: Effect = "restrictive" if call.word("unique") == "true" else "additive"
    index = f"index {call.named()}"
    return [operation(effect, call.name, call.line, creates=[index], objects=[f"table {call.table}"])]


def _drop_index(call: _Call) -> list[Operation]:
    return [operation("additive", call.name, call.line, drops=[f"index {call.named()}"])]


def _constraint(call: _Call) -> list[str]:
    return [f"constraint {call.table}.{call.named()}"]


def _add_constraint(call: _Call) -> list[Operation]:
    named = _constraint(call)
    return [operation("restrictive", call.name, call.line, creates=named, objects=[f"table {call.table}"])]


def _drop_constraint(call: _Call) -> list[Operation]:
    return [operation("additive", call.name, call.line, drops=_constraint(call), objects=[f"table {call.table}"])]


def _rows(effect: Effect) -> Read:
    # The table of these comes first.
    return lambda call: [operation(effect, call.name, call.line, objects=[f"table {call.named('table', 0)}"])]


_CALLS: Mapping[str, Read] = {
    "CreateTable": _made("table"),
    "DropTable": _gone("table"),
    "RenameTable": _rename("table", "destructive"),
    "AlterTable": lambda call: [operation("additive", call.name, call.line, objects=[f"table {call.own}"])],
    "AddColumn": _add_column,
    "DropColumn": _drop_column,
    "AlterColumn": _alter_column,
    "RenameColumn": _rename("column", "destructive"),
    "CreateIndex": _create_index,
    "DropIndex": _drop_index,
    "RenameIndex": _rename("index", "additive"),
    "AddForeignKey": _add_constraint,
    "AddPrimaryKey": _add_constraint,
    "AddUniqueConstraint": _add_constraint,
    "AddCheckConstraint": _add_constraint,
    "DropForeignKey": _drop_constraint,
    "DropPrimaryKey": _drop_constraint,
    "DropUniqueConstraint": _drop_constraint,
    "DropCheckConstraint": _drop_constraint,
    "EnsureSchema": _made("schema"),
    "DropSchema": _gone("schema"),
    "CreateSequence": _made("sequence"),
    "DropSequence": _gone("sequence"),
    "RenameSequence": _rename("sequence", "destructive"),
    "InsertData": _rows("data"),
    "UpdateData": _rows("data"),
    "DeleteData": _rows("destructive"),
    "Sql": lambda call: of_sql(call.text("sql", 0), call.line),
}
