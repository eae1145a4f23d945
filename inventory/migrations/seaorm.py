"""SeaORM: Rust modules that implement `MigrationTrait`.

Source: https://www.sea-ql.org/SeaORM/docs/migration/writing-migration/
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse, walk
from ..changes import Changes, Delta, Side
from .embedded import NOTHING
from .model import Down, History, Migration, Operation, Tool, Touched
from .project import within
from .seaorm_operations import operations
from .sides import Reading, touched
from .sqlfiles import Places
from .trees import digest

if TYPE_CHECKING:
    from tree_sitter import Node

_CLAIMED = re.compile(r"(?:^|/)(?P<id>m\d{8}_\d{6}_[^/.]+)\.rs$")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    match = _CLAIMED.search(side.path)
    if match is None or "MigrationTrait" not in side.text:
        return
    id_ = match["id"]
    tree = parse("rust", side.text.encode())
    methods = {} if tree is None else _methods(tree)
    up, down, undo = _read_methods(tree, methods)
    crate = places.with_file(side.path, ["Cargo.toml"]) or ""
    project = crate.rpartition("/")[0]
    yield Reading(
        migration=Migration(
            id=id_,
            path=side.path,
            line=line(methods["up"]) if "up" in methods else 1,
            up=up or [NOTHING],
            down=down,
            undo=undo,
            order=(id_,),
            project=project,
            names={"crate": within(crate, project)},
        ),
        digest=digest(tree, list(methods.values())) if tree else side.entry.oid,
        trouble="" if tree and not tree.root.has_error else "it does not parse: part of what it does is not known",
    )


def _methods(tree: Tree) -> Mapping[str, "Node"]:
    for node in walk(tree.root):
        if node.type == "impl_item" and "MigrationTrait" in tree.text(node.child_by_field_name("trait")):
            items = (one for one in walk(node) if one.type == "function_item")
            return {tree.text(one.child_by_field_name("name")): one for one in items}
    return {}


_REFUSES = re.compile(r"\b(?:todo|unimplemented|panic)!|\bErr\s*\(\s*DbErr::(?:Migration|Custom)\b")


def _read_methods(tree: Tree | None, methods: Mapping[str, "Node"]) -> tuple[list[Operation], Down, list[Operation]]:
    if tree is None or "up" not in methods:
        return [Operation(effect="unknown", text="code that could not be read", line=1)], "unknown", []
    up = operations(tree, methods["up"])
    if "down" not in methods:
        # The trait's own refuses.
        return up, "missing", []
    undo = operations(tree, methods["down"])
    if not undo and _REFUSES.search(tree.text(methods["down"])):
        return up, "missing", []
    return up, "works" if undo else "empty", undo


def _command(words: str, migration: Migration) -> str:
    crate = (migration.names or {}).get("crate") or "."
    option = "" if crate == "migration" else f" -d {shlex.quote(crate)}"
    return f"sea-orm-cli migrate {words}{option}"


SEAORM = Tool(
    name="seaorm",
    claims=_claims,
    read=_read,
    undo=partial(_command, "down -n 1"),
    apply=partial(_command, "up -n 1"),
    history=(History(table="seaql_migrations", columns=("version", "applied_at"), column="version"),),
    note="`sea-orm-cli migrate down -n 1` takes back the newest applied migration, whichever that is.",
)
