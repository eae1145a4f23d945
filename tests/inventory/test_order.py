"""Before the code, with it, after it; and what needs what within that."""

from safe_rollback.inventory.model import Item, When
from safe_rollback.inventory.order import in_order


def item(domain: str, name: str, when: When, rank: int = 0) -> Item:
    return Item(domain=domain, kind="k", name=name, change="added", when=when, rank=rank)


def test_flags_go_off_and_downs_run_before_the_code_and_caches_come_last() -> None:
    items = [
        item("caches", "key", "after code"),
        item("dependencies", "package", "with code"),
        item("database", "older", "before code", rank=2),
        item("code", "worktree", "with code"),
        item("environment", "variable", "after code"),
        item("database", "newer", "before code", rank=1),
        item("feature_flags", "flag", "before code"),
    ]
    assert [one.name for one in in_order(items)] == [
        "flag", "newer", "older", "worktree", "package", "variable", "key",
    ]  # fmt: skip
