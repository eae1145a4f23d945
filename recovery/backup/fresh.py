"""A repository of our own making: no template, no hooks, nothing of the user's configuration."""

import os

from ...core.gate.repository import Repository
from ...core.gate.runner import Git


def fresh(git_dir: str, object_format: str, *, bare: bool) -> Git:
    """Make an empty repository.

    Args:
        git_dir: its git directory, `<root>/.git` unless it is bare; what is above it exists.
        object_format: `sha1` or `sha256`.
        bare: whether it has no worktree.
    """
    git = Git(git_dir=git_dir, cwd=os.path.dirname(git_dir))
    kind = ("--bare",) if bare else ("--initial-branch=main",)
    git.run("init", "--quiet", "--template=", f"--object-format={object_format}", *kind)
    return git


def bare_repository(folder: str, object_format: str) -> Repository:
    """A new bare repository as a `Repository`."""
    fresh(folder, object_format, bare=True)
    return Repository(
        root=folder,
        git_dir=folder,
        common_dir=folder,
        object_format="sha256" if object_format == "sha256" else "sha1",
        shallow=False,
    )
