"""What a checkpoint leaves out is named; ignored files it was told to keep stay private."""

import os
import stat
import threading
from collections.abc import Callable

import pytest

from safe_rollback.core.errors import CaptureError
from safe_rollback.core.session import chain
from safe_rollback.core.snapshot.checkpoint import PRIVATE, Checkpoint
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.workspace import Workspace
from tests.core.snapshot.situations import repositories_inside
from tests.core.snapshot.support import content, keep, opened, private_content, restore
from tests.harness.repo import Repo

SECRET = b"TOKEN=of-the-human\n"


def _closed(repo: Repo, name: str) -> None:
    """Take the rights to read something away; skip where that changes nothing, as for root."""
    os.chmod(repo.path(name), 0)
    if os.access(repo.path(name), os.R_OK):
        pytest.skip("this user reads everything")


def _ignored_from_the_start(repo: Repo) -> None:
    repo.write(".gitignore", ".env\n")


def _tracked_once(repo: Repo) -> None:
    repo.commit("By mistake", {".env": "TOKEN=old\n"})
    with opened(repo) as workspace:
        keep(workspace)
    repo.git("rm", "-q", "--cached", ".env")
    repo.write(".gitignore", ".env\n")


def _ignored_for_long_and_tracked_until_now(repo: Repo) -> None:
    repo.commit("Rules", {".gitignore": ".env\n"})
    repo.write(".env", "TOKEN=old\n")
    repo.git("add", "-f", ".env")
    repo.git("commit", "-qm", "By mistake")
    with opened(repo) as workspace:
        keep(workspace)
    repo.git("rm", "-q", "--cached", ".env")


def _untracked_among_many(repo: Repo) -> None:
    for number in range(300):
        repo.write(f"many/{number}", f"{number}\n")
    repo.write(".env", "TOKEN=old\n")
    with opened(repo) as workspace:
        keep(workspace)
    repo.write(".gitignore", ".env\n")


def _ignored_by_the_users_own_file(repo: Repo) -> None:
    path = os.path.join(os.environ["HOME"], ".config", "git")
    os.makedirs(path)
    with open(os.path.join(path, "ignore"), "w") as file:
        file.write(".env\n")


def _ignored_by_the_repositorys_own_file(repo: Repo) -> None:
    repo.write(".git/info/exclude", ".env\n")


HISTORIES = (
    _ignored_from_the_start, _tracked_once, _ignored_for_long_and_tracked_until_now, _untracked_among_many,
    _ignored_by_the_users_own_file, _ignored_by_the_repositorys_own_file,
)  # fmt: skip


@pytest.mark.parametrize("history", HISTORIES, ids=lambda one: one.__name__.strip("_"))
def test_an_ignored_secret_is_kept_under_private_refs_and_nowhere_else(
    repo: Repo, history: Callable[[Repo], None]
) -> None:
    history(repo)
    repo.write(".env", SECRET)
    blob = repo.git("hash-object", "--stdin", stdin=SECRET)
    with opened(repo) as workspace:
        for _ in range(2):
            checkpoint = keep(workspace)
            assert private_content(workspace, checkpoint) == {b".env": ("100644", SECRET)}
            assert b".env" not in content(workspace, checkpoint.worktree)
        assert checkpoint.captured.ignored == 1
        assert blob not in repo.git("rev-list", "--objects", checkpoint.ref)
        assert blob in repo.git("rev-list", "--objects", PRIVATE + chain(workspace, None))
        repo.write(".env", "TOKEN=wrecked\n")
        restore(workspace, checkpoint)
        assert repo.read(".env") == SECRET
        repo.remove(".env")
        restore(workspace, checkpoint)
        assert repo.read(".env") == SECRET


def test_a_secret_that_is_tracked_all_the_same_is_captured_once(repo: Repo) -> None:
    repo.write(".gitignore", ".env\n")
    repo.write(".env", SECRET)
    with opened(repo) as workspace:
        assert private_content(workspace, keep(workspace))
        repo.git("add", "-f", ".env")
        for _ in range(2):
            checkpoint = keep(workspace)
            assert not private_content(workspace, checkpoint)
            assert content(workspace, checkpoint.worktree)[b".env"] == ("100644", SECRET)


def test_patterns_reach_into_ignored_directories(repo: Repo) -> None:
    repo.write(".gitignore", "secrets/\nlocal.*\n")
    for name in ("secrets/prod/key.pem", "secrets/prod/notes.txt", "a/local.json", "a/b/local.toml", "secrets/x.pem"):
        repo.write(name, name)
    os.symlink("prod", repo.path("secrets/link.pem"))
    wanted = (b"secrets/prod/key.pem", b"a/local.json", b"secrets/x.pem")
    policy = CapturePolicy(ignored=("secrets/**/*.pem", "local.json", "no/such/place/*"))
    with opened(repo) as workspace:
        for _ in range(2):
            private = private_content(workspace, keep(workspace, policy))
            assert private.pop(b"secrets/link.pem") == ("120000", b"prod")
            assert private == {name: ("100644", name) for name in wanted}


def test_thousands_of_ignored_files_are_kept(repo: Repo) -> None:
    repo.write(".gitignore", "store/\n")
    deep = "store/" + "d" * 200
    for number in range(900):
        repo.write(f"{deep}/{'n' * 180}{number}", "x")
    with opened(repo) as workspace:
        checkpoint = keep(workspace, CapturePolicy(ignored=("store/**",)))
        assert checkpoint.captured.ignored == 900


