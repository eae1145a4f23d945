"""A secret's value appears in no answer, no reason, no fingerprint and no log, whatever a system does with it."""

import logging
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.core.inventory import LIVE_KINDS, InventorySettings, LiveSource
from safe_rollback.inventory.live.ask import ask_live, fingerprints
from safe_rollback.inventory.model import Item
from tests.inventory.live.kit import DJANGO, SALT, item, migration
from tests.inventory.live.provider import Answer, Asked, Provider
from tests.inventory.live.tools import Tools

PASSWORD, TOKEN, VALUE = "canary%2Fpass%40word", "canary-token-abcdef", "canary-value-ghijkl"
CANARIES = (PASSWORD, "canary/pass@word", TOKEN, VALUE, "canary")

ITEMS: list[Item] = [
    migration("1", DJANGO),
    item("caches", "cache key", "user:{id}"),
    item("environment", "variable", "A_NAME", "changed"),
    item("feature_flags", "flag", "a-flag"),
    item("third_party", "webhook route", "/hooks/a"),
    item("third_party", "dns record", "a.example.com"),
    item("third_party", "terraform resource", "a_b.c"),
    item("artifacts", "image build", "Dockerfile"),
    *(item("published", "package version", f"pkg@1.2.{n}", scope=one)
      for n, one in enumerate(("npm", "pypi", "cargo", "rubygems"))),
]  # fmt: skip
DATABASES = ("postgres", "mysql", "redis")
OPTIONS = {"project": "p", "zone": "z", "app": "a", "image": "i"}
PROGRAMS = ("vercel", "netlify", "fly", "heroku", "docker", "kubectl", "terraform", "npm", "pip", "cargo", "gem")


def sources(address: str, kind: str) -> InventorySettings:
    options = {name: value for name, value in OPTIONS.items() if name in LIVE_KINDS[kind]}
    options |= {"token_env": "TOKEN"} if "token_env" in LIVE_KINDS[kind] else {}
    source = LiveSource(kind=kind, name=f"my {kind}", url_env=address, options=options)
    source.check()
    return InventorySettings(live=(source,))


def everything(kind: str, environ: dict[str, str], root: Path, address: str, caplog: Any) -> str:
    """All that comes out of one source, and all that was logged meanwhile."""
    with caplog.at_level(logging.DEBUG):
        settings = sources(address, kind)
        answers, unknowns = ask_live(settings, ITEMS, environ, str(root), salt=SALT, seconds=3)
        printed = fingerprints(settings, environ, str(root), salt=SALT, seconds=3)
    assert answers and all(live.clean is not True for live in answers.values())
    return f"{answers} {unknowns} {printed} {caplog.text}"


def assert_nothing(text: str) -> None:
    for canary in CANARIES:
        assert canary not in text


def echo(asked: Asked) -> Answer:
    """Repeats in every place what it was sent."""
    sent = f"{dict(asked.headers)} {dict(asked.query)}"
    return Answer({"error": sent, "message": sent}, status=418, headers={"X-Sent": TOKEN, "Reason": TOKEN})


@pytest.mark.parametrize("kind", [kind for kind, options in LIVE_KINDS.items() if "insecure" in options])
def test_of_a_provider_that_repeats_it(provider: Provider, tmp_path: Path, kind: str, caplog: Any) -> None:
    class Everywhere(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            return echo

    provider.routes = Everywhere()
    environ = {"ADDRESS": f"{provider.url}/{VALUE}", "TOKEN": TOKEN}
    text = everything(kind, environ, tmp_path, "ADDRESS", caplog)
    assert provider.asked and "it answers with status 418" in text
    assert_nothing(text)


@pytest.mark.parametrize("kind", DATABASES)
def test_of_a_database_that_is_not_there(tmp_path: Path, kind: str, caplog: Any) -> None:
    scheme = {"postgres": "postgresql", "mysql": "mysql", "redis": "redis"}[kind]
    for place in ("127.0.0.1:1", "nobody.invalid:1", "[::1", "127.0.0.1:canary"):
        environ = {"ADDRESS": f"{scheme}://{VALUE}:{PASSWORD}@{place}/0?sslmode=disable"}
        assert_nothing(everything(kind, environ, tmp_path, "ADDRESS", caplog))


@pytest.mark.parametrize(
    "kind", ["vercel", "netlify", "fly", "heroku", "compose", "kubernetes", "terraform", "docker", "npm", "rubygems"]
)
@pytest.mark.parametrize("code", [0, 1])
def test_of_a_tool_that_repeats_its_environment(
    tools: Tools, tmp_path: Path, kind: str, code: int, caplog: Any
) -> None:
    said = f"{VALUE}\nA_NAME={VALUE}\n" if code == 0 else f"failed with token={TOKEN} at https://joe:{PASSWORD}@h/\n"
    for program in PROGRAMS:
        tools.add(program, said, err=said, code=code)
    environ = {**tools.environ, "HEROKU_API_KEY": TOKEN}
    text = everything(kind, environ, tmp_path, "", caplog)
    # What a tool prints in free text is nobody's secret that we know of; what it was given by us is.
    assert TOKEN not in text and PASSWORD not in text and (code == 1 or VALUE not in text)


def test_of_a_tool_that_lists_values(tools: Tools, tmp_path: Path, caplog: Any) -> None:
    tools.add("heroku", {"A_NAME": VALUE, "OTHER": TOKEN})
    assert_nothing(everything("heroku", dict(tools.environ), tmp_path, "", caplog))
