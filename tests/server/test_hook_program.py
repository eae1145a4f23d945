"""The installed hook program: a shell script that starts Python without what an answer does not need."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest
import tree_sitter
import tree_sitter_bash

from tests.harness.repo import Repo
from tests.server.clients.payloads import claude

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"


class Installed:
    """What a package installer leaves in a prefix.

    Args:
        prefix: an empty directory.
        version: of the directory the packages stand in.
    """

    def __init__(self, prefix: str, version: str = VERSION) -> None:
        self.bin = os.path.join(prefix, "bin")
        self.packages = os.path.join(prefix, "lib", version, "site-packages")
        os.makedirs(self.bin)
        os.makedirs(self.packages)
        self.program = os.path.join(self.bin, "safe-rollback-hook")
        shutil.copy(os.path.join(ROOT, "src", "bin", "safe-rollback-hook"), self.program)
        os.symlink(os.path.realpath(sys.executable), os.path.join(self.bin, "python3"))
        os.symlink(os.path.join(ROOT, "src", "safe_rollback"), os.path.join(self.packages, "safe_rollback"))
        for module in (tree_sitter, tree_sitter_bash):
            folder = os.path.dirname(os.path.abspath(str(module.__file__)))
            os.symlink(folder, os.path.join(self.packages, os.path.basename(folder)))
        other = os.path.join(self.bin, "safe-rollback")
        with open(other, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\necho "safe-rollback $*"\n')
        os.chmod(other, 0o755)

    def run(
        self, argv: Sequence[str], cwd: str, event: Mapping[str, object], env: Mapping[str, str] | None = None
    ) -> str:
        """What it prints, for an event."""
        done = subprocess.run(
            argv, cwd=cwd, input=json.dumps(event), capture_output=True, text=True, env={**os.environ, **(env or {})}
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def event(repo: Repo) -> dict[str, object]:
    repo.write("README.md", "mine\n")
    given = {"command": "git reset --hard"}
    return claude("PreToolUse", "Bash", given, cwd=repo.root, tool_use_id="call-1")


def test_it_answers(repo: Repo, tmp_path: str, event: dict[str, object]) -> None:
    installed = Installed(os.path.join(tmp_path, "prefix"))
    said = json.loads(installed.run([installed.program, "claude-code"], repo.root, event))
    assert said["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_links_to_it_and_names_with_spaces_lead_to_it(repo: Repo, tmp_path: str, event: dict[str, object]) -> None:
    """Tools that install programs for one user put links into a directory of their own."""
    installed = Installed(os.path.join(tmp_path, "a prefix"))
    links = os.path.join(tmp_path, "my links")
    os.mkdir(links)
    os.symlink(os.path.relpath(installed.program, links), os.path.join(links, "one"))
    os.symlink("one", os.path.join(links, "safe-rollback-hook"))
    path = f"{links}{os.pathsep}{os.environ['PATH']}"
    by_name = installed.run(["sh", "-c", "safe-rollback-hook claude-code"], repo.root, event, {"PATH": path})
    assert json.loads(by_name)["hookSpecificOutput"]["permissionDecision"] == "deny"
    by_path = installed.run([os.path.join(links, "safe-rollback-hook"), "claude-code"], repo.root, event)
    assert by_path == by_name


def test_nothing_of_the_environment_gets_into_it(repo: Repo, tmp_path: str, event: dict[str, object]) -> None:
    installed = Installed(os.path.join(tmp_path, "prefix"))
    mark = os.path.join(tmp_path, "ran")
    evil = os.path.join(tmp_path, "evil")
    os.makedirs(os.path.join(evil, "safe_rollback"))
    code = f"open({mark!r}, 'w').close()\nraise SystemExit(0)\n"
    for path in ("safe_rollback/__init__.py", "sitecustomize.py", "json.py"):
        with open(os.path.join(evil, path), "w", encoding="utf-8") as file:
            file.write(code)
    with open(os.path.join(installed.packages, "slow.pth"), "w", encoding="utf-8") as file:
        file.write(f"import os; {code.splitlines()[0]}\n")
    said = installed.run([installed.program, "claude-code"], evil, event, {"PYTHONPATH": evil, "PYTHONSTARTUP": evil})
    assert json.loads(said)["hookSpecificOutput"]["permissionDecision"] == "deny"
    assert not os.path.exists(mark)


@pytest.mark.parametrize("wrong", ["version", "place", "python"])
def test_where_the_package_stands_elsewhere_the_other_program_answers(
    repo: Repo, tmp_path: str, event: dict[str, object], wrong: str
) -> None:
    installed = Installed(os.path.join(tmp_path, "prefix"), "python3.1" if wrong == "version" else VERSION)
    if wrong == "place":
        os.unlink(os.path.join(installed.packages, "safe_rollback"))
    elif wrong == "python":
        os.unlink(os.path.join(installed.bin, "python3"))
    assert installed.run([installed.program, "git", "pre-push", "a b"], repo.root, event) == (
        "safe-rollback answer-hook git pre-push a b\n"
    )


def test_a_library_that_stands_elsewhere_is_looked_for(repo: Repo, event: dict[str, object]) -> None:
    """Here it is found as usual Python finds it: in the environment the tests run in."""
    code = (
        "import sys\n"
        f"sys.path.append({os.path.join(ROOT, 'src')!r})\n"
        "sys.argv = ['safe-rollback-hook', 'claude-code']\n"
        "from safe_rollback.server.hook import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=repo.root,
        input=json.dumps(event),
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny", done.stderr


def test_the_command_line_answers_as_the_program_does(repo: Repo, event: dict[str, object]) -> None:
    argv = [sys.executable, "-m", "safe_rollback", "answer-hook", "claude-code"]
    done = subprocess.run(argv, cwd=repo.root, input=json.dumps(event), capture_output=True, text=True)
    assert json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny", done.stderr
