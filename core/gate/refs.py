"""Refs: read in one call, changed in one transaction with the values they must have had."""

import os
from collections.abc import Sequence

from ..errors import BusyError, GitError, InvalidInputError, NotFoundError, StateMovedError
from ..ids import OURS, MaybeOid, Oid, oid
from ..late import late
from ..records import dataclass
from ..text import show_path
from .reader import ObjectReader
from .reffiles import kinds_of, learn, read_ref_files
from .repository import Repository

ARCHIVE = OURS + "archive/"
"""Branches and tags that were taken away, and what moved ones had."""

ARCHIVE_MOMENT = "%Y%m%d-%H%M%S"
"""How a folder of the archive that no operation made begins, in UTC."""

_REFLOG_IDENTITY = {"GIT_COMMITTER_NAME": "safe-rollback", "GIT_COMMITTER_EMAIL": "safe-rollback@localhost"}
_LONGEST = 4096
_MOVED = late(r"but expected|already exists|unable to resolve reference|reference is missing")


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A ref, its object, and the commit a tag leads to."""

    name: str
    oid: Oid
    kind: str
    peeled: MaybeOid


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where HEAD points.

    Attributes:
        branch: full ref name, or None when detached.
        oid: the commit, or None on an unborn branch.
    """

    branch: str | None
    oid: MaybeOid

    @property
    def short(self) -> str | None:
        """The branch without `refs/heads/`."""
        return None if self.branch is None else self.branch.removeprefix("refs/heads/")


@dataclass(frozen=True, kw_only=True)
class RefUpdate:
    """One change of a ref.

    Attributes:
        name: full ref name.
        new: what it becomes; None deletes it.
        old: what it must be; None means it must not exist.
    """

    name: str
    new: MaybeOid
    old: MaybeOid


def list_refs(repository: Repository, *prefixes: str) -> list[Ref]:
    """All refs, or those under the prefixes."""
    form = "%(objectname) %(objecttype) %(*objectname) %(refname)"
    refs = []
    # Not splitlines: a ref may be named with what Unicode calls a line separator.
    for line in filter(None, repository.git.out("for-each-ref", f"--format={form}", *prefixes).split("\n")):
        name, kind, peeled, ref = line.split(" ", 3)
        target = oid(peeled) if peeled else oid(name) if kind == "commit" else None
        refs.append(Ref(name=ref, oid=oid(name), kind=kind, peeled=target))
        learn(repository, oid(name), kind, oid(peeled) if peeled else None)
    return refs


def list_all_refs(repository: Repository, reader: ObjectReader) -> list[Ref]:
    """All refs, read from git's files where that is plain; without a process if little is new."""
    names = read_ref_files(repository)
    kinds = None if names is None else kinds_of(repository, reader, set(names.values()))
    if names is None or kinds is None:
        return list_refs(repository)
    refs = []
    for name in sorted(names):
        kind, peeled = kinds[names[name]]
        target = peeled or (names[name] if kind == "commit" else None)
        refs.append(Ref(name=name, oid=names[name], kind=kind, peeled=target))
    return refs


def read_head(repository: Repository, refs: Sequence[Ref] | None = None) -> Head:
    """Where HEAD points.

    Args:
        repository: the repository.
        refs: all branches, if they were listed already; saves a process.
    """
    branch = head_branch(repository)
    if branch is None:
        found = repository.git.out("rev-parse", "--verify", "--quiet", "HEAD", ok=(0, 1))
        return Head(branch=None, oid=oid(found) if found else None)
    if refs is None:
        refs = list_refs(repository, branch)
    return Head(branch=branch, oid=next((ref.oid for ref in refs if ref.name == branch), None))


def head_branch(repository: Repository) -> str | None:
    """The full name of the branch HEAD is on; None when it is detached."""
    if not os.path.isdir(os.path.join(repository.common_dir, "reftable")):
        try:
            with open(os.path.join(repository.git_dir, "HEAD"), "rb") as file:
                text = os.fsdecode(file.read(4096))
        except OSError as error:
            raise NotFoundError(f"HEAD cannot be read: {error}.", hint="Run `git fsck`.") from error
        if not os.path.islink(os.path.join(repository.git_dir, "HEAD")):
            # git strips ASCII space only: other space may be part of a name.
            return text.removeprefix("ref:").strip(" \t\r\n") if text.startswith("ref:") else None
    return repository.git.out("symbolic-ref", "--quiet", "HEAD", ok=(0, 1)) or None


