"""A repository whose files are read by the toy language."""

import pytest

from safe_rollback.core.gate.objects import Entry
from safe_rollback.core.ids import oid
from safe_rollback.core.workspace import Workspace
from safe_rollback.impact.graph import Graph
from safe_rollback.impact.library import Library
from tests.harness.repo import Repo
from tests.impact.toy import TOY


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the toy language."""
    for module in ("graph", "breakage", "radius", "updating"):
        monkeypatch.setattr(
            f"safe_rollback.impact.{module}.language_of", lambda path: TOY if TOY.matches(path) else None
        )
    monkeypatch.setattr("safe_rollback.impact.store.LANGUAGES", (TOY,))
    monkeypatch.setattr("safe_rollback.impact.library._WHOLE", frozenset({TOY.name}))


class Trees:
    """Trees of a repository and their graphs."""

    def __init__(self, repo: Repo, workspace: Workspace) -> None:
        self.repo = repo
        self.library = Library(workspace.repository)

    def graph(self, revision: str = "HEAD") -> Graph:
        return self.library.graph(self.repo.git("rev-parse", f"{revision}^{{tree}}"))

    def changes(self, files: dict[str, str | None]) -> dict[str, Entry | None]:
        return {path: None if text is None else self.entry(text) for path, text in files.items()}

    def entry(self, text: str) -> Entry:
        name = self.repo.git("hash-object", "-w", "--stdin", stdin=text.encode())
        return Entry(mode="100644", oid=oid(name))


@pytest.fixture
def trees(repo: Repo, workspace: Workspace, toy: None) -> Trees:
    return Trees(repo, workspace)
