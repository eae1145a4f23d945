"""Takes checkpoints, reads them back through the object store, wrecks a worktree and restores it."""

import contextlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator

from safe_rollback.core.gate.trees import list_files
from safe_rollback.core.ids import Oid
from safe_rollback.core.session import chain
from safe_rollback.core.snapshot.checkpoint import Checkpoint, load_sidecar, private_files
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.snapshot.take import Label, take
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from safe_rollback.tools.transitions import Transition
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo

Files = dict[bytes, tuple[str, bytes]]
"""Path → git mode and content."""

_OURS = ("safe-rollback", "objects", "refs/safe-rollback", "logs/refs/safe-rollback")


def keep(workspace: Workspace, policy: CapturePolicy | None = None) -> Checkpoint:
    """Take a checkpoint outside of any session."""
    return take(workspace, chain(workspace, None), policy or CapturePolicy(), Label(reason="asked"))


def content(workspace: Workspace, tree: Oid) -> Files:
    """Every file of a tree, read back; links to submodules have their commit as content."""
    files = {}
    for path, entry in list_files(workspace.repository.git, tree).items():
        data = entry.oid.encode() if entry.mode == "160000" else workspace.reader.read(entry.oid).data
        files[os.fsencode(path)] = entry.mode, data
    return files


def private_content(workspace: Workspace, checkpoint: Checkpoint) -> Files:
    """The captured ignored files, read back."""
    return {
        os.fsencode(path): (entry.mode, workspace.reader.read(entry.oid).data)
        for path, entry in private_files(workspace.repository, checkpoint.private).items()
    }


def on_disk(root: str | bytes) -> Files:
    """Files and links below a directory as git would name their modes; nothing below a `.git`."""
    top, files = os.fsencode(root), {}
    for folder, folders, names in os.walk(top):
        links = [one for one in folders if os.path.islink(os.path.join(folder, one))]
        folders[:] = [one for one in folders if one != b".git"]
        for name in [*names, *links]:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            if name == b".git":
                continue
            if stat.S_ISLNK(info.st_mode):
                files[os.path.relpath(path, top)] = "120000", os.readlink(path)
            elif stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    mode = "100755" if info.st_mode & 0o100 else "100644"
                    files[os.path.relpath(path, top)] = mode, file.read()
    return files


def below(path: bytes, folders: Iterable[bytes]) -> bool:
    """Whether a path is in one of the folders."""
    return any(path.startswith(folder + b"/") for folder in folders)


def ignored(repo: Repo) -> set[bytes]:
    """Files that are ignored and not tracked, as git says."""
    words = repo.git("ls-files", "--others", "--ignored", "--exclude-standard", "-z").split("\0")
    named = {os.fsencode(word) for word in words if word}
    return {
        path for path in on_disk(repo.root) if path in named or any(below(path, [one.rstrip(b"/")]) for one in named)
    }


def git_side(repo: Repo) -> dict[str, bytes]:
    """Every file of the git directories but the object store and what is ours, index and reflogs included."""
    found = {}
    common = repo.git("rev-parse", "--path-format=absolute", "--git-common-dir")
    for top in {common, repo.git_dir()}:
        for folder, folders, names in os.walk(top):
            where = os.path.relpath(folder, top)
            folders[:] = [one for one in folders if os.path.normpath(os.path.join(where, one)) not in _OURS]
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    found[path] = os.fsencode(os.readlink(path))
                else:
                    with open(path, "rb") as file:
                        found[path] = file.read()
    return found


def unfinished(repo: Repo) -> dict[str, bytes]:
    """What git keeps in capitals at the top of its directory about something in progress."""
    found = {}
    for name in os.listdir(repo.git_dir()):
        if name.isupper() and name not in ("HEAD", "FETCH_HEAD", "COMMIT_EDITMSG"):
            with open(os.path.join(repo.git_dir(), name), "rb") as file:
                found[name] = file.read()
    return found


