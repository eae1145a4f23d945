"""rehearse_rollback: how long a recovery takes and what it would leave, without touching anything."""

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from safe_rollback.core.errors import InvalidInputError, SafeRollbackError
from safe_rollback.core.ledger.recovery_events import DrillRun
from safe_rollback.core.session import active_session
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.policies.human import mint, trust
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.rehearse_rollback import DrillStep, RehearseRollback, rehearse_rollback
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.start_session import start_session
from tests.core.gate.traps import Traps
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.inventory.live.servers import needed, postgres_login
from tests.recovery.backup.kit import everything_of_git
from tests.recovery.drills.kit import NAME, install, migrate, shop

pytestmark = pytest.mark.usefixtures("own_tmp")


@contextlib.contextmanager
def untouched(repo: Repo) -> Iterator[None]:
    """Worktree, index, HEAD, every file of the git directory and of the user's own state stay as they are."""

    def seen() -> object:
        home = os.environ["HOME"]
        users = {
            os.path.join(folder, name): Path(folder, name).read_bytes()
            for folder, _, names in os.walk(home)
            for name in names
            if not name.endswith("lock")
        }
        left = [name for name in os.listdir(tempfile.gettempdir()) if name.startswith("safe-rollback-drill-")]
        return repo.state(), everything_of_git(repo.root), users, left

    def ours() -> dict[str, bytes]:
        top = os.path.join(repo.root, ".git", "safe-rollback")
        found = (os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names)
        return {os.path.relpath(path, top): Path(path).read_bytes() for path in found}

    before, had = seen(), ours()
    yield
    assert seen() == before
    # Of ours: the record, a salt if there was none yet, and the caches with which git looks at the worktree.
    new = {path for path, data in ours().items() if had.get(path) != data and not path.endswith("lock")}
    assert {path for path in new if "/private/" not in path} <= {"ledger.db", "salt"}


def drilled(repo: Repo, workspace: Workspace, target: str) -> RehearseRollback:
    with untouched(repo):
        return rehearse_rollback(Desk(workspace), target)


def steps(done: RehearseRollback) -> dict[str, DrillStep]:
    return {one.name: one for one in done.steps}


def rules(repo: Repo, text: str) -> None:
    repo.commit("Rules", {"CLAUDE.md": f"```toml safe-rollback\n{text}\n```\n"})


def test_a_clean_rollback_is_played_and_nothing_moves_but_the_record(repo: Repo, workspace: Workspace) -> None:
    repo.write("notes.txt", "untracked\n")
    repo.write("README.md", "staged\n")
    repo.git("add", "README.md")
    repo.write("src/app.py", "not staged\n")
    head = repo.head()
    workspace.ledger.head()
    done = drilled(repo, workspace, "HEAD")
    assert done.clean and done.left_over == [] and done.compared is None, done
    assert [one.name for one in done.steps] == [
        "copy the state of now",
        "plan",
        "blast radius",
        "inventory",
        "revert",
    ]
    assert done.seconds_to_recover == pytest.approx(sum(one.seconds for one in done.steps[1:]), abs=0.01)
    assert "1 commit" in steps(done)["revert"].detail
    (event,) = [one.event for one in workspace.ledger.records()]
    assert isinstance(event, DrillRun) and (event.target, event.head, event.clean) == ("HEAD", head, True)
    assert event.seconds == done.seconds_to_recover and len(event.steps) == len(done.steps)


def test_uncommitted_edits_take_part(repo: Repo, workspace: Workspace) -> None:
    """What would stand in the way now stands in the way in the copy."""
    repo.git("checkout", "-qb", "work")  # on main the revert would get a branch of its own
    target = repo.commit("Change a line", {"src/util.py": "def two():\n    return 3\n"})
    repo.write("src/util.py", "def two():\n    return 4\n")
    done = drilled(repo, workspace, target)
    assert not done.clean and not steps(done)["plan"].ok and "revert" not in steps(done)
    assert any("src/util.py" in line for line in done.left_over)


