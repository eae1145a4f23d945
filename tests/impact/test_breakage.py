"""What a change breaks, in tiers, with the line that proves it."""

import os

import pytest

from safe_rollback.impact.radius import Radius, radius
from tests.harness.repo import Repo
from tests.impact.conftest import Trees

BASE = {
    "lib.toy": "def one(x)\ndef two(y)\n",
    "named.toy": "need lib.toy: one\nsay one\n",
    "renamed.toy": "need lib.toy: one as first\nsay first\n",
    "whole.toy": "need lib.toy\nsay lib.one\n",
    "other.toy": "need lib.toy: two\nsay two\n",
    "far.toy": "need other.toy: x\n",
    "alone.toy": "def one(x)\nsay one\n",
}


def tiers(found: Radius) -> dict[str, str]:
    return {one.path: one.tier for one in (*found.dependents, *found.reachable)}


def look(repo: Repo, trees: Trees, files: dict[str, str], changes: dict[str, str | None]) -> Radius:
    repo.commit("Files", files)
    return radius(trees.library, trees.graph(), trees.changes(changes))


def test_a_name_that_goes_breaks_those_that_use_it_and_reaches_the_rest(repo: Repo, trees: Trees) -> None:
    found = look(repo, trees, BASE, {"lib.toy": "def two(y)\n"})
    assert tiers(found) == {
        "named.toy": "will_break",
        "renamed.toy": "will_break",
        "whole.toy": "will_break",
        "other.toy": "reachable",
        "far.toy": "reachable",
    }
    assert [one.distance for one in found.reachable] == [1, 2]
    (named,) = [one for one in found.dependents if one.path == "named.toy"]
    assert [(via.line, via.names, via.text) for via in named.via] == [
        (1, ("one",), "need lib.toy: one"),
        (2, ("one",), "say one"),
    ]


def test_a_name_whose_declaration_changes_is_likely_to_break_its_users(repo: Repo, trees: Trees) -> None:
    found = look(repo, trees, BASE, {"lib.toy": "def one(x, z)\ndef two(y)\n"})
    assert {path for path, tier in tiers(found).items() if tier == "likely"} == {
        "named.toy",
        "renamed.toy",
        "whole.toy",
    }


def test_a_change_inside_breaks_nobody(repo: Repo, trees: Trees) -> None:
    found = look(repo, trees, BASE, {"lib.toy": "def one(x)\ndef two(y)\nsay more\n"})
    assert set(tiers(found).values()) == {"reachable"}


def test_a_file_that_goes_breaks_everyone_who_needs_it(repo: Repo, trees: Trees) -> None:
    found = look(repo, trees, BASE, {"other.toy": None})
    assert tiers(found) == {"far.toy": "will_break"}


def test_a_file_that_comes_to_stand_where_the_name_leads_breaks_nobody(repo: Repo, trees: Trees) -> None:
    """Replaced in place: the reference finds the new file."""
    found = look(repo, trees, BASE, {"lib.toy": BASE["lib.toy"] + "\n"})
    assert "will_break" not in tiers(found).values()


def test_a_dependent_that_changes_too_is_judged_as_it_will_be(repo: Repo, trees: Trees) -> None:
    changes = {"lib.toy": "def two(y)\n", "named.toy": "need lib.toy: two\nsay two\n", "whole.toy": None}
    found = look(repo, trees, BASE, changes)
    assert {path for path, tier in tiers(found).items() if tier == "will_break"} == {"renamed.toy"}


def test_a_dependent_that_changes_and_still_uses_the_name_says_so(repo: Repo, trees: Trees) -> None:
    changes: dict[str, str | None] = {"lib.toy": "def two(y)\n"}
    changes["named.toy"] = "need lib.toy: one\n\nsay one\n"
    found = look(repo, trees, BASE, changes)
    (named,) = [one for one in found.dependents if one.path == "named.toy"]
    assert (named.tier, named.changes, [via.line for via in named.via]) == ("will_break", True, [1, 3])


def test_a_name_passed_on_breaks_those_who_take_it_there(repo: Repo, trees: Trees) -> None:
    files = {
        **BASE,
        "front.toy": "pass lib.toy: one as uno\n",
        "shop.toy": "need front.toy: uno\nsay uno\n",
    }
    found = look(repo, trees, files, {"lib.toy": "def two(y)\n"})
    (shop,) = [one for one in found.dependents if one.path == "shop.toy"]
    assert (shop.tier, shop.distance, shop.via[0].target) == ("will_break", 2, "front.toy")


def test_an_older_file_that_names_what_has_gone_since_breaks_itself(repo: Repo, trees: Trees) -> None:
    found = look(repo, trees, BASE, {"other.toy": "need lib.toy: three\n", "named.toy": "need gone.toy: x\n"})
    assert {one.path: (one.tier, one.via[0].names) for one in found.dependents} == {
        "other.toy": ("will_break", ("three",)),
        "named.toy": ("will_break", ("gone.toy",)),
    }


