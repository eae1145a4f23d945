"""Verdicts: the project's own rules beside the built-in ones; the strictest wins, evaluated ones only report."""

import dataclasses
import itertools
from typing import Any

import pytest

from safe_rollback.policies.commands import decide
from safe_rollback.policies.effects import DESTRUCTIVE, EFFECTS, Effect
from safe_rollback.policies.protocol.model import STRICTNESS, Protocol, RuleSpec
from tests.policies.shell.near import verdict


def rule(decision: str, effect: str = "ref.update", **changes: Any) -> RuleSpec:
    values = {"id": f"{decision}-{effect}", "effect": effect, "decision": decision, "why": "W.", "instead": "I."}
    return RuleSpec(**{**values, **changes})


@pytest.mark.parametrize("order", list(itertools.permutations(STRICTNESS)))
def test_the_strictest_rule_wins_in_any_order(order: tuple[str, ...]) -> None:
    answer = verdict("git tag v1", protocol=Protocol(rules=tuple(rule(one) for one in order)))
    assert (answer.decision, answer.rule, answer.why, answer.instead) == ("refuse", "refuse-ref.update", "W.", "I.")
    milder = tuple(rule(one) for one in order if one != "refuse")
    assert verdict("git tag v1", protocol=Protocol(rules=milder)).decision == "ask"


def test_an_allowing_rule_never_lifts_a_built_in_refusal() -> None:
    protocol = Protocol(rules=tuple(rule("allow", one) for one in EFFECTS))
    for effect in DESTRUCTIVE:
        answer = decide([Effect(effect=effect, span="x", why="y")], protocol)
        assert (answer.decision, answer.rule) == ("refuse", "destructive-command")


@pytest.mark.parametrize("decision", ["ask", "refuse"])
def test_an_evaluated_rule_is_reported_and_decides_nothing(decision: str) -> None:
    answer = verdict("git tag v1", protocol=Protocol(rules=(rule(decision, enforcement="evaluate"),)))
    assert (answer.decision, answer.rule) == ("allow", "")
    assert answer.reported == [f"{decision}-ref.update: {decision} (W.)"]


def test_a_rule_may_stand_over_what_is_unknown() -> None:
    protocol = Protocol(rules=(rule("ask", "unknown"),))
    assert verdict("make deploy", protocol=protocol).decision == "ask"
    assert verdict("git status", protocol=protocol).decision == "allow"


def test_one_bad_part_decides_for_the_whole_line() -> None:
    answer = verdict("git status && git tag v1 && git log", protocol=Protocol(rules=(rule("ask"),)))
    assert answer.decision == "ask"
    assert answer.evidence and "git tag v1" in answer.evidence[0]


def test_every_destructive_effect_is_refused_with_something_to_do_instead() -> None:
    for effect in DESTRUCTIVE:
        answer = decide([Effect(effect=effect, span="git x", why="it does")], Protocol())
        assert answer.decision == "refuse"
        assert answer.why and answer.evidence and answer.instead
    assert set(EFFECTS) >= DESTRUCTIVE
    assert "state.read" not in DESTRUCTIVE


def test_no_limit_on_branches_leaves_commits_alone() -> None:
    on_main = dataclasses.replace(Protocol(), require_branch=False)
    assert decide([Effect(effect="commit", span="x", why="y")], on_main, "main").decision == "allow"
    assert decide([Effect(effect="commit", span="x", why="y")], Protocol(), "main").decision == "refuse"
    assert decide([Effect(effect="commit", span="x", why="y")], Protocol(), "main2").decision == "allow"


@pytest.mark.parametrize("unknown", ["allow", "ask"])
def test_computed_code_is_refused_whatever_holds_for_the_unknown(unknown: Any) -> None:
    plain = Effect(effect="unknown", span="tool", why="it is not analysed")
    supplied = Effect(effect="unknown", span="xargs sh -c", why="the commands are computed", computed=True)
    assert decide([plain], Protocol(), unknown=unknown).decision == unknown
    answer = decide([plain, supplied], Protocol(), unknown=unknown)
    assert (answer.decision, answer.rule) == ("refuse", "computed-code")
    assert "the commands are computed" in answer.why and answer.instead
