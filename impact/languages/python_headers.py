"""How Python declarations read without their bodies: what callers rely on."""

from typing import TYPE_CHECKING

from ...core.grammar import Tree

if TYPE_CHECKING:
    from tree_sitter import Node

_LITERALS = {"integer": "int", "float": "float", "string": "str", "concatenated_string": "str", "true": "bool"}
_LITERALS |= {"false": "bool", "none": "None", "list": "[…]", "dictionary": "{…}", "set": "{…}", "tuple": "(…)"}
_LITERALS |= {"list_comprehension": "[…]", "dictionary_comprehension": "{…}", "set_comprehension": "{…}"}
_LONGEST = 300


def flat(tree: Tree, node: "Node | None") -> str:
    """A node's text in one line, cut where nobody reads on."""
    return " ".join(tree.text(node).split())[:_LONGEST]


def function(tree: Tree, node: "Node", decorators: list[str]) -> str:
    """`@property async def name(a, b: int = …) -> str`."""
    parameters = node.child_by_field_name("parameters")
    listed = [_parameter(tree, one) for one in (parameters.named_children if parameters else ()) if _counts(one)]
    kept = "".join(f"@{one.partition('(')[0]} " for one in decorators)
    word = "async def" if tree.data.startswith(b"async", node.start_byte) else "def"
    result = node.child_by_field_name("return_type")
    answer = f" -> {flat(tree, result)}" if result is not None else ""
    name = tree.text(node.child_by_field_name("name"))
    generic = flat(tree, node.child_by_field_name("type_parameters"))
    return f"{kept}{word} {name}{generic}({', '.join(listed)}){answer}"


def class_(tree: Tree, node: "Node", decorators: list[str]) -> str:
    """`@dataclass(frozen=True) class Name(Base)`."""
    kept = "".join(f"@{one} " for one in decorators)
    name = tree.text(node.child_by_field_name("name"))
    generic = flat(tree, node.child_by_field_name("type_parameters"))
    return f"{kept}class {name}{generic}{flat(tree, node.child_by_field_name('superclasses'))}"


def variable(tree: Tree, name: str, annotation: "Node | None", value: "Node | None") -> str:
    """`NAME: int = …`; without an annotation what the value's form says of its type."""
    if annotation is not None:
        return f"{name}: {flat(tree, annotation)}" + (" = …" if value is not None else "")
    return f"{name} = {value_form(tree, value)}"


def value_form(tree: Tree, value: "Node | None") -> str:
    """What the form of a value says of its type."""
    if value is None:
        return "…"
    if value.type == "call":
        return f"{flat(tree, value.child_by_field_name('function'))}(…)"
    if value.type in ("identifier", "attribute", "subscript", "binary_operator"):
        return flat(tree, value)
    return _LITERALS.get(value.type, "…")


def decorators_of(tree: Tree, node: "Node") -> list[str]:
    """The decorators of a decorated definition."""
    return [flat(tree, one).removeprefix("@").strip() for one in node.children if one.type == "decorator"]


def _counts(node: "Node") -> bool:
    return node.type not in ("comment", "ERROR")


def _parameter(tree: Tree, node: "Node") -> str:
    if node.type == "default_parameter":
        return f"{tree.text(node.child_by_field_name('name'))}=…"
    if node.type == "typed_default_parameter":
        name, kind = node.child_by_field_name("name"), node.child_by_field_name("type")
        return f"{tree.text(name)}: {flat(tree, kind)} = …"
    return flat(tree, node)
