"""What a target means: which commits go, which stay, and where each stretch goes back to."""

from collections.abc import Sequence

from ..errors import InvalidInputError, NotFoundError
from ..gate.refs import Head, is_ancestor, list_refs, read_head, resolve
from ..history import CommitInfo, History
from ..ids import MaybeOid, Oid, checkpoint_id, session_id
from ..records import dataclass, field, replace
from ..session import Session, active_session, find_session
from ..snapshot.take import find
from ..text import plural, read_path, show_path
from ..transition.requests import normal_path
from ..workspace import Workspace
from .attribution import Attributed, attribute
from .grouping import Stretch, commit_tree, grouped, stretch_of, within_paths
from .together import in_order, listed, stretches_of

_NAMED = 4


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a target means here.

    Attributes:
        kind: session, commit, commits, merge, range, checkpoint, paths, branch, agent or action.
        title: for the summary line.
        head: HEAD when this was worked out.
        stretches: what goes, newest first.
        keeps: commits among them that stay, with the reason.
        why: why this kind fits.
        alternatives: other ways, each a sentence.
        branch: for `branch`: full ref name and tip.
        paths: for `paths`: only what happened in them goes.
    """

    kind: str
    title: str
    head: Head
    stretches: Sequence[Stretch] = ()
    keeps: Sequence[Attributed] = ()
    why: str
    alternatives: Sequence[str] = ()
    branch: tuple[str, Oid] | None = None
    paths: Sequence[str] = field(default_factory=tuple)

    @property
    def commits(self) -> list[CommitInfo]:
        """Everything that goes, newest first."""
        return [commit for stretch in self.stretches for commit in stretch.commits]


def select(workspace: Workspace, target: str | Sequence[str]) -> Selection:
    """Work out a caller's target.

    Args:
        workspace: the worktree.
        target: `session`, `session/<id>`, `checkpoint/<id>`, `<rev>`, `<rev>..<rev>`, a path, paths as `show_path`
            prints them, or `<commit>,<commit>`, full object names as `as_target` makes them.

    Raises:
        InvalidInputError: if it means nothing, or nothing that can be taken out of HEAD.
        NotFoundError: if it names something that does not exist.
    """
    head = read_head(workspace.repository)
    tip = head.oid
    if tip is None:
        raise InvalidInputError(
            "There is no commit yet, so there is nothing to revert.", hint="Use restore_checkpoint."
        )
    with History(workspace) as history:
        if not isinstance(target, str):
            return _paths(workspace, history, head, tip, list(target))
        if target == "session" or target.startswith("session/"):
            return _session(workspace, history, head, tip, target)
        if target.startswith("checkpoint/"):
            return _checkpoint(workspace, history, head, tip, target)
        commits = listed(target)
        if commits is not None:
            return _commits(workspace, history, head, tip, commits)
        if ".." in target and not target.startswith("."):
            return _range(workspace, history, head, tip, target)
        branch = f"refs/heads/{target}"
        named = next((ref.oid for ref in list_refs(workspace.repository, branch) if ref.name == branch), None)
        if named is not None:
            return _branch(workspace, history, head, tip, (branch, named))
        try:
            commit = resolve(workspace.repository, target)
        except InvalidInputError:
            if target and _is_path(workspace, tip, read_path(target)):
                return _paths(workspace, history, head, tip, [target])
            raise
        return _commit(workspace, history, head, tip, commit)


def _is_path(workspace: Workspace, tip: Oid, target: str) -> bool:
    done = workspace.repository.git.run("cat-file", "-e", f"{tip}:{target}", ok=(0, 1, 128))
    return done.exit_code == 0


def must_hold(workspace: Workspace, commit: Oid, tip: Oid, what: str) -> None:
    """Refuse a start that the current branch does not come from.

    Raises:
        InvalidInputError: if it does not.
    """
    if not is_ancestor(workspace.repository, commit, tip):
        raise InvalidInputError(
            f"{what} is not part of the current branch's history.", hint="Switch to the branch that has it."
        )


def running(workspace: Workspace, target: str) -> Session:
    """The session that `session` or `session/<id>` names.

    Raises:
        NotFoundError: if there is none.
    """
    if target == "session":
        session = active_session(workspace)
        if session is None:
            raise NotFoundError(
                "No session runs in this worktree.", hint="Name one: session/<id>; see `safe-rollback log`."
            )
        return session
    return find_session(workspace, session_id(target.removeprefix("session/")))


def _session(workspace: Workspace, history: History, head: Head, tip: Oid, target: str) -> Selection:
    session = running(workspace, target)
    commits = _since(workspace, history, session, tip)
    attributed = attribute(workspace, session, commits)
    if not any(one.evidence for one in attributed):
        base = session.base_commit or "the beginning"
        raise InvalidInputError(
            f"None of the {plural(len(commits), 'commit')} since session {session.id} began is known to be its "
            "agent's: they were not made with run_git and carry no agent's trailer.",
            hint=f"To take all of them out, name the range {base}..HEAD.",
        )
    stretches = grouped(workspace, attributed)
    keeps = [one for one in attributed if not one.evidence]
    count = sum(len(stretch.commits) for stretch in stretches)
    why = f"{plural(count, 'commit')} of the session, taken out in {plural(len(stretches), 'merge')}"
    why += f"; {plural(len(keeps), 'commit')} of others between them stay." if keeps else "."
    alternatives = [f"target {session.base_commit}..HEAD takes the others' commits out too."] if keeps else []
    if session.checkpoint:
        alternatives.append(
            f"restore_checkpoint {session.checkpoint} goes back to before the session, uncommitted changes included."
        )
    return Selection(
        kind="session",
        title=f'Revert session {session.id}: "{session.task}"',
        head=head,
        stretches=stretches,
        keeps=keeps,
        why=why,
        alternatives=alternatives,
    )


def _since(workspace: Workspace, history: History, session: Session, tip: Oid) -> list[CommitInfo]:
    if session.base_commit is not None:
        must_hold(workspace, session.base_commit, tip, f"The start of session {session.id}")
    commits = history.between(session.base_commit, tip)
    if not commits:
        raise InvalidInputError(
            f"Session {session.id} has no commits to revert.",
            hint=f"For uncommitted changes use restore_checkpoint {session.checkpoint}.",
        )
    return commits


def _checkpoint(workspace: Workspace, history: History, head: Head, tip: Oid, target: str) -> Selection:
    checkpoint = find(workspace, checkpoint_id(target.removeprefix("checkpoint/")))
    base = checkpoint.head.oid
    if base is not None:
        must_hold(workspace, base, tip, f"Checkpoint {checkpoint.id}")
    commits = _line(history, base, tip, f"checkpoint {checkpoint.id}")
    if not commits:
        raise InvalidInputError(
            f"No commit was made since checkpoint {checkpoint.id}.",
            hint="For uncommitted changes use restore_checkpoint.",
        )
    return Selection(
        kind="checkpoint",
        title=f"Revert {plural(len(commits), 'commit')} since checkpoint {checkpoint.id}",
        head=head,
        stretches=[_whole(workspace, base, tip, commits)],
        why="Everything committed since the checkpoint is one stretch: one merge takes it out.",
        alternatives=[f"restore_checkpoint {checkpoint.id} brings back uncommitted changes and the index too."],
    )


def _line(history: History, base: MaybeOid, tip: Oid, what: str) -> list[CommitInfo]:
    """The commits from a base to a tip, of which going back to the base takes out exactly these."""
    commits = history.between(base, tip)
    if commits and commits[-1].parents[:1] != (() if base is None else (base,)):
        # The base came in with a merge: beside it stand older commits of the main line.
        raise InvalidInputError(
            f"{what} is not on the first-parent line: going back to it would take out commits older than it.",
            hint="Name the merge that brought it in, or a range on the line `git log --first-parent` shows.",
        )
    return commits


def _whole(workspace: Workspace, base: MaybeOid, tip: Oid, commits: Sequence[CommitInfo]) -> Stretch:
    oldest = workspace.repository.empty_tree if base is None else commit_tree(workspace, base)
    return Stretch(commits=commits, newest=commit_tree(workspace, tip), oldest=oldest)


def _range(workspace: Workspace, history: History, head: Head, tip: Oid, target: str) -> Selection:
    old, _, new = target.partition("..")
    if new.startswith("."):
        raise InvalidInputError("A range has two dots.", hint="Write <older>..<newer>.")
    older = resolve(workspace.repository, old or "HEAD")
    newer = resolve(workspace.repository, new or "HEAD")
    must_hold(workspace, newer, tip, show_path(new or "HEAD"))
    if not is_ancestor(workspace.repository, older, newer):
        raise InvalidInputError(
            f"{show_path(old)} is not an ancestor of {show_path(new or 'HEAD')}.", hint="Write <older>..<newer>."
        )
    commits = _line(history, older, newer, show_path(old or "HEAD"))
    if not commits:
        raise InvalidInputError("The range is empty.", hint="Write <older>..<newer>; the older one itself stays.")
    return Selection(
        kind="range",
        title=f"Revert {plural(len(commits), 'commit')} ({commits[-1].short} to {commits[0].short})",
        head=head,
        stretches=[_whole(workspace, older, newer, commits)],
        why="A contiguous range is one three-way merge, whatever its length.",
    )


def _commit(workspace: Workspace, history: History, head: Head, tip: Oid, commit: Oid) -> Selection:
    must_hold(workspace, commit, tip, f"Commit {commit[:7]}")
    info = history.commit(commit)
    merge = len(info.parents) > 1
    return Selection(
        kind="merge" if merge else "commit",
        title=f'Revert "{info.subject}"',
        head=head,
        stretches=[stretch_of(workspace, [info])],
        why="A merge goes back to its first parent (-m 1)."
        if merge
        else "One commit, taken out by a three-way merge.",
        alternatives=["Merging the same branch again later needs a revert of this revert first."] if merge else [],
    )


def _commits(workspace: Workspace, history: History, head: Head, tip: Oid, commits: Sequence[Oid]) -> Selection:
    going = in_order(workspace, history, tip, commits)
    stretches = stretches_of(workspace, going)
    brought = len(commits) - len(going)
    with_it = f"; {plural(brought, 'other commit')} listed came with a merge that goes." if brought else "."
    if len(going) == 1:
        alone = _commit(workspace, history, head, tip, going[0].oid)
        return replace(alone, why=alone.why.removesuffix(".") + with_it)
    why = f"These commits go together, in {plural(len(stretches), 'run')} of neighbours{with_it}"
    shown = [one.short for one in going] if len(going) <= _NAMED else [going[0].short, "…", going[-1].short]
    return Selection(
        kind="commits",
        title=f"Revert {plural(len(going), 'commit')} ({', '.join(shown)})",
        head=head,
        stretches=stretches,
        why=why,
    )


def _branch(workspace: Workspace, history: History, head: Head, tip: Oid, branch: tuple[str, Oid]) -> Selection:
    name, at = branch
    short = name.removeprefix("refs/heads/")
    if name == head.branch:
        raise InvalidInputError(
            f"{short} is the current branch.", hint="Name the session, a commit or a range of it instead."
        )
    if not is_ancestor(workspace.repository, at, tip):
        return Selection(
            kind="branch",
            title=f"Archive the unmerged branch {short}",
            head=head,
            why="It was never merged: nothing of it is in the current branch, so it is archived and deleted.",
            branch=branch,
        )
    merge = _merge_of(workspace, tip, at)
    if merge is None and _on_first_parents(workspace, tip, at):
        where = (
            "stands where HEAD does"
            if at == tip
            else "was merged without a merge commit, or nothing was committed on it"
        )
        raise InvalidInputError(
            f"{short} has no commits of its own: it {where}.",
            hint=f"Plan a session/<id>, a commit, or the range <commit before the first to go>..{short}; "
            "to only remove the name, delete the branch with run_git.",
        )
    if merge is None:
        raise InvalidInputError(
            f"{short} was merged without a merge commit.", hint=f"Name its range: <where it began>..{short}."
        )
    return _commit(workspace, history, head, tip, merge)


def _on_first_parents(workspace: Workspace, tip: Oid, commit: Oid) -> bool:
    """Whether a commit, an ancestor of the tip, was made on the current branch, or came to it without a merge."""
    return commit in workspace.repository.git.out("rev-list", "--first-parent", tip, f"^{commit}^@").splitlines()


def _merge_of(workspace: Workspace, tip: Oid, branch_tip: Oid) -> MaybeOid:
    lines = workspace.repository.git.out("rev-list", "--first-parent", "--merges", "--parents", tip).splitlines()
    for line in lines:
        commit, _, *others = line.split(" ")
        if branch_tip in others:
            return Oid(commit)
    return None


def _paths(workspace: Workspace, history: History, head: Head, tip: Oid, paths: list[str]) -> Selection:
    session = active_session(workspace)
    if session is None:
        raise InvalidInputError(
            "Paths are reverted within a session, and none runs here.",
            hint="Name a commit or a range instead, or commits by their object names.",
        )
    if not paths:
        raise InvalidInputError("The list of paths is empty.", hint="Name a path, or the target session.")
    wanted = [normal_path(read_path(path)) for path in paths]
    whole = _session(workspace, history, head, tip, "session")
    if "" in wanted:
        return whole
    stretches = within_paths(workspace, whole.stretches, wanted)
    shown = ", ".join(show_path(path) for path in wanted)
    if not stretches:
        raise InvalidInputError(
            f"The session committed nothing in {shown}.", hint="scope_check lists what it changed."
        )
    return Selection(
        kind="paths",
        title=f"Revert session {session.id} in {shown}",
        head=head,
        stretches=stretches,
        why="Only what the session committed in these paths is taken out.",
        paths=wanted,
    )
