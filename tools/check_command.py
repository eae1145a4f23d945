"""check_command: what a shell command would do, and what the policy says, without running it."""

import os
from typing import Annotated, Literal

from pydantic import Field

from ..core.errors import InvalidInputError
from ..core.text import clean, show_path
from ..policies.commands import decide
from ..policies.effects import Verdict
from ..policies.gitcontext import context_of
from ..policies.shell.analysis import analyse
from ..policies.shell.context import NOWHERE
from ..policies.stakes import Stakes
from .desk import Desk
from .results import MAX_ROWS, Part, Result
from .spec import ToolSpec


class CommandEffect(Part):
    """One thing the command would do; `unknown` where that cannot be told."""

    effect: str
    targets: list[str]
    span: str
    why: str


class CheckCommand(Result):
    """The verdict."""

    verdict: Literal["allow", "ask", "refuse"]
    effects: list[CommandEffect]
    rule: str
    why: str
    instead: str
    reported: list[str]


def check_command(
    desk: Desk,
    command: Annotated[str, Field(description="a shell command line")],
    cwd: Annotated[str | None, Field(description="where it would run, default the root")] = None,
) -> CheckCommand:
    """Judge a command; see `SPEC.description`."""
    if not command.strip():
        raise InvalidInputError("command is empty.", hint="Pass the line the shell would get.")
    if "\0" in (cwd or ""):
        raise InvalidInputError("cwd holds a NUL character.", hint="Remove it.")
    root = desk.workspace.root
    target = os.path.realpath(os.path.join(root, cwd or "."))
    if not os.path.isdir(target):
        name = show_path(cwd or ".")
        raise InvalidInputError(f"{name} is no directory.", hint="Name one that exists, or leave cwd out.")
    inside = os.path.commonpath([root, target]) == root
    context = context_of(desk.workspace, os.path.relpath(target, root)) if inside else NOWHERE
    stakes = Stakes(desk.workspace, desk.policy, desk.session)
    verdict = decide(analyse(command, context), desk.protocol, context.branch, losses=stakes.losses)
    return CheckCommand.model_validate(
        {
            "verdict": verdict.decision,
            "effects": [
                {
                    "effect": one.effect,
                    "targets": [clean(target, limit=200) for target in one.targets[:20]],
                    "span": clean(one.span, limit=300),
                    "why": clean(one.why, limit=300),
                }
                for one in verdict.effects[:MAX_ROWS]
            ],
            "rule": verdict.rule,
            "why": clean(verdict.why or _unjudged(verdict), limit=500),
            "instead": verdict.instead,
            "reported": list(verdict.reported),
        }
    )


def _unjudged(verdict: Verdict) -> str:
    """Why an allow that nothing is known behind is not one that was checked."""
    unknown = [f"`{effect.span}`" for effect in verdict.effects if effect.effect == "unknown"]
    if not unknown:
        return ""
    return f"What {', '.join(unknown[:3])} does cannot be known before it runs: take a checkpoint first."


SPEC = ToolSpec(
    name="check_command",
    title="Check a command",
    description=(
        "What a shell command would do and whether the policy allows it, without running it. Follows wrappers, "
        "shells, aliases and inline code; looks at what is uncommitted and whose it is. What cannot be told comes "
        "back as `unknown`: take a checkpoint before that."
    ),
    run=check_command,
    reads_only=True,
    repeatable=True,
)
