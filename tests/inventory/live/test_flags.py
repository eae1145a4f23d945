"""Flags of every provider: what is asked, with which header, page by page, and what the answer means."""

import json
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.inventory.model import Change, Item
from tests.inventory.live.kit import ask, item, one, prints
from tests.inventory.live.provider import Answer, Asked, Provider

TOKEN = "canary-token-1234"


def flag(name: str, change: Change = "added") -> Item:
    return item("feature_flags", "flag", name, change)


def given(provider: Provider, **options: str) -> dict[str, Any]:
    environ = {"FLAGS_URL": provider.url, "FLAGS_TOKEN": TOKEN}
    return {"environ": environ, "url_env": "FLAGS_URL", "options": {"token_env": "FLAGS_TOKEN", **options}}


def unleash(provider: Provider) -> None:
    provider.routes["/api/admin/projects/shop/features"] = Answer(
        {
            "version": 2,
            "features": [
                {"name": "new-cart", "type": "release", "stale": False,
                 "environments": [{"name": "development", "enabled": True},
                                  {"name": "production", "enabled": False}]},
                {"name": "dark", "environments": [{"name": "production", "enabled": False}]},
            ],
        }
    )  # fmt: skip


def posthog(provider: Provider) -> None:
    def page(asked: Asked) -> Answer:
        first = asked.query["offset"] == "0"
        rows = [{"id": 1, "key": "new-cart", "active": True, "deleted": False}] if first else [
            {"id": 2, "key": "dark", "active": False, "deleted": False},
            {"id": 3, "key": "thrown-away", "active": True, "deleted": True},
        ]  # fmt: skip
        return Answer({"count": 3, "next": f"{provider.url}/elsewhere" if first else None, "results": rows})

    provider.routes["/api/projects/7/feature_flags/"] = page


def launchdarkly(provider: Provider) -> None:
    def page(asked: Asked) -> Answer:
        first = asked.query["offset"] == "0"
        on = {"key": "new-cart", "environments": {"production": {"on": True}, "test": {"on": False}}}
        off = {"key": "dark", "environments": {"production": {"on": False}}}
        return Answer(
            {"items": [on if first else off], "totalCount": 2, "_links": {"next": {"href": "/x"}} if first else {}}
        )

    provider.routes["/api/v2/flags/web"] = page


def flagsmith(provider: Provider) -> None:
    provider.routes["/api/v1/flags/"] = Answer(
        [
            {"id": 1, "enabled": True, "feature_state_value": None, "feature": {"id": 1, "name": "new-cart"}},
            {"id": 2, "enabled": False, "feature_state_value": "x", "feature": {"id": 2, "name": "dark"}},
        ]
    )


def growthbook(provider: Provider) -> None:
    def page(asked: Asked) -> Answer:
        first = asked.query["offset"] == "0"
        on = {"id": "new-cart", "archived": False, "environments": {"production": {"enabled": True}}}
        off = {"id": "dark", "archived": True, "environments": {"production": {"enabled": True}}}
        return Answer({"features": [on if first else off], "hasMore": first, "nextOffset": 100})

    provider.routes["/api/v1/features"] = page


PROVIDERS = {
    "unleash": (unleash, {"project": "shop"}, ("authorization", TOKEN), "development on, production off"),
    "posthog": (posthog, {"project": "7"}, ("authorization", f"Bearer {TOKEN}"), "on"),
    "launchdarkly": (launchdarkly, {"project": "web"}, ("authorization", TOKEN), "production on, test off"),
    "flagsmith": (flagsmith, {}, ("x-environment-key", TOKEN), "on"),
    "growthbook": (growthbook, {}, ("authorization", f"Bearer {TOKEN}"), "production on"),
}


