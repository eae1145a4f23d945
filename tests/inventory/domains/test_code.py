"""Code: one item for the commits."""

from safe_rollback.inventory.domains.code import CODE
from tests.inventory.kit import Story, only


def test_it_is_one_item_whatever_changed(story: Story) -> None:
    changes = story.changes({"a": "1\n"}, {"a": "2\n"}, {"b": "1\n", "a": "3\n"})
    item = only(CODE.detect(changes))
    first, last = changes.deltas[0].commit, changes.deltas[-1].commit
    assert (item.kind, item.name, item.before, item.after) == ("commits", "worktree", f"{first[:10]}^", last[:10])
    assert item.action.text.startswith("2 commits, 2 files: plan_rollback")
    assert item.verify == "git status --porcelain"
    assert item.details == {"commits": [first, last], "files": 2}


def test_nothing_changed_is_no_item(story: Story) -> None:
    assert list(CODE.detect(story.changes({"a": "1\n"}, {}))) == []
