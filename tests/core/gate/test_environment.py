"""What a caller's environment holds redirects nothing, and every git of ours is started hardened."""

import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing

import pytest

from safe_rollback.core.gate.environment import hardened, scrub_process, scrubbed, users
from safe_rollback.core.gate.gitpython import open_gitpython
from safe_rollback.core.gate.repository import open_repository
from safe_rollback.core.gate.runner import HARDENING_ARGS
from safe_rollback.core.history import History
from safe_rollback.core.ids import Oid, checkpoint_id
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.safe_revert import safe_revert
from safe_rollback.tools.start_session import start_session
from tests.core.transition.kit import keep, restore, take_back
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo, make_repo


def inherited(other: Repo, folder: str) -> dict[str, str]:
    """Everything git takes from the environment, pointed at another repository or at a program."""
    git = f"{other.root}/.git"
    return {
        "GIT_DIR": git,
        "GIT_WORK_TREE": other.root,
        "GIT_INDEX_FILE": f"{git}/index",
        "GIT_OBJECT_DIRECTORY": f"{git}/objects",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{git}/objects",
        "GIT_COMMON_DIR": git,
        "GIT_NAMESPACE": "elsewhere",
        "GIT_PREFIX": "src/",
        "GIT_CEILING_DIRECTORIES": os.path.dirname(other.root) + ":" + folder,
        "GIT_DISCOVERY_ACROSS_FILESYSTEM": "1",
        "GIT_CONFIG": f"{folder}/config",
        "GIT_CONFIG_GLOBAL": f"{folder}/config",
        "GIT_CONFIG_SYSTEM": f"{folder}/config",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "core.worktree",
        "GIT_CONFIG_VALUE_0": other.root,
        "GIT_CONFIG_KEY_1": "core.fsmonitor",
        "GIT_CONFIG_VALUE_1": f"{folder}/program",
        "GIT_CONFIG_PARAMETERS": f"'core.worktree={other.root}'",
        "GIT_DEFAULT_HASH": "sha256",
        "GIT_REPLACE_REF_BASE": "refs/heads/",
        "GIT_SHALLOW_FILE": f"{folder}/shallow",
        "GIT_QUARANTINE_PATH": folder,
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_GLOB_PATHSPECS": "1",
        "GIT_EXTERNAL_DIFF": f"{folder}/program",
        "GIT_SSH_COMMAND": f"{folder}/program",
        "GIT_PAGER": f"{folder}/program",
        "GIT_EDITOR": f"{folder}/program",
        "GIT_ASKPASS": f"{folder}/program",
        "GIT_PROXY_COMMAND": f"{folder}/program",
        "GIT_EXEC_PATH": folder,
        "GIT_TEMPLATE_DIR": folder,
        "GIT_TRACE": f"{folder}/trace",
        "GIT_TRACE2_EVENT": f"{folder}/trace2",
        "GIT_INDEX_VERSION": "4",
        "GIT_AUTHOR_NAME": "Somebody Else",
        "GIT_COMMITTER_EMAIL": "else@example.com",
        "GIT_PYTHON_GIT_EXECUTABLE": f"{folder}/program",
        "GIT_PYTHON_TRACE": "full",
        "EDITOR": f"{folder}/program",
        "VISUAL": f"{folder}/program",
        "PAGER": f"{folder}/program",
        "SSH_ASKPASS": f"{folder}/program",
    }


def cycle(repo: Repo) -> list[str]:
    """Checkpoint, edit, restore, undo, revert: the objects they made."""
    with closing(open_workspace(repo.root, FixedClock())) as workspace:
        first = keep(workspace)
        repo.write("src/app.py", "edited\n")
        repo.write("fresh.txt", "fresh\n")
        second = keep(workspace)
        restore(workspace, first)
        take_back(workspace)
        made = [find(workspace, checkpoint_id(one)) for one in (first, second)]
        with History(workspace) as history:
            names = [one.oid for one in history.between(None, Oid(repo.head()))]
        assert workspace.root == repo.root
        return [value for one in made for value in (one.worktree, one.index_tree, one.refs)] + list(names)


