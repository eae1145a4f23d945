"""only=agent, only=action/<id>: exactly one's part goes, to the byte; everything between and after stays."""

import os

import pytest

from safe_rollback.core.errors import ConflictError, InvalidInputError, NotFoundError
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import PlanRollback, plan_rollback
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from safe_rollback.tools.safe_revert import SafeRevert
from tests.core.revert.kit import begin, execute, numbered, take_back, tree
from tests.harness.agent import acting, begin_action, end_action, look
from tests.harness.repo import Repo


def plan(workspace: Workspace, only: str = "agent", target: str | list[str] = "session") -> PlanRollback:
    return plan_rollback(Desk(workspace), target, "it went wrong", only=only)


def out(workspace: Workspace, only: str = "agent", target: str | list[str] = "session") -> SafeRevert:
    planned = plan(workspace, only, target)
    assert planned.prediction.clean, planned.prediction
    done = execute(workspace, planned)
    assert done.verification.as_planned
    return done


def test_after_both_edited_the_same_file_exactly_the_humans_edit_stands(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "agent"}))
        repo.write("made.txt", "by a side effect\n")
        repo.remove("README.md")
    repo.write("src/app.py", numbered(40, {5: "agent", 20: "human"}))
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "agent", 20: "human", 35: "agent"}))
    before = repo.state()
    done = out(workspace)
    assert repo.read("src/app.py").decode() == numbered(40, {20: "human"})
    assert repo.git("status", "--porcelain") == " M src/app.py"
    after = repo.state()
    take_back(workspace, done.operation_id)
    assert repo.state() == before
    take_back(workspace)
    assert repo.state() == after
    with pytest.raises(InvalidInputError, match="Nothing of it is left"):
        plan(workspace)


def test_what_stood_uncommitted_before_the_session_stays(workspace: Workspace, repo: Repo) -> None:
    repo.write("src/app.py", numbered(40, {30: "human"}))
    repo.write("notes.txt", "mine\n")
    repo.git("add", "notes.txt")
    before = repo.state()
    begin(workspace)
    started = repo.state()
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {2: "agent", 30: "human"}))
        repo.remove("notes.txt")
        repo.git("rm", "-q", "--cached", "notes.txt")
        repo.write("deep/er/file.txt", "x\n")
    out(workspace)
    assert repo.state().files == before.files
    assert repo.state() == started


def test_mixed_lines_are_a_conflict_that_changes_nothing(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "agent"}))
    repo.write("src/app.py", numbered(40, {5: "agent and human"}))
    before = repo.state()
    planned = plan(workspace)
    assert not planned.prediction.clean
    hunk = planned.prediction.conflicts[0].hunks[0]
    assert planned.prediction.conflicts[0].path == "src/app.py"
    assert "agent and human" in hunk and "line 5" in hunk and "now" in hunk and "without the agent's part" in hunk
    with pytest.raises(ConflictError):
        execute(workspace, planned)
    assert repo.state() == before


def test_a_file_the_agent_made_and_the_human_edited_is_named_with_the_edit(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("made.txt", numbered(10))
    repo.write("made.txt", numbered(10, {3: "human"}))
    before = repo.state()
    conflict = plan(workspace).prediction.conflicts[0]
    assert conflict.path == "made.txt" and "+human" in conflict.hunks[0]
    assert repo.state() == before


def test_a_middle_action_goes_and_later_ones_stay(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "first"}))
    with acting(workspace) as middle:
        repo.write("src/app.py", numbered(40, {5: "first", 20: "middle"}))
        repo.write("middle.txt", "x\n")
        os.chmod(repo.path("bin/run.sh"), 0o755)
    repo.write("src/app.py", numbered(40, {5: "first", 20: "middle", 28: "human"}))
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "first", 20: "middle", 28: "human", 35: "last"}))
    before = repo.state()
    planned = plan_rollback(Desk(workspace), f"action/{middle}", "it went wrong")
    assert planned.prediction.clean and planned.strategy.kind == "take_out_action"
    done = execute(workspace, planned)
    assert repo.read("src/app.py").decode() == numbered(40, {5: "first", 28: "human", 35: "last"})
    assert not repo.exists("middle.txt")
    assert os.stat(repo.path("bin/run.sh")).st_mode & 0o777 == 0o644
    after = repo.state()
    take_back(workspace, done.operation_id)
    assert repo.state() == before
    take_back(workspace)
    assert repo.state() == after


