"""What a target means: session, commit, range, merge, branch, checkpoint, paths, or a clear error."""

import pytest

from safe_rollback.core.errors import ConflictError, InvalidInputError, NotFoundError, SafeRollbackError
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from tests.core.revert.kit import (
    agent_commit,
    agent_git,
    begin,
    execute,
    made_up,
    numbered,
    plan,
    roll_back,
    take_back,
    tree,
)
from tests.harness.repo import Repo


def test_a_running_session_goes_and_its_base_tree_comes_back(workspace: Workspace, repo: Repo) -> None:
    before = tree(repo)
    begin(workspace)
    first = agent_commit(workspace, repo, "One", {"src/app.py": "broken\n"})
    second = agent_commit(workspace, repo, "Two", {"new/file.txt": "new\n", "README.md": None})
    planned = plan(workspace, "session")
    assert planned.strategy.kind == "revert_session"
    assert [one.commit for one in planned.reverts] == [second, first]
    execute(workspace, planned)
    assert tree(repo) == before
    assert repo.git("status", "--porcelain") == ""
    assert not repo.exists("new")


def test_a_closed_session_goes_by_its_id(workspace: Workspace, repo: Repo) -> None:
    before = tree(repo)
    session = begin(workspace).session_id
    agent_commit(workspace, repo, "One", {"src/app.py": "broken\n"})
    end_session(Desk(workspace), "done")
    with pytest.raises(NotFoundError, match="No session runs"):
        plan(workspace, "session")
    roll_back(workspace, f"session/{session}")
    assert tree(repo) == before


def test_a_session_is_told_from_the_one_before_it(workspace: Workspace, repo: Repo) -> None:
    first = begin(workspace).session_id
    agent_commit(workspace, repo, "First session", {"one.txt": "one\n"})
    end_session(Desk(workspace), "done")
    second = begin(workspace).session_id
    agent_commit(workspace, repo, "Second session", {"two.txt": "two\n"})
    assert [one.subject for one in plan(workspace, f"session/{first}").reverts] == ["First session"]
    assert [one.subject for one in plan(workspace, f"session/{second}").reverts] == ["Second session"]


def test_a_session_without_commits_says_what_to_do_instead(workspace: Workspace) -> None:
    begin(workspace)
    with pytest.raises(InvalidInputError, match=r"no commits to revert.*restore_checkpoint"):
        plan(workspace, "session")


def test_a_session_whose_commits_are_a_humans_names_the_range(workspace: Workspace, repo: Repo) -> None:
    base = begin(workspace).base_commit
    repo.commit("By hand", {"hand.txt": "hand\n"})
    with pytest.raises(InvalidInputError, match=rf"{base}\.\.HEAD"):
        plan(workspace, "session")


def test_a_session_on_another_branch_is_not_guessed_at(workspace: Workspace, repo: Repo) -> None:
    session = begin(workspace).session_id
    agent_commit(workspace, repo, "One", {"src/app.py": "broken\n"})
    repo.git("checkout", "-q", "--orphan", "elsewhere")
    repo.commit("Unrelated")
    with pytest.raises(InvalidInputError, match="not part of the current branch"):
        plan(workspace, f"session/{session}")


@pytest.mark.parametrize("name", ["HEAD~1", "short", "tag", "full"])
def test_one_commit_goes_by_any_name(workspace: Workspace, repo: Repo, name: str) -> None:
    repo.git("switch", "-q", "-c", "work")
    before = tree(repo)
    wrong = repo.commit("Wrong", {"wrong.txt": "wrong\n"})
    repo.git("tag", "-a", "-m", "here", "tagged")
    repo.commit("Right", {"right.txt": "right\n"})
    target = {"HEAD~1": "HEAD~1", "short": wrong[:9], "tag": "tagged", "full": wrong}[name]
    done = roll_back(workspace, target)
    assert not repo.exists("wrong.txt")
    assert repo.read("right.txt") == b"right\n"
    assert repo.git("rev-parse", "HEAD") == done.commits[0]
    assert repo.git("diff", "--name-only", before, "HEAD") == "right.txt"


def test_a_range_goes_as_one_and_its_older_end_stays(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    older = repo.commit("Stays", {"a.txt": "stays\n"})
    repo.commit("Goes 1", {"a.txt": "goes\n"})
    newer = repo.commit("Goes 2", {"b.txt": "goes\n"})
    repo.commit("Stays too", {"c.txt": "stays\n"})
    planned = plan(workspace, f"{older}..{newer}")
    assert [one.subject for one in planned.reverts] == ["Goes 2", "Goes 1"]
    execute(workspace, planned)
    assert repo.read("a.txt") == b"stays\n"
    assert not repo.exists("b.txt")
    assert repo.read("c.txt") == b"stays\n"


def test_an_open_range_ends_at_head(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    before = tree(repo)
    start = repo.head()
    repo.commit("Goes", {"a.txt": "goes\n"})
    roll_back(workspace, f"{start}..")
    assert tree(repo) == before


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("HEAD..HEAD~1", "not an ancestor"),
        ("HEAD..HEAD", "range is empty"),
        ("HEAD~1...HEAD", "two dots"),
        ("nothing-like-this", "names no commit"),
        ("--output=x", "names no commit"),
        ("a\nb", "one line"),
        ("", "revision is empty"),
        ("no/such..HEAD", "names no commit"),
        ("session/today", "not a session id"),
        ("session/2020-01-01-001", "no session"),
        ("checkpoint/first", "not a checkpoint id"),
        ("checkpoint/at-main.7", "checkpoint"),
        ("HEAD^{tree}", "names no commit"),
        ("src/app.py", "within a session"),
        (["src"], "within a session"),
    ],
)  # fmt: skip
def test_a_target_that_means_nothing_is_a_clear_error(
    workspace: Workspace, repo: Repo, target: str | list[str], said: str
) -> None:
    before = repo.state()
    with pytest.raises(SafeRollbackError, match=said) as caught:
        plan(workspace, target)
    assert caught.value.hint
    assert repo.state() == before


