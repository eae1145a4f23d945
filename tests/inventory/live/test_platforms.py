"""Variables of platforms, by their own tools: names and hashes, never a value."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.core.redaction import hashed
from safe_rollback.inventory.model import Change, Item
from tests.inventory.live.kit import SALT, ask, item, one, prints
from tests.inventory.live.tools import Tools

OLD, NEW = "canary-old-value", "canary-new-value"


def variable(name: str, change: Change = "added", before: str = "", after: str = "") -> Item:
    def shown(value: str) -> str:
        return f"{len(value)} characters, #{hashed(value, SALT)}" if value else ""

    return item("environment", "variable", name, change, before=shown(before), after=shown(after))


VERCEL = """
 name               value               environments                        created
 API_KEY            Encrypted           Production, Preview                 3d ago
 PUBLIC_URL         https://a.example   Development                         3d ago

"""
COMPOSE = {
    "services": {"web": {"environment": {"API_KEY": OLD, "EMPTY": None}}, "db": {"environment": {"PGDATA": "/x"}}}
}
KUBECTL = {"items": [{"kind": "x", "data": {"API_KEY": OLD}}, {"kind": "x"}]}

PLATFORMS: dict[str, tuple[str, Any, dict[str, str], list[str]]] = {
    "vercel": ("vercel", VERCEL, {"environment": "production"}, ["env", "ls", "production"]),
    "netlify": (
        "netlify", {"API_KEY": OLD, "HIDDEN": "****************"}, {"site": "s1"},
        ["env:list", "--json", "--context", "production", "--site", "s1"],
    ),
    "fly": (
        "flyctl", [{"Name": "API_KEY", "Digest": "d1", "CreatedAt": "x"}], {"app": "shop"},
        ["secrets", "list", "--json", "--app", "shop"],
    ),
    "heroku": ("heroku", {"API_KEY": OLD}, {"app": "shop"}, ["config", "--json", "--app", "shop"]),
    "compose": ("docker", COMPOSE, {"service": "web"}, ["compose", "config", "--format", "json"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLATFORMS)
def test_names_are_compared(tools: Tools, tmp_path: Path, kind: str) -> None:
    program, out, options, argv = PLATFORMS[kind]
    tools.add(program, out)
    source: dict[str, Any] = {"environ": {**tools.environ, "GIT_DIR": "/x"}, "options": options}
    assert one(kind, variable("API_KEY"), str(tmp_path), **source)[:2] == ("present", False)
    assert one(kind, variable("ABSENT"), str(tmp_path), **source)[:2] == ("absent", True)
    assert one(kind, variable("ABSENT", "removed"), str(tmp_path), **source)[:2] == ("absent", False)
    assert tools.argv(program) == argv and not tools.was_fed(program)
    environ = tools.env(program)
    assert environ["CI"] == "1" and "GIT_DIR" not in environ and tools.cwd(program) == str(tmp_path)


@pytest.mark.parametrize("kind", ["netlify", "heroku", "compose"])
def test_values_are_compared_by_their_hashes(tools: Tools, tmp_path: Path, kind: str) -> None:
    program, out, options, _ = PLATFORMS[kind]
    tools.add(program, out)
    source: dict[str, Any] = {"environ": tools.environ, "options": options}
    root = str(tmp_path)
    back = variable("API_KEY", "changed", before=OLD, after=NEW)
    assert one(kind, back, root, **source)[:2] == ("same", True)
    assert one(kind, variable("API_KEY", "changed", before=NEW, after=OLD), root, **source)[:2] == ("changed", False)
    assert one(kind, variable("API_KEY", "changed", before=NEW), root, **source)[:2] == ("changed", None)
    assert one(kind, variable("API_KEY", "changed"), root, **source)[:2] == ("present", None)
    recorded = prints(kind, root, **source)
    assert recorded["API_KEY"] == f"#{hashed(OLD, SALT)}"
    seen = variable("API_KEY", "observed")
    assert one(kind, seen, root, recorded=recorded, **source)[:2] == ("same", True)
    assert one(kind, seen, root, recorded={**recorded, "API_KEY": "#00000000"}, **source)[:2] == ("changed", False)
    assert one(kind, seen, root, recorded={"OTHER": "set"}, **source)[:2] == ("present", False)
    assert one(kind, variable("GONE", "observed"), root, recorded={"GONE": "set"}, **source)[:2] == ("absent", False)


def test_what_is_not_shown_proves_its_presence_only(tools: Tools, tmp_path: Path) -> None:
    tools.add("vercel", VERCEL)
    source: dict[str, Any] = {"environ": tools.environ}
    state, clean, detail = one("vercel", variable("API_KEY", "changed", OLD, NEW), str(tmp_path), **source)
    assert (state, clean, detail) == ("present", None, "it is set; its value is not shown")
    recorded = prints("vercel", str(tmp_path), **source)
    assert recorded == {"API_KEY": "set", "PUBLIC_URL": "set"}
    assert one("vercel", variable("API_KEY", "observed"), str(tmp_path), recorded=recorded, **source)[1] is None
    tools.add("netlify", PLATFORMS["netlify"][1])
    assert prints("netlify", str(tmp_path), **source)["HIDDEN"] == "set"


def test_a_digest_of_the_platform_tells_whether_a_secret_is_as_it_was(tools: Tools, tmp_path: Path) -> None:
    tools.add("fly", [{"name": "API_KEY", "digest": "d1"}])
    source: dict[str, Any] = {"environ": tools.environ}
    recorded = prints("fly", str(tmp_path), **source)
    assert recorded["API_KEY"].startswith("digest #") and "d1" not in recorded["API_KEY"].split("#")[0]
    seen = variable("API_KEY", "observed")
    assert one("fly", seen, str(tmp_path), recorded=recorded, **source)[:2] == ("same", True)
    tools.add("fly", [{"name": "API_KEY", "digest": "d2"}])
    assert one("fly", seen, str(tmp_path), recorded=recorded, **source)[:2] == ("changed", False)


def test_no_variables_at_all_are_an_answer_where_the_tool_says_so(tools: Tools, tmp_path: Path) -> None:
    tools.add("vercel", "", err="> No Environment Variables found in Project shop [1ms]\n")
    assert one("vercel", variable("A"), str(tmp_path), tools.environ)[:2] == ("absent", True)


def test_keys_of_config_maps_and_secrets(tools: Tools, tmp_path: Path) -> None:
    tools.add("kubectl", KUBECTL)
    source: dict[str, Any] = {"environ": tools.environ, "options": {"context": "prod", "namespace": "shop"}}
    assert one("kubernetes", variable("API_KEY"), str(tmp_path), **source)[:2] == ("present", False)
    assert one("kubernetes", variable("OTHER"), str(tmp_path), **source)[:2] == ("absent", True)
    argv = tools.argv("kubectl")
    assert argv[:4] == ["get", "secrets", "-o", "json"] and argv[-2:] == ["--context=prod", "--namespace=shop"]


def test_a_namespace_that_does_not_exist_is_answered_with_an_empty_list(tools: Tools, tmp_path: Path) -> None:
    tools.add("kubectl", {"apiVersion": "v1", "items": [], "kind": "List"})
    state, clean, detail = one("kubernetes", variable("A"), str(tmp_path), tools.environ)
    assert (state, clean) == ("unknown", None) and "there is no such namespace" in detail


def test_a_value_of_a_secret_is_decoded(tools: Tools, tmp_path: Path) -> None:
    encoded = base64.b64encode(OLD.encode()).decode()
    tools.add("kubectl", {"items": [{"data": {"API_KEY": encoded}}]})
    assert prints("kubernetes", str(tmp_path), tools.environ)["API_KEY"] == f"#{hashed(OLD, SALT)}"


def test_a_role_that_may_not_read_secrets_says_nothing_of_what_it_does_not_see(tools: Tools, tmp_path: Path) -> None:
    tools.add("kubectl", KUBECTL)
    program = tools.folder / "bin" / "kubectl"
    program.write_text(
        program.read_text().replace("cat", '[ "$2" = secrets ] && { echo forbidden >&2; exit 1; }\ncat', 1)
    )
    assert one("kubernetes", variable("API_KEY"), str(tmp_path), tools.environ)[:2] == ("present", False)
    state, clean, detail = one("kubernetes", variable("OTHER"), str(tmp_path), tools.environ)
    assert (state, clean) == ("unknown", None) and "secrets" in detail


@pytest.mark.parametrize("kind", [*PLATFORMS, "kubernetes"])
@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"code": 1, "err": "Error: not logged in\nmore"}, "failed: Error: not logged in"),
        ({"code": 1}, "failed: it says nothing"),
        ({"out": "You are not logged in. Visit the page"}, "gave no"),
        ({"out": "[1]"}, "gave no"),
        ({"seconds": 5}, "it did not answer in time"),
    ],
)
def test_what_fails_is_unknown(tools: Tools, tmp_path: Path, kind: str, told: dict[str, Any], why: str) -> None:
    program = "kubectl" if kind == "kubernetes" else PLATFORMS[kind][0]
    options = {} if kind == "kubernetes" else PLATFORMS[kind][2]
    tools.add(program, **told)
    given: dict[str, Any] = {"options": options, "seconds": 0.6}
    (live,), unknowns = ask(kind, [variable("A")], str(tmp_path), tools.environ, **given)
    assert live is not None and live.clean is None and why in unknowns[0]


@pytest.mark.parametrize("kind", [*PLATFORMS, "kubernetes"])
def test_what_is_not_installed_is_named(tmp_path: Path, kind: str) -> None:
    options = {"app": "shop"} if kind in ("fly", "heroku") else {}
    _, unknowns = ask(kind, [variable("A")], str(tmp_path), {"PATH": str(tmp_path / "none")}, options=options)
    assert unknowns[0].endswith("is not installed")


def test_a_program_that_the_worktree_brings_is_not_run(tools: Tools, tmp_path: Path) -> None:
    tools.add("heroku", {"A": "x"})
    environ = {"PATH": f"bin:.:{tools.folder}/bin"}
    _, unknowns = ask("heroku", [variable("A")], str(tools.folder), environ, options={"app": "shop"})
    assert "heroku is not installed" in unknowns[0] and not tools.ran("heroku")


def test_values_are_nowhere_in_what_is_said(tools: Tools, tmp_path: Path) -> None:
    tools.add("heroku", {"API_KEY": OLD, "URL": f"https://x.example/{NEW}"})
    source: dict[str, Any] = {"environ": tools.environ, "options": {"app": "shop"}}
    said, unknowns = ask(
        "heroku", [variable("API_KEY", "changed"), variable("URL", "changed")], str(tmp_path), **source
    )
    assert OLD not in f"{said}{unknowns}" and NEW not in f"{said}{unknowns}"
    assert "canary" not in json.dumps(prints("heroku", str(tmp_path), **source))