def test_no_inherited_variable_redirects_anything(
    repo: Repo, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = os.path.join(str(tmp_path), "env")
    os.mkdir(folder)
    other = make_repo(os.path.join(folder, "other"))
    other.write("src/app.py", "the other human's work\n")
    with open(f"{folder}/program", "w") as file:
        file.write(f"#!/bin/sh\necho ran >> {folder}/ran\n")
    os.chmod(f"{folder}/program", stat.S_IRWXU)
    with open(f"{folder}/config", "w") as file:
        file.write(f"[core]\n\tworktree = {other.root}\n\tfsmonitor = {folder}/program\n")
    twin = make_repo(os.path.join(folder, "twin"))
    expected = cycle(twin)
    untouched, files = other.state(), sorted(os.listdir(folder))
    with monkeypatch.context() as patch:
        for name, value in inherited(other, os.path.dirname(repo.root)).items():
            patch.setenv(name, value.replace(os.path.dirname(repo.root), folder))
        made = cycle(repo)
    assert made == expected
    assert other.state() == untouched and other.git("for-each-ref", "refs/safe-rollback") == ""
    assert sorted(os.listdir(folder)) == files
    assert repo.state().files == twin.state().files


def test_the_three_environments_keep_what_git_needs_and_nothing_of_gits() -> None:
    source = {"PATH": "/bin", "HOME": "/h", "GIT_DIR": "/x", "GITHUB_TOKEN": "t", "PAGER": "p", "LANG": "de_DE.UTF-8"}
    assert scrubbed(source) == {"PATH": "/bin", "HOME": "/h", "GITHUB_TOKEN": "t", "LANG": "de_DE.UTF-8"}
    for variables in (hardened(), users()):
        assert variables["GIT_TERMINAL_PROMPT"] == "0" and variables["LC_ALL"] == "C"
    assert hardened()["GIT_ALLOW_PROTOCOL"] == "" and hardened()["GIT_CONFIG_GLOBAL"] == os.devnull
    assert "GIT_CONFIG_GLOBAL" not in users()
    assert hardened({"GIT_INDEX_FILE": "/mine"})["GIT_INDEX_FILE"] == "/mine"


def test_this_process_itself_is_freed_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/x")
    monkeypatch.setenv("GITHUB_TOKEN", "t")
    scrub_process()
    assert "GIT_DIR" not in os.environ and os.environ["GITHUB_TOKEN"] == "t"


_WITNESS = """#!{python}
import json, os, sys
with open({log!r}, "a") as file:
    file.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
os.execv({git!r}, ["git", *sys.argv[1:]])
"""


@pytest.fixture
def witness(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> str:
    """A `git` that writes down how it was started, and then is git; where it writes."""
    folder, log = (os.path.join(str(tmp_path), name) for name in ("bin", "log"))
    os.mkdir(folder)
    real = next(path for one in os.environ["PATH"].split(":") if os.access(path := os.path.join(one, "git"), os.X_OK))
    with open(os.path.join(folder, "git"), "w") as file:
        file.write(_WITNESS.format(python=sys.executable, log=log, git=real))
    os.chmod(os.path.join(folder, "git"), stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return log


def started(log: str) -> list[tuple[list[str], Mapping[str, str]]]:
    with open(log) as file:
        return [(argv, env) for argv, env in map(json.loads, file)]


def is_hardened(argv: list[str], env: Mapping[str, str]) -> bool:
    wanted = list(HARDENING_ARGS)
    within = any(argv[at : at + len(wanted)] == wanted for at in range(len(argv)))
    # These two a caller may relax: our own index may be refreshed, /etc/gitattributes be read.
    fixed = {
        name: value for name, value in hardened().items() if name not in ("GIT_OPTIONAL_LOCKS", "GIT_ATTR_NOSYSTEM")
    }
    named = any(word.startswith("--git-dir=/") for word in argv)
    return within and named and fixed.items() <= env.items()


def plain(argv: list[str]) -> bool:
    """The three starts that have to see the user's configuration or none: each reads, and runs nothing."""
    return (
        argv == ["version"]
        or (argv[:3] == ["-c", "safe.bareRepository=explicit", "rev-parse"])
        or (argv[0].startswith("--git-dir=/") and argv[1:] == ["config", "--list", "--show-scope", "-z"])
    )


def test_every_git_that_is_started_is_hardened(repo: Repo, witness: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = repo.commit("to be reverted", {"src/more.py": "x = 1\n"})
    os.unlink(witness)
    with closing(open_workspace(repo.root, FixedClock())) as workspace:
        start_session(Desk(workspace), "work")
        keep(workspace)
        plan = plan_rollback(Desk(workspace), commit, "no good")
        safe_revert(Desk(workspace), plan.plan_id, plan.digest)
        take_back(workspace)
        end_session(Desk(workspace), "done")
    calls = started(witness)
    assert len(calls) > 20
    assert [argv for argv, env in calls if not plain(argv) and not is_hardened(argv, env)] == []
    for argv, env in calls:
        assert not {"GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG_COUNT"} & set(env), argv


def test_gitpython_starts_git_only_through_the_gate(
    repo: Repo, witness: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_workspace(repo.root, FixedClock())) as workspace:
        os.unlink(witness)
        monkeypatch.setenv("GIT_DIR", "/nowhere")
        with closing(open_gitpython(workspace.repository)) as python:
            assert [one.hexsha for one in python.iter_commits("HEAD")] == repo.git("rev-list", "HEAD").split()
            assert python.commit("HEAD").tree["README.md"].data_stream.read() == repo.read("README.md")
            assert python.git.rev_parse("HEAD", with_extended_output=True)[0] == 0
            assert "commit" in python.git.cat_file("--batch-check", istream=io.BytesIO(b"HEAD\n"))
            assert python.git.version_info >= (2, 38)
            assert python.merge_base("HEAD", "HEAD~1")[0].hexsha == repo.git("rev-parse", "HEAD~1")
            assert [one.name for one in python.branches] == ["main"]
            assert not python.is_dirty()
    mine = [(argv, env) for argv, env in started(witness) if "GIT_AUTHOR_DATE" not in env]
    assert len(mine) >= 6
    assert [argv for argv, env in mine if not is_hardened(argv, env)] == []


@pytest.mark.parametrize(
    "arguments",
    [("git status; touch ran", {}), (["git", "status"], {"shell": True}), (["git", "status"], {"output_stream": 1})],
)
def test_gitpython_gets_no_shell_and_no_string_as_a_command(
    repo: Repo, arguments: tuple[object, dict[str, object]]
) -> None:
    with closing(open_gitpython(open_repository(repo.root))) as python, pytest.raises(TypeError, match="no shell"):
        python.git.execute(arguments[0], **arguments[1])
    assert not repo.exists("ran")


def test_even_what_gitpython_starts_while_it_loads_is_ours(repo: Repo, tmp_path: object) -> None:
    folder = os.path.join(str(tmp_path), "env")
    os.mkdir(folder)
    with open(f"{folder}/program", "w") as file:
        file.write(f"#!/bin/sh\necho ran >> {folder}/ran\n")
    os.chmod(f"{folder}/program", stat.S_IRWXU)
    env = {"GIT_PYTHON_GIT_EXECUTABLE": f"{folder}/program", "GIT_TRACE": f"{folder}/trace", "GIT_DIR": folder}
    done = subprocess.run(
        [sys.executable, "-m", "safe_rollback", "log", "--root", repo.root],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert os.listdir(folder) == ["program"]
