"""Retention drops what is old, never what is needed, and can be undone."""

import os
from contextlib import closing

import pytest

from safe_rollback.core.errors import DamagedError, NotFoundError, StateMovedError
from safe_rollback.core.gate.refs import list_refs
from safe_rollback.core.ids import CheckpointId, OperationId, checkpoint_id
from safe_rollback.core.ledger.events import CommandTrusted
from safe_rollback.core.ledger.store import FILE
from safe_rollback.core.rebuild import rebuild
from safe_rollback.core.retention import JOURNAL, TRASH, plan_pruning, prune, undo_pruning
from safe_rollback.core.snapshot.checkpoint import PRIVATE, Checkpoint
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.list_checkpoints import list_checkpoints
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from safe_rollback.tools.start_session import start_session
from safe_rollback.tools.undo import undo
from tests.core.transition.kit import keep, restore, take_back
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo

MONTH = 30 * 24 * 3600


def move(workspace: Workspace, days: float) -> None:
    clock = workspace.clock
    assert isinstance(clock, FixedClock)
    clock.move(days=days)


def plan(workspace: Workspace) -> list[str]:
    return [one.id for one in plan_pruning(workspace, MONTH).dropped]


def drop(workspace: Workspace) -> OperationId:
    return prune(workspace, MONTH, plan_pruning(workspace, MONTH).digest())


def listed(workspace: Workspace) -> list[str]:
    return [one.checkpoint_id for one in list_checkpoints(Desk(workspace), limit=100).checkpoints]


def ours(workspace: Workspace) -> dict[str, str]:
    return {one.name: one.oid for one in list_refs(workspace.repository) if "safe-rollback/trash" not in one.name}


def edited(repo: Repo, workspace: Workspace, count: int) -> list[str]:
    """Checkpoints of `count` different states."""
    made = []
    for number in range(count):
        repo.write("src/app.py", f"state {number} of {len(made)} {workspace.clock.token()}\n")
        made.append(keep(workspace))
    return made


def content(workspace: Workspace, repo: Repo, kept: str) -> str:
    found = find(workspace, CheckpointId(kept))
    return repo.git("show", f"{found.worktree}:src/app.py")


def collect(repo: Repo) -> None:
    """git's own housekeeping, with no grace."""
    repo.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    repo.git("gc", "-q", "--prune=now")


def missing(repo: Repo, one: Checkpoint) -> set[str]:
    """Which of the objects of a checkpoint are gone."""
    named = [one.commit, one.worktree, one.index_tree, one.sidecar, one.refs]
    named += filter(None, [one.index_raw, one.private])
    answer = repo.git("cat-file", "--batch-check", stdin="\n".join(named).encode() + b"\n")
    return {line.split()[0] for line in answer.splitlines() if line.endswith("missing")}


def test_old_checkpoints_go_and_pinned_and_needed_ones_stay(repo: Repo, workspace: Workspace) -> None:
    outside = edited(repo, workspace, 3)
    pinned = checkpoint(Desk(workspace), name="keep me", pin=True).checkpoint_id
    outside += edited(repo, workspace, 1)
    started = start_session(Desk(workspace), "a long task")
    inside = edited(repo, workspace, 3)
    move(workspace, 31)
    recent = edited(repo, workspace, 1)
    assert set(plan(workspace)) == set(outside[:-1])
    stay = [pinned, outside[-1], started.checkpoint_id, *inside, *recent]
    before = {one: content(workspace, repo, one) for one in stay}
    state = repo.state()
    drop(workspace)
    assert repo.state() == state
    assert set(listed(workspace)) == set(before)
    assert {one: content(workspace, repo, one) for one in before} == before


def test_nothing_goes_before_its_time(repo: Repo, workspace: Workspace) -> None:
    edited(repo, workspace, 3)
    move(workspace, 30)
    assert plan(workspace) == []
    move(workspace, 0.001)
    assert len(plan(workspace)) == 2


def test_the_last_operation_can_be_undone_however_old_it_is(repo: Repo, workspace: Workspace) -> None:
    edited(repo, workspace, 4)
    first = listed(workspace)[-1]
    before = repo.state()
    restore(workspace, first)
    move(workspace, 400)
    drop(workspace)
    assert repo.state() != before
    take_back(workspace)
    assert repo.state() == before


