"""Reads a stretch of history: the line of first parents, and what each commit on it did."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar, cast

from ...core.errors import GitError
from ...core.gate.process import Limits
from ...core.gate.runner import Git
from ...core.ids import MaybeOid, Oid, oid
from .model import Diff, Step
from .parse import parse, parse_raw
from .scratch import Scratch

T = TypeVar("T")

LIMIT = 500
"""Commits looked at unless told otherwise."""

MOST_LINES = 400_000
"""Lines of diffs that are kept, about 60 MB."""

# Long runs of commits share what git has unpacked; several of them run side by side.
_SMALLEST, _LARGEST = 16, 128
_WORKERS = 2
_LIMITS = Limits(seconds=60, stdout=64 << 20)
# As merges compare: by histogram, without moving hunks for looks, renames up to merge.renameLimit's default.
_PATCH = (
    "--patch", "--unified=0", "--diff-algorithm=histogram", "--no-indent-heuristic", "--find-renames", "-l7000",
    "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short",
)  # fmt: skip
_LOG = (
    "log", "--no-walk=unsorted", "--stdin", "--diff-merges=first-parent", "--root", "--format=commit %H", "--raw",
    "--no-abbrev", "--ignore-submodules=none",
)  # fmt: skip


def read_line(place: Scratch, tip: MaybeOid, *, exclude: MaybeOid = None, limit: int = LIMIT) -> list[Step]:
    """The newest commits on the line of first parents, oldest first.

    Args:
        place: where to read.
        tip: the newest; None on an unborn branch, which has none.
        exclude: only what this commit does not have.
        limit: at most so many.
    """
    if tip is None:
        return []
    words = ["log", "--first-parent", f"--max-count={limit}", "--format=%H %T %P", tip]
    if exclude is not None:
        words.append(f"^{exclude}")
    rows = [line.split(" ") for line in place.git.out(*words, "--").splitlines()]
    steps: list[Step] = []
    for position, (name, tree, *parents) in enumerate(rows):
        parent = oid(parents[0]) if parents and parents[0] else None
        before: Oid | None = place.repository.empty_tree
        if parent is not None:
            following = rows[position + 1] if position + 1 < len(rows) else None
            before = oid(following[1]) if following and following[0] == parent else _tree(place.git, parent)
        elif name in place.cut:
            before = None
        steps.append(Step(oid=oid(name), tree=oid(tree), parent=parent, before=before))
    return steps[::-1]


def _tree(git: Git, commit: Oid) -> Oid | None:
    """A commit's tree; None if it is not there."""
    done = git.run("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}", ok=(0, 1, 128))
    text = os.fsdecode(done.stdout).strip()
    return oid(text) if done.exit_code == 0 and text else None


class Kept:
    """What commits did, for who asks about them again: it never changes."""

    def __init__(self) -> None:
        self._diffs: dict[Oid, Diff] = {}
        self._made: dict[Oid, object] = {}
        self._lines = 0

    def of(self, place: Scratch, steps: Sequence[Step]) -> Iterator[Diff]:
        """As `read_diffs`, of which only what is not known yet is asked."""
        missing = iter(read_diffs(place, [step for step in steps if step.oid not in self._diffs]))
        for step in steps:
            if step.before is None:
                continue
            known = self._diffs.get(step.oid)
            if known is None:
                known = next(missing)
                self._keep(known)
            yield known

    def made(self, diff: Diff, make: Callable[[Diff], T]) -> T:
        """What comes of a commit's diff by a function; kept with the diff, for one function alone."""
        known = self._made.get(diff.oid)
        if known is None:
            known = make(diff)
            if diff.oid in self._diffs:
                self._made[diff.oid] = known
        return cast("T", known)

    def _keep(self, diff: Diff) -> None:
        self._lines += sum(len(hunk.old) + len(hunk.new) for one in diff.changes for hunk in one.hunks or ())
        # One whose lines could not be read is tried again: they may be here then.
        if diff.read and self._lines <= MOST_LINES:
            self._diffs[diff.oid] = diff


def read_diffs(place: Scratch, steps: Sequence[Step]) -> Iterator[Diff]:
    """What each commit did, in the given order; where a shallow clone ends, nothing.

    Two processes read ahead; what is kept at a time are a few dozen commits. Lines that cannot be had, because
    objects are missing or there are too many, cost their commit its lines, not the others theirs.
    """
    names = [step.oid for step in steps if step.before is not None]
    size = min(max(len(names) // (2 * _WORKERS) + 1, _SMALLEST), _LARGEST)
    chunks = [names[start : start + size] for start in range(0, len(names), size)]
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        waiting: deque[Future[list[Diff]]] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(_read, place.git, chunk))
            if len(waiting) > _WORKERS:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _read(git: Git, names: Sequence[Oid]) -> list[Diff]:
    stdin = "".join(f"{name}\n" for name in names).encode()
    try:
        return list(parse(git.run(*_LOG, *_PATCH, stdin=stdin, limits=_LIMITS).stdout))
    except (GitError, ValueError):
        if len(names) > 1:
            half = len(names) // 2
            return _read(git, names[:half]) + _read(git, names[half:])
    try:
        return list(parse_raw(git.run(*_LOG, "--no-renames", stdin=stdin, limits=_LIMITS).stdout))
    except GitError:
        return [Diff(oid=names[0], changes=(), read=False)]
