"""What has to go with a commit: chains, the smallest set, its proof and its order."""

import os
from collections.abc import Mapping
from dataclasses import replace

import pytest

from safe_rollback.core.ids import Oid
from safe_rollback.impact.commits import trials
from safe_rollback.impact.commits.dependence import cascades, closure, concerning, merged, why
from safe_rollback.impact.commits.model import Needs, Reason
from safe_rollback.impact.commits.sets import compare, minimum_revert_set
from tests.harness.repo import Repo
from tests.impact.commits.kit import Content, Read, history, numbered, objects, read

CONNECTOR = "class Connector:\n    def fetch(self):\n        return self.client.get()\n"
PIPELINE: Mapping[str, Content] = {
    "base": {
        "etl/connector.py": CONNECTOR,
        "etl/config.toml": "[source]\nurl = 'x'\n\n[fields]\nkey = 'id'\n",
        "etl/merge.py": "def merge(rows):\n    return {row['id']: row for row in rows}\n",
        "sql/silver.sql": "select id\nfrom bronze\n",
        "sql/gold.sql": "select id, count(*)\nfrom silver\ngroup by id\n",
        "README.md": numbered(30),
    },
    "rename the field": {
        "etl/connector.py": CONNECTOR + "\n    FIELD = 'customer_id'\n",
        "etl/config.toml": "[source]\nurl = 'x'\n\n[fields]\nkey = 'customer_id'\n",
    },
    "words": {"README.md": numbered(30, {3: "x"})},
    "read the key from the configuration": {
        "etl/config.toml": "[source]\nurl = 'x'\n\n[fields]\nkey = 'customer_id'\nkeep = true\n",
        "etl/merge.py": "def merge(rows, key):\n    return {row[key]: row for row in rows}\n",
    },
    "merge by it": {
        "etl/merge.py": "def merge(rows, key):\n    return {row[key]: row for row in rows if row[key]}\n",
        "sql/silver.sql": "select customer_id\nfrom bronze\n",
    },
    "typed silver": {
        "sql/silver.sql": "select cast(customer_id as int) as customer_id\nfrom bronze\n",
        "sql/gold.sql": "select customer_id, count(*)\nfrom silver\ngroup by customer_id\n",
    },
    "gold by day": {"sql/gold.sql": "select customer_id, day, count(*)\nfrom silver\ngroup by customer_id, day\n"},
    "more words": {"README.md": numbered(30, {3: "x", 20: "y"})},
}
CASCADE = (
    "rename the field",
    "read the key from the configuration",
    "merge by it",
    "typed silver",
    "gold by day",
)


def _pipeline(repo: Repo) -> None:
    history(repo, PIPELINE)


def _order(found: Read) -> list[Oid]:
    return [step.oid for step in found.owned.steps]


def _named(found: Read, commits: object) -> list[str]:
    assert isinstance(commits, (list, tuple))
    return [found.names[one] for one in commits]


def test_the_chain_from_a_renamed_field_to_gold_is_found(repo: Repo) -> None:
    _pipeline(repo)
    with read(repo, 7) as found:
        chains = cascades(found.owned.needs, [found.commits["rename the field"]], _order(found))
        assert [_named(found, chain.commits) for chain in chains] == [list(CASCADE)]
        assert [link.path for link in chains[0].links] == [
            "etl/config.toml",
            "etl/merge.py",
            "sql/silver.sql",
            "sql/gold.sql",
        ]


def test_the_longest_way_is_the_chain() -> None:
    first, middle, last, aside = (Oid(letter * 40) for letter in "1234")
    link = (Reason("lines", "f", 1, 1),)
    needs = [
        Needs(last, first, link),
        Needs(middle, first, link),
        Needs(last, middle, link),
        Needs(aside, first, link),
    ]
    order = [first, middle, last, aside]
    assert [chain.commits for chain in cascades(needs, [first], order)] == [(first, middle, last), (first, aside)]
    assert [chain.commits for chain in cascades(needs, [first], order, limit=1)] == [(first, middle, last)]


def test_the_set_is_the_chain_newest_first_and_proven(repo: Repo) -> None:
    _pipeline(repo)
    with read(repo, 7) as found:
        result = minimum_revert_set(found.place, found.owned, [found.commits["rename the field"]])
        assert _named(found, result.commits) == list(reversed(CASCADE))
        assert result.proven
        assert result.minimal
        assert result.conflicts == ()
        assert "README.md" not in result.files
        left = found.place.git.out("ls-tree", "-r", str(result.tree))
    repo.git("revert", "--no-edit", *[repo.git("log", "--format=%H", f"--grep=^{one}$") for one in reversed(CASCADE)])
    assert left == repo.git("ls-tree", "-r", "HEAD")


def test_a_commit_that_goes_alone_takes_nothing_along(repo: Repo) -> None:
    _pipeline(repo)
    with read(repo, 7) as found:
        result = minimum_revert_set(found.place, found.owned, [found.commits["words"]])
        assert _named(found, result.commits) == ["words"]
        assert result.proven
        assert result.minimal


def test_what_uses_a_name_goes_along_though_git_would_not_mind(repo: Repo) -> None:
    _pipeline(repo)
    with read(repo, 7) as found:
        uses = Needs(
            found.commits["more words"], found.commits["words"], (Reason("symbol", "README.md", detail="x"),)
        )
        result = minimum_revert_set(found.place, found.owned, [found.commits["words"]], extra=[uses])
        assert _named(found, result.commits) == ["more words", "words"]
        assert result.proven


