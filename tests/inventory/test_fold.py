"""What several commits did to one thing is one item."""

import pytest

from safe_rollback.inventory.fold import fold
from safe_rollback.inventory.model import Change, Evidence, Item


def item(change: Change, before: str = "", after: str = "", commit: str = "c") -> Item:
    return Item(
        domain="environment", kind="variable", name="A", change=change, before=before, after=after,
        evidence=[Evidence(path="a", line=1, commit=commit)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "folded"),
    [
        ([item("added", after="1"), item("changed", "1", "2")], ("added", "", "2")),
        ([item("added", after="1"), item("removed", before="1")], None),
        ([item("changed", "1", "2"), item("changed", "2", "1")], None),
        ([item("changed", "1", "2"), item("changed", "2", "3")], ("changed", "1", "3")),
        ([item("changed", "1", "2"), item("removed", before="2")], ("removed", "1", "")),
        ([item("removed", before="1"), item("added", after="1")], None),
        ([item("removed", before="1"), item("added", after="2")], ("changed", "1", "2")),
        ([item("added"), item("removed"), item("added", after="3")], ("added", "", "3")),
    ],
)
def test_net(steps: list[Item], folded: tuple[str, str, str] | None) -> None:
    found = [(one.change, one.before, one.after) for one in fold(steps)]
    assert found == ([] if folded is None else [folded])


def test_evidence_of_both_is_kept_newest_first() -> None:
    (one,) = fold([item("added", commit="first"), item("changed", commit="second")])
    assert [evidence.commit for evidence in one.evidence] == ["second", "first"]