def test_a_file_the_agent_renamed_goes_back_with_the_humans_edit_in_it(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        os.rename(repo.path("src/app.py"), repo.path("src/main.py"))
    repo.write("src/main.py", numbered(40, {7: "human"}))
    out(workspace)
    assert repo.read("src/app.py").decode() == numbered(40, {7: "human"})
    assert not repo.exists("src/main.py")


def test_binary_files_links_and_modes_go_back_exactly(workspace: Workspace, repo: Repo) -> None:
    repo.commit("Binary", {"logo.png": b"\x89PNG\0\1\2", "gone.bin": b"\0\1"})
    repo.write("private.key", "secret\n", mode=0o600)
    os.mkdir(repo.path("empty"))
    begin(workspace)
    before = repo.state()
    with acting(workspace):
        repo.write("logo.png", b"\x89PNG\0other")
        repo.remove("gone.bin")
        repo.remove("private.key")
        os.symlink("logo.png", repo.path("link"))
        os.chmod(repo.path("bin/run.sh"), 0o755)
        repo.write("empty/no-more.txt", "x\n")
        os.mkdir(repo.path("new-empty"))
    out(workspace)
    assert repo.state() == before


def test_a_binary_file_both_changed_is_a_conflict(workspace: Workspace, repo: Repo) -> None:
    repo.commit("Binary", {"logo.png": b"\x89PNG\0\1\2"})
    begin(workspace)
    with acting(workspace):
        repo.write("logo.png", b"\x89PNG\0agent")
    repo.write("logo.png", b"\x89PNG\0agent and human")
    assert [one.path for one in plan(workspace).prediction.conflicts] == ["logo.png"]


def test_what_the_agent_staged_goes_and_what_the_human_staged_stays(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    repo.write("src/util.py", "def human():\n    return 1\n")
    repo.git("add", "src/util.py")
    with acting(workspace):
        repo.write("made.txt", "x\n")
        repo.write("src/app.py", numbered(40, {5: "agent"}))
        repo.git("add", "made.txt", "src/app.py")
    repo.write("src/app.py", numbered(40, {5: "agent", 30: "human"}))
    repo.git("add", "src/app.py")
    out(workspace)
    assert repo.git("status", "--porcelain").splitlines() == ["M  src/app.py", "M  src/util.py"]
    assert repo.git("show", ":src/app.py") + "\n" == numbered(40, {30: "human"})


def test_commits_of_both_between_uncommitted_work_of_both(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {2: "agent one"}))
        repo.write("made.txt", "x\n")
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "Agent one")
    repo.commit("Human one", {"src/app.py": numbered(40, {2: "agent one", 10: "human one"}), "hand.txt": "h\n"})
    with acting(workspace):
        repo.commit("Agent two", {"two.txt": "2\n"})
    with acting(workspace):
        text = numbered(40, {2: "agent one", 10: "human one", 18: "agent two"})
        repo.write("src/app.py", text)
    repo.write("src/app.py", text.replace("line 26\n", "human two\n"))
    repo.write("free.txt", "mine\n")
    before = repo.state()
    assert [one.subject for one in plan(workspace).reverts] == ["Agent two", "Agent one"]
    done = out(workspace)
    assert repo.read("src/app.py").decode() == numbered(40, {10: "human one", 26: "human two"})
    assert repo.git("show", "HEAD:src/app.py") + "\n" == numbered(40, {10: "human one"})
    assert not repo.exists("made.txt")
    assert repo.git("status", "--porcelain").splitlines() == [" M src/app.py", "?? free.txt"]
    take_back(workspace, done.operation_id)
    assert repo.state() == before


def test_a_humans_uncommitted_bytes_in_the_agents_commit_stay_uncommitted(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    repo.write("src/util.py", "def human():\n    return 1\n")
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "agent"}))
        repo.git("commit", "-q", "-a", "-m", "Everything")
    out(workspace)
    assert repo.git("status", "--porcelain") == " M src/util.py"
    assert repo.read("src/util.py") == b"def human():\n    return 1\n"


def test_what_a_switch_or_merge_brings_is_not_the_agents(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "colleague")
    repo.commit("A colleague's", {"theirs.txt": "theirs\n"})
    repo.git("switch", "-q", "main")
    begin(workspace)
    with acting(workspace):
        repo.git("merge", "-q", "--ff-only", "colleague")
        repo.write("mine.txt", "x\n")
    kept = tree(repo)
    out(workspace)
    assert repo.exists("theirs.txt") and not repo.exists("mine.txt")
    assert tree(repo) == kept and repo.git("status", "--porcelain") == ""


