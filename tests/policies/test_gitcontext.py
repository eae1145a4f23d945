"""What the analysis knows of a real repository, and that what it calls reading changes nothing there."""

import dataclasses
import shlex
import subprocess

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.gitcontext import context_of
from safe_rollback.policies.shell.analysis import analyse
from tests.harness.repo import Repo
from tests.policies.shell import test_git_refs, test_git_worktree
from tests.policies.shell.near import REVISIONS, effects


def test_aliases_settings_branch_and_revisions_are_the_repositorys(repo: Repo, workspace: Workspace) -> None:
    repo.git("config", "alias.Undo", "reset --hard")
    repo.git("config", "--global", "alias.far", "undo")
    repo.git("config", "Pull.Rebase", "true")
    repo.git("branch", "feature")
    repo.git("update-ref", "refs/remotes/origin/only/there", "HEAD")
    repo.write("notes", "x\n")
    context = context_of(workspace)
    assert context.branch == "main"
    assert context.value("pull.rebase") == "true"
    assert effects("git far", context) == {"worktree.discard"}
    assert effects("git UNDO", context) == {"worktree.discard"}
    assert effects("git checkout feature", context) == {"head.move"}
    assert effects("git checkout HEAD~1", context) == {"head.move"}
    assert effects("git checkout only/there", context) == {"head.move"}
    assert effects("git checkout notes", context) == {"worktree.discard"}
    assert effects("git checkout README.md", context) == {"worktree.discard"}
    assert effects("git reset README.md", context) == {"file.write"}
    assert effects("git reset feature", context) == {"ref.rewrite"}
    assert effects("git pull", context) == {"history.rewrite"}


@pytest.mark.parametrize("word", ["", "-f", "--all", "a b", "$(x)", "\0", "HEAD\n", "x" * 5000])
def test_no_word_is_taken_for_an_option_or_breaks_the_question(workspace: Workspace, word: str) -> None:
    known = context_of(workspace).is_revision
    assert known is not None
    assert not known(word)


def test_a_detached_head_has_no_branch(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "--detach")
    assert context_of(workspace).branch is None


def _reading() -> list[str]:
    table = [*test_git_worktree.rows(test_git_worktree.HARMLESS), *test_git_worktree.rows(test_git_refs.ALLOWED)]
    return [command for command, _, found in (row.rpartition(" : ") for row in table) if found == "state.read"]


def test_what_the_table_calls_reading_changes_nothing_in_a_dirty_repository(repo: Repo) -> None:
    repo.git("branch", "feature")
    repo.git("tag", "v1")
    repo.git("remote", "add", "origin", repo.root)
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.write("src/app.py", "edited\n")
    repo.write("README.md", "staged\n")
    repo.git("add", "README.md")
    repo.write("README.md", "staged and edited\n")
    repo.write("new/untracked.txt", "untracked\n")
    repo.write("build/ignored.o", "ignored\n")
    repo.write("fix.patch", repo.diff("--", "src/app.py") + "\n")
    before = repo.state()
    reading = _reading()
    assert len(reading) > 60
    for command in reading:
        argv = shlex.split(command)
        quiet = {"capture_output": True, "stdin": subprocess.DEVNULL}
        subprocess.run(argv, cwd=repo.root, check=False, timeout=30, **quiet)  # type: ignore[call-overload]
        assert repo.state() == before, command


DESTROYS = [
    "git reset --h",
    "git reset $'--hard'",
    "git checkout -- .",
    "git checkout README.md",
    "git clean --f",
    "git clean -fdx -- . clean -n",
    "git clean -f -e -n",
    "git -c clean.requireForce= clean",
    "git -c alias.x='!git reset --hard' x",
    "git status # careful \\\ngit reset --hard",
    "git log \\\\\ngit reset --hard",
    "git diff | git apply -R",
    "git ls-files -m | xargs git checkout --",
    "git fetch -q --upload-pack='git reset --hard;' .",
    "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=clean.requireForce GIT_CONFIG_VALUE_0=false git clean",
    "bash <<'EOF'\ngit reset --hard\nEOF\n",
    "git reset --{hard,quiet}",
]


@pytest.mark.parametrize("command", DESTROYS)
def test_what_really_destroys_work_in_bash_is_refused_or_unknown(
    repo: Repo, workspace: Workspace, command: str
) -> None:
    repo.write("README.md", "an afternoon of work\n")
    repo.write("untracked.txt", "untracked\n")
    found = {one.effect for one in analyse(command, context_of(workspace))}
    before = repo.files()
    subprocess.run(["bash", "-c", command], cwd=repo.root, capture_output=True, check=False, timeout=30)
    assert repo.files() != before, "it does destroy"
    assert found & {"worktree.discard", "worktree.delete", "unknown"}


def test_the_table_is_read_with_the_words_it_was_written_for() -> None:
    words = {word for row in _reading() for word in shlex.split(row)}
    assert words & REVISIONS
    assert dataclasses.is_dataclass(analyse("git status")[0])
