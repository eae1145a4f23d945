"""run_git: git for agents, with the guard in front and a checkpoint on both sides."""

import os
import shlex
from typing import Annotated, Any

from pydantic import Field

from ..core.actions import logged, new_commits
from ..core.errors import InvalidInputError, Refusal
from ..core.gate.environment import users
from ..core.gate.process import Completed, Limits, execute
from ..core.gate.runner import EXECUTABLE
from ..core.ledger.events import ActionRecorded
from ..core.session import TRAILER
from ..core.snapshot.take import Label, take
from ..core.text import clean, one_line
from ..policies.brought import INSTEAD, RULE, WHY, lost_to_git
from ..policies.commands import decide
from ..policies.effects import Verdict
from ..policies.gitcontext import context_of
from ..policies.githooks.who import ACTION
from ..policies.human import spend, trusted
from ..policies.repocode import configured_code, hooks
from ..policies.shell.analysis import analyse_git
from ..policies.shell.git import global_options
from ..policies.stakes import Stakes
from ..policies.triggers import stopped
from .desk import Desk
from .results import Result, show_paths
from .spec import ToolSpec

_LIMITS = Limits(seconds=600, stdout=60_000, stderr=20_000)
_ELSEWHERE = ("--git-dir", "--work-tree", "--namespace", "--bare")
_SETTINGS = ("-c", "--config-env")
_MAX_QUESTION = 2000


class GitRun(Result):
    """What git said."""

    exit_code: int | None
    stdout: str
    stderr: str
    truncated: bool
    before_checkpoint_id: str | None = None
    commits: list[str] = []


def judge(desk: Desk, args: list[str]) -> Verdict:
    """What the policy says about `git <args>`; what cannot be known needs a human, for this tool runs it itself."""
    context = context_of(desk.workspace)
    stakes = Stakes(desk.workspace, desk.policy, desk.session)
    return decide(analyse_git(args, context), desk.protocol, context.branch, unknown="ask", losses=stakes.losses)


def run_git(
    desk: Desk, args: Annotated[list[str], Field(description='words after git, such as ["commit","-m","x"]')]
) -> GitRun:
    """Run git; see `SPEC.description`."""
    _stay_here(desk, args)
    verdict = judge(desk, args)
    line = shlex.join(["git", *args])
    refusal = Refusal(rule=verdict.rule, why=verdict.why, evidence=verdict.evidence, instead=verdict.instead)
    action = "run_git"
    if verdict.decision == "refuse":
        action = _refuse_unless_granted(desk, line, refusal)
    _only_trusted_code(desk, line, verdict)
    if verdict.decision == "ask":
        desk.require_human("command", line, refusal)
    if not _changes(verdict):
        return _answer(_execute(desk, args, action))
    _not_stopped(desk, line, verdict)
    with desk.workspace.worktree_lock("run_git"):
        _nothing_overwritten(desk, args, line)
        before = take(desk.workspace, desk.chain, desk.policy, Label(reason=f"before {one_line(line, limit=80)}"))
        since = logged(desk.workspace)
        done = _execute(desk, _signed(desk, args), action)
        after = take(desk.workspace, desk.chain, desk.policy, Label(reason=f"after {one_line(line, limit=80)}"))
        commits = new_commits(desk.workspace, before, after.head.oid, begun=before.created, since=since)
        with desk.workspace.repository_lock("run_git"):
            desk.workspace.ledger.append(
                ActionRecorded(
                    session=desk.session.id if desk.session else None,
                    worktree=desk.workspace.repository.worktree_id,
                    tool="run_git",
                    command=desk.workspace.redact(clean(line)),
                    effects=sorted({effect.effect for effect in verdict.effects}),
                    before=before.id,
                    after=after.id,
                    commits=commits,
                    exit_code=done.exit_code,
                    action=f"act-{desk.workspace.clock.token()}",
                )
            )
    return _answer(done, before.id, commits)


def _stay_here(desk: Desk, args: list[str]) -> None:
    if not args:
        raise InvalidInputError("args is empty.", hint='For example ["status", "--short"].')
    if args[0] == "git":
        raise InvalidInputError("args starts with git.", hint='Leave out the word git: ["status", "--short"].')
    if any("\0" in word for word in args):
        raise InvalidInputError("args holds a NUL character.", hint="Remove it.")
    root = where = desk.workspace.root
    for name, value in global_options(args)[0]:
        if name in _ELSEWHERE or (name in _SETTINGS and (value or "").lower().startswith("core.worktree")):
            raise InvalidInputError(
                f"run_git works on this repository; {name} {value or ''} leads elsewhere.", hint="Leave it out."
            )
        if name == "-C":
            # Each -C starts where the one before it led.
            where = os.path.realpath(os.path.join(where, value or ""))
            if os.path.commonpath([root, where]) != root:
                raise InvalidInputError("-C leads out of the worktree.", hint="Use a directory inside it.")


