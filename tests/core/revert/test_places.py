"""Reverts in unusual places: detached, linked worktrees, sparse, shallow, SHA-256, in the middle of things."""

import os
from collections.abc import Callable, Iterator

import pytest

from safe_rollback.core.errors import BusyError, ConflictError, InvalidInputError, NotFoundError
from safe_rollback.core.workspace import Workspace, open_workspace
from tests.core.revert.kit import agent_commit, begin, execute, git_dir_listing, plan, roll_back, take_back, tree
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo

Open = Callable[[str], Workspace]


@pytest.fixture
def opening() -> Iterator[Open]:
    """Opens further workspaces and closes them."""
    opened: list[Workspace] = []

    def make(root: str) -> Workspace:
        opened.append(open_workspace(root, FixedClock()))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def wrong(repo: Repo) -> str:
    """A commit on a branch."""
    repo.git("switch", "-q", "-c", "work")
    return repo.commit("Wrong", {"src/app.py": "wrong\n", "added.txt": "added\n", "README.md": None})


def test_a_detached_head_moves_and_no_branch_does(workspace: Workspace, repo: Repo, wrong: str) -> None:
    repo.git("checkout", "-q", "--detach")
    before = repo.state()
    done = roll_back(workspace, wrong)
    assert done.branch is None
    assert repo.branch() == ""
    assert repo.head() == done.commits[0]
    assert repo.state().refs == before.refs
    assert repo.git("status", "--porcelain") == ""
    take_back(workspace, done.operation_id)
    assert repo.state() == before


def test_a_protected_branch_gets_the_revert_on_a_branch_beside_it(workspace: Workspace, repo: Repo) -> None:
    wrong = repo.commit("Wrong on main", {"src/app.py": "wrong\n"})
    good = tree(repo, "HEAD~1")
    repo.write("src/app.py", "uncommitted, in the very same lines\n")
    repo.write("src/util.py", "staged\n")
    repo.git("add", "src/util.py")
    before = repo.state()
    planned = plan(workspace, wrong)
    assert repo.state() == before
    assert planned.prediction.clean
    done = execute(workspace, planned)
    assert done.branch == f"revert/{done.operation_id}"
    after = repo.state()
    new = after.refs.pop(f"refs/heads/{done.branch}")
    assert after == before
    assert tree(repo, new) == good
    assert repo.git("rev-parse", f"{new}^") == wrong
    assert any(f"Push {done.branch}" in note for note in done.notes)
    redo = take_back(workspace, done.operation_id)
    assert repo.state() == before
    take_back(workspace, redo.operation_id)
    assert repo.git("rev-parse", done.branch) == new


def test_a_branch_called_revert_does_not_stand_in_the_way(workspace: Workspace, repo: Repo) -> None:
    repo.git("branch", "revert")
    wrong = repo.commit("Wrong on main", {"src/app.py": "wrong\n"})
    before = repo.state()
    done = roll_back(workspace, wrong)
    assert done.branch is not None
    assert tree(repo, done.branch) == tree(repo, "HEAD~1")
    after = repo.state()
    del after.refs[f"refs/heads/{done.branch}"]
    assert after == before


@pytest.mark.parametrize("protected", [False, True])
def test_nothing_is_pushed_or_rewritten(workspace: Workspace, repo: Repo, tmp_path: object, protected: bool) -> None:
    remote = Repo(f"{tmp_path}/remote.git")
    os.makedirs(remote.root)
    remote.git("init", "-q", "--bare", "-b", "main")
    repo.git("remote", "add", "origin", remote.root)
    if not protected:
        repo.git("switch", "-q", "-c", "work")
    wrong = repo.commit("Wrong", {"src/app.py": "wrong\n"})
    branch = repo.branch()
    repo.git("push", "-q", "-u", "origin", branch)
    remote_before = remote.git("for-each-ref")
    done = roll_back(workspace, wrong)
    assert remote.git("for-each-ref") == remote_before
    assert repo.git("merge-base", "--is-ancestor", f"origin/{branch}", done.branch or "") == ""
    note = next(note for note in done.notes if "Nothing was pushed" in note)
    assert str(done.branch) in note
    before = repo.state()
    redo = take_back(workspace, done.operation_id)
    take_back(workspace, redo.operation_id)
    assert repo.state() == before
    assert remote.git("for-each-ref") == remote_before


