"""Git directories of a scratch worktree: they read the repository's objects and write only their own.

There are two. One is ours, outside the directory: its index says what the files are, and no check knows of it.
The other is `.git` in the directory, made anew for every state, for tools that ask git something.
"""

import contextlib
import os
import shutil
from dataclasses import dataclass

from ...core.gate.refs import list_all_refs, read_head
from ...core.gate.runner import Git
from ...core.ids import OURS, MaybeOid, Oid
from ...core.snapshot.capture import exclude_file
from ...core.workspace import Workspace

# Files are shown as git stores them: what an attribute converts, a filter say, could be a program.
_ATTRIBUTES = b"* -text -eol -crlf -filter -ident -working-tree-encoding\n"
_NO_BRANCH = b"ref: refs/heads/none\n"
_CAP = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What is the same for every state a scratch worktree shows.

    Attributes:
        config: of both git directories.
        alternates: where the objects are.
        shallow: the commits at which history is cut off.
        refs: the repository's refs, packed; ours are not among them.
        exclude: the user's own ignore rules for the repository.
        head: the commit the worktree's HEAD is at.
        branch: where HEAD points if there is no commit yet.
    """

    config: bytes
    alternates: bytes
    shallow: bytes
    refs: bytes
    exclude: bytes
    head: MaybeOid
    branch: str | None


def layout(workspace: Workspace) -> Layout:
    """Read it."""
    repository, head = workspace.repository, read_head(workspace.repository)
    refs = [one for one in list_all_refs(repository, workspace.reader) if not one.name.startswith(OURS)]
    return Layout(
        config=_config(workspace),
        alternates=os.fsencode(repository.objects_dir) + b"\n",
        shallow=_read(os.path.join(repository.common_dir, "shallow")),
        refs=b"".join(f"{one.oid} ".encode("ascii") + os.fsencode(one.name) + b"\n" for one in refs),
        exclude=_read(exclude_file(workspace)),
        head=head.oid,
        branch=head.branch,
    )


def _config(workspace: Workspace) -> bytes:
    sha256 = workspace.repository.object_format == "sha256"
    lines = [
        "[core]",
        f"\trepositoryFormatVersion = {int(sha256)}",
        "\tbare = false",
        "\tfileMode = true",
        "\tlogAllRefUpdates = false",
        "\tprotectHFS = true",
        "\tprotectNTFS = true",
        *(
            f"\t{name} = true"
            for name in ("ignoreCase", "precomposeUnicode")
            if workspace.configuration.true(f"core.{name}")
        ),
        "[gc]",
        "\tauto = 0",
        "[maintenance]",
        "\tauto = false",
        *(("[extensions]", "\tobjectFormat = sha256") if sha256 else ()),
    ]
    return ("\n".join(lines) + "\n").encode("ascii")


def lay(folder: str, layout: Layout, head: bytes = _NO_BRANCH) -> None:
    """Write a git directory, or write over what somebody changed in one."""
    for name in ("refs/heads", "info", "objects/info", "objects/pack"):
        os.makedirs(os.path.join(folder, name), mode=0o700, exist_ok=True)
    files = {
        "HEAD": head,
        "config": layout.config,
        "info/attributes": _ATTRIBUTES,
        "info/exclude": layout.exclude,
        "objects/info/alternates": layout.alternates,
    }
    for name, content in files.items():
        _write(os.path.join(folder, name), content)
    shallow = os.path.join(folder, "shallow")
    if layout.shallow:
        _write(shallow, layout.shallow)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(shallow)


def show_git(root: str, ours: str, layout: Layout, head: MaybeOid) -> None:
    """Make `.git` in a directory, for its tools: HEAD detached, the index ours, branches and tags to read.

    Args:
        root: the directory; it has no `.git` yet.
        ours: our git directory for it.
        layout: see `Layout`.
        head: the commit; None for the branch that has none yet.
    """
    folder = os.path.join(root, ".git")
    unborn = _NO_BRANCH if layout.branch is None else b"ref: " + os.fsencode(layout.branch) + b"\n"
    lay(folder, layout, unborn if head is None else f"{head}\n".encode("ascii"))
    if head is not None:
        _write(os.path.join(folder, "packed-refs"), layout.refs)
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(os.path.join(ours, "index"), os.path.join(folder, "index"))


def checkout_git(ours: str, root: str) -> Git:
    """Git that writes the files of a scratch worktree, as many at once as there are cores."""
    # Nothing here has to survive a power cut: what was under way then is written anew.
    settings = ("core.fsync=none", "checkout.workers=0")
    return Git(git_dir=ours, work_tree=root, cwd=root, settings=settings)


def commit_of(workspace: Workspace, treeish: Oid) -> MaybeOid:
    """The commit itself, or None if it is a tree."""
    return treeish if workspace.reader.read(treeish).kind == "commit" else None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_CAP)
    except OSError:
        return b""


def _write(path: str, content: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # a link would lead the write elsewhere
    with open(path, "wb") as file:
        file.write(content)
