"""`backup`, `restore --from-bundle` and what `prune` says about backups, on the command line."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.core.workspace import open_workspace
from tests.core.snapshot.support import keep, opened
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.harness.terminal import on_terminal
from tests.server.cli.here import Cli, Ran


def data(ran: Ran) -> Any:
    assert ran.code == 0, ran
    return json.loads(ran.out)


def test_a_bundle_is_written_and_brought_back(repo: Repo, cli: Cli, tmp_path: Path) -> None:
    repo.write("notes.txt", "untracked\n")
    bundle, new = str(tmp_path / "b"), str(tmp_path / "new")
    shown = data(cli("backup", "--bundle", bundle, "--dry-run", "--json"))
    assert shown["checkpoints"] == 0 and not os.path.exists(bundle)
    ran = cli("backup", "--bundle", bundle)
    assert ran.code == 0 and "keeps the state of now" in ran.out and "--into" in ran.out, ran
    again = data(cli("backup", "--bundle", bundle, "--json"))
    assert again["checkpoints"] == 1 and again["checkpoint_id"] is None
    made = data(cli.plain("restore", "at-main.1", "--from-bundle", bundle, "--into", new, "--json"))
    assert made["restored"]["verified"] and made["checkpoints"][0]["checkpoint_id"] == "at-main.1"
    assert Repo(new).state().files == repo.state().files
    text = cli.plain("restore", "--from-bundle", bundle, "--into", str(tmp_path / "other"))
    assert text.code == 0 and "at-main.1" in text.out and "worktree is empty" in text.out


def test_a_checkpoint_of_a_bundle_is_restored_in_a_clone_after_a_plan(repo: Repo, cli: Cli, tmp_path: Path) -> None:
    repo.git("clone", "-q", repo.root, str(tmp_path / "clone"))
    repo.write("README.md", "edited\n")
    cli("backup", "--bundle", str(tmp_path / "b"))
    clone = Cli(str(tmp_path / "clone"), cli._capture)
    ran = clone("restore", "at-main.1", "--from-bundle", str(tmp_path / "b"))
    assert ran.code == 0 and "README.md" in ran.out and "Nothing was changed" in ran.out, ran
    assert clone("restore", "at-main.1", "--yes").code == 0
    assert Repo(clone.root).read("README.md") == b"edited\n"


def test_ignored_files_go_along_after_a_person_typed_the_code(repo: Repo, cli: Cli, tmp_path: Path) -> None:
    repo.write(".gitignore", ".env\n")
    repo.write(".env", "API_KEY=abcdef-0123456789\n")
    bundle = str(tmp_path / "b")
    ran = cli("backup", "--bundle", bundle, "--with-private")
    assert ran.code == 3 and "terminal" in ran.err and not os.path.exists(bundle)
    ended = on_terminal(repo.root, "backup", "--bundle", bundle, "--with-private")
    assert ended.code == 0, ended
    assert cli.plain("restore", "at-main.1", "--from-bundle", bundle, "--into", str(tmp_path / "new")).code == 0
    assert Repo(str(tmp_path / "new")).read(".env") == repo.read(".env")


def test_a_push_says_what_went_what_differs_and_what_was_refused(repo: Repo, cli: Cli, tmp_path: Path) -> None:
    remote = str(tmp_path / "remote.git")
    repo.git("init", "-q", "--bare", remote)
    repo.git("remote", "add", "backup", remote)
    shown = data(cli("backup", "--push", "backup", "--dry-run", "--json"))
    assert shown["new"] == [] and shown["dry_run"]
    ran = cli("backup", "--push", "backup")
    assert ran.code == 0 and "new" in ran.out and "1 checkpoint" in ran.out, ran
    assert data(cli("backup", "--push", "backup", "--json"))["same"] == 1
    Repo(remote).git("update-ref", "refs/safe-rollback/sessions/at-main", repo_object(Repo(remote)))
    ran = cli("backup", "--push", "backup")
    assert ran.code == 4 and "differs" in ran.out
    repo.git("update-ref", "refs/safe-rollback/archive/20260101-000000-1/refs/heads/x", "HEAD")
    Repo(remote).git("config", "receive.hideRefs", "refs/safe-rollback/archive")
    ran = cli("backup", "--push", "backup")
    assert ran.code == 1 and "refused" in ran.out and "hidden ref" in ran.out


def repo_object(remote: Repo) -> str:
    """A commit that only the remote has."""
    tree = remote.git("mktree", stdin=b"")
    return remote.git("commit-tree", "-m", "theirs", tree)


def test_what_cannot_be_meant_is_a_bad_argument(repo: Repo, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.root)
    for line in (
        "backup",
        "backup --bundle x --push y",
        "backup --push origin --with-private",
        "backup --push nowhere",
        "backup --bundle .git/x",
        "restore",
        "restore --into x",
        "restore at-main.1 README.md --from-bundle x",
        "restore --from-bundle README.md",
        "restore nonsense --from-bundle README.md --into x",
    ):
        ran = cli(*line.split())
        assert (ran.code, ran.out) == (2, "") and ran.err, line


def test_pruning_says_which_checkpoints_no_backup_has(repo: Repo, cli: Cli, tmp_path: Path) -> None:
    old = open_workspace(repo.root, FixedClock())
    first, _ = keep(old), keep(old)
    old.close()
    with opened(repo):
        shown = data(cli("prune", "--dry-run", "--keep", "1d", "--json"))
    assert shown["dropped"] == shown["not_backed_up"] == [first.id]
    assert "not backed up" in cli("prune", "--dry-run", "--keep", "1d").out
    assert cli("backup", "--bundle", str(tmp_path / "b")).code == 0
    shown = data(cli("prune", "--dry-run", "--keep", "1d", "--json"))
    assert shown["dropped"] == [first.id] and shown["not_backed_up"] == []