def test_a_session_is_rehearsed_in_the_worktree_it_runs_in(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    with contextlib.closing(open_workspace(str(tmp_path / "side"), FixedClock())) as side:
        start_session(Desk(side), "A task", create_branch=True)
        Repo(side.root).write("new.txt", "new\n")
        run_git(Desk(side), ["add", "-A"])
        run_git(Desk(side), ["commit", "-m", "Work"])
        with untouched(repo):
            done = rehearse_rollback(Desk(side), "session")
        assert done.clean and "1 commit" in steps(done)["revert"].detail, done
        assert active_session(side) is not None


def test_checks_run_in_the_copy_if_a_human_trusted_them(repo: Repo, workspace: Workspace) -> None:
    good = "grep -q 'return 2' src/util.py && test -d node_modules && test ! -e .env && touch ran"
    rows = {"good": good, "bad": "exit 3", "unknown": "touch never"}
    rules(repo, "".join(f'[[check]]\nname = "{name}"\nrun = """{run}"""\n' for name, run in rows.items()))
    repo.write(".git/info/exclude", "node_modules/\n.env\n")
    repo.write(".env", "API_KEY=abcdef-0123456789\n")  # it is captured, and stays out of the copy
    repo.write("node_modules/x/index.js", "x\n")
    target = repo.commit("Break it", {"src/util.py": "def two():\n    return 3\n"})
    trust(workspace, [good, "exit 3"])
    done = drilled(repo, workspace, target)
    found = {name: one.ok for name, one in steps(done).items() if name.startswith("check")}
    assert found == {"check good": True, "check bad": False, "check unknown": False}, done
    assert done.left_over == ["check bad: failed", "check unknown: untrusted: `safe-rollback trust`"]
    assert not repo.exists("ran") and not repo.exists("never")


def test_what_only_a_human_may_allow_is_a_step_and_spends_nothing(repo: Repo, workspace: Workspace) -> None:
    rules(repo, '[protect]\nsensitive = ["src/**"]')
    target = repo.commit("Change", {"src/util.py": "def two():\n    return 3\n"})
    mint(workspace, "plan", "another plan's digest")
    done = drilled(repo, workspace, target)
    assert steps(done)["would need a human: sensitive-paths"].ok and steps(done)["revert"].ok
    assert done.left_over == ["a human has to allow it: sensitive-paths"] and done.clean


def test_a_second_drill_is_compared_with_the_first(repo: Repo, workspace: Workspace) -> None:
    repo.git("checkout", "-qb", "work")
    target = repo.commit("Change", {"src/util.py": "def two():\n    return 3\n"})
    first = drilled(repo, workspace, target)
    with workspace.repository_lock("test"):  # another target is no measure
        workspace.ledger.append(DrillRun(target="x", head=None, clean=True, seconds=9, steps=(), left_over=()))
    repo.write("src/util.py", "def two():\n    return 4\n")
    second = drilled(repo, workspace, target)
    assert second.compared is not None and second.compared.before == first.seconds_to_recover
    assert second.compared.now == second.seconds_to_recover
    assert second.compared.slower_by == pytest.approx(second.compared.now - second.compared.before, abs=0.002)
    assert second.compared.new_left_over == second.left_over != []


def test_a_target_that_means_nothing_is_no_drill(repo: Repo, workspace: Workspace) -> None:
    workspace.ledger.head()
    with untouched(repo), pytest.raises(InvalidInputError):
        rehearse_rollback(Desk(workspace), "no-such-thing")
    assert workspace.ledger.records(DrillRun) == []


def test_nothing_of_the_repository_is_run(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    repo.commit("attributes", {".gitattributes": "*.txt filter=canary diff=canary merge=canary\n"})
    target = repo.commit("text", {"a.txt": "a\n"})
    traps = Traps(repo, str(tmp_path / "traps"))
    traps.arm()
    traps.hush()
    with contextlib.suppress(SafeRollbackError):  # an untrusted filter may stand in the way
        rehearse_rollback(Desk(workspace), target)
    assert traps.sung() == set()


# Databases.


def left_of_migration(done: RehearseRollback) -> list[str]:
    return [line for line in done.left_over if NAME in line]


def test_without_a_spare_database_a_migration_is_left_over(
    repo: Repo, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch)
    target = shop(repo)
    done = drilled(repo, workspace, target)
    assert not done.clean and done.seconds_to_recover > 0
    assert "no disposable database (set DATABASE_URL_DRILL)" in steps(done)[f"down {NAME}"].detail
    assert steps(done)["revert"].ok
    # And what the down does not bring back.
    assert len(left_of_migration(done)) == 2 and "lost" in left_of_migration(done)[1], done.left_over


@pytest.fixture(params=["sqlite", "postgres"])
def databases(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str, str]]:
    """The kind, the real database's address, and that of a spare one."""
    if request.param == "sqlite":
        yield "sqlite", f"sqlite:////{tmp_path}/real.db", f"sqlite:////{tmp_path}/spare.db"
        return
    login = needed(postgres_login())
    native = pytest.importorskip("pg8000.native")
    names = [f"safe_rollback_drill_{os.getpid()}_{part}" for part in ("real", "spare")]
    with contextlib.closing(native.Connection(**login)) as admin:
        for name in names:
            admin.run(f"DROP DATABASE IF EXISTS {name}")
            admin.run(f"CREATE DATABASE {name}")
        password = f":{login['password']}" if login.get("password") else ""
        host = "127.0.0.1" if "unix_sock" in login else f"{login['host']}:{login['port']}"
        yield "postgres", *(f"postgres://{login['user']}{password}@{host}/{name}" for name in names)
        for name in names:
            admin.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def columns(url: str) -> list[str]:
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
            return [row[1] for row in db.execute("PRAGMA table_info(users)")]
    from urllib.parse import urlsplit

    native = pytest.importorskip("pg8000.native")
    parts = urlsplit(url)
    with contextlib.closing(
        native.Connection(
            parts.username, host=parts.hostname, port=parts.port or 5432, password=parts.password,
            database=parts.path.strip("/"),
        )
    ) as db:  # fmt: skip
        return [row[0] for row in db.run("SELECT column_name FROM information_schema.columns"
                                         " WHERE table_name = 'users' ORDER BY ordinal_position")]  # fmt: skip


def test_on_a_spare_database_the_down_is_run_and_the_real_one_only_read(
    repo: Repo, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, databases: tuple[str, str, str]
) -> None:
    kind, real, spare = databases
    install(tmp_path / "bin", monkeypatch)
    target = shop(repo, kind)
    monkeypatch.setenv("DATABASE_URL", real)
    monkeypatch.setenv("DATABASE_URL_DRILL", spare)
    for url in (real, spare):
        migrate(repo, url)
    trust(workspace, ["dbmate rollback"])
    done = drilled(repo, workspace, target)
    down = steps(done)[f"down {NAME}"]
    assert down.ok and down.seconds > 0, done
    assert columns(spare) == ["id"] and (kind == "sqlite" or columns(real) == ["id", "email"])
    assert done.seconds_to_recover > down.seconds and steps(done)["revert"].ok
    # What a dropped column held does not come back; that is what is left to say.
    assert [line for line in left_of_migration(done) if "not rehearsed" in line or "does not work" in line] == []
    assert spare not in done.model_dump_json() and real not in done.model_dump_json()
