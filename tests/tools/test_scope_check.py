"""scope_check: where a session stands, against what it declared and the protocol allows."""

from typing import Any

import pytest

from safe_rollback.core.errors import InvalidInputError, NotFoundError
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.scope_check import ScopeCheck, scope_check
from safe_rollback.tools.start_session import start_session
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo

PROTOCOL = """\
```toml safe-rollback
[session]
max_files = 5
max_layers = 1
[layers]
bronze = ["bronze/**"]
silver = ["silver/**"]
[protect]
paths = [".github/**"]
sensitive = ["**/auth/**"]
```
"""


@pytest.fixture(autouse=True)
def _protocol(repo: Repo) -> None:
    repo.commit("Protocol", {"CLAUDE.md": PROTOCOL})


def start(workspace: Workspace, **arguments: Any) -> None:
    start_session(Desk(workspace), "A task", **arguments)


def check(workspace: Workspace, *paths: str) -> ScopeCheck:
    return scope_check(Desk(workspace), list(paths))


def test_an_untouched_session_is_within(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    before = repo.state()
    found = check(workspace)
    assert repo.state() == before
    assert (found.verdict, found.files, found.violations) == ("within", [], [])
    assert found.counts.model_dump() == {"files": 0, "max_files": 5, "layers": 0, "max_layers": 1}


def test_committed_edited_new_and_deleted_files_count_once_each(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    repo.commit("Mine", {"README.md": "committed\n", "bin/run.sh": None})
    repo.write("README.md", "and edited\n")
    repo.write("src/new.py", "x = 1\n")
    found = check(workspace)
    assert {one.path: one.status for one in found.files} == {
        "README.md": "modified",
        "bin/run.sh": "deleted",
        "src/new.py": "added",
    }
    assert (found.verdict, found.counts.files) == ("within", 3)


def test_what_the_human_had_left_uncommitted_is_not_the_sessions(repo: Repo, workspace: Workspace) -> None:
    repo.write("README.md", "the human's\n")
    repo.write("notes.txt", "the human's\n")
    start(workspace)
    repo.write("src/app.py", "the agent's\n")
    assert [one.path for one in check(workspace).files] == ["src/app.py"]


def test_a_file_put_back_no_longer_counts(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    original = repo.read("README.md")
    repo.write("README.md", "wrong\n")
    assert check(workspace).counts.files == 1
    repo.write("README.md", original)
    assert check(workspace).counts.files == 0


def test_the_sixth_file_is_refused_and_it_is_the_last_one_that_is_named(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    for name in ("f", "e", "d", "c", "b"):
        repo.commit(name, {f"{name}.txt": "x\n"})
    assert check(workspace).verdict == "within"
    repo.write("a.txt", "one too many\n")
    found = check(workspace)
    assert (found.verdict, found.counts.files) == ("refused", 6)
    (violation,) = found.violations
    assert (violation.rule, violation.paths) == ("files-per-session", ["a.txt"])
    assert "restore_checkpoint" in violation.instead


def test_asking_before_a_change_counts_what_is_proposed(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    for number in range(4):
        repo.write(f"{number}.txt", "x\n")
    assert check(workspace, "5.txt").verdict == "within"
    assert check(workspace, "5.txt", "6.txt").verdict == "refused"
    assert check(workspace, "0.txt", "./1.txt").counts.files == 4, "changed already"
    proposed = [one for one in check(workspace, "5.txt").files if one.status == "proposed"]
    assert [one.path for one in proposed] == ["5.txt"]


def test_the_second_layer_is_refused(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    repo.write("bronze/load.py", "x\n")
    repo.write("README.md", "in no layer\n")
    assert check(workspace).verdict == "within"
    found = check(workspace, "silver/join.py")
    assert (found.verdict, found.counts.layers) == ("refused", 2)
    assert [one.rule for one in found.violations] == ["layers-per-session"]
    assert {one.path: one.layer for one in found.files}["silver/join.py"] == "silver"


def test_a_layer_that_was_not_declared_is_refused(workspace: Workspace) -> None:
    start(workspace, layers=["bronze"])
    assert check(workspace, "bronze/x.py").verdict == "within"
    (violation,) = check(workspace, "silver/x.py").violations
    assert violation.paths == ["silver/x.py"]


def test_a_path_outside_the_declared_ones_is_refused(workspace: Workspace) -> None:
    start(workspace, paths=["src/**"])
    found = check(workspace, "src/app.py", "README.md")
    assert found.verdict == "refused"
    assert {one.path: one.in_scope for one in found.files} == {"README.md": False, "src/app.py": True}
    assert [(one.rule, one.paths) for one in found.violations] == [("declared-paths", ["README.md"])]


def test_protected_paths_are_refused(workspace: Workspace) -> None:
    start(workspace)
    found = check(workspace, ".github/workflows/ci.yml")
    assert found.verdict == "refused" and found.files[0].protected
    assert [one.rule for one in found.violations] == ["protected-paths"]


def test_sensitive_paths_warn(workspace: Workspace) -> None:
    start(workspace)
    found = check(workspace, "src/auth/token.py")
    assert found.verdict == "warn" and found.files[0].sensitive
    assert [one.rule for one in found.violations] == ["sensitive-paths"]


def test_work_on_a_protected_branch_is_refused(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    repo.git("switch", "-q", "main")
    assert [one.rule for one in check(workspace).violations] == ["branch-required"]
    repo.git("switch", "-q", "--detach")
    assert [one.rule for one in check(workspace).violations] == ["branch-required"]


def test_the_sessions_own_limit_can_only_be_tighter(repo: Repo, workspace: Workspace) -> None:
    start(workspace, max_files=1)
    found = check(workspace, "a.txt", "b.txt")
    assert (found.counts.max_files, found.verdict) == (1, "refused")


def test_a_path_another_running_session_declared_is_warned_about(repo: Repo, workspace: Workspace) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", "../side")
    other = open_workspace(f"{repo.root}/../side", FixedClock())
    try:
        start(other, paths=["src/**"])
        start(workspace)
        assert check(workspace, "README.md").overlaps == []
        found = check(workspace, "src/app.py")
        assert found.verdict == "warn"
        assert [(one.path, one.session_id) for one in found.overlaps] == [("src/app.py", "2026-03-04-001")]
    finally:
        other.close()


def test_a_path_another_running_session_changed_is_warned_about(repo: Repo, workspace: Workspace) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", "../side")
    side = Repo(f"{repo.root}/../side")
    other = open_workspace(side.root, FixedClock())
    try:
        start(other)
        start(workspace)
        side.commit("Theirs", {"src/app.py": "theirs\n"})
        assert [one.path for one in check(workspace, "src/app.py", "README.md").overlaps] == ["src/app.py"]
    finally:
        other.close()


def test_a_protocol_loosened_by_the_agent_does_not_loosen_the_session(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    repo.write("CLAUDE.md", PROTOCOL.replace("max_files = 5", "max_files = 50"))
    found = check(workspace)
    assert found.counts.max_files == 5
    assert any("safe-rollback trust" in one for one in found.warnings)


def test_a_protocol_that_became_stricter_holds_at_once(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    repo.write("CLAUDE.md", PROTOCOL.replace("max_files = 5", "max_files = 2"))
    assert check(workspace, "a.txt", "b.txt").verdict == "refused"
    repo.write("CLAUDE.md", PROTOCOL)
    assert check(workspace).counts.max_files == 2, "and stays"


def test_without_a_session_it_says_how_to_start_one(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError, match="start_session"):
        check(workspace)


@pytest.mark.parametrize("path", ["../x", "/x", ".git/hooks/x", "a\0b"], ids=repr)
def test_a_path_outside_the_worktree_is_no_path(workspace: Workspace, path: str) -> None:
    start(workspace)
    with pytest.raises(InvalidInputError, match="worktree"):
        check(workspace, path)


def test_names_of_any_bytes_are_shown_and_taken_back(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    repo.write(b"caf\xe9\x1b[31m.txt", "x\n")
    (shown,) = [one.path for one in check(workspace).files]
    assert shown == "caf\\xe9\\u001b[31m.txt"
    assert check(workspace, shown).counts.files == 1


def test_a_violation_by_commits_of_nobody_known_stands_and_says_whose_they_may_be(
    repo: Repo, workspace: Workspace
) -> None:
    """The advice to put the files back would take out a human's work."""
    repo.commit("Protocol", {"CLAUDE.md": "```toml safe-rollback\n[session]\nmax_files = 1\n```\n"})
    start_session(Desk(workspace), "A task")
    repo.write("own.txt", "the agent's\n")
    run_git(Desk(workspace), ["add", "own.txt"])
    run_git(Desk(workspace), ["commit", "-q", "-m", "Own"])
    assert scope_check(Desk(workspace)).verdict == "within"
    repo.commit("A human's", {"theirs.txt": "a human's\n"})
    found = scope_check(Desk(workspace))
    assert found.verdict == "refused"
    (violation,) = found.violations
    assert violation.rule == "files-per-session"
    assert "theirs.txt" in violation.why and "own.txt" not in violation.why
    assert "grant --gate files-per-session" in violation.instead
    repo.write("more.txt", "not committed: the session's\n")
    (violation,) = scope_check(Desk(workspace)).violations
    assert "grant" not in violation.instead
