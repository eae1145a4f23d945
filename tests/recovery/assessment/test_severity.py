"""Figures against thresholds: each names its figure, and what is not known counts for nothing."""

import pytest

from safe_rollback.core.recovery import Thresholds
from safe_rollback.recovery.assessment.facts import Reach, Symptoms
from safe_rollback.recovery.assessment.severity import judge, level_of

ONE = Reach(kind="commit", commits=1)


@pytest.mark.parametrize(
    ("symptoms", "tier", "needed", "says"),
    [
        (Symptoms(), "none", None, ""),
        (Symptoms(checks_failing=0, checks_run=3), "none", None, "0 of 3 checks failed"),
        (Symptoms(checks_failing=1, checks_run=3), "low", "component", "1 of 3 checks failed"),
        (Symptoms(failing_tests_percent=0.4), "medium", "component", "0.4 % of the tests fail"),
        (Symptoms(failing_tests_percent=10), "high", "phase", "10.0 % of the tests fail"),
        (Symptoms(failing_tests_percent=50), "critical", "project", "50.0 % of the tests fail"),
        (Symptoms(error_rate_percent=0.5), "medium", "component", "0.50 % (as the caller says)"),
        (Symptoms(error_rate_percent=1), "high", "phase", "1.00 %"),
        (Symptoms(error_rate_percent=5), "critical", "project", "5.00 %"),
        (Symptoms(slower_percent=40), "low", "component", "40 % slower"),
        (Symptoms(slower_percent=100), "medium", "component", "100 % slower"),
        (Symptoms(commits_since_green=10), "none", None, ""),
        (Symptoms(commits_since_green=11), "low", None, "11 commits since the last one that passed"),
        (Symptoms(secrets=["a.py:3"]), "critical", None, "1 secret: a.py:3"),
    ],
)
def test_each_symptom_has_its_tier_level_and_figure(
    symptoms: Symptoms, tier: str, needed: str | None, says: str
) -> None:
    found = judge(symptoms, ONE, Thresholds())
    assert (found.tier, found.needed) == (tier, needed)
    assert says in " ".join(found.findings)


def test_the_worst_of_several_counts_and_all_are_told() -> None:
    found = judge(Symptoms(checks_failing=1, checks_run=2, error_rate_percent=7.5), ONE, Thresholds())
    assert (found.tier, found.needed, len(found.findings)) == ("critical", "project", 2)


def test_thresholds_are_the_protocols() -> None:
    strict = Thresholds(phase_failing_tests=1, project_failing_tests=2)
    assert judge(Symptoms(failing_tests_percent=2), ONE, strict).tier == "critical"


def test_a_caller_can_only_raise_the_tier() -> None:
    assert judge(Symptoms(checks_failing=1, checks_run=1), ONE, Thresholds(), "high").tier == "high"
    assert judge(Symptoms(failing_tests_percent=60), ONE, Thresholds(), "low").tier == "critical"


@pytest.mark.parametrize(
    ("reach", "level"),
    [
        (Reach(kind="commit", commits=1), "component"),
        (Reach(kind="commit", commits=1, squash=True), "phase"),
        (Reach(kind="paths", commits=4), "component"),
        (Reach(kind="session", commits=4, sessions=["a"]), "phase"),
        (Reach(kind="merge", commits=1), "phase"),
        (Reach(kind="range", commits=9, sessions=["a", "b"]), "project"),
    ],
)
def test_the_level_is_what_the_rollback_reaches(reach: Reach, level: str) -> None:
    assert level_of(reach) == level
