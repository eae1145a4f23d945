"""What one capture remembers for the next never hides a change, and never outlives what it names."""

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from safe_rollback.core.ids import OURS
from safe_rollback.core.snapshot.capture import capture_head, main_site
from safe_rollback.core.snapshot.directories import Directories, DirectoryWalk
from safe_rollback.core.snapshot.policy import CapturePolicy
from tests.core.snapshot.situations import settle
from tests.core.snapshot.support import (
    afresh,
    assert_holds,
    assert_same,
    content,
    forget_unreachable,
    keep,
    on_disk,
    opened,
    private_content,
)  # fmt: skip
from tests.harness.repo import Repo
from tests.harness.sample import sampled

Step = Callable[[Repo], object]


def _inner(repo: Repo, name: str) -> Repo:
    inner = Repo(os.path.join(repo.root, name))
    os.makedirs(inner.root, exist_ok=True)
    inner.git("init", "-q", "-b", "main")
    inner.write("inside.txt", "inside\n")
    return inner


def _forced(repo: Repo) -> None:
    repo.write("trace.log", "forced\n")
    repo.git("add", "-f", "trace.log")
    repo.git("commit", "-qm", "A log")
    repo.remove("trace.log")


def _folder_that_hides_a_repository(repo: Repo) -> None:
    _inner(repo, "docs/lib")
    os.makedirs(repo.path("docs/hollow"))
    repo.write(".gitignore", "build/\n*.log\ndocs/\n")


def _own_rules(repo: Repo) -> None:
    _inner(repo, "cache/lib")
    repo.write("cache/.gitignore", "*\n")


def _old_folders(repo: Repo) -> None:
    for folder, _, _ in os.walk(repo.root):
        os.utime(folder, (1_600_000_000, 1_600_000_000))


