"""goose's migrations in Go: functions that are registered, with SQL that they execute."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse, walk
from ..changes import Side
from .embedded import COMPUTED, NOTHING, of_sql
from .model import Down, Migration, Operation
from .sides import Reading
from .trees import digest

if TYPE_CHECKING:
    from tree_sitter import Node

_REGISTERS = re.compile(r"^goose\.Add(?P<named>Named)?Migration\w*$")
_EXECUTES = re.compile(r"\.(?:Must)?(?:Named)?(?:Exec|Query|QueryRow|Get|Select)(?:Context|x)?$")


def of_code(side: Side, id_: str, order: tuple[int], names: dict[str, str]) -> Iterator[Reading]:
    """The migration that a file in Go registers; nothing if it registers none."""
    tree = parse("go", side.text.encode())
    registered = None if tree is None else _registered(tree)
    if tree is None or registered is None:
        return
    up, down = (_body(tree, one) for one in registered)
    done, undo = ([] if body is None else list(_executed(tree, body)) for body in (up, down))
    state: Down = "missing" if registered[1] is None else "works" if undo else "empty"
    yield Reading(
        migration=Migration(
            id=id_,
            path=side.path,
            line=1 if up is None else line(up),
            up=done or [NOTHING],
            down=state,
            undo=undo,
            order=order,
            names=names,
        ),
        digest=digest(tree, [one for one in (up, down) if one is not None]),
        trouble="it does not parse: part of what it does is not known" if tree.root.has_error else "",
    )


def _registered(tree: Tree) -> tuple["Node | None", "Node | None"] | None:
    """The functions that apply the migration and take it back; None for `nil`."""
    for node in walk(tree.root):
        if node.type != "call_expression":
            continue
        match = _REGISTERS.match(tree.text(node.child_by_field_name("function")))
        given = node.child_by_field_name("arguments")
        if match is not None and given is not None:
            values = given.named_children[1:] if match["named"] else given.named_children
            found = [None if one.type == "nil" else one for one in values[:2]]
            return (found[0], found[1]) if len(found) == 2 else None
    return None


def _body(tree: Tree, function: "Node | None") -> "Node | None":
    if function is None:
        return None
    if function.type == "func_literal":
        return function.child_by_field_name("body")
    return _functions(tree).get(tree.text(function).rpartition(".")[2])


def _functions(tree: Tree) -> Mapping[str, "Node"]:
    found = (one for one in tree.root.named_children if one.type in ("function_declaration", "method_declaration"))
    return {
        tree.text(one.child_by_field_name("name")): body for one in found if (body := one.child_by_field_name("body"))
    }


def _executed(tree: Tree, body: "Node") -> Iterator[Operation]:
    constants = dict(_constants(tree))
    for node in walk(body):
        if node.type != "call_expression":
            continue
        function, given = tree.text(node.child_by_field_name("function")), node.child_by_field_name("arguments")
        if given is None or not _EXECUTES.search(function):
            # Another function that gets the transaction may do anything with it.
            values = [tree.text(one) for one in given.named_children] if given is not None else []
            if {"tx", "db"} & set(values):
                yield Operation(effect="unknown", text=function, line=line(node))
            continue
        texts = (_text(tree, constants, one) for one in given.named_children)
        yield from of_sql(next((one for one in texts if one), None), line(node))


def _constants(tree: Tree) -> Iterator[tuple[str, "Node"]]:
    for node in walk(tree.root):
        if node.type in ("const_spec", "var_spec", "short_var_declaration"):
            left = node.child_by_field_name("name") or node.child_by_field_name("left")
            right = node.child_by_field_name("value") or node.child_by_field_name("right")
            if left is not None and right is not None and right.named_child_count == 1:
                yield tree.text(left), right.named_children[0]


def _text(tree: Tree, constants: Mapping[str, "Node"], node: "Node", depth: int = 0) -> str | None:
    if node.type in ("raw_string_literal", "interpreted_string_literal"):
        text = tree.text(node)[1:-1]
        return text if node.type.startswith("raw") else text.replace('\\"', '"').replace("\\n", "\n")
    if node.type == "identifier" and tree.text(node) in constants and depth < 5:
        return _text(tree, constants, constants[tree.text(node)], depth + 1)
    if node.type == "binary_expression":
        sides = [node.child_by_field_name(side) for side in ("left", "right")]
        texts = [_text(tree, constants, one, depth + 1) if one is not None else None for one in sides]
        return "".join(one or COMPUTED for one in texts) if any(texts) else None
    if node.type == "call_expression" and tree.text(node.child_by_field_name("function")) == "fmt.Sprintf":
        given = node.child_by_field_name("arguments")
        form = _text(tree, constants, given.named_children[0], depth + 1) if given and given.named_children else None
        return re.sub(r"%[+#]?[a-zA-Z]", COMPUTED, form) if form else None
    return None
