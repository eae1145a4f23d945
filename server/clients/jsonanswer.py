"""The answer Claude Code and Codex read: one JSON object on standard output, exit code 0."""

from json import dumps
from typing import Any

from ...policies.hook import HookAnswer, HookEvent
from .client import NO_REASON, Rendered


def printed(value: dict[str, Any]) -> Rendered:
    """A JSON object on standard output."""
    return Rendered(stdout=dumps(value) + "\n")


def render(event: HookEvent, answer: HookAnswer) -> Rendered:
    """Silence leaves the client's own rules in place; anything else is said in its words."""
    if event.moment == "before" and answer.decision != "pass":
        output = {
            "hookEventName": "PreToolUse",
            "permissionDecision": answer.decision,
            "permissionDecisionReason": answer.reason or NO_REASON,
        }
        return printed({"hookSpecificOutput": output})
    if event.moment == "session start" and answer.context:
        return printed({"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": answer.context}})
    if event.moment == "stop" and answer.decision != "pass" and not event.again:
        return printed({"decision": "block", "reason": answer.reason or NO_REASON})
    return Rendered()
