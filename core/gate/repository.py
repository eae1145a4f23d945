"""Opens a repository, and refuses those that would lead outside the directory that was opened."""

import hashlib
import os
from functools import cached_property
from typing import Literal

from ..errors import GitError, InvalidInputError, NoWorktreeError
from ..ids import Oid, oid
from ..late import late
from ..records import dataclass
from ..text import clean, show_path
from .environment import users
from .process import DEFAULT_LIMITS, execute
from .runner import EXECUTABLE, Git
from .version import git_version

STATE_DIR = "safe-rollback"
"""Directory of ours in the git common directory; shared by linked worktrees."""

_PLAIN = late(r"[A-Za-z0-9._-]{1,60}\Z")


@dataclass(frozen=True, kw_only=True)
class Repository:
    """One worktree of a repository.

    Attributes:
        root: top of the worktree, a real path.
        git_dir: git directory of this worktree.
        common_dir: git directory shared by all its worktrees.
        object_format: `sha1` or `sha256`.
        shallow: whether history is cut off.
    """

    root: str
    git_dir: str
    common_dir: str
    object_format: Literal["sha1", "sha256"]
    shallow: bool

    @property
    def state_dir(self) -> str:
        """Where our own state lives."""
        return os.path.join(self.common_dir, STATE_DIR)

    @property
    def objects_dir(self) -> str:
        """The object directory checkpoints are written to."""
        return os.path.join(self.common_dir, "objects")

    @cached_property
    def worktree_id(self) -> str:
        """`main`, or the name git gave a linked worktree."""
        if os.path.samefile(self.git_dir, self.common_dir):
            return "main"
        name = os.path.basename(self.git_dir)
        if _PLAIN.match(name) and name != "main":
            return name
        return "wt-" + hashlib.sha256(os.fsencode(self.git_dir)).hexdigest()[:12]

    @cached_property
    def git(self) -> Git:
        """Plumbing on the user's git directory; it never touches the worktree."""
        return Git(git_dir=self.git_dir, cwd=self.root)

    @cached_property
    def null_oid(self) -> str:
        """All zeros: "does not exist" in a ref transaction."""
        return "0" * (40 if self.object_format == "sha1" else 64)

    @cached_property
    def empty_tree(self) -> Oid:
        """The tree without entries."""
        return oid(hashlib.new(self.object_format, b"tree 0\0").hexdigest())

    @property
    def sparse(self) -> bool:
        """Whether this worktree may be a sparse checkout."""
        return os.path.exists(os.path.join(self.git_dir, "info", "sparse-checkout"))


def open_repository(start: str) -> Repository:
    """The worktree that `start` is in.

    Raises:
        NoWorktreeError: if `start` is in no worktree.
        InvalidInputError: if it is no directory or is a git directory, its owner is somebody else, or the
            repository points its work tree elsewhere.
        SafeRollbackError: if git is missing or too old.
    """
    git_version()
    if not os.path.isdir(start):
        raise InvalidInputError(f"{show_path(start)} is not a directory.", hint="Name the project's directory.")
    top, git_dir, common, object_format, shallow = _discover(os.path.realpath(start))
    _check_location(os.path.realpath(start), top, git_dir)
    return Repository(
        root=top,
        git_dir=git_dir,
        common_dir=common,
        object_format="sha256" if object_format == "sha256" else "sha1",
        shallow=shallow == "true",
    )


def _discover(start: str) -> list[str]:
    """Top level, git directory, common directory, object format, shallow; as git sees them."""
    # The user's own configuration is read here, for `safe.directory`: this is where git
    # checks who owns the repository. Later calls name the git directory, which skips it.
    argv = [EXECUTABLE, "-c", "safe.bareRepository=explicit", "rev-parse", "--path-format=absolute"]
    argv += ["--show-toplevel", "--absolute-git-dir", "--git-common-dir", "--show-object-format"]
    argv.append("--is-shallow-repository")
    env = users({"GIT_OPTIONAL_LOCKS": "0"})
    done = execute(argv, cwd=start, env=env, limits=DEFAULT_LIMITS)
    said = clean(os.fsdecode(done.stderr)).strip()
    if "dubious ownership" in said:
        raise InvalidInputError(
            f"{show_path(start)} belongs to another user.",
            hint="If you trust it: git config --global --add safe.directory <path>.",
        )
    if "not a git repository" in said or "must be run in a work tree" in said:
        raise NoWorktreeError(
            f"{show_path(start)} is not in the work tree of a git repository.",
            hint="Run `git init` there, or start the server with --root <project>.",
        )
    if "safe.bareRepository" in said:
        raise InvalidInputError(
            f"{show_path(start)} is in a git directory, not in a worktree.",
            hint="Open the project's directory; a bare repository has one after `git worktree add`.",
        )
    lines = os.fsdecode(done.stdout).split("\n")
    if done.exit_code != 0:
        raise GitError(done.argv, done.exit_code, said)
    if len(lines) != 6:
        raise InvalidInputError(
            f"The path of {show_path(start)} or of its git directory has a line end, which git's files cannot hold.",
            hint="Rename the directory.",
        )
    top, git_dir, common, object_format, shallow = lines[:5]
    return [
        os.path.realpath(top),
        os.path.realpath(git_dir),
        os.path.realpath(common),
        object_format,
        shallow,
    ]


def _check_location(start: str, top: str, git_dir: str) -> None:
    """The worktree must hold `start`, own the git directory, and be no home directory."""
    if os.path.commonpath([start, top]) != top or not _leads_to(os.path.join(top, ".git"), git_dir):
        # core.worktree in a hostile configuration made commands write outside the repository.
        raise InvalidInputError(
            f"This repository's configuration points its work tree to {show_path(top)}.",
            hint="Remove core.worktree from its configuration.",
        )
    home = os.path.realpath(os.path.expanduser("~"))
    if top in (home, os.sep):
        raise InvalidInputError(
            f"{show_path(top)} is a home or root directory; every checkpoint would read all of it.",
            hint="Work in a project directory.",
        )


def _leads_to(dot_git: str, git_dir: str) -> bool:
    """Whether `.git` is the git directory, or a file that names it."""
    try:
        if os.path.isdir(dot_git):
            return os.path.samefile(dot_git, git_dir)
        with open(dot_git, encoding="utf-8", errors="surrogateescape") as file:
            words = file.read(4096).removeprefix("gitdir: ").rstrip("\n")
        return os.path.samefile(os.path.join(os.path.dirname(dot_git), words), git_dir)
    except OSError:
        return False
