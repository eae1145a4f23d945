"""undo: what an operation changed goes, what came later stays, what both changed is a conflict."""

import os

import pytest

from safe_rollback.core.errors import ConflictError, NotFoundError, StateMovedError
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.undo import undo
from tests.core.transition.kit import actions, keep, plan_undo, refused, restore, take_back
from tests.harness.repo import Repo


def lines(**changed: str) -> str:
    """Forty lines, some of them replaced: `lines(_3="x")`."""
    return "".join(f"{changed.get(f'_{number}', f'line {number}')}\n" for number in range(1, 41))


@pytest.fixture
def restored(repo: Repo, workspace: Workspace) -> str:
    """An operation that took the agent's edits at line 3 and its new file out again."""
    repo.git("switch", "-q", "-c", "feature")
    mine = keep(workspace)
    repo.write("src/app.py", lines(_3="the agent's"))
    repo.write("agent.txt", "new\n")
    repo.git("add", "agent.txt")
    operation = restore(workspace, mine).operation_id
    assert operation is not None
    return operation


def test_undo_of_undo_of_undo(repo: Repo, workspace: Workspace, restored: str) -> None:
    after = repo.state()
    take_back(workspace, restored)
    before = repo.state()
    assert before != after and repo.read("agent.txt") == b"new\n"
    for _ in range(2):
        take_back(workspace)
        assert repo.state() == after
        take_back(workspace)
        assert repo.state() == before


def test_planning_an_undo_changes_nothing_and_a_moved_state_stops_it(
    repo: Repo, workspace: Workspace, restored: str
) -> None:
    before = repo.state()
    plan = plan_undo(workspace)
    assert repo.state() == before
    assert actions(plan) == {"agent.txt": "create", "src/app.py": "replace", ".git/index": "replace"}
    repo.write("src/app.py", lines(_40="later"))
    refused(repo, StateMovedError, undo, Desk(workspace), restored, plan.digest)


def test_a_later_edit_elsewhere_in_the_file_is_merged(repo: Repo, workspace: Workspace, restored: str) -> None:
    repo.write("src/app.py", lines(_40="mine, later"))
    repo.write("mine.txt", "later\n")
    repo.git("add", "mine.txt")
    take_back(workspace)
    assert repo.read("src/app.py") == lines(_3="the agent's", _40="mine, later").encode()
    assert repo.read("mine.txt") == b"later\n"
    assert repo.git("diff", "--cached", "--name-only").splitlines() == ["agent.txt", "mine.txt"]


def test_a_later_edit_of_the_same_place_is_a_conflict_that_changes_nothing(
    repo: Repo, workspace: Workspace, restored: str
) -> None:
    repo.write("src/app.py", lines(_3="mine, later"))
    before = repo.state()
    plan = plan_undo(workspace)
    [conflict] = plan.conflicts
    assert conflict.path == "src/app.py"
    [hunk] = conflict.hunks
    assert "mine, later" in hunk and "the agent's" in hunk and f"before {restored}" in hunk
    error = refused(repo, ConflictError, undo, Desk(workspace), None, plan.digest)
    assert "src/app.py" in error.message
    assert repo.state() == before
    repo.write("src/app.py", lines())
    take_back(workspace)
    assert repo.read("src/app.py") == lines(_3="the agent's").encode()


def test_a_file_made_later_where_the_undo_puts_one_is_a_conflict(
    repo: Repo, workspace: Workspace, restored: str
) -> None:
    repo.write("agent.txt", "mine, another\n")
    plan = plan_undo(workspace)
    assert [one.path for one in plan.conflicts] == ["agent.txt"]
    refused(repo, ConflictError, undo, Desk(workspace), restored, plan.digest)


def test_an_ignored_file_made_later_in_the_way_blocks(repo: Repo, workspace: Workspace, restored: str) -> None:
    with open(repo.path(".git/info/exclude"), "a") as file:
        file.write("agent.txt\n")
    repo.write("agent.txt", "no checkpoint holds this\n")
    plan = plan_undo(workspace)
    assert [one.path for one in (*plan.blocked, *plan.conflicts)] == ["agent.txt"]
    refused(repo, ConflictError, undo, Desk(workspace), restored, plan.digest)


