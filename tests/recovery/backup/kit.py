"""Bundles made and brought back, as on two machines."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.backup.seal import seal
from safe_rollback.recovery.backup.write import write_bundle
from safe_rollback.tools.desk import Desk
from tests.harness.repo import Repo
from tests.server.cli.here import Cli, Ran


def bundled(workspace: Workspace, folder: Path, *, private: bool = False) -> str:
    """A backup of a repository, as the command makes it."""
    desk = Desk(workspace)
    seal(workspace, desk.chain, desk.policy)
    return write_bundle(workspace, str(folder / "backup.bundle"), private=private, force=True).path


def other_machine(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """From here on there is another home, with nothing in it but a name."""
    home = folder / "other-home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    (home / ".gitconfig").write_text("[user]\n\tname = Other\n\temail = other@example.com\n")


def brought_back(cli: Cli, bundle: str, into: Path, checkpoint: str = "") -> Repo:
    """`restore [checkpoint] --from-bundle … --into …`, which has to work."""
    ran = cli.plain("restore", *filter(None, [checkpoint]), "--from-bundle", bundle, "--into", str(into))
    assert ran.code == 0, ran
    return Repo(str(into))


def data(ran: Ran) -> Any:
    """The JSON of a command that went well."""
    assert ran.code == 0, ran
    return json.loads(ran.out)


def everything_of_git(root: str) -> dict[str, bytes]:
    """Every file of a git directory but those of our state directory."""
    found = {}
    top = os.path.join(root, ".git")
    for folder, folders, names in os.walk(top):
        folders[:] = [one for one in folders if folder != top or one != "safe-rollback"]
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[path] = file.read()
    return found
