"""Commits as a person reads them, through GitPython."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from .gate.pairs import diff_pairs, trees_of
from .gate.trees import Difference
from .ids import MaybeOid, Oid, oid
from .late import late
from .records import dataclass, field
from .text import clean, one_line
from .workspace import Workspace

if TYPE_CHECKING:
    from git import Repo

_TRAILER = late(r"([A-Za-z][A-Za-z0-9-]*):[ \t]+(\S.*)")


@dataclass(frozen=True, kw_only=True)
class CommitInfo:
    """A commit.

    Attributes:
        oid: its name.
        parents: first parent first.
        tree: its tree.
        author: `Name <email>`, made safe to show.
        seconds: author date, seconds after the epoch.
        subject: first line, made safe to show.
        trailers: key (lower case) and value of the last paragraph's lines.
    """

    oid: Oid
    parents: Sequence[Oid]
    tree: Oid
    author: str
    seconds: int
    subject: str
    trailers: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def short(self) -> str:
        """Seven digits, for a reader."""
        return self.oid[:7]


class History:
    """Reads commits of a workspace.

    GitPython knows SHA-1 names only: commits of a SHA-256 repository are read from the object store.

    Args:
        workspace: the repository.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        sha1 = workspace.repository.object_format == "sha1"
        self._repo: Repo | None = _gitpython(workspace) if sha1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._repo is not None:
            self._repo.close()

    def commit(self, name: Oid) -> CommitInfo:
        """One commit."""
        if self._repo is None:
            return _parsed(name, self._workspace.reader.read(name).data)
        return _parsed(name, self._repo.odb.stream(bytes.fromhex(name)).read())

    def between(self, exclude: MaybeOid, tip: Oid) -> list[CommitInfo]:
        """First-parent commits of `tip` that `exclude` does not have, newest first."""
        revision = tip if exclude is None else f"{exclude}..{tip}"
        if self._repo is None:
            names = self._workspace.repository.git.out("rev-list", "--first-parent", revision).splitlines()
        else:
            names = [one.hexsha for one in self._repo.iter_commits(revision, first_parent=True)]
        return [self.commit(oid(name)) for name in names]


def changed_by(workspace: Workspace, commits: Sequence[CommitInfo]) -> list[Difference]:
    """What each of some commits changed against its parent, in their order; of merges nothing."""
    repository = workspace.repository
    single = [one for one in commits if len(one.parents) < 2]
    parents = [one.parents[0] if one.parents else repository.empty_tree for one in single]
    before = trees_of(repository.git, workspace.reader, parents)
    pairs = [(old, one.tree) for old, one in zip(before, single, strict=True)]
    return [row for rows in diff_pairs(repository.git, pairs) for row in rows]


def _parsed(name: Oid, data: bytes) -> CommitInfo:
    """The commit in an object; GitPython's own reading ignores the encoding of a message."""
    head, _, body = data.partition(b"\n\n")
    fields: dict[bytes, list[bytes]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        fields.setdefault(key, []).append(value)
    encoding = fields.get(b"encoding", [b"utf-8"])[0].decode("ascii", "replace")
    try:
        message, author = body.decode(encoding, "replace"), fields[b"author"][0].decode(encoding, "replace")
    except LookupError:
        message, author = body.decode("utf-8", "replace"), fields[b"author"][0].decode("utf-8", "replace")
    who, seconds, _ = author.rsplit(" ", 2)
    return CommitInfo(
        oid=name,
        parents=tuple(oid(one.decode("ascii")) for one in fields.get(b"parent", [])),
        tree=oid(fields[b"tree"][0].decode("ascii")),
        author=clean(who, limit=200),
        seconds=int(seconds),
        subject=one_line(message),
        trailers=_trailers(message),
    )


def _trailers(message: str) -> tuple[tuple[str, str], ...]:
    """Lines `Key: value` of the last paragraph; `git interpret-trailers` would cost a process a commit."""
    last = message.strip().rpartition("\n\n")[2].splitlines()
    found = [match for line in last if (match := _TRAILER.fullmatch(line.strip()))]
    return tuple((match[1].lower(), clean(match[2])) for match in found)


def _gitpython(workspace: Workspace) -> "Repo":
    from .gate.gitpython import open_gitpython  # late: clients wait for a server that starts

    return open_gitpython(workspace.repository)
