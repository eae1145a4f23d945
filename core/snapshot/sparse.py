"""Sparse checkouts: paths that are absent on purpose must not be recorded as deleted."""

import os

from ..gate.runner import nul
from .base import Base
from .site import Site


def align(site: Site, base: Base, users_index: str) -> None:
    """Give our index the user's skip-worktree bits, for paths that are absent; clear them for present ones.

    Args:
        site: the worktree.
        base: the tree of our index.
        users_index: a copy of the user's index.
    """
    git = site.repository.git.using(env={"GIT_INDEX_FILE": users_index})
    absent: dict[str, str] = {}
    for line in git.fields("ls-files", "-t", "--stage", "-z"):
        info, path = line.split("\t", 1)
        tag, mode, name, _ = info.split(" ")
        if tag == "S" and not os.path.lexists(site.path(path)):
            absent[path] = f"{mode} {name}"
    ours = {line[2:] for line in site.git.fields("ls-files", "-t", "-z") if line.startswith("S ")}
    stale = [path for path in ours if path not in absent]
    missing = [path for path in absent if path not in ours]
    if stale:
        site.git.run("update-index", "--no-skip-worktree", "-z", "--stdin", stdin=nul(stale))
    if missing:
        lines = [f"{absent[path]}\t{path}" for path in missing]
        with base.changing():
            site.git.run("update-index", "-z", "--index-info", stdin=nul(lines))
            site.git.run("update-index", "--skip-worktree", "-z", "--stdin", stdin=nul(missing))
