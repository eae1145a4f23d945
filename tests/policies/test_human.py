"""What only a human gives: minted once, spent once, bound to its place, brought by no repository."""

import os
import shutil

import pytest

from safe_rollback.core.ledger.events import CommandTrusted, GrantMinted, GrantUsed
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.policies.human import mint, spend, trust, trusted
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo

LINE = "git push --force origin feature"


def state_dir() -> str:
    (folder,) = os.listdir(base := os.path.join(os.environ["HOME"], ".local", "state", "safe-rollback"))
    return os.path.join(base, folder)


def test_a_grant_is_spent_once(workspace: Workspace) -> None:
    minted = mint(workspace, "command", LINE)
    assert spend(workspace, "command", LINE, None) == minted
    assert spend(workspace, "command", LINE, None) is None
    assert [one.event.grant for one in workspace.ledger.records(GrantMinted)] == [minted.id]
    assert [one.event.grant for one in workspace.ledger.records(GrantUsed)] == [minted.id]


def test_two_grants_are_two(workspace: Workspace) -> None:
    first, second = mint(workspace, "gate", "pytest"), mint(workspace, "gate", "pytest")
    spent = {spend(workspace, "gate", "pytest", "s"), spend(workspace, "gate", "pytest", "s")}
    assert spent == {first, second}
    assert spend(workspace, "gate", "pytest", "s") is None


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("command", f"{LINE} "), ("command", "git push --force"), ("gate", LINE), ("plan", LINE), ("command", "")],
)
def test_a_grant_is_for_exactly_one_thing(workspace: Workspace, kind: str, subject: str) -> None:
    mint(workspace, "command", LINE)
    assert spend(workspace, kind, subject, None) is None
    assert spend(workspace, "command", LINE, None) is not None, "and is still there"


def test_a_commands_grant_ends_when_head_moves(repo: Repo, workspace: Workspace) -> None:
    mint(workspace, "command", LINE)
    before = repo.head()
    repo.commit("Moved", {"README.md": "moved\n"})
    assert spend(workspace, "command", LINE, None) is None
    repo.git("reset", "-q", "--soft", before)
    assert spend(workspace, "command", LINE, None) is not None


def test_other_grants_outlive_a_commit(repo: Repo, workspace: Workspace) -> None:
    for kind in ("gate", "sensitive", "plan"):
        mint(workspace, kind, "x")
    repo.commit("Moved", {"README.md": "moved\n"})
    assert all(spend(workspace, kind, "x", None) for kind in ("gate", "sensitive", "plan"))


def test_a_grant_holds_in_one_worktree(repo: Repo, workspace: Workspace) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", "../side")
    other = open_workspace(f"{repo.root}/../side", FixedClock())
    try:
        for kind in ("command", "gate", "sensitive", "plan"):
            mint(workspace, kind, LINE)
            assert spend(other, kind, LINE, None) is None
            assert spend(workspace, kind, LINE, None) is not None
    finally:
        other.close()


def test_trust_is_in_an_exact_text(workspace: Workspace) -> None:
    assert trusted(workspace) == frozenset()
    trust(workspace, ["pytest -x", "ruff check ."])
    trust(workspace, ["pytest -x"])
    assert trusted(workspace) == {"pytest -x", "ruff check ."}
    assert [one.event.text for one in workspace.ledger.records(CommandTrusted)][:2] == ["pytest -x", "ruff check ."]


def test_trust_in_one_repository_is_none_in_another(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trust(workspace, ["pytest -x"])
    copy = str(tmp_path_factory.mktemp("copy") / "project")
    shutil.copytree(workspace.root, copy, symlinks=True)
    other = open_workspace(copy, FixedClock())
    try:
        assert trusted(other) == frozenset()
    finally:
        other.close()


def test_the_record_is_the_users_own_and_outside_the_repository(workspace: Workspace) -> None:
    mint(workspace, "gate", "x")
    trust(workspace, ["y"])
    folder = state_dir()
    assert os.stat(folder).st_mode & 0o077 == 0
    for name in ("grants.json", "trust.json"):
        assert os.stat(os.path.join(folder, name)).st_mode & 0o077 == 0


@pytest.mark.parametrize("relative", ["", "state", ".", "../state", "project/.git"])
def test_a_repository_that_brings_a_state_directory_grants_nothing(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, relative: str
) -> None:
    mint(workspace, "gate", "evil")
    trust(workspace, ["evil"])
    brought = state_dir()
    name = os.path.basename(brought)
    for place in ("", "state", ".local/state", ".git", ".git/safe-rollback", "../state", "project/.git"):
        shutil.copytree(brought, os.path.join(repo.root, place, "safe-rollback", name), dirs_exist_ok=True)
        shutil.copytree(brought, os.path.join(repo.root, place), dirs_exist_ok=True)
    shutil.rmtree(brought)
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("XDG_STATE_HOME", relative)
    assert trusted(workspace) == frozenset()
    assert spend(workspace, "gate", "evil", None) is None


def test_an_absolute_state_directory_of_the_user_counts(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = str(tmp_path_factory.mktemp("state"))
    monkeypatch.setenv("XDG_STATE_HOME", base)
    trust(workspace, ["y"])
    assert trusted(workspace) == {"y"}
    assert os.listdir(base) == ["safe-rollback"]


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"texts": 5}', '{"texts": [5, "y"]}'])
def test_a_damaged_record_trusts_nothing_it_does_not_say(workspace: Workspace, damage: str) -> None:
    trust(workspace, ["x"])
    with open(os.path.join(state_dir(), "trust.json"), "w") as file:
        file.write(damage)
    assert trusted(workspace) == ({"y"} if "y" in damage else set())


@pytest.mark.parametrize("damage", ["", "[]", '{"grant-1": 5}', '{"grant-1": {"kind": "gate", "subject": "x"}}'])
def test_a_damaged_grant_is_none(workspace: Workspace, damage: str) -> None:
    mint(workspace, "gate", "x")
    with open(os.path.join(state_dir(), "grants.json"), "w") as file:
        file.write(damage)
    assert spend(workspace, "gate", "x", None) is None
    mint(workspace, "gate", "x")
    assert spend(workspace, "gate", "x", None) is not None
