"""Actions of an agent: begun, under way, recorded.

An action has a checkpoint before it and one after; the difference is the agent's. Between the
two it stands in a file of its own, for the process that begins one is rarely the one that
ends it.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Sequence

from .clock import parse_stamp, stamp
from .files import canonical_json, make_private, read_json, write_atomically
from .ids import CheckpointId, MaybeOid
from .late import late
from .ledger.events import ActionRecorded
from .records import asdict, dataclass, field, fields, replace
from .session import active_session, chain
from .snapshot.checkpoint import Checkpoint
from .snapshot.policy import CapturePolicy
from .snapshot.take import Label, find, take_or_newest
from .text import one_line
from .workspace import Workspace

# How HEAD's reflog tells of a commit that was made; the others were there, and HEAD went to them.
_MADE = late(
    rb"commit\b|(?:cherry-pick|revert|merge|pull|rebase|am)\b"
    rb"(?!.*: fast-forward$)(?!.*\((?:start|finish|abort)\): )",
    re.IGNORECASE,
)
# A commit's date is in whole seconds, and clocks are corrected.
_SLACK = 2
# A call whose end was never told (the client was killed, or a human said no) is over by then.
_FORGOTTEN = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Action:
    """An action under way.

    Attributes:
        id: `act-` and eight hexadecimal digits.
        call: the client's id of the call.
        agent: which agent.
        session: the session it belongs to, if one runs.
        tool: the tool's name.
        command: what it does, for people.
        effects: names of effects.
        before: the checkpoint before it.
        head: HEAD's commit then, if it had one.
        begun: when, RFC 3339.
        logged: bytes HEAD's reflog had then.
        paths: files the call named.
        beside: actions that were under way when it began, or began meanwhile.
    """

    id: str
    call: str
    agent: str
    session: str | None
    tool: str
    command: str
    effects: Sequence[str]
    before: str
    head: MaybeOid
    begun: str
    logged: int
    paths: Sequence[str] = ()
    beside: Sequence[str] = field(default=())


def begin(
    workspace: Workspace,
    policy: CapturePolicy,
    *,
    call: str,
    agent: str,
    tool: str,
    command: str,
    effects: Sequence[str],
    paths: Sequence[str] = (),
) -> tuple[Action, Checkpoint]:
    """Take the checkpoint before an action and remember the action until `finish` or `abandon`.

    Args:
        workspace: the worktree.
        policy: what to capture.
        call: the client's id of the call.
        agent: which agent.
        tool: the tool's name.
        command: what it does, for people.
        effects: names of effects.
        paths: files the call names, from the root.

    Raises:
        CaptureError: if the checkpoint would be incomplete.
        BusyError: if another process keeps the worktree.
    """
    session = active_session(workspace)
    with workspace.worktree_lock("before an action"):
        checkpoint = _checkpoint(workspace, policy, f"before {one_line(command, limit=80)}")
        action = Action(
            id=f"act-{workspace.clock.token()}",
            call=call,
            agent=agent,
            session=None if session is None else session.id,
            tool=tool,
            command=command,
            effects=tuple(effects),
            before=checkpoint.id,
            head=checkpoint.head.oid,
            begun=stamp(workspace.clock.now()),
            logged=logged(workspace),
            paths=tuple(paths),
        )
        others = under_way(workspace)
        for one in others:
            _write(workspace, replace(one, beside=(*one.beside, action.id)))
        action = replace(action, beside=tuple(one.id for one in others))
        _write(workspace, action)
    return action, checkpoint


def abandon(workspace: Workspace, action: Action) -> None:
    """Forget an action that was not let through after all; its checkpoint stays."""
    with workspace.worktree_lock("not an action"), contextlib.suppress(FileNotFoundError):
        os.unlink(_path(workspace, action.call, action.agent))


def finish(
    workspace: Workspace, policy: CapturePolicy, call: str, agent: str, exit_code: int | None
) -> ActionRecorded | None:
    """Take the checkpoint after an action and record it; None if no such action is under way."""
    path = _path(workspace, call, agent)
    with workspace.worktree_lock("after an action"):
        action = _read(path)
        if action is None:
            return None
        after = _checkpoint(workspace, policy, f"after {one_line(action.command, limit=80)}")
        event = ActionRecorded(
            session=action.session,
            worktree=workspace.repository.worktree_id,
            tool=action.tool,
            command=action.command,
            effects=action.effects,
            before=action.before,
            after=after.id,
            commits=_commits(workspace, action, after.head.oid),
            exit_code=exit_code,
            action=action.id,
            agent=action.agent,
            paths=action.paths,
            beside=action.beside,
        )
        with workspace.repository_lock("after an action"):
            workspace.ledger.append(event)
        os.unlink(path)
    return event


def _commits(workspace: Workspace, action: Action, after: MaybeOid) -> list[str]:
    if after == action.head:
        return []
    before = find(workspace, CheckpointId(action.before))
    return new_commits(workspace, before, after, begun=action.begun, since=action.logged)


def under_way(workspace: Workspace) -> list[Action]:
    """Actions that began and did not end; those of more than a day ago are forgotten."""
    found = []
    now = workspace.clock.now()
    with contextlib.suppress(FileNotFoundError):
        for name in sorted(os.listdir(_folder(workspace))):
            path = os.path.join(_folder(workspace), name)
            action = _read(path)
            if action is not None and (now - parse_stamp(action.begun)).total_seconds() < _FORGOTTEN:
                found.append(action)
            elif not name.startswith("."):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
    return found


def drop(workspace: Workspace, agent: str) -> None:
    """Forget the actions of an agent that has stopped: what it did not finish, it did not do."""
    if all(action.agent != agent for action in under_way(workspace)):
        return  # nothing to wait for, and no lock to leave where nothing was ever done
    with workspace.worktree_lock("forget actions"):
        for action in under_way(workspace):
            if action.agent == agent:
                os.unlink(_path(workspace, action.call, action.agent))


def new_commits(workspace: Workspace, before: Checkpoint, after: MaybeOid, *, begun: str, since: int) -> list[str]:
    """First-parent commits on HEAD that the action made, newest first.

    Left out is what HEAD or a ref had before, and what HEAD's reflog does not call made: it came by
    fast-forward, switch, reset or `update-ref`. Where the reflog does not tell how HEAD came there,
    what a remote has now and what is older than the action is left out.

    Args:
        workspace: the worktree.
        before: the checkpoint before the action.
        after: where HEAD is now.
        begun: when the action began, RFC 3339.
        since: bytes HEAD's reflog had then, of `logged`.
    """
    if after is None or after == before.head.oid:
        return []
    lines = workspace.reader.read(before.refs).data.decode("ascii", "replace").split("\n")
    known = dict.fromkeys([line.partition(" ")[0] for line in lines if line] + [before.head.oid or ""])
    # A ref of before may be gone by now, and its commits with it.
    made = _made(workspace, since, after)
    argv = ["rev-list", "--first-parent", "--timestamp", "--ignore-missing", after, "--stdin"]
    argv += ["--not", "--remotes"] if made is None else []
    stdin = "".join(f"^{name}\n" for name in known if name).encode()
    found = [line.split(" ") for line in workspace.repository.git.out(*argv, stdin=stdin).splitlines()]
    if made is None:
        oldest = int(parse_stamp(begun).timestamp()) - _SLACK
        return [commit for date, commit in found if int(date) >= oldest]
    return [commit for _, commit in found if commit in made]


def logged(workspace: Workspace) -> int:
    """Bytes in the reflog of this worktree's HEAD; 0 if it has none."""
    try:
        return os.path.getsize(_reflog(workspace))
    except FileNotFoundError:
        return 0