def update_refs(repository: Repository, updates: Sequence[RefUpdate], *, reason: str) -> None:
    """Make all updates or none.

    Args:
        repository: the repository.
        updates: the changes.
        reason: goes into the reflog.

    Raises:
        StateMovedError: if a ref is not what it had to be; nothing was changed.
        BusyError: if another process holds a ref's lock.
    """
    zero = repository.null_oid
    script = b"".join(
        f"update {one.name}\0{one.new or zero}\0{one.old or zero}\0".encode(errors="surrogateescape")
        for one in updates
    )
    git = repository.git.using(env=_REFLOG_IDENTITY)
    try:
        git.run("update-ref", "--no-deref", "-m", f"safe-rollback: {reason}", "--stdin", "-z", stdin=script)
    except GitError as error:
        if _MOVED.search(error.stderr):
            raise StateMovedError(
                f"A ref moved meanwhile: {error.stderr.strip()}.", hint="Nothing was changed. Plan again."
            ) from error
        if "File exists" in error.stderr:
            raise BusyError(
                f"Another git process holds a ref's lock: {error.stderr.strip()}.",
                hint="Try again when it has finished; the lock is never removed here.",
            ) from error
        raise


def set_head(repository: Repository, head: Head, *, reason: str) -> None:
    """Point HEAD at a branch (which may be unborn) or, detached, at a commit."""
    git = repository.git.using(env=_REFLOG_IDENTITY)
    message = f"safe-rollback: {reason}"
    if head.branch is not None:
        git.run("symbolic-ref", "-m", message, "HEAD", head.branch)
    elif head.oid is not None:
        git.run("update-ref", "--no-deref", "-m", message, "HEAD", head.oid)


def resolve(repository: Repository, revision: str) -> Oid:
    """The commit a caller's revision names, as a full object name.

    Raises:
        InvalidInputError: if it names no commit. It is never passed on as an option.
    """
    if not _is_argument(revision):
        raise InvalidInputError("The revision is empty, too long or not one line of text.", hint="Name a commit.")
    done = repository.git.run(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", ok=(0, 1, 128)
    )
    # `^HEAD` leaves out instead of naming.
    if done.exit_code != 0 or done.stdout.startswith(b"^"):
        raise InvalidInputError(
            f"{show_path(revision)!r} names no commit here.", hint="`git log --oneline` shows the commits."
        )
    return oid(os.fsdecode(done.stdout).strip())


def _is_argument(text: str) -> bool:
    """Whether a caller's word can be handed to a program at all."""
    try:
        return 0 < len(os.fsencode(text)) <= _LONGEST and not {"\0", "\n"} & set(text)
    except UnicodeEncodeError:
        return False


def parents_of(repository: Repository, commit: Oid) -> list[Oid]:
    """The parents of a commit, first parent first."""
    words = repository.git.out("rev-list", "--parents", "--max-count=1", commit).split()
    return [oid(word) for word in words[1:]]


def is_ancestor(repository: Repository, ancestor: Oid, descendant: Oid) -> bool:
    """Whether `descendant` contains `ancestor`."""
    return repository.git.run("merge-base", "--is-ancestor", ancestor, descendant, ok=(0, 1)).exit_code == 0


def check_branch_name(repository: Repository, name: str) -> str:
    """A caller's branch name as a full ref name.

    Raises:
        InvalidInputError: if git would not accept it.
    """
    wrong = not _is_argument(name) or name.startswith("-") or name == "HEAD"
    if wrong or repository.git.run("check-ref-format", f"refs/heads/{name}", ok=(0, 1)).exit_code != 0:
        shown = show_path(name[:200])
        raise InvalidInputError(f"{shown!r} is no branch name.", hint="See `git help check-ref-format`.")
    return f"refs/heads/{name}"