def test_a_revert_that_was_pushed_is_not_undone_by_rewriting(
    workspace: Workspace, repo: Repo, tmp_path: object, wrong: str
) -> None:
    os.makedirs(f"{tmp_path}/remote.git")
    Repo(f"{tmp_path}/remote.git").git("init", "-q", "--bare")
    repo.git("remote", "add", "origin", f"{tmp_path}/remote.git")
    done = roll_back(workspace, wrong)
    repo.git("push", "-q", "origin", "work")
    before = repo.state()
    with pytest.raises(AssertionError, match="published commits would leave it; use plan_rollback"):
        take_back(workspace, done.operation_id)
    assert repo.state() == before
    roll_back(workspace, done.commits[0])
    assert repo.read("src/app.py") == b"wrong\n"


@pytest.mark.parametrize("doing", ["merge", "cherry-pick", "rebase", "revert", "bisect"])
def test_in_the_middle_of_something_a_revert_waits(workspace: Workspace, repo: Repo, wrong: str, doing: str) -> None:
    repo.git("switch", "-q", "-c", "other", "main")
    other = repo.commit("Other", {"bin/run.sh": "other\n"})
    repo.git("switch", "-q", "work")
    repo.commit("Ours", {"bin/run.sh": "ours\n"})
    if doing == "bisect":
        repo.git("bisect", "start", "HEAD", "main~1")
        repo.git("switch", "-q", "work")
    elif doing == "revert":
        repo.git("revert", "--no-edit", "main", ok=(1,))
    else:
        repo.git(doing, other, ok=(1,))
    tip = repo.head()
    before = repo.state()
    target = wrong if doing != "rebase" else tip
    planned = plan(workspace, target)
    assert not planned.prediction.clean
    assert any(f"a {doing} is in progress" in one.why for one in planned.prediction.blocked)
    with pytest.raises(ConflictError):
        execute(workspace, planned)
    assert repo.state() == before


def test_on_a_protected_branch_a_merge_in_progress_is_no_hindrance(workspace: Workspace, repo: Repo) -> None:
    wrong = repo.commit("Wrong", {"src/app.py": "wrong\n"})
    repo.git("switch", "-q", "-c", "other", "HEAD~1")
    repo.commit("Other", {"bin/run.sh": "other\n"})
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-commit", "--no-ff", "other")
    before = repo.state()
    done = roll_back(workspace, wrong)
    after = repo.state()
    del after.refs[f"refs/heads/{done.branch}"]
    assert after == before


def test_a_foreign_index_lock_stops_it_and_stays(workspace: Workspace, repo: Repo, wrong: str) -> None:
    planned = plan(workspace, wrong)
    lock = os.path.join(repo.git_dir(), "index.lock")
    with open(lock, "w") as file:
        file.write("somebody's")
    before = repo.state()
    with pytest.raises(BusyError):
        execute(workspace, planned)
    assert repo.state() == before
    with open(lock) as file:
        assert file.read() == "somebody's"
    os.unlink(lock)
    execute(workspace, planned)
    assert not repo.exists("added.txt")


def test_linked_worktrees_have_plans_and_undos_of_their_own(
    workspace: Workspace, repo: Repo, tmp_path: object, opening: Open, wrong: str
) -> None:
    repo.git("worktree", "add", "-q", "-b", "linked", f"{tmp_path}/linked")
    linked = Repo(f"{tmp_path}/linked")
    other = opening(linked.root)
    here, there = repo.state(), linked.state()
    planned = plan(other, wrong)
    with pytest.raises(NotFoundError, match="no plan"):
        execute(workspace, planned)
    execute(other, planned)
    assert tree(linked) == tree(repo, f"{wrong}^")
    assert linked.git("status", "--porcelain") == ""
    after = repo.state()
    assert (after.files, after.index, after.head) == (here.files, here.index, here.head)
    with pytest.raises(NotFoundError):
        take_back(workspace)
    take_back(other)
    assert linked.state() == there


