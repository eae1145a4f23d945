"""Programs that came with a repository: each named as the exact text a human would trust."""

import hashlib
import os

import pytest

from safe_rollback.core.errors import RefusedError
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import trust
from safe_rollback.policies.repocode import configured_code, hooks
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.run_git import run_git
from tests.harness.repo import Repo

HOOK = "#!/bin/sh\nexit 0\n"


def named(name: str, content: str = HOOK) -> str:
    return f"hook {name} sha256:{hashlib.sha256(content.encode()).hexdigest()}"


def test_a_plain_repository_brings_none(workspace: Workspace) -> None:
    assert (configured_code(workspace), hooks(workspace)) == ([], [])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("core.fsmonitor", "./evil"),
        ("core.sshCommand", "evil"),
        ("core.editor", "evil"),
        ("core.pager", "evil"),
        ("core.askPass", "evil"),
        ("diff.external", "evil"),
        ("diff.x.textconv", "evil"),
        ("diff.x.command", "evil"),
        ("merge.x.driver", "evil %A"),
        ("filter.x.clean", "evil"),
        ("filter.x.smudge", "evil"),
        ("filter.x.process", "evil"),
        ("gpg.program", "evil"),
        ("gpg.ssh.program", "evil"),
        ("gpg.ssh.defaultKeyCommand", "evil"),
        ("credential.helper", "!evil"),
        ("credential.https://x.helper", "evil"),
        ("pager.log", "evil"),
        ("sequence.editor", "evil"),
        ("interactive.diffFilter", "evil"),
        ("tar.x.command", "evil"),
        ("trailer.x.command", "evil"),
        ("remote.x.uploadpack", "evil"),
        ("url.ext::evil.insteadOf", "https://x"),
        ("submodule.x.update", "!evil"),
        ("hook.x.command", "evil"),
        ("alias.st", "!evil"),
    ],
)
def test_settings_that_make_git_run_a_program_are_named_whole(
    repo: Repo, workspace: Workspace, key: str, value: str
) -> None:
    repo.git("config", key, value)
    (text,) = configured_code(workspace)
    assert text.lower() == f"{key}={value}".lower()
    assert text.endswith(f"={value}")


@pytest.mark.parametrize(
    ("key", "value"),
    [("core.fsmonitor", "true"), ("core.fsmonitor", "false"), ("alias.st", "status"), ("user.name", "x")],
)
def test_settings_that_run_nothing_are_not(repo: Repo, workspace: Workspace, key: str, value: str) -> None:
    repo.git("config", key, value)
    assert configured_code(workspace) == []


def test_the_users_own_settings_need_no_trust(repo: Repo, workspace: Workspace) -> None:
    repo.git("config", "--global", "core.pager", "less")
    repo.git("config", "--global", "alias.x", "!echo")
    assert configured_code(workspace) == []


def test_hooks_that_can_run_are_named_by_their_content(repo: Repo, workspace: Workspace) -> None:
    repo.write(".git/hooks/pre-commit", HOOK, 0o755)
    repo.write(".git/hooks/pre-push", HOOK, 0o644)
    repo.write(".git/hooks/post-merge.sample", HOOK, 0o755)
    os.makedirs(repo.path(".git/hooks/folder"))
    assert hooks(workspace) == [named("pre-commit")]
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\nevil\n", 0o755)
    assert hooks(workspace) == [named("pre-commit", "#!/bin/sh\nevil\n")]


def test_hooks_are_looked_for_where_the_repository_says(repo: Repo, workspace: Workspace) -> None:
    repo.write(".git/hooks/pre-commit", HOOK, 0o755)
    repo.write(".husky/commit-msg", HOOK, 0o755)
    repo.git("config", "core.hooksPath", ".husky")
    assert hooks(workspace) == [named("commit-msg")]


def test_hooks_the_user_chose_for_all_repositories_need_no_trust(repo: Repo, workspace: Workspace) -> None:
    repo.write("mine/pre-commit", HOOK, 0o755)
    repo.git("config", "--global", "core.hooksPath", str(os.fsdecode(repo.path("mine"))))
    assert hooks(workspace) == []


def test_git_runs_nothing_of_a_repository_until_that_exact_text_is_trusted(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature/x")
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\ntouch ran\n", 0o755)
    commit = ["commit", "-q", "--allow-empty", "-m", "x"]
    before = repo.state()
    with pytest.raises(RefusedError, match="safe-rollback trust"):
        run_git(Desk(workspace), commit)
    assert repo.state() == before
    trust(workspace, hooks(workspace))
    assert run_git(Desk(workspace), commit).exit_code == 0
    assert repo.exists("ran")
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\ntouch ran again\n", 0o755)
    with pytest.raises(RefusedError, match="trusted-code-only"):
        run_git(Desk(workspace), commit)
