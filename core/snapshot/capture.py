"""Captures everything a checkpoint holds, without writing a ref."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..errors import GitError
from ..files import canonical_json
from ..gate.objects import MODE_GITLINK, Entry, unique
from ..gate.refs import Ref
from ..gate.repository import Repository
from ..gate.runner import Git, nul
from ..gate.trees import diff_trees, list_files
from ..ids import MaybeOid, Oid, oid
from ..records import dataclass
from ..workspace import Workspace
from .base import Base
from .checkpoint import Captured, Nested, Sidecar
from .directories import Directories
from .graft import graft, present
from .head import HeadState, capture_head, keeper
from .ignored import capture_ignored
from .index import COPY, Copied, IndexState, capture_index, copy_index, index_signature
from .memory import Memory
from .modes import Modes
from .policy import CapturePolicy, Skipped
from .seed import Seeding
from .site import Site
from .status import update_index
from .worktree import Worktree, capture_worktree

_MAX_DEPTH = 3


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The state of a worktree as objects.

    Attributes:
        head: HEAD, refs and the operation in progress.
        ours: our own refs, listed on the way.
        index: the user's index.
        tree: the worktree's files.
        sidecar: empty directories and permission bits.
        nested: repositories inside.
        private: captured ignored files.
        skipped: what was left out.
        captured: counts.
        parents: commits that must stay reachable besides HEAD.
        kept: other objects that must, by kind.
        memory: what the next capture may reuse, once a ref keeps this one.
    """

    head: HeadState
    ours: Sequence[Ref]
    index: IndexState
    tree: Oid
    sidecar: Sidecar
    nested: Sequence[Nested]
    private: Mapping[str, Entry]
    skipped: Sequence[Skipped]
    captured: Captured
    parents: Sequence[Oid]
    kept: Mapping[Oid, str]
    memory: Memory


def main_site(workspace: Workspace) -> Site:
    """The worktree itself."""
    return Site(
        root=workspace.root,
        private=os.path.join(workspace.worktree_dir, "private"),
        repository=workspace.repository,
        missing_ok=workspace.missing_ok,
    )


def exclude_file(workspace: Workspace) -> str:
    """The user's own ignore rules for the repository."""
    return os.path.join(workspace.repository.common_dir, "info", "exclude")


def capture(workspace: Workspace, policy: CapturePolicy, *, thorough: bool = False) -> Snapshot:
    """Capture the worktree. The caller holds the worktree's lock.

    Args:
        workspace: the worktree.
        policy: what to leave out and what to add.
        thorough: look at every file, even in a large worktree.

    Raises:
        CaptureError: if it would be incomplete.
    """
    site = main_site(workspace)
    os.makedirs(site.private, mode=0o700, exist_ok=True)
    copied = None if os.path.exists(site.index) else copy_index(workspace.repository, site.private)
    with ThreadPoolExecutor(max_workers=1) as pool:
        # While the files are looked at, whose capture needs the user's index only to start from.
        pending = pool.submit(_git_state, workspace, site, copied)
        worktree = capture_worktree(
            site,
            policy,
            workspace.configuration,
            seeding=_seeding(workspace, site, lambda: pending.result().index),
            exclude_file=exclude_file(workspace),
            thorough=thorough,
        )
    git = pending.result()
    head, memory, index = git.head, git.memory, git.index
    tree, forced, untracked = _reconcile(workspace, site, index, worktree, memory)
    skipped = [one for one in worktree.skipped if one.path not in forced]
    tracked = present(workspace.reader, tree, worktree.directories.ignored)
    ignored = [path for path in worktree.directories.ignored if path not in tracked]
    private = capture_ignored(site, policy, ignored, skipped)
    nested = _nested(workspace, policy, site, worktree.directories, skipped, depth=1)
    others = {*private, *(path for path, entry in worktree.overlay.items() if entry)}
    modes = Modes(site).update([*worktree.fresh, *forced, *private], worktree.modes, others)
    seconds = int(workspace.clock.now().timestamp())
    return Snapshot(
        head=head,
        ours=git.ours,
        index=index,
        tree=tree,
        sidecar=Sidecar(empty=worktree.directories.empty, modes=modes),
        nested=nested,
        private=private,
        skipped=skipped,
        captured=Captured(tracked=index.entries, untracked=untracked, ignored=len(private)),
        parents=_parents(workspace, head, memory, seconds),
        kept={name: kind for name, kind in head.needed.items() if kind in ("tree", "blob")},
        memory=memory,
    )


@dataclass(frozen=True)
class _GitState:
    """What git's own files say; see `Snapshot`."""

    head: HeadState
    ours: Sequence[Ref]
    memory: Memory
    index: IndexState


def _git_state(workspace: Workspace, site: Site, copied: Copied | None) -> _GitState:
    repository = workspace.repository
    head, ours = capture_head(repository, workspace.reader, workspace.writer)
    memory = Memory(site.private, ours)
    if copied is not None or memory.index is None or memory.index.signature != index_signature(repository):
        copied = copied or copy_index(repository, site.private)
        memory.index = capture_index(repository, workspace.writer, copied, missing_ok=site.missing_ok)
    return _GitState(head, ours, memory, memory.index)


def _seeding(workspace: Workspace, site: Site, state: Callable[[], IndexState]) -> Seeding | None:
    if not os.path.exists(os.path.join(workspace.repository.git_dir, "index")):
        return None
    return Seeding(index=os.path.join(site.private, COPY), state=state)


