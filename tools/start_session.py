"""start_session: opens a task, on a branch of its own, with everything before it kept."""

import os
from typing import Annotated

from pydantic import Field

from ..core import globs
from ..core.errors import InvalidInputError, Refusal, SafeRollbackError
from ..core.gate.objects import IDENTITY
from ..core.gate.refs import Head, RefUpdate, check_branch_name, list_refs, set_head, update_refs
from ..core.gate.version import git_version, known_problems
from ..core.ids import ChainId, MaybeOid, SessionId
from ..core.ledger.events import SessionEnded, SessionReady, SessionStarted
from ..core.retention import plan_pruning, prune
from ..core.revert.convert import Converter
from ..core.session import TAGS, next_session_id
from ..core.snapshot.capture import main_site
from ..core.snapshot.checkpoint import Checkpoint
from ..core.snapshot.take import Label, take
from ..core.text import clean, plural, show_path
from ..core.workspace import Workspace
from ..policies.human import trusted
from ..policies.rules.branch_required import protected_by
from ..recovery.checks.secrets import is_built_in
from ..recovery.checks.specs import checks_of
from .desk import Desk
from .inventories import recorded_now
from .results import Part, Result
from .spec import ToolSpec

_MAX_TASK = 500


class EnforcedLine(Part):
    """A line of the protocol that is enforced."""

    rule: str
    line: int
    text: str


class OtherLine(Part):
    """A line that is not: the agent has to follow it by itself."""

    line: int
    text: str


class ProtocolReport(Part):
    """What the protocol says, line by line."""

    source: str
    digest: str
    enforced: list[EnforcedLine]
    not_enforced: list[OtherLine]


class Scope(Part):
    """What the session may change."""

    paths: list[str]
    layers: list[str]
    max_files: int | None
    max_layers: int | None


class StartSession(Result):
    """A session that runs."""

    session_id: str
    branch: str | None
    base_commit: str | None
    checkpoint_id: str
    tag: str | None
    scope: Scope
    protocol: ProtocolReport
    warnings: list[str]


def start_session(
    desk: Desk,
    task: Annotated[str, Field(description="what the session is for, one sentence")],
    paths: Annotated[list[str], Field(description="path patterns it will change; [] for any")] = [],  # noqa: B006
    layers: Annotated[list[str], Field(description="layers it will touch; [] for any")] = [],  # noqa: B006
    max_files: Annotated[int | None, Field(description="a limit tighter than the protocol's")] = None,
    branch: Annotated[str | None, Field(description="a new branch's name instead of the protocol's")] = None,
    create_branch: Annotated[bool | None, Field(description="true: make a branch even if not needed")] = None,
) -> StartSession:
    """Open a session; see `SPEC.description`."""
    workspace = desk.workspace
    with workspace.worktree_lock("start_session"):
        _one_at_a_time(desk)
        _check(desk, task, paths, layers, max_files)
        task = workspace.redact(task)
        with workspace.repository_lock("start_session"):
            session, _, proposed = next_session_id(workspace, desk.protocol.branch_name)
            new_branch = _branch(desk, branch, create_branch, proposed)
            workspace.ledger.append(_started(desk, session, task, paths, layers, max_files, new_branch))
        try:
            checkpoint, tag = _open(desk, session, task, new_branch)
        except BaseException:
            with workspace.repository_lock("start_session"):
                failed = SessionEnded(
                    session=session, outcome="failed", summary="it never began", commit=None, checkpoint=None
                )
                workspace.ledger.append(failed)
            raise
    warnings = [*known_problems(git_version()), *desk.force.warnings, *_left_by_human(desk, checkpoint)]
    warnings += _prune(desk) + _untrusted(desk)
    return StartSession(
        session_id=session,
        branch=new_branch or desk.head.short,
        base_commit=checkpoint.head.oid,
        checkpoint_id=checkpoint.id,
        tag=tag,
        scope=Scope(
            paths=paths,
            layers=layers,
            max_files=_tighter(desk.protocol.max_files, max_files),
            max_layers=desk.protocol.max_layers,
        ),
        protocol=report(desk),
        warnings=warnings,
    )


def report(desk: Desk) -> ProtocolReport:
    """The protocol in force, line by line."""
    force = desk.force
    return ProtocolReport(
        source=force.source,
        digest=desk.protocol.digest(),
        enforced=[EnforcedLine(rule=one.rule, line=one.line, text=one.text) for one in force.enforced],
        not_enforced=[OtherLine(line=one.line, text=one.text) for one in force.not_enforced],
    )


