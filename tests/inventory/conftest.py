"""A story to tell detectors."""

import pytest

from safe_rollback.core.workspace import Workspace
from tests.harness.repo import Repo
from tests.inventory.kit import Story


@pytest.fixture
def story(repo: Repo, workspace: Workspace) -> Story:
    """An empty story."""
    return Story(repo, workspace)
