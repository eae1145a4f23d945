"""The decision table: the way the figures argue for, with the figures."""

import dataclasses

import pytest

from safe_rollback.core.recovery import Thresholds
from safe_rollback.recovery.assessment.advice import WAYS, Advice, Case, advise
from safe_rollback.recovery.assessment.facts import Reach, Symptoms
from safe_rollback.recovery.assessment.severity import judge

CLEAN = Reach(kind="commit", commits=1, files=3)
SESSION = Reach(kind="session", commits=12, sessions=["s"], files=20)
FAILS = Symptoms(checks_failing=1, checks_run=2)


def advised(symptoms: Symptoms = Symptoms(), reach: Reach = CLEAN) -> Advice:  # noqa: B008
    thresholds = Thresholds()
    severity = judge(symptoms, reach, thresholds)
    return advise(Case(symptoms=symptoms, reach=reach, severity=severity, thresholds=thresholds))


TABLE = [
    (
        "a leaked secret comes before all else",
        Symptoms(secrets=["a.py:3"], checks_failing=1),
        SESSION,
        "rotate_first",
    ),
    ("an unmerged branch", Symptoms(), Reach(kind="branch", commits=0), "archive_branch"),
    ("drift", FAILS, Reach(kind="range", commits=60, sessions=["a", "b", "c"]), "do_not_batch"),
    ("inside a session", FAILS, SESSION, "find_first"),
    (
        "a session that broke much",
        Symptoms(failing_tests_percent=30, checks_failing=1, checks_run=1),
        SESSION,
        "revert",
    ),
    ("data would be lost", Symptoms(), dataclasses.replace(CLEAN, irreversible=["drop users"]), "hold"),
    ("much on top that conflicts", Symptoms(), dataclasses.replace(CLEAN, on_top=20, conflicts=1), "hold"),
    (
        "what uses it can go too",
        FAILS,
        dataclasses.replace(CLEAN, on_top=20, will_break=1, way="plan_rollback target a,b"),
        "take_along",
    ),
    (
        "data would be lost, and what uses it can go too",
        FAILS,
        dataclasses.replace(CLEAN, irreversible=["drop users"], way="plan_rollback target a,b"),
        "hold",
    ),
    (
        "commits of two sessions, named one by one",
        FAILS,
        Reach(kind="commits", commits=2, sessions=["a", "b"]),
        "revert",
    ),
    ("much on top that is clean", Symptoms(), dataclasses.replace(CLEAN, on_top=20), "revert"),
    ("a conflict and little wrong", FAILS, dataclasses.replace(CLEAN, conflicts=1), "fix_forward"),
    ("others use it and little wrong", Symptoms(), dataclasses.replace(CLEAN, will_break=2), "fix_forward"),
    (
        "others use it and much wrong",
        Symptoms(error_rate_percent=3),
        dataclasses.replace(CLEAN, will_break=2),
        "revert",
    ),
    ("a merge", Symptoms(), dataclasses.replace(CLEAN, kind="merge"), "revert"),
    ("a squashed session", Symptoms(), dataclasses.replace(CLEAN, squash=True), "revert"),
    ("nothing against it", Symptoms(checks_failing=0, checks_run=1), CLEAN, "revert"),
]


@pytest.mark.parametrize(("symptoms", "reach", "way"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_way_and_what_to_do_next(symptoms: Symptoms, reach: Reach, way: str) -> None:
    found = advised(symptoms, reach)
    assert found.way == way and found.way in WAYS
    assert found.why and found.next_step


def test_every_way_has_a_row() -> None:
    assert {row[3] for row in TABLE} == set(WAYS)


def test_a_search_that_named_a_commit_of_the_target_is_followed() -> None:
    found = advised(FAILS, dataclasses.replace(SESSION, breaking="abcdef1234"))
    much = Symptoms(checks_failing=1, checks_run=1, failing_tests_percent=90)
    assert advised(much, dataclasses.replace(SESSION, breaking="abcdef1234")) == found
    assert "abcdef1" in found.why[0] and "plan_rollback target abcdef1234" in found.next_step


def test_the_figures_argue() -> None:
    why = " ".join(advised(Symptoms(), dataclasses.replace(CLEAN, conflicts=2, will_break=1, open_items=4)).why)
    assert "2 paths conflict" in why and "1 file would break" in why and "4 items beyond the code" in why
    assert "-m 1" in " ".join(advised(Symptoms(), dataclasses.replace(CLEAN, kind="merge")).why)
    assert "No check is known" in " ".join(advised().why)


def test_the_runbook_names_the_files_and_rewrites_only_a_fresh_clone() -> None:
    runbook = "\n".join(advised(Symptoms(secrets=["conf/a b.yml:3", "conf/a b.yml:9", "x.py:1"])).runbook)
    assert "--path 'conf/a b.yml' --path x.py" in runbook
    assert runbook.index("Rotate") < runbook.index("git clone --mirror") < runbook.index("git filter-repo")


def test_a_clean_case_has_no_runbook() -> None:
    assert advised().runbook == ()
