"""The ledger appends, answers, stays private, and several writers make one chain."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest

from safe_rollback.core.errors import BusyError, DamagedError, SafeRollbackError
from safe_rollback.core.ledger import store
from safe_rollback.core.ledger.events import (
    EVENTS,
    CommandRefused,
    CommandTrusted,
    GateRun,
    from_data,
    kind_of,
    to_data,
)
from safe_rollback.core.ledger.store import FILE, GENESIS, Ledger, Record
from safe_rollback.core.workspace import Workspace, open_workspace
from tests.core.ledger.support import SESSION, events, filled, sql
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo


def test_what_was_appended_is_read_back_in_order_and_equal(tmp_path: object) -> None:
    ledger = filled(str(tmp_path), 7)
    assert [record.event for record in ledger.records()] == events(7)
    assert [record.seq for record in ledger.records()] == list(range(1, 8))
    assert ledger.verify() == []
    ledger.close()
    again = Ledger(str(tmp_path), FixedClock())
    assert [record.event for record in again.records()] == events(7)
    again.close()


def test_the_head_names_everything_before_it(tmp_path: object) -> None:
    ledger = Ledger(str(tmp_path), FixedClock())
    assert ledger.head() == GENESIS
    heads = [ledger.append(event).hash for event in events(5)]
    assert ledger.head() == heads[-1] and len(set(heads)) == 5
    assert [record.prev for record in ledger.records()] == [GENESIS, *heads[:-1]]
    ledger.close()


def test_filters_find_exactly_their_records(tmp_path: object) -> None:
    ledger = filled(str(tmp_path), 9)
    everything = ledger.records()
    assert ledger.records(GateRun) == [one for one in everything if one.kind == "gate_run"]
    assert ledger.records(session=SESSION) == [one for one in everything if one.session == SESSION]
    assert ledger.records(after=6) == everything[6:]
    assert ledger.records(limit=2, newest_first=True) == everything[:-3:-1]
    assert [one.seq for one in ledger.records(CommandRefused, containing="reset 4")] == [5]
    assert ledger.records(containing="reset") == []
    ledger.close()


def test_the_database_is_for_its_owner_only_whatever_the_umask(tmp_path: object) -> None:
    folder = os.path.join(str(tmp_path), "state")
    before = os.umask(0)
    try:
        ledger = filled(folder, 1)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(ledger.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    ledger.close()


def test_everything_of_ours_in_a_repository_is_for_its_owner_only(repo: Repo) -> None:
    before = os.umask(0o022)
    try:
        with closing(open_workspace(repo.root, FixedClock())) as workspace, workspace.worktree_lock("test"):
            workspace.ledger.append(CommandTrusted(text="make"))
    finally:
        os.umask(before)
    for folder, _, names in os.walk(workspace.state_dir):
        if folder == workspace.state_dir:
            assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        for name in names:
            assert stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) & 0o077 == 0


def test_a_kind_of_event_from_a_newer_version_is_kept_and_skipped(tmp_path: object) -> None:
    ledger = filled(str(tmp_path), 2)
    newest = ledger.records()[-1]
    later = Record(
        seq=3, at=newest.at, kind="moon_landed", session=None, data='{"by":"1"}', prev=newest.hash, hash=""
    )
    values = (3, later.at, later.kind, None, later.data, later.prev, later.expected_hash())
    sql(str(tmp_path), ("INSERT INTO events VALUES (?,?,?,?,?,?,?)", values))
    assert ledger.records()[-1].event is None
    ledger.append(CommandTrusted(text="x"))
    assert ledger.verify() == []
    ledger.close()


def test_a_field_from_a_newer_version_is_left_out() -> None:
    for kind in EVENTS:
        assert from_data(kind_of(kind), {**dict.fromkeys(kind.__dataclass_fields__, "x"), "new": 1}) is not None
    event = events(3)[2]
    assert from_data(kind_of(event), {**to_data(event), "new": [1]}) == event


def test_an_event_that_lacks_a_field_is_damage_and_says_what_to_do(tmp_path: object) -> None:
    ledger = filled(str(tmp_path), 1)
    for data in ("{}", "not json", "[]", '"x"'):
        sql(str(tmp_path), ("UPDATE events SET data = ?", (data,)))
        with pytest.raises(DamagedError, match="doctor --repair"):
            _ = ledger.records()[0].event
    ledger.close()


_APPEND = """
import sys
from safe_rollback.core.ledger.events import CommandTrusted
from safe_rollback.core.workspace import open_workspace
workspace = open_workspace(sys.argv[1])
for number in range(int(sys.argv[3])):
    with workspace.repository_lock("test"):
        workspace.ledger.append(CommandTrusted(text=f"{sys.argv[2]}-{number}"))
