"""The diagnostic bundle: what somebody who looks into an incident needs, kept beside the ledger.

It is for this machine only: it stands in the git directory, mode 0600, and no ref holds it.
"""

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ... import __version__
from ...core.clock import stamp
from ...core.errors import SafeRollbackError
from ...core.files import make_private, sync_directory
from ...core.gate.trees import diff_trees, list_files
from ...core.gate.version import git_version, show
from ...core.history import History
from ...core.ids import Oid
from ...core.ledger.events import to_data
from ...core.ledger.recovery_events import Verified
from ...core.session import Session
from ...core.snapshot.checkpoint import Checkpoint
from ...core.text import clean, show_path
from ...core.workspace import Workspace
from ...policies.protocol.force import InForce
from ...policies.protocol.reading import SOURCES
from .logs import read_text, tails
from .texts import hiding

FOLDER = "incidents"
_COMMITS = 50
_PATHS = 200
_RUNS = 20
_MAX_PROTOCOL = 256 << 10


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What goes into a bundle besides what stands on disk.

    Attributes:
        incident: its id.
        checkpoint: of the broken state.
        force: the protocol in force.
        session: the running session.
        open_items: what of its inventory is open, one line each.
    """

    incident: str
    checkpoint: Checkpoint
    force: InForce
    session: Session | None
    open_items: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle that was written.

    Attributes:
        path: relative to our state directory.
        files: how many, without the manifest.
        left_out: log files that are not in it, with the reason.
    """

    path: str
    files: int
    left_out: Sequence[tuple[str, str]]


def write_bundle(workspace: Workspace, facts: Facts) -> Bundle:
    """Write a bundle; it appears whole or not at all.

    Raises:
        SafeRollbackError: if it cannot be written.
    """
    top = os.path.join(workspace.state_dir, FOLDER)
    temporary, final = os.path.join(top, f".{facts.incident}"), os.path.join(top, facts.incident)
    hide = hiding(workspace)
    logs, left = tails(workspace, facts.force.protocol.recovery.incident.logs, hide)
    texts = {name: _dumped(value, hide) for name, value in _facts(workspace, facts)}
    source = facts.force.source
    if source in SOURCES:
        texts["protocol.md"] = hide(read_text(workspace, _followed(workspace.root, source), limit=_MAX_PROTOCOL))
    places = {}
    for number, tail in enumerate(logs, start=1):
        name = f"logs/{number:02}.txt"
        texts[name] = tail.text
        places[name] = {"path": tail.path, "whole_size": tail.size}
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        make_private(os.path.join(temporary, "logs"))
        rows = [_written(temporary, name, text) | places.get(name, {}) for name, text in texts.items()]
        manifest = {
            "incident": facts.incident,
            "created": stamp(workspace.clock.now()),
            "checkpoint": facts.checkpoint.id,
            "journal_head": workspace.ledger.head(),
            "files": rows,
            "left_out": [{"path": path, "why": why} for path, why in left],
        }
        _written(temporary, "manifest.json", _dumped(manifest, lambda text: text))
        os.rename(temporary, final)
        sync_directory(top)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise SafeRollbackError(
            f"The diagnostics of the incident cannot be written: {error.strerror}.",
            hint=f"Make room in {show_path(top)} and call again; the state is kept as {facts.checkpoint.id}.",
        ) from error
    return Bundle(path=f"{FOLDER}/{facts.incident}", files=len(rows), left_out=left)


def _followed(root: str, source: str) -> str:
    """Where a protocol's file really stands: `CLAUDE.md` is often a link to `AGENTS.md`."""
    return os.path.relpath(os.path.realpath(os.path.join(root, source)), os.path.realpath(root))


def _written(folder: str, name: str, text: str) -> dict[str, Any]:
    """Write one file and describe it."""
    data = text.encode("utf-8", "replace")
    handle = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _dumped(value: Any, hide: Callable[[str], str]) -> str:
    return json.dumps(_hidden(value, hide), indent=1, sort_keys=True) + "\n"


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    match value:
        case str():
            return hide(value)
        case Mapping():
            return {str(name): _hidden(one, hide) for name, one in value.items()}
        case list() | tuple():
            return [_hidden(one, hide) for one in value]
        case _:
            return value


def _facts(workspace: Workspace, facts: Facts) -> Iterator[tuple[str, Any]]:
    protocol = facts.force.protocol
    yield "git.json", _git(workspace, facts.checkpoint)
    yield "versions.json", _versions()
    yield (
        "protocol.json",
        {
            "source": facts.force.source,
            "digest": protocol.digest(),
            "in_force": protocol.to_data(),
            "warnings": list(facts.force.warnings),
        },
    )
    yield "verified.json", _verified(workspace)
    yield "inventory.json", [clean(one, limit=300) for one in facts.open_items]
    yield "session.json", _session(facts.session)


def _git(workspace: Workspace, checkpoint: Checkpoint) -> dict[str, Any]:
    """Where git stands; what `git status` would say is read from the checkpoint, which holds it."""
    git, head = workspace.repository.git, checkpoint.head
    committed = workspace.repository.empty_tree if head.oid is None else f"{head.oid}^{{tree}}"
    staged = diff_trees(git, committed, checkpoint.index_tree)
    beside = diff_trees(git, checkpoint.index_tree, checkpoint.worktree)
    changed = [one.path for one in beside if one.old is not None]
    untracked = [one.path for one in beside if one.old is None]
    conflicted = {path for stage in checkpoint.stages.values() for path in list_files(git, stage)}
    return {
        "head": head.oid,
        "branch": None if head.short is None else clean(head.short, limit=300),
        "operation_in_progress": checkpoint.in_progress,
        "status": {
            "staged": _paths([one.path for one in staged]),
            "changed": _paths(changed),
            "untracked": _paths(untracked),
            "conflicted": _paths(sorted(conflicted)),
            "not_captured": [f"{show_path(one.path)} ({one.reason})" for one in checkpoint.skipped[:_PATHS]],
        },
        "commits": [] if head.oid is None else _commits(workspace, head.oid),
    }


def _paths(paths: Sequence[str]) -> dict[str, Any]:
    return {"total": len(paths), "paths": [show_path(path) for path in paths[:_PATHS]]}


def _commits(workspace: Workspace, head: str) -> list[dict[str, Any]]:
    names = workspace.repository.git.out("rev-list", f"--max-count={_COMMITS}", head).split()
    with History(workspace) as history:
        found = [history.commit(Oid(name)) for name in names]
    return [
        {"commit": one.oid, "author": one.author, "seconds": one.seconds, "subject": one.subject} for one in found
    ]


def _versions() -> dict[str, str]:
    return {
        "safe_rollback": __version__,
        "python": platform.python_version(),
        "git": show(git_version()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def _verified(workspace: Workspace) -> list[dict[str, Any]]:
    records = workspace.ledger.records(Verified, newest_first=True, limit=_RUNS)
    return [{"seq": one.seq, "at": one.at, **to_data(one.event)} for one in records if one.event is not None]


def _session(session: Session | None) -> dict[str, Any] | None:
    if session is None:
        return None
    names = ("id", "task", "base_commit", "branch", "paths", "layers", "max_files", "checkpoint", "tag")
    return {**{name: getattr(session, name) for name in names}, "started": stamp(session.started)}
