"""Expressions of history tables are read here, and what is not understood is never guessed."""

from typing import Any

import pytest

from safe_rollback.inventory.live.conditions import ConditionError, as_text, columns, holds, joined
from safe_rollback.inventory.migrations import TOOLS

ROW: dict[str, Any] = {
    "app": "shop", "name": "0001", "rolled_back_at": None, "finished": "x", "success": True, "failed": b"\x00",
    "kind": "EXECUTED", "n": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "holding"),
    [
        ("rolled_back_at IS NOT NULL", False), ("rolled_back_at is null", True), ("finished IS NOT NULL", True),
        ("NOT success", False), ("success", True), ("success = false", False), ("success = 1", True),
        ("success = TRUE", True), ("NOT failed", True), ("kind = 'EXECUTED'", True), ("kind <> 'EXECUTED'", False),
        ("kind != 'FAILED'", True), ("kind IN ('FAILED', 'EXECUTED')", True), ("kind NOT", None), ("n = 3", True),
        ("rolled_back_at = 'x'", False), ("rolled_back_at <> 'x'", False), ("NOT (success AND n = 4)", True),
        ("n = 4 OR n = 3 AND success", True), ("`n` = 3", True),
        ('"kind" = \'EXECUTED\'', True), ("KIND = 'EXECUTED'", True),
        ("kind = 'it''s'", False), ("n > 2", None), ("exists(SELECT 1)", None), ("", None),
        ("n = 3; DROP TABLE x", None), ("absent = 1", None),
        ("kind LIKE 'x'", None), ("n = kind", None), ("(n = 3", None), ("n IN ()", None), ("n IS 3", None),
    ],
)  # fmt: skip
def test_conditions(condition: str, holding: bool | None) -> None:
    if holding is None:
        with pytest.raises(ConditionError):
            holds(condition, ROW)
    else:
        assert holds(condition, ROW) is holding


def test_expressions_of_columns_and_texts() -> None:
    assert joined("app || '.' || name", ROW) == "shop.0001"
    assert joined("name", ROW) == "0001"
    assert columns("app || '.' || Name") == ["app", "Name"]
    for wrong in ("app ||", "app name", "|| app", "app || not", "lower(app)", "app || '.", "app -- x"):
        with pytest.raises(ConditionError):
            joined(wrong, ROW)


def test_values_of_every_driver_compare() -> None:
    assert [as_text(one) for one in (True, 20240101, "20240101", b"\x01", b"ab", None)] == [
        "1", "20240101", "20240101", "1", "ab", "None",
    ]  # fmt: skip


def test_what_the_tools_say_of_their_histories_is_understood() -> None:
    """A tool whose expression is not would be unknown on every database."""
    for tool in TOOLS:
        for history in tool.history:
            row = dict.fromkeys(
                [*(one.lower() for one in columns(history.column)), *map(str.lower, history.columns)], "1"
            )
            assert joined(history.column, row)
            if history.undone:
                row |= dict.fromkeys((one.lower() for one in columns(history.undone)), "1")
                assert holds(history.undone, row) in (True, False)
            # What it needs has to be what tells its table from others of the same name.
            assert {one.lower() for one in columns(history.column)} <= {one.lower() for one in history.columns}
