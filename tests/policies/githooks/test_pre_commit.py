"""pre-commit: an agent stays in its session's scope; a human is never stopped by it."""

import os

import pytest

from safe_rollback.core.actions import begin
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.workspace import open_workspace
from tests.policies.githooks.kit import AGENT, HUMAN, Hooked, Said, off_path, session


def test_agent_cannot_commit_a_protected_path_and_the_same_commit_of_a_human_passes(hooked: Hooked) -> None:
    session(hooked.root)
    hooked.write("bin/run.sh", "#!/bin/sh\nexit 1\n")
    said = hooked.tell("commit", "-qam", "Change it", env=AGENT)
    assert said.code == 1
    assert "refuses (protected-paths)" in said.err and "bin/run.sh" in said.err and "Instead:" in said.err
    said = hooked.tell("commit", "-qam", "Change it", env=HUMAN)
    assert said.code == 0
    assert "would refuse an agent (protected-paths)" in said.err


def test_index_that_git_makes_for_one_commit_is_the_one_that_is_judged(hooked: Hooked) -> None:
    session(hooked.root, paths=["src/**"])
    hooked.write("src/app.py", "new\n")
    hooked.write("README.md", "new\n")
    hooked.git("add", "README.md")
    assert hooked.tell("commit", "-qm", "Only this", "src/app.py", env=AGENT).code == 0
    said = hooked.tell("commit", "-qm", "The rest", env=AGENT)
    assert (said.code, "declared-paths" in said.err) == (1, True)


def test_limit_counts_what_the_session_committed_before_and_a_file_put_back_frees_its_place(hooked: Hooked) -> None:
    session(hooked.root)
    for number in (1, 2):
        hooked.write(f"src/{number}.py", "x\n")
        hooked.git("add", "-A")
        assert hooked.tell("commit", "-qm", str(number), env=AGENT).code == 0
    hooked.write("src/3.py", "x\n")
    hooked.git("add", "-A")
    said = hooked.tell("commit", "-qm", "3", env=AGENT)
    assert (said.code, "files-per-session" in said.err, "src/3.py" in said.err) == (1, True, True)
    hooked.git("rm", "-q", "src/1.py")
    assert hooked.tell("commit", "-qm", "3 for 1", env=AGENT).code == 0


def test_human_commit_of_a_protected_path_does_not_stop_the_agent_after_it(hooked: Hooked) -> None:
    session(hooked.root)
    hooked.commit("By hand", {"bin/run.sh": "#!/bin/sh\nexit 1\n"})
    hooked.write("src/app.py", "new\n")
    assert hooked.tell("commit", "-qam", "Mine", env=AGENT).code == 0


def test_sensitive_path_is_named_and_committed_for_end_session_asks(hooked: Hooked) -> None:
    session(hooked.root)
    hooked.write("auth/login.py", "x\n")
    hooked.git("add", "-A")
    said = hooked.tell("commit", "-qm", "Login", env=AGENT)
    assert (said.code, "notes (sensitive-paths)" in said.err) == (0, True)


def test_agent_does_not_commit_on_a_protected_branch(hooked: Hooked) -> None:
    session(hooked.root)
    hooked.git("switch", "-q", "main")
    hooked.write("src/app.py", "new\n")
    said = hooked.tell("commit", "-qam", "On main", env=AGENT)
    assert (said.code, "branch-required" in said.err) == (1, True)


def test_action_under_way_shows_the_agent_of_a_client_that_sets_no_variable(hooked: Hooked) -> None:
    session(hooked.root)
    workspace = open_workspace(hooked.root)
    begin(workspace, CapturePolicy(), call="1", agent="a", tool="Bash", command="make", effects=["unknown"])
    workspace.close()
    hooked.write("bin/run.sh", "#!/bin/sh\nexit 1\n")
    assert hooked.tell("commit", "-qam", "Change it", env=HUMAN).code == 1


def test_without_a_session_nothing_is_held_against_a_commit(hooked: Hooked) -> None:
    hooked.git("switch", "-q", "-c", "feature/mine")
    hooked.write("bin/run.sh", "#!/bin/sh\nexit 1\n")
    said = hooked.tell("commit", "-qam", "Change it", env=AGENT)
    assert said == Said(0, "")


def test_without_a_session_an_agent_does_not_commit_to_a_protected_branch(hooked: Hooked) -> None:
    hooked.write("bin/run.sh", "#!/bin/sh\nexit 1\n")
    said = hooked.tell("commit", "-qam", "Change it", env=AGENT)
    assert said.code == 1 and "main is protected" in said.err
    assert hooked.tell("commit", "-qam", "Change it", env=HUMAN) == Said(0, "")


def test_broken_ledger_stops_an_agent_and_lets_a_human_pass(hooked: Hooked) -> None:
    session(hooked.root)
    with open(os.path.join(hooked.git_dir(), "safe-rollback", "ledger.db"), "wb") as file:
        file.write(b"not a database at all" * 100)
    hooked.write("src/app.py", "new\n")
    said = hooked.tell("commit", "-qam", "Mine", env=AGENT)
    assert (said.code, "cannot judge" in said.err) == (1, True)
    said = hooked.tell("commit", "-qam", "Mine", env=HUMAN)
    assert (said.code, "nothing was checked" in said.err) == (0, True)


def test_without_the_program_a_human_passes_with_a_warning_and_an_agent_does_not(
    hooked: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    session(hooked.root)
    off_path(monkeypatch)
    hooked.write("src/app.py", "new\n")
    assert hooked.tell("commit", "-qam", "Mine", env=AGENT).code == 1
    said = hooked.tell("commit", "-qam", "Mine", env=HUMAN)
    assert (said.code, "not on PATH" in said.err) == (0, True)


def test_linked_worktree_is_judged_by_its_own_session(hooked: Hooked) -> None:
    session(hooked.root, paths=["src/**"])
    other = f"{hooked.root}-linked with space"
    hooked.git("worktree", "add", "-q", "-b", "other", other)
    linked = Hooked(other)
    linked.write("README.md", "new\n")
    assert linked.tell("commit", "-qam", "Elsewhere", env=AGENT) == Said(0, "")
    session(other, paths=["docs/**"])
    linked.write("README.md", "newer\n")
    assert linked.tell("commit", "-qam", "Elsewhere", env=AGENT).code == 1


def test_a_session_that_a_trigger_stopped_commits_nothing_more_and_its_human_does(hooked: Hooked) -> None:
    rules = '[[trigger]]\nid = "t"\nmetric = "session_commits"\nabove = 0\ndo = ["stop"]'
    hooked.commit("Rules", {"CLAUDE.md": f"```toml safe-rollback\n{rules}\n```\n"})
    session(hooked.root)
    for number, (env, code) in enumerate([(AGENT, 0), (AGENT, 1), (HUMAN, 0)]):
        said = hooked.tell("commit", "--allow-empty", "-qm", str(number), env=env)
        assert (said.code, "(triggers)" in said.err) == (code, code == 1), said.err
