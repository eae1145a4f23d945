"""`doctor` sees every kind of damage to our own state, and --repair mends what can be mended."""

import glob
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.list_checkpoints import list_checkpoints
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo


def doctor(repo: Repo, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of `safe-rollback doctor`."""
    argv = [sys.executable, "-m", "safe_rollback", "doctor", "--json", *arguments]
    done = subprocess.run(argv, cwd=repo.root, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def statuses(data: dict[str, Any]) -> dict[str, str]:
    """The worst status of each thing looked at."""
    order = ("ok", "warning", "problem")
    worst: dict[str, str] = {}
    for one in data["findings"]:
        worst[one["name"]] = max(worst.get(one["name"], "ok"), one["status"], key=order.index)
    return worst


def record(workspace: Workspace) -> list[str]:
    """A session with a few checkpoints; their ids."""
    start_session(Desk(workspace), "to be damaged")
    for name in ("one", "two"):
        checkpoint(Desk(workspace), name=name)
    return [one.checkpoint_id for one in list_checkpoints(Desk(workspace)).checkpoints]


def test_fresh_repository_is_well_and_stays_untouched(repo: Repo) -> None:
    before = repo.state()
    code, data = doctor(repo)
    assert code == 0
    assert not {"problem"} & set(statuses(data).values())
    assert repo.state() == before
    assert not os.path.exists(os.path.join(repo.git_dir(), "safe-rollback"))


def test_healthy_state_is_ok(repo: Repo, workspace: Workspace) -> None:
    record(workspace)
    code, data = doctor(repo)
    assert code == 0
    assert [statuses(data)[name] for name in ("ledger", "checkpoints", "interrupted", "protocol")] == ["ok"] * 4


def test_tampered_record_is_found_and_repaired(repo: Repo, workspace: Workspace) -> None:
    ids = record(workspace)
    with closing(sqlite3.connect(workspace.ledger.path)) as db:
        db.execute("UPDATE events SET data = replace(data, 'to be damaged', 'to be believed')")
        db.commit()
    code, data = doctor(repo)
    assert (code, statuses(data)["ledger"]) == (5, "problem")
    assert any("doctor --repair" in one["instead"] for one in data["findings"])
    code, data = doctor(repo, "--repair")
    assert code == 0, data
    assert "rebuilt" in data["repaired"][0]
    workspace.reopen_ledger()
    assert [one.checkpoint_id for one in list_checkpoints(Desk(workspace)).checkpoints] == ids
    session = Desk(workspace).session
    assert session is not None
    assert session.task == "to be damaged"


def test_lost_ledger_is_rebuilt_from_the_refs(repo: Repo, workspace: Workspace) -> None:
    ids = record(workspace)
    path = workspace.ledger.path
    workspace.reopen_ledger()
    os.unlink(path)
    code, data = doctor(repo)
    assert (code, statuses(data)["ledger"]) == (5, "problem")
    assert doctor(repo, "--repair")[0] == 0
    assert [one.checkpoint_id for one in list_checkpoints(Desk(workspace)).checkpoints] == ids


def test_garbage_in_the_ledger_is_kept_aside(repo: Repo, workspace: Workspace) -> None:
    record(workspace)
    path = workspace.ledger.path
    workspace.reopen_ledger()
    with open(path, "wb") as file:
        file.write(b"not a database at all" * 100)
    assert doctor(repo)[0] == 5
    assert doctor(repo, "--repair")[0] == 0
    (kept,) = glob.glob(f"{path}.damaged-*")
    with open(kept, "rb") as file:
        assert file.read().startswith(b"not a database")


def test_missing_object_of_a_checkpoint_is_found(repo: Repo, workspace: Workspace) -> None:
    repo.write("only-here.txt", "nowhere else\n")
    record(workspace)
    blob = repo.git("hash-object", "only-here.txt")
    os.unlink(os.path.join(repo.git_dir(), "objects", blob[:2], blob[2:]))
    code, data = doctor(repo)
    assert (code, statuses(data)["checkpoints"]) == (5, "problem")


def test_foreign_index_lock_is_named_and_left(repo: Repo, workspace: Workspace) -> None:
    record(workspace)
    lock = os.path.join(repo.git_dir(), "index.lock")
    with open(lock, "wb"):
        pass
    code, data = doctor(repo, "--repair")
    assert (code, statuses(data)["index-lock"]) == (0, "warning")
    assert os.path.exists(lock)


def test_protocol_that_does_not_parse_is_named(repo: Repo) -> None:
    repo.write("CLAUDE.md", "```toml safe-rollback\n[session]\nmax_fils = 5\n```\n")
    code, data = doctor(repo)
    assert (code, statuses(data)["protocol"]) == (0, "warning")
