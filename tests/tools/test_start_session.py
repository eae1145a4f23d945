"""start_session: a branch of its own, everything before it kept, nothing left behind by a mistake."""

from collections.abc import Callable
from typing import Any

import pytest

from safe_rollback.core.errors import InvalidInputError, RefusedError, SafeRollbackError
from safe_rollback.core.session import active_session, sessions
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.start_session import StartSession, start_session
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo

LAYERS = '```toml safe-rollback\n[layers]\nbronze = ["bronze/**"]\nsilver = ["silver/**"]\n```\n'


def start(workspace: Workspace, task: str = "A task", **arguments: Any) -> StartSession:
    return start_session(Desk(workspace), task, **arguments)


def close(workspace: Workspace) -> None:
    end_session(Desk(workspace), "done")


def test_on_a_protected_branch_a_session_gets_a_branch_of_the_day(repo: Repo, workspace: Workspace) -> None:
    head = repo.head()
    started = start(workspace)
    assert started.session_id == "2026-03-04-001"
    assert started.branch == repo.branch() == "feature/session-2026-03-04-001"
    assert started.base_commit == repo.head() == head
    assert repo.refs()["refs/heads/main"] == head


def test_the_number_counts_up_within_a_day_and_begins_anew_the_next(repo: Repo, workspace: Workspace) -> None:
    clock = workspace.clock
    assert isinstance(clock, FixedClock)
    names = []
    for _ in range(2):
        names.append(start(workspace).branch)
        close(workspace)
        repo.git("switch", "-q", "main")
    clock.move(days=1)
    names.append(start(workspace).branch)
    assert names == [f"feature/session-2026-03-0{day}" for day in ("4-001", "4-002", "5-001")]


def test_a_number_whose_branch_or_tag_exists_is_passed_over(repo: Repo, workspace: Workspace) -> None:
    repo.git("branch", "feature/session-2026-03-04-001")
    repo.git("tag", "checkpoint/before-session-2026-03-04-002")
    assert start(workspace).session_id == "2026-03-04-003"


