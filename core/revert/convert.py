"""Files that git converts between worktree and repository: line endings, encodings, filters.

Their content in the worktree is not what commits hold. Only the user's own filter programs
run, and those of the repository's configuration that a human trusted.
"""

import contextlib
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence

from ..files import write_atomically
from ..gate.config import user_path
from ..gate.objects import MODE_SYMLINK, Entry
from ..gate.runner import Git, nul
from ..ids import Oid, oid
from ..workspace import Workspace

_ATTRIBUTES = ("text", "eol", "crlf", "filter", "ident", "working-tree-encoding")
_SETTINGS = ("core.autocrlf", "core.eol", "core.attributesFile")
_FILE = ".gitattributes"
_OFF = frozenset({"unspecified", "unset"})


@contextlib.contextmanager
def converter_after(
    workspace: Workspace, trusted: Collection[str], now: "Converter", changes: Mapping[str, Entry | None]
) -> Iterator["Converter"]:
    """The conversions that hold once some files have changed, as checkout sees them.

    Args:
        workspace: the worktree.
        trusted: see `Converter`.
        now: those that hold now; they go on unless a `.gitattributes` changes.
        changes: the files that change, and what they become.
    """
    if not any(os.path.basename(path) == _FILE for path in changes):
        yield now
        return
    with tempfile.TemporaryDirectory(dir=workspace.worktree_dir) as folder:
        parts = [path.split("/")[:-1] for path in changes]
        for parent in {"/".join([*part[:n], _FILE]) for part in parts for n in range(len(part) + 1)}:
            data = _attributes(workspace, parent, changes)
            if data is not None:
                os.makedirs(os.path.dirname(os.path.join(folder, parent)), exist_ok=True)
                write_atomically(os.path.join(folder, parent), data)
        yield Converter(workspace, trusted, folder)


def _attributes(workspace: Workspace, path: str, changes: Mapping[str, Entry | None]) -> bytes | None:
    if path in changes:
        entry = changes[path]
        return None if entry is None or entry.mode == MODE_SYMLINK else workspace.reader.read(entry.oid).data
    try:
        with open(os.open(os.path.join(workspace.root, path), os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return file.read()
    except OSError:
        return None


class Converter:
    """Conversions as the user's checkout does them.

    Args:
        workspace: the worktree.
        trusted: texts a human trusted; a filter of the repository's own configuration runs
            only if each of its commands is among them, as `filter.<name>.<key>=<command>`.
        attributes: a directory with the `.gitattributes` files that count; the worktree by default.
    """

    def __init__(self, workspace: Workspace, trusted: Collection[str], attributes: str | None = None) -> None:
        self._workspace = workspace
        self._tree = attributes or workspace.root
        self._untrusted: set[str] = set()
        self._git = self._prepare(trusted)
        self._filters: dict[str, str] = {}

    def _prepare(self, trusted: Collection[str]) -> Git:
        """A git directory with the user's conversion settings and nothing of the repository's that runs."""
        workspace = self._workspace
        folder = os.path.join(workspace.worktree_dir, "convert")
        for name in ("refs", "objects", "info"):
            os.makedirs(os.path.join(folder, name), mode=0o700, exist_ok=True)
        version = 1 if workspace.repository.object_format == "sha256" else 0
        lines = ["[core]", f"\trepositoryFormatVersion = {version}", "\tbare = false"]
        if version:
            lines += ["[extensions]", "\tobjectFormat = sha256"]
        write_atomically(os.path.join(folder, "config"), "\n".join([*lines, ""]).encode())
        write_atomically(os.path.join(folder, "HEAD"), b"ref: refs/heads/none\n")
        write_atomically(os.path.join(folder, "info", "attributes"), self._own_attributes())
        configuration = workspace.configuration
        settings = [f"{key}={value}" for key in _SETTINGS if (value := configuration.get(key)) is not None]
        if configuration.get("core.attributesFile") is None:
            settings.append(f"core.attributesFile={user_path(configuration, 'core.attributesFile', 'attributes')}")
        for one in configuration.settings:
            if not one.key.startswith("filter."):
                continue
            text = f"{one.key}={one.value}"
            if one.scope in ("local", "worktree") and text not in trusted:
                self._untrusted.add(one.key.removeprefix("filter.").rpartition(".")[0])
            else:
                settings.append(text)
        return Git(
            git_dir=folder,
            work_tree=self._tree,
            cwd=self._tree,
            env={"GIT_OBJECT_DIRECTORY": workspace.repository.objects_dir, "GIT_ATTR_NOSYSTEM": "0"},
            settings=tuple(settings),
        )

    def _own_attributes(self) -> bytes:
        try:
            with open(os.path.join(self._workspace.repository.common_dir, "info", "attributes"), "rb") as file:
                return file.read()
        except OSError:
            return b""

    def affected(self, paths: Sequence[str]) -> set[str]:
        """The paths whose worktree content may differ from what a commit holds."""
        if not paths:
            return set()
        words = self._git.fields("check-attr", "-z", "--stdin", *_ATTRIBUTES, stdin=nul(paths))
        found: set[str] = set()
        unset_text: set[str] = set()
        for path, name, value in zip(words[0::3], words[1::3], words[2::3], strict=True):
            if name == "text" and value == "unset":
                unset_text.add(path)
            elif value not in _OFF:
                found.add(path)
                if name == "filter":
                    self._filters[path] = value
        if self._workspace.configuration.get("core.autocrlf") not in (None, "false", "0", "no", "off"):
            found |= set(paths) - unset_text
        return found

    def refused_filter(self, path: str) -> str | None:
        """The filter a path needs and nobody trusted, after `affected` looked at it."""
        name = self._filters.get(path)
        return name if name in self._untrusted else None

    def normalized(self, path: str) -> Oid:
        """The blob git would store for the file in the worktree.

        Raises:
            GitError: if a filter fails.
        """
        argv = ("hash-object", "-w", f"--path={path}", "--", f"./{path}")
        return oid(os.fsdecode(self._git.run(*argv).stdout).strip())

    def checked_out(self, path: str, blob: Oid) -> Oid:
        """A blob with the bytes git would write to the worktree for `blob`.

        Raises:
            GitError: if a filter fails.
        """
        done = self._git.run("cat-file", "--filters", f"--path={path}", blob)
        return self._workspace.writer.blob(done.stdout)

    def modified(self, index: str) -> list[str]:
        """Tracked files whose content is not what an index stages, conversions considered.

        Args:
            index: an index file of ours; its stat cache may be refreshed.
        """
        git = self._git.using(env={"GIT_INDEX_FILE": index})
        lines = git.fields("status", "--porcelain", "-z", "-uno", "--no-renames", "--ignore-submodules=all")
        return [line[3:] for line in lines if line[1] in "MDTU" and self.refused_filter(line[3:]) is None]
