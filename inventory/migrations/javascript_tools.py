"""Reads a migration in JavaScript: which tool's it is, what its `up` and `down` do, and where it belongs."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ...core.grammar import line, walk
from ..changes import Changes, Delta, Side
from .embedded import COMPUTED, NOTHING, operation
from .javascript import Chain, Class, Link, Module, chains, is_function, parameters, plain, read_module
from .javascript_values import Values, digest
from .model import Down, Effect, Migration, Operation, Touched
from .project import dependencies, directory, joined, nearest, siblings
from .sides import Reading, touched

if TYPE_CHECKING:
    from tree_sitter import Node

FLAVOURS: Mapping[str, Sequence[str]] = {
    "mikro_orm": ("@mikro-orm/",),
    "typeorm": ("typeorm", "@n8n/typeorm"),
    "node_pg_migrate": ("node-pg-migrate",),
    "kysely": ("kysely", "kysely-ctl"),
    "knex": ("knex",),
    "sequelize": ("sequelize", "sequelize-cli", "sequelize-typescript", "@sequelize/"),
    "db_migrate": ("db-migrate",),
}
"""The packages that a migration of each tool imports, or a project that uses it depends on; best first."""

_HARMLESS = re.compile(
    r"^(?:console|Promise|cb|callback|done|next|resolve|reject|log|logger|require|path|fs|process|JSON|Object|Array|"
    r"Math|Date|String|Number|Set|Map|Sequelize|DataTypes)?$"
)
_DRIVERS = {
    "pg": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mysql2": "mysql",
    "mariadb": "mariadb",
    "sqlite3": "sqlite",
    "better-sqlite3": "sqlite",
}
_READS = re.compile(
    r"^(?:has|describe|show|get|select|find|where|first|transaction|startTransaction|commit|rollback|fn|literal|now|"
    r"then|catch|finally|map|forEach|all|log|then|escape|quote|release|connect|is)",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class Script:
    """A file with an `up`.

    Attributes:
        module: the file.
        up: the function that applies it.
        down: the function that takes it back; None if there is none.
        refused: whether the file says that there is no way back, as `exports.down = false` does.
        owner: the class that holds them, if one does.
    """

    module: Module
    up: "Node"
    down: "Node | None"
    refused: bool
    owner: Class | None


Handle = Callable[[Values, Chain], "Sequence[Operation] | None"]
"""What a call does; None if it is none of the tool's."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How a tool's files are read.

    Attributes:
        tool: its name, a key of `FLAVOURS`.
        handle: what a call does.
        id_of: the id, as the history table stores it.
        without_down: what it means if there is no `down`.
        configs: the files beside which its commands are run, before `package.json`.
        before: whether its commands need the file before.
        infer: what taking it back does, and whether it works, for a tool that computes it from the `up`.
    """

    tool: str
    handle: Handle
    id_of: Callable[[Side, Script], str]
    without_down: Down = "missing"
    configs: Sequence[str] = ()
    before: bool = False
    infer: Callable[[Sequence[Operation]], tuple[Down, list[Operation]]] | None = None


def read(reader: Reader, changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    """A tool's `read`."""
    return touched(changes, deltas, partial(_readings, reader, changes))


def _readings(reader: Reader, changes: Changes, side: Side) -> Iterable[Reading]:
    module = read_module(side)
    script = None if module is None else script_of(module)
    if module is None or script is None or flavour(changes, side, script) != reader.tool:
        return
    bodies = [one for one in (script.up, script.down) if one is not None]
    values = Values(module, partial(_beside, changes, side.path))
    up = operations(values, script.up, reader.handle)
    down, undo = _way_back(values, script, reader, up)
    project, packages = dependencies(changes, side.path)
    config = nearest(changes, side.path, reader.configs) if reader.configs else None
    yield Reading(
        migration=Migration(
            id=reader.id_of(side, script),
            path=side.path,
            line=line(script.up),
            up=up or [NOTHING],
            down=down,
            undo=undo,
            order=order(side.path),
            database=_database(packages),
            project=project if config is None else directory(config),
            names={"previous": _previous(changes, side.path)} if reader.before else {},
        ),
        digest=digest(module, bodies),
        trouble="it does not parse: part of what it does is not known"
        if any(one.has_error for one in bodies)
        else "",
    )


