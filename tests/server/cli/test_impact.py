"""`safe-rollback impact`: the reach of a rollback on a terminal, for programs and as a drawing."""

import pytest

from tests.harness.repo import Repo
from tests.server.cli.here import Cli
from tests.server.cli.test_commands import data


@pytest.fixture(autouse=True)
def _files(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "feature/x")
    repo.commit("Base", {"app/__init__.py": "", "app/job.py": "import os\n"})
    repo.commit("Add", {"app/db.py": "def connect(url):\n    return url\n"})
    repo.commit("Use", {"app/job.py": "from app.db import connect\n\nconnect('x')\n"})


def test_it_says_who_breaks_and_what_goes_along(cli: Cli) -> None:
    said = cli("impact", "HEAD~1").out
    assert "will_break" in said and "line 1: from app.db import connect" in said
    assert "Not alone" in said and "→" in said


def test_programs_get_the_whole_answer(cli: Cli) -> None:
    found = data(cli("impact", "HEAD~1", "--json"))
    assert found["dependents"][0]["via"][0]["from"] == "app/job.py"


@pytest.mark.parametrize(
    ("kind", "first", "arrow"),
    [("--mermaid", "flowchart LR", "n1 -->|import| n0"), ("--dot", "digraph impact {", 'n1 -> n0 [label="import"];')],
)
def test_it_draws(cli: Cli, kind: str, first: str, arrow: str) -> None:
    lines = cli("impact", "HEAD~1", kind).out.splitlines()
    assert lines[0] == first
    assert arrow in {line.strip() for line in lines}


def test_one_form_at_a_time(cli: Cli) -> None:
    ran = cli("impact", "HEAD", "--dot", "--json")
    assert ran.code == 2 and "Take one" in ran.err


def test_paths_alone_ask_who_would_miss_them(cli: Cli) -> None:
    assert "app/job.py" in cli("impact", "--path", "app/db.py").out
