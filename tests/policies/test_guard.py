"""The guard between an agent's own tools and the worktree."""

import os

import pytest

from safe_rollback.core.actions import under_way
from safe_rollback.core.errors import CaptureError
from safe_rollback.core.ledger.events import ActionRecorded, CommandRefused
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.policies import guard
from safe_rollback.policies.hook import HookEvent
from safe_rollback.policies.human import mint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.policies.near import Agent


@pytest.fixture
def agent(repo: Repo, workspace: Workspace) -> Agent:
    return Agent(repo, workspace)


def _recorded(workspace: Workspace) -> list[ActionRecorded]:
    return [one.event for one in workspace.ledger.records(ActionRecorded) if isinstance(one.event, ActionRecorded)]


ALWAYS = [
    "git reset --hard",
    "git -C . reset --har HEAD~1",
    "git checkout -f main",
    "git switch --discard-changes main",
    "git branch -D main",
    "git branch -f main HEAD~1",
    "git rebase -i HEAD~2",
    "git commit --no-verify -m x",
    "git -c core.hooksPath=/dev/null commit -m x",
    "git push --force",
    "git stash drop",
    "git reflog expire --expire=now --all",
    "git gc --prune=now",
    "git update-ref -d refs/safe-rollback/sessions/at-main",
    "bash -c 'git reset --hard'",
    "python3 - <<'EOF'\nimport subprocess as s\ns.run(['git', 'reset', '--hard'])\nEOF",
    "rm -rf .git/index",
    "rm .git/safe-rollback/ledger.db",
    ": > .git/config",
    "echo '{}' > .claude/settings.json",
    "sed -i s/a/b/ .git/hooks/pre-commit",
    "rm -rf ~",
    "rm -rf /",
]


@pytest.mark.parametrize("command", ALWAYS)
def test_what_no_state_excuses_is_refused_in_a_clean_worktree_too(agent: Agent, command: str) -> None:
    said = agent.ask(command)
    assert said.decision == "deny", command
    assert "Instead:" in said.reason


AT_STAKE = [
    "git checkout -- src/app.py",
    "git checkout .",
    "git restore src",
    "git clean -fd",
    "rm -r src",
    "rm -rf src/*",
    "mv notes.txt src/app.py",
    "cp README.md src/app.py",
    "truncate -s 0 src/app.py",
    ": > src/app.py",
    "git diff | git apply -R",
    "find src -name '*.py' -delete",
    "git clean -fdx -- . clean -n",
    "cd src && rm -rf .",
]


@pytest.mark.parametrize("command", AT_STAKE)
def test_a_humans_uncommitted_work_is_not_taken(repo: Repo, agent: Agent, workspace: Workspace, command: str) -> None:
    repo.write("src/app.py", "the human's edit\n")
    repo.write("src/new.txt", "the human's new file\n")
    repo.write("notes.txt", "the human's notes\n")
    before = repo.state()
    said = agent.run(command)
    assert said.decision == "deny", command
    assert repo.state() == before
    assert [one.event.rule for one in workspace.ledger.records(CommandRefused)] != []  # type: ignore[union-attr]


@pytest.mark.parametrize("command", [one for one in AT_STAKE if "notes" not in one])
def test_the_same_on_committed_content_is_allowed_after_a_checkpoint(
    repo: Repo, agent: Agent, workspace: Workspace, command: str
) -> None:
    if command == "cd src && rm -rf .":
        pytest.skip("bash refuses it itself")
    repo.git("add", "-A")
    had = repo.read("src/app.py")
    assert agent.run(command).decision == "pass", command
    for event in _recorded(workspace):
        held = workspace.repository.git.run(
            "cat-file",
            "blob",
            f"{find(workspace, event.before).worktree}:src/app.py",  # type: ignore[arg-type]
        )
        assert held.stdout == had


def test_what_the_agent_wrote_itself_it_may_delete(agent: Agent, repo: Repo) -> None:
    agent.write("gen/a.txt", "generated\n")
    agent.run("mkdir -p gen/deep && echo x > gen/deep/b.txt")
    assert agent.run("rm -rf gen").decision == "pass"
    assert not os.path.exists(repo.path("gen"))


def test_not_after_a_human_edited_it(agent: Agent, repo: Repo) -> None:
    agent.write("gen/a.txt", "generated\n")
    repo.write("gen/a.txt", "generated\nand edited\n")
    assert agent.ask("rm -rf gen").decision == "deny"


