"""A directory to capture, and the private git directory that reads it.

Git commands that look at the worktree run under a git directory of our own, with our own
configuration and the user's object directory: repository configuration then runs nothing
(measured: stock git ran repository code in 190 of 1,218 config-command pairs, this in 0).
"""

import contextlib
import os
from functools import cached_property

from ..files import write_if_changed
from ..gate.config import Configuration, user_path
from ..gate.objects import ObjectWriter
from ..gate.repository import Repository
from ..gate.runner import Git
from ..records import dataclass

_EXCLUDES = "users-excludes"
# Everything that would make a blob differ from the bytes on disk.
_RAW_ATTRIBUTES = "* -text -eol -crlf -filter -ident -working-tree-encoding\n"


@dataclass(frozen=True, kw_only=True)
class Site:
    """One directory that is captured as a tree.

    Attributes:
        root: the directory, a real path.
        private: our git directory for it.
        repository: the repository whose object directory takes the objects.
        missing_ok: whether objects may be absent (a partial clone).
    """

    root: str
    private: str
    repository: Repository
    missing_ok: bool

    @cached_property
    def git(self) -> Git:
        """Git that reads this directory."""
        return Git(
            git_dir=self.private,
            work_tree=self.root,
            cwd=self.root,
            env={
                "GIT_OBJECT_DIRECTORY": self.repository.objects_dir,
                # This index is ours: let `status` save what it learnt.
                "GIT_OPTIONAL_LOCKS": "1",
            },
            # The index is a cache; what a checkpoint needs is synced.
            settings=("core.fsync=objects",),
        )

    @cached_property
    def writer(self) -> ObjectWriter:
        """Writes objects next to the user's."""
        return ObjectWriter(directory=self.repository.objects_dir, object_format=self.repository.object_format)

    @property
    def index(self) -> str:
        """Our index, whose stat cache makes the next capture fast."""
        return os.path.join(self.private, "index")

    def path(self, relative: str) -> str:
        """The absolute path of something in the directory."""
        return os.path.join(self.root, relative)

    def ignored(self) -> list[str]:
        """Paths of our index that are ignored."""
        return self.git.fields("ls-files", "--cached", "--ignored", "--exclude-standard", "-z")

    def prepare(self, configuration: Configuration, exclude_file: str) -> bool:
        """Create or refresh the private git directory. The caller holds the worktree's lock.

        Args:
            configuration: the user's; only its exclude file and file system traits are taken.
            exclude_file: the repository's `info/exclude`.

        Returns:
            Whether what is ignored may have changed since last time.
        """
        for folder in ("refs", "objects", "info"):
            os.makedirs(os.path.join(self.private, folder), mode=0o700, exist_ok=True)
        for name in ("index.lock", "users-index.lock"):
            # Left by a git that was killed: whoever holds the worktree's lock runs the only one.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.private, name))
        changed = write_if_changed(os.path.join(self.private, "config"), self._config(configuration))
        write_if_changed(os.path.join(self.private, "info", "attributes"), _RAW_ATTRIBUTES.encode())
        # Copies, so that a change of what they say is noticed.
        users = user_path(configuration, "core.excludesFile", "ignore")
        for name, source in (("exclude", exclude_file), (_EXCLUDES, users)):
            changed |= write_if_changed(os.path.join(self.private, "info", name), _read(source))
        if not os.path.exists(os.path.join(self.private, "HEAD")):
            write_if_changed(os.path.join(self.private, "HEAD"), b"ref: refs/heads/none\n")
        return changed

    def _config(self, configuration: Configuration) -> bytes:
        sha256 = self.repository.object_format == "sha256"
        lines = [
            "[core]",
            f"\trepositoryFormatVersion = {1 if sha256 else 0}",
            "\tbare = false",
            f"\tattributesFile = {os.devnull}",
            f"\texcludesFile = {_quoted(os.path.join(self.private, 'info', _EXCLUDES))}",
            # It saved 8 of 55 ms in 20,000 files, and went on calling a directory a repository
            # that had lost its .git: the files in it were in no checkpoint.
            "\tuntrackedCache = false",
            "\tpreloadIndex = true",
            "\tlooseCompression = 1",
            # 200 MB took 9.2 s at level 1 and 2.3 s at 0; streaming cut memory from 209 to 5 MB.
            "\tbigFileThreshold = 1m",
            *(
                f"\t{name} = true"
                for name in ("ignoreCase", "precomposeUnicode")
                if configuration.true(f"core.{name}")
            ),
            "[pack]",
            "\tcompression = 0",
            "[status]",
            "\tshowUntrackedFiles = all",
            "[index]",
            "\tsparse = false",
        ]
        if sha256:
            lines += ["[extensions]", "\tobjectFormat = sha256"]
        return os.fsencode("\n".join(lines) + "\n")


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
