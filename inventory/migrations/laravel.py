r"""Laravel: PHP classes with `up` and `down`.

Source: https://laravel.com/docs/migrations and `Illuminate\Database\Migrations\Migrator`.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse, walk
from ..changes import Changes, Delta, Side
from .embedded import NOTHING
from .laravel_operations import operations
from .model import Down, History, Migration, Operation, Tool, Touched
from .project import within
from .sides import Reading, touched
from .sqlfiles import Places
from .trees import digest

if TYPE_CHECKING:
    from tree_sitter import Node

_CLAIMED = re.compile(r"(?:^|/)(?P<id>\d{4}_\d{2}_\d{2}_\d{6}_[^/.]+)\.php$")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    match = _CLAIMED.search(side.path)
    if match is None or "function" not in side.text:
        return
    id_ = match["id"]
    tree = parse("php", side.text.encode())
    methods = {} if tree is None else _methods(tree)
    up, down, undo = _read_methods(tree, methods)
    project = places.with_file(side.path, ["artisan"]) or ""
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
            names={"path": within(side.path, project)},
        ),
        digest=digest(tree, list(methods.values())) if tree else side.entry.oid,
        trouble="" if tree and not tree.root.has_error else "it does not parse: part of what it does is not known",
    )


def _methods(tree: Tree) -> dict[str, "Node"]:
    found = (node for node in walk(tree.root) if node.type == "method_declaration")
    return {tree.text(node.child_by_field_name("name")): node for node in found}


def _read_methods(tree: Tree | None, methods: dict[str, "Node"]) -> tuple[list[Operation], Down, list[Operation]]:
    if tree is None or "up" not in methods:
        return [Operation(effect="unknown", text="code that could not be read", line=1)], "unknown", []
    up = operations(tree, methods, "up")
    if "down" not in methods:
        # Laravel removes the row and does nothing else.
        return up, "empty", []
    undo = operations(tree, methods, "down")
    if not undo and any(node.type == "throw_expression" for node in walk(methods["down"])):
        return up, "missing", []
    return up, "works" if undo else "empty", undo


def _command(words: str, migration: Migration) -> str:
    return f"php artisan {words} --path={shlex.quote((migration.names or {}).get('path', migration.path))}"


LARAVEL = Tool(
    name="laravel",
    claims=_claims,
    read=_read,
    undo=partial(_command, "migrate:rollback --step=1"),
    apply=partial(_command, "migrate"),
    history=(History(table="migrations", columns=("migration", "batch"), column="migration"),),
    note="`--step=1` with the path takes it back if it is the newest applied one, and does nothing otherwise. "
    "Without a step Laravel takes back the whole last batch.",
)