def test_what_a_human_wrote_stays_theirs_when_the_agent_edits_it(agent: Agent, repo: Repo) -> None:
    repo.write("draft.txt", "an afternoon\n")
    agent.run("echo more >> draft.txt")
    assert agent.ask("git clean -f").decision == "deny"


@pytest.mark.parametrize(
    "command",
    ["sed -i s/a/b/ README.md src/app.py", "echo x > README.md", "tee README.md < /dev/null", "rm README.md"],
)
def test_ordinary_editing_passes_whatever_is_uncommitted(agent: Agent, repo: Repo, command: str) -> None:
    repo.write("README.md", "edited by the human\n")
    repo.write("src/app.py", "edited by the human\n")
    assert agent.run(command).decision == "pass"


@pytest.mark.parametrize("command", ["rm -rf node_modules", "rm -rf build/*", "rm -rf /tmp/nothing-here"])
def test_build_output_and_temporary_files_are_free(agent: Agent, repo: Repo, command: str) -> None:
    repo.commit("Ignore", {".gitignore": "node_modules/\nbuild/\n"})
    repo.write("node_modules/x/index.js", "x\n")
    repo.write("build/out.bin", "x\n")
    assert agent.run(command).decision == "pass"


def test_ignored_files_no_tool_makes_again_are_not(agent: Agent, repo: Repo) -> None:
    repo.commit("Ignore", {".gitignore": "data/\n"})
    repo.write("data/collected.csv", "months of it\n")
    assert agent.ask("rm -rf data").decision == "deny"
    assert agent.ask("git clean -fdx").decision == "deny"


def test_looking_costs_no_checkpoint_and_leaves_no_record(agent: Agent, repo: Repo, workspace: Workspace) -> None:
    repo.write("README.md", "edited\n")
    for command in ("git status", "git log --oneline | head -3", "cat README.md", "grep -rn reset . | wc -l"):
        assert agent.run(command).decision == "pass"
    assert _recorded(workspace) == []
    assert repo.git("for-each-ref", "refs/safe-rollback") == ""


def test_an_action_has_the_state_before_and_after(agent: Agent, repo: Repo, workspace: Workspace) -> None:
    repo.write("README.md", "the human's\n")
    agent.run("echo agent > made.txt; false")
    repo.write("README.md", "the human's again\n")
    agent.write("made.txt", "twice\n")
    first, second = _recorded(workspace)
    assert (first.tool, first.exit_code, second.tool, list(second.paths)) == ("Bash", 1, "Write", ["made.txt"])
    assert first.action != second.action
    states = [find(workspace, one).worktree for one in (first.before, first.after, second.before, second.after)]  # type: ignore[arg-type]
    assert len(set(states)) == 4
    assert under_way(workspace) == []