def test_a_branch_that_another_worktree_has_too_does_not_move(
    workspace: Workspace, repo: Repo, tmp_path: object, wrong: str
) -> None:
    """The other worktree would show the reverted lines as its own staged changes."""
    repo.git("worktree", "add", "-q", "--force", f"{tmp_path}/twin", "work")
    before = repo.state()
    planned = plan(workspace, wrong)
    assert f"is checked out in {tmp_path}/twin" in planned.prediction.blocked[0].why
    with pytest.raises(ConflictError):
        execute(workspace, planned)
    assert repo.state() == before


@pytest.mark.parametrize("cone", ["--cone", "--no-cone", "--sparse-index"])
def test_files_outside_a_sparse_checkout_stay_absent(workspace: Workspace, repo: Repo, wrong: str, cone: str) -> None:
    good = tree(repo, f"{wrong}^")
    words = ["--cone", cone] if cone == "--sparse-index" else [cone]
    repo.git("sparse-checkout", "set", *words, "bin")
    assert not repo.exists("src/app.py")
    before = repo.state()
    done = roll_back(workspace, wrong)
    assert tree(repo) == good
    assert not repo.exists("src/app.py")
    assert repo.git("status", "--porcelain") == ""
    take_back(workspace, done.operation_id)
    after = repo.state()
    assert (after.files, after.refs, after.head) == (before.files, before.refs, before.head)
    assert repo.git("status", "--porcelain") == ""
    repo.git("sparse-checkout", "disable")
    assert repo.read("src/app.py") == b"wrong\n"


def test_a_shallow_clone_says_that_history_is_cut_off(
    repo: Repo, tmp_path: object, opening: Open, wrong: str
) -> None:
    repo.git("clone", "-q", "--depth=2", "-b", "work", f"file://{repo.root}", f"{tmp_path}/shallow")
    shallow = Repo(f"{tmp_path}/shallow")
    other = opening(shallow.root)
    edge = shallow.git("rev-parse", "HEAD~1")
    before = shallow.state()
    with pytest.raises(InvalidInputError, match="shallow") as caught:
        plan(other, edge)
    assert "git fetch --unshallow" in str(caught.value)
    assert shallow.state() == before
    roll_back(other, "HEAD")
    assert tree(shallow) == tree(repo, f"{wrong}^")


def test_a_sha256_repository_reverts_like_any_other(tmp_path: object, opening: Open) -> None:
    root = f"{tmp_path}/sha256"
    os.makedirs(root)
    repo = Repo(root)
    repo.git("init", "-q", "-b", "work", "--object-format=sha256")
    repo.commit("Start", {"a.txt": "1\n2\n3\n4\n5\n6\n7\n"})
    good = tree(repo)
    other = opening(root)
    begin(other)
    agent_commit(other, repo, "Wrong", {"a.txt": "1\nwrong\n3\n4\n5\n6\n7\n"})
    repo.write("a.txt", "1\nwrong\n3\n4\n5\n6\nmine\n")
    roll_back(other, "session")
    assert tree(repo) == good
    assert repo.read("a.txt") == b"1\n2\n3\n4\n5\n6\nmine\n"
    take_back(other)
    assert repo.read("a.txt") == b"1\nwrong\n3\n4\n5\n6\nmine\n"


def test_planning_leaves_no_trace_outside_our_directory(workspace: Workspace, repo: Repo, wrong: str) -> None:
    repo.write("src/app.py", "uncommitted\n")
    repo.git("status")
    plan(workspace, "HEAD~1")  # what any first call sets up
    before, inside = repo.state(), git_dir_listing(repo)
    for target in (wrong, "HEAD~2..HEAD", "main"):
        for commits in ("one", "per_commit"):
            try:
                plan(workspace, target, commits)
            except InvalidInputError:
                assert target == "main"
    assert repo.state() == before
    assert git_dir_listing(repo) == inside
    temporary = [name for _, _, names in os.walk(os.path.join(repo.git_dir(), "objects")) for name in names]
    assert not [name for name in temporary if name.startswith("tmp_")]


def test_an_object_store_kept_packed_is_read_too(workspace: Workspace, repo: Repo, wrong: str) -> None:
    repo.git("gc", "-q")
    repo.git("pack-refs", "--all")
    good = tree(repo, f"{wrong}^")
    roll_back(workspace, wrong)
    assert tree(repo) == good