def wreck(repo: Repo, workspace: Workspace, checkpoint: Checkpoint) -> None:
    """What an agent might do at its worst: delete and overwrite every file that was captured,
    stage the ruin, end whatever was in progress, and leave HEAD on a branch of its own.
    """
    captured = [*content(workspace, checkpoint.worktree), *private_content(workspace, checkpoint)]
    for one in checkpoint.nested:
        captured += [os.path.join(os.fsencode(one.path), path) for path in content(workspace, one.tree)]
    for number, name in enumerate(sorted(captured)):
        path = repo.path(name)
        if os.path.isdir(path) and not os.path.islink(path):
            continue  # a submodule
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(path)
        if number % 3 == 1 and os.path.isdir(os.path.dirname(path)):
            repo.write(name, b"ruined\n", 0o755)
        if number % 3 == 2 and os.path.isdir(os.path.dirname(path)):
            os.symlink("ruined", path)
    for name in load_sidecar(workspace.reader, checkpoint).empty:
        with contextlib.suppress(OSError):
            os.rmdir(repo.path(name))
    repo.write("left behind/by the agent.txt", "rubbish\n")
    for name in unfinished(repo):
        os.unlink(os.path.join(repo.git_dir(), name))
    for name in repo.git("for-each-ref", "--format=%(refname)", "refs/bisect").splitlines():
        repo.git("update-ref", "-d", name)
    for name in ("rebase-merge", "rebase-apply", "sequencer"):
        shutil.rmtree(os.path.join(repo.git_dir(), name), ignore_errors=True)
    if not workspace.repository.sparse:  # only there does the index say what is absent on purpose
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(repo.git_dir(), "index"))
    repo.git("symbolic-ref", "HEAD", "refs/heads/of-the-agent")
    repo.git("add", "-f", "--sparse", "--", "left behind")


def restore(workspace: Workspace, checkpoint: Checkpoint) -> Transition:
    """Plan a restore and do it.

    Raises:
        AssertionError: if something stands in the way, or the result was not read back as planned.
    """
    looked = restore_checkpoint(Desk(workspace), checkpoint.id).plan
    assert looked is not None and not looked.blocked and not looked.conflicts, looked
    done = restore_checkpoint(Desk(workspace), checkpoint.id, digest=looked.digest)
    assert done.applied and done.verified, done
    return done


def forget_unreachable(repo: Repo) -> None:
    """Drop every object that no ref reaches."""
    repo.git("reflog", "expire", "--expire=all", "--expire-unreachable=all", "--all")
    repo.git("gc", "-q", "--prune=now")


@contextlib.contextmanager
def opened(repo: Repo) -> Iterator[Workspace]:
    """A worktree, opened with a fixed clock."""
    workspace = open_workspace(repo.root, FixedClock())
    try:
        yield workspace
    finally:
        workspace.close()


def assert_holds(workspace: Workspace, repo: Repo, checkpoint: Checkpoint) -> None:
    """The checkpoint has every file that stands, byte for byte, and no other.

    Files that a sparse checkout leaves out it may have.
    """
    nested = [os.fsencode(one.path) for one in checkpoint.nested]
    left_out = ignored(repo)
    expected = {
        path: entry for path, entry in on_disk(repo.root).items() if not below(path, nested) and path not in left_out
    }
    held = {path: entry for path, entry in content(workspace, checkpoint.worktree).items() if entry[0] != "160000"}
    absent = {
        os.fsencode(line[2:])
        for line in repo.git("ls-files", "-t", "-z").split("\0")
        if line.startswith("S ") and not repo.exists(line[2:])
    }
    if repo.git("config", "core.sparseCheckout", ok=(0, 1)) == "true":
        held = {path: entry for path, entry in held.items() if path not in absent}
    assert held == expected
    for one in checkpoint.nested:
        inner = os.path.join(repo.root, one.path)
        deeper = [os.fsencode(os.path.relpath(two.path, one.path)) for two in checkpoint.nested if two is not one]
        files = {path: entry for path, entry in on_disk(inner).items() if not below(path, deeper)}
        assert content(workspace, one.tree) == files, one.path


def afresh(workspace: Workspace) -> Checkpoint:
    """A checkpoint taken as if it were the first: nothing remembered from earlier ones."""
    shutil.rmtree(os.path.join(workspace.worktree_dir, "private"))
    return keep(workspace)


STATE = (
    "worktree", "index_raw", "index_tree", "stages", "shared", "state", "sidecar", "refs", "nested", "private",
    "captured", "skipped", "head", "in_progress",
)  # fmt: skip
"""What two checkpoints of the same state have in common."""


def assert_same(one: Checkpoint, other: Checkpoint) -> None:
    """Both hold the same state, in the same objects."""
    for name in STATE:
        mine, theirs = getattr(one, name), getattr(other, name)
        if name in ("nested", "skipped"):
            mine, theirs = sorted(mine, key=repr), sorted(theirs, key=repr)
        assert mine == theirs, name
