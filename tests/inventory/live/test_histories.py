"""What rows of a history say: newest rows, heads, chains."""

from pathlib import Path
from typing import Any

import pytest

from safe_rollback.inventory.live.histories import Chain, Table, is_history, revisions_beside, said

TABLE = Table(schema="public", name="t", columns={"id": "id", "v": "V", "on": "on"})
PLAIN: dict[str, Any] = {"table": "t", "columns": ["v"], "column": "v", "heads": False, "undone": ""}
HEADS = {**PLAIN, "heads": True}
UNDONE = {**PLAIN, "undone": "NOT on"}


@pytest.mark.parametrize(
    ("history", "rows", "id_", "applied"),
    [
        (PLAIN, [{"v": 1}, {"v": 2}], "2", True),
        (PLAIN, [{"v": 1}], "2", False),
        (PLAIN, [], "2", False),
        # Goose wrote a row for each up and each down.
        (UNDONE, [{"id": 1, "v": "2", "on": True}, {"id": 2, "v": "2", "on": False}], "2", False),
        (UNDONE, [{"id": 3, "v": "2", "on": True}, {"id": 2, "v": "2", "on": False}], "2", True),
        (UNDONE, [{"v": "2", "on": True}, {"v": "2", "on": False}], "2", True),
        (UNDONE, [{"v": "2", "on": False}], "2", False),
        # golang-migrate keeps the newest number only.
        (HEADS, [{"v": 20240103}], "20240102", True),
        (HEADS, [{"v": 20240101}], "20240102", False),
        (HEADS, [], "20240102", False),
        (HEADS, [{"v": "abc"}], "20240102", None),
        ({**PLAIN, "column": "lower(v)"}, [{"v": 1}], "1", None),
        ({**PLAIN, "undone": "v > 2"}, [{"v": 1}], "1", None),
        ({**PLAIN, "column": "w"}, [{"v": 1}], "1", None),
    ],
)
def test_what_rows_say(history: dict[str, Any], rows: list[dict[str, Any]], id_: str, applied: bool | None) -> None:
    assert said(TABLE, history, rows, id_, Chain({})).applied is applied


@pytest.mark.parametrize(
    ("heads", "id_", "applied"),
    [
        (["d"], "b", True), (["d"], "d", True), (["a"], "b", False), (["b"], "d", False), (["x"], "b", None),
        (["d", "s"], "b", True), (["a", "s"], "d", False), (["m"], "s", True), (["m"], "b", True),
        (["s"], "b", False),
    ],
)  # fmt: skip
def test_revisions_before_a_head_are_applied(heads: list[str], id_: str, applied: bool | None) -> None:
    """A line a < b < c < d, another that is s alone, and m that merges d and s."""
    chain = Chain({"a": [], "b": ["a"], "c": ["b"], "d": ["c"], "s": [], "m": ["d", "s"]})
    assert said(TABLE, HEADS, [{"v": head} for head in heads], id_, chain).applied is applied


def test_a_chain_that_goes_in_a_circle_ends() -> None:
    assert Chain({"a": ["b"], "b": ["a"]}).reaches("a", "c") is False


def test_a_table_is_known_by_name_schema_and_columns() -> None:
    assert is_history(TABLE, PLAIN) and is_history(TABLE, {**PLAIN, "table": "public.T"})
    assert not is_history(TABLE, {**PLAIN, "table": "other.t"})
    assert not is_history(TABLE, {**PLAIN, "columns": ["v", "more"]})
    assert not is_history(TABLE, {**PLAIN, "undone": "gone IS NULL"})


def test_revisions_are_read_without_running_them(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("revision = 'a'\ndown_revision = None\n")
    (tmp_path / "b.py").write_text("revision: str = 'b'\ndown_revision: str | None = 'a'\n")
    (tmp_path / "m.py").write_text("revision = 'm'\ndown_revision = ('a', 'b')\nimport os; os.mkdir('made')\n")
    (tmp_path / "computed.py").write_text("revision = 'c'\ndown_revision = get()\n")
    (tmp_path / "broken.py").write_bytes(b"revision = '\xff\0")
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "note.txt").write_text("revision = 'x'\ndown_revision = 'y'\n")
    assert revisions_beside(str(tmp_path)) == {"a": (), "b": ("a",), "m": ("a", "b")}
    assert revisions_beside(str(tmp_path / "none")) == {} and not (tmp_path / "made").exists()
