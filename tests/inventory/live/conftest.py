"""A provider and programs for tests."""

from collections.abc import Iterator

import pytest

from tests.inventory.live.provider import Provider
from tests.inventory.live.provider import provider as running
from tests.inventory.live.tools import Tools


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that knows nothing yet."""
    with running() as found:
        yield found


@pytest.fixture
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """Programs that say what they are told."""
    return Tools(tmp_path_factory.mktemp("tools") / "t")