def _made(workspace: Workspace, since: int, after: str) -> set[str] | None:
    """Commits HEAD's reflog calls made from a position on; None if it does not lead to `after`."""
    try:
        with open(_reflog(workspace), "rb") as file:
            file.seek(since)
            lines = file.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    entries = [
        (os.fsdecode(line.split(b" ", 2)[1]), line.partition(b"\t")[2]) for line in lines if line.count(b" ") > 1
    ]
    # It was expired meanwhile, or what moved HEAD keeps none.
    if not entries or entries[-1][0] != after:
        return None
    return {commit for commit, message in entries if _MADE.match(message)}


def _reflog(workspace: Workspace) -> str:
    return os.path.join(workspace.repository.git_dir, "logs", "HEAD")


def _checkpoint(workspace: Workspace, policy: CapturePolicy, reason: str) -> Checkpoint:
    return take_or_newest(workspace, chain(workspace), policy, Label(reason=reason))


def _folder(workspace: Workspace) -> str:
    return os.path.join(workspace.worktree_dir, "pending")


def _path(workspace: Workspace, call: str, agent: str) -> str:
    key = hashlib.sha256(f"{agent}\0{call}".encode(errors="surrogateescape")).hexdigest()[:32]
    return os.path.join(_folder(workspace), f"{key}.json")


def _read(path: str) -> Action | None:
    data = read_json(path)
    known = {one.name for one in fields(Action)}
    return Action(**data) if isinstance(data, dict) and set(data) == known else None


def _write(workspace: Workspace, action: Action) -> None:
    make_private(_folder(workspace))
    path = _path(workspace, action.call, action.agent)
    # After a power cut nothing is under way, and what changed since the checkpoint counts as a human's.
    write_atomically(path, canonical_json(asdict(action)).encode(errors="surrogateescape"), durable=False)
