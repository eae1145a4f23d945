"""The ways back of a migration that a target added, removed or edited."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model import Reversible, Step, When
from .embedded import NOTHING
from .loss import held, loses, lost_objects, net
from .model import Migration, Tool

_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a migration is taken back.

    Attributes:
        action: see `Item.action`; so are the others.
    """

    action: Step
    inverse: Step
    reversible: Reversible
    destructive: bool
    cautions: Sequence[str]
    when: When


def way_of_added(tool: Tool, migration: Migration) -> Way:
    """The way back of a migration that came with the target."""
    undo, apply = at_home(migration, tool.undo(migration)), at_home(migration, tool.apply(migration))
    changes = _changes(migration)
    lost = _lost(migration)
    destructive = bool(lost) or any(loses(one) for one in migration.undo)
    cautions: list[str] = []
    if undo and (not changes or migration.down not in ("empty", "missing")):
        action = Step(text=_taking_back(migration, lost), command=undo)
        cautions += [tool.note] if tool.note else []
        if lost:
            cautions.append(
                f"The way back drops {listed(lost)}: what was written there since is lost. Save it first."
            )
    else:
        action, destructive = Step(text=_compensating(tool, migration)), False
        if migration.down == "empty":
            how = f" (`{undo}`)" if undo else ""
            what = "removes the row of the history and leaves what the migration made"
            cautions.append(f"Its down is empty: running it{how} {what}.")
    return Way(
        action=action,
        inverse=Step(text="Apply it again.", command=apply),
        reversible=_reversible(migration, undo, destructive),
        destructive=destructive,
        cautions=[*cautions, *_of_effects(migration)],
        when="before code",
    )


def way_of_removed(tool: Tool, migration: Migration) -> Way:
    """The way back of a deleted file, of which databases noticed nothing."""
    text = (
        f"The file of {migration.id} comes back with the code. A database that had applied it needs nothing; one "
        "that was made since lacks it, and gets it when migrations are applied."
    )
    return Way(
        action=Step(text=text, command=at_home(migration, tool.apply(migration))),
        inverse=Step(text="Delete the file again; what it did in a database stays."),
        reversible="yes",
        destructive=False,
        cautions=("A database that had applied it keeps what it did, and its row in the history, without the file.",),
        when="after code",
    )


def way_of_edited(migration: Migration, was: Migration) -> Way:
    """The way back of a changed file, which may have been applied before the change."""
    now, before = net(migration.up), net(was.up)
    differing = [
        one for new, old in zip(now, before, strict=True) for one in (*new, *old) if (one in new) != (one in old)
    ]
    what = f" They differ in {listed(differing)}." if differing else ""
    text = (
        f"{migration.id} was edited. Find out which databases applied it as it is now and which as it was before, "
        f"and bring those that differ to the older form by a migration of their own.{what}"
    )
    caution = (
        "It was there before the target: a database that had applied it does not notice the edit, and its history "
        "says the same of both forms."
    )
    return Way(
        action=Step(text=text),
        inverse=Step(text="Bring them to the newer form by a migration of their own."),
        reversible="unknown",
        destructive=False,
        cautions=(caution,),
        when="after code",
    )


def at_home(migration: Migration, command: str) -> str:
    """A command as it is called from the root."""
    place = migration.project
    if not command or not place or command.startswith("cd "):
        return command
    return f"cd {shlex.quote(place)} && {command}"


def listed(objects: Iterable[str]) -> str:
    """Objects in a sentence; only the first if there are many."""
    names = list(dict.fromkeys(objects))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _changes(migration: Migration) -> bool:
    """Whether it changes anything in the database."""
    return any(one != NOTHING for one in migration.up)


def _lost(migration: Migration) -> list[str]:
    """What the way back drops; all that was made where that cannot be read."""
    unread = migration.down in ("unknown", "inferred") and not migration.undo
    if unread or any(one.effect == "unknown" for one in migration.undo):
        return list(dict.fromkeys([*lost_objects(migration.undo), *held(net(migration.up)[0])]))
    return lost_objects(migration.undo)


def _taking_back(migration: Migration, lost: Sequence[str]) -> str:
    text = f"Take {migration.id} back while its file is still there"
    if not _changes(migration):
        return f"{text}; it changes nothing in the database."
    if migration.down == "unknown":
        return f"{text}; read its way back first, whether it undoes everything could not be told."
    return f"{text}; this drops {listed(lost)}." if lost else f"{text}."


def _compensating(tool: Tool, migration: Migration) -> str:
    """What to do where nothing takes it back."""
    reasons = {"empty": "its down is empty", "missing": "it has no down"}
    why = reasons.get(migration.down, f"{tool.name} has no command for it")
    creates, drops = net(migration.up)
    objects = [one for operation in migration.up for one in operation.objects]
    todo = [f"drops {listed(creates)}"] if creates else []
    todo += [f"brings back {listed(drops)}"] if drops else []
    if not todo:
        todo = [f"restores {listed(objects)}" if objects else "undoes what it did"]
    return f"Write a compensating migration that {' and '.join(todo)}: {why}."


def _reversible(migration: Migration, undo: str, destructive: bool) -> Reversible:
    if not _changes(migration):
        return "yes"
    if migration.down in ("empty", "missing") or not undo or migration.effect == "irreversible":
        return "no"
    if migration.down == "unknown" or any(one.effect == "unknown" for one in migration.undo):
        return "unknown"
    if destructive or any(loses(one) for one in migration.up):
        return "lossy"
    # Whether the way back finds rows as they were is not in the file.
    return "unknown" if any(one.effect in ("data", "unknown") for one in migration.up) else "yes"


def _of_effects(migration: Migration) -> Iterable[str]:
    """What its effects mean for those who go on with older code or want their data back."""
    effects = {one.effect for one in migration.up}
    gone = [one for operation in migration.up if loses(operation) for one in operation.drops or operation.objects]
    if gone:
        yield f"It dropped or converted data of {listed(gone)}: only a backup brings that back."
    tight = [one for operation in migration.up if operation.effect == "restrictive" for one in operation.objects]
    if tight:
        yield f"Older code can fail to write while this stands: {listed(tight)}."
    if "irreversible" in effects:
        yield "A part of it cannot be taken back by the database, such as a value added to an enum."
    if "unknown" in effects:
        yield "A part of it is code or SQL whose effect could not be told; read it."
    if "data" in effects:
        yield "It changed rows; compare them before and after the way back."
    if migration.database in ("mysql", "mariadb"):
        yield "MySQL and MariaDB commit each change of the schema by itself: a way back that fails stays half done."
