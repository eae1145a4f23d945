"""`safe-rollback inventory` and `close`: what was touched beyond the code, for a person and for a program."""

import pytest

from tests.harness.repo import Repo
from tests.server.cli.here import Cli
from tests.server.cli.test_commands import data

RULES = """\
```toml safe-rollback
[[inventory.custom]]
id = "partner"
paths = ["partners.txt"]
pattern = "^partner (?P<name>.+)$"
domain = "third_party"
action = "tell {name}"
```
"""


@pytest.fixture(autouse=True)
def _files(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "feature/x")
    repo.commit("Rules", {"CLAUDE.md": RULES})
    repo.commit("Partner", {"partners.txt": "partner Acme\n"})


def test_it_says_what_was_touched_and_the_way_back(cli: Cli) -> None:
    said = cli("inventory", "HEAD").out
    assert "added partner Acme" in said and "partners.txt:1" in said and "back: tell Acme" in said
    assert "The way back:" in said


def test_programs_get_the_whole_answer_and_close_by_id(cli: Cli) -> None:
    found = data(cli("inventory", "HEAD", "--json"))
    (item,) = [row for domain in found["domains"] for row in domain["items"] if row["name"] == "Acme"]
    refused = cli("close", item["id"])
    assert refused.code == 2 and "Say in evidence what you saw" in refused.err
    closed = cli("close", item["id"], "--evidence", "Acme wrote back")
    assert closed.code == 0 and f"{item['id']} Acme: done" in closed.out
    assert "done" in cli("inventory", "HEAD").out


def test_only_a_grant_from_a_terminal_waives(cli: Cli) -> None:
    found = data(cli("inventory", "HEAD", "--json"))
    (item,) = [row for domain in found["domains"] for row in domain["items"] if row["name"] == "Acme"]
    ran = cli("close", item["id"], "waived")
    assert ran.code == 3 and f"grant --waive {item['id']}" in ran.err
    assert cli("grant", "--waive", item["id"]).code == 3  # no terminal here
    assert cli("grant", "--waive", "item-0000000000").code == 2