def test_commits_known_by_trailer_alone_go_from_the_worktree_too(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    repo.commit("Agent", {"a.txt": "a\n"}, trailer="Co-authored-by: Claude <noreply@anthropic.com>")
    repo.commit("Human", {"b.txt": "b\n"})
    repo.write("b.txt", "b\nmore\n")
    out(workspace)
    assert not repo.exists("a.txt")
    assert repo.git("status", "--porcelain") == " M b.txt"


def test_only_session_leaves_what_other_agents_signed(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    repo.commit("Another", {"a.txt": "a\n"}, trailer="Co-authored-by: Claude <noreply@anthropic.com>")
    with acting(workspace):
        repo.write("mine.txt", "x\n")
    out(workspace, only="session")
    assert repo.exists("a.txt") and not repo.exists("mine.txt")


def test_one_of_two_agents_can_be_taken_out(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace, agent="main"):
        repo.write("main.txt", "x\n")
    with acting(workspace, agent="main/sub"):
        repo.write("sub.txt", "y\n")
    out(workspace, only="agent/main/sub")
    assert repo.exists("main.txt") and not repo.exists("sub.txt")
    with pytest.raises(NotFoundError):
        plan(workspace, only="agent/nobody")


def test_of_two_at_once_the_files_one_names_stay_when_the_other_goes(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    shell, edit = begin_action(workspace), begin_action(workspace)
    repo.write("edited.txt", "x\n")
    repo.write("side.txt", "y\n")
    end_action(workspace, edit, agent="one", paths=["edited.txt"], beside=[shell.id])
    repo.write("late.txt", "z\n")
    end_action(workspace, shell, agent="two", beside=[edit.id])
    out(workspace, only=f"action/{shell.id}")
    assert repo.exists("edited.txt") and not repo.exists("side.txt") and not repo.exists("late.txt")


def test_what_two_shells_changed_at_once_stays_and_is_said(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    one = begin_action(workspace)
    repo.write("one.txt", "1\n")
    two = begin_action(workspace)
    repo.write("either.txt", "?\n")
    end_action(workspace, one, agent="one", beside=[two.id])
    end_action(workspace, two, agent="two", beside=[one.id])
    done = out(workspace, only=f"action/{one.id}")
    assert not repo.exists("one.txt") and repo.exists("either.txt")
    assert any("either.txt" in note for note in done.notes)


def test_ignored_files_stay_even_when_their_rule_goes(workspace: Workspace, repo: Repo) -> None:
    repo.write("cache.tmp", "precious\n")
    repo.write("build/out.bin", "built\n")
    begin(workspace)
    with acting(workspace):
        repo.write(".gitignore", "*.tmp\n")
    out(workspace)
    assert repo.read("cache.tmp") == b"precious\n" and repo.read("build/out.bin") == b"built\n"
    assert repo.git("status", "--porcelain") == "?? cache.tmp"


def test_a_restore_takes_out_only_what_the_agent_changed_since(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("early.txt", "x\n")
    since = look(workspace).id
    with acting(workspace) as late:
        repo.write("late.txt", "x\n")
        repo.write("src/app.py", numbered(40, {5: "agent"}))
    repo.write("src/app.py", numbered(40, {5: "agent", 30: "human"}))
    for only in (f"action/{late}", "agent", "session"):
        before = repo.state()
        planned = restore_checkpoint(Desk(workspace), since, only=only).plan
        assert planned is not None and not planned.conflicts
        done = restore_checkpoint(Desk(workspace), since, [], planned.digest, only)
        assert done.verified
        assert repo.exists("early.txt") and not repo.exists("late.txt")
        assert repo.read("src/app.py").decode() == numbered(40, {30: "human"})
        take_back(workspace, done.operation_id)
        assert repo.state() == before
    planned = restore_checkpoint(Desk(workspace), since, ["late.txt"], None, "agent").plan
    assert planned is not None and [one.path for one in planned.changes] == ["late.txt"]


def test_without_a_session_a_checkpoint_tells_since_when(workspace: Workspace, repo: Repo) -> None:
    since = look(workspace).id
    with acting(workspace):
        repo.write("late.txt", "x\n")
    repo.write("hand.txt", "h\n")
    out(workspace, target=f"checkpoint/{since}")
    assert not repo.exists("late.txt") and repo.exists("hand.txt")


@pytest.mark.parametrize(
    ("target", "only", "error"),
    [
        ("session", "human", InvalidInputError),
        ("session", "action/nonsense", InvalidInputError),
        ("session", "action/act-ffffffff", NotFoundError),
        ("HEAD", "agent", InvalidInputError),
        ("main..HEAD", "agent", InvalidInputError),
        ([], "agent", InvalidInputError),
    ],
)
def test_what_makes_no_sense_is_said(
    workspace: Workspace, repo: Repo, target: str | list[str], only: str, error: type[Exception]
) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("x.txt", "x\n")
    with pytest.raises(error):
        plan(workspace, only, target)


def test_a_plan_whose_state_moved_does_nothing(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "agent"}))
    planned = plan(workspace)
    repo.write("src/app.py", numbered(40, {5: "agent", 30: "human"}))
    before = repo.state()
    with pytest.raises(Exception, match="changed since the plan"):
        execute(workspace, planned)
    assert repo.state() == before


def test_planning_changes_nothing(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "agent"}))
    before = repo.state()
    assert plan(workspace).digest == plan(workspace).digest
    assert repo.state() == before


PROTECTED = (
    '```toml safe-rollback\n[protect]\nbranches = ["main", "feature/*"]\n[session]\nrequire_branch = false\n```\n'
)


def test_on_a_protected_branch_commits_go_aside_and_uncommitted_work_goes_here(
    workspace: Workspace, repo: Repo
) -> None:
    repo.commit("Rules", {"CLAUDE.md": PROTECTED})
    begin(workspace)
    with acting(workspace):
        repo.write("made.txt", "x\n")
    out(workspace)
    assert not repo.exists("made.txt")
    with acting(workspace):
        repo.commit("Agent", {"a.txt": "a\n"})
    head = repo.head()
    done = out(workspace)
    assert done.branch is not None and done.branch.startswith("revert/")
    assert repo.head() == head and repo.exists("a.txt")
    assert any("restore_checkpoint" in note for note in done.notes)


def test_before_the_first_commit_it_works_too(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "--orphan", "empty")
    for name in ("README.md", ".gitignore"):
        if repo.exists(name):
            repo.remove(name)
    since = look(workspace).id
    with acting(workspace):
        repo.write("made.txt", "x\n")
        repo.git("add", "made.txt")
    repo.write("hand.txt", "h\n")
    out(workspace, target=f"checkpoint/{since}")
    assert repo.git("status", "--porcelain") == "?? hand.txt"


def test_on_a_detached_head_the_head_moves_to_the_revert(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "--detach")
    since = look(workspace).id
    with acting(workspace):
        repo.commit("Agent", {"a.txt": "a\n"})
        repo.write("more.txt", "x\n")
    repo.write("hand.txt", "h\n")
    before = repo.state()
    done = out(workspace, target=f"checkpoint/{since}")
    assert repo.git("status", "--porcelain") == "?? hand.txt" and not repo.exists("a.txt")
    take_back(workspace, done.operation_id)
    assert repo.state() == before


def test_what_was_undone_by_a_restore_in_between_is_not_undone_twice(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "agent"}))
    out(workspace)
    repo.write("src/app.py", numbered(40, {5: "human"}))
    with acting(workspace):
        repo.write("other.txt", "x\n")
    out(workspace)
    assert repo.read("src/app.py").decode() == numbered(40, {5: "human"}) and not repo.exists("other.txt")