def _beside(changes: Changes, path: str, name: str) -> str | None:
    """The text of a file whose path is given from a migration's directory."""
    there = posixpath.normpath(joined(directory(path), name))
    side = changes.after.read(there) or changes.before.read(there)
    return None if side is None else side.text


def script_of(module: Module) -> Script | None:
    """The functions of a migration; None if the file is none."""
    for one in module.classes:
        if "up" in one.methods:
            return Script(module, one.methods["up"], one.methods.get("down"), False, one)
    up = _function(module.exported.get("up"))
    if up is None:
        return None
    given = module.exported.get("down")
    return Script(module, up, _function(given), given is not None and given.type in ("false", "null"), None)


def _function(node: "Node | None") -> "Node | None":
    """The function that an export is, or that is given to what wraps it."""
    if node is None:
        return None
    node = plain(node)
    if is_function(node):
        return node
    if node.type != "call_expression":
        return None
    return next((one for one in walk(node) if is_function(one)), None)


def flavour(changes: Changes, side: Side, script: Script) -> str:
    """The tool that a migration is written for; empty if that cannot be told."""
    module, owner = script.module, script.owner
    for tool, packages in FLAVOURS.items():
        if any(_is_of(one, packages) for one in module.imports):
            return tool
    if owner is not None:
        if "MigrationInterface" in owner.heritage or re.search(r"\D\d{13}$", owner.name):
            return "typeorm"
        return "mikro_orm" if owner.heritage.endswith("Migration") else ""
    names = parameters(module.tree, script.up)
    for name, tool in (("pgm", "node_pg_migrate"), ("queryInterface", "sequelize"), ("knex", "knex")):
        if name in names:
            return tool
    text = module.tree.text(script.up)
    if "_meta" in module.exported or "setup" in module.exported or ".runSql" in text:
        return "db_migrate"
    if names[1:2] and names[1] in ("cb", "callback", "done", "next"):
        return "db_migrate"
    if ".schema" in text and ".execute(" in text:
        return "kysely"
    if ".schema" in text and "createTable" in text:
        return "knex"
    if names[1:2] and names[1].lower() in ("sequelize", "datatypes"):
        return "sequelize"
    _, used = dependencies(changes, side.path)
    known = [tool for tool, packages in FLAVOURS.items() if any(_is_of(one, packages) for one in used)]
    return known[0] if len(known) == 1 else ""


def _is_of(name: str, packages: Sequence[str]) -> bool:
    return any(name == one or (one.endswith("/") and name.startswith(one)) for one in packages) or any(
        name.startswith(f"{one}/") for one in packages
    )


def operations(values: Values, function: "Node", handle: Handle) -> list[Operation]:
    """What a function does, in order; nothing if it is certain that it does nothing."""
    tree, found, strange = values.tree, list[Operation](), False
    builders = {"this", *parameters(tree, function)[:1]}
    for chain in chains(values.module, function):
        done = handle(values, chain)
        if done is not None:
            found += done
            continue
        called = [link.name for link in chain.links if link.args is not None and link.name]
        if chain.root in builders:
            strange = strange or not _only_reads(called)
        elif chain.root not in values.module.functions:
            if _hands_on(values, chain, builders):
                found.append(operation("unknown", f"calls {chain.root or 'a function'}", chain.line))
            # A function of another file may do anything.
            strange = strange or not (called or _HARMLESS.match(chain.root))
    if strange and not found:
        return [operation("unknown", "runs code", line(function))]
    return found


