"""Mix: the dependencies in mix.exs, read by the grammar, and mix.lock."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, walk
from .documents import tree_of
from .model import Asking, Lock, Manifest, Requirement, UnreadableError, named

if TYPE_CHECKING:
    from tree_sitter import Node

_LOCKED = re.compile(r'^[ \t]*"([^"]+)": \{:(?:hex, :\w+, "([^"]+)"|git, "[^"]*", "([0-9a-f]{7}))', re.MULTILINE)
_SOURCES = ("git:", "github:", "branch:", "tag:", "ref:")


def _mix(_: str, text: str) -> Iterator[Requirement]:
    tree = tree_of("elixir", text)
    for node in walk(tree.root):
        if node.type == "tuple" and _in_deps(tree, node):
            yield from _dependency(tree, node)
        elif node.type == "pair" and tree.text(node.child_by_field_name("key")).strip() == "elixir:":
            spec = tree.text(node.child_by_field_name("value")).strip('"')
            yield Requirement(name="elixir", spec=spec, kind="runtime", line=line(node))
    if tree.root.has_error:
        raise UnreadableError("a part of it does not parse")


def _in_deps(tree: Tree, node: "Node") -> bool:
    """Whether a node stands in a function whose name has to do with dependencies."""
    above = node.parent
    while above is not None:
        if above.type == "call" and tree.text(above.child_by_field_name("target")) in ("def", "defp"):
            head = next((tree.text(child) for child in above.children if child.type == "arguments"), "")
            return "deps" in head.partition("\n")[0]
        above = above.parent
    return False


def _dependency(tree: Tree, node: "Node") -> Iterator[Requirement]:
    name, *rest = node.named_children or [node]
    if name.type != "atom" or not rest or rest[0].type not in ("string", "keywords"):
        return
    spec = [tree.text(one).strip('"') for one in rest if one.type == "string"]
    options: dict[str, str] = {}
    for pair in (one for keywords in rest if keywords.type == "keywords" for one in keywords.named_children):
        key = tree.text(pair.child_by_field_name("key")).strip()
        options[key] = tree.text(pair.child_by_field_name("value")).strip('"')
    if "path:" in options or "in_umbrella:" in options:
        return
    spec += [f"{key} {options[key]}" for key in _SOURCES if key in options]
    group = " ".join(re.findall(r"\w+", options.get("only:", "")))
    yield Requirement(name=tree.text(name).lstrip(":"), spec=" ".join(spec), group=group, line=line(node))


def _mix_lock(text: str, asked: Asking) -> Mapping[str, str]:
    wanted = asked()
    return {name: version or revision for name, version, revision in _LOCKED.findall(text) if name in wanted}


MIX = Manifest(ecosystem="hex", claims=named("mix.exs"), read=_mix)
MIX_LOCK = Lock(ecosystem="hex", names=frozenset({"mix.lock"}), resolved=_mix_lock, manifests=("mix.exs",))
