"""Captures a directory as a tree, byte for byte, at about the cost of one `git status`.

Our index holds a base: a tree and the stat of its files. A capture is the base plus what
`git status` says differs. Few differences are hashed here and grafted onto the base's tree;
many are taken into the index, which makes a new base.
"""

import contextlib
import os
import shutil
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..errors import CaptureError, GitError
from ..gate.config import Configuration
from ..gate.objects import Entry
from ..ids import Oid
from ..records import dataclass, replace
from ..text import plural
from .base import Base
from .directories import Directories, DirectoryWalk
from .hashing import FileHasher
from .index import remembered
from .policy import SPECIAL, CapturePolicy, Skipped
from .seed import Seeding, blob_sizes, converts, hiding, other_sizes, reveal, seed
from .site import Site
from .sparse import align
from .status import Status, read_status, start_status, status_of, update_index, write_tree
from .sweep import Sweep
from .untracked import Untracked

_MANY = 256
_MUCH = 32 << 20


@dataclass(frozen=True, kw_only=True)
class Worktree:
    """A captured directory.

    Attributes:
        base: the tree of our index.
        overlay: how the directory differs from the base; None for a deleted path.
        new: paths of the overlay that the base does not have.
        fresh: paths whose content was read in this capture.
        modes: permission bits that are not the default, if every file of our index was looked at.
        directories: what the walk found beside files.
        skipped: what was left out.
    """

    base: Oid
    overlay: dict[str, Entry | None]
    new: Sequence[str]
    fresh: Sequence[str]
    modes: Mapping[str, int] | None
    directories: Directories
    skipped: list[Skipped]


def capture_worktree(
    site: Site,
    policy: CapturePolicy,
    configuration: Configuration,
    *,
    seeding: Seeding | None,
    exclude_file: str,
    thorough: bool,
) -> Worktree:
    """Capture a directory.

    Args:
        site: what to capture.
        policy: what to leave out and what to add.
        configuration: the user's settings.
        seeding: where a first capture may start; None reads every file.
        exclude_file: the repository's `info/exclude`.
        thorough: look at every file, even in a large worktree.

    Raises:
        CaptureError: if anything that should be captured cannot be read, or the disk is too full.
    """
    fresh_rules = site.prepare(configuration, exclude_file)

    def walker() -> DirectoryWalk:
        return DirectoryWalk(site, policy.ignored, afresh=fresh_rules)

    try:
        return _capture(site, policy, walker, configuration, seeding, thorough)
    except GitError:
        # A damaged index of ours, or objects it names that were pruned: start over, once.
        Base(site).forget()
        if seeding is not None:
            seeding.state()  # meanwhile the copy of the user's index may be replaced: a start from it waits
        try:
            return _capture(site, policy, walker, configuration, seeding, thorough)
        except GitError as error:
            raise CaptureError(
                f"The worktree cannot be captured: {error.stderr.strip() or error.message}",
                hint="Make the path readable or ignore it; no checkpoint was taken.",
            ) from error


def _capture(
    site: Site,
    policy: CapturePolicy,
    walker: Callable[[], DirectoryWalk],
    configuration: Configuration,
    seeding: Seeding | None,
    thorough: bool,
) -> Worktree:
    first = not os.path.exists(site.index)
    base, sweep, untracked = Base(site), Sweep(site, thorough=thorough), Untracked(site)
    walk = walker()
    quick = not (first or thorough) and untracked.known(base.tree)
    if first:
        with ThreadPoolExecutor(max_workers=1) as pool:
            pending = pool.submit(_first_status, site, base, seeding)
            directories = walk.run()
            looked, swept = pending.result(), None
    else:
        _make_ready(site, base, seeding)
        with start_status(site, untracked=not quick) as running:
            directories = walk.run()
            swept = sweep.run()
            looked = _Looked(status_of(site, running))
    if looked.converted or (looked.users and converts(site, configuration, walk.files_named(".gitattributes"))):
        # The user's index names converted content; ours must name raw bytes. Read every file.
        base.forget()
        looked = _next_status(site, base, seeding)
    status = looked.status
    if quick:
        status = replace(status, new=untracked.search(base.tree, walk))
    if walk.rules_changed and not first and _drop_ignored(site, base):
        status = read_status(site)
    if first:
        sweep.last = _seeded_at(seeding)
        swept = sweep.run()
    hidden = set(swept.touched).difference(status.changed, status.deleted) if swept else set()
    if hidden:
        with base.changing():
            update_index(site, [], sorted(hidden))
        status = read_status(site)
    skipped = [Skipped(path=path, reason=SPECIAL, bytes=0) for path in directories.special]
    wanted, gone = _within_limit(site, policy, status, skipped)
    size = _check_space(site, wanted)
    overlay: dict[str, Entry | None] = {}
    fresh: Sequence[str] = wanted
    new = status.new
    if base.tree is None or len(wanted) + len(gone) > _MANY or size > _MUCH:
        with base.changing():
            update_index(site, wanted, gone)
        new = sorted({*status.new}.difference(wanted))
    else:
        hashed = FileHasher(site).run(wanted)
        overlay, fresh = {**hashed.entries, **dict.fromkeys(gone)}, hashed.fresh
    assert base.tree is not None
    untracked.remember(base.tree, new, walk)
    walk.save()
    sweep.finish()
    return Worktree(
        base=base.tree,
        overlay=overlay,
        new=[path for path in status.new if path in overlay],
        fresh=[*fresh, *hidden],
        modes=swept.modes if swept else None,
        directories=directories,
        skipped=skipped,
    )