def test_an_empty_repository_has_nothing_to_revert(tmp_path_factory: pytest.TempPathFactory) -> None:
    from safe_rollback.core.workspace import open_workspace

    root = tmp_path_factory.mktemp("empty")
    repo = Repo(str(root))
    repo.git("init", "-q", "-b", "main")
    opened = open_workspace(str(root))
    try:
        with pytest.raises(InvalidInputError, match="no commit yet"):
            plan(opened, "HEAD")
    finally:
        opened.close()


def test_a_commit_of_another_branch_is_refused(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "other")
    other = repo.commit("Other", {"other.txt": "other\n"})
    repo.git("switch", "-q", "main")
    with pytest.raises(InvalidInputError, match="not part of the current branch"):
        plan(workspace, other)


def _merged(repo: Repo) -> str:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side 1", {"side1.txt": "1\n"})
    repo.commit("Side 2", {"side2.txt": "2\n"})
    repo.git("switch", "-q", "-c", "work", "main")
    repo.commit("Work", {"work.txt": "work\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    return repo.head()


@pytest.mark.parametrize("by", ["commit", "branch"])
def test_a_merge_goes_back_to_its_first_parent(workspace: Workspace, repo: Repo, by: str) -> None:
    merge = _merged(repo)
    repo.commit("Later", {"later.txt": "later\n"})
    planned = plan(workspace, merge if by == "commit" else "side")
    assert planned.strategy.kind == "revert_merge"
    assert any("revert of this revert" in one for one in planned.strategy.alternatives)
    execute(workspace, planned)
    assert repo.git("diff", "--name-only", f"{merge}^1", "HEAD") == "later.txt"
    assert repo.git("rev-parse", "side"), "the merged branch stays"


def test_the_current_branch_is_no_target(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    with pytest.raises(InvalidInputError, match="current branch"):
        plan(workspace, "work")


def test_a_branch_merged_by_fast_forward_names_the_range(workspace: Workspace, repo: Repo) -> None:
    repo.git("branch", "side", "HEAD~1")
    repo.git("switch", "-q", "-c", "work")
    with pytest.raises(InvalidInputError, match="merged without a merge commit"):
        plan(workspace, "side")


def test_a_branch_without_commits_of_its_own_is_said_so(workspace: Workspace, repo: Repo) -> None:
    for name, at in (("here", "HEAD"), ("root", "HEAD~2")):
        repo.git("branch", name, at)
        with pytest.raises(InvalidInputError, match=f"{name} has no commits of its own") as caught:
            plan(workspace, name)
        assert caught.value.hint and f"..{name}" in caught.value.hint


def test_an_unmerged_branch_is_archived_and_undo_brings_it_back(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side/try")
    tip = repo.commit("Side", {"side.txt": "side\n"})
    repo.git("switch", "-q", "main")
    before = repo.state()
    planned = plan(workspace, "side/try")
    assert planned.strategy.kind == "archive_branch"
    assert repo.state() == before
    done = execute(workspace, planned)
    after = repo.state()
    assert "refs/heads/side/try" not in after.refs
    assert repo.git("rev-parse", f"refs/safe-rollback/archive/{done.operation_id}/side/try") == tip
    assert (after.files, after.index, after.head) == (before.files, before.index, before.head)
    redo = take_back(workspace, done.operation_id)
    assert repo.state() == before
    take_back(workspace, redo.operation_id)
    assert repo.state() == after
    repo.git("gc", "-q", "--prune=now")
    assert repo.git("cat-file", "-t", tip) == "commit"


def test_a_branch_checked_out_elsewhere_is_not_archived(workspace: Workspace, repo: Repo, tmp_path: object) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", f"{tmp_path}/side")
    Repo(f"{tmp_path}/side").commit("Side", {"side.txt": "side\n"})
    before = repo.state()
    planned = plan(workspace, "side")
    assert not planned.prediction.clean
    assert f"{tmp_path}/side" in planned.prediction.blocked[0].why
    with pytest.raises(ConflictError):
        execute(workspace, planned)
    assert repo.state() == before


def test_a_protected_branch_is_never_archived(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.git("switch", "-q", "main")
    repo.commit("A human's, ahead of the work", {"ahead.txt": "ahead\n"})
    repo.git("switch", "-q", "work")
    before = repo.state()
    planned = plan(workspace, "main")
    assert not planned.prediction.clean
    assert "protected" in planned.prediction.blocked[0].why
    with pytest.raises(ConflictError):
        execute(workspace, planned)
    assert repo.state() == before


def test_everything_since_a_checkpoint_goes(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Kept", {"kept.txt": "kept\n"})
    before = tree(repo)
    taken = checkpoint(Desk(workspace))
    with pytest.raises(InvalidInputError, match="No commit was made since"):
        plan(workspace, f"checkpoint/{taken.checkpoint_id}")
    agent_commit(workspace, repo, "Gone", {"kept.txt": "spoilt\n"})
    repo.commit("By hand, since", {"hand.txt": "hand\n"})
    planned = plan(workspace, f"checkpoint/{taken.checkpoint_id}")
    assert planned.strategy.kind == "revert_checkpoint"
    assert planned.reverts_total == 2
    execute(workspace, planned)
    assert tree(repo) == before


@pytest.mark.parametrize("form", ["string", "list"])
@pytest.mark.parametrize("commits", ["one", "per_commit"])
def test_paths_take_out_only_what_the_session_did_there(
    workspace: Workspace, repo: Repo, form: str, commits: str
) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Both", {"src/app.py": numbered(40, {3: "agent"}), "README.md": "agent\n"})
    repo.commit("By hand", {"src/app.py": numbered(40, {3: "agent", 30: "hand"})})
    agent_commit(workspace, repo, "Src only", {"src/new.py": "agent\n"})
    agent_commit(workspace, repo, "Readme only", {"README.md": "agent again\n"})
    planned = plan(workspace, "src" if form == "string" else ["src/"], commits)
    assert planned.strategy.kind == "revert_paths"
    assert [one.subject for one in planned.reverts] == ["Src only", "Both"]
    done = execute(workspace, planned)
    assert len(done.commits) == (1 if commits == "one" else 2)
    assert repo.read("src/app.py").decode() == numbered(40, {30: "hand"})
    assert not repo.exists("src/new.py")
    assert repo.read("README.md") == b"agent again\n"
    assert repo.git("status", "--porcelain") == ""


def test_the_message_of_a_revert_of_paths_does_not_claim_whole_commits(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Both", {"src/app.py": "agent\n", "README.md": "agent\n"})
    done = roll_back(workspace, ["src"])
    message = repo.git("show", "-s", "--format=%B", done.commits[0])
    assert "in src" in message
    assert "This reverts commit" not in message


def test_paths_that_are_not_utf8_come_back_as_they_were_shown(workspace: Workspace, repo: Repo) -> None:
    name = b"caf\xe9.txt"
    begin(workspace)
    repo.write(name, "agent\n")
    repo.git("add", ".")
    agent_git(workspace, "commit", "-q", "-m", "Odd name")
    agent_commit(workspace, repo, "Other", {"other.txt": "other\n"})
    shown = next(one for one in plan(workspace, "session").prediction.files if one.startswith("caf"))
    assert shown == "caf\\xe9.txt"
    for target in (shown, [shown]):
        assert made_up(workspace, target).changed[0].path == "caf\udce9.txt"
    roll_back(workspace, [shown])
    assert not repo.exists(name)
    assert repo.exists("other.txt")


def test_the_root_as_a_path_is_the_whole_session(workspace: Workspace, repo: Repo) -> None:
    before = tree(repo)
    begin(workspace)
    agent_commit(workspace, repo, "One", {"src/app.py": "agent\n", "new.txt": "new\n"})
    roll_back(workspace, ["."])
    assert tree(repo) == before


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", ".git/config", "a/../../b"])
def test_a_path_that_leaves_the_worktree_is_refused(workspace: Workspace, repo: Repo, path: str) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "One", {"src/app.py": "agent\n"})
    with pytest.raises(InvalidInputError, match="not a path inside"):
        plan(workspace, [path])


def test_no_paths_at_all_are_refused(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "One", {"src/app.py": "agent\n"})
    with pytest.raises(InvalidInputError, match="empty"):
        plan(workspace, [])


def test_paths_the_session_never_touched_are_said_so(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "One", {"src/app.py": "agent\n"})
    with pytest.raises(InvalidInputError, match="committed nothing in bin"):
        plan(workspace, ["bin"])


@pytest.mark.parametrize("kind", ["range", "checkpoint"])
def test_a_start_on_a_merged_side_branch_is_refused(workspace: Workspace, repo: Repo, kind: str) -> None:
    """From there, going back would take out commits of the main line that are older than the start."""
    repo.git("switch", "-q", "-c", "side")
    start = repo.commit("Side", {"side.txt": "1\n"})
    taken = checkpoint(Desk(workspace)).checkpoint_id
    repo.git("switch", "-q", "-c", "work", "main")
    repo.commit("Work", {"work.txt": "work\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    with pytest.raises(InvalidInputError, match="first-parent"):
        plan(workspace, f"{start}..HEAD" if kind == "range" else f"checkpoint/{taken}")
