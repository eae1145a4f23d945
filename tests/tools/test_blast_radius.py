"""blast_radius: the reach of a rollback, for an agent that is about to ask for one."""

import json
import time
from contextlib import closing
from pathlib import Path

import pytest

from safe_rollback.core.errors import InvalidInputError, SafeRollbackError
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools import blast_radius as tool
from safe_rollback.tools.blast_radius import ROWS, blast_radius
from safe_rollback.tools.desk import Desk
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo

FILES = {
    "app/__init__.py": "",
    "app/db.py": "def close():\n    pass\n",
    "app/job.py": "from app import db\n\ndb.close()\n",
}


@pytest.fixture
def added(repo: Repo) -> str:
    """A commit that adds a function, which the next one uses."""
    repo.git("switch", "-q", "-c", "feature/x")
    repo.commit("Base", FILES)
    commit = repo.commit("Add", {"app/db.py": FILES["app/db.py"] + "\n\ndef connect(url):\n    return url\n"})
    repo.commit("Use", {"app/end.py": "from app.db import connect\n\nconnect('x')\n"})
    return commit


def test_who_uses_what_goes_is_named_with_the_line(repo: Repo, workspace: Workspace, added: str) -> None:
    before = repo.state()
    found = blast_radius(Desk(workspace), added)
    assert found.changed == ["app/db.py"]
    (broken,) = [one for one in found.dependents if one.tier == "will_break"]
    data = broken.model_dump(mode="json")
    assert data["path"] == "app/end.py"
    assert data["via"][0] == {
        "from": "app/end.py", "to": "app/db.py", "line": 1, "kind": "import", "names": ["connect"],
        "text": "from app.db import connect",
    }  # fmt: skip
    assert (found.will_break, found.coverage.level) == (1, "exact")
    assert repo.state() == before


def test_the_commit_that_uses_it_comes_along(repo: Repo, workspace: Workspace, added: str) -> None:
    found = blast_radius(Desk(workspace), added)
    assert found.minimum_revert_set is not None
    assert found.minimum_revert_set.commits == [repo.head(), added]
    assert found.minimum_revert_set.proven
    assert [one.kind for one in found.commit_dependencies] == ["symbol"]
    assert found.cascades[0].why == ["uses connect in app/end.py"]
    assert found.revert_order[0] == ["app/end.py"]
    assert "Not alone" in found.advice[0]


def test_the_last_one_goes_alone(repo: Repo, workspace: Workspace, added: str) -> None:
    found = blast_radius(Desk(workspace), "HEAD")
    assert (found.dependents, found.cascades) == ([], [])
    assert found.advice == ["Nothing that was read needs it: it can be taken out alone."]


def test_paths_alone_ask_who_would_miss_them(workspace: Workspace, added: str) -> None:
    found = blast_radius(Desk(workspace), paths=["app/db.py"])
    assert {one.path for one in found.dependents if one.tier == "will_break"} == {"app/end.py", "app/job.py"}
    assert found.minimum_revert_set is None


def test_uncommitted_files_are_dependents_too(repo: Repo, workspace: Workspace, added: str) -> None:
    repo.write("app/new.py", "from app.db import connect\n")
    found = blast_radius(Desk(workspace), added)
    assert "app/new.py" in {one.path for one in found.dependents if one.tier == "will_break"}


def test_what_nobody_can_read_is_never_called_safe(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature/x")
    repo.commit("Odd", {"data.odd": "x\n"})
    found = blast_radius(Desk(workspace), "HEAD")
    assert found.coverage.level == "unresolved"
    assert not any("alone" in said for said in found.advice)


def test_what_a_partial_clone_lacks_is_told_and_the_rest_answered(repo: Repo, added: str, tmp_path: Path) -> None:
    repo.commit(
        "More", {"app/db.py": FILES["app/db.py"].replace("close", "shut") + "\n\ndef connect(url):\n    pass\n"}
    )
    repo.git("config", "uploadpack.allowFilter", "true")
    path = str(tmp_path / "partial")
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.root}", path)
    with closing(open_workspace(path, FixedClock())) as workspace:
        for target in (added, f"{added}~1..HEAD"):
            found = blast_radius(Desk(workspace), target)
            assert "app/db.py" in found.changed
            assert found.coverage.level == "partial"
            assert any(note.path == "app/db.py" and "not here" in note.why for note in found.coverage.files)
            # Of what it would offer then nothing is known, so nothing is said to break.
            assert found.will_break == 0


