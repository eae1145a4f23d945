"""The scripts go in front of what stands there, and come out with nothing left behind."""

import os
import stat

import pytest

from safe_rollback.core.errors import InvalidInputError
from safe_rollback.core.workspace import open_workspace
from safe_rollback.policies.githooks.install import install, remove
from safe_rollback.policies.githooks.status import status
from safe_rollback.policies.repocode import hooks
from tests.harness.repo import Repo
from tests.policies.githooks.kit import AGENT, Hooked, on_path, put_in, session

OTHER = '#!/bin/sh\necho "earlier $0 $*" >> "$LOG"\n[ -t 0 ] || cat >> "$LOG"\nexit ${CODE:-0}\n'


@pytest.fixture
def plain(repo: Repo, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Hooked:
    """A repository without hooks, a program on PATH, a log for other tools' hooks."""
    on_path(monkeypatch, str(tmp_path_factory.mktemp("bin")))
    monkeypatch.setenv("LOG", str(tmp_path_factory.mktemp("log") / "log"))
    return Hooked(repo.root)


def logged() -> str:
    """What other tools' hooks said since the last look."""
    try:
        with open(os.environ["LOG"]) as file:
            said = file.read()
        os.unlink(os.environ["LOG"])
    except FileNotFoundError:
        return ""
    return said


def standing(hooked: Hooked) -> dict[str, tuple[int, str, bytes]]:
    """Everything about hooks: name → mode, link target, content."""
    found = {}
    top = os.path.join(hooked.root, ".git")
    for path in (f"{top}/config", *(f"{top}/hooks/{name}" for name in os.listdir(f"{top}/hooks"))):
        info = os.lstat(path)
        target = os.readlink(path) if stat.S_ISLNK(info.st_mode) else ""
        with open(path, "rb") as file:
            found[path] = (info.st_mode, target, file.read())
    return found


def take_out(root: str) -> list[str]:
    """Remove the hooks."""
    workspace = open_workspace(root)
    said = remove(workspace)
    workspace.close()
    return said


def states(root: str) -> dict[str, str]:
    """Hook → state."""
    workspace = open_workspace(root)
    found = {one.name: one.state for one in status(workspace)}
    workspace.close()
    return found


def protect(hooked: Hooked) -> None:
    """A session that a commit of an agent to README.md leaves."""
    session(hooked.root, paths=["src/**"])
    hooked.write("README.md", "new\n")
    hooked.git("add", "README.md")


def refused(hooked: Hooked) -> bool:
    """Whether our pre-commit runs."""
    return "declared-paths" in hooked.tell("commit", "-qm", "Outside", env=AGENT).err


def test_earlier_hooks_get_arguments_and_input_and_their_exit_code_counts(
    plain: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pre-commit", "commit-msg", "reference-transaction"):
        plain.write(f".git/hooks/{name}", OTHER, 0o755)
    plain.write("scripts/push hook", OTHER, 0o755)
    os.symlink("../../scripts/push hook", plain.path(".git/hooks/pre-push"))
    plain.write(".git/hooks/post-commit", OTHER, 0o644)
    before = standing(plain)
    put_in(plain.root)
    protect(plain)
    logged()
    assert refused(plain)
    assert "earlier" in logged()
    plain.tell("commit", "-qm", "By hand")
    said = logged()
    assert "commit-msg.before-safe-rollback .git/COMMIT_EDITMSG" in said
    assert "reference-transaction.before-safe-rollback committed" in said and " refs/heads/" in said
    plain.git("init", "-q", "--bare", "../origin.git")
    plain.tell("push", "-q", "../origin.git", "HEAD:refs/heads/topic")
    assert "pre-push.before-safe-rollback ../origin.git" in (said := logged()) and " refs/heads/topic 0000" in said
    monkeypatch.setenv("CODE", "7")
    assert plain.tell("commit", "-q", "--allow-empty", "-m", "No").code == 1
    assert take_out(plain.root) == []
    assert standing(plain) == before
    assert not plain.exists(".git/safe-rollback/hooks.json")


def test_installing_twice_is_installing_once_and_removing_nothing_is_an_error(plain: Hooked) -> None:
    before = standing(plain)
    put_in(plain.root)
    once = standing(plain)
    put_in(plain.root)
    assert standing(plain) == once != before
    take_out(plain.root)
    assert standing(plain) == before
    with pytest.raises(InvalidInputError, match="No hooks"):
        take_out(plain.root)


def test_repository_without_a_hooks_directory_has_none_afterwards(plain: Hooked) -> None:
    for name in os.listdir(plain.path(".git/hooks")):
        os.unlink(plain.path(b".git/hooks/" + name))
    os.rmdir(plain.path(".git/hooks"))
    put_in(plain.root)
    assert states(plain.root)["pre-commit"] == "active"
    take_out(plain.root)
    assert not plain.exists(".git/hooks")


@pytest.mark.parametrize("scope", ["--local", "--global"])
def test_directory_that_a_setting_names_is_passed_on_to_and_the_setting_comes_back(plain: Hooked, scope: str) -> None:
    """As husky sets it, or a user for all repositories."""
    for name in ("pre-commit", "commit-msg", "post-commit", "prepare-commit-msg"):
        plain.write(f".husky/it's _/{name}", OTHER, 0o755)
    value = ".husky/it's _" if scope == "--local" else os.path.join(plain.root, ".husky/it's _")
    plain.git("config", scope, "core.hooksPath", value)
    # As a person leaves it, not as git writes it.
    plain.write(".git/config", plain.read(".git/config").replace(b"\thooksPath = ", b"   HOOKSPATH="))
    before = standing(plain)
    put_in(plain.root)
    protect(plain)
    assert refused(plain)
    logged()
    plain.tell("commit", "-qm", "By hand")
    said = logged()
    for name in ("pre-commit", "commit-msg", "post-commit", "prepare-commit-msg"):
        assert f"{value}/{name}" in said, name
    assert set(states(plain.root).values()) == {"active"}
    assert take_out(plain.root) == []
    assert standing(plain) == before
    assert not plain.exists(".git/safe-rollback/hooks")


def test_other_settings_made_meanwhile_survive_the_removal(plain: Hooked) -> None:
    plain.write(".husky/_/pre-commit", OTHER, 0o755)
    plain.git("config", "core.hooksPath", ".husky/_")
    put_in(plain.root)
    plain.git("config", "color.ui", "never")
    take_out(plain.root)
    assert plain.git("config", "core.hooksPath") == ".husky/_"
    assert plain.git("config", "color.ui") == "never"


def test_setting_changed_back_by_its_tool_is_seen_and_mended_by_another_install(plain: Hooked) -> None:
    plain.write(".husky/_/pre-commit", OTHER, 0o755)
    put_in(plain.root)
    protect(plain)
    for _ in range(2):
        plain.git("config", "core.hooksPath", ".husky/_")
        assert states(plain.root)["core.hooksPath"] == "bypassed"
        put_in(plain.root)
        assert "core.hooksPath" not in states(plain.root)
        assert refused(plain)
        logged()
    take_out(plain.root)
    assert plain.git("config", "core.hooksPath") == ".husky/_"


def test_hook_that_precommit_moves_to_legacy_still_runs_and_comes_out(plain: Hooked) -> None:
    """`pre-commit install` renames what stands there, and its hook calls that first."""
    plain.write(".git/hooks/pre-commit", OTHER, 0o755)
    put_in(plain.root)
    protect(plain)
    os.rename(plain.path(".git/hooks/pre-commit"), plain.path(".git/hooks/pre-commit.legacy"))
    tool = '#!/bin/sh\n# generated by pre-commit\n"${0%/*}/pre-commit.legacy" "$@" || exit 1\n'
    plain.write(".git/hooks/pre-commit", tool, 0o755)
    assert states(plain.root)["pre-commit"] == "active"
    assert refused(plain) and "earlier" in logged()
    take_out(plain.root)
    assert plain.read(".git/hooks/pre-commit") == tool.encode()
    assert plain.read(".git/hooks/pre-commit.legacy") == OTHER.encode()
    assert not plain.exists(".git/hooks/pre-commit.before-safe-rollback")


def test_hook_that_lefthook_moves_to_old_is_seen_and_mended_by_another_install(plain: Hooked) -> None:
    put_in(plain.root)
    protect(plain)
    os.rename(plain.path(".git/hooks/pre-commit"), plain.path(".git/hooks/pre-commit.old"))
    plain.write(".git/hooks/pre-commit", OTHER, 0o755)
    assert states(plain.root)["pre-commit"] == "replaced"
    put_in(plain.root)
    assert states(plain.root)["pre-commit"] == "active"
    assert refused(plain) and "earlier" in logged()
    take_out(plain.root)
    assert plain.read(".git/hooks/pre-commit") == OTHER.encode()
    assert not plain.exists(".git/hooks/pre-commit.old")


def test_hook_written_over_ours_stays(plain: Hooked) -> None:
    put_in(plain.root)
    plain.write(".git/hooks/pre-push", OTHER, 0o755)
    assert states(plain.root)["pre-push"] == "changed"
    assert any("pre-push is not ours" in one for one in take_out(plain.root))
    assert plain.read(".git/hooks/pre-push") == OTHER.encode()


def test_hooks_directory_that_is_a_link_is_not_written_into(plain: Hooked) -> None:
    plain.write("../common/pre-commit", OTHER, 0o755)
    os.rename(plain.path(".git/hooks"), plain.path(".git/hooks-away"))
    os.symlink("../../common", plain.path(".git/hooks"))
    config = plain.read(".git/config")
    put_in(plain.root)
    protect(plain)
    assert refused(plain) and "earlier" in logged()
    assert os.listdir(plain.path("../common")) == [b"pre-commit"]
    take_out(plain.root)
    assert plain.read(".git/config") == config


def test_linked_worktree_installs_for_all_and_a_bare_repository_says_what_to_do(plain: Hooked) -> None:
    plain.git("worktree", "add", "-q", "../linked", "-b", "linked")
    before = standing(plain)
    put_in(f"{plain.root}/../linked")
    assert set(states(plain.root).values()) == {"active"}
    take_out(plain.root)
    assert standing(plain) == before
    plain.git("init", "-q", "--bare", "../bare.git")
    with pytest.raises(InvalidInputError):
        put_in(f"{plain.root}/../bare.git")


def test_setting_of_one_worktree_is_left_to_a_person(plain: Hooked) -> None:
    plain.git("config", "extensions.worktreeConfig", "true")
    plain.git("config", "--worktree", "core.hooksPath", "elsewhere")
    with pytest.raises(InvalidInputError, match="this worktree only"):
        put_in(plain.root)


def test_our_scripts_need_no_trust_and_those_behind_them_still_do(plain: Hooked) -> None:
    workspace = open_workspace(plain.root)
    plain.write(".git/hooks/pre-commit", OTHER, 0o755)
    (text,) = hooks(workspace)
    install(workspace)
    assert hooks(workspace) == [text]
    plain.write(".git/hooks/pre-push", plain.read(".git/hooks/pre-push") + b"evil\n")
    assert len(hooks(workspace)) == 2
    remove(workspace)
    plain.write("away/pre-commit", OTHER, 0o755)
    plain.git("config", "core.hooksPath", "away")
    install(workspace)
    assert hooks(workspace) == [text]
    workspace.close()
