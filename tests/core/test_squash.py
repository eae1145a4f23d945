"""A session as one commit on another branch: its content, its message, its limits, its undo."""

import pytest

from safe_rollback.core.errors import ConflictError, InvalidInputError, RefusedError
from safe_rollback.core.session import active_session
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import EndSession, end_session
from tests.core.revert.kit import agent_commit, begin, numbered, roll_back, take_back, tree
from tests.harness.repo import Repo


@pytest.fixture
def session(workspace: Workspace, repo: Repo) -> str:
    """A session with two commits of the agent and one of a human, beside a branch `develop`."""
    repo.git("branch", "develop")
    started = begin(workspace)
    agent_commit(workspace, repo, "One", {"src/app.py": numbered(40, {3: "agent"})})
    repo.git("commit", "-q", "--allow-empty", "-m", "By hand", "--author", "Olga Other <olga@example.com>")
    agent_commit(workspace, repo, "Two", {"new/file.txt": "new\n", "README.md": None})
    return started.session_id


def _squash(workspace: Workspace, branch: str, summary: str = "All of it.\n\nAnd why.") -> EndSession:
    return end_session(Desk(workspace), summary, branch)


def test_the_branch_gets_one_commit_with_the_sessions_content(workspace: Workspace, repo: Repo, session: str) -> None:
    before, develop = repo.state(), repo.git("rev-parse", "develop")
    ended = _squash(workspace, "develop")
    assert ended.commit is not None
    after = repo.state()
    assert after.refs.pop("refs/heads/develop") == ended.commit
    before.refs.pop("refs/heads/develop")
    assert after == before, "the session's branch, the index and the worktree stay"
    assert repo.git("rev-parse", f"{ended.commit}^") == develop
    assert repo.git("rev-list", "--count", f"{develop}..{ended.commit}") == "1"
    assert tree(repo, "develop") == tree(repo)
    assert ended.retained_branch == repo.branch()


def test_its_message_names_session_commits_and_authors(workspace: Workspace, repo: Repo, session: str) -> None:
    _squash(workspace, "develop")
    message = repo.git("show", "-s", "--format=%B", "develop")
    assert message.startswith("All of it.\n\nAnd why.\n\nSquashed from 3 commits:")
    assert [line.split(" ", 2)[2] for line in message.splitlines() if line.startswith("- ")] == [
        "Two",
        "By hand",
        "One",
    ]
    trailers = repo.git("show", "-s", "--format=%(trailers:only)", "develop").strip().splitlines()
    assert trailers == [f"Safe-Rollback-Session: {session}", "Co-authored-by: Olga Other <olga@example.com>"]
    assert repo.git("show", "-s", "--format=%an <%ae> %cn", "develop") == "Hana Human <hana@example.com> Hana Human"


def test_work_on_the_branch_meanwhile_is_merged_in(workspace: Workspace, repo: Repo, session: str) -> None:
    work = repo.branch()
    repo.git("switch", "-q", "develop")
    repo.commit("Meanwhile", {"src/app.py": numbered(40, {30: "meanwhile"}), "other.txt": "other\n"})
    repo.git("switch", "-q", work)
    _squash(workspace, "develop")
    assert repo.git("show", "develop:src/app.py") + "\n" == numbered(40, {3: "agent", 30: "meanwhile"})
    assert repo.git("show", "develop:other.txt") == "other"
    assert not repo.exists("other.txt")


def test_a_conflict_changes_nothing_and_the_session_goes_on(workspace: Workspace, repo: Repo, session: str) -> None:
    work = repo.branch()
    repo.git("switch", "-q", "develop")
    repo.commit("Meanwhile", {"src/app.py": numbered(40, {3: "meanwhile"})})
    repo.git("switch", "-q", work)
    before = repo.state()
    with pytest.raises(ConflictError, match=r"conflicts with develop: src/app\.py.*Nothing was changed"):
        _squash(workspace, "develop")
    assert repo.state() == before
    running = active_session(workspace)
    assert running is not None and running.id == session