def test_an_undo_brings_back_exactly_what_a_pruning_dropped(repo: Repo, workspace: Workspace) -> None:
    repo.write(".env", "SECRET=1\n")
    repo.commit("ignore", {".gitignore": ".env\nbuild/\n*.log\n"})
    for text in ("one", "two"):
        start_session(Desk(workspace), f"session {text}")
        for number in range(2):
            repo.write(".env", f"SECRET={text}{number}\n")
            edited(repo, workspace, 1)
        end_session(Desk(workspace), "done")
        repo.git("switch", "-q", "--discard-changes", "main")
    refs, names = ours(workspace), listed(workspace)
    contents = {one: content(workspace, repo, one) for one in names}
    move(workspace, 31)
    operation = drop(workspace)
    assert listed(workspace) == []
    plan = undo(Desk(workspace), operation).plan
    assert plan is not None
    assert undo(Desk(workspace), operation, plan.digest).applied
    assert {name: value for name, value in ours(workspace).items() if name != JOURNAL} == refs
    assert listed(workspace) == names
    assert {one: content(workspace, repo, one) for one in names} == contents
    assert not list_refs(workspace.repository, TRASH)
    with pytest.raises(NotFoundError, match="until the next one"):
        undo_pruning(workspace, operation)


def test_the_tag_of_a_session_goes_with_its_last_checkpoint_and_comes_back(repo: Repo, workspace: Workspace) -> None:
    started = start_session(Desk(workspace), "short")
    end_session(Desk(workspace), "done")
    assert started.tag is not None and repo.git("tag", "--list") == started.tag
    value = repo.git("rev-parse", started.tag)
    move(workspace, 31)
    operation = drop(workspace)
    assert repo.git("tag", "--list") == ""
    undo_pruning(workspace, operation)
    assert repo.git("rev-parse", started.tag) == value


def test_a_dropped_checkpoint_is_refused_with_the_way_to_bring_it_back(repo: Repo, workspace: Workspace) -> None:
    gone = edited(repo, workspace, 3)[0]
    move(workspace, 31)
    operation = drop(workspace)
    state = repo.state()
    with pytest.raises(NotFoundError, match=f"safe-rollback undo {operation}"):
        restore_checkpoint(Desk(workspace), gone)
    assert repo.state() == state
    undo_pruning(workspace, operation)
    restore(workspace, gone)


def test_gc_keeps_what_was_kept_and_may_take_what_was_dropped(repo: Repo, workspace: Workspace) -> None:
    repo.commit("ignore", {".gitignore": ".env\n"})
    repo.write(".env", "SECRET=old\n")
    gone = edited(repo, workspace, 2)
    repo.write(".env", "SECRET=new\n")
    repo.write("untracked.bin", os.urandom(64))
    kept = edited(repo, workspace, 1)[0]
    lost = [find(workspace, checkpoint_id(one)) for one in gone]
    move(workspace, 31)
    drop(workspace)
    collect(repo)
    assert [missing(repo, one) for one in lost] == [set(), set()], "the trash keeps them"
    move(workspace, 31)
    repo.write("src/app.py", "one more\n")
    newest = keep(workspace)
    repo.git("gc", "-q", "--prune=now")
    drop(workspace)
    collect(repo)
    assert all(one.commit in missing(repo, one) and one.worktree in missing(repo, one) for one in lost)
    assert lost[0].private is not None and lost[0].private in missing(repo, lost[0])
    assert listed(workspace) == [newest] and not missing(repo, find(workspace, checkpoint_id(newest)))
    repo.git("fsck", "--strict", "--no-dangling")
    assert kept not in listed(workspace)


def test_a_second_pruning_empties_the_trash_of_the_first(repo: Repo, workspace: Workspace) -> None:
    edited(repo, workspace, 2)
    move(workspace, 31)
    first = drop(workspace)
    edited(repo, workspace, 1)
    second = drop(workspace)
    places = [one.name for one in list_refs(workspace.repository, TRASH)]
    assert places and all(name.startswith(f"{TRASH}{second}/") for name in places)
    with pytest.raises(NotFoundError, match=str(first)):
        undo_pruning(workspace, first)
    undo_pruning(workspace, second)


def test_the_ignored_files_of_dropped_checkpoints_are_let_go_and_the_others_kept(
    repo: Repo, workspace: Workspace
) -> None:
    repo.commit("ignore", {".gitignore": ".env\n"})
    for number in range(3):
        repo.write(".env", f"SECRET={number}\n")
        keep(workspace)
    (before,) = list_refs(workspace.repository, PRIVATE)
    kept = find(workspace, checkpoint_id(listed(workspace)[0])).private
    assert len(repo.git("rev-list", "--parents", "-1", before.oid).split()) == 4
    move(workspace, 31)
    drop(workspace)
    (after,) = list_refs(workspace.repository, PRIVATE)
    assert repo.git("rev-list", "--parents", "-1", after.oid).split()[1:] == [kept]


