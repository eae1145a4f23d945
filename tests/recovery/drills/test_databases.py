"""Ways back of migrations, on spare databases: only there, only what is trusted, and looked at afterwards."""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.inventory.model import Item
from safe_rollback.recovery.drills.databases import Place, Rehearsed, _same, commands_wanted, rehearse_downs
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.inventories import inventory_of
from safe_rollback.tools.subject import subject_of
from tests.harness.repo import Repo
from tests.recovery.drills.kit import DOWN, NAME, install, migrate, shop

Rehearse = Callable[..., Rehearsed]
TRUSTED = ("dbmate rollback", "dbmate up")


@pytest.fixture
def spare(tmp_path: Path) -> str:
    return f"sqlite:////{tmp_path}/spare.db"


@pytest.fixture
def rehearse(
    repo: Repo, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spare: str
) -> Rehearse:
    """Commits a migration and rehearses its way back."""
    install(tmp_path / "bin", monkeypatch)

    def run(
        down: str = DOWN, *, drill: str = spare, url: str = "", allowed: tuple[str, ...] = TRUSTED, real: str = ""
    ) -> Rehearsed:
        item = _item(repo, workspace, shop(repo, down=down))
        for address in filter(None, (drill, real)):
            migrate(repo, address.replace("sqlite3:", "sqlite:"))
        if url:
            install(tmp_path / "bin", monkeypatch, url=url)
        place = _place(repo, workspace, tmp_path, {"DATABASE_URL_DRILL": drill, "DATABASE_URL": real}, allowed)
        (found,) = rehearse_downs(place, [item], lambda _: None)
        return found

    return run


def _place(
    repo: Repo, workspace: Workspace, tmp_path: Path, given: dict[str, str], allowed: tuple[str, ...]
) -> Place:
    copy = tmp_path / "copy"
    copy.mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.symlink(os.path.join(repo.root, "db"), copy / "db")
    return Place(
        root=str(copy), original=repo.root, settings=Desk(workspace).protocol.inventory,
        environ={**os.environ, **{name: value for name, value in given.items() if value}}, extra={},
        allowed=allowed, salt=b"salt",
    )  # fmt: skip


def _item(repo: Repo, workspace: Workspace, target: str) -> Item:
    desk = Desk(workspace)
    (item,) = [one for one in inventory_of(desk, subject_of(desk, target), live=False).items if one.name == NAME]
    return item


def columns(path: Path | str) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return [row[1] for row in db.execute("PRAGMA table_info(users)")]


def test_it_is_run_there_and_looked_at(rehearse: Rehearse, tmp_path: Path) -> None:
    found = rehearse()
    assert found.proven and found.step.ok and found.step.seconds > 0 and found.left == "", found
    assert columns(tmp_path / "spare.db") == ["id"]


def test_one_that_does_not_work_is_told_with_what_it_said(rehearse: Rehearse) -> None:
    found = rehearse("DROP TABLE there_is_none;")
    assert not found.step.ok and "no such table" in found.step.detail
    assert "its way back does not work" in found.left


def test_one_that_ends_well_and_does_nothing_is_told_too(rehearse: Rehearse, tmp_path: Path) -> None:
    found = rehearse("SELECT 1;")
    assert not found.proven and "email" in found.left, found
    assert columns(tmp_path / "spare.db") == ["id", "email"]


def test_what_nobody_trusts_is_not_run(rehearse: Rehearse, tmp_path: Path) -> None:
    found = rehearse(allowed=("dbmate up",))
    assert "no human trusts `dbmate rollback`" in found.left and not found.step.counts
    assert columns(tmp_path / "spare.db") == ["id", "email"]


def test_a_database_that_lacks_it_gets_it_first_if_that_is_trusted_too(
    repo: Repo, workspace: Workspace, tmp_path: Path, rehearse: Rehearse, spare: str
) -> None:
    item = _item(repo, workspace, shop(repo))
    with contextlib.closing(sqlite3.connect(tmp_path / "spare.db")) as db:
        db.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
    given = {"DATABASE_URL_DRILL": spare}
    place = _place(repo, workspace, tmp_path, given, ("dbmate rollback",))
    assert commands_wanted(place, [item]) == ["dbmate up"]
    (found,) = rehearse_downs(place, [item], lambda _: None)
    assert "apply it there first" in found.left
    (found,) = rehearse_downs(_place(repo, workspace, tmp_path, given, TRUSTED), [item], lambda _: None)
    assert found.proven and columns(tmp_path / "spare.db") == ["id"], found


def test_a_file_of_the_worktree_is_copied_not_changed(repo: Repo, rehearse: Rehearse, tmp_path: Path) -> None:
    found = rehearse(drill="sqlite:///spare.db")
    assert found.proven, found
    assert columns(os.path.join(repo.root, "spare.db")) == ["id", "email"]
    assert columns(tmp_path / "copy" / "spare.db") == ["id"]


@pytest.mark.parametrize(
    ("real", "drill"),
    [("sqlite:////{}/real.db", "sqlite3:////{}/bin/../real.db"), ("sqlite:///real.db", "sqlite:////{root}/real.db")],
)
def test_the_real_database_under_another_spelling_is_not_spare(
    repo: Repo, rehearse: Rehearse, tmp_path: Path, real: str, drill: str
) -> None:
    real, drill = (one.format(tmp_path, root=repo.root) for one in (real, drill))
    found = rehearse(drill=drill, real=real)
    assert "names the real database" in found.left and not found.step.ok


@pytest.mark.parametrize(
    ("real", "drill", "same"),
    [
        ("postgres://a:b@db.example.com/shop", "postgresql://c@db.example.com:5432/shop?sslmode=require", True),
        ("postgres://a@127.0.0.1/shop", "postgres:///shop?host=localhost", True),
        ("postgres://a@db.example.com/shop", "postgres://a@db.example.com/shop_drill", False),
        ("postgres://a@db.example.com/shop", "postgres://a@db.example.com:5433/shop", False),
        ("jdbc:postgresql://a@db/shop", "postgres://a@db/shop", True),
        ("postgres://a@db:x/shop", "postgres://a@db/other", True),
    ],
)
def test_two_addresses_of_a_server_are_the_same_database_or_not(real: str, drill: str, same: bool) -> None:
    assert _same("postgres", "/", drill, real) is same


def test_a_command_that_finds_the_real_database_by_itself_is_told_on(
    repo: Repo, rehearse: Rehearse, spare: str
) -> None:
    real = f"sqlite:////{repo.root}/real.db"
    found = rehearse(real=real, url=repr(real))
    assert not found.step.ok and "look at it at once" in found.left, found


def test_it_has_no_other_address_than_the_spare_one(rehearse: Rehearse, tmp_path: Path) -> None:
    told = tmp_path / "told"
    url = f"(open({str(told)!r}, 'w').write(repr(dict(os.environ))), os.environ['DATABASE_URL'])[1]"
    assert rehearse(real=f"sqlite:////{tmp_path}/real.db", url=url).proven
    seen = told.read_text()
    assert "spare.db" in seen and "real.db" not in seen and "DATABASE_URL_DRILL" not in seen