def test_commits_that_can_stay_do(repo: Repo) -> None:
    # `two` touches `one`, and `undo` puts the lines back: taking out `two` and `undo` too would be more than needed.
    history(
        repo,
        {
            "base": {"f": numbered(20), "g": numbered(20)},
            "one": {"f": numbered(20, {5: "x"}), "g": numbered(20, {5: "x"})},
            "two": {"f": numbered(20, {5: "x", 6: "y"})},
            "three": {"g": numbered(20, {5: "x", 6: "z"})},
            "undo": {"f": numbered(20, {5: "x"})},
        },
    )
    with read(repo, 4) as found:
        target = found.commits["one"]
        assert closure(found.owned.needs, [target]) == set(_order(found))
        result = minimum_revert_set(found.place, found.owned, [target])
        assert result.minimal
        assert _named(found, result.commits) == ["three", "one"]


def test_neighbours_go_in_one_merge(repo: Repo) -> None:
    # One by one, `undo` would conflict with `later`; together the two come to nothing.
    history(
        repo,
        {
            "base": {"f": numbered(20)},
            "one": {"f": numbered(20, {5: "x"})},
            "undo": {"f": numbered(20)},
            "later": {"f": numbered(20, {5: "z"})},
        },
    )
    with read(repo, 3) as found:
        result = minimum_revert_set(found.place, found.owned, [found.commits["one"], found.commits["undo"]])
        assert _named(found, result.commits) == ["undo", "one"]
        assert result.tree == found.owned.steps[-1].tree


def test_without_time_the_set_stays_proven(repo: Repo) -> None:
    _pipeline(repo)
    with read(repo, 7) as found:
        result = minimum_revert_set(found.place, found.owned, [found.commits["rename the field"]], seconds=-1)
        assert result.proven
        assert not result.minimal
        assert _named(found, result.commits) == list(reversed(CASCADE))


def test_a_set_that_does_not_go_through_says_where(repo: Repo) -> None:
    history(repo, {"base": {"f": numbered(20)}, "one": {"f": numbered(20, {5: "x"})}})
    repo.commit("worktree", {"f": numbered(20, {5: "mine"})})
    with read(repo) as found:
        tree = found.owned.steps[-1].tree
        steps = [step for step in found.owned.steps if found.names[step.oid] != "worktree"]
        owned = replace(found.owned, steps=steps, needs=[])
        result = minimum_revert_set(found.place, owned, [found.commits["one"]], tree=tree)
        assert not result.proven
        assert result.conflicts == ("f",)
        assert result.tree is None


def test_targets_outside_the_history_are_left_out(repo: Repo) -> None:
    with read(repo) as found:
        result = minimum_revert_set(found.place, found.owned, [Oid("0" * 40)])
        assert result.commits == ()


def test_needs_from_both_sides_come_together() -> None:
    one, two, three = (Oid(letter * 40) for letter in "123")
    lines, symbol = Reason("lines", "f", 1, 2), Reason("symbol", "g", detail="total")
    both = merged([Needs(two, one, (lines,))], [Needs(two, one, (symbol,)), Needs(three, two, (symbol,))])
    assert both == [Needs(two, one, (lines, symbol)), Needs(three, two, (symbol,))]
    assert closure(both, [one]) == {one, two, three}
    assert concerning(both, [three]) == [both[1]]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason("lines", "a.py", 3, 3), "changes or touches lines of it in a.py, line 3"),
        (Reason("gap", "a.py", 3, 5), "changes where it deleted lines in a.py, 3 lines from 3"),
        (Reason("created", "a.py"), "changes a.py, which it created"),
        (Reason("deleted", "a.py"), "deletes a.py, which it changed"),
        (Reason("symbol", "a.py", detail="total"), "uses total in a.py"),
        (Reason("path", "\udcff"), "changes \\xff, which git merges only as a whole or whose name was free"),
    ],
)
def test_reasons_read_as_sentences(reason: Reason, words: str) -> None:
    assert why(reason) == words


def test_a_set_that_spares_nothing_is_dearer_than_the_whole(repo: Repo) -> None:
    _pipeline(repo)
    with read(repo, 7) as found:
        session = _order(found)
        cascade = [found.commits[one] for one in CASCADE]
        some = compare(found.owned, cascade, session)
        assert (some.commits, some.files, some.all_commits, some.all_files) == (5, 5, 7, 6)
        assert not some.whole_is_cheaper
        assert compare(found.owned, cascade, cascade).whole_is_cheaper
        assert compare(found.owned, session[1:], session).whole_is_cheaper


def test_nothing_is_written(repo: Repo) -> None:
    _pipeline(repo)
    before, state = objects(repo), repo.state()
    with read(repo, 7) as found:
        minimum_revert_set(found.place, found.owned, [found.commits["rename the field"]])
        assert found.refused_by_git()
        folder = found.place.git.git_dir
    assert objects(repo) == before
    assert repo.state() == state
    assert not os.path.exists(folder)


def test_a_git_without_batches_is_asked_one_by_one(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    _pipeline(repo)
    with read(repo, 7) as found:
        expected = found.refused_by_git()
        monkeypatch.setattr(trials, "git_version", lambda: (2, 38, 0))
        assert found.refused_by_git() == expected
        result = minimum_revert_set(found.place, found.owned, [found.commits["rename the field"]])
        assert result.proven


def test_sha256_works_alike(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Repo(str(tmp_path_factory.mktemp("sha256")))
    place.git("init", "-q", "-b", "main", "--object-format=sha256")
    history(place, {"base": {"f": numbered(20)}, "one": {"f": numbered(20, {5: "x"})}, "two": {"g": "g\n"}})
    place.commit("three", {"f": numbered(20, {5: "y"})})
    with read(place) as found:
        assert found.stuck == found.refused_by_git() == {"base", "one"}
        result = minimum_revert_set(found.place, found.owned, [found.commits["one"]])
        assert _named(found, result.commits) == ["three", "one"]
