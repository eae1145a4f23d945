"""`[inventory]` of the protocol."""

import pytest

from safe_rollback.core.inventory import CustomDetector, InventorySettings, LiveSource
from safe_rollback.policies.protocol.model import from_data
from safe_rollback.policies.protocol.reading import parse

BLOCK = """\
Some text.

```toml safe-rollback
[session]
max_files = 5
[inventory]
artifacts = ["dist/**"]
[[inventory.live]]
kind = "postgres"
url_env = "DATABASE_URL"
options = { schema = "shop" }
[[inventory.custom]]
id = "job"
paths = ["jobs/*.yml"]
pattern = "name: (?P<name>.*)"
domain = "third_party"
action = "remove {name} from the scheduler"
```
"""


def test_all_of_it_is_read_and_named_with_its_line() -> None:
    reading = parse(BLOCK, "CLAUDE.md")
    assert reading.problems == []
    assert reading.protocol.inventory == InventorySettings(
        artifacts=("dist/**",),
        live=(LiveSource(kind="postgres", name="postgres", url_env="DATABASE_URL", options={"schema": "shop"}),),
        custom=(
            CustomDetector(
                id="job",
                paths=("jobs/*.yml",),
                pattern="name: (?P<name>.*)",
                domain="third_party",
                action="remove {name} from the scheduler",
            ),
        ),
    )
    assert [(one.rule, one.line) for one in reading.enforced] == [("files-per-session", 5), ("inventory", 6)]
    assert from_data(reading.protocol.to_data()) == reading.protocol


def test_a_protocol_pinned_before_there_was_an_inventory_still_reads() -> None:
    data = parse(BLOCK, "CLAUDE.md").protocol.to_data()
    del data["inventory"]
    assert from_data(data).inventory == InventorySettings()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("[inventory]\nartefacts = []", "has no key artefacts"),
        ("[inventory]\nartifacts = 'dist'", "takes a list of texts"),
        ("[inventory]\nlive = 'x'", "[[inventory.live]]"),
        ("[[inventory.live]]\nkind = 'oracle'", "'oracle' is no kind of live source"),
        ("[[inventory.live]]\nkind = 'postgres'\nurl = 'postgres://me:secret@host/db'", "has no key url"),
        ("[[inventory.live]]\nkind = 'postgres'\nurl_env = 'postgres://me@host'", "name environment variable"),
        ("[[inventory.live]]\nkind = 'sqlite'\npath = '../other.db'", "is not inside of the worktree"),
        ("[[inventory.live]]\nkind = 'redis'\n[[inventory.live]]\nkind = 'redis'", "a second live source redis"),
        ("[[inventory.live]]\nkind = 'postgres'\noptions = { schema = 3 }", "options takes texts"),
        ("[[inventory.custom]]\nid = 'A b'\npaths = ['a']\npattern = 'x'\ndomain = 'ci'\naction = 'x'", "short name"),
        ("[[inventory.custom]]\nid = 'a'\npaths = []\npattern = 'x'\ndomain = 'ci'\naction = 'x'", "paths takes"),
        (
            "[[inventory.custom]]\nid = 'a'\npaths = ['a']\npattern = '('\ndomain = 'ci'\naction = 'x'",
            "does not compile",
        ),
        (
            "[[inventory.custom]]\nid = 'a'\npaths = ['a']\npattern = 'x'\ndomain = 'cloud'\naction = 'x'",
            "is none of",
        ),
        ("[[inventory.custom]]\nid = 'a'\npaths = ['a']\npattern = 'x'\ndomain = 'ci'", "action says"),
    ],
)
def test_what_does_not_read_is_named_with_its_line(rows: str, says: str) -> None:
    reading = parse(f"```toml safe-rollback\n{rows}\n```\n", "CLAUDE.md")
    (problem,) = reading.problems
    assert says in problem
    assert problem.startswith("CLAUDE.md: Line 2")
