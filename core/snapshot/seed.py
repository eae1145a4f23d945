"""Starts our index from the user's, where that is exact."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..errors import GitError
from ..gate.config import Configuration, user_path
from ..gate.objects import MODE_GITLINK
from ..gate.runner import Git, nul
from ..records import dataclass
from .index import IndexState, Remembered
from .site import Site

_SIZES = "--batch-check=%(objectsize)"
_CONVERTING = (b"text", b"eol", b"crlf", b"filter", b"ident", b"working-tree-encoding", b"[attr]", b"binary")


def converts(site: Site, configuration: Configuration, attribute_files: list[str]) -> bool:
    """Whether any setting or attribute may make a blob differ from the file's bytes.

    Then the user's index, whose object names stand for converted content, cannot seed ours.

    Args:
        site: what is captured.
        configuration: the user's settings.
        attribute_files: the `.gitattributes` files of the worktree, relative to its root.
    """
    if configuration.get("core.autocrlf") not in (None, "false", "0", "no", "off"):
        return True
    common = site.repository.common_dir
    candidates = [site.path(path) for path in attribute_files]
    candidates += [os.path.join(common, "info", "attributes"), "/etc/gitattributes"]
    candidates.append(user_path(configuration, "core.attributesFile", "attributes"))
    return any(_mentions_conversion(path) for path in candidates)


def _mentions_conversion(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return False
    return any(
        word in line for line in lines if line.strip() and not line.lstrip().startswith(b"#") for word in _CONVERTING
    )


@dataclass(frozen=True, kw_only=True)
class Seeding:
    """What a capture may start from.

    Attributes:
        index: our copy of the user's index file.
        state: waits until that copy is of this moment, and says what it stages.
    """

    index: str
    state: Callable[[], IndexState]


def seed(site: Site, seeding: Seeding) -> bool:
    """Copy the user's index to ours, keeping its mtime: a plain copy misses a same-size racy edit.

    Returns:
        Whether our index can start there.
    """
    if any(name.startswith("sharedindex.") for name in os.listdir(site.repository.git_dir)):
        return False  # a split index needs files beside it
    shutil.copy2(seeding.index, site.index + ".new")
    os.rename(site.index + ".new", site.index)
    return True


def hiding(site: Site, known: Remembered) -> dict[str, Sequence[int]]:
    """What hides edits (assume-unchanged, skip-worktree) and what no tree can hold (conflicts).

    Returns:
        Places of entries, by the option of `update-index` that takes it away.
    """
    found = {
        "--no-assume-unchanged": known.assumed,
        "--no-skip-worktree": () if site.repository.sparse else known.skipped,
        "--force-remove": known.unmerged,
    }
    return {option: places for option, places in found.items() if places}


def reveal(site: Site, seeding: Seeding, found: Mapping[str, Sequence[int]]) -> None:
    """Take away what `hiding` found."""
    paths = _listing(site, seeding).fields("ls-files", "--sparse", "-z")
    for option, places in found.items():
        named = sorted({paths[place] for place in places})
        site.git.run("update-index", option, "-z", "--stdin", stdin=nul(named))


def blob_sizes(site: Site, seeding: Seeding) -> list[bytes]:
    """The size of each entry's blob; no number where git has no such object."""
    names = ("ls-files", "--sparse", "--format=%(objectname)")
    git = _listing(site, seeding)
    try:
        return git.piped(names, "cat-file", "--buffer", _SIZES).stdout.splitlines()
    except GitError:
        # It may have ended at an absent object, or `ls-files` for want of a reader then.
        blobs = git.out(*names).split("\n")
        sizes = sizes_here(git, blobs)
        return [str(sizes.get(blob, "")).encode() for blob in blobs]


def sizes_here(git: Git, names: Iterable[str]) -> dict[str, int]:
    """The size of each object; those that are absent (a partial clone) are left out."""
    wanted = list(dict.fromkeys(names))
    try:
        lines = _sizes(git, wanted)
    except GitError as error:
        if not lacks_object(error):
            raise
        here = objects_here(git)
        wanted = [name for name in wanted if name in here]
        lines = _sizes(git, wanted)
    return {name: int(line) for name, line in zip(wanted, lines, strict=True) if line.isdigit()}


def _sizes(git: Git, names: Sequence[str]) -> list[bytes]:
    asked = "".join(f"{name}\n" for name in names).encode()
    return git.run("cat-file", "--buffer", _SIZES, stdin=asked).stdout.splitlines()


def lacks_object(error: GitError) -> bool:
    """Whether git ended because an object would have to be fetched, which the gate forbids."""
    return "from promisor remote" in error.stderr


def objects_here(git: Git) -> set[str]:
    """Every object of a partial clone: git ends at the first absent one it is asked about by name."""
    said = git.run("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)").stdout
    return set(said.decode("ascii").split())


def other_sizes(site: Site, seeding: Seeding, known: Remembered, blobs: Sequence[bytes]) -> set[str] | None:
    """Files that are not as large as their blobs; None if git does not list the entries as they stand.

    A setting or an attribute that converted content may be gone since; the index then still
    calls a file unchanged whose blob has other line ends. An absent blob (a partial clone)
    counts as different: reading the file brings it in.
    """
    if len(known.sizes) != len(blobs):
        return None  # a sparse index that git expands, for its setting is gone
    rows = enumerate(zip(known.sizes, blobs, strict=True))
    differ = [place for place, (size, blob) in rows if size and not _fits(blob, size)]
    entries = _listing(site, seeding).fields("ls-files", "--sparse", "--stage", "-z") if differ else []
    named = [entries[place].partition("\t") for place in differ]
    return {path for info, _, path in named if not info.startswith(MODE_GITLINK)}


def _listing(site: Site, seeding: Seeding) -> Git:
    """Git on our copy of the user's index, whose entries have the places that are remembered."""
    return site.repository.git.using(env={"GIT_INDEX_FILE": seeding.index})


def _fits(blob: bytes, size: int) -> bool:
    return blob.isdigit() and int(blob) & 0xFFFFFFFF == size
