"""What a live system says otherwise than a checkpoint recorded, and nothing else explains."""

from safe_rollback.core.inventory import InventorySettings, LiveSource
from safe_rollback.inventory.live.drift import with_drift
from safe_rollback.inventory.model import Item

SETTINGS = InventorySettings(
    artifacts=("dist/**",),
    live=(
        LiveSource(kind="unleash", name="flags", url_env="U"),
        LiveSource(kind="postgres", name="shop", url_env="P"),
    ),
)


def told(items: list[Item]) -> list[tuple[str, str, str, str, str]]:
    return [(one.domain, one.kind, one.name, one.before, one.after) for one in items]


def test_a_flag_that_was_off_and_is_on_is_an_item() -> None:
    found = with_drift(
        [], SETTINGS, {"flags": {"new": "off", "old": "on"}}, {"flags": {"new": "on", "old": "on"}}, "c.1"
    )
    assert told(found) == [("feature_flags", "flag", "new", "off", "on")]
    assert "c.1" in found[0].evidence[0].observed
    assert "off" in found[0].action.text


def test_an_item_that_explains_it_learns_what_was_and_is() -> None:
    known = Item(domain="feature_flags", kind="flag", name="new", change="observed")
    found = with_drift([known], SETTINGS, {"flags": {"new": "off"}}, {"flags": {"new": "on"}}, "c.1")
    assert told(found) == [("feature_flags", "flag", "new", "off", "on")]


def test_a_migration_is_explained_by_its_item() -> None:
    known = Item(domain="database", kind="migration", name="ae10", change="added")
    found = with_drift([known], SETTINGS, {"shop": {}}, {"shop": {"public.alembic_version ae10": "applied"}}, "c.1")
    assert told(found) == [("database", "migration", "ae10", "", "applied")]


def test_what_came_and_what_went_are_told_apart() -> None:
    found = with_drift([], SETTINGS, {"flags": {"gone": "on"}}, {"flags": {"come": "on"}}, "c.1")
    assert [(one.name, one.change) for one in found] == [("come", "added"), ("gone", "removed")]


def test_a_source_that_could_not_tell_then_or_now_says_nothing() -> None:
    assert with_drift([], SETTINGS, {"flags": {"unknown": "no answer"}}, {"flags": {"new": "on"}}, "c.1") == []
    assert with_drift([], SETTINGS, {"flags": {"new": "on"}}, {"flags": {"unknown": "no answer"}}, "c.1") == []
    assert with_drift([], SETTINGS, {}, {"flags": {"new": "on"}}, "c.1") == []


def test_a_bundle_that_was_built_anew_is_an_item() -> None:
    found = with_drift([], SETTINGS, {"artifacts": {"dist/**": "#aa"}}, {"artifacts": {"dist/**": "#bb"}}, "c.1")
    assert told(found) == [("artifacts", "build output", "dist/**", "#aa", "#bb")]
