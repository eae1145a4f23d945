"""What the functions of an Ecto migration do, and what Ecto makes of `change`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ...core.grammar import Tree, line, walk
from .embedded import COMPUTED, of_sql, operation
from .model import Down, Effect, Operation
from .own_tables import on_own_tables

if TYPE_CHECKING:
    from tree_sitter import Node

Way = Literal["up", "down", "both"]
_DEEP = 5
_MODELS = re.compile(r"(?:^|\.)(?:update|update_all|insert|insert_all|insert_or_update|delete|delete_all|query)!?$")
_QUIET = frozenset({
    "flush", "use", "import", "alias", "require", "def", "defp", "repo", "prefix", "direction", "from", "fragment",
    "disable_ddl_transaction", "IO.puts", "Logger.info", "Enum.map", "to_string", "inspect", "raise",
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class Call:
    """A call: what is called, its arguments without the options, the options, and its block."""

    name: str
    args: Sequence["Node"]
    options: Mapping[str, "Node"]
    block: "Node | None"
    line: int


def functions(tree: Tree) -> dict[str, "Node"]:
    """The functions of a module, by name: what stands between `do` and `end`, or after `do:`."""
    found: dict[str, Node] = {}
    for node in walk(tree.root):
        if node.type != "call" or tree.text(node.child_by_field_name("target")) not in ("def", "defp"):
            continue
        call = read_call(tree, node)
        if call is None or not call.args:
            continue
        head = call.args[0]
        if head.type == "binary_operator":
            head = head.child_by_field_name("left") or head
        name = tree.text(head.child_by_field_name("target") if head.type == "call" else head)
        body = call.block or call.options.get("do")
        if body is not None:
            found.setdefault(name, body)
    return found


def read_call(tree: Tree, node: "Node") -> Call | None:
    """The call at a node; None if there is none."""
    if node.type != "call":
        return None
    args, options, block = list["Node"](), dict[str, "Node"](), None
    for one in node.named_children:
        if one.type == "do_block":
            block = one
        elif one.type == "arguments":
            for given in one.named_children:
                if given.type == "keywords":
                    options |= dict(_pairs(tree, given))
                else:
                    args.append(given)
    return Call(tree.text(node.child_by_field_name("target")), args, options, block or options.get("do"), line(node))


def _pairs(tree: Tree, node: "Node") -> Iterator[tuple[str, "Node"]]:
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is not None and value is not None:
            yield tree.text(key).strip().rstrip(":").strip('"'), value


@dataclass(eq=False)
class Body:
    """What is known of a migration's functions.

    Args:
        tree: the file.
        functions: of the module.
    """

    tree: Tree
    functions: Mapping[str, "Node"]
    up: list[Operation] = field(default_factory=list)
    undo: list[Operation] = field(default_factory=list)
    refused: bool = False
    unsure: bool = False

    def read(self) -> tuple[list[Operation], Down, list[Operation]]:
        """What it does, whether it can be taken back, and what that does."""
        if "up" in self.functions:
            self._visit(self.functions["up"], "up", 0)
            if "down" in self.functions:
                self._visit(self.functions["down"], "down", 0)
                self.refused = not self.undo and "raise" in self.tree.text(self.functions["down"])
                down: Down = "works" if self.undo else "empty"
            else:
                self.refused, down = True, "missing"
        else:
            self._visit(self.functions["change"], "both", 0)
            down = "inferred" if self.undo else "empty"
        if self.refused:
            return on_own_tables(self.up), "missing", []
        return on_own_tables(self.up), "unknown" if self.unsure else down, self.undo

    def _visit(self, node: "Node", way: Way, depth: int) -> None:
        call = read_call(self.tree, node)
        if call is None:
            if node.type == "identifier" and self.tree.text(node) in self.functions:
                self._helper(self.tree.text(node), way, depth)
                return
            for one in node.named_children:
                self._visit(one, way, depth)
            return
        if call.name == "execute":
            self._execute(call, way)
        elif call.name in ("create", "create_if_not_exists", "drop", "drop_if_exists", "alter", "rename"):
            self._schema(call, way)
        elif call.name in self.functions and depth < _DEEP:
            self._helper(call.name, way, depth)
        elif _MODELS.search(call.name) and "." in call.name:
            effect: Effect = "destructive" if "delete" in call.name else "unknown" if "query" in call.name else "data"
            self._add([operation(effect, call.name, call.line)], None, way, recorded=False)
        elif call.block is not None:
            self._visit(call.block, way, depth)
        elif any(one.type == "anonymous_function" for one in call.args):
            for one in call.args:
                self._visit(one, way, depth)
        elif call.name not in _QUIET and re.search(r"[Mm]igrat", call.name):
            # Libraries bring their tables along: `Oban.Migration.up(version: 12)`.
            self._add([operation("unknown", call.name, call.line)], None, way, recorded=False)

    def _helper(self, name: str, way: Way, depth: int) -> None:
        if depth < _DEEP and name not in ("up", "down", "change"):
            self._visit(self.functions[name], way, depth + 1)

    def _execute(self, call: Call, way: Way) -> None:
        texts = [self._text(one) for one in call.args]
        first = [] if not texts else of_sql(texts[0], call.line)
        # With two arguments the second takes it back.
        self._add(first, of_sql(texts[1], call.line) if len(texts) > 1 else None, way, recorded=True)

    def _schema(self, call: Call, way: Way) -> None:
        head = read_call(self.tree, call.args[0]) if call.args else None
        if head is None:
            self._add([operation("unknown", call.name, call.line)], None, way, recorded=True)
            return
        if call.name == "alter":
            self._alter(head, call, way)
        elif call.name == "rename":
            self._rename(head, call, way)
        elif call.name.startswith("create"):
            self._create(head, call, way)
        else:
            self._drop(head, call, way)

    def _create(self, head: Call, call: Call, way: Way) -> None:
        named, objects, restricts = self._object(head)
        effect: Effect = "restrictive" if restricts else "additive"
        up = [operation(effect, call.name, call.line, creates=[named], objects=objects)]
        back: Effect = "destructive" if head.name == "table" else "additive"
        undo = operation(back, f"undo of {call.name}", call.line, drops=[named], objects=objects)
        self._add(up, [undo], way, recorded=True)

    def _drop(self, head: Call, call: Call, way: Way) -> None:
        named, objects, restricts = self._object(head)
        is_table = head.name == "table"
        up = [
            operation("destructive" if is_table else "additive", call.name, call.line, drops=[named], objects=objects)
        ]
        effect: Effect = "restrictive" if restricts else "additive"
        undo = operation(effect, f"undo of {call.name}", call.line, creates=[named], objects=objects)
        # Ecto makes an index again, which it was told all about, and nothing else.
        self._add(up, [undo] if "index" in head.name else None, way, recorded=True)

    def _object(self, head: Call) -> tuple[str, list[str], bool]:
        """What `table(…)`, `index(…)` or `constraint(…)` names, what it is on, and whether it restricts writers."""
        table = self._table(head)
        if head.name == "table":
            return f"table {table}", [], False
        if "index" in head.name:
            columns = [self._text(one) or COMPUTED for one in self._items(head.args[1])] if len(head.args) > 1 else []
            name = self._text(head.options.get("name")) or "_".join([table.replace(".", "_"), *columns, "index"])
            unique = head.name == "unique_index" or self.tree.text(head.options.get("unique")) == "true"
            return f"index {name}", [f"table {table}"], unique
        name = (self._text(head.args[1]) if len(head.args) > 1 else None) or COMPUTED
        return f"constraint {table}.{name}", [f"table {table}"], True

    def _table(self, head: Call) -> str:
        table = (self._text(head.args[0]) if head.args else None) or COMPUTED
        prefix = self._text(head.options.get("prefix"))
        return f"{prefix}.{table}" if prefix and prefix != "public" else table

    def _rename(self, head: Call, call: Call, way: Way) -> None:
        table = self._table(head)
        if len(call.args) > 1 and "to" in call.options:
            old, new = (f"column {table}.{self._text(one) or COMPUTED}" for one in (call.args[1], call.options["to"]))
        else:
            to = read_call(self.tree, call.options["to"]) if "to" in call.options else None
            old, new = f"table {table}", f"table {self._table(to) if to else COMPUTED}"
        up = [operation("destructive", call.name, call.line, drops=[old], creates=[new])]
        undo = [operation("destructive", f"undo of {call.name}", call.line, drops=[new], creates=[old])]
        self._add(up, undo, way, recorded=True)

    def _alter(self, head: Call, call: Call, way: Way) -> None:
        table = self._table(head)
        for node in walk(call.block) if call.block is not None else ():
            one = read_call(self.tree, node)
            if one is not None and one.name in _CHANGES and (one.args or one.name == "timestamps"):
                self._change(table, one, way)

    def _change(self, table: str, call: Call, way: Way) -> None:
        names = [self._text(call.args[0]) or COMPUTED] if call.args else ["inserted_at", "updated_at"]
        columns = [f"column {table}.{name}" for name in names]
        objects = [f"table {table}"]
        if call.name in ("remove", "remove_if_exists"):
            typed = call.name == "remove" and len(call.args) > 1
            up = [operation("destructive", call.name, call.line, drops=columns)]
            undo = operation("additive", f"undo of {call.name}", call.line, creates=columns)
            self._add(up, [undo] if typed else None, way, recorded=True)
        elif call.name == "modify":
            up = [operation("destructive", call.name, call.line, objects=columns)]
            undo = operation("destructive", f"undo of {call.name}", call.line, objects=columns)
            self._add(up, [undo] if "from" in call.options else None, way, recorded=True)
        else:
            loose = call.name == "timestamps" or self.tree.text(call.options.get("null")) != "false"
            refers = len(call.args) > 1 and self.tree.text(call.args[1]).startswith("references")
            tight = refers or not (loose or "default" in call.options)
            up = [
                operation(
                    "restrictive" if tight else "additive", call.name, call.line, creates=columns, objects=objects
                )
            ]
            undo = operation("destructive", f"undo of {call.name}", call.line, drops=columns, objects=objects)
            self._add(up, [undo], way, recorded=True)

    def _add(self, up: Sequence[Operation], back: Sequence[Operation] | None, way: Way, *, recorded: bool) -> None:
        if way == "down":
            self.undo += up
            return
        self.up += up
        if way == "both" and not recorded:
            self.unsure = True
        elif way == "both" and back is None:
            self.refused = True
        elif way == "both" and back is not None:
            self.undo[:0] = back

    def _items(self, node: "Node") -> Sequence["Node"]:
        return node.named_children if node.type == "list" else [node]

    def _text(self, node: "Node | None") -> str | None:
        """The text of an atom or string, with `COMPUTED` for what only running it tells; None if it is none."""
        if node is None:
            return None
        if node.type == "atom":
            return self.tree.text(node).lstrip(":")
        if node.type == "quoted_atom":
            return self.tree.text(node).lstrip(":").strip('"')
        if node.type in ("string", "sigil"):
            parts = (
                COMPUTED if one.type == "interpolation" else self.tree.text(one)
                for one in node.named_children
                if one.type in ("quoted_content", "interpolation", "escape_sequence")
            )
            return "".join(parts)
        if node.type == "binary_operator":
            sides = [self._text(node.child_by_field_name(side)) for side in ("left", "right")]
            return "".join(one or COMPUTED for one in sides) if any(sides) else None
        return None


_CHANGES = frozenset({"add", "add_if_not_exists", "modify", "remove", "remove_if_exists", "timestamps"})
