"""Sessions as a fold over the ledger, and free ids for new ones."""

import os
from contextlib import closing

import pytest

from safe_rollback.core.errors import NotFoundError
from safe_rollback.core.ids import SessionId
from safe_rollback.core.session import active_session, chain, find_session, next_session_id, sessions
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.start_session import start_session
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo


def branch_of(day: object, number: int) -> str:
    return f"feature/{number:03}"


def test_a_session_carries_what_its_start_and_end_said(repo: Repo, workspace: Workspace) -> None:
    started = start_session(Desk(workspace), "mend the parser", paths=["src/**"], max_files=3)
    session = find_session(workspace, SessionId(started.session_id))
    assert session == active_session(workspace)
    assert (session.task, session.paths, session.max_files) == ("mend the parser", ("src/**",), 3)
    assert (session.checkpoint, session.tag, session.base_commit) == (
        started.checkpoint_id,
        started.tag,
        started.base_commit,
    )
    assert chain(workspace) == session.id and session.outcome is None
    ended = end_session(Desk(workspace), "mended")
    session = find_session(workspace, session.id)
    assert (session.outcome, session.summary) == ("closed", "mended") and ended.checkpoint_id
    assert active_session(workspace) is None and chain(workspace) == "at-main"


def test_ids_count_up_within_a_day_and_begin_again_the_next(workspace: Workspace) -> None:
    for expected in ("2026-03-04-001", "2026-03-04-002"):
        assert start_session(Desk(workspace), "x").session_id == expected
        end_session(Desk(workspace), "done")
    clock = workspace.clock
    assert isinstance(clock, FixedClock)
    clock.move(days=1)
    assert start_session(Desk(workspace), "x").session_id == "2026-03-05-001"


def test_an_id_whose_branch_or_tag_exists_is_passed_over(repo: Repo, workspace: Workspace) -> None:
    repo.git("branch", "feature/001")
    repo.git("tag", "checkpoint/before-session-2026-03-04-002")
    assert next_session_id(workspace, branch_of)[::2] == ("2026-03-04-003", "feature/003")


def test_each_worktree_has_a_session_of_its_own(repo: Repo, workspace: Workspace, tmp_path: object) -> None:
    other = os.path.join(str(tmp_path), "linked")
    repo.git("worktree", "add", "-q", "-b", "side", other)
    with closing(open_workspace(other, FixedClock())) as linked:
        first = start_session(Desk(workspace), "here").session_id
        second = start_session(Desk(linked), "there").session_id
        here, there = active_session(workspace), active_session(linked)
        assert here is not None and there is not None
        assert (here.id, there.id) == (first, second) and first != second
        assert [one.id for one in sessions(linked)] == [first, second]


def test_a_session_that_does_not_exist_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError, match="safe-rollback log"):
        find_session(workspace, SessionId("2020-01-01-001"))
