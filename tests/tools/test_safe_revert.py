"""safe_revert: exactly the plan, or nothing; recorded, undoable, and never past a human who has to agree."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from safe_rollback.core.errors import (
    InvalidInputError,
    NotFoundError,
    RefusedError,
    SafeRollbackError,
    StateMovedError,
)
from safe_rollback.core.ledger.events import OperationFinished
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import mint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.safe_revert import SPEC, safe_revert
from safe_rollback.tools.undo import undo
from tests.core.revert.kit import agent_commit, begin, execute, numbered, plan, roll_back, take_back, tree
from tests.harness.repo import Repo

SENSITIVE = '```toml safe-rollback\n[protect]\nsensitive = ["**/auth/**"]\n```\n'


@pytest.fixture
def wrong(repo: Repo) -> str:
    """A commit on a branch."""
    repo.git("switch", "-q", "-c", "work")
    return repo.commit("Wrong", {"src/app.py": numbered(40, {5: "wrong"}), "added.txt": "added\n", "README.md": None})


def _commit(repo: Repo) -> None:
    repo.commit("Meanwhile", {"meanwhile.txt": "1\n"})


def _amend(repo: Repo) -> None:
    repo.git("commit", "-q", "--amend", "-m", "Reworded")


def _switch(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "another")


def _detach(repo: Repo) -> None:
    repo.git("checkout", "-q", "--detach")


def _edit(repo: Repo) -> None:
    repo.write("src/app.py", numbered(40, {5: "wrong", 30: "edited"}))


def _touch_mode(repo: Repo) -> None:
    repo.path("src/app.py")
    repo.write("src/app.py", repo.read("src/app.py"), mode=0o755)


def _delete(repo: Repo) -> None:
    repo.remove("added.txt")


def _create(repo: Repo) -> None:
    repo.write("README.md", "mine\n")


def _stage(repo: Repo) -> None:
    repo.write("src/app.py", numbered(40, {5: "wrong", 30: "edited"}))
    repo.git("add", "src/app.py")
    repo.write("src/app.py", numbered(40, {5: "wrong"}))


def _merge(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side", "main")
    repo.commit("Side", {"side.txt": "1\n"})
    repo.git("switch", "-q", "work")
    repo.git("merge", "-q", "--no-commit", "--no-ff", "side")


def _directory(repo: Repo) -> None:
    repo.write("README.md/inside.txt", "mine\n")


@pytest.mark.parametrize(
    "move",
    [_commit, _amend, _switch, _detach, _edit, _touch_mode, _delete, _create, _stage, _merge, _directory],
    ids=lambda one: one.__name__.strip("_"),
)
def test_whatever_moved_since_the_plan_stands_and_nothing_happens(
    workspace: Workspace, repo: Repo, wrong: str, move: Callable[[Repo], None]
) -> None:
    planned = plan(workspace, wrong)
    move(repo)
    before, ledger = repo.state(), len(workspace.ledger.records(OperationFinished))
    with pytest.raises(SafeRollbackError) as caught:
        execute(workspace, planned)
    assert isinstance(caught.value, StateMovedError | InvalidInputError)
    assert caught.value.hint
    assert repo.state() == before
    assert len(workspace.ledger.records(OperationFinished)) == ledger


@pytest.mark.parametrize("digest", ["", "0" * 32, "not a digest"])
def test_a_wrong_digest_does_nothing(workspace: Workspace, repo: Repo, wrong: str, digest: str) -> None:
    planned = plan(workspace, wrong)
    before = repo.state()
    with pytest.raises(StateMovedError, match="plan"):
        safe_revert(Desk(workspace), planned.plan_id, digest)
    assert repo.state() == before


def test_the_digest_of_another_plan_does_nothing(workspace: Workspace, repo: Repo, wrong: str) -> None:
    first, second = plan(workspace, wrong), plan(workspace, wrong, "per_commit")
    before = repo.state()
    with pytest.raises(StateMovedError):
        safe_revert(Desk(workspace), first.plan_id, second.digest)
    assert repo.state() == before


@pytest.mark.parametrize(
    ("name", "error"),
    [("plan-deadbeef", NotFoundError), ("op-00000001", InvalidInputError), ("", InvalidInputError)],
)
def test_an_unknown_plan_says_to_make_one(
    workspace: Workspace, wrong: str, name: str, error: type[SafeRollbackError]
) -> None:
    with pytest.raises(error, match="plan_rollback"):
        safe_revert(Desk(workspace), name, "0" * 32)


def test_a_plan_is_found_by_its_id_and_not_by_a_mention_of_it(workspace: Workspace, repo: Repo, wrong: str) -> None:
    planned = plan(workspace, wrong)
    plan(workspace, "HEAD~1..HEAD", reason=planned.plan_id)
    execute(workspace, planned)
    assert tree(repo) == tree(repo, f"{wrong}^")


def test_edits_the_rollback_does_not_touch_may_go_on(workspace: Workspace, repo: Repo, wrong: str) -> None:
    planned = plan(workspace, wrong)
    repo.write("bin/run.sh", "edited since\n")
    repo.write("fresh.txt", "written since\n")
    repo.write("src/util.py", "staged since\n")
    repo.git("add", "src/util.py")
    execute(workspace, planned)
    assert repo.git("status", "--porcelain").splitlines() == [" M bin/run.sh", "M  src/util.py", "?? fresh.txt"]


def test_a_plan_is_done_once(workspace: Workspace, repo: Repo, wrong: str) -> None:
    planned = plan(workspace, wrong)
    execute(workspace, planned)
    after = repo.state()
    with pytest.raises(SafeRollbackError):
        execute(workspace, planned)
    assert repo.state() == after


def test_after_an_undo_the_same_plan_may_be_done_again(workspace: Workspace, repo: Repo, wrong: str) -> None:
    before = repo.state()
    planned = plan(workspace, wrong)
    first = execute(workspace, planned)
    after = repo.state()
    take_back(workspace, first.operation_id)
    assert repo.state() == before
    again = execute(workspace, planned)
    assert repo.state() == after
    take_back(workspace, again.operation_id)
    assert repo.state() == before


_KILLED = """
import os, sys
from safe_rollback.core.workspace import open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.safe_revert import safe_revert
root, plan, digest = sys.argv[1:]
safe_revert(Desk(open_workspace(root), progress=lambda *_: os._exit(9)), plan, digest)
"""


def test_a_second_run_of_a_plan_that_is_killed_is_finished_as_the_first_was(
    workspace: Workspace, repo: Repo, wrong: str
) -> None:
    planned = plan(workspace, wrong)
    first = execute(workspace, planned)
    after = repo.state()
    take_back(workspace, first.operation_id)
    words = [sys.executable, "-c", _KILLED, repo.root, planned.plan_id, planned.digest]
    assert subprocess.run(words, capture_output=True).returncode == 9
    assert repo.state() != after
    Desk(workspace)
    assert repo.state() == after
    assert any("was finished" in notice for notice in workspace.take_notices())


def test_one_commit_says_why_and_what_by_whom(workspace: Workspace, repo: Repo, wrong: str) -> None:
    second = repo.commit("Wrong too", {"src/util.py": "wrong\n"})
    planned = plan(workspace, f"{wrong}^..HEAD", reason="It broke the build.")
    done = execute(workspace, planned)
    form = "%an <%ae>|%cn <%ce>|%at|%ct|%P|%B"
    author, committer, authored, committed, parent, message = repo.git("show", "-s", f"--format={form}").split("|", 5)
    assert author == committer == "Hana Human <hana@example.com>"
    assert authored == committed == str(int(workspace.clock.now().timestamp()))
    assert parent == second
    assert "It broke the build." in message
    assert f"- {wrong} Wrong" in message and f"- {second} Wrong too" in message
    trailers = repo.git("show", "-s", "--format=%(trailers:only)").strip()
    assert trailers == f"Safe-Rollback-Operation: {done.operation_id}"


def test_per_commit_makes_one_each_newest_first(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    start, before = repo.head(), tree(repo)
    made = [repo.commit(f"Step {number}", {"src/app.py": numbered(40, {number: "x"})}) for number in range(1, 6)]
    done = roll_back(workspace, f"{start}..HEAD", "per_commit")
    lines = repo.git("log", "--reverse", "--format=%H %s", f"{made[-1]}..HEAD").splitlines()
    assert lines == [f'{oid} Revert "Step {5 - n}"' for n, oid in enumerate(done.commits)]
    for n, oid in enumerate(done.commits):
        message = repo.git("show", "-s", "--format=%B", oid)
        assert f"This reverts commit {made[4 - n]}." in message
        assert message.rstrip().endswith(f"Safe-Rollback-Operation: {done.operation_id}")
        assert tree(repo, oid) == tree(repo, f"{made[4 - n]}^")
    assert tree(repo) == before
    take_back(workspace, done.operation_id)
    assert repo.head() == made[-1]


def test_without_a_name_configured_the_commit_is_the_tools(workspace: Workspace, repo: Repo, wrong: str) -> None:
    repo.git("config", "--global", "--unset", "user.name")
    repo.git("config", "--global", "--unset", "user.email")
    roll_back(workspace, wrong)
    assert repo.git("show", "-s", "--format=%an") == "safe-rollback"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_it_answers_what_was_read_back_and_how_to_undo(workspace: Workspace, repo: Repo, wrong: str) -> None:
    done = roll_back(workspace, wrong)
    assert done.verification.files_read_back == 3
    assert done.verification.as_planned and done.verification.not_as_planned == []
    assert done.operation_id in done.undo
    assert done.branch == "work"
    assert any("none rewritten" in note for note in done.notes)
    event = workspace.ledger.records(OperationFinished)[-1].event
    assert isinstance(event, OperationFinished)
    assert (event.operation, event.outcome, list(event.commits)) == (done.operation_id, "done", done.commits)


def test_an_undo_after_later_commits_changes_nothing_and_names_the_way(
    workspace: Workspace, repo: Repo, wrong: str
) -> None:
    done = roll_back(workspace, wrong)
    later = repo.commit("Later", {"later.txt": "later\n"})
    before = repo.state()
    planned = undo(Desk(workspace), done.operation_id)
    assert planned.plan is not None
    assert [one.path for one in planned.plan.conflicts] == ["HEAD"]
    assert "plan_rollback" in planned.plan.conflicts[0].why
    with pytest.raises(SafeRollbackError):
        undo(Desk(workspace), done.operation_id, planned.plan.digest)
    assert repo.state() == before
    roll_back(workspace, done.commits[0])
    assert repo.read("src/app.py").decode() == numbered(40, {5: "wrong"})
    assert repo.git("merge-base", "--is-ancestor", later, "HEAD") == ""


def test_an_undo_keeps_edits_made_since(workspace: Workspace, repo: Repo, wrong: str) -> None:
    done = roll_back(workspace, wrong)
    repo.write("src/app.py", numbered(40, {30: "since"}))
    repo.write("fresh.txt", "since\n")
    take_back(workspace, done.operation_id)
    assert repo.head() == wrong
    assert repo.read("src/app.py").decode() == numbered(40, {5: "wrong", 30: "since"})
    assert repo.read("fresh.txt") == b"since\n"
    take_back(workspace)
    assert repo.read("src/app.py").decode() == numbered(40, {30: "since"})


@pytest.fixture
def sensitive(workspace: Workspace, repo: Repo) -> str:
    """A session that touched a sensitive path."""
    repo.commit("Protocol", {"CLAUDE.md": SENSITIVE, "src/auth/login.py": "locked = True\n"})
    begin(workspace)
    return agent_commit(workspace, repo, "Open it", {"src/auth/login.py": "locked = False\n"})


def test_sensitive_paths_wait_for_a_human_who_is_told_the_command(
    workspace: Workspace, repo: Repo, sensitive: str
) -> None:
    planned = plan(workspace, "session")
    before = repo.state()
    with pytest.raises(RefusedError) as caught:
        execute(workspace, planned)
    refusal = caught.value.refusal
    assert refusal.rule == "sensitive-paths"
    assert f"safe-rollback grant --plan {planned.digest}" in refusal.instead
    assert list(refusal.evidence) == ["src/auth/login.py"]
    assert repo.state() == before


def test_a_grant_is_for_one_plan_and_once(workspace: Workspace, repo: Repo, sensitive: str) -> None:
    planned = plan(workspace, "session")
    mint(workspace, "plan", "0" * 32)
    with pytest.raises(RefusedError):
        execute(workspace, planned)
    mint(workspace, "plan", planned.digest)
    done = execute(workspace, planned)
    assert done.sensitive == ["src/auth/login.py"]
    assert repo.read("src/auth/login.py") == b"locked = True\n"
    take_back(workspace, done.operation_id)
    with pytest.raises(RefusedError):
        execute(workspace, planned)


@pytest.mark.parametrize("answer", ["accept", "decline", "cancel"])
def test_a_human_may_answer_through_the_client(workspace: Workspace, repo: Repo, sensitive: str, answer: str) -> None:
    planned = plan(workspace, "session")
    arguments = {"plan_id": planned.plan_id, "digest": planned.digest}
    assert SPEC.question is not None
    question = SPEC.question(Desk(workspace), arguments)
    assert question is not None and "src/auth/login.py" in question and planned.digest in question
    assert SPEC.question(Desk(workspace), {**arguments, "digest": "0" * 32}) is None
    if answer == "accept":
        safe_revert(Desk(workspace, answer=answer), **arguments)
        assert repo.read("src/auth/login.py") == b"locked = True\n"
    else:
        before = repo.state()
        with pytest.raises(RefusedError):
            safe_revert(Desk(workspace, answer=answer), **arguments)
        assert repo.state() == before


def test_a_grant_does_not_outlive_a_change_of_the_state(workspace: Workspace, repo: Repo, sensitive: str) -> None:
    planned = plan(workspace, "session")
    mint(workspace, "plan", planned.digest)
    repo.write("src/auth/login.py", "locked = None\n")
    before = repo.state()
    with pytest.raises(StateMovedError):
        execute(workspace, planned)
    assert repo.state() == before


def test_two_people_reverting_at_once_get_one_revert(workspace: Workspace, repo: Repo, wrong: str) -> None:
    first, second = plan(workspace, wrong), plan(workspace, wrong)
    execute(workspace, first)
    after = repo.state()
    with pytest.raises(SafeRollbackError):
        execute(workspace, second)
    assert repo.state() == after
