"""What our own domains found for the same objects is not looked for again."""

import dataclasses
from collections.abc import Iterator

import pytest

from safe_rollback.core.remembered import forget_all
from safe_rollback.inventory import inventory as module
from safe_rollback.inventory.changes import Changes
from safe_rollback.inventory.detector import Domain
from safe_rollback.inventory.inventory import take
from safe_rollback.inventory.model import Item
from tests.inventory.kit import Story

BEFORE = {"src/app.ts": "export const url = process.env.API_URL;\n"}
STEP = {"src/app.ts": "export const url = process.env.API_URL + process.env.PORT;\n"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Changes]]:
    """Each time that the domains are asked, and with a file that cannot be read if the changes say so."""
    times: list[Changes] = []

    def detect(changes: Changes) -> Iterator[Item]:
        times.append(changes)
        if any(delta.path == "odd" for delta in changes.deltas):
            changes.unread("code", "odd", "it is odd")
        yield from ()

    forget_all()
    monkeypatch.setattr(module, "DOMAINS", (*module.DOMAINS, Domain(name="code", detect=detect)))
    yield times
    forget_all()


def again(changes: Changes) -> Changes:
    """The same, for another call."""
    return dataclasses.replace(changes, unknowns=[])


def test_the_same_objects_are_looked_at_once(story: Story, asked: list[Changes]) -> None:
    changes = story.changes(BEFORE, STEP)
    first, second = take(changes), take(again(changes))
    assert first == second and {"PORT"} <= {item.name for item in first.items}
    assert len(asked) == 1


def test_other_objects_and_another_way_to_hide_values_are_looked_at(story: Story, asked: list[Changes]) -> None:
    changes = story.changes(BEFORE, STEP, {"x": "1\n"})
    take(changes)
    take(dataclasses.replace(again(changes), deltas=changes.deltas[:1]))
    take(dataclasses.replace(again(changes), hide=lambda _: "hidden"))
    take(dataclasses.replace(again(changes), after=changes.before))
    assert len(asked) == 4


def test_what_could_not_be_read_is_tried_again(story: Story, asked: list[Changes]) -> None:
    changes = story.changes(BEFORE, {"odd": "1\n"})
    first, second = take(changes), take(again(changes))
    assert len(asked) == 2
    assert [one.subject for one in first.unknowns] == [one.subject for one in second.unknowns] == ["odd"]


def test_only_the_newest_are_remembered(story: Story, asked: list[Changes]) -> None:
    steps = [{"x": f"{number}\n"} for number in range(module._MAX_KNOWN + 1)]
    changes = story.changes(BEFORE, *steps)
    for number in range(len(steps)):
        take(dataclasses.replace(again(changes), deltas=changes.deltas[number : number + 1]))
    take(dataclasses.replace(again(changes), deltas=changes.deltas[-1:]))
    assert len(asked) == len(steps)
    take(dataclasses.replace(again(changes), deltas=changes.deltas[:1]))
    assert len(asked) == len(steps) + 1


def test_what_a_minifier_made_is_not_parsed(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("safe_rollback.inventory.reading.calls.parse", parsed)
    rows = "process.env.AB; cache.get('x'); app.post('/webhook'); useFlag('x');\n" * 40
    found = take(story.changes({"web/a.min.js": rows}, {"web/a.min.js": rows + "process.env.CD;\n"}))
    assert found.unknowns == ()
    assert {item.domain for item in found.items} == {"code", "artifacts"}