def test_on_a_feature_branch_a_session_stays(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature/mine")
    before = repo.state()
    assert start(workspace).branch == "feature/mine"
    assert repo.state() == before


def test_create_branch_makes_one_even_on_a_feature_branch(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature/mine")
    assert start(workspace, create_branch=True).branch == repo.branch() == "feature/session-2026-03-04-001"


def test_branch_names_the_new_branch(repo: Repo, workspace: Workspace) -> None:
    assert start(workspace, branch="fix/login").branch == repo.branch() == "fix/login"


def test_branch_may_name_the_branch_that_is_checked_out(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature/mine")
    before = repo.state()
    assert start(workspace, branch="feature/mine").branch == "feature/mine"
    assert repo.state() == before


@pytest.mark.parametrize(
    "arguments",
    [{"create_branch": False}, {"branch": "main"}, {"branch": "master"}],
    ids=["no branch wanted", "the protected one", "another protected one"],
)
def test_a_session_on_a_protected_branch_is_refused_with_the_way_on(
    repo: Repo, workspace: Workspace, arguments: dict[str, Any]
) -> None:
    before = repo.state()
    with pytest.raises(RefusedError) as caught:
        start(workspace, **arguments)
    assert caught.value.refusal.rule == "branch-required"
    assert "start_session" in caught.value.refusal.instead
    assert repo.state() == before
    assert active_session(workspace) is None


@pytest.mark.parametrize(
    "arguments",
    [
        {"task": "  "},
        {"task": "x" * 501},
        {"paths": ["../elsewhere/**"]},
        {"paths": [""]},
        {"layers": ["gold"]},
        {"max_files": 0},
        {"branch": "feature/taken"},
        {"branch": "feature/taken/below"},
        {"branch": "feature"},
        {"branch": "a..b"},
        {"branch": "--upload-pack=x"},
        {"branch": "with space"},
        {"branch": ""},
        {"branch": "HEAD"},
        {"branch": "nul\0"},
    ],
    ids=repr,
)
def test_bad_arguments_leave_nothing_behind(repo: Repo, workspace: Workspace, arguments: dict[str, Any]) -> None:
    repo.commit("Protocol", {"CLAUDE.md": LAYERS})
    repo.git("branch", "feature/taken")
    repo.write("README.md", "edited\n")
    before, ours = repo.state(), repo.git("for-each-ref")
    with pytest.raises(InvalidInputError) as caught:
        start(workspace, **{"task": "A task", **arguments})
    assert caught.value.hint
    assert repo.state() == before
    assert repo.git("for-each-ref") == ours
    assert sessions(workspace) == []


def test_a_second_session_is_refused_and_told_what_runs(repo: Repo, workspace: Workspace) -> None:
    start(workspace, "Rename the button")
    before, ours = repo.state(), repo.git("for-each-ref")
    with pytest.raises(RefusedError) as caught:
        start(workspace, "Another")
    refusal = caught.value.refusal
    assert refusal.rule == "one-session-per-worktree"
    assert "2026-03-04-001" in refusal.why
    assert any("Rename the button" in fact for fact in refusal.evidence)
    assert "end_session" in refusal.instead and "--abandon" in refusal.instead
    assert (repo.state(), repo.git("for-each-ref")) == (before, ours)


def test_another_linked_worktree_may_have_its_own_session(repo: Repo, workspace: Workspace) -> None:
    start(workspace)
    repo.git("worktree", "add", "-q", "-b", "side", "../side")
    other = open_workspace(f"{repo.root}/../side", FixedClock())
    try:
        started = start(other)
        assert (started.session_id, started.branch) == ("2026-03-04-002", "side")
        assert active_session(workspace) is not None
    finally:
        other.close()


def test_the_tag_is_annotated_and_says_where_the_uncommitted_changes_are(repo: Repo, workspace: Workspace) -> None:
    started = start(workspace, "Rename the button")
    assert started.tag == "checkpoint/before-session-2026-03-04-001"
    assert repo.git("cat-file", "-t", started.tag) == "tag"
    assert repo.git("rev-parse", f"{started.tag}^{{commit}}") == started.base_commit
    text = repo.git("cat-file", "tag", started.tag)
    assert "Rename the button" in text and started.checkpoint_id in text
    repo.git("fsck", "--strict", "--no-dangling")


def test_a_dirty_worktree_is_untouched_and_warned_about(repo: Repo, workspace: Workspace) -> None:
    repo.write("src/app.py", "half an afternoon\n")
    repo.write("notes.txt", "mine\n")
    repo.write("src/util.py", "staged\n")
    repo.git("add", "src/util.py")
    before = repo.state()
    started = start(workspace)
    after = repo.state()
    assert (after.files, after.index, after.in_progress) == (before.files, before.index, before.in_progress)
    (warning,) = [one for one in started.warnings if "uncommitted" in one]
    assert "2 files" in warning and "staged" in warning and started.checkpoint_id in warning


def test_a_clean_worktree_is_not_warned_about(repo: Repo, workspace: Workspace) -> None:
    assert not [one for one in start(workspace).warnings if "uncommitted" in one]


def test_a_repository_without_commits_can_have_a_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("unborn")
    repo = Repo(str(root))
    repo.git("init", "-q", "-b", "main")
    repo.write("draft.txt", "not committed yet\n")
    workspace = open_workspace(repo.root, FixedClock())
    try:
        started = start(workspace)
        assert (started.base_commit, started.tag) == (None, None)
        assert repo.branch() == started.branch == "feature/session-2026-03-04-001"
        assert repo.read("draft.txt") == b"not committed yet\n"
        repo.commit("First", {"draft.txt": "now it is\n"})
        assert repo.git("rev-parse", "feature/session-2026-03-04-001") == repo.head()
    finally:
        workspace.close()


def test_on_a_detached_head_a_session_gets_a_branch(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "--detach", "HEAD~1")
    here = repo.head()
    started = start(workspace)
    assert repo.branch() == started.branch
    assert repo.head() == started.base_commit == here


def test_a_session_survives_a_restart(repo: Repo, workspace: Workspace) -> None:
    started = start(workspace, paths=["src/**"], max_files=3)
    again = open_workspace(repo.root, FixedClock())
    try:
        session = active_session(again)
        assert session is not None
        assert (session.id, session.checkpoint) == (started.session_id, started.checkpoint_id)
        assert (session.paths, session.max_files) == (("src/**",), 3)
    finally:
        again.close()


def test_the_answer_says_line_by_line_what_is_enforced(repo: Repo, workspace: Workspace) -> None:
    text = "## scope_management\n- Maximum 5 files per session\n- Be kind to each other\n"
    repo.commit("Protocol", {"CLAUDE.md": text})
    started = start(workspace, max_files=9)
    protocol = started.protocol
    assert protocol.source == "CLAUDE.md"
    assert [(one.rule, one.line) for one in protocol.enforced] == [("files-per-session", 2)]
    assert [one.line for one in protocol.not_enforced] == [3]
    assert started.scope.max_files == 5, "the tighter limit holds"


def test_an_invalid_protocol_is_warned_about_and_the_built_in_one_holds(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Protocol", {"CLAUDE.md": "```toml safe-rollback\n[session]\nmax_flies = 5\n```\n"})
    started = start(workspace)
    assert any("max_flies" in one for one in started.warnings)
    assert repo.branch() != "main", "the built-in protocol protects main"


def test_a_session_that_could_not_begin_blocks_no_other(repo: Repo, workspace: Workspace) -> None:
    repo.write(".git/HEAD.lock", "")
    before = repo.state()
    with pytest.raises(SafeRollbackError):
        start(workspace)
    assert repo.state() == before, "no branch is left behind"
    assert active_session(workspace) is None
    repo.remove(".git/HEAD.lock")
    assert start(workspace).branch == repo.branch()


@pytest.mark.parametrize("leave", [lambda repo: repo.git("merge", "side", ok=(1,))], ids=["merge"])
def test_a_merge_in_progress_is_kept_as_it_is(
    repo: Repo, workspace: Workspace, leave: Callable[[Repo], object]
) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Theirs", {"README.md": "theirs\n"})
    repo.git("switch", "-q", "-c", "ours", "main")
    repo.commit("Ours", {"README.md": "ours\n"})
    leave(repo)
    before = repo.state()
    start(workspace)
    assert repo.state() == before


def test_a_branch_in_the_way_of_the_protocols_name_is_named(repo: Repo, workspace: Workspace) -> None:
    repo.git("branch", "feature")
    before = repo.state()
    with pytest.raises(InvalidInputError, match=r"feature.*another name"):
        start(workspace)
    assert repo.state() == before
    assert start(workspace, branch="work/1").branch == repo.branch() == "work/1"


def test_checks_that_nobody_trusted_are_named(repo: Repo, workspace: Workspace) -> None:
    block = '[[check]]\nname = "tests"\nrun = "make test"\n[on_session_end]\nrun = ["make lint"]\n'
    repo.commit("Rules", {"CLAUDE.md": f"```toml safe-rollback\n{block}```\n"})
    warning = start_session(Desk(workspace), "A task", create_branch=True).warnings[-1]
    assert "2 checks" in warning and "make test; make lint" in warning and "safe-rollback trust" in warning