workspace.close()
"""


def test_processes_that_append_at_once_make_one_chain_without_loss(repo: Repo) -> None:
    argv = [sys.executable, "-c", _APPEND, repo.root]
    running = [subprocess.Popen([*argv, str(writer), "12"]) for writer in range(4)]
    assert [one.wait() for one in running] == [0] * 4
    with closing(open_workspace(repo.root)) as workspace:
        texts = [event.text for one in workspace.ledger.records() if isinstance(event := one.event, CommandTrusted)]
        assert workspace.ledger.verify() == []
    assert sorted(texts) == sorted(f"{writer}-{number}" for writer in range(4) for number in range(12))
    for writer in range(4):
        assert [text for text in texts if text.startswith(f"{writer}-")] == [f"{writer}-{n}" for n in range(12)]


def test_a_database_somebody_holds_is_busy_and_not_damaged(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_BUSY_SECONDS", 0.0)
    ledger = filled(str(tmp_path), 2)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError) as refused:
            ledger.append(CommandTrusted(text="x"))
        assert "--repair" not in str(refused.value)
        with pytest.raises(BusyError):
            Ledger(str(tmp_path), FixedClock())
        other.execute("ROLLBACK")
    ledger.append(CommandTrusted(text="y"))
    assert [one.seq for one in ledger.records()] == [1, 2, 3] and ledger.verify() == []
    ledger.close()


def test_a_full_disk_is_named_and_no_reason_for_a_repair(tmp_path: object) -> None:
    ledger = filled(str(tmp_path), 2)
    (pages,) = ledger._query("PRAGMA page_count")[0]
    ledger._query(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(SafeRollbackError) as failed:
        ledger.append(CommandTrusted(text="x" * 100_000))
    assert not isinstance(failed.value, DamagedError)
    assert "full" in failed.value.message and "space" in (failed.value.hint or "")
    ledger._query("PRAGMA max_page_count = 100000")
    ledger.append(CommandTrusted(text="y"))
    assert [one.seq for one in ledger.records()] == [1, 2, 3] and ledger.verify() == []
    ledger.close()


@pytest.mark.parametrize("application", [0, 7])
def test_another_programs_database_is_left_as_it_is(tmp_path: object, application: int) -> None:
    path = os.path.join(str(tmp_path), FILE)
    with closing(sqlite3.connect(path)) as other:
        other.executescript(f"CREATE TABLE songs (name TEXT); PRAGMA application_id={application};")
    with open(path, "rb") as file:
        before = file.read()
    with pytest.raises(DamagedError, match=r"another program.*doctor --repair"):
        Ledger(str(tmp_path), FixedClock())
    with open(path, "rb") as file:
        assert file.read() == before


def test_a_ledger_rebuilt_by_another_process_is_followed_to_its_new_file(workspace: Workspace) -> None:
    workspace.ledger.append(CommandTrusted(text="old"))
    fresh = os.path.join(workspace.root, "elsewhere")
    with closing(Ledger(fresh, FixedClock())) as other:
        other.append(CommandTrusted(text="rebuilt"))
    os.rename(os.path.join(fresh, FILE), os.path.join(workspace.state_dir, FILE))
    workspace.ledger.append(CommandTrusted(text="new"))
    assert [one.event for one in workspace.ledger.records()] == [
        CommandTrusted(text="rebuilt"),
        CommandTrusted(text="new"),
    ]
    assert len(sql(workspace.state_dir, ("SELECT seq FROM events", ()))) == 2
