"""The hook program with the events of real clients, in a process of its own, and with a server beside it."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from safe_rollback.core.ledger.events import ActionRecorded
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import open_workspace
from safe_rollback.policies.githooks.install import install
from safe_rollback.server.clients import CLIENTS
from safe_rollback.server.hookserver import HookServer
from safe_rollback.server.hooksocket import ask_server
from safe_rollback.server.host import Host
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo, make_repo
from tests.server.clients import payloads
from tests.server.hookkit import Hook, recorded, script, traces


@pytest.fixture
def hook(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> Hook:
    """The program, in a project with a session."""
    workspace = open_workspace(repo.root)
    start_session(Desk(workspace), "Tidy up", create_branch=True)
    workspace.close()
    return Hook(repo.root, script(str(tmp_path_factory.mktemp("bin"))))


def test_a_command_that_reads_is_let_through_in_silence_and_leaves_nothing(repo: Repo, hook: Hook) -> None:
    repo.write("README.md", "edited\n")
    had = traces(repo.root)
    for command in ("git status", "cat README.md | grep -n x", "ls -la"):
        said = hook.before(command)
        assert (said.code, said.out, said.err) == (0, "", "")
        assert hook.after(command).out == ""
    assert traces(repo.root) == had


def test_a_command_that_changes_has_the_state_before_and_after_it(repo: Repo, hook: Hook) -> None:
    repo.write("README.md", "the human's\n")
    checkpoints, actions, refusals, pending = traces(repo.root)
    said = hook.before("echo made > made.txt")
    assert (said.code, said.out, said.err) == (0, "", "")
    assert traces(repo.root) == (checkpoints + 1, actions, refusals, pending + 1)
    repo.write("made.txt", "made\n")
    assert hook.after("echo made > made.txt").code == 0
    assert traces(repo.root) == (checkpoints + 2, actions + 1, refusals, pending)
    (event,) = recorded(repo.root, ActionRecorded)
    assert (event.tool, event.command, event.exit_code) == ("Bash", "echo made > made.txt", 0)
    assert event.action.startswith("act-")
    workspace = open_workspace(repo.root)
    trees = [find(workspace, one).worktree for one in (event.before, event.after)]
    changed = workspace.repository.git.out("diff-tree", "-r", "--name-status", *trees)
    workspace.close()
    assert changed == "A\tmade.txt"


@pytest.mark.parametrize("tool", ["Write", "Edit", "MultiEdit", "NotebookEdit"])
def test_an_edit_with_the_clients_own_tool_is_an_action_that_names_its_file(
    repo: Repo, hook: Hook, tool: str
) -> None:
    path = os.path.join(repo.root, "src", "app.py")
    given = {"notebook_path" if tool == "NotebookEdit" else "file_path": path}
    assert hook.send(hook.event("PreToolUse", tool, given)).decision == "pass"
    repo.write("src/app.py", "edited\n")
    assert hook.send(hook.event("PostToolUse", tool, given, tool_response={})).code == 0
    (event,) = recorded(repo.root, ActionRecorded)
    assert (event.tool, list(event.paths)) == (tool, ["src/app.py"])
    assert event.before != event.after


def test_a_large_file_is_written_like_any_other(repo: Repo, hook: Hook) -> None:
    given = {"file_path": os.path.join(repo.root, "large.txt"), "content": "x" * (10 << 20)}
    assert hook.send(hook.event("PreToolUse", "Write", given)).decision == "pass"
    assert traces(repo.root)[3] == 1


def test_what_destroys_work_is_refused_with_reason_and_way_on(repo: Repo, hook: Hook) -> None:
    repo.write("README.md", "the human's\n")
    before = repo.state()
    for command in ("git reset --hard", "git checkout -- README.md", "rm -rf .git"):
        said = hook.before(command)
        assert (said.code, said.decision) == (0, "deny"), command
        assert "safe-rollback refuses" in said.reason and "Instead:" in said.reason
    assert repo.state() == before
    assert traces(repo.root)[2:] == (3, 0)


@pytest.mark.parametrize("inside", [".", "deep/er"])
def test_outside_of_a_repository_nothing_is_done_and_all_but_the_worst_is_let_through(
    hook: Hook, tmp_path_factory: pytest.TempPathFactory, inside: str
) -> None:
    folder = str(tmp_path_factory.mktemp("nothing"))
    where = os.path.join(folder, inside)
    os.makedirs(where, exist_ok=True)
    given = {"file_path": os.path.join(where, "x")}
    for event in (
        hook.event("PreToolUse", "Bash", {"command": "make && rm -rf build"}, cwd=where),
        hook.event("PostToolUse", "Bash", {"command": "make"}, cwd=where, tool_response={}),
        hook.event("PreToolUse", "Write", given, cwd=where),
        hook.event("PreToolUse", "mcp__other__tool", {}, cwd=where),
        hook.event("SessionStart", cwd=where),
        hook.event("Stop", cwd=where),
        hook.event("SessionEnd", cwd=where),
    ):
        said = hook.send(event, cwd=where)
        assert (said.code, said.out, said.err) == (0, "", ""), event
    said = hook.send(hook.event("PreToolUse", "Bash", {"command": "rm -rf ~"}, cwd=where), cwd=where)
    assert said.decision == "deny"
    assert sum(len(names) for _, _, names in os.walk(folder)) == 0


def test_what_counts_is_the_directory_the_event_names_and_not_where_the_program_starts(
    repo: Repo, hook: Hook, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = str(tmp_path_factory.mktemp("elsewhere"))
    repo.write("README.md", "the human's\n")
    event = hook.event("PreToolUse", "Bash", {"command": "git checkout README.md"})
    assert hook.send(event, cwd=elsewhere).decision == "deny"


Event = Callable[[str, str], dict[str, Any]]
# By client: the event before a shell line in a directory, what stands on standard output for a yes and for a no,
# and the exit code of a no.
FORMS: dict[str, tuple[Event, dict[str, Any] | None, dict[str, Any] | None, int]] = {
    "claude-code": (
        lambda cwd, line: payloads.claude("PreToolUse", "Bash", {"command": line}, cwd=cwd),
        None,
        {"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "deny"}},
        0,
    ),
    "codex": (
        lambda cwd, line: payloads.codex("PreToolUse", "Bash", {"command": line}, cwd=cwd),
        None,
        {"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "deny"}},
        0,
    ),
    "gemini": (
        lambda cwd, line: payloads.gemini("BeforeTool", "run_shell_command", {"command": line}, cwd=cwd),
        None,
        {"decision": "deny"},
        0,
    ),
    "cursor": (
        lambda cwd, line: payloads.cursor("preToolUse", "Shell", {"command": line}, cwd=cwd),
        {"permission": "allow"},
        {"permission": "deny"},
        0,
    ),
    "opencode": (
        lambda cwd, line: payloads.opencode("before", "bash", {"command": line}, directory=cwd),
        None,
        None,
        2,
    ),
}


def _without_reasons(out: str) -> Any:
    """What was printed, but for the texts that give the reason."""
    if not out:
        return None
    said = json.loads(out, object_pairs_hook=lambda pairs: {key: one for key, one in pairs if "eason" not in key})
    return {key: one for key, one in said.items() if "message" not in key}


@pytest.mark.parametrize("client", FORMS)
def test_each_client_hears_yes_and_no_in_its_own_form(repo: Repo, hook: Hook, client: str) -> None:
    event, yes, no, code = FORMS[client]
    repo.write("README.md", "the human's\n")
    said = hook.send(event(repo.root, "touch made.txt"), client)
    assert (said.code, _without_reasons(said.out), said.err) == (0, yes, "")
    said = hook.send(event(repo.root, "git checkout README.md"), client)
    assert (said.code, _without_reasons(said.out)) == (code, no)
    assert "would take uncommitted work" in (said.err if no is None else said.out)
    assert traces(repo.root)[2:] == (1, 1)


def test_each_client_of_the_product_is_here() -> None:
    assert [*FORMS] == [one.name for one in CLIENTS]


@pytest.fixture
def server(repo: Repo, hook: Hook) -> Iterator[HookServer]:
    """A server that runs in the project."""
    host = Host(repo.root)
    serving = HookServer(host)
    assert serving.start()
    yield serving
    serving.stop()
    host.workspace().close()


LINES = [
    "git status",
    "touch made.txt",
    "git checkout README.md",
    "git reset --hard",
    "echo x > .mcp.json",
    "nonsense(",
]


def test_a_server_answers_to_the_byte_what_the_program_answers_by_itself(
    repo: Repo, hook: Hook, server: HookServer
) -> None:
    repo.write("README.md", "the human's\n")
    events = [hook.event("PreToolUse", "Bash", {"command": line}) for line in LINES]
    events += [
        hook.event("PreToolUse", "Write", {"file_path": os.path.join(repo.root, ".git/config")}),
        hook.event("PreToolUse", "Read", {"file_path": "/x"}),
        hook.event("SessionStart"),
        hook.event("Stop"),
    ]
    asked = [ask_server(["claude-code"], json.dumps(event).encode(), repo.root) for event in events]
    assert None not in asked
    warm = [hook.send(event) for event in events]
    server.stop()
    cold = [hook.send(event) for event in events]
    assert warm == cold
    assert [(one.out, one.err, one.code) for one in warm] == asked


def test_a_path_that_is_not_absolute_counts_from_where_the_client_works(
    repo: Repo, hook: Hook, server: HookServer
) -> None:
    """Codex names files so, and the server works somewhere else."""
    patch = "*** Begin Patch\n*** Add File: new.py\n+x\n*** End Patch\n"
    where = os.path.join(repo.root, "src")
    event = payloads.codex("PreToolUse", "apply_patch", {"command": patch}, cwd=where)
    assert hook.send(event, "codex").out == ""
    repo.write("src/new.py", "x\n")
    assert hook.send({**event, "hook_event_name": "PostToolUse", "tool_response": {}}, "codex").out == ""
    (done,) = recorded(repo.root, ActionRecorded)
    assert list(done.paths) == ["src/new.py"]


def test_a_server_answers_for_a_repository_inside_and_keeps_nothing_of_it_open(
    repo: Repo, hook: Hook, server: HookServer
) -> None:
    repo.write("inner/README.md", "x\n")
    repo.git("init", "-q", "inner")
    inner = os.path.join(repo.root, "inner")
    for _ in range(2):
        event = hook.event("PreToolUse", "Bash", {"command": "git reset --hard"}, cwd=inner)
        # Asked from the project, about the repository inside.
        said = ask_server(["claude-code"], json.dumps(event).encode(), repo.root)
        assert said is not None and '"deny"' in said[0]
    assert traces(inner)[2] == 2
    held = [os.readlink(f"/proc/self/fd/{one}") for one in os.listdir("/proc/self/fd") if _stands(one)]
    assert [one for one in held if one.startswith(inner)] == []


def _stands(handle: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{handle}")


def test_gits_own_hooks_run_within_an_action_of_the_agent(
    repo: Repo, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_git_hooks(repo, hook, monkeypatch)
    _commits(repo, hook)


def test_so_they_do_with_a_server_that_answers_both(
    repo: Repo, hook: Hook, server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_git_hooks(repo, hook, monkeypatch)
    _commits(repo, hook)


def _with_git_hooks(repo: Repo, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{os.path.dirname(hook.program)}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CLAUDECODE", "1")
    workspace = open_workspace(repo.root)
    install(workspace)
    workspace.close()


def _commits(repo: Repo, hook: Hook) -> None:
    line = "git add -A && git commit -qm 'From a shell'"
    repo.write("src/app.py", "edited\n")
    assert hook.before(line).decision == "pass"
    done = subprocess.run(["bash", "-c", line], cwd=repo.root, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert hook.after(line).code == 0
    (event,) = recorded(repo.root, ActionRecorded)
    assert list(event.commits) == [repo.head()]
    assert "Safe-Rollback-Session:" in repo.git("log", "-1", "--format=%B")
    assert traces(repo.root)[3] == 0


def _bare_beside(folder: str, repo: Repo) -> None:
    repo.git("clone", "-q", "--bare", repo.root, os.path.join(folder, ".bare"))
    with open(os.path.join(folder, ".git"), "w") as file:
        file.write("gitdir: ./.bare\n")
    repo.git(f"--git-dir={folder}/.bare", "worktree", "add", "-q", "-b", "beside", os.path.join(folder, "feature"))


def _empty_git(folder: str, _: Repo) -> None:
    os.mkdir(os.path.join(folder, ".git"))


@pytest.mark.parametrize("made", [_bare_beside, _empty_git])
def test_a_git_that_is_no_worktree_is_outside_of_a_repository(
    repo: Repo, hook: Hook, tmp_path: object, made: Callable[[str, Repo], None]
) -> None:
    folder = str(tmp_path)
    made(folder, repo)
    for line, decision in (("mkdir notes", "pass"), ("git init", "pass"), ("rm -rf ~", "deny")):
        event = hook.event("PreToolUse", "Bash", {"command": line}, cwd=folder)
        assert hook.send(event, cwd=folder).decision == decision, line


def test_a_worktree_below_a_bare_repository_is_protected(repo: Repo, hook: Hook, tmp_path: object) -> None:
    _bare_beside(str(tmp_path), repo)
    feature = Repo(os.path.join(str(tmp_path), "feature"))
    feature.write("README.md", "the human's\n")
    event = hook.event("PreToolUse", "Bash", {"command": "git checkout README.md"}, cwd=feature.root)
    assert hook.send(event, cwd=feature.root).decision == "deny"


def _hostile(repo: Repo, elsewhere: str) -> None:
    repo.git("config", "core.worktree", make_repo(os.path.join(elsewhere, "victim")).root)
    os.unlink(repo.path(".git/index"))


def _bare(repo: Repo, _: str) -> None:
    repo.git("config", "core.bare", "true")


def _headless(repo: Repo, _: str) -> None:
    os.unlink(repo.path(".git/HEAD"))


def _moved(repo: Repo, elsewhere: str) -> None:
    os.rename(repo.path(".git"), os.path.join(elsewhere, "moved"))
    repo.write(".git", "gitdir: /gone\n")


@pytest.mark.parametrize("harm", [_hostile, _bare, _headless, _moved])
def test_a_worktree_that_cannot_be_opened_is_not_taken_for_no_repository(
    repo: Repo, hook: Hook, tmp_path: object, harm: Callable[[Repo, str], None]
) -> None:
    harm(repo, str(tmp_path))
    assert hook.before("mkdir notes").decision == "deny"


def test_a_repository_of_somebody_else_is_not_taken_for_none(repo: Repo, hook: Hook) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory to another user")
    for path in (repo.root, f"{repo.root}/.git"):
        os.chown(path, 12345, 12345)
    os.unlink(repo.path(".git/index"))
    assert hook.before("mkdir notes").decision == "deny"