@pytest.mark.parametrize("kind", PROVIDERS)
def test_states_of_flags(provider: Provider, kind: str) -> None:
    fill, options, header, state = PROVIDERS[kind]
    fill(provider)
    wanted = [flag("new-cart"), flag("dark"), flag("gone"), flag("thrown-away", "removed"), flag("dark", "changed")]
    said, unknowns = ask(kind, wanted, "/", **given(provider, **options))
    assert not unknowns
    assert [(live.state, live.clean) for live in said if live] == [
        ("present", False), ("present", None), ("absent", True), ("absent", False), ("present", None),
    ]  # fmt: skip
    assert said[0] is not None and said[0].detail == f"live: {state}"
    assert {one.method for one in provider.asked} == {"GET"}
    assert all(one.headers[header[0]] == header[1] for one in provider.asked)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_flag_that_is_off_everywhere_is_as_good_as_gone(provider: Provider, kind: str) -> None:
    fill, options, _, _ = PROVIDERS[kind]
    fill(provider)
    state, clean, _ = one(kind, flag("dark"), "/", **given(provider, **options))
    assert (state, clean) == ("present", True)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_state_that_was_recorded_says_whether_it_is_back(provider: Provider, kind: str) -> None:
    fill, options, _, state = PROVIDERS[kind]
    fill(provider)
    recorded = prints(kind, "/", **given(provider, **options))
    assert recorded["new-cart"] == state
    same = one(kind, flag("new-cart", "observed"), "/", recorded=recorded, **given(provider, **options))
    assert same == ("same", True, state)
    other = {**recorded, "new-cart": "production off"}
    assert one(kind, flag("new-cart", "observed"), "/", recorded=other, **given(provider, **options))[:2] == (
        "changed", False,
    )  # fmt: skip
    before = {"dark": recorded["dark"]}
    assert one(kind, flag("new-cart"), "/", recorded=before, **given(provider, **options))[1] is False
    assert one(kind, flag("gone"), "/", recorded=before, **given(provider, **options))[1] is True


def test_a_project_that_does_not_exist_has_no_flags_and_is_not_clean(provider: Provider) -> None:
    provider.routes["/api/admin/projects/other/features"] = Answer({"version": 2, "features": []})
    provider.routes["/api/admin/projects"] = Answer({"version": 1, "projects": [{"id": "shop"}]})
    (live,), unknowns = ask("unleash", [flag("a")], "/", **given(provider, project="other"))
    assert live is not None and live.clean is None and unknowns == ["feature_flags: live: there is no project other"]
    provider.routes["/api/admin/projects"] = Answer({"version": 1, "projects": [{"id": "other"}]})
    assert one("unleash", flag("a"), "/", **given(provider, project="other"))[:2] == ("absent", True)


FLAGD = {
    "flags": {
        "new-cart": {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "on"},
        "dark": {"state": "DISABLED", "variants": {"on": True}, "defaultVariant": "on"},
        "closed": {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"},
        "some": {"state": "ENABLED", "variants": {"off": False}, "defaultVariant": "off", "targeting": {"if": []}},
        "colour": {"state": "ENABLED", "variants": {"red": "#f00"}, "defaultVariant": "red"},
    }
}


def test_definitions_of_flagd_in_a_file_or_from_where_they_are_served(tmp_path: Path, provider: Provider) -> None:
    (tmp_path / "flags.json").write_text(json.dumps(FLAGD))
    states = {"new-cart": "on", "dark": "off", "closed": "off", "some": "variant off", "colour": "variant red"}
    assert prints("flagd", str(tmp_path), path="flags.json") == states
    provider.routes["/flags.json"] = Answer(FLAGD)
    provider.routes["/"] = Answer(FLAGD)
    assert prints("flagd", "/", {"U": provider.url}, url_env="U") == states
    assert one("flagd", flag("dark"), str(tmp_path), path="flags.json")[:2] == ("present", True)


@pytest.mark.parametrize(
    ("content", "why"), [("{", "it is no JSON"), ("[]", "it holds no flags"), (None, "flags.json cannot be read")]
)
def test_definitions_that_cannot_be_read_are_unknown(tmp_path: Path, content: str | None, why: str) -> None:
    if content is not None:
        (tmp_path / "flags.json").write_text(content)
    (live,), unknowns = ask("flagd", [flag("a")], str(tmp_path), path="flags.json")
    assert live is not None and live.clean is None and why in unknowns[0]


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize(
    "body", [None, [], {}, {"features": 1}, {"results": [1]}, [{"feature": 1}], "x", b"<html>", b""]
)
def test_an_answer_of_another_form_is_unknown(provider: Provider, kind: str, body: Any) -> None:
    fill, options, _, _ = PROVIDERS[kind]
    fill(provider)
    provider.routes = dict.fromkeys(provider.routes, Answer(body))
    (live,), unknowns = ask(kind, [flag("a")], "/", **given(provider, **options))
    assert live is not None
    # An empty list of Flagsmith's is a list of no flags.
    if not (kind == "flagsmith" and body == []):
        assert live.clean is None and unknowns and "failed" not in unknowns[0]
