"""What a protocol says of the inventory survives the ledger, and holds no address or token."""

import json

import pytest

from safe_rollback.core.errors import InvalidInputError
from safe_rollback.core.inventory import CustomDetector, InventorySettings, LiveSource, from_data


def test_settings_survive_the_ledger() -> None:
    settings = InventorySettings(
        artifacts=("dist/**",),
        live=(LiveSource(kind="postgres", name="main", url_env="DATABASE_URL", options={"schema": "app"}),),
        custom=(CustomDetector(id="queue", paths=("*.rb",), pattern="queue (?P<name>x)", domain="third_party"),),
    )
    assert from_data(json.loads(json.dumps(settings.to_data()))) == settings
    assert from_data({}) == InventorySettings()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (LiveSource(kind="oracle", name="n"), "'oracle' is no kind of live source"),
        (LiveSource(kind="redis", name="n", options={"schema": "x"}), "'schema' is no option of redis"),
        (LiveSource(kind="redis", name="n", url_env="redis://u:p@h"), "name environment variables"),
        (LiveSource(kind="stripe", name="n", options={"token_env": "sk_live_1-2"}), "name environment variables"),
        (LiveSource(kind="sqlite", name="n", path="../x.db"), "'../x.db' is not inside of the worktree"),
        (LiveSource(kind="sqlite", name="n", path="/x.db"), "'/x.db' is not inside of the worktree"),
        (LiveSource(kind="redis", name="n", options={"dotenv": "a/../../.env"}), "is not inside of the worktree"),
    ],
)
def test_what_cannot_be_used_is_named(source: LiveSource, why: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        source.check()
    assert why in str(caught.value) and caught.value.hint


def test_what_can_be_used_is_accepted() -> None:
    LiveSource(
        kind="unleash", name="n", url_env="U", options={"token_env": "T", "dotenv": ".env", "under": "a"}
    ).check()
    LiveSource(kind="sqlite", name="n", path="db/dev.sqlite3").check()