def test_lines_the_agent_took_from_a_human_come_back(workspace: Workspace, repo: Repo) -> None:
    repo.write("notes.txt", numbered(20, {7: "precious"}))
    begin(workspace)
    with acting(workspace):
        repo.write("notes.txt", numbered(20, {3: "agent", 7: ""}))
    repo.write("notes.txt", numbered(20, {3: "agent", 7: "", 15: "later"}))
    out(workspace)
    assert repo.read("notes.txt").decode() == numbered(20, {7: "precious", 15: "later"})


def test_files_an_agent_moved_out_of_git_back_and_forth_stand_as_they_were(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    before = repo.state()
    with acting(workspace):
        os.rename(repo.path("src"), repo.path("lib"))
    with acting(workspace):
        repo.write("lib/app.py", "overwritten\n")
        repo.write("src", "a file where the directory was\n")
    out(workspace)
    assert repo.state() == before


def test_action_without_an_end_is_not_known(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    begun = begin_action(workspace)
    repo.write("a.txt", "a\n")
    with pytest.raises(NotFoundError):
        plan(workspace, target=f"action/{begun.id}", only=f"action/{begun.id}")


def test_only_paths_of_the_agents_part_go(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "agent"}))
        repo.write("src/new.py", "x\n")
        repo.write("other.txt", "x\n")
        repo.git("add", "src/new.py")
        repo.git("commit", "-q", "-m", "New")
    out(workspace, target=["src"])
    assert repo.git("status", "--porcelain") == "?? other.txt"
    assert not repo.exists("src/new.py")


def test_what_the_agent_took_out_of_a_humans_stash_stays(workspace: Workspace, repo: Repo) -> None:
    repo.write("src/app.py", numbered(40, {9: "human"}))
    repo.write("untracked.txt", "mine\n")
    repo.git("stash", "-q", "-u")
    begin(workspace)
    with acting(workspace):
        repo.git("stash", "pop", "-q")
        repo.write("made.txt", "x\n")
    out(workspace)
    assert repo.read("src/app.py").decode() == numbered(40, {9: "human"})
    assert repo.exists("untracked.txt") and not repo.exists("made.txt")


def test_what_the_agent_stashed_away_comes_back(workspace: Workspace, repo: Repo) -> None:
    repo.write("src/app.py", numbered(40, {9: "human"}))
    begin(workspace)
    with acting(workspace):
        repo.git("stash", "-q")
    out(workspace)
    assert repo.read("src/app.py").decode() == numbered(40, {9: "human"})
