"""What commits changed, read from objects."""

import pytest

from safe_rollback.core.errors import GitError
from safe_rollback.core.gate.trees import list_files
from tests.inventory.kit import Story


def test_each_commit_has_its_own_changes_and_the_views_stand_around_them(story: Story) -> None:
    changes = story.changes(
        {"a.txt": "1\n", "gone.txt": "x\n"}, {"a.txt": "2\n"}, {"gone.txt": None, "sub/b b.txt": "new\n"}
    )
    found = [
        (delta.path, delta.old.text if delta.old else None, delta.new.text if delta.new else None)
        for delta in changes.deltas
    ]
    assert found == [("a.txt", "1\n", "2\n"), ("gone.txt", "x\n", None), ("sub/b b.txt", None, "new\n")]
    assert len({delta.commit for delta in changes.deltas}) == 2
    before, after = changes.before.read("a.txt"), changes.after.read("a.txt")
    assert before is not None and after is not None and (before.text, after.lines) == ("1\n", ["2"])
    assert changes.after.read("gone.txt") is None
    assert changes.after.by_name["b b.txt"] == ["sub/b b.txt"]


def test_a_commit_that_changes_nothing_is_no_hole(story: Story) -> None:
    changes = story.changes({"a.txt": "1\n"}, {}, {"a.txt": "2\n"}, {})
    assert [delta.path for delta in changes.deltas] == ["a.txt"]
    assert changes.deltas[0].commit == story.repo.git("rev-parse", "HEAD~1").strip()


def test_binary_and_large_files_have_no_text(story: Story) -> None:
    changes = story.changes({}, {"binary": "a\0b", "large.txt": "x" * 2_000_000})
    assert {delta.path: delta.new.text if delta.new else None for delta in changes.deltas} == {
        "binary": "",
        "large.txt": "",
    }


def test_words_are_found_as_whole_words_in_the_tree(story: Story) -> None:
    changes = story.changes({"a.py": "x = FOO\n", "b.py": "FOOBAR and FOO\n"}, {"c.py": "BAZ FOO\n"})
    assert changes.before.mentions(["FOO", "BAZ"]) == {"BAZ": [], "FOO": ["a.py", "b.py"]}
    assert changes.after.mentions(["BAZ"], ["*.py"]) == {"BAZ": ["c.py"]}
    assert changes.after.mentions(["BAZ"], [":(exclude)c.py"]) == {"BAZ": []}


def test_the_files_after_are_those_git_lists_with_and_without_gaps(story: Story) -> None:
    first = story.commit({"a-b": "1\n", "a/b": "1\n", "gone": "1\n"})
    steps = [story.commit({"a/a": "2\n", "z é": "2\n"}), story.commit({"gone": None}), story.commit({"a-b": "4\n"})]
    changes, gap = story.since(*steps), story.since(steps[0], steps[2])
    listed = list_files(story.workspace.repository.git, steps[2])
    assert list(changes.after.files.items()) == list(gap.after.files.items()) == list(listed.items())
    assert (changes.after.listed is None, gap.after.listed is None) == (False, True)
    assert first and "gone" in changes.before.files


def test_what_is_asked_meanwhile_is_answered_or_raised(story: Story) -> None:
    changes = story.changes({"a.py": "x = FOO\n"}, {"b.py": "FOO\n"})
    assert changes.before.asking(["FOO"])() == changes.before.mentions(["FOO"])
    assert changes.before.asking([])() == {}
    with pytest.raises(GitError):
        changes.before.asking(["FOO"], [":(nonsense)x"])()