def _reconcile(
    workspace: Workspace, site: Site, index: IndexState, worktree: Worktree, memory: Memory
) -> tuple[Oid, list[str], int]:
    """The whole tree, which files had to be added for it, and how many of its files the user does not track.

    Adds what the user tracks and `git status` on our index could not know: ignored files
    that were force-added, and links to submodules. Drops ignored files that were tracked
    once: they must not be where a push could take them.
    """
    base = Base(site)
    links, dropped = _compare(site, index, worktree.base, memory)
    overlay = {path: entry for path, entry in worktree.overlay.items() if path not in dropped}
    forced = [path for path in sorted(memory.absent) if path not in overlay and _stands(site, path)]
    tree = worktree.base
    if links or forced or dropped:
        with base.changing():
            if links:
                site.git.run("update-index", "--replace", "-z", "--index-info", stdin=nul(links))
            update_index(site, forced, sorted(dropped))
        assert base.tree is not None
        tree = base.tree
        memory.absent -= set(forced)
    memory.pair = (index.meaning, tree)
    came = sum(1 for path in worktree.new if overlay.get(path) and path not in memory.absent)
    went = sum(1 for path, entry in overlay.items() if entry is None and path in memory.untracked)
    return graft(workspace.reader, site.writer, tree, overlay), forced, len(memory.untracked) + came - went


def _compare(site: Site, index: IndexState, base: Oid, memory: Memory) -> tuple[list[str], set[str]]:
    """Learn which paths only the base has and which only the user's index, conflicts included.

    Returns:
        Links to submodules that the base lacks or has otherwise, as `--index-info` lines; and
        ignored files of the base that the user does not track.
    """
    if memory.pair == (index.meaning, base):
        return [], set()
    links, memory.untracked, memory.absent = [], set(), set()
    for row in diff_trees(site.repository.git, index.tree, base):
        if row.old is None:
            memory.untracked.add(row.path)
        elif row.old.mode == MODE_GITLINK:
            links.append(f"{row.old.mode} {row.old.oid}\t{row.path}")
        elif row.new is None:
            memory.absent.add(row.path)
    for stage in index.stages.values():
        conflicting = list_files(site.repository.git, stage)
        memory.absent |= {row.path for row in diff_trees(site.repository.git, stage, base) if row.new is None}
        memory.untracked -= conflicting.keys()
    dropped = memory.untracked & set(site.ignored()) if memory.untracked else set()
    memory.untracked -= dropped
    return links, dropped


def _stands(site: Site, path: str) -> bool:
    """Whether a file or link stands there, and not behind a link."""
    absolute = site.path(path)
    folder = os.path.dirname(absolute)
    return (os.path.islink(absolute) or os.path.isfile(absolute)) and os.path.realpath(folder) == folder


def _parents(workspace: Workspace, head: HeadState, memory: Memory, seconds: int) -> list[Oid]:
    commits = [name for name, kind in head.needed.items() if kind == "commit"]
    tips = [[ref.name, ref.oid] for ref in head.refs if ref.name != head.head.branch]
    digest = hashlib.sha256(canonical_json(tips).encode()).hexdigest()
    if memory.keeper is None or memory.keeper[0] != digest:
        memory.keeper = (digest, keeper(workspace.repository, workspace.writer, head, seconds))
    return unique([*commits, memory.keeper[1]])


def _nested(
    workspace: Workspace,
    policy: CapturePolicy,
    site: Site,
    directories: Directories,
    skipped: list[Skipped],
    *,
    depth: int,
) -> list[Nested]:
    """Capture each repository inside as a tree of its own; git would record at most a link."""
    found: list[Nested] = []
    for path in directories.nested:
        if depth > _MAX_DEPTH:
            skipped.append(Skipped(path=path, reason="repository nested too deeply", bytes=0))
            continue
        key = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        inner = Site(
            root=site.path(path),
            private=os.path.join(site.private, "nested", key),
            repository=workspace.repository,
            missing_ok=False,
        )
        git_dir = _git_dir(inner.root)
        captured = capture_worktree(
            inner,
            policy,
            workspace.configuration,
            seeding=None,  # its objects are elsewhere
            exclude_file=os.path.join(git_dir, "info", "exclude"),
            thorough=False,
        )
        head, branch = _nested_head(workspace.repository, git_dir)
        relative = os.path.relpath(inner.root, workspace.root)
        tree = graft(workspace.reader, inner.writer, captured.base, captured.overlay)
        found.append(Nested(path=relative, tree=tree, head=head, branch=branch))
        skipped += [
            Skipped(path=f"{relative}/{one.path}", reason=one.reason, bytes=one.bytes) for one in captured.skipped
        ]
        skipped.append(Skipped(path=f"{relative}/.git", reason="history of a nested repository", bytes=0))
        found += _nested(workspace, policy, inner, captured.directories, skipped, depth=depth + 1)
    return found


def _git_dir(root: str) -> str:
    dot_git = os.path.join(root, ".git")
    if os.path.isdir(dot_git):
        return dot_git
    try:
        with open(dot_git, encoding="utf-8", errors="surrogateescape") as file:
            return os.path.join(root, file.read(4096).removeprefix("gitdir: ").strip())
    except OSError:
        return dot_git


def _nested_head(repository: Repository, git_dir: str) -> tuple[MaybeOid, str | None]:
    git = Git(git_dir=git_dir, cwd=repository.root)
    try:
        name = git.out("rev-parse", "--verify", "--quiet", "HEAD", ok=(0, 1))
        branch = git.out("symbolic-ref", "--quiet", "HEAD", ok=(0, 1)) or None
        return (oid(name) if name else None), branch
    except (GitError, ValueError):
        return None, None
