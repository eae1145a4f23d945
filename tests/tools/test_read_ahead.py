"""Reading ahead: what a plan needs is there before anybody asks, and nothing else is different."""

import sys
from typing import Any

import pytest

from safe_rollback.core.remembered import forget_all
from safe_rollback.core.workspace import Workspace
from safe_rollback.impact import library
from safe_rollback.inventory import inventory
from safe_rollback.tools import reach
from safe_rollback.tools import read_ahead as module
from safe_rollback.tools.blast_radius import blast_radius
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.read_ahead import read_ahead
from tests.core.revert.kit import agent_commit, begin, plan
from tests.harness.repo import Repo

FILES = {"app/__init__.py": "", "app/db.py": "def close():\n    pass\n", "app/job.py": "from app.db import close\n"}
MORE = {
    "app/db.py": FILES["app/db.py"] + "\n\ndef connect(url):\n    return url\n",
    "app/end.py": "import os\n\nfrom app.db import connect\n\nconnect(os.environ['DB_URL'])\n",
}


@pytest.fixture
def session(repo: Repo, workspace: Workspace) -> None:
    """One with two commits."""
    repo.commit("Base", FILES)
    begin(workspace)
    agent_commit(workspace, repo, "More", MORE)
    agent_commit(workspace, repo, "Even more", {"app/db.py": MORE["app/db.py"] + "\n\nVALUE = 1\n"})


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a server that has just started."""
    forget_all()
    monkeypatch.setattr(reach, "_last", None)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read from now on."""
    seen: list[str] = []
    for place, name in ((library, "said_of"), (library, "define"), (library, "uses_in"), (inventory, "_detected")):
        usual = getattr(place, name)

        def noted(*given: Any, usual: Any = usual, name: str = name) -> Any:
            if name != "_detected" or given[1]:
                seen.append(name)
            return usual(*given)

        monkeypatch.setattr(place, name, noted)
    return seen


def test_a_plan_finds_everything_read(
    repo: Repo, workspace: Workspace, session: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_plan, slow_radius = plan(workspace, "session"), blast_radius(Desk(workspace), "session")
    forget(monkeypatch)
    before = repo.state()
    assert read_ahead(workspace)
    assert repo.state() == before
    read = counted(monkeypatch)
    fast_plan, fast_radius = plan(workspace, "session"), blast_radius(Desk(workspace), "session")
    assert read == []
    assert fast_plan.impact == slow_plan.impact and fast_plan.inventory == slow_plan.inventory
    assert slow_plan.inventory.touched == ["environment"]
    assert fast_radius.model_copy(update={"duration_ms": slow_radius.duration_ms}) == slow_radius


def test_without_it_the_same_would_be_read(
    workspace: Workspace, session: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(monkeypatch)
    read = counted(monkeypatch)
    plan(workspace, "session")
    assert {"said_of", "define", "_detected"} <= set(read)


def test_before_the_first_commit_the_files_are_read(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("Base", FILES)
    begin(workspace)
    assert read_ahead(workspace)
    read = counted(monkeypatch)
    blast_radius(Desk(workspace), paths=["app/job.py"])
    assert "said_of" not in read


def test_without_a_session_and_in_a_large_project_nothing_is_read(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = counted(monkeypatch)
    assert not read_ahead(workspace)
    begin(workspace)
    monkeypatch.setattr(module, "MOST_FILES", 1)
    assert not read_ahead(workspace)
    assert read == []


def test_threads_take_turns_as_usual_afterwards(
    workspace: Workspace, session: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, during = sys.getswitchinterval(), list[float]()
    taken = module.radius
    monkeypatch.setattr(
        module, "radius", lambda *given, **more: during.append(sys.getswitchinterval()) or taken(*given, **more)
    )
    assert read_ahead(workspace)
    assert during[0] < usual / 2
    assert sys.getswitchinterval() == usual
