"""Whether a version is out, by the registry's address or the tool's own client."""

from pathlib import Path
from typing import Any

import pytest

from safe_rollback.inventory.model import Item
from tests.inventory.live.kit import ask, item, one
from tests.inventory.live.provider import Answer, Provider
from tests.inventory.live.tools import Tools


def version(registry: str, name: str, number: str) -> Item:
    details = {"registry": registry, "name": name, "version": number}
    return item("published", "package version", f"{name}@{number}", scope=registry, details=details)


REGISTRIES: dict[str, tuple[str, str, Any, Any]] = {
    "npm": ("npm", "/@scope%2Fpkg/1.2.3", {"version": "1.2.3"}, {"version": "1.2.3", "deprecated": "use 2"}),
    "pypi": (
        "pypi", "/pypi/pkg/1.2.3/json", {"urls": [{"yanked": False}, {"yanked": True}]}, {"urls": [{"yanked": True}]}
    ),
    "crates": ("cargo", "/api/v1/crates/pkg/1.2.3", {"version": {"yanked": False}}, {"version": {"yanked": True}}),
    "rubygems": ("rubygems", "/api/v2/rubygems/pkg/versions/1.2.3.json", {"yanked": False}, {"yanked": True}),
}  # fmt: skip


@pytest.mark.parametrize("kind", REGISTRIES)
def test_a_version_is_out_withdrawn_or_not_there(provider: Provider, kind: str) -> None:
    registry, path, out, withdrawn = REGISTRIES[kind]
    wanted = version(registry, "@scope/pkg" if kind == "npm" else "pkg", "1.2.3")
    given: dict[str, Any] = {"environ": {"R": provider.url}, "url_env": "R"}
    assert one(kind, wanted, "/", **given)[:2] == ("absent", True)
    provider.routes[path] = Answer(out)
    assert one(kind, wanted, "/", **given)[:2] == ("present", False)
    provider.routes[path] = Answer(withdrawn)
    state, clean, detail = one(kind, wanted, "/", **given)
    assert (state, clean) == ("present", True) and detail.endswith(("yanked", "deprecated"))
    for body in ([], "x", 1, {"version": 1} if kind == "crates" else None):
        provider.routes[path] = Answer(body)
        assert one(kind, wanted, "/", **given)[1] is None
    provider.routes[path] = Answer({}, status=500)
    assert one(kind, wanted, "/", **given)[:2] == ("unknown", None)
    assert {asked.method for asked in provider.asked} == {"GET"}
    assert not any("authorization" in asked.headers for asked in provider.asked)


@pytest.mark.parametrize("kind", REGISTRIES)
def test_each_registry_answers_for_its_own(provider: Provider, kind: str) -> None:
    given: dict[str, Any] = {"environ": {"R": provider.url}, "url_env": "R"}
    others = [version(registry, "pkg", "1.2.3") for name, (registry, *_) in REGISTRIES.items() if name != kind]
    said, unknowns = ask(kind, others, "/", **given)
    assert said == [None, None, None] and not unknowns and not provider.asked


@pytest.mark.parametrize("name", ["../../evil", "a b", "", "--registry=x"])
def test_names_that_no_package_has_are_not_asked_for(provider: Provider, name: str) -> None:
    given: dict[str, Any] = {"environ": {"R": provider.url}, "url_env": "R"}
    wanted = item("published", "package version", f"{name}@1.0.0", scope="npm")
    assert one("npm", wanted, "/", **given)[:2] == ("unknown", None)
    assert not provider.asked


NOT_FOUND = {"error": {"code": "E404", "summary": "no such version"}}
CLIENTS: dict[str, tuple[str, str, Any, Any, int]] = {
    "npm": ("npm", "npm", {"version": "1.2.3"}, NOT_FOUND, 1),
    "rubygems": ("gem", "rubygems", "\npkg (1.2.3 ruby java, 1.2.2)\n", "\n", 0),
}


@pytest.mark.parametrize("kind", CLIENTS)
def test_clients_say_it_too_where_no_address_is_named(tools: Tools, tmp_path: Path, kind: str) -> None:
    program, registry, out, absent, code = CLIENTS[kind]
    wanted = version(registry, "pkg", "1.2.3")
    tools.add(program, out)
    assert one(kind, wanted, str(tmp_path), tools.environ)[:2] == ("present", False)
    assert not tools.cwd(program).startswith(str(tmp_path)) and not tools.was_fed(program)
    tools.add(program, absent, code=code)
    assert one(kind, wanted, str(tmp_path), tools.environ)[:2] == ("absent", True)
    tools.add(program, "", code=7, err="no network")
    assert one(kind, wanted, str(tmp_path), tools.environ)[:2] == ("unknown", None)


@pytest.mark.parametrize(
    ("kind", "program", "registry", "out"),
    [
        ("pypi", "pip", "pypi", "pkg (1.3.0)\nAvailable versions: 1.3.0, 1.2.3, 1.2.2\n"),
        ("crates", "cargo", "cargo", "pkg"),
    ],
)
def test_clients_that_hide_what_is_withdrawn_prove_presence_only(
    tools: Tools, tmp_path: Path, kind: str, program: str, registry: str, out: str
) -> None:
    tools.add(program, out)
    assert one(kind, version(registry, "pkg", "1.2.3"), str(tmp_path), tools.environ)[:2] == ("present", False)
    tools.add(program, "pkg (1.3.0)\nAvailable versions: 1.3.0\n", code=0 if kind == "pypi" else 101)
    state, clean, detail = one(kind, version(registry, "pkg", "1.2.3"), str(tmp_path), tools.environ)
    assert (state, clean) == ("unknown", None) and "not out, or yanked" in detail


def test_a_project_with_a_registry_of_its_own_needs_its_address(tools: Tools, tmp_path: Path) -> None:
    tools.add("npm", NOT_FOUND, code=1)
    (tmp_path / ".npmrc").write_text("@scope:registry=https://npm.example.com\n")
    state, clean, detail = one("npm", version("npm", "@scope/pkg", "1.2.3"), str(tmp_path), tools.environ)
    assert (state, clean) == ("unknown", None) and ".npmrc sets up a registry of its own" in detail
    assert not tools.ran("npm")