def test_a_plan_that_is_out_of_date_drops_nothing(repo: Repo, workspace: Workspace) -> None:
    edited(repo, workspace, 2)
    move(workspace, 31)
    digest = plan_pruning(workspace, MONTH).digest()
    edited(repo, workspace, 1)
    refs, head = ours(workspace), workspace.ledger.head()
    with pytest.raises(StateMovedError, match="Plan again"):
        prune(workspace, MONTH, digest)
    assert (ours(workspace), workspace.ledger.head()) == (refs, head)


def test_an_undo_does_not_take_away_a_checkpoint_that_came_since(repo: Repo, workspace: Workspace) -> None:
    edited(repo, workspace, 2)
    move(workspace, 31)
    operation = drop(workspace)
    edited(repo, workspace, 1)
    refs = ours(workspace)
    with pytest.raises(StateMovedError, match="newer checkpoints"):
        undo_pruning(workspace, operation)
    assert ours(workspace) == refs


def test_numbers_go_on_where_they_were_after_a_pruning(repo: Repo, workspace: Workspace) -> None:
    assert edited(repo, workspace, 3)[-1] == "at-main.3"
    move(workspace, 31)
    drop(workspace)
    assert edited(repo, workspace, 1) == ["at-main.4"]


def test_records_sealed_in_dropped_checkpoints_survive_a_rebuild(repo: Repo, workspace: Workspace) -> None:
    for number in range(3):
        with workspace.repository_lock("test"):
            workspace.ledger.append(CommandTrusted(text=f"said {number}"))
        edited(repo, workspace, 1)
    sealed = [one for one in workspace.ledger.records() if one.seq <= workspace.ledger.sealed()]
    for _ in range(2):
        move(workspace, 31)
        drop(workspace)
        edited(repo, workspace, 1)
    move(workspace, 31)
    drop(workspace)
    collect(repo)
    workspace.close()
    os.unlink(os.path.join(workspace.state_dir, FILE))
    with closing(open_workspace(repo.root, FixedClock())) as again:
        rebuilt = rebuild(again, "test")
        assert rebuilt.gaps == []
        assert again.ledger.records()[: len(sealed)] == sealed
        assert again.ledger.verify() == []


def test_a_pruning_can_still_be_undone_after_the_ledger_was_lost(repo: Repo, workspace: Workspace) -> None:
    started = start_session(Desk(workspace), "short")
    end_session(Desk(workspace), "done")
    outside = edited(repo, workspace, 3)
    refs, names = ours(workspace), set(listed(workspace))
    move(workspace, 31)
    operation = drop(workspace)
    os.unlink(os.path.join(workspace.state_dir, FILE))
    rebuild(workspace, "test")
    with pytest.raises(NotFoundError, match=str(operation)):
        find(workspace, checkpoint_id(outside[0]))
    assert content(workspace, repo, outside[-1])
    undo_pruning(workspace, operation)
    assert {name: value for name, value in ours(workspace).items() if name != JOURNAL} == refs
    assert set(listed(workspace)) == names and started.checkpoint_id in names
    assert all(find(workspace, checkpoint_id(one)) for one in names)


def test_a_pruning_killed_before_its_record_is_recorded_by_the_next(repo: Repo, workspace: Workspace) -> None:
    edited(repo, workspace, 3)
    pinned = checkpoint(Desk(workspace), name="pin", pin=True).checkpoint_id
    edited(repo, workspace, 1)
    move(workspace, 31)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("safe_rollback.core.retention.taken_event", _die)
        with pytest.raises(KeyboardInterrupt):
            drop(workspace)
    rebuild(workspace, "repair")
    assert content(workspace, repo, pinned)
    move(workspace, 31)
    edited(repo, workspace, 1)
    drop(workspace)
    collect(repo)
    workspace.close()
    with closing(open_workspace(repo.root, FixedClock())) as again:
        assert content(again, repo, pinned)
        with pytest.raises((NotFoundError, DamagedError)):
            find(again, checkpoint_id("at-main.1"))


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_checkpoint_that_retention_moved_is_still_the_sessions_in_the_record(
    repo: Repo, workspace: Workspace
) -> None:
    started = start_session(Desk(workspace), "long")
    edited(repo, workspace, 2)
    move(workspace, 31)
    drop(workspace)
    owners = {one.session for one in workspace.ledger.records() if one.kind == "checkpoint_taken"}
    assert owners == {started.session_id}
