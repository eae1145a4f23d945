"""Counts from what runners print: exactly one row knows each, and what nobody knows is unknown, not zero."""

import pytest

from safe_rollback.recovery.checks.results import Counts
from safe_rollback.recovery.checks.summaries import RUNNERS, summary_counts, without_colours
from tests.recovery.checks.samples import SAMPLES, UNKNOWN


@pytest.mark.parametrize(("runner", "text", "counts"), SAMPLES, ids=[one[0] for one in SAMPLES])
def test_each_runners_summary_is_read(runner: str, text: str, counts: Counts) -> None:
    assert summary_counts(text, whole=True) == counts
    assert summary_counts(text.replace("\n", "\r\n"), whole=True) == counts
    assert [one.name for one in RUNNERS if one.find(without_colours(text), True)] == [runner]


def test_every_row_has_a_sample() -> None:
    assert {one.name for one in RUNNERS} == {name for name, _, _ in SAMPLES}


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_no_row_knows_is_unknown(text: str) -> None:
    assert summary_counts(text, whole=True) is None


def test_the_summary_that_ends_last_counts() -> None:
    nested = "Captured stdout call\n=== 7 failed in 0.10s ===\n"
    assert summary_counts(f"{nested}=== 1 failed, 2 passed in 0.30s ===\n", whole=True) == Counts(passed=2, failed=1)
    mixed = "=== 5 passed in 0.30s ===\n  1 passing (5ms)\n  1 failing\n"
    assert summary_counts(mixed, whole=True) == Counts(passed=1, failed=1)


@pytest.mark.parametrize("name", ["go test", "cargo test", "surefire", "dotnet test"])
def test_parts_that_may_be_cut_off_are_not_added_up(name: str) -> None:
    text = next(text for runner, text, _ in SAMPLES if runner == name)
    assert summary_counts(text, whole=True) is not None
    assert summary_counts(text, whole=False) is None


@pytest.mark.parametrize(
    "piece", ["1 passed, ", "=== RUN   x\n", " 1 pass\n", "Tests: 1, ", "\x1b[", "9", "  \n", "| "]
)
def test_no_output_is_read_forever(piece: str) -> None:
    assert summary_counts(piece * ((1 << 20) // len(piece)), whole=True) is None
