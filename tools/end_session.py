"""end_session: closes a task when its rules and checks hold."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from ..core.errors import ConflictError, InvalidInputError, NotFoundError, Refusal
from ..core.ids import OperationId
from ..core.ledger.events import GateRun, SessionEnded
from ..core.session import Session
from ..core.snapshot.take import Label, take
from ..core.squash import plan_squash
from ..core.text import clean
from ..core.transition.draft import Draft
from ..core.transition.operation import Job, check, perform
from ..core.transition.world import World
from ..policies.human import granted, spend, trusted
from ..policies.rules.branch_required import protected_by
from ..policies.rules.sensitive_paths import SensitivePaths
from ..recovery.checks.results import CheckResult
from ..recovery.checks.run import run_checks
from ..recovery.checks.specs import gates_of
from .desk import Desk
from .results import Part, Result, show_paths
from .scope import Scoped, examine
from .spec import ToolSpec


class Gate(Part):
    """One check at the end of a session: a command of the protocol, or a rule."""

    name: str
    status: str
    exit_code: int | None
    duration_s: float
    detail: str


class EndSession(Result):
    """A session that is closed."""

    session_id: str
    gates: list[Gate]
    commit: str | None
    retained_branch: str | None
    checkpoint_id: str
    operation_id: str | None
    sensitive: list[str]
    notes: list[str]


def end_session(
    desk: Desk,
    summary: Annotated[str, Field(description="what was done; the message of a squash commit")],
    squash_into: Annotated[str | None, Field(description="branch that gets the session as one commit")] = None,
) -> EndSession:
    """Close the session; see `SPEC.description`."""
    session = desk.session
    if session is None:
        raise NotFoundError("No session runs here.", hint="There is nothing to end.")
    if not summary.strip():
        raise InvalidInputError("summary is empty.", hint="Say in a sentence or two what was done.")
    _on_its_branch(desk, session)
    _may_squash(desk, squash_into)
    seconds = int(desk.workspace.clock.now().timestamp())
    # Before a gate runs or a grant is spent: a squash that cannot be done leaves both for the next call.
    squash = None if squash_into is None else _plan_squash(desk, session, squash_into, summary, seconds)
    scoped = examine(desk, session)
    sensitive = [path for one in scoped.violations if one.rule == SensitivePaths.id for path in one.paths]
    gates = _rules(desk, session, scoped) + _commands(desk, session)
    failing = [gate for gate in gates if gate.status not in ("passed", "waived")]
    if failing:
        _refuse(desk, session, failing)
    if sensitive:
        desk.require_human("sensitive", session.id, _sensitive_refusal(session, sensitive))
    for gate in gates:
        if gate.status == "waived":  # only now: a refusal leaves the grants for the next call
            spend(desk.workspace, "gate", gate.name, session.id)
    operation, commit = (None, None) if squash is None else _squash(desk, session, squash)
    summary = desk.workspace.redact(clean(summary))
    label = Label(reason="session end", name="end of the session", note=summary)
    checkpoint = take(desk.workspace, desk.chain, desk.policy, label)
    with desk.workspace.repository_lock("end_session"):
        ended = SessionEnded(
            session=session.id,
            outcome="closed",
            summary=summary,
            commit=commit,
            checkpoint=checkpoint.id,
        )
        desk.workspace.ledger.append(ended)
    return EndSession(
        session_id=session.id,
        gates=gates,
        commit=commit,
        retained_branch=desk.head.short,
        checkpoint_id=checkpoint.id,
        operation_id=operation,
        sensitive=show_paths(sensitive),
        notes=_notes(squash_into, commit),
    )


def _notes(squash_into: str | None, commit: str | None) -> list[str]:
    if commit is None:
        return []
    return [f"Nothing was pushed: push {squash_into} ({commit[:7]}) when it is reviewed."]


def _rules(desk: Desk, session: Session, scoped: Scoped) -> list[Gate]:
    """Refusing rules as gates; a human may waive one."""
    gates = []
    for one in scoped.violations:
        if one.decision != "refuse":
            continue
        waived = granted(desk.workspace, "gate", one.rule) is not None
        detail = f"{one.why} {', '.join(show_paths(one.paths)[:20])}".strip()
        gate = Gate(
            name=one.rule,
            status="waived" if waived else "failed",
            exit_code=None,
            duration_s=0.0,
            detail=f"{detail} {one.instead}",
        )
        gates.append(gate)
        _record(desk, session, gate)
    return gates


def _commands(desk: Desk, session: Session) -> list[Gate]:
    gates = []
    commands, allowed = gates_of(desk.protocol), trusted(desk.workspace)
    # In the worktree itself, so one after the other: one may need what the one before has made.
    for result in run_checks(commands, desk.workspace.root, allowed=allowed, at_once=1, report=desk.report):
        gate = _gate(desk, result)
        gates.append(gate)
        _record(desk, session, gate)
    return gates


def _gate(desk: Desk, result: CheckResult) -> Gate:
    status: str = result.status
    detail = result.tail
    if status == "untrusted":
        detail = "Not run: no human has trusted this exact command. Ask one to run `safe-rollback trust`."
    if status != "passed" and granted(desk.workspace, "gate", result.name) is not None:
        status = "waived"
    return Gate(name=result.name, status=status, exit_code=result.exit_code, duration_s=result.seconds, detail=detail)


def _record(desk: Desk, session: Session, gate: Gate) -> None:
    with desk.workspace.repository_lock("gate"):
        desk.workspace.ledger.append(
            GateRun(
                session=session.id,
                name=gate.name,
                status=gate.status,
                exit_code=gate.exit_code,
                seconds=gate.duration_s,
            )
        )


def _refuse(desk: Desk, session: Session, failing: Sequence[Gate]) -> None:
    evidence = [
        f"{gate.name}: {gate.status}"
        + (f" (exit {gate.exit_code})" if gate.exit_code is not None else "")
        + (f"\n{gate.detail}" if gate.detail else "")
        for gate in failing
    ]
    names = list(dict.fromkeys(gate.name for gate in failing))
    refusal = Refusal(
        rule="session-gates",
        why=f"{', '.join(names)} did not pass.",
        evidence=evidence,
        instead="Mend what is named and call end_session again. A human can waive a gate once: "
        f"{', '.join(f'`safe-rollback grant --gate {shlex.quote(name)}`' for name in names)}.",
    )
    desk.refuse("end_session", session.id, refusal)


def _sensitive_refusal(session: Session, sensitive: Sequence[str]) -> Refusal:
    return Refusal(
        rule="sensitive-paths",
        why="The session changed security-sensitive paths, and no human has looked at them.",
        evidence=show_paths(sensitive)[:20],
        instead="Show the changes to a human and ask them to run "
        f"`safe-rollback grant --sensitive {session.id}`, then call end_session again.",
    )


def _may_squash(desk: Desk, branch: str | None) -> None:
    if branch is None or branch in desk.protocol.squash_into:
        return
    pattern = protected_by(branch, desk.protocol.branches)
    if pattern is not None:
        desk.refuse(
            "end_session",
            branch,
            Refusal(
                rule="protected-branches",
                why=f"{branch} is protected, and the protocol does not allow sessions to be squashed into it.",
                evidence=[f"[protect] branches has {pattern}", "[on_session_end] squash_into does not name it"],
                instead="Leave squash_into out, push the session's branch and open a pull request.",
            ),
        )


def _on_its_branch(desk: Desk, session: Session) -> None:
    """The rules look at what HEAD has: on another branch they would find nothing."""
    if session.branch is None or desk.head.short == session.branch:
        return
    desk.refuse(
        "end_session",
        session.id,
        Refusal(
            rule="session-branch",
            why=f"HEAD is {'detached' if desk.head.short is None else f'on {desk.head.short}'}, and the session's "
            f"branch is {session.branch}.",
            evidence=[f"session {session.id} began on {session.branch}"],
            instead=f"Call run_git switch {session.branch}, then end_session. A human can give the session up with "
            "`safe-rollback end --abandon`.",
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Squash:
    """A squash that can be done, and how to plan it again."""

    branch: str
    commit: str
    digest: str
    compute: Callable[[World], Draft]


def _plan_squash(desk: Desk, session: Session, branch: str, summary: str, seconds: int) -> _Squash:
    def compute(_: World) -> Draft:
        return plan_squash(desk.workspace, session, branch, summary, seconds)

    planned = plan_squash(desk.workspace, session, branch, summary, seconds)
    if planned.conflicts:
        paths = ", ".join(show_paths([one.path for one in planned.conflicts])[:10])
        raise ConflictError(
            f"The session conflicts with {branch}: {paths}.",
            hint=f"Nothing was changed. Merge {branch} into the session's branch with run_git, then end it.",
        )
    check(planned, planned.digest())
    commit = planned.refs[0].new
    assert commit is not None
    return _Squash(branch=branch, commit=commit, digest=planned.digest(), compute=compute)


def _squash(desk: Desk, session: Session, squash: _Squash) -> tuple[OperationId, str]:
    job = Job(
        kind="squash",
        summary=f"squash session {session.id} into {squash.branch}",
        chain=desk.chain,
        policy=desk.policy,
        session=session.id,
        commits=[squash.commit],
    )
    return perform(desk.workspace, job, squash.compute, squash.digest).operation, squash.commit


def _question(desk: Desk, _: dict[str, Any]) -> str | None:
    if desk.session is None:
        return None
    scoped = examine(desk, desk.session)
    paths = [path for one in scoped.violations if one.rule == SensitivePaths.id for path in one.paths]
    if not paths:
        return None
    return (
        f"Session {desk.session.id} changed security-sensitive paths: {', '.join(show_paths(paths)[:10])}. "
        "Have you looked at them, and may the session be closed?"
    )


SPEC = ToolSpec(
    name="end_session",
    title="End the session",
    description=(
        "Closes the session: checks its rules, runs the protocol's checks (only commands a human trusted) and "
        "reports each. Refuses while one fails, unless a human waives it. squash_into adds the session as one commit "
        "to another branch; the session's branch stays."
    ),
    run=end_session,
    question=_question,
)
