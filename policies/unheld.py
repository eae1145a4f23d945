"""Named files that no checkpoint could bring back: ignored and not captured, or over the size limit."""

import os
import stat
from collections.abc import Callable, Collection, Sequence

from ..core.errors import GitError
from ..core.gate.runner import nul
from ..core.globs import first_match
from ..core.snapshot.capture import exclude_file, main_site
from ..core.snapshot.chain import tree_of
from ..core.snapshot.checkpoint import Checkpoint
from ..core.snapshot.graft import present
from ..core.snapshot.policy import CapturePolicy
from ..core.snapshot.site import Site
from ..core.workspace import Workspace

# What tools make again; it counts as such only where git ignores it.
BUILD_OUTPUT = frozenset(
    {
        "node_modules", "bower_components", "dist", "build", "out", "target", "bin", "obj", "_build", "deps",
        "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox", ".venv", "venv", "env",
        ".eggs", "htmlcov", "coverage", ".coverage", ".nyc_output", ".cache", ".parcel-cache", ".turbo", ".next",
        ".nuxt", ".svelte-kit", ".angular", ".gradle", ".terraform", ".bundle", "vendor", "Pods", "DerivedData",
        "tmp", "temp", "log", "logs", "cmake-build-debug", "cmake-build-release", ".hypothesis",
        ".import_linter_cache", "test-results", "playwright-report",
    }
)  # fmt: skip
_BUILD_NAMES = (
    "*.pyc", "*.pyo", "*.o", "*.obj", "*.a", "*.class", "*.so", "*.dylib", "*.dll", "*.exe", "*.log", "*.tmp",
    "*.pid", "*.egg-info", "*.tsbuildinfo", "*.gcda", "*.gcno", "*.profraw", ".coverage.*", "coverage.xml",
    "lcov.info", ".eslintcache", ".stylelintcache", ".DS_Store", "Thumbs.db",
)  # fmt: skip


def made_again(path: str) -> bool:
    """Whether an ignored path is build output, a cache or temporary."""
    names = path.rstrip("/").split("/")
    return any(name in BUILD_OUTPUT for name in names) or first_match(names[-1], _BUILD_NAMES) is not None


def prepared(workspace: Workspace) -> Site:
    """The worktree, whose private git directory is not there before the first capture."""
    site = main_site(workspace)
    if not os.path.exists(os.path.join(site.private, "HEAD")):
        with workspace.worktree_lock("look"):
            site.prepare(workspace.configuration, exclude_file(workspace))
    return site


def unheld(
    workspace: Workspace, policy: CapturePolicy, paths: Sequence[str], captured: Callable[[], Collection[str]]
) -> list[str]:
    """Those of some files that hold something no checkpoint would.

    Args:
        workspace: the worktree.
        policy: what checkpoints hold of ignored files.
        paths: files from the root; what is no regular file, or empty, loses nothing.
        captured: the ignored files that a capture of this moment takes; asked only if it matters.
    """
    sizes = _at_stake(workspace, policy, paths)
    if not sizes:
        return []
    ignored = _ignored(workspace, list(sizes))
    found = [path for path in sizes if path in ignored and not made_again(path)]
    if any(first_match(path, policy.ignored) is not None for path in found):
        found = [path for path in found if path not in captured()]
    found += [path for path, size in sizes.items() if size > policy.max_file and path not in ignored]
    if not found:
        return []
    literal = workspace.repository.git.using(env={"GIT_LITERAL_PATHSPECS": "1"})
    tracked = set(literal.fields("ls-files", "-z", "--", *found))
    return [path for path in found if path not in tracked]


def unheld_by(workspace: Workspace, policy: CapturePolicy, paths: Sequence[str], checkpoint: Checkpoint) -> list[str]:
    """Those of some files that hold something a checkpoint of this moment does not have; see `unheld`."""
    left = list(_at_stake(workspace, policy, paths))
    trees = [checkpoint.worktree]
    if checkpoint.private is not None:
        trees.append(tree_of(workspace.reader, checkpoint.private))
    for tree in trees:
        held = present(workspace.reader, tree, left)
        left = [path for path in left if path not in held]
    return left


def _at_stake(workspace: Workspace, policy: CapturePolicy, paths: Sequence[str]) -> dict[str, int]:
    """Bytes of those files that have some; build output, where it is small, git ignores or a checkpoint holds."""
    sizes = {path: size for path in paths if (size := _size(workspace.root, path))}
    return {path: size for path, size in sizes.items() if size > policy.max_file or not made_again(path)}


def _size(root: str, path: str) -> int:
    """Bytes of a regular file; 0 for anything else, and in a repository inside, which git looks at by itself."""
    names = path.split("/")
    if any(os.path.lexists(os.path.join(root, *names[:count], ".git")) for count in range(1, len(names))):
        return 0
    try:
        info = os.lstat(os.path.join(root, path))
    except (OSError, ValueError):
        return 0
    return info.st_size if stat.S_ISREG(info.st_mode) else 0


def _ignored(workspace: Workspace, paths: Sequence[str]) -> set[str]:
    # A leading colon would be pathspec magic, which this command cannot be told to leave alone.
    named = {f"./{path}" if path.startswith(":") else path: path for path in paths}
    # Our index may still have what has become ignored since.
    argv = ("check-ignore", "--no-index", "-z", "--stdin")
    try:
        return {named[one] for one in prepared(workspace).git.fields(*argv, stdin=nul(list(named)), ok=(0, 1))}
    except GitError:
        # A path git does not look at, such as one in a submodule that is not there: taken for the worst.
        return set(paths)
