"""A project's own detectors, from its protocol and from installed packages."""

from importlib.metadata import EntryPoint

import pytest

from safe_rollback.core.inventory import CustomDetector
from safe_rollback.inventory import custom, inventory
from safe_rollback.inventory.changes import Changes
from safe_rollback.inventory.custom import brought, custom_items
from safe_rollback.inventory.detector import Domain
from safe_rollback.inventory.inventory import take
from safe_rollback.inventory.model import Item
from tests.inventory.kit import Story, names, only

JOBS = CustomDetector(
    id="job", paths=("jobs/*.yml",), pattern=r"^job: (?P<name>\S+)( every \d+)?", domain="third_party",
    action="unschedule {name}", inverse="schedule {name}", verify="cron show {name}",
)  # fmt: skip


def test_what_comes_goes_and_changes_is_an_item(story: Story) -> None:
    changes = story.changes(
        {"jobs/a.yml": "job: one every 5\njob: two\njob: same\n", "other.yml": "job: x\n"},
        {"jobs/a.yml": "job: same\njob: one every 9\njob: three\n", "other.yml": "job: y\n"},
    )
    found = list(custom_items(changes, JOBS))
    assert names(found) == ["job one changed", "job three added", "job two removed"]
    three = next(one for one in found if one.name == "three")
    assert (three.action.text, three.inverse.text, three.verify) == (
        "unschedule three", "schedule three", "cron show three",
    )  # fmt: skip
    assert (three.evidence[0].path, three.evidence[0].line) == ("jobs/a.yml", 3)


def test_a_line_that_moved_and_a_line_without_end_are_no_trouble(story: Story) -> None:
    changes = story.changes({"jobs/a.yml": "job: one\nx\n"}, {"jobs/a.yml": "x" * 100_000 + "\njob: one"})
    assert list(custom_items(changes, JOBS)) == []


def found_flag(_: Changes) -> list[Item]:
    """A detector of another package."""
    return [Item(domain="feature_flags", kind="flag", name="theirs", change="added")]


THEIRS = Domain(name="feature_flags", detect=found_flag)
NOTHING = "not a domain"


def test_installed_packages_bring_domains(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint(name=name, value=f"{__name__}:{name}", group=custom.GROUP)
        for name in ("THEIRS", "NOTHING", "MISSING")
    ]
    monkeypatch.setattr(custom, "entry_points", lambda group: [one for one in points if one.group == group])
    monkeypatch.setattr(inventory, "DOMAINS", ())
    changes = story.changes({}, {"a": "1"})
    assert brought(changes) == [THEIRS]
    assert {one.subject for one in changes.unknowns} == {"NOTHING", "MISSING"}
    assert only(take(story.since("HEAD")).items).name == "theirs"
