"""What the migration tools written in JavaScript share: a file's `up` and `down`, and the calls in them, in order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse, walk
from ..changes import Side

if TYPE_CHECKING:
    from tree_sitter import Node

CLAIMED = re.compile(
    r"(?:(?:^|/)[^/]*migrat[^/]*/(?:.+/)?(?!index\.)[^/]+|(?:^|/)Migration\d{10,}[^/]*)\.[cm]?[jt]s$", re.IGNORECASE
)
_NO_MIGRATION = re.compile(r"\.(?:d|test|spec|stories|config)\.[cm]?[jt]s$", re.IGNORECASE)
# A file that is none of these neither exports an `up` nor defines one.
_UP = re.compile(rb"\bup\b")
_IMPORTED = re.compile(r"""\b(?:from|import|require)\s*\(?\s*['"]([^'"\n]+)['"]""")
_FUNCTIONS = frozenset(
    {"arrow_function", "function_expression", "function_declaration", "method_definition", "function"}
)
_PASSED = frozenset({"await_expression", "parenthesized_expression", "non_null_expression", "as_expression",
                     "satisfies_expression", "type_assertion"})  # fmt: skip


@dataclass(frozen=True, eq=False)
class Class:
    """A class: its name, the text of what it extends and implements, its methods and its fields."""

    name: str
    heritage: str
    methods: Mapping[str, "Node"]
    fields: Mapping[str, "Node"]


@dataclass(frozen=True, eq=False)
class Module:
    """A parsed file.

    Attributes:
        tree: its syntax.
        values: what names of the module are set to.
        functions: the module's own functions.
        exported: what it exports, by name: functions, and whatever else is given under the name.
        classes: its classes.
        imports: the modules that it names, in imports, requires and types in comments.
    """

    tree: Tree
    values: dict[str, "Node"] = field(default_factory=dict)
    functions: dict[str, "Node"] = field(default_factory=dict)
    exported: dict[str, "Node"] = field(default_factory=dict)
    classes: list[Class] = field(default_factory=list)
    imports: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Link:
    """One step of `a.b(c).d`: the name of the member, and the arguments if it is called."""

    name: str
    args: Sequence["Node"] | None
    line: int


@dataclass(frozen=True, eq=False)
class Chain:
    """A whole expression of calls: `knex.schema.createTable("a", …)` is the root `knex` and two links.

    Attributes:
        root: the name it begins with; empty if it is another expression.
        links: what follows.
        env: what names stand for there, besides those of the module.
        line: of its beginning.
        outer: the root of the call that it is an argument of, outside of any function; empty if it is none.
    """

    root: str
    links: Sequence[Link]
    env: Mapping[str, "Node"]
    line: int
    outer: str = ""


def claims(path: str) -> bool:
    """Whether a path may be a migration in JavaScript or TypeScript."""
    return CLAIMED.search(path) is not None and _NO_MIGRATION.search(path) is None


def read_module(side: Side) -> Module | None:
    """A file as a module; None if it has no `up`, or does not parse at all."""
    data = side.data
    if not data or b"\0" in data[:8000] or _UP.search(data) is None:
        return None
    typed = side.path.lower().endswith((".ts", ".cts", ".mts"))
    return _module("typescript" if typed else "javascript", data)


@lru_cache(maxsize=128)
def _module(grammar: str, data: bytes) -> Module | None:
    tree = parse(grammar, data)
    if tree is None:
        return None
    text = data.decode("utf-8", "replace")
    module = Module(tree=tree, imports=frozenset(_IMPORTED.findall(text)))
    for node in tree.root.named_children:
        _statement(module, node)
    return module


def _statement(module: Module, node: "Node") -> None:
    tree = module.tree
    if node.type == "export_statement":
        declared = node.child_by_field_name("declaration")
        if declared is not None:
            _statement(module, declared)
            for name in _declared(tree, declared):
                given = module.functions.get(name) or module.values.get(name)
                if given is not None:
                    module.exported[name] = given
        for one in node.named_children:
            if one.type == "export_clause":
                _listed(module, one)
            elif one.type in ("object", "class", *_PASSED):
                _exports(module, one)
    elif node.type in ("lexical_declaration", "variable_declaration"):
        for one in node.named_children:
            called, value = tree.text(one.child_by_field_name("name")), one.child_by_field_name("value")
            if one.type == "variable_declarator" and value is not None:
                module.values[called] = value
                if value.type in _FUNCTIONS:
                    module.functions[called] = value
                elif value.type == "class":
                    _class(module, value, called)
    elif node.type in ("function_declaration", "generator_function_declaration"):
        module.functions[tree.text(node.child_by_field_name("name"))] = node
    elif node.type in ("class_declaration", "abstract_class_declaration"):
        _class(module, node, tree.text(node.child_by_field_name("name")))
    elif node.type == "expression_statement":
        for one in node.named_children:
            if one.type == "assignment_expression":
                _assigned(module, one)


def _declared(tree: Tree, node: "Node") -> Iterator[str]:
    if node.type in ("lexical_declaration", "variable_declaration"):
        for one in node.named_children:
            yield tree.text(one.child_by_field_name("name"))
    else:
        yield tree.text(node.child_by_field_name("name"))


def _listed(module: Module, clause: "Node") -> None:
    """`export { up, undo as down }`."""
    for one in clause.named_children:
        name = module.tree.text(one.child_by_field_name("name"))
        known = module.functions.get(name) or module.values.get(name)
        if known is not None:
            module.exported[module.tree.text(one.child_by_field_name("alias")) or name] = known


def _assigned(module: Module, node: "Node") -> None:
    """`exports.up = …`, `module.exports = {…}` and chains of them."""
    target = module.tree.text(node.child_by_field_name("left"))
    value = node.child_by_field_name("right")
    while value is not None and value.type == "assignment_expression":
        _assigned(module, value)
        value = value.child_by_field_name("right")
    if value is None:
        return
    root, _, name = target.rpartition(".")
    if target in ("module.exports", "exports", "exports.default", "module.exports.default"):
        _exports(module, value)
    elif root in ("exports", "module.exports"):
        module.exported[name] = _known(module, value)


def _exports(module: Module, value: "Node") -> None:
    """What is exported as one thing: an object, a class, or a name that is one of these."""
    value = _known(module, plain(value))
    if value.type == "class":
        _class(module, value, module.tree.text(value.child_by_field_name("name")))
    for name, one in members(module.tree, value).items():
        module.exported[name] = _known(module, one)


def _known(module: Module, node: "Node") -> "Node":
    """What a name of the module stands for; others as they are."""
    if node.type not in ("identifier", "shorthand_property_identifier"):
        return node
    name = module.tree.text(node)
    return module.functions.get(name) or module.values.get(name) or node


def members(tree: Tree, node: "Node") -> dict[str, "Node"]:
    """The members of an object, by name; methods are their own values. Nothing for what is no object."""
    found: dict[str, Node] = {}
    for one in node.named_children if node.type == "object" else ():
        if one.type == "pair":
            key, value = one.child_by_field_name("key"), one.child_by_field_name("value")
            if key is not None and value is not None:
                found[tree.text(key).strip("'\"")] = plain(value)
        elif one.type == "method_definition":
            found[tree.text(one.child_by_field_name("name"))] = one
        elif one.type == "shorthand_property_identifier":
            found[tree.text(one)] = one
    return found


def _class(module: Module, node: "Node", name: str) -> None:
    heritage, methods, fields = "", dict[str, "Node"](), dict[str, "Node"]()
    for one in node.named_children:
        if one.type == "class_heritage":
            heritage = module.tree.text(one)
        for part in one.named_children if one.type == "class_body" else ():
            called = part.child_by_field_name("name") or part.child_by_field_name("property")
            value = part.child_by_field_name("value")
            if part.type == "method_definition":
                methods[module.tree.text(called)] = part
            elif value is not None:
                fields[module.tree.text(called)] = value
                if value.type in _FUNCTIONS:
                    methods[module.tree.text(called)] = value
    module.classes.append(Class(name=name, heritage=heritage, methods=methods, fields=fields))


def plain(node: "Node") -> "Node":
    """An expression without parentheses, `await` and casts around it."""
    while node.type in _PASSED and node.named_children:
        node = node.named_children[0]
    return node


def is_function(node: "Node") -> bool:
    """Whether a node is a function with a body of its own."""
    return node.type in _FUNCTIONS


def parameters(tree: Tree, function: "Node") -> list[str]:
    """The names of a function's parameters; of one that is taken apart every name in it."""
    single = function.child_by_field_name("parameter")
    if single is not None:
        return [tree.text(single)]
    listed = function.child_by_field_name("parameters")
    found: list[str] = []
    for one in listed.named_children if listed is not None else ():
        inner = one.child_by_field_name("pattern") or one.child_by_field_name("left") or one
        if inner.type == "identifier":
            found.append(tree.text(inner))
        else:
            kinds = ("identifier", "shorthand_property_identifier_pattern")
            found += [tree.text(part) for part in walk(inner) if part.type in kinds]
    return found


def chains(module: Module, function: "Node", within: tuple[int, ...] = ()) -> Iterator[Chain]:
    """The calls of a function in order, with those in functions that it gives to others or calls in the module."""
    body = function.child_by_field_name("body")
    if body is None or function.id in within or len(within) > 5:
        return
    yield from _below(module, body, _constants(module, body), (*within, function.id))


def _constants(module: Module, body: "Node") -> dict[str, "Node"]:
    """What the constants of a function are set to."""
    found: dict[str, Node] = {}
    for one in walk(body):
        if one.type == "lexical_declaration" and one.children[0].type == "const":
            for part in one.named_children:
                name, value = part.child_by_field_name("name"), part.child_by_field_name("value")
                if name is not None and value is not None and name.type == "identifier":
                    found[module.tree.text(name)] = value
    return found


def _below(module: Module, node: "Node", env: Mapping[str, "Node"], within: tuple[int, ...]) -> Iterator[Chain]:
    waiting = [(node, "")]
    while waiting:
        one, outer = waiting.pop()
        if one.type != "call_expression":
            # What a function is given to run is no argument of the call any more.
            outer = "" if one.type in _FUNCTIONS else outer
            waiting += [(part, outer) for part in reversed(one.named_children)]
            continue
        chain = chain_of(module.tree, one, env)
        yield replace(chain, outer=outer)
        called = module.functions.get(chain.root)
        if called is not None and chain.links and not chain.links[0].name and len(within) <= 5:
            given = chain.links[0].args or ()
            bound = {**env, **dict(zip(parameters(module.tree, called), given, strict=False))}
            body = called.child_by_field_name("body")
            if body is not None and called.id not in within:
                yield from _below(module, body, {**_constants(module, body), **bound}, (*within, called.id))
        inner = chain.root or outer
        waiting += [(arg, inner) for link in reversed(chain.links) for arg in reversed(link.args or ())]


def chain_of(tree: Tree, node: "Node", env: Mapping[str, "Node"]) -> Chain:
    """A call with all that it hangs on, from its root on."""
    links: list[Link] = []
    first = line(node)
    while True:
        node = plain(node)
        if node.type == "call_expression":
            function = node.child_by_field_name("function")
            given = node.child_by_field_name("arguments")
            if function is None:
                break
            args = [] if given is None else [given] if given.type == "template_string" else given.named_children
            args = [plain(one) for one in args if one.type != "comment"]
            function = plain(function)
            if function.type in ("member_expression", "subscript_expression"):
                name = function.child_by_field_name("property") or function.child_by_field_name("index")
                holder = function.child_by_field_name("object")
                links.append(Link(tree.text(name).strip("'\""), args, line(name or node)))
                if holder is None:
                    break
                node = holder
            else:
                links.append(Link("", args, line(node)))
                node = function
        elif node.type in ("member_expression", "subscript_expression"):
            name, holder = node.child_by_field_name("property"), node.child_by_field_name("object")
            links.append(Link(tree.text(name), None, line(name or node)))
            if holder is None:
                break
            node = holder
        else:
            break
    simple = node.type in ("identifier", "this")
    return Chain(root=tree.text(node) if simple else "", links=links[::-1], env=env, line=first)
