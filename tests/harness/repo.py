"""A real repository driven by the real git, and its whole state as comparable data."""

import contextlib
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

DATE = "2026-03-01T10:00:00+00:00"
_OURS = "refs/safe-rollback/"
_IN_PROGRESS = (
    "MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "CHERRY_PICK_HEAD", "REVERT_HEAD", "SQUASH_MSG", "AUTO_MERGE",
    "REBASE_HEAD", "BISECT_LOG", "rebase-merge", "rebase-apply", "sequencer",
)  # fmt: skip
_CACHED = re.compile(rb"\0  ctime: .*\n  mtime: .*\n  dev: .*\n  uid: .*\n  size: \d+\t(flags: \w+)\n")


@dataclass(frozen=True)
class State:
    """Everything a person could miss, as values that compare.

    Attributes:
        files: path → (kind, permission bits, content or link target); empty directories too.
        index: `git ls-files --stage -v` and the flags of each entry.
        head: what HEAD says.
        refs: name → object, without safe-rollback's own.
        in_progress: files of a merge, rebase, cherry-pick or bisect → content.
    """

    files: Mapping[bytes, tuple[str, int, bytes]]
    index: bytes
    head: bytes
    refs: Mapping[str, str]
    in_progress: Mapping[str, bytes]


class Repo:
    """A worktree at `root`."""

    def __init__(self, root: str) -> None:
        self.root = root

    def git(
        self, *args: str, stdin: bytes | None = None, ok: tuple[int, ...] = (0,), env: dict[str, str] | None = None
    ) -> str:
        """Run git as a person would; its output, stripped at the end.

        Raises:
            AssertionError: if the exit code is not in `ok`.
        """
        dates = {"GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE, "GIT_EDITOR": "true"}
        done = subprocess.run(
            ["git", *args],
            cwd=self.root,
            input=stdin,
            capture_output=True,
            env={**os.environ, **dates, **(env or {})},
        )
        assert done.returncode in ok, f"git {' '.join(args)}: {done.returncode}\n{os.fsdecode(done.stderr)}"
        return os.fsdecode(done.stdout).rstrip("\n")

    def path(self, name: str | bytes) -> bytes:
        """Absolute path of something in the worktree."""
        return os.path.join(os.fsencode(self.root), os.fsencode(name))

    def write(self, name: str | bytes, content: str | bytes, mode: int | None = None) -> None:
        """Write a file, making its directories."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        if mode is not None:
            os.chmod(path, mode)

    def read(self, name: str | bytes) -> bytes:
        """A file's bytes."""
        with open(self.path(name), "rb") as file:
            return file.read()

    def exists(self, name: str | bytes) -> bool:
        """Whether something stands there, a dangling link too."""
        return os.path.lexists(self.path(name))

    def remove(self, name: str | bytes) -> None:
        """Delete a file."""
        os.unlink(self.path(name))

    def commit(
        self, message: str, files: Mapping[str, str | bytes | None] | None = None, *, trailer: str = ""
    ) -> str:
        """Write `files` (None deletes), stage exactly those, commit; the new commit.

        Without files, commits what is staged.
        """
        for name, content in (files or {}).items():
            if content is None:
                self.git("rm", "-q", "--", name)
            else:
                self.write(name, content)
                self.git("add", "--", name)
        text = f"{message}\n\n{trailer}" if trailer else message
        self.git("commit", "-q", "--allow-empty", "-m", text)
        return self.head()

    def head(self) -> str:
        """The commit HEAD names."""
        return self.git("rev-parse", "HEAD")

    def branch(self) -> str:
        """The current branch, short; empty when detached."""
        return self.git("symbolic-ref", "-q", "--short", "HEAD", ok=(0, 1))

    def diff(self, *args: str) -> str:
        """`git diff`."""
        return self.git("diff", *args)

    def state(self) -> State:
        """All of it, read without changing anything."""
        return State(
            files=self.files(),
            index=self._index(),
            head=self._git_file("HEAD") or b"",
            refs=self.refs(),
            in_progress=self._in_progress(),
        )

    def refs(self) -> dict[str, str]:
        """Every ref but safe-rollback's own and its tags."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").split("\n")
        pairs = (line.split(" ") for line in lines if line)
        return {
            name: oid
            for name, oid in pairs
            if not name.startswith((_OURS, "refs/tags/checkpoint/"))
        }  # fmt: skip

    def files(self) -> dict[bytes, tuple[str, int, bytes]]:
        """The worktree, outside `.git`."""
        found: dict[bytes, tuple[str, int, bytes]] = {}
        top = os.fsencode(self.root)
        for folder, folders, names in os.walk(top):
            if folder == top and b".git" in folders:
                folders.remove(b".git")
            relative = os.path.relpath(folder, top)
            if not folders and not names and relative != b".":
                found[relative + b"/"] = ("directory", 0, b"")
            for name in [*names, *(one for one in folders if os.path.islink(os.path.join(folder, one)))]:
                path = os.path.join(folder, name)
                if os.path.relpath(path, top) == b".git":
                    continue  # a linked worktree's or submodule's
                found[os.path.relpath(path, top)] = _read(path)
        return found

    def _index(self) -> bytes:
        done = subprocess.run(
            ["git", "ls-files", "--stage", "-v", "-z", "--debug"],
            cwd=self.root, capture_output=True, check=True, env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )  # fmt: skip
        # Of --debug only the flags: times, inodes and sizes are a cache.
        return _CACHED.sub(rb"\0\1\n", done.stdout)

    def git_dir(self) -> str:
        """This worktree's git directory."""
        return self.git("rev-parse", "--absolute-git-dir")

    def _git_file(self, name: str) -> bytes | None:
        with contextlib.suppress(FileNotFoundError), open(os.path.join(self.git_dir(), name), "rb") as file:
            return file.read()
        return None

    def _in_progress(self) -> dict[str, bytes]:
        folder, found = self.git_dir(), {}
        for name in _IN_PROGRESS:
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                for inner, _, names in os.walk(path):
                    for one in names:
                        full = os.path.join(inner, one)
                        with open(full, "rb") as file:
                            found[os.path.relpath(full, folder)] = file.read()
            elif (content := self._git_file(name)) is not None:
                found[name] = content
        return found


def _read(path: bytes) -> tuple[str, int, bytes]:
    info = os.lstat(path)
    if stat.S_ISLNK(info.st_mode):
        return "link", 0, os.readlink(path)
    if not stat.S_ISREG(info.st_mode):
        return "special", stat.S_IFMT(info.st_mode), b""
    with open(path, "rb") as file:
        return "file", info.st_mode & 0o7777, file.read()


def make_repo(root: str) -> Repo:
    """Three commits on `main`: a README, a small package, a script."""
    os.makedirs(root)
    repo = Repo(root)
    # Without the samples of hooks that git copies: nobody runs them, and they are most of the files.
    repo.git("init", "-q", "-b", "main", "--template=")
    for folder in ("hooks", "info"):
        os.makedirs(os.path.join(root, ".git", folder), exist_ok=True)
    repo.commit("Start", {"README.md": "# Project\n\nOne line.\n", ".gitignore": "build/\n*.log\n"})
    lines = "".join(f"line {number}\n" for number in range(1, 41))
    repo.commit("Add the package", {"src/app.py": lines, "src/util.py": "def two():\n    return 2\n"})
    repo.commit("Add a script", {"bin/run.sh": "#!/bin/sh\necho run\n"})
    return repo


def copied(repo: Repo, root: str) -> Repo:
    """A repository's copy, which its git knows to be clean; takes a fraction of the time of making one."""
    shutil.copytree(repo.root, root, symlinks=True)
    copy = Repo(root)
    copy.git("update-index", "-q", "--refresh")
    return copy
