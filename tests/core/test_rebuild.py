"""The ledger comes back from the refs: sessions keep running, undo works, what is lost is named."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing

import pytest

from safe_rollback.core import rebuild as room
from safe_rollback.core.errors import DamagedError
from safe_rollback.core.health import examine, repair
from safe_rollback.core.ids import session_id
from safe_rollback.core.ledger.events import CommandTrusted, LedgerRebuilt, OperationFinished
from safe_rollback.core.ledger.store import FILE, Record
from safe_rollback.core.rebuild import rebuild
from safe_rollback.core.session import find_session, sessions
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.list_checkpoints import list_checkpoints
from safe_rollback.tools.start_session import start_session
from tests.core.transition.kit import keep, restore, take_back
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo


def path(workspace: Workspace) -> str:
    return os.path.join(workspace.state_dir, FILE)


def lose(workspace: Workspace) -> None:
    """The database is deleted while it is in use."""
    os.unlink(path(workspace))


def say(workspace: Workspace, *texts: str) -> None:
    """Records that stand in no checkpoint yet."""
    with workspace.repository_lock("test"):
        for text in texts:
            workspace.ledger.append(CommandTrusted(text=text))


def damage(workspace: Workspace, change: Callable[[bytes], bytes]) -> bytes:
    """Write other bytes into the database; what it was."""
    with open(path(workspace), "rb") as file:
        data = file.read()
    workspace.reopen_ledger()
    with open(path(workspace), "wb") as file:
        file.write(change(data))
    return data


def whole(workspace: Workspace) -> bool:
    return workspace.ledger.verify() == [] and all(
        one.status != "problem" for one in examine(workspace) if one.name in ("ledger", "checkpoints")
    )


@pytest.mark.parametrize("deed", ["deleted", "emptied", "cut", "zeros", "cut within a page"])
def test_a_lost_or_damaged_ledger_says_how_to_mend_it_and_is_mended(workspace: Workspace, deed: str) -> None:
    desk = Desk(workspace)
    start_session(desk, "mend it")
    for number in range(40):
        say(workspace, f"{number}" * 100)
    keep(workspace)
    if deed == "deleted":
        lose(workspace)
    else:
        cut = {"emptied": 0, "cut": 8192, "cut within a page": 6000}.get(deed)
        damage(workspace, lambda data: bytes(len(data)) if cut is None else data[:cut])
    with pytest.raises(DamagedError, match="doctor --repair"):
        assert workspace.ledger.verify() == []
        pytest.fail("it was taken for a whole one")
    assert repair(workspace)
    assert whole(workspace)
    assert [one.outcome for one in sessions(workspace)] == [None]


def test_every_sealed_record_comes_back_byte_for_byte(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "write")
    for number in range(5):
        repo.write("a.txt", f"{number}")
        say(workspace, f"said {number}")
        keep(workspace)
    sealed = [one for one in workspace.ledger.records() if one.seq <= workspace.ledger.sealed()]
    lose(workspace)
    rebuilt = rebuild(workspace, "test")
    assert rebuilt.gaps == [] and rebuilt.quarantined is None and rebuilt.records == len(sealed)
    assert workspace.ledger.records()[: len(sealed)] == sealed
    assert whole(workspace)


def test_a_session_goes_on_and_its_operations_can_still_be_undone(repo: Repo, workspace: Workspace) -> None:
    repo.write("human.txt", "an afternoon")
    started = start_session(Desk(workspace), "try things", paths=["src/**"])
    first = keep(workspace)
    repo.write("src/app.py", "agent\n")
    repo.write("src/new.py", "agent too\n")
    before = repo.state()
    done = restore(workspace, first)
    known = find_session(workspace, session_id(started.session_id))
    after = repo.state()
    lose(workspace)
    assert repair(workspace)
    assert repo.state() == after
    assert find_session(workspace, session_id(started.session_id)) == known
    assert Desk(workspace).session == known
    take_back(workspace, done.operation_id)
    assert repo.state() == before
    take_back(workspace)
    assert repo.state() == after
    assert end_session(Desk(workspace), "done").session_id == started.session_id


def test_a_session_that_ended_stays_ended(workspace: Workspace) -> None:
    started = start_session(Desk(workspace), "be brief")
    ended = end_session(Desk(workspace), "it was brief")
    lose(workspace)
    rebuild(workspace, "test")
    session = find_session(workspace, session_id(started.session_id))
    assert (session.outcome, session.summary) == ("closed", "it was brief")
    assert session.checkpoint == started.checkpoint_id and session.tag == started.tag
    assert ended.checkpoint_id and start_session(Desk(workspace), "the next").session_id.endswith("-002")


def test_unsealed_records_are_salvaged_from_a_damaged_file_and_gaps_are_named(workspace: Workspace) -> None:
    say(workspace, "sealed 1", "sealed 2")
    keep(workspace)
    say(workspace, *(f"{number:04}" * 200 for number in range(60)))
    old = workspace.ledger.records()

    def change(data: bytes) -> bytes:
        at = data.index(b"0030" * 200)
        page = at // 4096 * 4096
        return data[:page] + bytes(4096) + data[page + 4096 :]

    damage(workspace, change)
    rebuilt = rebuild(workspace, "test")
    assert rebuilt.quarantined and rebuilt.gaps
    lost = {seq for first, last in rebuilt.gaps for seq in range(first, last + 1)}
    assert 0 < len(lost) < 30
    events = workspace.ledger.records()
    assert [one for one in events if one.seq <= len(old)] == [one for one in old if one.seq not in lost]
    (said,) = [one.event for one in events if isinstance(one.event, LedgerRebuilt)]
    assert isinstance(said, LedgerRebuilt) and [tuple(gap) for gap in said.gaps] == rebuilt.gaps
    assert all(f"{first}–{last}" in rebuilt.text() for first, last in rebuilt.gaps)
    assert whole(workspace)
    survivor = max(one.seq for one in events if one.seq < rebuilt.gaps[0][0])
    with closing(sqlite3.connect(path(workspace))) as db, db:
        db.execute("DELETE FROM events WHERE seq = ?", (survivor,))
    assert workspace.ledger.verify() == [f"Record {survivor} is missing."]


def test_the_damaged_file_is_kept_as_it_was_however_often(workspace: Workspace) -> None:
    say(workspace, "one")
    keep(workspace)
    kept = {}
    for number in range(3):
        data = damage(workspace, lambda data: data[: len(data) - 100])[:-100]
        quarantined = rebuild(workspace, f"test {number}").quarantined
        assert quarantined is not None
        kept[quarantined] = data
    assert len(kept) == 3
    for name, data in kept.items():
        with open(name, "rb") as file:
            assert file.read() == data
    assert whole(workspace)


def test_a_number_gone_wild_in_a_damaged_row_does_not_keep_a_rebuild_from_ending(workspace: Workspace) -> None:
    say(workspace, *"abcdef")
    keep(workspace)
    say(workspace, "last")
    with closing(sqlite3.connect(path(workspace))) as db, db:
        db.execute("UPDATE events SET seq = ? WHERE seq = 3", (2**63 - 1,))
    rebuild(workspace, "test")
    assert whole(workspace)
    texts = [event.text for one in workspace.ledger.records() if isinstance(event := one.event, CommandTrusted)]
    assert texts == [*"abcdef", "last"]


def test_where_histories_part_the_sealed_one_wins_and_the_chain_is_whole(workspace: Workspace) -> None:
    say(workspace, "1", "2", "3")
    keep(workspace)
    with closing(sqlite3.connect(path(workspace))) as db, db:
        db.execute("DELETE FROM events WHERE seq > 2")
        db.execute("DELETE FROM marks")
    say(workspace, "forged 3", "forged 4")
    rebuilt = rebuild(workspace, "test")
    texts = [event.text for one in workspace.ledger.records() if isinstance(event := one.event, CommandTrusted)]
    assert texts[:3] == ["1", "2", "3"] and "forged 3" not in texts
    assert whole(workspace) and rebuilt.quarantined


def test_a_forged_line_in_a_checkpoint_is_left_out(workspace: Workspace) -> None:
    say(workspace, "true")
    line = workspace.ledger.records()[0].line()
    assert Record.from_line(line.encode()) == workspace.ledger.records()[0]
    for wrong in (line.replace("true", "false"), "{}", "[]", "x", line.replace('"seq":1', '"seq":"1"'), "null"):
        assert Record.from_line(wrong.encode()) is None
    assert Record.from_line(b"\xff\xfe") is None


def test_a_chain_with_a_missing_object_costs_only_itself(repo: Repo, workspace: Workspace) -> None:
    started = start_session(Desk(workspace), "lose an object")
    keep(workspace)
    end_session(Desk(workspace), "done")
    repo.write("more.txt", "x")
    outside = keep(workspace)
    tip = repo.git("rev-parse", f"refs/safe-rollback/sessions/{started.session_id}~1")
    meta = repo.git("rev-parse", f"{tip}:meta/checkpoint.json")
    os.unlink(repo.path(f".git/objects/{meta[:2]}/{meta[2:]}"))
    workspace.close()
    lose(workspace)
    with closing(open_workspace(repo.root, FixedClock())) as again:
        rebuilt = rebuild(again, "test")
        assert rebuilt.unreadable == [f"refs/safe-rollback/sessions/{started.session_id}"]
        assert "git fsck" in rebuilt.text()
        assert again.ledger.verify() == []
        repo.write("more.txt", "changed")
        restore(again, outside, "more.txt")
        assert repo.read("more.txt") == b"x"


_DIE = """
import os, signal, sys
from safe_rollback.core import rebuild
from safe_rollback.core.workspace import open_workspace
workspace = open_workspace(sys.argv[1])
name = sys.argv[2]
if name == "before":
    rebuild._quarantine = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
