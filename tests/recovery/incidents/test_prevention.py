"""Proposals are read as the protocol reads its block."""

import pytest

from safe_rollback.core.errors import InvalidInputError
from safe_rollback.policies.protocol.model import Protocol
from safe_rollback.recovery.incidents.prevention import MAX_PROPOSALS, Proposal, proposals

CHECK = '[[check]]\nname = "login"\nrun = "pytest"'
TRIGGER = '[[trigger]]\nid = "red"\nmetric = "checks_failing"\nabove = 0\ndo = ["stop"]'
RULE = (
    '[[rule]]\nid = "no-reset"\neffect = "worktree.discard"\ndecision = "refuse"\nwhy = "w"\ninstead = "i"\n'
    'refuses = ["git reset --hard"]\npermits = ["git status"]'
)


def read(*texts: str) -> list[Proposal]:
    return proposals(texts, lambda text: text, Protocol())


def test_one_block_each_is_taken_as_it_reads() -> None:
    found = read(CHECK, RULE, f"\n{TRIGGER}\n\n")
    assert [(one.kind, one.name, one.toml) for one in found] == [
        ("check", "login", CHECK),
        ("rule", "no-reset", RULE),
        ("trigger", "red", TRIGGER),
    ]


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ("We should test more.", "TOML"),
        ("", "holds 0 blocks"),
        ("# only a comment", "holds 0 blocks"),
        (CHECK + "\n" + TRIGGER, "holds 2 blocks"),
        ("[session]\nmax_files = 5", "holds 0 blocks"),
        (CHECK + "\n[session]\nmax_files = 500", "nothing else"),
        (CHECK + "\n[authority]\nproject = 'agent'", "nothing else"),
        (CHECK + "\n[incident]\nnotify = ['boss']", "nothing else"),
        ('[[check]]\nname = "x"', "run takes a text"),
        ('[[trigger]]\nid = "x"\nmetric = "mood"\nabove = 1\ndo = ["stop"]', "metric 'mood'"),
        (RULE.replace("git reset --hard", "git status"), "own example"),
        (RULE.replace('["git status"]', '["git reset --hard"]'), "lists under permits"),
        ("[[nonsense]]\nx = 1", "is unknown"),
    ],
)
def test_anything_else_is_an_error_that_names_the_item_and_the_form(item: str, why: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(TRIGGER, item)
    said = str(caught.value)
    assert said.startswith("prevention item 2") and why in said and "[[check]]" in said


def test_names_are_distinct_and_there_are_not_too_many() -> None:
    with pytest.raises(InvalidInputError, match="second check login"):
        read(CHECK, CHECK)
    with pytest.raises(InvalidInputError, match="at most"):
        read(*[CHECK.replace("login", f"c{number}") for number in range(MAX_PROPOSALS + 1)])