def _only_reads(called: Sequence[str]) -> bool:
    """Whether a query, by its first method and its last, changes nothing."""
    last = called[-1] if called else ""
    return bool(called and _READS.match(called[0])) and bool(_READS.match(last) or last.startswith("execute"))


def _hands_on(values: Values, chain: Chain, builders: set[str]) -> bool:
    """Whether a call gives the access to the database to a function of another file."""
    given = [one for link in chain.links for one in link.args or ()]
    return any(one.type == "identifier" and values.tree.text(one) in builders for one in given)


def _way_back(
    values: Values, script: Script, reader: Reader, up: Sequence[Operation]
) -> tuple[Down, Sequence[Operation]]:
    if script.down is None:
        if reader.infer is not None and not script.refused:
            return reader.infer(up)
        return ("missing" if script.refused else reader.without_down), []
    if _throws(script.down):
        return "missing", []
    undo = operations(values, script.down, reader.handle)
    return ("works" if undo else "empty"), undo


def _throws(function: "Node") -> bool:
    """Whether a function does nothing but throw."""
    body = function.child_by_field_name("body")
    if body is None or body.type != "statement_block":
        return False
    first = next((one for one in body.named_children if one.type != "comment"), None)
    return first is not None and first.type == "throw_statement"


def stem(path: str) -> str:
    """The name of a file without its ending."""
    return path.rpartition("/")[2].rpartition(".")[0]


def order(path: str) -> tuple[str | int, ...]:
    """How files that begin with a number or a time sort."""
    name = stem(path)
    number = re.match(r"\D*?(\d+)", name)
    return (int(number[1]) if number else 0, name)


def _previous(changes: Changes, path: str) -> str:
    """The name of the migration before, as files sort."""
    view = changes.after if changes.after.read(path) is not None else changes.before
    ending = "." + path.rpartition(".")[2]
    names = [stem(name) for name in siblings(view, path, (ending,)) if name[:1].isdigit()]
    return max((name for name in names if name < stem(path)), default="")


def _database(packages: set[str]) -> str:
    """The kind of database that a project has a driver for, if it has one for one kind only."""
    found = {kind for name, kind in _DRIVERS.items() if name in packages}
    return next(iter(found)) if len(found) == 1 else ""


@dataclass(frozen=True)
class Row:
    """What a method of a tool does: its effect and objects, in which `{0}` is the first argument.

    Attributes:
        effect: what it does.
        creates: what exists only after it.
        drops: what is gone after it.
        objects: what else it touches.
    """

    effect: Effect
    creates: str = ""
    drops: str = ""
    objects: str = ""


def by_row(rows: Mapping[str, Row], values: Values, chain: Chain, link: Link) -> list[Operation] | None:
    """What a call does by a table of methods; None if it is not in it."""
    row = rows.get(link.name)
    if row is None or link.args is None:
        return None
    return [filled(row, link.name, [values.name(one, chain.env) for one in link.args], link.line)]


def filled(row: Row, text: str, names: Sequence[str], at: int) -> Operation:
    """An operation of a row, with the names of its arguments."""
    given = [*names, *[COMPUTED] * 4]

    def objects(template: str) -> list[str]:
        return [template.format(*given)] if template else []

    return operation(
        row.effect, text, at, creates=objects(row.creates), drops=objects(row.drops), objects=objects(row.objects)
    )


def is_required(
    values: Values, given: Mapping[str, "Node"], env: Mapping[str, "Node"], *, nullable: str, default: str
) -> bool:
    """Whether older code, which does not name a column, fails to insert.

    Args:
        values: the module's.
        given: the column's options.
        env: what names stand for.
        nullable: the option that decides, with the value that forbids NULL: `allowNull=false`.
        default: the option that gives a value.
    """
    name, _, constant = nullable.partition("=")
    unique = values.is_constant(given.get("unique"), env, "true")
    return unique or (values.is_constant(given.get(name), env, constant) and default not in given)
