"""Whose a commit is: what run_git recorded, what trailers say, and what is left to the human."""

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from tests.core.revert.kit import agent_commit, agent_git, begin, plan, roll_back, take_back, tree
from tests.harness.agent import acting
from tests.harness.repo import Repo


def _going(workspace: Workspace, target: str = "session") -> list[str]:
    return [one.subject for one in plan(workspace, target).reverts]


def test_a_commit_made_with_run_git_carries_the_sessions_trailer(workspace: Workspace, repo: Repo) -> None:
    session = begin(workspace).session_id
    agent_commit(workspace, repo, "Mine", {"a.txt": "a\n"})
    trailers = repo.git("show", "-s", "--format=%(trailers:only)", "HEAD")
    assert f"Safe-Rollback-Session: {session}" in trailers


def test_a_commit_that_lost_its_trailer_is_known_by_its_name(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    repo.git("switch", "-q", "-c", "source")
    picked = repo.commit("Picked", {"picked.txt": "picked\n"})
    repo.git("switch", "-q", "-")
    repo.commit("Ours", {"ours.txt": "ours\n"})
    agent_git(workspace, "cherry-pick", picked)
    assert "Safe-Rollback" not in repo.git("show", "-s", "--format=%B", "HEAD")
    assert _going(workspace) == ["Picked"]


@pytest.mark.parametrize("how", ["cherry-pick", "rebase", "amend"])
def test_rewritten_commits_are_known_by_their_trailer(workspace: Workspace, repo: Repo, how: str) -> None:
    started = begin(workspace)
    repo.commit("By hand first", {"hand.txt": "hand\n"})
    agent_commit(workspace, repo, "Agent", {"a.txt": "a\n"})
    agent = repo.head()
    repo.commit("By hand last", {"last.txt": "last\n"})
    if how == "cherry-pick":
        repo.git("switch", "-q", "-c", "elsewhere", str(started.base_commit))
        repo.commit("Something else", {"else.txt": "else\n"})
        repo.git("cherry-pick", agent)
    elif how == "rebase":
        repo.git("switch", "-q", "-c", "newer", str(started.base_commit))
        repo.commit("Upstream", {"up.txt": "up\n"})
        repo.git("switch", "-q", "-")
        repo.git("rebase", "-q", "newer")
    else:
        repo.git("reset", "-q", "--hard", agent)
        repo.git("commit", "-q", "--amend", "--reset-author", "--no-edit")
    assert repo.git("rev-list", "--count", "HEAD", f"^{agent}") != "0"
    assert _going(workspace, f"session/{started.session_id}") == ["Agent"]
    roll_back(workspace, f"session/{started.session_id}")
    assert not repo.exists("a.txt")
    assert repo.exists("else.txt" if how == "cherry-pick" else "hand.txt")


@pytest.mark.parametrize(
    ("trailer", "counts"),
    [
        ("Co-authored-by: Claude <noreply@anthropic.com>", True),
        ("co-authored-by: GitHub Copilot <copilot@github.com>", True),
        ("Assisted-by: Codex", True),
        ("Co-authored-by: Claudette Devine <claudette@example.com>", False),
        ("Co-authored-by: Gem Iniesta <gem@example.com>", False),
        ("Signed-off-by: Claude Monet <monet@example.com>", False),
        ("Safe-Rollback-Session: 2001-01-01-001", False),
        ("Safe-Rollback-Session: 2001-01-01-001\nCo-authored-by: Claude <noreply@anthropic.com>", False),
        ("", False),
    ],
)
def test_trailers_decide_about_commits_made_without_run_git(
    workspace: Workspace, repo: Repo, trailer: str, counts: bool
) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Surely", {"a.txt": "a\n"})
    repo.commit("Question", {"b.txt": "b\n"}, trailer=trailer)
    assert _going(workspace) == (["Question", "Surely"] if counts else ["Surely"])
    assert len(plan(workspace, "session").keeps) == (0 if counts else 1)


def test_a_trailer_in_the_middle_of_a_message_is_prose(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Surely", {"a.txt": "a\n"})
    repo.commit("Question", {"b.txt": "b\n"}, trailer="Co-authored-by: Claude <x@y>\n\nSo said the log.")
    assert _going(workspace) == ["Surely"]


def test_what_the_agent_only_brought_in_is_not_its_own(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "colleague")
    repo.commit("A colleague's", {"theirs.txt": "theirs\n"})
    repo.git("switch", "-q", "main")
    begin(workspace)
    agent_git(workspace, "merge", "-q", "--ff-only", "colleague")
    agent_commit(workspace, repo, "Agent", {"a.txt": "a\n"})
    assert _going(workspace) == ["Agent"]


def test_a_merge_the_agent_made_goes_as_a_whole(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "colleague")
    repo.commit("A colleague's", {"theirs.txt": "theirs\n"})
    repo.git("switch", "-q", "main")
    begin(workspace)
    repo.commit("By hand", {"hand.txt": "hand\n"})
    kept = tree(repo)
    agent_git(workspace, "merge", "-q", "--no-ff", "-m", "Merge", "colleague")
    agent_commit(workspace, repo, "Agent", {"theirs.txt": "changed\n"})
    assert _going(workspace) == ["Agent", "Merge"]
    roll_back(workspace, "session")
    assert tree(repo) == kept


def test_reverts_within_the_session_are_the_sessions_too(workspace: Workspace, repo: Repo) -> None:
    before = tree(repo)
    begin(workspace)
    first = agent_commit(workspace, repo, "First", {"src/app.py": "wrong\n"})
    roll_back(workspace, first)
    agent_commit(workspace, repo, "Second", {"src/app.py": "wrong again\n"})
    assert _going(workspace) == ["Second", 'Revert "First"', "First"]
    done = roll_back(workspace, "session")
    assert tree(repo) == before
    take_back(workspace, done.operation_id)
    assert repo.read("src/app.py") == b"wrong again\n"


def test_a_session_squashed_elsewhere_is_known_there(workspace: Workspace, repo: Repo) -> None:
    repo.git("branch", "develop")
    session = begin(workspace).session_id
    agent_commit(workspace, repo, "One", {"a.txt": "a\n"})
    agent_commit(workspace, repo, "Two", {"b.txt": "b\n"})
    end_session(Desk(workspace), "Both", "develop")
    repo.git("switch", "-q", "develop")
    repo.commit("By hand", {"hand.txt": "hand\n"})
    assert _going(workspace, f"session/{session}") == ["Both"]
    roll_back(workspace, f"session/{session}")
    assert not repo.exists("a.txt") and not repo.exists("b.txt")
    assert repo.exists("hand.txt")


def _note(repo: Repo, commit: str, attested: str, metadata: str) -> None:
    text = f"{attested}---\n{metadata}\n"
    repo.git("notes", "--ref=ai", "add", "-F", "-", commit, stdin=text.encode())


_PROMPT = '{"schema_version": "authorship/3.0.0", "prompts": {"abc123": {"agent_id": {"tool": "cursor"}}}}'
_SESSION = (
    '{"schema_version": "authorship/3.0.0", "sessions": {"s_1": {"agent_id": {"tool": "claude"}}}, "humans": {}}'
)


@pytest.mark.parametrize(
    ("attested", "metadata", "counts"),
    [
        ("b.txt\n  abc123 1\n", _PROMPT, True),
        ("b.txt\n  h_9 1\n  s_1::t_2 2-3,7\n", _SESSION, True),
        ("", _PROMPT, True),
        ("b.txt\n  h_9 1-3\n", _SESSION, False),
        ("b.txt\n  unknown 1-3\n", _PROMPT, False),
        ("", '{"schema_version": "authorship/3.0.0", "prompts": {}}', False),
        ("b.txt\n  abc123 1\n", '{"prompts": {"abc123": {"agent_id": {"tool": 7}}}}', False),
        ("b.txt\n  abc123 1\n", '{"prompts": ["abc123"], "sessions": null}', False),
        ("b.txt\n  abc123 1\n", "not json", False),
        ("b.txt\n  abc123 1\n", "[" * 100_000, False),
    ],
)
def test_a_git_note_of_the_standard_counts_where_it_names_an_agents_lines(
    workspace: Workspace, repo: Repo, attested: str, metadata: str, counts: bool
) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Surely", {"a.txt": "a\n"})
    _note(repo, repo.commit("Question", {"b.txt": "b\n"}), attested, metadata)
    assert _going(workspace) == (["Question", "Surely"] if counts else ["Surely"])


def test_a_note_is_found_among_so_many_that_git_spreads_them(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    commit = repo.commit("Question", {"b.txt": "b\n"})
    blob = repo.git("hash-object", "-w", "--stdin", stdin=f"b.txt\n  abc123 1\n---\n{_PROMPT}\n".encode())
    lines = f"100644 blob {blob}\t{commit[4:]}\n"
    inner = repo.git("mktree", stdin=lines.encode())
    middle = repo.git("mktree", stdin=f"040000 tree {inner}\t{commit[2:4]}\n".encode())
    top = repo.git("mktree", stdin=f"040000 tree {middle}\t{commit[:2]}\n".encode())
    repo.git("update-ref", "refs/notes/ai", repo.git("commit-tree", top, "-m", "notes"))
    assert repo.git("notes", "--ref=ai", "show", commit).startswith("b.txt")
    assert _going(workspace) == ["Question"]


def test_a_session_trailer_weighs_more_than_a_note(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Surely", {"a.txt": "a\n"})
    commit = repo.commit("Another's", {"b.txt": "b\n"}, trailer="Safe-Rollback-Session: 2001-01-01-001")
    _note(repo, commit, "b.txt\n  abc123 1\n", _PROMPT)
    assert _going(workspace) == ["Surely"]


def test_a_commit_recorded_for_another_session_is_not_this_ones(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    first = repo.branch()
    with acting(workspace):
        repo.commit("First's", {"a.txt": "a\n"}, trailer="Co-authored-by: Claude <noreply@anthropic.com>")
    end_session(Desk(workspace), "done")
    repo.git("switch", "-q", "main")
    begin(workspace)
    repo.git("merge", "-q", "--ff-only", first)
    agent_commit(workspace, repo, "Second's", {"b.txt": "b\n"})
    assert _going(workspace) == ["Second's"]
