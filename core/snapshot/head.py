"""HEAD, the operation in progress, and the refs that must stay reachable."""

import os
from collections.abc import Mapping, Sequence

from ..gate.objects import Entry, ObjectWriter
from ..gate.reader import ObjectReader
from ..gate.refs import Head, Ref, list_all_refs, read_head
from ..gate.repository import Repository
from ..ids import OURS, Oid
from ..late import late
from ..records import dataclass

# What git keeps about an operation in progress, files and directories of the git directory.
STATE_FILES = (
    "MERGE_HEAD",
    "MERGE_MODE",
    "MERGE_MSG",
    "MERGE_RR",
    "MERGE_AUTOSTASH",
    "AUTO_MERGE",
    "SQUASH_MSG",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "REBASE_HEAD",
    "ORIG_HEAD",
    "BISECT_LOG",
    "BISECT_START",
    "BISECT_TERMS",
    "BISECT_NAMES",
    "BISECT_EXPECTED_REV",
    "BISECT_ANCESTORS_OK",
    "BISECT_FIRST_PARENT",
    "BISECT_HEAD",
)
STATE_DIRECTORIES = ("rebase-merge", "rebase-apply", "sequencer")
_HEX = late(rb"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")
# More remote-tracking refs than this are left to their remote.
_MAX_REMOTE = 2000


@dataclass(frozen=True, kw_only=True)
class HeadState:
    """Where HEAD and the refs stood.

    Attributes:
        head: branch and commit.
        state: blobs of the in-progress files, by path in the git directory.
        in_progress: merge, rebase, am, cherry-pick, revert, bisect or None.
        refs: every ref that is not ours.
        needed: objects the in-progress files name, by kind.
    """

    head: Head
    state: Mapping[str, Oid]
    in_progress: str | None
    refs: Sequence[Ref]
    needed: Mapping[Oid, str]


def capture_head(repository: Repository, reader: ObjectReader, writer: ObjectWriter) -> tuple[HeadState, list[Ref]]:
    """Read HEAD, state files and refs; also returns our own refs, which were listed on the way."""
    everything = list_all_refs(repository, reader)
    refs = [ref for ref in everything if not ref.name.startswith(OURS)]
    files = state_files(repository)
    state = {path: writer.blob(data) for path, data in files.items()}
    return HeadState(
        head=read_head(repository, refs),
        state=state,
        in_progress=in_progress(files),
        refs=refs,
        needed=_needed(repository, files),
    ), [ref for ref in everything if ref.name.startswith(OURS)]


def state_files(repository: Repository) -> dict[str, bytes]:
    """Content of the in-progress files that exist."""
    found: dict[str, bytes] = {}
    for name in STATE_FILES:
        _read(repository, name, found)
    for folder in STATE_DIRECTORIES:
        for parent, _, names in os.walk(os.path.join(repository.git_dir, folder)):
            for name in names:
                _read(repository, os.path.relpath(os.path.join(parent, name), repository.git_dir), found)
    return found


def _read(repository: Repository, path: str, found: dict[str, bytes]) -> None:
    absolute = os.path.join(repository.git_dir, path)
    try:
        if os.path.islink(absolute):
            return
        with open(absolute, "rb") as file:
            found[path] = file.read()
    except (FileNotFoundError, IsADirectoryError):
        return


def in_progress(files: Mapping[str, bytes]) -> str | None:
    """Which operation the state files belong to."""
    top = {path.split("/")[0] for path in files}
    if "rebase-merge" in top:
        return "rebase"
    if "rebase-apply" in top:
        return "am" if "rebase-apply/applying" in files else "rebase"
    for name, kind in (
        ("MERGE_HEAD", "merge"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
        ("REVERT_HEAD", "revert"),
        ("BISECT_LOG", "bisect"),
    ):
        if name in top:
            return kind
    # Between two picks of a series only the sequencer's list remains.
    return "cherry-pick" if "sequencer/todo" in files else None


def _needed(repository: Repository, files: Mapping[str, bytes]) -> dict[Oid, str]:
    words = sorted({word for data in files.values() for word in _HEX.findall(data)})
    if not words:
        return {}
    answer = repository.git.out("cat-file", "--batch-check", stdin=b"\n".join(words) + b"\n")
    pairs = (line.split(" ") for line in answer.splitlines())
    return {Oid(parts[0]): parts[1] for parts in pairs if len(parts) == 3}


def keeper(repository: Repository, writer: ObjectWriter, state: HeadState, seconds: int) -> Oid | None:
    """A commit whose parents are the tips of every ref but HEAD's branch, or None if there are none.

    It makes each ref as it was recoverable, even one that somebody deletes and prunes.
    """
    remotes = [ref for ref in state.refs if ref.name.startswith("refs/remotes/")]
    few = len(remotes) <= _MAX_REMOTE
    tips = {
        ref.peeled
        for ref in state.refs
        if ref.peeled and ref.peeled != state.head.oid and (few or not ref.name.startswith("refs/remotes/"))
    }
    tips |= {name for name in _stashes(repository, state) if name != state.head.oid}
    if not tips:
        return None
    return writer.commit(writer.tree({}), sorted(tips), "refs as they were", seconds=seconds)


def _stashes(repository: Repository, state: HeadState) -> list[Oid]:
    """Older stashes stand only in the reflog of refs/stash."""
    if not any(ref.name == "refs/stash" for ref in state.refs):
        return []
    # Not `log`: with log.showSignature it runs the configured gpg.program.
    lines = repository.git.out("rev-list", "--walk-reflogs", "refs/stash", ok=(0, 128))
    return [Oid(line) for line in lines.splitlines()]


def state_tree(writer: ObjectWriter, state: Mapping[str, Oid]) -> Oid:
    """The in-progress files as a tree."""
    return writer.tree_of({path: Entry(mode="100644", oid=name) for path, name in state.items()})
