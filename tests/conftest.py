"""What every test gets: a home of its own, an environment without git variables, a repository."""

import dataclasses
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from safe_rollback.core.gate.runner import Git
from safe_rollback.core.remembered import forget_all
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.desk import Desk
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo, copied, make_repo


@pytest.fixture
def anyio_backend() -> str:
    """Coroutine tests run on asyncio."""
    return "asyncio"


@pytest.fixture(autouse=True, scope="session")
def _unsynced() -> Iterator[None]:
    """No power fails while tests run, and waiting for disks takes much of their time; steps are still counted."""
    argv = Git.argv

    def unsynced(self: Git, *args: str) -> list[str]:
        return argv(dataclasses.replace(self, settings=(*self.settings, "core.fsync=none")), *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        patch.setattr(Git, "argv", unsynced)
        yield


_numbers = itertools.count()


def _folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A new directory with a short name. To number it, pytest would read through all that there are, each time."""
    return factory.mktemp(f"{name}{next(_numbers)}", numbered=False)


@pytest.fixture(autouse=True)
def _hermetic(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    # Repositories of tests have the same objects.
    forget_all()
    home = _folder(tmp_path_factory, "home")
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_", "CLAUDE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Hana Human\n\temail = hana@example.com\n[init]\n\tdefaultBranch = main\n"
        "[commit]\n\tgpgSign = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
    )


@pytest.fixture(scope="session")
def _first_repo() -> list[Repo]:
    return []


@pytest.fixture
def own_tmp(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary files go to a directory that no other test writes to."""
    monkeypatch.setenv("TMPDIR", str(_folder(tmp_path_factory, "t")))
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def repo(tmp_path_factory: pytest.TempPathFactory, _first_repo: list[Repo]) -> Repo:
    """A repository with a few commits on `main`. Its path is short: one of a socket has at most 107 bytes."""
    if not _first_repo:
        _first_repo.append(make_repo(str(_folder(tmp_path_factory, "first") / "project")))
    return copied(_first_repo[0], str(_folder(tmp_path_factory, "r") / "project"))


@pytest.fixture
def workspace(repo: Repo) -> Iterator[Workspace]:
    """That repository, opened, with a fixed clock."""
    opened = open_workspace(repo.root, FixedClock())
    yield opened
    opened.close()


@pytest.fixture
def desk(workspace: Workspace) -> Desk:
    """One call of a tool; make a new one (`Desk(workspace)`) for each further call."""
    return Desk(workspace)