def _tighter(first: int | None, second: int | None) -> int | None:
    limits = [limit for limit in (first, second) if limit is not None]
    return min(limits) if limits else None


def _one_at_a_time(desk: Desk) -> None:
    running = desk.session
    if running is None:
        return
    desk.refuse(
        "start_session",
        running.id,
        Refusal(
            rule="one-session-per-worktree",
            why=f"Session {running.id} still runs in this worktree.",
            evidence=[
                f"its task: {clean(running.task, limit=200)}",
                f"started {running.started:%Y-%m-%d %H:%M} UTC on {running.branch}",
            ],
            instead="Go on with it, close it with end_session, or work in another worktree (git worktree add). "
            "A human can give it up with `safe-rollback end --abandon`.",
        ),
    )


def _check(desk: Desk, task: str, paths: list[str], layers: list[str], max_files: int | None) -> None:
    if not task.strip() or len(task) > _MAX_TASK:
        raise InvalidInputError(
            f"task is one sentence of at most {_MAX_TASK} characters.", hint="Say what it is for."
        )
    globs.check(paths)
    unknown = [layer for layer in layers if layer not in desk.protocol.layers]
    if unknown:
        known = ", ".join(desk.protocol.layers) or "none"
        raise InvalidInputError(f"There is no layer {unknown[0]!r}.", hint=f"The protocol's layers: {known}.")
    if max_files is not None and max_files < 1:
        raise InvalidInputError("max_files is at least 1.", hint="Leave it out for the protocol's limit.")


def _branch(desk: Desk, wanted: str | None, create: bool | None, proposed: str) -> str | None:
    """The branch to make, short; None to stay on the current one."""
    current = desk.head.short
    protected = current is None or protected_by(current, desk.protocol.branches) is not None
    if wanted is not None:
        if wanted == current and not protected:
            return None
        check_branch_name(desk.workspace.repository, wanted)
        if protected_by(wanted, desk.protocol.branches):
            _needs_branch(desk, f"{wanted} is protected")
        return _free(desk, wanted)
    if protected and desk.protocol.require_branch:
        if create is False:
            _needs_branch(desk, "HEAD is detached" if current is None else f"{current} is protected")
        return _free(desk, proposed)
    return _free(desk, proposed) if create else None


def _free(desk: Desk, branch: str) -> str:
    """A new branch's name, if no branch stands in its way: git has no `a` beside `a/b`.

    Raises:
        InvalidInputError: naming the branch that does.
    """
    name = f"refs/heads/{branch}"
    taken = [ref.name for ref in list_refs(desk.workspace.repository, "refs/heads/")]
    if name in taken:
        raise InvalidInputError(
            f"The branch {show_path(branch)} exists.",
            hint=f"Switch to it first (run_git switch {show_path(branch)}), or leave branch out.",
        )
    for other in taken:
        if other.startswith(f"{name}/") or name.startswith(f"{other}/"):
            raise InvalidInputError(
                f"{show_path(branch)} cannot stand beside the branch {show_path(other.removeprefix('refs/heads/'))}.",
                hint="Pass branch with another name.",
            )
    return branch


def _needs_branch(desk: Desk, why: str) -> None:
    desk.refuse(
        "start_session",
        why,
        Refusal(
            rule="branch-required",
            why=f"{why}, and a session needs a branch of its own.",
            evidence=[f"[protect] branches: {', '.join(desk.protocol.branches)}"],
            instead="Call start_session without branch and create_branch: it makes one.",
        ),
    )


def _started(
    desk: Desk,
    session: SessionId,
    task: str,
    paths: list[str],
    layers: list[str],
    max_files: int | None,
    branch: str | None,
) -> SessionStarted:
    return SessionStarted(
        session=session,
        worktree=desk.workspace.repository.worktree_id,
        task=clean(task, limit=_MAX_TASK),
        base_commit=desk.head.oid,
        branch=branch or desk.head.short,
        created_branch=branch is not None,
        paths=paths,
        layers=layers,
        max_files=max_files,
        digest=desk.protocol.digest(),
        protocol=desk.protocol.to_data(),
    )


