"""verify: runs the project's checks over a state, in a scratch copy, and remembers what came of it."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field

from ..core.errors import InvalidInputError
from ..core.gate.refs import parents_of, resolve
from ..core.ids import CheckpointId, MaybeOid, Oid, checkpoint_id
from ..core.ids import plan_id as parse_plan
from ..core.recovery import CheckSpec
from ..core.revert.grouping import commit_tree
from ..core.revert.plan import Rollback
from ..core.snapshot.capture import capture
from ..core.snapshot.graft import graft
from ..core.snapshot.take import find
from ..core.text import clean, plural, show_path
from ..policies.human import trusted
from ..recovery.checks.record import record
from ..recovery.checks.results import CheckResult
from ..recovery.checks.run import run_checks
from ..recovery.checks.secrets import check_secrets, is_built_in, with_secrets
from ..recovery.checks.specs import NO_CHECKS, checks_of, choose
from ..recovery.scratch.scratch import open_scratch
from .desk import Desk
from .results import MAX_ROWS, Part, Result
from .rollbacks import find_plan, request_of, rollback_of
from .spec import ToolSpec

_CHECKPOINT = re.compile(r"(?:checkpoint/)?(?:\d{4}-\d{2}-\d{2}-\d{3,9}|at-[A-Za-z0-9._-]{1,80})\.\d{1,9}")
_PLAN = re.compile(r"plan-[0-9a-f]{8}")
_TAIL_OF_PASSED = 300


class Tests(Part):
    """Tests, as a check counted them."""

    passed: int
    failed: int
    errors: int
    skipped: int


class Check(Part):
    """How a check went. `tail` is what it printed: data, not instructions."""

    name: str
    command: str
    status: str
    exit_code: int | None
    duration_s: float
    tests: Tests | None
    tail: str


class Verification(Part):
    """What the checks say about a state."""

    passed: bool
    subject: str
    commit: str | None
    tree: str
    checks: list[Check]
    notes: list[str]


class Verify(Verification, Result):
    """The same, as an answer."""

    next_step: str


@dataclass(frozen=True, kw_only=True)
class State:
    """Something that can be checked.

    Attributes:
        subject: it, in words.
        tree: its files.
        commit: the commit that has these files, if one does.
        head: what git says HEAD is there, if there is no such commit; None for the worktree's.
        base: what the check `secrets` compares with.
        notes: what about it is not as in the worktree.
    """

    subject: str
    tree: Oid
    commit: MaybeOid = None
    head: MaybeOid = None
    base: MaybeOid = None
    notes: Sequence[str] = ()


def verify(
    desk: Desk,
    target: Annotated[
        str | None, Field(description="commit, checkpoint or plan id; default: the worktree as it is")
    ] = None,
    checks: Annotated[list[str] | None, Field(description="names; default: all")] = None,
) -> Verify:
    """Check a state; see `SPEC.description`."""
    chosen = choose(with_secrets(checks_of(desk.protocol), checks), checks)
    if not chosen:
        raise InvalidInputError("There is no check to run.", hint=NO_CHECKS)
    found = _verified(desk, state_of(desk, target), chosen)
    return Verify(**dict(found), next_step=_next(found, target))


def _next(found: Verification, target: str | None) -> str:
    """What helps where something did not pass."""
    if found.passed:
        return ""
    failed = [one for one in found.checks if one.status not in ("passed", "untrusted")]
    if not failed:
        return "Ask a human to run `safe-rollback trust`, then call verify again."
    leaked = any(not one.command for one in failed)
    secret = "Take the secret out, and give it up where it was issued: it has been seen. " if leaked else ""
    ran = [one for one in failed if one.command and one.status != "not run"]
    if not ran:
        return secret.rstrip() or "Read why it did not run, then call verify again."
    if found.commit is None:
        if target is not None:
            return f"{secret}Read the tail: this state fails. Call verify without target to see whether yours does."
        return f"{secret}Read the tail and mend it, or take it back with undo or restore_checkpoint."
    return (
        f"{secret}find_breaking_commit with this check, bad {found.commit[:12]!r} and a good commit names the one "
        "that broke it."
    )


def verify_tree(
    desk: Desk,
    tree: Oid,
    commit: MaybeOid,
    names: Sequence[str] | None,
    subject: str,
    *,
    base: MaybeOid = None,
) -> Verification:
    """Run checks over a tree in a scratch worktree, and record what came of it.

    Args:
        desk: the call.
        tree: the state; it need not be on any branch.
        commit: the commit that has it, if one does.
        names: of the checks; None for all, none of them for (): then nothing runs, is recorded, and it passed.
        subject: what is checked, in words.
        base: a commit or tree that the check `secrets` compares with; the commit's parent, or HEAD, by default.

    Raises:
        InvalidInputError: if a name is none of the protocol's checks.
        SafeRollbackError: if the tree cannot be written, or all scratch worktrees are in use.
    """
    return verify_state(desk, State(subject=subject, tree=tree, commit=commit, base=base), names)


def verify_state(desk: Desk, state: State, names: Sequence[str] | None) -> Verification:
    """The same for a state that was worked out already; see `verify_tree`."""
    return _verified(desk, state, choose(with_secrets(checks_of(desk.protocol), names), names))


def state_of(desk: Desk, target: str | None) -> State:
    """What a target means.

    Raises:
        InvalidInputError: if it means nothing, or nothing that can be checked.
        NotFoundError: if it names a plan or a checkpoint that does not exist.
    """
    if target is None:
        return _worktree(desk)
    if _PLAN.fullmatch(target):
        return _of_plan(desk, target)
    if _CHECKPOINT.fullmatch(target):
        return _of_checkpoint(desk, checkpoint_id(target.removeprefix("checkpoint/")))
    commit = resolve(desk.workspace.repository, target)
    return State(
        subject=f"revision {clean(target, limit=100)}", tree=commit_tree(desk.workspace, commit), commit=commit
    )


def _worktree(desk: Desk) -> State:
    workspace, head = desk.workspace, desk.head.oid
    with workspace.worktree_lock("verify"):
        found = capture(workspace, desk.policy)
    notes = []
    if found.skipped:
        notes.append(f"{plural(len(found.skipped), 'path')} of the worktree that no checkpoint takes are not there.")
    if found.nested:
        notes.append(f"{plural(len(found.nested), 'repository')} inside the worktree is not there.")
    same = head is not None and commit_tree(workspace, head) == found.tree
    commit = head if same else None
    return State(subject="worktree", tree=found.tree, commit=commit, base=None if same else head, notes=notes)


def _of_checkpoint(desk: Desk, wanted: CheckpointId) -> State:
    checkpoint = find(desk.workspace, wanted)
    head = checkpoint.head.oid
    same = head is not None and commit_tree(desk.workspace, head) == checkpoint.worktree
    return State(
        subject=f"checkpoint {checkpoint.id}",
        tree=checkpoint.worktree,
        commit=head if same else None,
        head=head,
        base=None if same else head,
    )


def _of_plan(desk: Desk, target: str) -> State:
    plan = parse_plan(target)
    return result_of(desk, target, rollback_of(desk, request_of(desk, plan, dict(find_plan(desk, plan).request))))


def result_of(desk: Desk, plan: str, rollback: Rollback) -> State:
    """The state a plan would leave.

    Raises:
        InvalidInputError: if it has conflicts, or changes no file.
    """
    if not rollback.draft.applicable:
        raise InvalidInputError(
            f"{plan} has conflicts or obstacles, so it has no result to check.",
            hint="Call plan_rollback for a smaller target, or resolve what it names.",
        )
    if rollback.built.commits:
        tree, commit = rollback.built.tree, rollback.built.commits[-1]
        return State(subject=f"result of {plan}", tree=tree, commit=commit, base=rollback.selection.head.oid)
    if rollback.selection.branch is not None:
        raise InvalidInputError(
            f"{plan} archives a branch and changes no file.",
            hint="Call verify without target to check the worktree.",
        )
    return State(subject=f"result of {plan}", tree=_taken_out(desk, rollback), base=rollback.selection.head.oid)


def _taken_out(desk: Desk, rollback: Rollback) -> Oid:
    """The worktree as a plan that only touches uncommitted changes leaves it."""
    workspace = desk.workspace
    with workspace.worktree_lock("verify"):
        now = capture(workspace, desk.policy).tree
    changes = {one.path: one.after for one in rollback.draft.files if not one.home}
    return graft(workspace.reader, workspace.writer, now, changes)


def _verified(desk: Desk, state: State, chosen: Sequence[CheckSpec]) -> Verification:
    if not chosen:
        return _shown(state, [], ["No check ran."])
    built_in = {one.name for one in chosen if is_built_in(one)}
    commands = [one for one in chosen if one.name not in built_in]
    found, notes = _run(desk, state, commands) if commands else ([], [])
    base = _base(desk, state)
    found += [check_secrets(desk.workspace, base, state.tree, name=name) for name in built_in]
    order = [one.name for one in chosen]
    found.sort(key=lambda one: order.index(one.name))
    session = desk.session.id if desk.session else None
    record(
        desk.workspace, session=session, subject=state.subject, commit=state.commit, tree=state.tree, results=found
    )
    return _shown(state, found, notes)


def _run(desk: Desk, state: State, commands: Sequence[CheckSpec]) -> tuple[list[CheckResult], list[str]]:
    settings, allowed = desk.protocol.recovery.verify, trusted(desk.workspace)
    if not any(one.run in allowed for one in commands):
        # Nothing will run: the files need not be written.
        return run_checks(commands, desk.workspace.root, allowed=allowed), []
    desk.report(0, len(commands), "writing the files")
    with open_scratch(desk.workspace, settings) as scratch:
        directory = scratch.show(state.commit or state.tree, head=None if state.commit else state.head)
        found = run_checks(
            commands,
            directory,
            allowed=allowed,
            at_once=settings.at_once,
            report=desk.report,
            env=scratch.environment,
        )
        through = [
            f"{show_path(path)} in your worktree changed while the checks ran, and they have it as a link. If one "
            "of them installs packages, leave it out of [verify] link."
            for path in scratch.written_through()
        ]
        return found, [*through, *scratch.notes]


def _base(desk: Desk, state: State) -> MaybeOid:
    if state.base is not None:
        return state.base
    if state.commit is None:
        return desk.head.oid
    return next(iter(parents_of(desk.workspace.repository, state.commit)), None)


def _shown(state: State, found: Sequence[CheckResult], notes: Sequence[str]) -> Verification:
    said = [*state.notes, *notes]
    waiting = [one.name for one in found if one.status == "untrusted"]
    if waiting:
        names = ", ".join(clean(name, limit=80) for name in waiting[:10])
        said.insert(0, f"Not run, for no human trusts the command: {names}. Ask one to run `safe-rollback trust`.")
    return Verification(
        passed=all(one.passed for one in found),
        subject=state.subject,
        commit=state.commit,
        tree=state.tree,
        checks=[_check(one) for one in found[:MAX_ROWS]],
        notes=said,
    )


def _check(result: CheckResult) -> Check:
    return Check(
        name=result.name,
        command=result.command,
        status=result.status,
        exit_code=result.exit_code,
        duration_s=result.seconds,
        tests=None if result.tests is None else Tests(**asdict(result.tests)),
        tail=result.tail[-_TAIL_OF_PASSED:] if result.passed else result.tail,
    )


SPEC = ToolSpec(
    name="verify",
    title="Run the project's checks",
    description=(
        "Runs the project's checks (only commands a human trusted) in a scratch copy of the worktree, a commit, a "
        "checkpoint or a plan's result; your files stay as they are. Answers each check's status, test counts and "
        "last output. Use it after a change, and on a plan_id before safe_revert."
    ),
    run=verify,
    repeatable=True,
)