def test_cycles_end(repo: Repo, trees: Trees) -> None:
    files = {"a.toy": "pass b.toy: one\nneed c.toy\n", "b.toy": "pass a.toy: one\ndef one(x)\n"}
    files["c.toy"] = "need a.toy: one\n"
    found = look(repo, trees, files, {"b.toy": "say nothing\n"})
    assert tiers(found) == {"a.toy": "will_break", "c.toy": "will_break"}


@pytest.mark.parametrize(
    ("files", "changes", "level", "named"),
    [
        (BASE, {"lib.toy": "def two(y)\n"}, "exact", []),
        ({**BASE, "hurt.toy": "broken\n"}, {"lib.toy": "def two(y)\n"}, "partial", ["hurt.toy"]),
        ({**BASE, "lost.toy": "need old/lib.toy\n"}, {"lib.toy": "def two(y)\n"}, "partial", ["lost.toy"]),
        ({**BASE, "lost.toy": "need old/x.toy\n"}, {"lib.toy": "def two(y)\n"}, "exact", []),
        ({**BASE, "notes.odd": "x\n"}, {"notes.odd": None}, "unresolved", ["notes.odd"]),
    ],
    ids=["all read", "one does not read", "could mean it", "cannot mean it", "nobody reads it"],
)
def test_what_is_not_known_is_said(
    repo: Repo, trees: Trees, files: dict[str, str], changes: dict[str, str | None], level: str, named: list[str]
) -> None:
    coverage = look(repo, trees, files, changes).coverage
    assert (coverage.level, [path for path, _ in coverage.files]) == (level, named)


def test_three_files_with_two_dependents_each_are_about_nine(repo: Repo, trees: Trees) -> None:
    files = {f"m{n}.toy": "def one(x)\n" for n in range(3)}
    files |= {f"d{n}{k}.toy": f"need m{n}.toy: one\n" for n in range(3) for k in "ab"}
    found = look(repo, trees, files, {f"m{n}.toy": "say less\n" for n in range(3)})
    assert found.estimate.startswith("About 9 files: 3 change, 6 use them directly")


def test_a_link_a_large_file_and_one_that_differs_by_case_are_no_trouble(repo: Repo, trees: Trees) -> None:
    os.symlink("lib.toy", repo.path("link.toy"))
    files = {**BASE, "LIB.toy": "def other(x)\n", "large.toy": "need lib.toy: one\n" + "say x\n" * 500_000}
    found = look(repo, trees, files, {"lib.toy": "def two(y)\n"})
    assert "link.toy" not in tiers(found) and "LIB.toy" not in tiers(found)
    assert ("large.toy", "larger than 2 MiB") in found.coverage.files


def test_what_a_file_gathers_from_many_is_judged_together(repo: Repo, trees: Trees) -> None:
    parts = {f"part{number}.toy": f"def name{number}(x)\n" for number in range(5)}
    gathered = "".join(f"pass part{number}.toy: name{number}\n" for number in range(5))
    user = "need index.toy: name0, name1, name4\nsay name1\nsay name4\nsay name0\n"
    one = {"one.toy": "need index.toy: name3\nsay name3\n"}
    files = {**parts, "index.toy": gathered, "user.toy": user, **one, "last.toy": "need one.toy: x\n"}
    gone = {path: "" for path in parts if path != "part1.toy"}
    found = look(repo, trees, files, {**gone, "part1.toy": "def name1(x, y)\n"})
    assert tiers(found)["user.toy"] == tiers(found)["one.toy"] == tiers(found)["index.toy"] == "will_break"
    (user_row,) = [row for row in found.dependents if row.path == "user.toy"]
    assert user_row.distance == 2
    assert [(via.line, via.names) for via in user_row.via if via.target == "index.toy"] == [
        (1, ("name0", "name4")),
        (3, ("name4",)),
        (4, ("name0",)),
    ]


@pytest.mark.parametrize(
    ("passed", "tier"),
    [
        ("pass a.toy: one, two\n", "reachable"),
        ("pass b.toy: one\n", "likely"),
        ("pass a.toy: two as one\n", "likely"),
    ],
)
def test_what_is_passed_on_as_before_is_no_change(repo: Repo, trees: Trees, passed: str, tier: str) -> None:
    files = {
        "a.toy": "def one(x)\ndef two(y)\n",
        "b.toy": "def one(x)\n",
        "index.toy": "pass a.toy: one\n",
        "user.toy": "need index.toy: one\nsay one\n",
    }
    assert tiers(look(repo, trees, files, {"index.toy": passed}))["user.toy"] == tier
