"""What a session has changed, and what its rules say about it."""

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass

from ..core import globs
from ..core.gate.refs import list_refs, read_head
from ..core.gate.runner import Git
from ..core.gate.trees import diff_trees
from ..core.history import History
from ..core.ids import CheckpointId, oid
from ..core.revert.attribution import attribute
from ..core.session import Session, sessions
from ..core.snapshot.capture import capture
from ..core.snapshot.checkpoint import SESSIONS, load
from ..core.snapshot.take import find
from ..core.transition.requests import normal_path
from ..policies.rules import RULES, Situation, Violation
from .desk import Desk
from .results import show_paths


@dataclass(frozen=True, kw_only=True)
class Scoped:
    """A session's changes under its rules.

    Attributes:
        status: added, modified or deleted for each changed path; proposed for asked ones.
        situation: what the rules saw.
        violations: what they say.
        overlaps: paths that sessions in other worktrees changed or declared too.
    """

    status: dict[str, str]
    situation: Situation
    violations: Sequence[Violation]
    overlaps: Sequence[tuple[str, str]]


def examine(desk: Desk, session: Session, proposed: Sequence[str] = ()) -> Scoped:
    """What a session has changed so far, committed or not, with what it is about to change."""
    status, uncommitted = _changed(desk, session)
    commits = _paths_by_commit(desk, session)
    order = {path: place for place, path in enumerate(dict.fromkeys(path for _, paths in commits for path in paths))}
    status = dict(sorted(status.items(), key=lambda item: (order.get(item[0], len(order)), item[0])))
    for path in proposed:
        status.setdefault(normal_path(path), "proposed")
    situation = Situation(
        protocol=desk.protocol,
        changed=list(status),
        declared=session.paths,
        layers=session.layers,
        max_files=session.max_files,
        branch=read_head(desk.workspace.repository).short,
    )
    violations = _violations(situation)
    if violations:
        own = {path for path, kind in status.items() if kind == "proposed" or path in uncommitted}
        claimed = own | _claimed(desk, session, commits)
        violations = _attributed(violations, situation, claimed)
    return Scoped(
        status=status,
        situation=situation,
        violations=violations,
        overlaps=_overlaps(desk, session, list(status)),
    )


def _violations(situation: Situation) -> list[Violation]:
    return [violation for rule in RULES for violation in rule.check(situation)]


def _attributed(violations: Sequence[Violation], situation: Situation, claimed: set[str]) -> list[Violation]:
    """Say which violations there are only because of commits that nobody recorded as the session's.

    They stand all the same: an agent that commits past the tools must not get past the rules. But
    putting the files back, which the rules advise, would take out a human's work.
    """
    others = [path for path in situation.changed if path not in claimed]
    if not others:
        return list(violations)
    own = dataclasses.replace(situation, changed=[path for path in situation.changed if path in claimed])
    certain = {one.rule for one in _violations(own)}
    named = ", ".join(show_paths(others)[:5]) + (" …" if len(others) > 5 else "")
    return [
        one
        if one.rule in certain
        else dataclasses.replace(
            one,
            why=f"{one.why} It counts {named}, which commits changed that nobody recorded as the session's.",
            instead=f"{one.instead} But if those commits are a human's, leave them, and ask the human to run "
            f"`safe-rollback grant --gate {one.rule}`. Commit through run_git: then yours are known.",
        )
        for one in violations
    ]


def _changed(desk: Desk, session: Session) -> tuple[dict[str, str], set[str]]:
    """Changed path → added, modified or deleted, against the state before the session; and which is not committed.

    Files the human had left uncommitted count only if they changed since, or were committed.
    """
    workspace = desk.workspace
    git = workspace.repository.git
    with workspace.worktree_lock("scope"):
        now = capture(workspace, desk.policy)
    base, head = workspace.repository.empty_tree, now.head.head.oid
    start = base if session.base_commit is None else f"{session.base_commit}^{{tree}}"
    committed = {} if head is None else _differences(git, start, f"{head}^{{tree}}")
    if session.checkpoint is None:
        return committed, set()
    before = find(workspace, CheckpointId(session.checkpoint)).worktree
    status = _differences(git, before, now.tree)
    uncommitted = set(_differences(git, base if head is None else f"{head}^{{tree}}", now.tree))
    return {**committed, **status}, uncommitted & status.keys()


def _differences(git: Git, old: str, new: str) -> dict[str, str]:
    """Path → added, modified or deleted."""
    rows = diff_trees(git, old, new)
    return {one.path: "added" if one.old is None else "deleted" if one.new is None else "modified" for one in rows}


def _paths_by_commit(desk: Desk, session: Session) -> list[tuple[str, list[str]]]:
    """Commits since the session began, oldest first, each with the paths it changed."""
    revisions = "HEAD" if session.base_commit is None else f"{session.base_commit}..HEAD"
    form = ("--reverse", "--first-parent", "-m", "--name-only", "-z", "--format=%x01%H")
    done = desk.workspace.repository.git.run("log", *form, revisions, ok=(0, 128))
    found: list[tuple[str, list[str]]] = []
    for word in os.fsdecode(done.stdout).split("\0"):
        name = word.strip("\n")
        if name.startswith("\1"):
            found.append((name[1:], []))
        elif name and found:
            found[-1][1].append(name)
    return found


def _claimed(desk: Desk, session: Session, commits: Sequence[tuple[str, list[str]]]) -> set[str]:
    """Paths changed by commits that something says are the session's."""
    if not commits:
        return set()
    with History(desk.workspace) as history:
        infos = [history.commit(oid(name)) for name, _ in commits]
    known = {one.commit.oid for one in attribute(desk.workspace, session, infos) if one.evidence is not None}
    return {path for name, paths in commits if name in known for path in paths}


def _overlaps(desk: Desk, session: Session, paths: Sequence[str]) -> list[tuple[str, str]]:
    """Paths that another running session declared, or has changed by its newest checkpoint or commit."""
    found: list[tuple[str, str]] = []
    for other in sessions(desk.workspace):
        if paths and other.outcome is None and other.id != session.id:
            changed = _changed_elsewhere(desk, other)
            found += [
                (path, other.id)
                for path in paths
                if path in changed or globs.first_match(path, other.paths) is not None
            ]
    return found


def _changed_elsewhere(desk: Desk, other: Session) -> set[str]:
    """What a session in another worktree has changed, as far as objects tell: its files are not read."""
    repository = desk.workspace.repository
    pairs: list[tuple[str, str]] = []
    for ref in list_refs(repository, SESSIONS + other.id, f"refs/heads/{other.branch}"):
        if ref.name == SESSIONS + other.id and other.checkpoint is not None:
            before = find(desk.workspace, CheckpointId(other.checkpoint))
            pairs.append((before.worktree, load(repository, ref.oid).worktree))
        elif ref.name == f"refs/heads/{other.branch}" and other.base_commit is not None:
            pairs.append((f"{other.base_commit}^{{tree}}", f"{ref.oid}^{{tree}}"))
    return {one.path for before_tree, now in pairs for one in diff_trees(repository.git, before_tree, now)}
