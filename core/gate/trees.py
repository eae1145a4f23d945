"""Trees: compared and listed."""

from collections.abc import Iterable, Mapping, Sequence

from ..ids import Oid
from ..records import dataclass
from .objects import Entry
from .runner import Git

_RAW = ("-z", "--raw", "--no-renames", "--no-abbrev")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How one path differs: its entry before and after, None where it does not exist."""

    path: str
    old: Entry | None
    new: Entry | None


def diff_trees(git: Git, old: str, new: str, paths: Sequence[str] = ()) -> list[Difference]:
    """Every path in which two trees differ, without rename detection.

    Args:
        git: where the trees are.
        old: a tree or commit.
        new: another.
        paths: only these paths and what is below them; literal.
    """
    if old == new:
        return []
    if paths:
        git = git.using(env={"GIT_LITERAL_PATHSPECS": "1"})
    return _differences(git.fields("diff-tree", "-r", *_RAW, old, new, "--", *paths))


def diff_index(git: Git, old: str) -> list[Difference]:
    """Every path in which the index differs from a tree or commit, without rename detection.

    Args:
        git: where they are; its GIT_INDEX_FILE, if it has one, names the index.
        old: a tree or commit.
    """
    return _differences(git.fields("diff-index", "--cached", *_RAW, old, "--"))


def _differences(words: Sequence[str]) -> list[Difference]:
    rows = []
    for info, path in zip(words[0::2], words[1::2], strict=True):
        old_mode, new_mode, old_name, new_name, _ = info.removeprefix(":").split(" ")
        rows.append(Difference(path=path, old=_entry(old_mode, old_name), new=_entry(new_mode, new_name)))
    return rows


def _entry(mode: str, name: str) -> Entry | None:
    return None if mode == "000000" else Entry(mode=mode, oid=Oid(name))


def list_files(git: Git, treeish: str, paths: Sequence[str] = ()) -> dict[str, Entry]:
    """Every file of a tree, or those under literal paths."""
    if paths:
        git = git.using(env={"GIT_LITERAL_PATHSPECS": "1"})
    files = {}
    for line in git.fields("ls-tree", "-r", "-z", "--full-tree", treeish, "--", *paths):
        info, _, path = line.partition("\t")
        mode, _, name = info.split(" ")
        files[path] = Entry(mode=mode, oid=Oid(name))
    return files


def patched(files: Mapping[str, Entry], differences: Iterable[Difference]) -> dict[str, Entry]:
    """The files of a tree after differences, in the order git has them."""
    found = dict(files)
    for one in differences:
        if one.new is None:
            found.pop(one.path, None)
        else:
            found[one.path] = one.new
    # A file that came stands behind all others.
    return found if found.keys() <= files.keys() else dict(sorted(found.items()))