def test_a_file_of_countless_imports_costs_little_and_is_told(repo: Repo, workspace: Workspace, added: str) -> None:
    line = "; ".join(f"import a{number}" for number in range(100_000))
    commit = repo.commit("Absurd", {"app/absurd.py": f"from app.db import connect\n{line}\n"})
    started = time.process_time()
    found = blast_radius(Desk(workspace), commit)
    assert time.process_time() - started < 5
    assert found.changed == ["app/absurd.py"] and found.coverage.level == "partial"
    assert "only the first" in found.coverage.files[0].why


def test_long_answers_come_in_pages(repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("switch", "-q", "-c", "feature/x")
    users = {f"app/u{number:02}.py": "from app.db import close\n" for number in range(7)}
    repo.commit("Base", {**FILES, **users})
    monkeypatch.setattr(tool, "ROWS", 5)
    first = blast_radius(Desk(workspace), paths=["app/db.py"])
    assert (len(first.dependents), first.will_break, first.next_page) == (5, 8, 2)
    second = blast_radius(Desk(workspace), paths=["app/db.py"], page=2)
    assert (len(second.dependents), second.next_page) == (3, None)
    assert not {one.path for one in first.dependents} & {one.path for one in second.dependents}
    assert ROWS == 50


@pytest.mark.parametrize("arguments", [{"target": "no-such-thing"}, {"paths": ["missing.py"]}, {}], ids=json.dumps)
def test_bad_input_says_what_to_do(workspace: Workspace, arguments: dict[str, object]) -> None:
    with pytest.raises(SafeRollbackError) as caught:
        blast_radius(Desk(workspace), **arguments)  # type: ignore[arg-type]
    assert caught.value.hint
    assert isinstance(caught.value, InvalidInputError) or arguments == {}


def test_who_calls_a_class_is_found_though_it_never_says_init(repo: Repo, workspace: Workspace) -> None:
    before = "class Starter:\n    def __init__(self, root):\n        self.root = root\n"
    repo.git("switch", "-q", "-c", "feature/y")
    repo.commit("Base", {"app/__init__.py": "", "app/start.py": before})
    after = before.replace("root):\n", "root, alone=False):\n")
    commit = repo.commit("Alone", {"app/start.py": after})
    repo.commit("Use", {"app/run.py": "from app.start import Starter\n\nStarter('x', alone=True)\n"})
    found = blast_radius(Desk(workspace), commit)
    (broken,) = [one for one in found.dependents if one.tier == "likely"]
    assert broken.path == "app/run.py"
    assert [(one.line, one.names) for one in broken.via] == [(3, ["Starter.__init__"])]


def test_what_is_reached_through_a_package_is_found(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature/z")
    files = {
        "app/__init__.py": "from . import jobs, store\n",
        "app/jobs.py": "",
        "app/store.py": "class Box:\n    def open(self): ...\n",
        "plain/__init__.py": "",
        "plain/hand.py": "from app import store\n",
    }
    repo.commit("Base", files)
    commit = repo.commit("Clear", {"app/store.py": files["app/store.py"] + "\n\ndef clear(key):\n    return key\n"})
    uses = {
        "main.py": "import app as models\n\nmodels.store.clear('x')\n",
        "other.py": "import app\n\napp.store.Box()\napp.jobs.clear()\n",
        "third.py": "from plain import hand\n\nhand.store.clear('x')\n",
    }
    repo.commit("Use", uses)
    found = blast_radius(Desk(workspace), commit)
    (broken,) = [one for one in found.dependents if one.tier == "will_break"]
    assert (broken.path, broken.distance) == ("main.py", 2)
    assert [(one.line, one.names, one.text) for one in broken.via] == [
        (3, ["store.clear"], "models.store.clear('x')"),
    ]
    assert [one.path for one in found.dependents if one.tier == "likely"] == []