def _open(desk: Desk, session: SessionId, task: str, branch: str | None) -> tuple[Checkpoint, str | None]:
    """Checkpoint, branch and tag: the state the human left is kept before anything moves."""
    workspace, head = desk.workspace, desk.head
    label = Label(reason="session start", name="before the session", note=task, fingerprints=recorded_now(desk))
    checkpoint = take(workspace, ChainId(session), desk.policy, label)
    updates = []
    if branch is not None and head.oid is not None:
        updates.append(RefUpdate(name=f"refs/heads/{branch}", new=head.oid, old=None))
    tag = _tag(workspace, session, head.oid, checkpoint, task)
    if tag is not None:
        updates.append(RefUpdate(name=TAGS + session, new=tag, old=None))
    with workspace.repository_lock("start_session"):
        if updates:
            update_refs(workspace.repository, updates, reason=f"start session {session}")
        if branch is not None:
            try:
                new = Head(branch=f"refs/heads/{branch}", oid=head.oid)
                set_head(workspace.repository, new, reason=f"start session {session}")
            except SafeRollbackError:
                back = [RefUpdate(name=one.name, new=None, old=one.new) for one in updates]
                update_refs(workspace.repository, back, reason=f"session {session} never began")
                raise
        short = (TAGS + session).removeprefix("refs/tags/") if tag is not None else None
        workspace.ledger.append(SessionReady(session=session, checkpoint=checkpoint.id, tag=short))
    return checkpoint, short


def _tag(workspace: Workspace, session: SessionId, commit: MaybeOid, checkpoint: Checkpoint, task: str) -> MaybeOid:
    """The annotated tag people see; an empty repository has no commit to put it on."""
    if commit is None:
        return None
    seconds = int(workspace.clock.now().timestamp())
    lines = [
        f"object {commit}",
        "type commit",
        f"tag {(TAGS + session).removeprefix('refs/tags/')}",
        f"tagger {IDENTITY} {seconds} +0000",
        "",
        f"Before session {session}: {clean(task, limit=200)}",
        "",
        f"Uncommitted changes of that moment: restore_checkpoint {checkpoint.id}",
    ]
    return workspace.writer.write("tag", ("\n".join(lines) + "\n").encode())


def _left_by_human(desk: Desk, checkpoint: Checkpoint) -> list[str]:
    workspace = desk.workspace
    copy = os.path.join(main_site(workspace).private, "users-index")
    changed = Converter(workspace, trusted(workspace)).modified(copy) if os.path.exists(copy) else []
    dirty = len(changed) + checkpoint.captured.untracked
    base = workspace.repository.empty_tree if checkpoint.head.oid is None else f"{checkpoint.head.oid}^{{tree}}"
    staged = workspace.repository.git.run("diff-tree", "--quiet", base, checkpoint.index_tree, ok=(0, 1)).exit_code
    if not dirty and not staged:
        return []
    what = f"{plural(dirty, 'file')}{', and staged ones' if staged else ''}"
    kept = f"They are in checkpoint {checkpoint.id} and stay the human's: do not commit or discard them."
    return [f"The worktree had uncommitted changes ({what}). {kept}"]


def _untrusted(desk: Desk) -> list[str]:
    """Checks that will not run, and so will not pass."""
    known = trusted(desk.workspace)
    lines = dict.fromkeys(
        one.run for one in checks_of(desk.protocol) if not is_built_in(one) and one.run not in known
    )
    if not lines:
        return []
    shown = "; ".join(clean(line, limit=100) for line in list(lines)[:5])
    return [
        f"No human has trusted {plural(len(lines), 'check')}, so they do not run: {shown}. `safe-rollback trust`."
    ]


def _prune(desk: Desk) -> list[str]:
    """Retention, at the one moment every session passes; it must never stand in a session's way."""
    try:
        pruning = plan_pruning(desk.workspace, desk.protocol.keep)
        if not pruning.chains:
            return []
        operation = prune(desk.workspace, desk.protocol.keep, pruning.digest())
    except SafeRollbackError as error:
        return [f"Old checkpoints were not pruned: {error}"]
    count = plural(len(pruning.dropped), "old checkpoint")
    return [f"{count} pruned as {operation}; undo with that operation_id brings them back."]


SPEC = ToolSpec(
    name="start_session",
    title="Start a session",
    description=(
        "Call first, before any change. Checkpoints everything, uncommitted work included, makes a branch if the "
        "current one is protected, and pins the rules of CLAUDE.md. Answers what is enforced, line by line."
    ),
    run=start_session,
)
