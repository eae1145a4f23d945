"""Submodules, and files that git has a pointer of only."""

from safe_rollback.inventory.changes import Changes
from safe_rollback.inventory.domains.submodules_lfs import SUBMODULES_LFS
from tests.inventory.kit import Story, names, only


def pointer(digit: str, size: int) -> str:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digit * 64}\nsize {size}\n"


ATTRIBUTES = "*.psd filter=lfs diff=lfs merge=lfs -text\n"


def linked(story: Story, *commits: str) -> Changes:
    """A submodule `sub dir` that goes from commit to commit; an empty one takes it away."""
    made = []
    for commit in commits:
        entry = f"160000,{commit * 40},sub dir"
        story.repo.git(
            "update-index", *(["--add", "--cacheinfo", entry] if commit else ["--force-remove", "sub dir"])
        )
        story.repo.git("commit", "-q", "--allow-empty", "-m", "link")
        made.append(story.repo.git("rev-parse", "HEAD").strip())
    return story.since(*made[1:])


def test_a_submodule(story: Story) -> None:
    story.commit({"a": "1\n"})
    item = only(SUBMODULES_LFS.detect(linked(story, "a", "b")))
    assert (item.kind, item.name, item.change, item.before, item.after) == (
        "submodule", "sub dir", "changed", "a" * 10, "b" * 10,
    )  # fmt: skip
    assert item.action.command == "git submodule update --init --recursive 'sub dir'"
    assert "leaves the submodule's own files" in item.cautions[0]


def test_a_submodule_that_came_or_went(story: Story) -> None:
    story.commit({"a": "1\n"})
    items = list(SUBMODULES_LFS.detect(linked(story, "a", "", "c")))
    assert [(item.change, item.before, item.after) for item in items] == [
        ("removed", "a" * 10, ""),
        ("added", "", "c" * 10),
    ]
    assert items[1].action.command == "git submodule deinit 'sub dir'"


def test_an_address(story: Story) -> None:
    modules = '[submodule "x"]\n\tpath = libs/x\n\turl = https://user:secret@{}/x\n'
    item = only(
        SUBMODULES_LFS.detect(
            story.changes({".gitmodules": modules.format("a.org")}, {".gitmodules": modules.format("b.org")})
        )
    )
    assert (item.kind, item.name, item.before, item.after) == (
        "submodule address", "libs/x", "https://…@a.org/x", "https://…@b.org/x",
    )  # fmt: skip
    assert item.evidence[0].line == 3
    assert "secret" not in str(item.to_data())


def test_pointers(story: Story) -> None:
    changes = story.changes(
        {".gitattributes": ATTRIBUTES, "a.psd": pointer("1", 10)},
        {"a.psd": pointer("2", 20_000), "b c.psd": pointer("3", 3), "a.txt": "version 1\n"},
    )
    items = {item.name: item for item in SUBMODULES_LFS.detect(changes)}
    assert names(items.values()) == ["lfs file a.psd changed", "lfs file b c.psd added"]
    assert (items["a.psd"].before, items["a.psd"].after) == ("1111111111, 10 bytes", "2222222222, 20,000 bytes")
    assert items["b c.psd"].action.command == "git lfs fetch && git lfs checkout 'b c.psd'"


def test_what_goes_into_lfs(story: Story) -> None:
    changes = story.changes({"a.psd": "raw\n"}, {".gitattributes": ATTRIBUTES, "a.psd": pointer("1", 4)})
    items = {item.name: item for item in SUBMODULES_LFS.detect(changes)}
    assert names(items.values()) == ["lfs file a.psd changed", "lfs pattern *.psd added"]
    assert any("attributes have to go back" in caution for caution in items["a.psd"].cautions)


def test_odd_files_are_no_items(story: Story) -> None:
    changes = story.changes(
        {".gitattributes": ATTRIBUTES, ".gitmodules": ""},
        {
            ".gitmodules": "path = outside of any section\n",
            ".gitattributes": "\0",
            "a.psd": "version https://git-lfs.github.com/spec/v1\n",
            "b.psd": "version " + "x" * 5_000,
            "c.psd": "",
        },
    )
    assert names(SUBMODULES_LFS.detect(changes)) == ["lfs pattern *.psd removed"]
    assert [unknown.subject for unknown in changes.unknowns] == [".gitmodules"]