def test_files_over_the_limit_are_named_with_their_size(repo: Repo) -> None:
    repo.write(".gitignore", ".env*\n")
    repo.write("large.bin", b"x" * 3000)
    repo.write("small.bin", b"x" * 2000)
    repo.write(".env.large", b"x" * 2500)
    repo.write("src/app.py", b"tracked, and larger\n" * 200)
    with opened(repo) as workspace:
        checkpoint = keep(workspace, CapturePolicy(max_file=2000))
        assert {(one.path, one.bytes) for one in checkpoint.skipped} == {("large.bin", 3000), (".env.large", 2500)}
        held = content(workspace, checkpoint.worktree)
        assert b"large.bin" not in held
        assert held[b"small.bin"][1] == b"x" * 2000
        assert held[b"src/app.py"][1] == repo.read("src/app.py")


def _skipped(checkpoint: Checkpoint) -> dict[str, str]:
    return {one.path: one.reason for one in checkpoint.skipped}


def test_pipes_and_sockets_are_named_and_never_opened(repo: Repo) -> None:
    repo.write(".gitignore", ".env\nlocal/\n")
    os.makedirs(repo.path("local"))
    for name in ("src/pipe", ".env", ".env.pipe", "local/pipe"):
        os.mkfifo(repo.path(name))
    os.mknod(repo.path("socket"), stat.S_IFSOCK | 0o600)
    repo.remove("README.md")
    os.mkfifo(repo.path("README.md"))
    expected = {"src/pipe", ".env", ".env.pipe", "local/pipe", "socket", "README.md"}
    with opened(repo) as workspace:
        for _ in range(2):
            checkpoint = keep(workspace, CapturePolicy(ignored=(".env*", "local/*")))
            assert set(_skipped(checkpoint)) == expected
            assert b"README.md" not in content(workspace, checkpoint.worktree)


def test_the_history_of_a_repository_inside_is_named(repo: Repo) -> None:
    repositories_inside(repo)
    with opened(repo) as workspace:
        checkpoint = keep(workspace)
    assert {"vendor/lib/.git", "vendor/begun/.git"} <= set(_skipped(checkpoint))
    heads = {one.path: (one.branch, one.head is not None) for one in checkpoint.nested}
    assert heads == {"vendor/lib": ("refs/heads/main", True), "vendor/begun": ("refs/heads/main", False)}


@pytest.mark.parametrize("patterns", [(".*",), ("*",), (".git",)])
def test_a_greedy_pattern_does_not_hide_a_submodule(repo: Repo, patterns: tuple[str, ...]) -> None:
    repo.git("worktree", "add", "-q", "--detach", os.path.join(repo.root, "inside"))
    repo.write("inside/README.md", "edited inside\n")
    with opened(repo) as workspace:
        checkpoint = keep(workspace, CapturePolicy(ignored=patterns))
        (nested,) = checkpoint.nested
        assert content(workspace, nested.tree)[b"README.md"] == ("100644", b"edited inside\n")


@pytest.mark.parametrize("name", ["README.md", "new.txt", "large.bin", ".env"])
def test_an_unreadable_file_fails_the_checkpoint(repo: Repo, name: str) -> None:
    repo.write(".gitignore", ".env\n")
    with opened(repo) as workspace:
        first = keep(workspace)
        repo.write(name, b"x" * (2 << 20 if name == "large.bin" else 10))
        _closed(repo, name)
        with pytest.raises(CaptureError, match=r"(?s)cannot be .*no checkpoint was taken"):
            keep(workspace)
        os.chmod(repo.path(name), 0o600)
        assert keep(workspace).number == first.number + 1


def test_an_unreadable_directory_fails_the_checkpoint(repo: Repo) -> None:
    repo.write("closed/file", "x\n")
    with opened(repo) as workspace:
        _closed(repo, "closed")
        try:
            with pytest.raises(CaptureError, match="cannot be read"):
                keep(workspace)
        finally:
            os.chmod(repo.path("closed"), 0o755)


def test_a_file_that_keeps_changing_is_captured_as_it_was_at_some_moment(repo: Repo) -> None:
    versions = [f"{letter}\n".encode() * 40_000 for letter in "abcdef"]
    repo.write("src/app.py", versions[0])
    repo.write("new.txt", versions[0])
    stop = threading.Event()

    def churn() -> None:
        number = 0
        while not stop.is_set():
            for name in ("src/app.py", "new.txt"):
                repo.write(f"../{os.path.basename(name)}.next", versions[number % 6])
                os.rename(repo.path(f"../{os.path.basename(name)}.next"), repo.path(name))
            number += 1

    def held(workspace: Workspace) -> tuple[bytes, bytes]:
        files = content(workspace, keep(workspace).worktree)
        return files[b"src/app.py"][1], files[b"new.txt"][1]

    thread = threading.Thread(target=churn)
    with opened(repo) as workspace:
        keep(workspace)
        thread.start()
        try:
            for _ in range(8):
                one, two = held(workspace)
                assert one in versions
                assert two in versions
        finally:
            stop.set()
            thread.join()
        assert held(workspace) == (repo.read("src/app.py"), repo.read("new.txt"))


def test_a_file_that_grows_while_it_is_read_is_captured_whole_the_next_time(repo: Repo) -> None:
    repo.write("grows.log.txt", "start\n")
    stop = threading.Event()

    def grow() -> None:
        with open(repo.path("grows.log.txt"), "ab", buffering=0) as file:
            while not stop.is_set():
                file.write(b"one more line\n")

    thread = threading.Thread(target=grow)
    with opened(repo) as workspace:
        thread.start()
        try:
            for _ in range(5):
                held = content(workspace, keep(workspace).worktree)[b"grows.log.txt"][1]
                assert repo.read("grows.log.txt").startswith(held)
        finally:
            stop.set()
            thread.join()
        held = content(workspace, keep(workspace).worktree)[b"grows.log.txt"][1]
        assert held == repo.read("grows.log.txt")
