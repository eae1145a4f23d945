"""Ids that a caller may hand in, and nothing that only looks like one."""

from collections.abc import Callable

import pytest

from safe_rollback.core.errors import InvalidInputError
from safe_rollback.core.ids import chain_of, checkpoint_id, oid, operation_id, plan_id, session_id

_GOOD: list[tuple[Callable[[str], str], str]] = [
    (session_id, "2026-11-20-001"),
    (session_id, "2026-11-20-1234"),
    (checkpoint_id, "2026-11-20-001.4"),
    (checkpoint_id, "at-main.12"),
    (checkpoint_id, "at-wt-0123456789ab.1"),
    (operation_id, "op-1a2b3c4d"),
    (plan_id, "plan-1a2b3c4d"),
    (oid, "a" * 40),
    (oid, "0" * 64),
]
_TAILS = ["\n", " ", "\0", "/..", "/../../heads/main", "^{tree}", "~1", "..", " --upload-pack=x", "\u0661", "é"]


@pytest.mark.parametrize(("check", "text"), _GOOD)
def test_an_id_comes_through_as_it_is(check: Callable[[str], str], text: str) -> None:
    assert check(text) == text


@pytest.mark.parametrize(("check", "text"), _GOOD)
@pytest.mark.parametrize("tail", _TAILS)
def test_nothing_can_hang_on_to_an_id(check: Callable[[str], str], text: str, tail: str) -> None:
    for wrong in (text + tail, tail + text):
        with pytest.raises((InvalidInputError, ValueError)):
            check(wrong)


@pytest.mark.parametrize(
    "text", ["", "x", "--help", "at-.0", "at-main.0", "at-main.-1", "at-main.", ".1", "at-../x.1"]
)
def test_what_is_no_checkpoint_id_is_refused_with_a_way_on(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checkpoint_id(text)
    assert refused.value.hint and "list_checkpoints" in refused.value.hint


def test_a_checkpoint_id_names_its_chain_and_has_one_spelling() -> None:
    assert chain_of(checkpoint_id("at-main.007")) == "at-main"
    assert checkpoint_id("at-main.007") == "at-main.7"


@pytest.mark.parametrize("digits", [39, 41, 63, 65])
def test_an_abbreviated_object_name_is_no_object_name(digits: int) -> None:
    with pytest.raises(ValueError, match="not an object name"):
        oid("a" * digits)
