"""Inventories as the tools share them: taken, checked live, remembered, closed item by item."""

import contextlib
import dataclasses
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.dotenv import dotenv_values
from ..core.errors import GitError, NotFoundError
from ..core.files import canonical_json
from ..core.ids import CheckpointId
from ..core.ledger.events import ActionRecorded, InventoryTaken, ItemClosed, OperationStarted, to_data
from ..core.redaction import Redactor, salt_of, shown
from ..core.revert.sight import entries_at
from ..core.snapshot.take import find
from ..inventory.changes import Changes
from ..inventory.inventory import Inventory, take
from ..inventory.live.ask import ask_live, fingerprints
from ..inventory.live.drift import Recorded, with_drift
from ..inventory.model import Item, Live, Unknown, from_data
from ..inventory.observed.observe import observed
from ..inventory.observed.scripted import commands
from ..inventory.order import in_order
from ..inventory.quiet import Quiet
from ..inventory.target import read_changes
from .desk import Desk
from .subject import Subject, within

logger = logging.getLogger("safe_rollback")
_SECONDS = 20.0
_BRINGS_BACK = frozenset({"undo", "restore"})
# A checkpoint is not held up for long: a source that is slower is recorded as unknown.
_CHECKPOINT_SECONDS = 4.0


def inventory_of(desk: Desk, subject: Subject, *, live: bool) -> Inventory:
    """The inventory of a subject, with what was closed and, if wanted, what the live systems say.

    Args:
        desk: the call.
        subject: what it is about.
        live: whether to ask the sources that the protocol names.
    """
    workspace = desk.workspace
    salt = salt_of(workspace.state_dir)

    def hide(value: str) -> str:
        return shown(value, salt)

    changes = read_changes(workspace.repository.git, workspace.reader, subject.stretches, hide)
    changes = dataclasses.replace(changes, quiet=Quiet(workspace.state_dir))
    if subject.paths:
        changes = dataclasses.replace(
            changes, deltas=[delta for delta in changes.deltas if within(subject, delta.path)]
        )
    seen = _observed(desk, subject, changes)
    found = take(changes, seen, custom=desk.protocol.inventory.custom)
    items, unknowns = _safe(desk, found.items), list(found.unknowns)
    if live:
        items, more = _asked(desk, subject, items, salt)
        unknowns += more
    return Inventory(items=_with_states(desk, items), unknowns=unknowns)


def _asked(desk: Desk, subject: Subject, items: Sequence[Item], salt: bytes) -> tuple[list[Item], list[Unknown]]:
    """Items with what the live systems say, and one for each difference to the checkpoint that nothing explains."""
    settings, root = desk.protocol.inventory, desk.workspace.root
    recorded: Recorded = {}
    if subject.since is not None and (recorded := subject.since.fingerprints):
        now = fingerprints(settings, os.environ, root, salt=salt, seconds=_SECONDS)
        items = in_order(with_drift(items, settings, recorded, now, subject.since.id))
    answers, unknowns = ask_live(settings, items, os.environ, root, salt=salt, recorded=recorded, seconds=_SECONDS)
    return [dataclasses.replace(one, live=answers.get(one.id, one.live)) for one in items], unknowns


def recorded_now(desk: Desk) -> Recorded:
    """What the configured live systems and declared artifacts are now, for a checkpoint."""
    settings, workspace = desk.protocol.inventory, desk.workspace
    if not settings.live and not settings.artifacts:
        return {}
    salt = salt_of(workspace.state_dir)
    return fingerprints(settings, os.environ, workspace.root, salt=salt, seconds=_CHECKPOINT_SECONDS)


def _observed(desk: Desk, subject: Subject, changes: Changes) -> list[Item]:
    """What the commands of the subject's actions did outside of git."""
    found: list[Item] = []
    for record in subject.actions:
        if isinstance(record.event, ActionRecorded) and record.event.command:
            try:
                found += _done_by(desk, record.event, record.at, changes)
            except Exception as error:
                logger.exception("the commands of %s", record.event.action)
                # It may have touched anything that is outside.
                why = f"what this command did is not known: {type(error).__name__}: {error}"
                changes.unread("third_party", record.event.action, why)
    return found


def _done_by(desk: Desk, event: ActionRecorded, at: str, changes: Changes) -> list[Item]:
    reader = desk.workspace.reader

    def read(path: str) -> bytes | None:
        # Retention may have dropped the checkpoint.
        with contextlib.suppress(NotFoundError, GitError):
            before = find(desk.workspace, CheckpointId(event.before))
            entry = entries_at(reader, before.worktree, [path]).get(path)
            return None if entry is None else reader.read(entry.oid).data
        return None

    return [
        item
        for argv in commands(event.command, read)
        for item in observed(
            argv, action=event.action, at=at, command=event.command, exit_code=event.exit_code, hide=changes.hide
        )
    ]