def _conflict(repo: Repo) -> None:
    repo.git("checkout", "-qb", "other")
    repo.commit("Theirs", {"zoo.txt": "theirs\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("Ours", {"zoo.txt": "ours\n"})


def _many(repo: Repo, suffix: str = "") -> None:
    for number in range(300):
        repo.write(f"many/{number}.txt", f"{number}{suffix}\n")


def _pipe_among_many(repo: Repo) -> None:
    _many(repo, " again")
    repo.remove("README.md")
    os.mkfifo(repo.path("README.md"))


def _link_to_a_copy(repo: Repo) -> None:
    _many(repo, " again")
    os.rename(repo.path("src"), repo.path("moved"))
    os.symlink("moved", repo.path("src"))


def _rewrite_behind(repo: Repo, name: str, data: bytes) -> None:
    info = os.stat(repo.path(name))
    repo.write(name, data)
    os.utime(repo.path(name), ns=(info.st_atime_ns, info.st_mtime_ns))


def _same_size_and_mtime(name: str) -> Step:
    return lambda repo: _rewrite_behind(repo, name, repo.read(name)[::-1])


def _sparse(repo: Repo) -> None:
    repo.commit("Docs", {"docs/a.md": "a\n", "docs/b.md": "b\n"})
    repo.git("sparse-checkout", "set", "--cone", "src")


def _excludes_file(text: str) -> Step:
    def step(repo: Repo) -> None:
        path = os.path.join(os.environ["HOME"], "excludes")
        with open(path, "w") as file:
            file.write(text)
        repo.git("config", "--global", "core.excludesFile", path)
        _inner(repo, "docs/lib")

    return step


CASES: dict[str, tuple[Step, Step]] = {
    "a file added by force comes back": (_forced, lambda r: r.write("trace.log", "back\n")),
    "a file added by force goes": (
        lambda r: (_forced(r), r.write("trace.log", "x\n")),
        lambda r: r.remove("trace.log"),
    ),
    "ignore rules go back to what is committed": (
        _folder_that_hides_a_repository,
        lambda r: r.git("checkout", "-q", ".gitignore"),
    ),
    "a folder stops ignoring itself": (_own_rules, lambda r: r.write("cache/.gitignore", "# nothing\n")),
    "a folder loses its rules": (_own_rules, lambda r: r.remove("cache/.gitignore")),
    "info/exclude changes": (
        lambda r: (_inner(r, "docs/lib"), r.write(".git/info/exclude", "docs/\n")),
        lambda r: r.write(".git/info/exclude", ""),
    ),
    "the user's exclude file changes": (_excludes_file("docs/\n"), _excludes_file("")),
    "files become ignored": (lambda r: _many(r), lambda r: r.write(".gitignore", "many/1*\n*.log\n")),
    "a tracked file becomes ignored": (
        lambda r: r.commit("A", {"a.tmp": "a\n"}),
        lambda r: (r.write(".gitignore", "*.tmp\n"), r.write("a.tmp", "edited\n")),
    ),
    "permission bits change and nothing else": (
        lambda r: settle(r),
        lambda r: (os.chmod(r.path("README.md"), 0o600), os.chmod(r.path("src/app.py"), 0o666)),
    ),
    "permission bits of an untracked file change": (
        lambda r: r.write("key", "k\n", 0o644),
        lambda r: os.chmod(r.path("key"), 0o400),
    ),
    "permission bits go back": (
        lambda r: os.chmod(r.path("README.md"), 0o600),
        lambda r: os.chmod(r.path("README.md"), 0o644),
    ),
    "a tracked file changes behind its size and time": (settle, _same_size_and_mtime("src/app.py")),
    "an untracked file changes behind its size and time": (
        lambda r: (r.write("new.txt", "abcdef\n"), settle(r)),
        _same_size_and_mtime("new.txt"),
    ),
    "a file becomes a directory": (
        lambda r: r.write("thing", "file\n"),
        lambda r: (r.remove("thing"), r.write("thing/inner", "deep\n")),
    ),
    "an untracked directory becomes a link": (
        lambda r: r.write("thing/inner", "deep\n"),
        lambda r: (os.rename(r.path("thing"), r.path("other")), os.symlink("other", r.path("thing"))),
    ),
    "a tracked directory becomes a link among many changes": (_many, _link_to_a_copy),
    "a tracked file becomes a pipe among many changes": (_many, _pipe_among_many),
    "an empty directory comes behind its parent's time": (
        lambda r: (r.write("thing/inner", "deep\n"), _old_folders(r)),
        lambda r: (os.makedirs(r.path("thing/hollow")), r.write("thing/new", "new\n"), _old_folders(r)),
    ),
    "an empty directory is filled": (
        lambda r: os.makedirs(r.path("hollow/deep")),
        lambda r: r.write("hollow/deep/file", ""),
    ),
    "a full directory becomes empty": (
        lambda r: r.write("hollow/deep/file", ""),
        lambda r: r.remove("hollow/deep/file"),
    ),
    "a directory becomes a repository": (lambda r: r.write("lib/a.txt", "a\n"), lambda r: _inner(r, "lib")),
    "a repository becomes a directory": (
        lambda r: (_inner(r, "lib"), _old_folders(r)),
        lambda r: shutil.rmtree(r.path("lib/.git")),
    ),
    "a repository inside is edited": (
        lambda r: _inner(r, "lib"),
        lambda r: (
            r.write("lib/inside.txt", "edited\n"),
            os.makedirs(r.path("lib/x")),
            r.write("lib/x/new", "new\n"),
        ),
    ),
    "many changes are taken back": (
        lambda r: (_many(r), r.remove("README.md")),
        lambda r: (shutil.rmtree(r.path("many")), r.git("checkout", "-q", "README.md")),
    ),
    "an untracked file is staged": (lambda r: r.write("a", "a\n"), lambda r: r.git("add", "a")),
    "a tracked file is let go": (settle, lambda r: r.git("rm", "-q", "--cached", "README.md")),
    "a conflict begins": (_conflict, lambda r: r.git("merge", "-q", "other", ok=(1,))),
    "a conflict is resolved": (
        lambda r: (_conflict(r), r.git("merge", "-q", "other", ok=(1,))),
        lambda r: (r.write("README.md", "both\n"), r.git("add", "README.md")),
    ),
    "line ends begin to convert": (
        lambda r: r.commit("Dos", {"dos.txt": "a\r\n"}),
        lambda r: (r.git("config", "core.autocrlf", "true"), r.write("dos.txt", "b\r\n"), r.git("add", "dos.txt")),
    ),
    "a sparse checkout ends": (_sparse, lambda r: r.git("sparse-checkout", "disable")),
    "a sparse checkout grows": (_sparse, lambda r: r.git("sparse-checkout", "add", "docs")),
    "a sparse checkout begins": (
        lambda r: r.commit("Docs", {"docs/a.md": "a\n"}),
        lambda r: r.git("sparse-checkout", "set", "--cone", "src"),
    ),
    "a file comes where a sparse checkout has none": (_sparse, lambda r: r.write("docs/a.md", "by hand\n")),
    "the index is thrown away": (settle, lambda r: os.unlink(os.path.join(r.git_dir(), "index"))),
    "the index is split": (settle, lambda r: r.git("update-index", "--split-index")),
    "a branch with other files is checked out": (
        lambda r: (r.git("checkout", "-qb", "other", "HEAD~2"), r.write("new", "new\n")),
        lambda r: r.git("checkout", "-q", "main"),
    ),
}


def _calm() -> None:
    """Let the file system's clock tick, so that what was just written is not taken for unsettled."""
    time.sleep(0.05)


_WHEN = [(name, calm) for calm in (True, False) for name in sampled(list(CASES), 37 if calm else 9)]


@pytest.mark.parametrize(("name", "calm"), _WHEN, ids=[f"{n}, {'later' if c else 'at once'}" for n, c in _WHEN])
def test_a_second_checkpoint_sees_what_a_first_one_would(repo: Repo, name: str, calm: bool) -> None:
    first, second = CASES[name]
    first(repo)
    with opened(repo) as workspace:
        if calm:
            _calm()
        assert_holds(workspace, repo, keep(workspace))
        if calm:
            keep(workspace)
            _calm()
        second(repo)
        checkpoint = keep(workspace)
        assert_holds(workspace, repo, checkpoint)
        assert_same(checkpoint, afresh(workspace))


FOLDERS = ["", "a*b", "a?b", "[ab]", "back\\slash", ":colon", "!not", "-dash", "#hash", "sp ace", "a\nb", "b\udcff"]


@pytest.mark.parametrize("tracked", [False, True], ids=["untracked", "tracked"])
def test_new_files_are_found_whatever_their_directory_is_called(repo: Repo, tracked: bool) -> None:
    for folder in (*FOLDERS, "axb", "a", "b"):
        repo.write(os.path.join(folder, "old"), "old\n")
    if tracked:
        repo.git("add", ".")
    _calm()
    with opened(repo) as workspace:
        keep(workspace)
        for folder in FOLDERS:
            _calm()
            keep(workspace)
            repo.write(os.path.join(folder, "new"), "new\n")
            repo.write(os.path.join(folder, "deep/new"), "new\n")
            assert_holds(workspace, repo, keep(workspace))


def test_a_file_that_comes_while_a_checkpoint_is_taken_is_in_the_next(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, turn = DirectoryWalk.run, iter(range(1000))

    def write_and_walk(walk: DirectoryWalk) -> Directories:
        time.sleep(0.15)  # git has looked by now, and this walk has not
        repo.write(f"src/{next(turn)}", "new\n")
        _calm()
        return real(walk)

    _calm()
    with opened(repo) as workspace:
        for _ in range(3):
            with contextlib.suppress(FileNotFoundError):  # so that git looks everywhere
                os.unlink(os.path.join(workspace.worktree_dir, "private", "untracked.json"))
            monkeypatch.setattr(DirectoryWalk, "run", write_and_walk)
            keep(workspace)
            monkeypatch.undo()
            _calm()
            assert_holds(workspace, repo, keep(workspace))


@pytest.mark.parametrize(("device", "changed"), [("as it is", set()), (None, None)])
def test_directories_are_believed_only_where_they_tell(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, device: str | None, changed: set[str] | None
) -> None:
    if device is None:
        monkeypatch.setattr("safe_rollback.core.snapshot.directories._telling", lambda folder: None)
    _calm()
    with opened(repo) as workspace:
        keep(workspace)
        walk = DirectoryWalk(main_site(workspace), CapturePolicy().ignored)
        walk.run()
        assert walk.changed == changed


def test_edits_right_after_a_capture_are_all_seen(repo: Repo) -> None:
    repo.write("new.txt", "0000\n")
    with opened(repo) as workspace:
        keep(workspace)
        for number in range(25):
            for name in ("README.md", "new.txt"):
                info = os.stat(repo.path(name))
                repo.write(name, f"{number:04d}\n")
                if number % 2:  # nothing but the change time tells
                    os.utime(repo.path(name), ns=(info.st_atime_ns, info.st_mtime_ns))
            files = content(workspace, keep(workspace).worktree)
            assert (files[b"README.md"][1], files[b"new.txt"][1]) == (f"{number:04d}\n".encode(),) * 2


def test_an_edit_within_the_second_of_the_last_look_is_seen_though_size_and_mtime_stay(repo: Repo) -> None:
    same_size = (b"first\n", b"other\n")
    repo.commit("Either", {"README.md": same_size[0]})
    with opened(repo) as workspace:
        for number in range(1, 7):  # now and then a new second begins in between, and git would see it too
            settle(repo)
            keep(workspace)
            _rewrite_behind(repo, "README.md", same_size[number % 2])
            assert content(workspace, keep(workspace).worktree)[b"README.md"][1] == same_size[number % 2]


def test_a_lock_that_a_killed_git_left_is_in_nobodys_way(repo: Repo) -> None:
    with opened(repo) as workspace:
        keep(workspace)
        private = main_site(workspace).private
        for name in ("index.lock", "users-index.lock"):
            with open(os.path.join(private, name), "wb"):
                pass
        repo.write("README.md", "changed\n")
        repo.git("add", "-A")
        assert_holds(workspace, repo, keep(workspace))


def _drop_all_checkpoints(repo: Repo) -> None:
    for name in repo.git("for-each-ref", "--format=%(refname)", OURS).splitlines():
        repo.git("update-ref", "-d", name)
    forget_unreachable(repo)


SHAPES: dict[str, Step] = {
    "plain": lambda r: None,
    "where line ends convert": lambda r: r.write(".gitattributes", "* text=auto\n"),
    "with a repository inside": lambda r: _inner(r, "lib"),
    "without an index": lambda r: os.unlink(os.path.join(r.git_dir(), "index")),
    "with many untracked files": _many,
    "with ignored files to keep": lambda r: (r.write(".gitignore", ".env\n"), r.write(".env", "S=1\n")),
    "with a large file": lambda r: r.write("large.bin", os.urandom(2 << 20)),
}


@pytest.mark.parametrize("build", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("prune", [forget_unreachable, _drop_all_checkpoints], ids=["collected", "dropped"])
def test_what_git_collected_is_stored_again(repo: Repo, build: Step, prune: Step) -> None:
    build(repo)
    repo.write("new.txt", "untracked\n")
    repo.write("src/app.py", "edited\n")
    settle(repo)
    with opened(repo) as workspace:
        keep(workspace)
        repo.remove("README.md")
        keep(workspace)
        prune(repo)
        checkpoint = keep(workspace)
    with opened(repo) as workspace:  # a reader that has nothing of it open
        assert_holds(workspace, repo, checkpoint)
        private_content(workspace, checkpoint)
    repo.git("fsck", "--connectivity-only")


def test_starting_over_waits_for_the_users_index_of_this_moment(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first attempt fails on what git collected before the copy of the index is renewed."""
    repo.git("switch", "-q", "-c", "theirs")
    repo.commit("Theirs", {"zoo.txt": "theirs\n"})
    repo.git("switch", "-q", "main")
    repo.commit("Ours", {"zoo.txt": "ours\n"})
    repo.git("merge", "-q", "theirs", ok=(1,))
    with opened(repo) as workspace:
        keep(workspace)
        repo.git("reset", "-q", "--hard")
        forget_unreachable(repo)
        look = capture_head

        def late(*arguments: Any) -> Any:
            time.sleep(0.5)
            return look(*arguments)

        monkeypatch.setattr("safe_rollback.core.snapshot.capture.capture_head", late)
        assert_holds(workspace, repo, keep(workspace))


MEMORY = (
    "index", "base.json", "HEAD", "hashes.json", "directories.json", "modes.json", "sweep.json", "memory.json",
    "untracked.json", "users-index", "config",
)  # fmt: skip


@pytest.mark.parametrize("name", MEMORY)
@pytest.mark.parametrize("damage", ["gone", "garbage"])
def test_a_damaged_memory_costs_time_and_nothing_else(repo: Repo, name: str, damage: str) -> None:
    _many(repo)
    repo.write("new.txt", "untracked\n", 0o600)
    _inner(repo, "lib")
    _calm()
    with opened(repo) as workspace:
        keep(workspace)
        repo.write("src/app.py", "edited\n")
        keep(workspace)
        repo.remove("many/7.txt")
        repo.remove("README.md")
        repo.write("new.txt", "edited\n")
        path = os.path.join(workspace.worktree_dir, "private", name)
        if damage == "gone":
            os.unlink(path)
        else:
            with open(path, "wb") as file:
                file.write(b"\0garbage\xff")
        checkpoint = keep(workspace)
        assert_holds(workspace, repo, checkpoint)
        assert_same(checkpoint, afresh(workspace))


def test_a_large_file_that_is_tracked_is_captured_and_not_called_skipped(repo: Repo) -> None:
    repo.commit("Rules", {".gitattributes": "* text=auto\n", "tracked.bin": b"t" * 5000})
    repo.write("untracked.bin", b"u" * 5000)
    with opened(repo) as workspace:
        for _ in range(2):
            checkpoint = keep(workspace, CapturePolicy(max_file=4000))
            assert [(one.path, one.bytes) for one in checkpoint.skipped] == [("untracked.bin", 5000)]
            files = content(workspace, checkpoint.worktree)
            assert files == {path: e for path, e in on_disk(repo.root).items() if path != b"untracked.bin"}


@pytest.mark.parametrize("call", ["update-index", "write-tree"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_capture_that_dies_hides_nothing_from_the_next(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory, call: str, moment: str
) -> None:
    real, folder = shutil.which("git"), tmp_path_factory.mktemp("bin")
    run = f'"{real}" "$@"' if moment == "after" else ""
    script = f'#!/bin/sh\ncase " $* " in *" {call} "*) {run}\nkill -9 $PPID; exit 1;; esac\nexec "{real}" "$@"\n'
    (folder / "git").write_text(script)
    (folder / "git").chmod(stat.S_IRWXU)
    _many(repo)
    with opened(repo) as workspace:
        keep(workspace)
        shutil.rmtree(repo.path("many"))  # deletions alone: a file's times would give an edit away
        repo.remove("src/app.py")
        code = (
            "import sys; from safe_rollback.core.workspace import open_workspace as o;"
            "from safe_rollback.core.snapshot.capture import capture;"
            "from safe_rollback.core.snapshot.policy import CapturePolicy; capture(o(sys.argv[1]), CapturePolicy())"
        )
        env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
        done = subprocess.run([sys.executable, "-c", code, repo.root], env=env, capture_output=True)
        assert done.returncode == -9, done.stderr
        checkpoint = keep(workspace)
        assert_holds(workspace, repo, checkpoint)
        assert_same(checkpoint, afresh(workspace))
