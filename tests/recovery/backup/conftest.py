"""The command line on the test's repository."""

import pytest

from tests.harness.repo import Repo
from tests.server.cli.here import Cli


@pytest.fixture
def cli(repo: Repo, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs commands about `repo`."""
    return Cli(repo.root, capsys)
