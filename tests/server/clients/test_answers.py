"""Each client gets an answer in its own words; a pass leaves its own rules in place."""

import json
from typing import Any

import pytest

from safe_rollback.policies.hook import HookAnswer, HookEvent
from safe_rollback.server.clients import CLIENTS
from safe_rollback.server.clients.client import NO_REASON

ADAPTERS = {client.name: client for client in CLIENTS}
PASS = HookAnswer()
DENY = HookAnswer(decision="deny", reason="No. Call `undo`.")
ASK = HookAnswer(decision="ask", reason="Really?")
CONTEXT = HookAnswer(context="The rules.")


def said(name: str, moment: Any, answer: HookAnswer, *, again: bool = False) -> Any:
    """What the client gets: JSON, or the text on standard error if the exit code is 2."""
    done = ADAPTERS[name].render(HookEvent(moment=moment, cwd="/p", kind="shell", again=again), answer)
    if done.exit_code:
        assert (done.exit_code, done.stdout) == (2, "")
        return done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout) if done.stdout else None


def claude_words(decision: str, reason: str) -> dict[str, Any]:
    return {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": decision,
            "permissionDecisionReason": reason,
        }
    }


@pytest.mark.parametrize(
    ("name", "denied", "asked"),
    [
        ("claude-code", claude_words("deny", DENY.reason), claude_words("ask", ASK.reason)),
        ("codex", claude_words("deny", DENY.reason), claude_words("deny", ASK.reason)),
        ("gemini", {"decision": "deny", "reason": DENY.reason}, {"decision": "deny", "reason": ASK.reason}),
        (
            "cursor",
            {"permission": "deny", "user_message": DENY.reason, "agent_message": DENY.reason},
            {"permission": "deny", "user_message": ASK.reason, "agent_message": ASK.reason},
        ),
        ("opencode", DENY.reason + "\n", ASK.reason + "\n"),
    ],
)
def test_refusal_is_said_with_its_reason(name: str, denied: Any, asked: Any) -> None:
    assert said(name, "before", DENY) == denied
    assert said(name, "before", ASK) == asked
    # A client that gets no reason takes the answer for broken, and goes on.
    assert NO_REASON in json.dumps(said(name, "before", HookAnswer(decision="deny")))


@pytest.mark.parametrize("name", ADAPTERS)
def test_pass_is_silent_but_for_cursor_which_takes_silence_for_a_failure(name: str) -> None:
    assert said(name, "before", PASS) == ({"permission": "allow"} if name == "cursor" else None)
    for moment in ("after", "session start", "stop", "session end", "compact", "other"):
        assert said(name, moment, PASS) in (None, {})


@pytest.mark.parametrize("name", ["claude-code", "codex", "gemini"])
def test_session_starts_with_the_rules(name: str) -> None:
    output = {"hookEventName": "SessionStart", "additionalContext": "The rules."}
    assert said(name, "session start", CONTEXT) == {"hookSpecificOutput": output}


def test_session_starts_with_the_rules_in_cursor_and_opencode() -> None:
    assert said("cursor", "session start", CONTEXT) == {"additional_context": "The rules."}
    assert said("opencode", "session start", CONTEXT) == {"context": "The rules."}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-code", {"decision": "block", "reason": DENY.reason}),
        ("codex", {"decision": "block", "reason": DENY.reason}),
        ("gemini", {"decision": "deny", "reason": DENY.reason}),
        ("cursor", {"followup_message": DENY.reason}),
    ],
)
def test_agent_is_kept_going_once(name: str, expected: Any) -> None:
    assert said(name, "stop", DENY) == expected
    assert said(name, "stop", DENY, again=True) in (None, {})


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_has_happened_is_not_refused(name: str) -> None:
    for moment in ("after", "session end", "compact", "other"):
        assert said(name, moment, DENY) in (None, {})