else:
    rebuild.os.rename = lambda old, new, rename=os.rename: (
        os.kill(os.getpid(), signal.SIGKILL) if new.endswith("ledger.db") else rename(old, new)
    )
rebuild.rebuild(workspace, "dies")
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_rebuild_that_is_killed_leaves_a_ledger_that_is_noticed_or_as_it_was(
    repo: Repo, workspace: Workspace, moment: str
) -> None:
    start_session(Desk(workspace), "survive")
    say(workspace, "unsealed")
    workspace.reopen_ledger()
    died = subprocess.run([sys.executable, "-c", _DIE, repo.root, moment], capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    if moment == "before":
        assert "unsealed" in workspace.ledger.records()[-1].data
    else:
        with pytest.raises(DamagedError, match="doctor --repair"):
            _ = workspace.ledger
        assert [name for name in os.listdir(workspace.state_dir) if "damaged" in name]
    room.rebuild(workspace, "again")
    assert whole(workspace) and [one.outcome for one in sessions(workspace)] == [None]


def test_the_end_of_an_operation_is_not_made_up(workspace: Workspace) -> None:
    restore(workspace, keep(workspace))
    lose(workspace)
    rebuild(workspace, "test")
    rebuild(workspace, "again")
    finished = [one.event for one in workspace.ledger.records(OperationFinished)]
    assert len(finished) == 1
    assert whole(workspace)


def test_named_checkpoints_and_their_order_survive(workspace: Workspace) -> None:
    start_session(Desk(workspace), "name them")
    for name in ("one", "two", "three"):
        checkpoint(Desk(workspace), name=name, note="n")
    before = list_checkpoints(Desk(workspace)).checkpoints
    lose(workspace)
    rebuild(workspace, "test")
    assert list_checkpoints(Desk(workspace)).checkpoints == before
