"""Webhooks, DNS records and resources: what is there, page by page, and what it means."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.inventory.model import Change, Item
from tests.inventory.live.kit import ask, item, one, prints
from tests.inventory.live.provider import Answer, Asked, Provider

TOKEN = "canary-token-9012"


def webhook(name: str, change: Change = "added") -> Item:
    return item("third_party", "webhook route", name, change)


def given(provider: Provider, **options: str) -> dict[str, Any]:
    return {"environ": {"U": provider.url, "T": TOKEN}, "url_env": "U", "options": {"token_env": "T", **options}}


ENDPOINTS = [
    {"id": "we_1", "url": "https://shop.example.com/api/webhooks/stripe", "status": "enabled",
     "enabled_events": ["invoice.paid", "charge.failed", "a.b", "c.d"]},
    {"id": "we_2", "url": "https://shop.example.com/hooks/tenants/42/paid", "status": "enabled",
     "enabled_events": ["*"]},
    {"id": "we_3", "url": "https://shop.example.com/old/hook", "status": "disabled", "enabled_events": ["*"]},
]  # fmt: skip


def stripe(provider: Provider) -> None:
    def page(asked: Asked) -> Answer:
        after = asked.query.get("starting_after")
        rows = ENDPOINTS[:2] if after is None else ENDPOINTS[2:]
        assert after in (None, "we_2")
        return Answer({"object": "list", "data": rows, "has_more": after is None})

    provider.routes["/v1/webhook_endpoints"] = page


@pytest.mark.parametrize(
    ("route", "state", "clean"),
    [
        ("/api/webhooks/stripe", "present", False),
        ("/webhooks/stripe", "present", False),
        ("POST /api/webhooks/stripe", "present", False),
        ("/hooks/tenants/:id/paid", "present", False),
        ("/hooks/tenants/[tenant]/paid", "present", False),
        ("/old/hook", "absent", True),
        ("/api/webhooks/github", "absent", True),
        ("/stripe/other", "absent", True),
    ],
)
def test_endpoints_that_call_a_route(provider: Provider, route: str, state: str, clean: bool) -> None:
    stripe(provider)
    assert one("stripe", webhook(route), "/", **given(provider))[:2] == (state, clean)
    assert one("stripe", webhook(route, "removed"), "/", **given(provider))[:2] == (state, not clean)
    assert {asked.method for asked in provider.asked} == {"GET"}
    assert {asked.headers["authorization"] for asked in provider.asked} == {f"Bearer {TOKEN}"}


def test_the_fingerprint_of_endpoints_has_no_address(provider: Provider) -> None:
    stripe(provider)
    found = prints("stripe", "/", **given(provider))
    assert set(found) == {"we_1", "we_2", "we_3"} and found["we_3"].startswith("disabled, ")
    assert "example.com" not in json.dumps(found)


def cloudflare(provider: Provider) -> None:
    def page(asked: Asked) -> Answer:
        first = {"name": "www.example.com", "type": "CNAME", "content": "a.example.net", "proxied": True, "ttl": 1}
        then = {"name": "example.com", "type": "TXT", "content": "v=spf1 -all", "ttl": 300}
        rows = [first] if asked.query["page"] == "1" else [then]
        return Answer({"success": True, "result": rows, "result_info": {"page": 1, "total_pages": 2}})

    provider.routes["/zones/z1/dns_records"] = page


def test_records_of_a_zone(provider: Provider) -> None:
    cloudflare(provider)
    options = given(provider, zone="z1")
    assert one("cloudflare", item("third_party", "dns record", "CNAME www.example.com"), "/", **options) == (
        "present", False, "CNAME a.example.net",
    )  # fmt: skip
    assert one("cloudflare", item("third_party", "dns record", "example.com."), "/", **options)[0] == "present"
    assert one("cloudflare", item("third_party", "dns record", "A www.example.com"), "/", **options)[:2] == (
        "absent", True,
    )  # fmt: skip
    assert set(prints("cloudflare", "/", **options)) == {"CNAME www.example.com", "TXT example.com"}
    provider.routes["/zones/z1/dns_records"] = Answer({"success": False, "errors": [], "result": None})
    _, unknowns = ask("cloudflare", [item("third_party", "dns record", "a.example.com")], "/", **options)
    assert unknowns == ["third_party: live: it says that the request failed"]


MAIN = """
resource "terraform_data" "kept" { input = "x" }
resource "terraform_data" "many" {
  count = 2
  input = count.index
}
"""


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A directory that Terraform applied; its only provider is the one it has inside."""
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("terraform is not installed")
    root = tmp_path_factory.mktemp("terraform")
    (root / "infra").mkdir()
    (root / "infra" / "main.tf").write_text(MAIN)
    environ = {"PATH": str(Path(program).parent), "HOME": str(root), "CHECKPOINT_DISABLE": "1"}
    for argv in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false"]):
        done = subprocess.run([program, *argv], cwd=root / "infra", env=environ, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"terraform {argv[0]} does not work here: {done.stderr[:200]}")
    return root, environ


def resource(name: str, change: Change = "added") -> Item:
    return item("third_party", "terraform resource", name, change)


def test_resources_of_a_state(applied: tuple[Path, dict[str, str]]) -> None:
    root, environ = applied
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    source: dict[str, Any] = {"environ": environ, "path": "infra"}
    assert one("terraform", resource("terraform_data.kept"), str(root), **source)[:2] == ("present", False)
    assert one("terraform", resource("terraform_data.many[1]"), str(root), **source)[:2] == ("present", False)
    assert one("terraform", resource("terraform_data.gone"), str(root), **source)[:2] == ("absent", True)
    assert one("terraform", resource("module.a.terraform_data.kept", "removed"), str(root), **source)[1] is False
    recorded = prints("terraform", str(root), **source)
    assert set(recorded) == {"terraform_data.kept", "terraform_data.many"}
    kept = resource("terraform_data.kept", "changed")
    assert one("terraform", kept, str(root), recorded=recorded, **source)[:2] == ("same", True)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()} == before


def test_a_plan_runs_only_if_the_project_says_so(applied: tuple[Path, dict[str, str]]) -> None:
    root, environ = applied
    source: dict[str, Any] = {"environ": environ, "path": "infra", "options": {"plan": "yes"}, "seconds": 30.0}
    wanted = resource("terraform_data.kept", "changed")
    assert "a plan changes nothing" in one("terraform", wanted, str(root), **source)[2]
    (root / "infra" / "more.tf").write_text('resource "terraform_data" "more" {}\n')
    assert "a plan of this directory would change something" in one("terraform", wanted, str(root), **source)[2]
    (root / "infra" / "more.tf").unlink()


def test_a_directory_without_a_state(applied: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    _, environ = applied
    (live,), unknowns = ask("terraform", [resource("terraform_data.a")], str(tmp_path), environ)
    assert live is not None and live.clean is None and "there is no state here" in unknowns[0]