def test_commits_made_in_a_shell_are_the_actions(agent: Agent, repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-qc", "work")
    agent.run("echo x > x && git add x && git commit -qm 'From a shell'")
    assert list(_recorded(workspace)[0].commits) == [repo.git("rev-parse", "HEAD").strip()]


def test_actions_at_the_same_time_know_of_each_other(repo: Repo, workspace: Workspace) -> None:
    one, two = Agent(repo, workspace, "one"), Agent(repo, workspace, "one/sub")
    one.ask("make a", call="a")
    two.ask("make b", call="b")
    first, second = under_way(workspace)
    assert {*first.beside, *second.beside} == {first.id, second.id}


def test_a_refusal_can_be_granted_once_by_a_human(agent: Agent, repo: Repo, workspace: Workspace) -> None:
    repo.write("README.md", "edited\n")
    mint(workspace, "command", "git checkout -- README.md")
    assert agent.run("git checkout -- README.md").decision == "pass"
    repo.write("README.md", "edited\n")
    assert agent.run("git checkout -- README.md").decision == "deny"


def test_files_the_session_must_not_touch_are_refused_when_they_are_written(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Rules", {"CLAUDE.md": '```toml safe-rollback\n[protect]\npaths = ["infra/**"]\n```\n'})
    start_session(Desk(workspace), "A task", paths=["src/**"])
    agent = Agent(repo, workspace)
    assert agent.write("src/x.py", "x\n").decision == "pass"
    assert "declared-paths" in agent.write("docs/x.md", "x\n").reason
    assert "protected-paths" in agent.write("infra/x.tf", "x\n").reason
    assert "protected-paths" in agent.run("echo x > infra/x.tf").reason


@pytest.mark.parametrize(
    "path",
    [".git/hooks/pre-commit", ".claude/settings.json", ".git/safe-rollback/ledger.db", ".mcp.json", ".git/HEAD"],
)
def test_the_guards_files_are_not_edited_with_the_clients_tools_either(agent: Agent, repo: Repo, path: str) -> None:
    assert agent.write(path, "x\n").decision == "deny"
    assert not os.path.exists(repo.path(".claude")) and not os.path.exists(repo.path(".mcp.json"))


def test_if_no_checkpoint_can_be_taken_the_error_is_raised_for_the_hook_to_refuse(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise CaptureError("no space left", hint="Free some.")

    monkeypatch.setattr("safe_rollback.core.actions.take_or_newest", fail)
    with pytest.raises(CaptureError):
        agent.ask("make")


def test_an_agent_is_told_the_rules_at_the_start_and_reminded_once_before_it_stops(
    repo: Repo, workspace: Workspace
) -> None:
    repo.commit("Rules", {"CLAUDE.md": '```toml safe-rollback\n[on_session_end]\nrun = ["make check"]\n```\n'})
    agent = Agent(repo, workspace)
    assert "start_session" in agent.moment("session start").context
    assert agent.moment("stop").decision == "pass"
    start_session(Desk(workspace), "A task")
    assert "A task" in agent.moment("session start").context
    assert agent.moment("stop").decision == "pass"
    agent.write("x", "x\n")
    assert "make check" in agent.moment("stop").reason
    assert agent.moment("stop").decision == "pass"
    agent.write("x", "y\n")
    assert agent.moment("stop", again=True).decision == "pass"


def test_outside_of_a_repository_only_what_nothing_excuses_is_refused(tmp_path: object) -> None:
    for command, decision in (("ls", "pass"), ("make", "pass"), ("rm -rf ~", "deny"), ("rm -rf build", "pass")):
        event = HookEvent(moment="before", cwd=str(tmp_path), kind="shell", tool="Bash", command=command)
        assert guard.answer(event, None).decision == decision, command


def test_a_linked_worktree_is_guarded_on_its_own(repo: Repo) -> None:
    repo.git("worktree", "add", "-q", "../side", "-b", "side")
    side = Repo(os.path.join(os.path.dirname(repo.root), "side"))
    side.write("README.md", "a human's, here\n")
    workspace = open_workspace(side.root)
    agent = Agent(side, workspace)
    assert agent.ask("git checkout -- README.md").decision == "deny"
    assert agent.ask("rm -rf ../project/.git").decision == "deny"
    workspace.close()


def _bringing(repo: Repo, path: str) -> None:
    """A branch `feat` that tracks a file which the current branch, `work`, ignores."""
    repo.commit("Ignore", {".gitignore": "secret.env\ndata\n*.key\n"})
    repo.git("branch", "work")
    repo.git("switch", "-qc", "feat")
    repo.write(path, "theirs\n")
    repo.git("add", "-f", path)
    repo.git("commit", "-qm", "Track it")
    repo.git("switch", "-q", "work")


@pytest.mark.parametrize(
    "command", ["git switch -", "git checkout -", "git merge", "git merge -m Message", "git merge -"]
)
def test_ignored_files_are_not_overwritten_from_a_branch_that_is_not_named(
    repo: Repo, agent: Agent, command: str
) -> None:
    _bringing(repo, "secret.env")
    repo.git("branch", "-q", "--set-upstream-to=feat")
    repo.write("secret.env", "the human's\n")
    said = agent.run(command)
    assert "(ignored-files)" in said.reason
    assert repo.read("secret.env") == b"the human's\n"


def test_an_ignored_file_is_not_replaced_by_a_directory(repo: Repo, agent: Agent) -> None:
    _bringing(repo, "data/x")
    repo.write("data", "the human's\n")
    assert "(ignored-files)" in agent.run("git merge feat").reason
    assert repo.read("data") == b"the human's\n"


def test_an_ignored_link_is_not_replaced_by_a_directory(repo: Repo, agent: Agent) -> None:
    _bringing(repo, "data/x")
    repo.write("elsewhere/x", "the human's\n")
    os.symlink("elsewhere", repo.path("data"))
    assert "(ignored-files)" in agent.run("git merge feat").reason


def test_a_directory_with_an_ignored_file_is_not_replaced_by_a_file(repo: Repo, agent: Agent) -> None:
    _bringing(repo, "keys")
    repo.write("keys/a.key", "the human's\n")
    assert "(ignored-files)" in agent.run("git merge feat").reason
    assert repo.read("keys/a.key") == b"the human's\n"


def test_a_tracked_file_may_become_a_directory_even_where_it_is_ignored(repo: Repo, agent: Agent) -> None:
    repo.commit("Ignore", {".gitignore": "data\n"})
    repo.write("data", "tracked\n")
    repo.git("add", "-f", "data")
    repo.git("commit", "-qm", "A file")
    repo.git("switch", "-qc", "feat")
    repo.git("rm", "-q", "data")
    repo.write("data/x", "theirs\n")
    repo.git("add", "-f", "data/x")
    repo.git("commit", "-qm", "A directory")
    repo.git("switch", "-q", "main")
    assert agent.run("git switch feat").decision == "pass"
    assert repo.read("data/x") == b"theirs\n"


def test_the_first_command_in_a_worktree_can_be_one_that_brings_an_ignored_file(repo: Repo, agent: Agent) -> None:
    _bringing(repo, "secret.env")
    repo.write("secret.env", "the human's\n")
    assert "(ignored-files)" in agent.ask("git switch feat").reason


def _staged_only(repo: Repo) -> None:
    had = repo.read("README.md")
    repo.write("README.md", "staged by the human\n")
    repo.git("add", "README.md")
    repo.write("README.md", had)


@pytest.mark.parametrize(
    "command",
    ["git checkout HEAD -- README.md", "git checkout HEAD README.md", "git restore --staged --worktree README.md"],
)
def test_what_a_human_only_staged_is_not_taken(repo: Repo, agent: Agent, command: str) -> None:
    _staged_only(repo)
    said = agent.run(command)
    assert said.decision == "deny"
    assert "README.md" in said.reason
    assert repo.git("show", ":README.md") == "staged by the human"


@pytest.mark.parametrize("command", ["rm -rf src", "git checkout HEAD -- docs", "git checkout HEAD -- ."])
def test_a_command_that_takes_nothing_staged_passes(repo: Repo, agent: Agent, command: str) -> None:
    repo.commit("Documents", {"docs/a.txt": "text\n"})
    repo.write("docs/new.txt", "the human's\n")
    repo.git("add", "docs/new.txt")
    if command == "rm -rf src":
        had = repo.read("src/app.py")
        repo.write("src/app.py", "staged by the human\n")
        repo.git("add", "src/app.py")
        repo.write("src/app.py", had)
    assert agent.run(command).decision == "pass"
    assert repo.read("docs/new.txt") == b"the human's\n"


def test_what_the_agent_staged_itself_it_may_take_back(repo: Repo, agent: Agent) -> None:
    agent.run("echo one >> README.md && git add README.md")
    agent.run("echo two >> README.md")
    assert agent.run("git checkout HEAD -- README.md").decision == "pass"


@pytest.mark.parametrize("command", ["git reset README.md", "git restore --staged README.md"])
def test_unstaging_what_the_worktree_has_too_is_free(repo: Repo, agent: Agent, command: str) -> None:
    repo.write("README.md", "the human's\n")
    repo.git("add", "README.md")
    assert agent.run(command).decision == "pass"
    assert repo.read("README.md") == b"the human's\n"


def test_a_file_that_was_added_and_never_committed_is_not_taken(repo: Repo, agent: Agent) -> None:
    repo.write("fresh.txt", "the human's\n")
    repo.git("add", "fresh.txt")
    assert agent.ask("git restore --staged --worktree .").decision == "deny"
    assert agent.ask("git restore --staged fresh.txt").decision != "deny"


def test_the_words_of_a_grant_are_those_of_the_command(repo: Repo, workspace: Workspace) -> None:
    repo.write("package.json", '{"scripts": {"nuke": "git reset --hard"}}')

    def said(command: str) -> str:
        event = HookEvent(moment="before", cwd=repo.root, kind="shell", tool="Bash", command=command, call="c")
        return guard.answer(event, workspace).reason

    assert said("npm run nuke").endswith("safe-rollback grant --command 'npm run nuke'")
    assert said("git reset --hard\n").endswith("--command '<this very line>'")
