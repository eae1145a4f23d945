"""Fixtures of the hook tests."""

import pytest

from tests.harness.repo import Repo
from tests.policies.githooks.kit import Hooked, on_path, put_in


@pytest.fixture
def hooked(repo: Repo, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Hooked:
    """The repository, with a protocol and the hooks."""
    on_path(monkeypatch, str(tmp_path_factory.mktemp("bin")))
    protocol = (
        '[session]\nmax_files = 2\n[protect]\nbranches = ["main"]\npaths = ["bin/**"]\nsensitive = ["auth/**"]\n'
    )
    repo.commit("Rules", {"CLAUDE.md": f"```toml safe-rollback\n{protocol}```\n"})
    put_in(repo.root)
    return Hooked(repo.root)
