"""Bundler: Gemfile and gemspec, read by the grammar, and Gemfile.lock."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line
from .documents import tree_of
from .model import Asking, Lock, Manifest, Requirement, UnreadableError

if TYPE_CHECKING:
    from tree_sitter import Node

_CALLS = """
(call method: (identifier) @method arguments: (argument_list . (string) @name) @arguments) @call
"""
_GROUPS = {"add_dependency": "", "add_runtime_dependency": "", "add_development_dependency": "dev"}
_SOURCES = ("git", "github", "gitlab", "bitbucket", "gist", "branch", "tag", "ref")
_NAME = re.compile(r"(?:^|/)(?:Gemfile[^/]*|gems\.rb|[^/]*\.gemfile|[^/]+\.gemspec)$")
_LOCKED = re.compile(r"^    (\S+) \(([^()\s]+)\)$", re.MULTILINE)
_REMOTE_GEMS = re.compile(r"^(?:GEM|GIT)\n((?:  .*\n|\n(?=  ))*)", re.MULTILINE)
_DIRECT = re.compile(r"^DEPENDENCIES\n((?:  .*\n?)*)", re.MULTILINE)
_REVISION = re.compile(r"^  revision: ([0-9a-f]{7})", re.MULTILINE)


def _gemfile(path: str, text: str) -> Iterator[Requirement]:
    tree = tree_of("ruby", text)
    for found in tree.matches(_CALLS):
        method, name = tree.text(found["method"][0]), _string(tree, found["name"][0])
        if not name:
            continue
        values, options = _arguments(tree, found["arguments"][0])
        at = line(found["call"][0])
        if method == "ruby":
            yield Requirement(name="ruby", spec=", ".join([name, *values]), kind="runtime", line=at)
        elif (method == "gem" and "path" not in options) or method in _GROUPS:
            sources = [f"{key}: {options[key]}" for key in _SOURCES if key in options]
            group = _GROUPS.get(method) or _group(tree, found["call"][0], options)
            yield Requirement(name=name, spec=", ".join([*values, *sources]), group=group, line=at)
    if tree.root.has_error and path.endswith((".gemspec", "Gemfile")):
        raise UnreadableError("a part of it does not parse")


def _string(tree: Tree, node: "Node") -> str:
    """A string's text; empty for one with something computed in it."""
    if any(child.type == "interpolation" for child in node.children):
        return ""
    return "".join(tree.text(child) for child in node.children if child.type == "string_content")


def _arguments(tree: Tree, arguments: "Node") -> tuple[list[str], dict[str, str]]:
    """The version strings after the name, and the options by key."""
    values: list[str] = []
    options: dict[str, str] = {}
    for node in arguments.named_children[1:]:
        if node.type == "string":
            values.append(_string(tree, node) or tree.text(node))
        elif node.type == "array":
            values += [_string(tree, one) for one in node.named_children if one.type == "string"]
        elif node.type == "pair":
            key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
            text = _string(tree, value) if value is not None and value.type == "string" else tree.text(value)
            options[tree.text(key).strip(":\"' =>")] = text
        elif node.type not in ("hash_splat_argument", "block_argument"):
            values.append(tree.text(node))
    return values, options


def _group(tree: Tree, call: "Node", options: Mapping[str, str]) -> str:
    """Bundler's groups of a gem, from its options or the block it stands in; empty for the default one."""
    groups = options.get("group") or options.get("groups") or ""
    node = call.parent
    while node is not None and not groups:
        if node.type == "call" and tree.text(node.child_by_field_name("method")) == "group":
            groups = tree.text(node.child_by_field_name("arguments"))
        node = node.parent
    return ", ".join(sorted(set(re.findall(r"\w+", groups)) - {"default"}))


def _gemfile_lock(text: str, _: Asking) -> Mapping[str, str]:
    text = text.replace("\r\n", "\n")
    listed = _DIRECT.search(text)
    direct = {row.split()[0].rstrip("!") for row in listed[1].splitlines() if row.strip()} if listed else set()
    found: dict[str, set[str]] = {}
    for section in _REMOTE_GEMS.findall(text):
        revision = _REVISION.search(section)
        for name, version in _LOCKED.findall(section):
            if name in direct:
                # A gem for several platforms has a row for each: `1.2.3-x86_64-linux`.
                bare = version.partition("-")[0]
                found.setdefault(name, set()).add(f"{bare} at {revision[1]}" if revision else bare)
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


GEMFILE = Manifest(
    ecosystem="rubygems",
    claims=lambda path: _NAME.search(path) is not None and not path.endswith(".lock"),
    read=_gemfile,
)
GEMFILE_LOCK = Lock(
    ecosystem="rubygems",
    names=frozenset({"Gemfile.lock", "gems.locked"}),
    resolved=_gemfile_lock,
    manifests=("Gemfile", "gems.rb"),
)