def _safe(desk: Desk, items: Iterable[Item]) -> list[Item]:
    """Items without any secret's value, wherever one may have got in."""
    redactor = Redactor(salt_of(desk.workspace.state_dir), dotenv_values(desk.workspace.root))
    return [from_data(_redacted(one.to_data(), redactor)) for one in items]


def _redacted(value: Any, redactor: Redactor) -> Any:
    match value:
        case str():
            return redactor.redact(value)
        case Mapping():
            return {name: _redacted(one, redactor) for name, one in value.items()}
        case list() | tuple():
            return [_redacted(one, redactor) for one in value]
        case _:
            return value


def _with_states(desk: Desk, items: Sequence[Item]) -> list[Item]:
    """Items as they were closed; one whose live check says that it is clean needs no closing."""
    closed, standing = closings(desk), closings(desk, since_undo=True)
    # The code of a target that was closed, and came back since, is there again.
    return [
        dataclasses.replace(one, state=_state(one, standing if one.domain == "code" else closed)) for one in items
    ]


def _state(item: Item, closed: Mapping[tuple[str, str], ItemClosed]) -> Any:
    event = closed.get((item.id, item.mark))
    if item.live.checked and item.live.clean is False and (event is None or event.outcome == "done"):
        return "open"  # whatever was said before
    if event is not None:
        return event.outcome
    return "done" if item.live.checked and item.live.clean else "open"


def closings(desk: Desk, *, since_undo: bool = False) -> dict[tuple[str, str], ItemClosed]:
    """What was closed, the last time each, by item and mark.

    Args:
        desk: the call.
        since_undo: only what was closed after the newest operation that brought an older state of the code back.
    """
    began = 0
    for record in desk.workspace.ledger.records(OperationStarted, newest_first=True) if since_undo else ():
        if isinstance(record.event, OperationStarted) and record.event.kind in _BRINGS_BACK:
            began = record.seq
            break
    return {
        (event.item, event.mark): event
        for record in desk.workspace.ledger.records(ItemClosed)
        if isinstance(event := record.event, ItemClosed) and record.seq > began
    }


def remember(desk: Desk, subject: Subject, found: Inventory) -> None:
    """Write an inventory down, so that its items can be closed by id; nothing if the newest says the same."""
    items = [one.to_data() | {"state": "open"} for one in found.items]
    session = desk.session.id if desk.session else None
    taken = InventoryTaken(
        target=subject.target, session=session, worktree=desk.workspace.repository.worktree_id, items=items
    )
    last = next((one.event for one in desk.workspace.ledger.records(InventoryTaken, newest_first=True)), None)
    if not items or (last is not None and canonical_json(to_data(last)) == canonical_json(to_data(taken))):
        return
    with desk.workspace.repository_lock("inventory"):
        desk.workspace.ledger.append(taken, session=session)


def left_open(desk: Desk, session: str) -> list[Item]:
    """What the newest inventory of a session lists and nobody has closed; empty if none was taken."""
    closed = closings(desk)
    for record in desk.workspace.ledger.records(InventoryTaken, containing=f"session/{session}", newest_first=True):
        event = record.event
        if isinstance(event, InventoryTaken) and event.target == f"session/{session}":
            items = [from_data(one) for one in event.items]
            return [one for one in items if one.domain != "code" and _state(one, closed) == "open"]
    return []


def find_item(desk: Desk, wanted: str) -> tuple[Item, str]:
    """An item of the newest inventory that has it, and that inventory's target.

    Raises:
        NotFoundError: if none has it.
    """
    for record in desk.workspace.ledger.records(InventoryTaken, containing=wanted, newest_first=True):
        event = record.event
        if isinstance(event, InventoryTaken):
            for data in event.items:
                if data["id"] == wanted:
                    return from_data(data), event.target
    raise NotFoundError(f"There is no item {wanted}.", hint="rollback_inventory lists the items with their ids.")


def ask_one(desk: Desk, subject: Subject, item: Item) -> Live:
    """What the live systems say to one item."""
    salt = salt_of(desk.workspace.state_dir)
    asked, _ = _asked(desk, subject, [item], salt)
    return next((one.live for one in asked if one.id == item.id), Live())
