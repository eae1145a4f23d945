"""What a domain had nothing to say of is not read again, and the answer stays the same."""

import dataclasses
import os
from pathlib import Path

import pytest

from safe_rollback.core.remembered import forget_all
from safe_rollback.inventory import quiet as module
from safe_rollback.inventory.changes import Changes, Contents
from safe_rollback.inventory.inventory import take
from safe_rollback.inventory.quiet import FILE, MAX_BYTES, Quiet
from tests.inventory.kit import Story

BEFORE = {
    "src/app.ts": "import { flags } from './flags';\nexport const url = process.env.API_URL;\n",
    "src/flags.ts": "export const flags = { newMenu: false };\n",
    "src/cache.py": "import redis\nr = redis.Redis()\nr.set('user:1', 1)\n",
    "README.md": "# x\n",
}
STEPS = (
    {"src/app.ts": BEFORE["src/app.ts"] + "export const port = process.env.PORT;\n"},
    {"src/flags.ts": "export const flags = { newMenu: false, oldMenu: true };\n", "README.md": "# y\n"},
    {"src/other.ts": "export const nothing = 1;\n", "src/cache.py": BEFORE["src/cache.py"] + "x = 2\n"},
    {"src/other.ts": "export const nothing = 2;\n"},
)


@pytest.fixture
def changes(story: Story) -> Changes:
    """A small history."""
    return story.changes(BEFORE, *STEPS)


def asked(changes: Changes, folder: str | None) -> list[dict[str, object]]:
    """The inventory."""
    forget_all()
    return [item.to_data() for item in take(dataclasses.replace(changes, unknowns=[], quiet=Quiet(folder))).items]


def test_the_second_time_says_the_same(changes: Changes, tmp_path: Path) -> None:
    plain = asked(changes, None)
    first = asked(changes, str(tmp_path))
    assert os.path.getsize(tmp_path / FILE) > 0
    second = asked(changes, str(tmp_path))
    assert plain == first == second
    assert {"PORT", "oldMenu"} <= {item["name"] for item in plain}


def test_files_that_say_nothing_are_not_looked_at_again(changes: Changes, tmp_path: Path) -> None:
    asked(changes, str(tmp_path))
    known = Quiet(str(tmp_path))
    silent = {delta.path for delta in changes.deltas if known.holds("environment", delta)}
    assert "src/other.ts" in silent and "src/app.ts" not in silent


def test_other_code_other_sides_and_other_domains_do_not_fit(
    changes: Changes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delta = next(one for one in changes.deltas if one.path == "src/other.ts" and one.old)
    known = Quiet(str(tmp_path))
    known.add("caches", delta)
    known.save()
    assert Quiet(str(tmp_path)).holds("caches", delta)
    assert not Quiet(str(tmp_path)).holds("environment", delta)
    assert not Quiet(str(tmp_path)).holds("caches", dataclasses.replace(delta, old=None))
    monkeypatch.setattr(module, "_code", lambda: "another version")
    assert not Quiet(str(tmp_path)).holds("caches", delta)


def test_a_damaged_file_and_one_that_cannot_be_written_cost_time_only(changes: Changes, tmp_path: Path) -> None:
    plain = asked(changes, None)
    (tmp_path / FILE).write_bytes(b"torn")
    assert asked(changes, str(tmp_path)) == plain
    assert os.path.getsize(tmp_path / FILE) == 0
    (tmp_path / "file").write_text("in the way")
    assert asked(changes, str(tmp_path / "file")) == plain


def test_it_is_bounded(changes: Changes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"x" * MAX_BYTES)
    delta = changes.deltas[0]
    known = Quiet(str(tmp_path))
    known.add("caches", delta)
    known.save()
    assert os.path.getsize(tmp_path / FILE) <= MAX_BYTES
    assert Quiet(str(tmp_path)).holds("caches", delta)


def test_what_was_read_is_kept_and_what_could_not_be_is_said_each_time(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {"docker-compose.yml": "services:\n  web:\n    environment:\n      PORT: 1\n", ".env.example": "A=1\n"}
    first = story.changes(before, {"docker-compose.yml": "services: [", ".env.example": "A=1\nB=2\n"})
    second = story.changes(before, {"docker-compose.yml": "services: [", ".env.example": "A=1\nB=2\n", "x": "\n"})
    names = [sorted(item.name for item in take(one).items if item.domain == "environment") for one in (first, second)]
    subjects = [{one.subject for one in each.unknowns} for each in (first, second)]
    assert names[0] == names[1] and "B" in names[0]
    assert "docker-compose.yml" in subjects[0] & subjects[1]


def test_what_one_commit_could_not_say_is_not_taken_for_said_of_the_next(story: Story) -> None:
    good = "services:\n  web:\n    environment:\n      PORT: 1\n"
    name = "docker-compose.yml"
    changes = story.changes({name: good}, {name: f"{good}  bad: [\n"}, {name: good})
    second = dataclasses.replace(changes, deltas=changes.deltas[1:], unknowns=[])

    def unread() -> set[str]:
        found = take(dataclasses.replace(second, unknowns=[])).unknowns
        return {one.subject for one in found if one.domain == "environment"}

    assert unread() == {name}
    forget_all()
    take(changes)
    assert unread() == {name}


def test_what_was_not_there_is_asked_for_again(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = story.changes({".env.example": "A=1\n"}, {".env.example": "A=1\nB=2\n"})
    usual = Contents.of
    monkeypatch.setattr(Contents, "of", lambda *_: None)
    take(changes)
    monkeypatch.setattr(Contents, "of", usual)
    fresh = story.changes({".env.example": "A=1\n"}, {".env.example": "A=1\nB=2\n"}, {"x": "\n"})
    assert [item.name for item in take(fresh).items if item.domain == "environment"] == ["B"]
