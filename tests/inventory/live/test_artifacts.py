"""What a build left: hashes of declared outputs, and the revision inside."""

import os
from pathlib import Path

import pytest

from safe_rollback.core.inventory import InventorySettings
from safe_rollback.inventory.live.artifacts import covers
from safe_rollback.inventory.live.ask import ask_live, fingerprints
from safe_rollback.inventory.model import Item, Live
from tests.inventory.live.kit import SALT, evidence, item, one, prints
from tests.inventory.live.tools import Tools

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def asked(root: Path, wanted: Item, *patterns: str, recorded: dict[str, str] | None = None) -> Live | None:
    settings = InventorySettings(artifacts=patterns)
    said, unknowns = ask_live(settings, [wanted], {}, str(root), salt=SALT, recorded={"artifacts": recorded or {}})
    assert not unknowns
    return said.get(wanted.id)


def printed(root: Path, *patterns: str) -> dict[str, str]:
    return fingerprints(InventorySettings(artifacts=patterns), {}, str(root), salt=SALT).get("artifacts", {})


def bundle(name: str = "web", **more: str) -> Item:
    return item("artifacts", "frontend bundle", name, "changed", evidence=(evidence(COMMIT),), details=more)


@pytest.mark.parametrize(
    ("pattern", "output", "about"),
    [
        ("dist/**", "dist", True), ("dist", "dist", True), ("apps/*/dist/**", "apps/web/dist", True),
        ("apps/web/.next/**", "apps/web/.next", True), ("dist/**", "build", False), ("*.js", "dist", False),
        ("public/assets/app.js", "public/assets", True),
    ],
)  # fmt: skip
def test_which_pattern_is_about_an_output(pattern: str, output: str, about: bool) -> None:
    assert covers(pattern, output) is about


def test_what_was_recorded_says_whether_it_is_back(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "app.js").write_text("old")
    recorded = printed(tmp_path, "dist/**")
    assert list(recorded) == ["dist/**"] and recorded["dist/**"].startswith("1 file #")
    web = bundle(output="dist")
    live = asked(tmp_path, web, "dist/**", recorded=recorded)
    assert live is not None and (live.state, live.clean) == ("same", True)
    (tmp_path / "dist" / "app.js").write_text("new")
    live = asked(tmp_path, web, "dist/**", recorded=recorded)
    assert live is not None and (live.state, live.clean) == ("changed", False) and "before: 1 file #" in live.detail
    os.utime(tmp_path / "dist" / "app.js", (1, 1))
    (tmp_path / "dist" / "app.js").write_text("old")
    live = asked(tmp_path, web, "dist/**", recorded=recorded)
    assert live is not None and live.clean is True


def test_without_a_record_only_a_revision_inside_tells(tmp_path: Path) -> None:
    web = bundle(output="apps/web/.next")
    live = asked(tmp_path, web, "apps/web/.next/**")
    assert live is not None and (live.state, live.clean) == ("absent", None)
    (tmp_path / "apps" / "web" / ".next").mkdir(parents=True)
    (tmp_path / "apps" / "web" / ".next" / "BUILD_ID").write_text(f"{COMMIT[:12]}\n")
    live = asked(tmp_path, web, "apps/web/.next/**")
    assert live is not None and (live.state, live.clean) == ("present", False)
    assert f"BUILD_ID says {COMMIT[:12]}, which is to be rolled back" in live.detail
    (tmp_path / "apps" / "web" / ".next" / "BUILD_ID").write_text("another")
    live = asked(tmp_path, web, "apps/web/.next/**")
    assert live is not None and live.clean is None
    assert printed(tmp_path, "apps/web/.next/**")["apps/web/.next/BUILD_ID"] == "another"


def test_what_no_pattern_is_about_is_left_out(tmp_path: Path) -> None:
    assert asked(tmp_path, bundle(output="build"), "dist/**") is None
    assert asked(tmp_path, bundle(output="dist")) is None


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "dist" / "pipe")
    first = printed(tmp_path, "dist/**")
    assert first["dist/**"].startswith("2 files #")
    (tmp_path / "dist" / "link").unlink()
    (tmp_path / "dist" / "link").symlink_to("/etc/hosts")
    assert printed(tmp_path, "dist/**") != first


def test_a_pattern_through_a_link_out_of_the_worktree_is_unknown(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "dist").symlink_to("/etc")
    assert printed(root, "dist/*/**") == {"unknown": "dist leads outside of the worktree"}


INSPECTED = [{"Id": "sha256:1234", "Config": {"Labels": {"org.opencontainers.image.revision": COMMIT}}}]


def test_the_label_of_an_image_says_what_it_was_built_from(tools: Tools, tmp_path: Path) -> None:
    tools.add("docker", INSPECTED)
    image = item("artifacts", "image build", "Dockerfile", "changed", evidence=(evidence(COMMIT),))
    options = {"image": "shop:latest"}
    given = {"environ": tools.environ, "options": options}
    assert one("docker", image, str(tmp_path), **given) == (
        "present", False, f"built from {COMMIT}, which is to be rolled back",
    )  # fmt: skip
    assert tools.argv("docker") == ["image", "inspect", "shop:latest"]
    other = item("artifacts", "image build", "Dockerfile", "changed", evidence=(evidence("f" * 40),))
    assert one("docker", other, str(tmp_path), **given)[:2] == ("present", None)
    recorded = prints("docker", str(tmp_path), **given)
    assert one("docker", image, str(tmp_path), recorded=recorded, **given)[:2] == ("same", True)
    assert one("docker", image, str(tmp_path), recorded={"id": "sha256:5"}, **given)[:2] == ("changed", False)
    tools.add("docker", [{"Id": "sha256:1", "Config": {"Labels": None}}])
    assert one("docker", image, str(tmp_path), **given)[:2] == ("unknown", None)