@pytest.mark.parametrize("branch", ["main", "master"])
def test_a_protected_branch_is_refused(workspace: Workspace, repo: Repo, session: str, branch: str) -> None:
    before = repo.state()
    with pytest.raises(RefusedError) as caught:
        _squash(workspace, branch)
    assert caught.value.refusal.rule == "protected-branches"
    assert "pull request" in caught.value.refusal.instead
    assert repo.state() == before
    assert active_session(workspace) is not None


def test_a_protected_branch_the_protocol_names_is_allowed(workspace: Workspace, repo: Repo) -> None:
    block = '```toml safe-rollback\n[on_session_end]\nsquash_into = ["main"]\n```\n'
    repo.commit("Protocol", {"CLAUDE.md": block})
    begin(workspace)
    agent_commit(workspace, repo, "One", {"a.txt": "a\n"})
    ended = _squash(workspace, "main")
    assert repo.git("rev-parse", "main") == ended.commit


@pytest.mark.parametrize(
    ("branch", "said"),
    [("nowhere", "no branch nowhere"), ("-x", "no branch name"), ("a..b", "no branch name"), ("", "no branch name")],
)
def test_a_branch_that_is_none_is_refused(
    workspace: Workspace, repo: Repo, session: str, branch: str, said: str
) -> None:
    before = repo.state()
    with pytest.raises(InvalidInputError, match=said):
        _squash(workspace, branch)
    assert repo.state() == before
    assert active_session(workspace) is not None


def test_the_sessions_own_branch_is_refused(workspace: Workspace, repo: Repo, session: str) -> None:
    with pytest.raises(InvalidInputError, match="own branch"):
        _squash(workspace, repo.branch())


def test_nothing_to_squash_is_said(workspace: Workspace, repo: Repo) -> None:
    repo.git("branch", "develop")
    begin(workspace)
    with pytest.raises(InvalidInputError, match="has everything"):
        _squash(workspace, "develop")
    assert active_session(workspace) is not None


def test_a_branch_checked_out_elsewhere_does_not_move(
    workspace: Workspace, repo: Repo, session: str, tmp_path: object
) -> None:
    repo.git("worktree", "add", "-q", f"{tmp_path}/develop", "develop")
    before = repo.state()
    with pytest.raises(ConflictError, match="develop"):
        _squash(workspace, "develop")
    assert repo.state() == before
    assert active_session(workspace) is not None


def test_uncommitted_work_stays_uncommitted(workspace: Workspace, repo: Repo, session: str) -> None:
    repo.write("src/util.py", "staged\n")
    repo.git("add", "src/util.py")
    repo.write("src/app.py", numbered(40, {3: "agent", 20: "loose"}))
    repo.write("untracked.txt", "mine\n")
    before, committed = repo.state(), tree(repo)
    _squash(workspace, "develop")
    after = repo.state()
    assert (after.files, after.index, after.head) == (before.files, before.index, before.head)
    assert tree(repo, "develop") == committed


def test_undo_takes_the_commit_off_and_a_second_one_puts_it_back(
    workspace: Workspace, repo: Repo, session: str
) -> None:
    before = repo.state()
    ended = _squash(workspace, "develop")
    after = repo.state()
    redo = take_back(workspace, ended.operation_id)
    assert repo.state() == before
    take_back(workspace, redo.operation_id)
    assert repo.state() == after


def test_the_squashed_commit_is_reverted_like_any_other(workspace: Workspace, repo: Repo, session: str) -> None:
    before = tree(repo, "develop")
    ended = _squash(workspace, "develop")
    repo.git("switch", "-q", "develop")
    roll_back(workspace, str(ended.commit))
    assert tree(repo) == before


def test_unrelated_histories_are_merged_from_nothing(workspace: Workspace, repo: Repo, session: str) -> None:
    work = repo.branch()
    repo.git("switch", "-q", "--orphan", "island")
    repo.commit("Island", {"island.txt": "island\n"})
    repo.git("switch", "-q", work)
    _squash(workspace, "island")
    assert repo.git("show", "island:island.txt") == "island"
    assert repo.git("rev-parse", "island:src/app.py") == repo.git("rev-parse", "HEAD:src/app.py")