@dataclass(frozen=True)
class _Looked:
    """The status; and whether our index is the user's, and then names content that was converted."""

    status: Status
    users: bool = False
    converted: bool = False


def _first_status(site: Site, base: Base, seeding: Seeding | None) -> _Looked:
    """The status against a copy of the user's index, or against nothing."""
    base.forget()
    if seeding is None:
        return _next_status(site, base, seeding)
    with ThreadPoolExecutor(max_workers=2) as pool:
        blobs = pool.submit(blob_sizes, site, seeding)
        if not seed(site, seeding):
            return _next_status(site, base, seeding)
        with open(seeding.index, "rb") as file:
            known = remembered(file.read(), site.repository.object_format)
        others = pool.submit(lambda: other_sizes(site, seeding, known, blobs.result()))
        base.set(seeding.state().tree)
        if hidden := hiding(site, known):
            with base.changing():
                reveal(site, seeding, hidden)
        looked = _next_status(site, base, seeding)
        differ = others.result()
    return _Looked(looked.status, users=True, converted=differ is None or not differ <= set(looked.status.changed))


def _next_status(site: Site, base: Base, seeding: Seeding | None) -> _Looked:
    """The status against our index, such as it is."""
    _make_ready(site, base, seeding)
    return _Looked(read_status(site))


def _make_ready(site: Site, base: Base, seeding: Seeding | None) -> None:
    """Bring our index in line with a sparse checkout, and learn its tree."""
    if site.repository.sparse and seeding is not None and seeding.state().raw is not None:
        align(site, base, seeding.index)
    if base.tree is None and os.path.exists(site.index):
        base.set(write_tree(site))


def _drop_ignored(site: Site, base: Base) -> bool:
    """Take out of our index what has become ignored; what the user tracks all the same comes back."""
    ignored = site.ignored()
    if ignored:
        with base.changing():
            update_index(site, [], ignored)
    return bool(ignored)


def _seeded_at(start: Seeding | None) -> int:
    """When the user's git last looked at every file; without its index, ours is new and right."""
    return time.time_ns() if start is None else os.stat(start.index).st_mtime_ns


def _within_limit(
    site: Site, policy: CapturePolicy, status: Status, skipped: list[Skipped]
) -> tuple[list[str], list[str]]:
    """Changed files, and new ones that are not too large; and what is gone. The rest is named."""
    gone = [*status.deleted, *(path for path in status.changed if _special(site.path(path)))]
    wanted = [path for path in status.changed if path not in gone]
    for path in status.new:
        try:
            size = os.lstat(site.path(path)).st_size
        except FileNotFoundError:
            continue
        if size > policy.max_file:
            skipped.append(Skipped(path=path, reason="larger than [capture] max_file", bytes=size))
        else:
            wanted.append(path)
    return wanted, gone


def _special(path: str) -> bool:
    """Whether a pipe, socket or device stands there, which no tree can hold."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode))


def _check_space(site: Site, paths: Sequence[str]) -> int:
    """Bytes the files have.

    Raises:
        CaptureError: if the disk may not hold them again.
    """
    size = 0
    for path in paths:
        with contextlib.suppress(OSError):
            size += os.lstat(site.path(path)).st_size
    free = shutil.disk_usage(site.repository.objects_dir).free
    if size + (16 << 20) > free:
        need = f"{plural(len(paths), 'file')} of {size >> 20} MiB"
        raise CaptureError(
            f"The disk may not hold {need} more: {free >> 20} MiB are free.",
            hint="Free some space, or ignore large files in .gitignore; no checkpoint was taken.",
        )
    return size
