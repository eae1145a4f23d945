"""The written intention of a transition: from it, a crash is finished or undone."""

import contextlib
import json
import os
from collections.abc import Sequence
from typing import Any

from ..errors import DamagedError
from ..files import canonical_json, sync_directory, write_atomically
from ..gate.objects import Entry
from ..gate.refs import Head, RefUpdate
from ..ids import ChainId, OperationId
from ..records import asdict, dataclass
from ..snapshot.policy import CapturePolicy
from ..workspace import Workspace
from .draft import Draft, FileChange, IndexChange

_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What is being done, to be finished by whoever comes next.

    Attributes:
        operation: its id.
        kind: restore, undo, revert, …
        before: checkpoint of the state before.
        draft: the changes.
        chain: where the checkpoint after it goes.
        policy: what that checkpoint captures.
        commits: commits it adds, for the record.
    """

    operation: OperationId
    kind: str
    before: str
    draft: Draft
    chain: ChainId
    policy: CapturePolicy
    commits: Sequence[str]


def write_intent(workspace: Workspace, intent: Intent) -> None:
    """Write it durably; from here on the change will be finished or undone."""
    os.makedirs(workspace.intents_dir, mode=0o700, exist_ok=True)
    data = canonical_json({"format": _FORMAT, **asdict(intent)}).encode()
    write_atomically(os.path.join(workspace.intents_dir, f"{intent.operation}.json"), data)


def drop_intent(workspace: Workspace, operation: str) -> None:
    """The change is complete, or undone."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(workspace.intents_dir, f"{operation}.json"))
        sync_directory(workspace.intents_dir)
    unmark_written(workspace, operation)


def mark_written(workspace: Workspace, operation: str) -> None:
    """Say durably that only the index is missing: from here on, nothing else is touched again."""
    write_atomically(_mark(workspace, operation), b"")


def is_written(workspace: Workspace, operation: str) -> bool:
    """Whether only the index may be missing."""
    return os.path.exists(_mark(workspace, operation))


def unmark_written(workspace: Workspace, operation: str) -> None:
    """The operation is taken back, or over."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_mark(workspace, operation))
        sync_directory(workspace.intents_dir)


def _mark(workspace: Workspace, operation: str) -> str:
    return os.path.join(workspace.intents_dir, f"{operation}.written")


def sweep(workspace: Workspace) -> None:
    """Remove marks and half-written files without an intent. The caller holds the worktree's lock."""
    with contextlib.suppress(FileNotFoundError):
        names = os.listdir(workspace.intents_dir)
        for name in names:
            finished = name.endswith(".written") and name.replace(".written", ".json") not in names
            if finished or name.startswith("."):
                os.unlink(os.path.join(workspace.intents_dir, name))
    for name in os.listdir(workspace.worktree_dir):
        if name.startswith((".op-", "op-")) and ".index" in name:
            os.unlink(os.path.join(workspace.worktree_dir, name))


def pending_intents(workspace: Workspace) -> list[Intent]:
    """Intents that stand. Under the worktree's lock, whoever wrote them is gone.

    Raises:
        DamagedError: if one does not read.
    """
    try:
        names = sorted(os.listdir(workspace.intents_dir))
    except FileNotFoundError:
        return []
    whole = [name for name in names if name.endswith(".json") and not name.startswith(".")]
    return [_read(os.path.join(workspace.intents_dir, name)) for name in whole]


def _read(path: str) -> Intent:
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        if data.pop("format") != _FORMAT:
            raise ValueError("unknown format")
        policy = data["policy"]
        return Intent(
            **{
                **data,
                "draft": _draft(data["draft"]),
                "policy": CapturePolicy(ignored=tuple(policy["ignored"]), max_file=policy["max_file"]),
            }
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DamagedError(
            f"The intent {os.path.basename(path)} does not read: {error}.",
            hint="Its operation's checkpoint holds the state before; restore that, then remove the file.",
        ) from error


def _draft(data: dict[str, Any]) -> Draft:
    files = [
        FileChange(**{**one, "before": _entry(one["before"]), "after": _entry(one["after"])}) for one in data["files"]
    ]
    index = None if data["index"] is None else IndexChange(**data["index"])
    head = None if data["head"] is None else Head(**data["head"])
    return Draft(
        files=files,
        make=data["make"],
        remove=data["remove"],
        state=data["state"],
        index=index,
        head=head,
        head_before=Head(**data["head_before"]),
        refs=[RefUpdate(**one) for one in data["refs"]],
    )


def _entry(data: dict[str, Any] | None) -> Entry | None:
    return None if data is None else Entry(**data)
