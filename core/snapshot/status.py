"""Asks git how a site differs from our index, and brings that index up to date."""

import os
from collections.abc import Sequence

from ..errors import CaptureError
from ..gate.process import Completed, Limits, Running
from ..gate.runner import nul
from ..ids import Oid, oid
from ..late import late
from ..records import dataclass
from ..text import clean
from .site import Site

# A .gitignore that is a link is not followed; git says so and goes on without it, as for the user.
_UNREADABLE = late(rb"could not open directory|unable to access (?!.*Too many levels of symbolic links)")
_LONG = Limits(seconds=900)
_WILD = late(r"[*?\[\\]")
# Beyond these, looking everywhere is as fast; and a command line has an end.
_MANY, _LONG_LINE = 100, 50_000


@dataclass(frozen=True, kw_only=True)
class Status:
    """How the directory differs from our index: changed and new files, deleted paths."""

    changed: Sequence[str]
    new: Sequence[str]
    deleted: Sequence[str]


def read_status(site: Site, *, untracked: bool = True) -> Status:
    """What changed since our index was written; submodules are not entered.

    Args:
        site: the directory.
        untracked: whether to look for new files.

    Raises:
        CaptureError: if part of the directory cannot be read.
    """
    with start_status(site, untracked=untracked) as running:
        return status_of(site, running)


def start_status(site: Site, *, untracked: bool = True) -> Running:
    """Let git look, while the caller does something else; the answer is for `status_of`."""
    argv = ["status", "--porcelain=v2", "-z", "--no-renames", "--ignore-submodules=all"]
    return site.git.start(*argv, *([] if untracked else ["--untracked-files=no"]), limits=_LONG)


def status_of(site: Site, running: Running) -> Status:
    """What git saw; see `read_status`."""
    done = site.git.checked(running.result(), (0,), _LONG)
    _check(done)
    changed, new, deleted = [], [], []
    for line in os.fsdecode(done.stdout).split("\0"):
        if line.startswith("? "):
            if not line.endswith("/"):  # a nested repository, which has a capture of its own
                new.append(line[2:])
        elif line.startswith("1 "):
            kind, path = line[3], line.split(" ", 8)[8]
            if kind == "D":
                deleted.append(path)
            elif kind != ".":
                changed.append(path)
    return Status(changed=changed, new=new, deleted=deleted)


def read_untracked(site: Site, folders: Sequence[str] | None) -> list[str]:
    """Files that our index does not have and no rule ignores.

    Args:
        site: the directory.
        folders: look at the entries of these only, not below; None looks everywhere.

    Raises:
        CaptureError: if part of the directory cannot be read.
    """
    specs: list[str] = []
    if folders is not None:
        if not folders:
            return []
        quoted = [_WILD.sub(r"\\\g<0>", folder) for folder in folders]
        specs = [f":(glob){folder}/*" if folder else ":(glob)*" for folder in quoted]
    if len(specs) > _MANY or sum(map(len, specs)) > _LONG_LINE:
        specs = []
    done = site.git.run("ls-files", "--others", "--exclude-standard", "-z", "--", *specs, limits=_LONG)
    _check(done)
    return [path for path in os.fsdecode(done.stdout).split("\0") if path and not path.endswith("/")]


def _check(done: Completed) -> None:
    if any(_UNREADABLE.search(line) for line in done.stderr.splitlines()):
        raise CaptureError(
            f"Part of the worktree cannot be read: {clean(os.fsdecode(done.stderr)).strip()}",
            hint="Make it readable or ignore it in .gitignore; no checkpoint was taken.",
        )


def update_index(site: Site, present: Sequence[str], gone: Sequence[str]) -> None:
    """Bring our index up to date for some paths."""
    if gone:
        site.git.run("update-index", "--force-remove", "-z", "--stdin", stdin=nul(gone))
    if present:
        argv = ("update-index", "--add", "--remove", "--replace", "-z", "--stdin")
        site.git.run(*argv, stdin=nul(present), limits=_LONG)


def write_tree(site: Site) -> Oid:
    """Our index as a tree."""
    return oid(site.git.out("write-tree", *(["--missing-ok"] if site.missing_ok else [])))
