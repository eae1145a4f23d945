"""Whose changes `only` means: which actions and commits, since when."""

from collections.abc import Sequence

from ..errors import InvalidInputError, NotFoundError
from ..gate.refs import is_ancestor, read_head
from ..history import CommitInfo, History
from ..ids import MaybeOid, Oid, action_id, checkpoint_id
from ..records import dataclass, replace
from ..session import Session, active_session
from ..snapshot.chain import load_through
from ..snapshot.checkpoint import Checkpoint
from ..snapshot.take import find
from ..text import read_path
from ..transition.requests import normal_path
from ..workspace import Workspace
from .attribution import Attributed, attribute
from .targets import must_hold, running
from .timeline import Act, Moment, actions, moments, operations

_ACTION = "action/"
_AGENT = "agent/"
_HINT = "`only` is agent, session, agent/<name> or action/<id>; session_report lists actions and agents."


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Whose changes go.

    Attributes:
        kind: agent, session or action.
        name: what the state without them is called.
        title: for the summary line.
        acts: the actions and operations of the time in question.
        picked: those of them that go, by their records.
        base: where HEAD was at the beginning.
        attributed: the commits since, newest first; those with evidence go.
        known: the moments.
        paths: only these; empty means all.
    """

    kind: str
    name: str
    title: str
    acts: Sequence[Act]
    picked: frozenset[int]
    base: MaybeOid
    attributed: Sequence[Attributed]
    known: dict[str, Moment]
    paths: Sequence[str] = ()

    @property
    def commits(self) -> list[Oid]:
        """The commits that go."""
        return [one.commit.oid for one in self.attributed if one.evidence]


def choose(workspace: Workspace, target: str | Sequence[str], only: str) -> Chosen:
    """Work out whose changes go, and since when.

    Args:
        workspace: the worktree.
        target: `session`, `session/<id>`, `checkpoint/<id>` for what came since, `action/<id>`; or
            paths, as `show_path` prints them, of the running session.
        only: `agent` for all that agents did, by whatever evidence; `session` for what is recorded
            of the session; `agent/<name>` for one of several; `action/<id>`.

    Raises:
        InvalidInputError: if it means nothing, or nothing of it is known.
        NotFoundError: if it names something that does not exist.
    """
    paths = () if isinstance(target, str) else _wanted(target)
    scope = target if isinstance(target, str) else "session"
    if only.startswith(_ACTION):
        return _action(workspace, only, paths)
    _must_say_whose(only)
    if scope.startswith("checkpoint/"):
        since = find(workspace, checkpoint_id(scope.removeprefix("checkpoint/")))
        return since_checkpoint(workspace, since, only, paths)
    if scope != "session" and not scope.startswith("session/"):
        raise InvalidInputError(
            f"{scope!r} and only={only} do not go together.",
            hint="With `only` a target is session, session/<id>, checkpoint/<id>, or paths of the session.",
        )
    return _session(workspace, running(workspace, scope), only, paths)


def _must_say_whose(only: str) -> None:
    if only not in ("agent", "session") and not only.startswith(_AGENT):
        raise InvalidInputError(f"{only!r} does not say whose changes.", hint=_HINT)


def _wanted(paths: Sequence[str]) -> list[str]:
    wanted = [normal_path(read_path(path)) for path in paths]
    if not wanted:
        raise InvalidInputError("The list of paths is empty.", hint="Name a path, or the target session.")
    return [] if "" in wanted else wanted


def _action(workspace: Workspace, only: str, paths: Sequence[str], since: Moment | None = None) -> Chosen:
    name = action_id(only.removeprefix(_ACTION))
    known, acts = moments(workspace), _all(workspace)
    act = next((one for one in acts if one.id == name), None)
    if act is None or act.before not in known or act.after not in known:
        raise NotFoundError(
            f"There is no completed action {name} in this worktree.", hint="session_report lists actions."
        )
    if since is not None and known[act.before].seq < since.seq:
        raise InvalidInputError(
            f"Action {name} is older than checkpoint {since.id}.", hint="Name an older checkpoint, or plan_rollback."
        )
    base = load_through(workspace.reader, known[act.before].commit).head.oid
    made = set(act.commits)
    attributed = [
        Attributed(commit=one, evidence=f"made by {name}" if one.oid in made else None)
        for one in (_since(workspace, base) if made else [])
    ]
    return Chosen(
        kind="action",
        name=f"without {name}",
        title=f"Take out action {name}",
        acts=[one for one in acts if one.after in known and known[one.after].seq > known[act.before].seq],
        picked=frozenset({act.seq}),
        base=base,
        attributed=attributed,
        known=known,
        paths=paths,
    )


def _session(workspace: Workspace, session: Session, only: str, paths: Sequence[str]) -> Chosen:
    if session.worktree != workspace.repository.worktree_id:
        raise InvalidInputError(
            f"Session {session.id} ran in the worktree {session.worktree}.", hint="Take its part out there."
        )
    tip = read_head(workspace.repository).oid
    if session.base_commit is not None and tip is not None:
        must_hold(workspace, session.base_commit, tip, f"The start of session {session.id}")
    known, acts = moments(workspace), _all(workspace)
    own = [one for one in acts if one.session == session.id]
    first = min((known[one.before].seq for one in own if one.before in known), default=0)
    picked, attributed = _narrow(own, attribute(workspace, session, _since(workspace, session.base_commit)), only)
    whose = f"{only.removeprefix(_AGENT)}'s part" if only.startswith(_AGENT) else "the agent's part"
    return Chosen(
        kind="session" if only == "session" else "agent",
        name=f"without {whose}",
        title=f'Take out {whose} of session {session.id}: "{session.task}"',
        acts=[one for one in acts if one.after in known and known[one.after].seq > first],
        picked=picked,
        base=session.base_commit,
        attributed=attributed,
        known=known,
        paths=paths,
    )


def since_checkpoint(workspace: Workspace, checkpoint: Checkpoint, only: str, paths: Sequence[str]) -> Chosen:
    """What agents did since a checkpoint; see `choose`.

    Raises:
        InvalidInputError: if the checkpoint is of another worktree, or the branch is another one now.
    """
    if checkpoint.worktree_id != workspace.repository.worktree_id:
        raise InvalidInputError(
            f"Checkpoint {checkpoint.id} is of the worktree {checkpoint.worktree_id}.", hint="Go on there."
        )
    known, acts = moments(workspace), _all(workspace)
    start = known[checkpoint.id]
    if only.startswith(_ACTION):
        return _action(workspace, only, paths, start)
    _must_say_whose(only)
    tip = read_head(workspace.repository).oid
    if checkpoint.head.oid is not None and tip is not None:
        must_hold(workspace, checkpoint.head.oid, tip, f"Checkpoint {checkpoint.id}")
    session = active_session(workspace)
    if only == "session" and session is None:
        raise NotFoundError("No session runs in this worktree.", hint="Use only=agent.")
    since = [one for one in acts if one.before in known and known[one.before].seq >= start.seq]
    # A restore outside of a session is a human's, at a terminal.
    own = [one for one in since if one.id.startswith("act-") or one.session is not None]
    if only == "session" and session is not None:
        own = [one for one in own if one.session == session.id]
    asked = session if only == "session" else None
    picked, attributed = _narrow(own, attribute(workspace, asked, _since(workspace, checkpoint.head.oid)), only)
    whose = f"{only.removeprefix(_AGENT)}'s changes" if only.startswith(_AGENT) else "the agent's changes"
    return Chosen(
        kind="session" if only == "session" else "agent",
        name=f"without {whose}",
        title=f"Take out {whose} since checkpoint {checkpoint.id}",
        acts=[one for one in acts if one.after in known and known[one.after].seq > start.seq],
        picked=picked,
        base=checkpoint.head.oid,
        attributed=attributed,
        known=known,
        paths=paths,
    )


def _all(workspace: Workspace) -> list[Act]:
    return [*actions(workspace), *operations(workspace)]


def _narrow(
    own: Sequence[Act], attributed: Sequence[Attributed], only: str
) -> tuple[frozenset[int], Sequence[Attributed]]:
    """The actions that go, and the commits with the evidence that counts for `only`."""
    if only.startswith(_AGENT):
        name = only.removeprefix(_AGENT)
        own = [one for one in own if one.agent == name]
        if not own:
            raise NotFoundError(f"No action of an agent {name!r} is recorded there.", hint=_HINT)
        made = {commit for one in own for commit in one.commits}
        attributed = [one if one.commit.oid in made else _unknown(one) for one in attributed]
    elif only == "session":
        attributed = [one if _recorded(one) else _unknown(one) for one in attributed]
    return frozenset(one.seq for one in own), attributed


def _recorded(one: Attributed) -> bool:
    return one.evidence is not None and one.evidence.startswith(("made by ", "its session"))


def _unknown(one: Attributed) -> Attributed:
    return replace(one, evidence=None)


def _since(workspace: Workspace, base: MaybeOid) -> list[CommitInfo]:
    """First-parent commits since a commit, newest first; none if HEAD does not come from it."""
    tip = read_head(workspace.repository).oid
    if tip is None or (base is not None and not is_ancestor(workspace.repository, base, tip)):
        return []
    with History(workspace) as history:
        return history.between(base, tip)