def _nothing_overwritten(desk: Desk, args: list[str], line: str) -> None:
    lost = lost_to_git(desk.workspace, desk.policy, args)
    if lost:
        refusal = Refusal(rule=RULE, why=WHY, evidence=show_paths(lost)[:20], instead=INSTEAD)
        desk.refuse("run_git", line, refusal)


def _not_stopped(desk: Desk, line: str, verdict: Verdict) -> None:
    """The protocol's triggers may have stopped the session: then nothing more is committed."""
    if any(effect.effect == "commit" for effect in verdict.effects):
        refusal = stopped(desk.workspace, desk.session, desk.protocol.recovery.triggers)
        if refusal is not None:
            desk.refuse("run_git", line, refusal)


def _refuse_unless_granted(desk: Desk, line: str, refusal: Refusal) -> str:
    """The grant that was spent: a human may allow even this, once, on a terminal."""
    grant = spend(desk.workspace, "command", line, desk.session.id if desk.session else None)
    if grant is None:
        desk.refuse("run_git", line, refusal)
    return grant.id


def _changes(verdict: Verdict) -> bool:
    return any(effect.effect != "state.read" for effect in verdict.effects)


def _untrusted_code(desk: Desk, verdict: Verdict) -> list[str]:
    code = configured_code(desk.workspace) + (hooks(desk.workspace) if _changes(verdict) else [])
    known = trusted(desk.workspace)
    return [text for text in code if text not in known]


def _only_trusted_code(desk: Desk, line: str, verdict: Verdict) -> None:
    """Code that came with the repository runs only after a human trusted its exact text."""
    unknown = _untrusted_code(desk, verdict)
    if unknown:
        desk.refuse(
            "run_git",
            line,
            Refusal(
                rule="trusted-code-only",
                why="This repository makes git run programs that no human has trusted yet.",
                evidence=[clean(text, limit=200) for text in unknown[:10]],
                instead="Ask a human to run `safe-rollback trust`, which shows each text; then call again.",
            ),
        )


def _signed(desk: Desk, args: list[str]) -> list[str]:
    """A commit gets the session's trailer: the evidence that survives a cherry-pick."""
    place = global_options(args)[1]
    if desk.session is None or args[place : place + 1] != ["commit"]:
        return args
    return [*args[: place + 1], "--trailer", f"{TRAILER}: {desk.session.id}", *args[place + 1 :]]


def _execute(desk: Desk, args: list[str], action: str) -> Completed:
    argv = [EXECUTABLE, "--no-pager", *args]
    return execute(
        argv,
        cwd=desk.workspace.root,
        # For git's hooks: this is an agent's command, and the grant it was allowed by.
        env=users({ACTION: action}),
        limits=_LIMITS,
        tick=lambda elapsed: desk.report(elapsed, None, f"git {args[0]} ({elapsed:.0f} s)"),
    )


def _answer(done: Completed, before: str | None = None, commits: list[str] | None = None) -> GitRun:
    return GitRun(
        exit_code=done.exit_code,
        stdout=clean(os.fsdecode(done.stdout), limit=_LIMITS.stdout),
        stderr=clean(os.fsdecode(done.stderr), limit=_LIMITS.stderr),
        truncated=done.truncated,
        before_checkpoint_id=before,
        commits=commits or [],
    )


def _question(desk: Desk, arguments: dict[str, Any]) -> str | None:
    args = arguments["args"]
    _stay_here(desk, args)
    verdict = judge(desk, args)
    line = shlex.join(["git", *args])
    # Nobody is asked about what would be refused anyway, or could not be shown whole.
    if verdict.decision != "ask" or len(line) > _MAX_QUESTION or _untrusted_code(desk, verdict):
        return None
    return f"Allow the agent to run this once?\n{clean(line)}\n{verdict.rule}: {verdict.why}"


SPEC = ToolSpec(
    name="run_git",
    title="Run git",
    description=(
        "Runs git here; use it instead of a shell for every git command, so that commits are known to be yours. "
        "Refuses what destroys work (reset --hard, clean -f, push --force, rebase …) and names what to do instead. "
        "Takes a checkpoint before and after what changes anything."
    ),
    run=run_git,
    question=_question,
)