def test_an_older_operation_is_undone_and_later_independent_work_stays(
    repo: Repo, workspace: Workspace, restored: str
) -> None:
    mine = keep(workspace)
    repo.write("src/util.py", "broken\n")
    second = restore(workspace, mine, "src/util.py").operation_id
    repo.write("src/app.py", lines(_20="mine"))
    take_back(workspace, restored)
    assert repo.read("src/app.py") == lines(_3="the agent's", _20="mine").encode()
    assert repo.read("agent.txt") == b"new\n"
    assert repo.read("src/util.py") == b"def two():\n    return 2\n"
    take_back(workspace, second)
    assert repo.read("src/util.py") == b"broken\n"
    assert repo.read("agent.txt") == b"new\n"


def test_commits_made_since_are_a_conflict_only_if_the_operation_moved_the_branch(
    repo: Repo, workspace: Workspace, restored: str
) -> None:
    mine = keep(workspace)
    commit = repo.commit("Later", {"later.txt": "x\n"})
    take_back(workspace, restored)
    assert repo.head() == commit and repo.read("agent.txt") == b"new\n"
    moved = restore(workspace, mine)
    assert repo.head() != commit
    repo.commit("Later still", {"still.txt": "x\n"})
    plan = plan_undo(workspace, moved.operation_id)
    assert [one.path for one in plan.conflicts] == ["HEAD"]
    refused(repo, ConflictError, undo, Desk(workspace), moved.operation_id, plan.digest)


def test_what_was_staged_since_is_kept_or_conflicts(repo: Repo, workspace: Workspace, restored: str) -> None:
    repo.write("agent.txt", "staged by me\n")
    repo.git("add", "agent.txt")
    repo.remove("agent.txt")
    plan = plan_undo(workspace)
    assert ".git" in " ".join(one.path for one in plan.conflicts) or plan.conflicts[0].why.startswith("staged")
    refused(repo, ConflictError, undo, Desk(workspace), None, plan.digest)


def test_a_merge_begun_since_is_not_ended_by_an_undo(repo: Repo, workspace: Workspace, restored: str) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side", {"src/util.py": "side\n"})
    repo.git("switch", "-q", "feature")
    repo.commit("Main", {"src/util.py": "main\n"})
    repo.git("merge", "-q", "side", ok=(1,))
    plan = plan_undo(workspace)
    assert [one.path for one in plan.conflicts] == [".git/index"]
    refused(repo, ConflictError, undo, Desk(workspace), None, plan.digest)


def test_a_directory_the_human_filled_since_stays(repo: Repo, workspace: Workspace) -> None:
    repo.write("made/by/restore.txt", "x\n")
    mine = keep(workspace)
    repo.git("clean", "-q", "-fd")
    operation = restore(workspace, mine).operation_id
    repo.write("made/mine.txt", "later\n")
    os.makedirs(repo.path("made/by/empty"))
    take_back(workspace, operation)
    assert repo.read("made/mine.txt") == b"later\n"
    assert not repo.exists("made/by/restore.txt") and repo.exists("made/by/empty")


def test_a_mode_changed_alone_goes_back_and_forth(repo: Repo, workspace: Workspace) -> None:
    repo.write("run.sh", "#!/bin/sh\n", mode=0o755)
    whole, mine = repo.state(), keep(workspace)
    os.chmod(repo.path("run.sh"), 0o644)
    plain = repo.state()
    restore(workspace, mine)
    assert repo.state() == whole
    take_back(workspace)
    assert repo.state() == plain
    take_back(workspace)
    assert repo.state() == whole


def test_without_an_operation_there_is_nothing_to_undo(repo: Repo, workspace: Workspace) -> None:
    keep(workspace)
    refused(repo, NotFoundError, undo, Desk(workspace))
    refused(repo, NotFoundError, undo, Desk(workspace), "op-00000000")
