"""Taking a checkpoint changes nothing of the user's, runs nothing of the repository's and is not pushed."""

import os
import stat

import pytest

from safe_rollback.core.ids import OURS
from tests.core.snapshot.situations import conflict_stages, repositories_inside
from tests.core.snapshot.support import (
    assert_holds,
    content,
    forget_unreachable,
    git_side,
    keep,
    opened,
    private_content,
    restore,
    wreck,
)
from tests.harness.repo import Repo


def _stats(repo: Repo) -> dict[str, tuple[int, ...]]:
    found = {}
    for folder, folders, names in os.walk(repo.root):
        if folder == repo.root:
            folders.remove(".git")
        for name in (*folders, *names):
            info = os.lstat(os.path.join(folder, name))
            found[os.path.join(folder, name)] = (info.st_ino, info.st_mode, info.st_mtime_ns, info.st_ctime_ns)
    return found


def test_no_file_of_the_worktree_is_written_touched_or_added(repo: Repo) -> None:
    conflict_stages(repo)
    repositories_inside(repo)
    repo.write("build/ignored.o", "object\n")
    repo.write(".env", "KEY=1\n")
    before, git_before, stats = repo.state(), git_side(repo), _stats(repo)
    index = os.stat(os.path.join(repo.git_dir(), "index"))
    with opened(repo) as workspace:
        for _ in range(3):
            keep(workspace)
            repo_index = os.stat(os.path.join(repo.git_dir(), "index"))
            assert (repo_index.st_ino, repo_index.st_mtime_ns) == (index.st_ino, index.st_mtime_ns)
    assert (repo.state(), git_side(repo), _stats(repo)) == (before, git_before, stats)


def test_a_foreign_index_lock_neither_stops_a_checkpoint_nor_goes_away(repo: Repo) -> None:
    repo.write("README.md", "edited\n")
    lock = os.path.join(repo.git_dir(), "index.lock")
    repo.write(".git/index.lock", "somebody else's")
    with opened(repo) as workspace:
        assert_holds(workspace, repo, keep(workspace))
    assert repo.read(lock) == b"somebody else's"


def test_inherited_git_variables_lead_nowhere_else(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "hook").write_text(f"#!/bin/sh\ntouch {elsewhere}/ran\n")
    (elsewhere / "hook").chmod(0o755)
    repo.write("README.md", "edited\n")
    with monkeypatch.context() as inherited:
        for name in ("GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"):
            inherited.setenv(name, str(elsewhere / name))
        inherited.setenv("GIT_EXTERNAL_DIFF", str(elsewhere / "hook"))
        inherited.setenv("GIT_CONFIG_COUNT", "1")
        inherited.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
        inherited.setenv("GIT_CONFIG_VALUE_0", str(elsewhere / "hook"))
        with opened(repo) as workspace:
            checkpoint = keep(workspace)
    assert os.listdir(elsewhere) == ["hook"]
    with opened(repo) as workspace:
        assert_holds(workspace, repo, checkpoint)


def _hostile(repo: Repo, mark: str) -> None:
    script = repo.path(".git/evil")
    repo.write(".git/evil", f"#!/bin/sh\necho \"$0 $*\" >> '{mark}'\ncat\n", 0o755)
    for hook in ("reference-transaction", "post-index-change", "fsmonitor-watchman", "pre-commit", "post-checkout"):
        os.makedirs(repo.path(".git/hooks"), exist_ok=True)
        os.symlink(script, repo.path(f".git/hooks/{hook}"))
    evil = os.fsdecode(script)
    for key in (
        "core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.external",
        "diff.evil.textconv", "diff.evil.command", "core.pager", "core.editor", "core.askPass", "core.sshCommand",
        "core.gitProxy", "core.alternateRefsCommand", "credential.helper", "gpg.program", "merge.evil.driver",
        "interactive.diffFilter", "sequence.editor", "uploadpack.packObjectsHook", "alias.status", "alias.write-tree",
    ):  # fmt: skip
        repo.git("config", key, f"!{evil}" if key.startswith("alias") else evil)
    repo.git("config", "core.hooksPath", os.path.join(repo.root, ".git", "hooks"))
    repo.git("config", "core.splitIndex", "true")
    repo.git("config", "status.submoduleSummary", "true")


def test_nothing_of_the_repository_runs(repo: Repo) -> None:
    inner = Repo(os.path.join(repo.root, "inner"))
    os.makedirs(inner.root)
    inner.git("init", "-q", "-b", "main")
    for one in (repo, inner):
        one.commit("Rules", {".gitattributes": "* filter=evil diff=evil merge=evil\n", "f.txt": "f\n"})
        one.write("f.txt", "edited\n")
        one.write("g.txt", "untracked\n")
    repo.write(".env", "KEY=1\n")
    mark = f"{repo.root}.ran"
    _hostile(repo, mark)
    _hostile(inner, mark)
    with opened(repo) as workspace:
        one = keep(workspace)
        repo.write("f.txt", "again\n")
        two = keep(workspace)
        assert content(workspace, one.worktree)[b"f.txt"] == ("100644", b"edited\n")
        assert content(workspace, two.worktree)[b"f.txt"] == ("100644", b"again\n")
        restore(workspace, one)
    assert repo.read("f.txt") == b"edited\n"
    assert not os.path.exists(mark), repo.read(mark)


def test_what_git_pushes_clones_and_lists_has_nothing_of_ours(repo: Repo) -> None:
    repo.write(".gitignore", ".env\n")
    repo.write(".env", "KEY=1\n")
    repo.git("tag", "v1")
    with opened(repo) as workspace:
        checkpoint = keep(workspace)
        assert private_content(workspace, checkpoint) == {b".env": ("100644", b"KEY=1\n")}
    remote = Repo(f"{repo.root}-remote.git")
    os.makedirs(remote.root)
    remote.git("init", "-q", "--bare")
    repo.git("push", "-q", "--all", remote.root)
    repo.git("push", "-q", "--tags", remote.root)
    repo.git("push", "-q", "--follow-tags", remote.root, "main")
    assert remote.git("for-each-ref", "--format=%(refname)").splitlines() == ["refs/heads/main", "refs/tags/v1"]
    repo.git("clone", "-q", f"file://{repo.root}", f"{repo.root}-clone")
    clone = Repo(f"{repo.root}-clone")
    assert OURS not in clone.git("for-each-ref")
    assert clone.git("cat-file", "-t", checkpoint.commit, ok=(0, 128)) == ""
    assert "safe-rollback" not in repo.git("log", "--oneline", "--branches", "--tags", "--remotes")


def test_housekeeping_takes_nothing_away(repo: Repo) -> None:
    repo.git("checkout", "-qb", "topic")
    topic = repo.commit("Only on a branch", {"topic.txt": "topic\n"})
    repo.git("checkout", "-q", "main")
    repo.write("README.md", "put aside\n")
    repo.git("stash", "push", "-q")
    stash = repo.git("rev-parse", "stash@{0}")
    repo.write("src/app.py", "staged\n")
    repo.git("add", "src/app.py")
    staged = repo.git("rev-parse", ":src/app.py")
    repo.write("src/app.py", "edited\n")
    repo.write(".env", "KEY=1\n")
    repo.write(".gitignore", ".env\n")
    before = repo.state()
    with opened(repo) as workspace:
        checkpoint = keep(workspace)
        wreck(repo, workspace, checkpoint)
    repo.git("branch", "-D", "topic")
    repo.git("stash", "clear")
    repo.git("branch", "-D", "main")
    forget_unreachable(repo)
    for name in (topic, stash, staged):
        repo.git("cat-file", "-e", name)
    repo.git("fsck", "--strict", "--connectivity-only")
    with opened(repo) as workspace:
        restore(workspace, checkpoint)
    after = repo.state()
    assert (after.files, after.index, after.head) == (before.files, before.index, before.head)
    assert after.refs["refs/heads/main"] == before.refs["refs/heads/main"]


def test_every_object_of_a_checkpoint_passes_fsck(repo: Repo) -> None:
    conflict_stages(repo)
    repositories_inside(repo)
    for name in (b"caf\xe9", b"a-b", b"a.b", b"a/b", b"a0", b"line\nbreak"):
        repo.write(name, name)
    with opened(repo) as workspace:
        for number in range(3):
            repo.write("a/b", f"{number}\n")
            keep(workspace)
    assert repo.git("fsck", "--full", "--strict", "--no-dangling") == ""


def test_our_state_is_readable_by_its_owner_only(repo: Repo) -> None:
    repo.write(".gitignore", ".env\n")
    repo.write(".env", "KEY=1\n")
    with opened(repo) as workspace:
        keep(workspace)
        for folder, folders, names in os.walk(workspace.state_dir):
            for name in (*folders, *names):
                path = os.path.join(folder, name)
                inside = stat.S_IMODE(os.stat(path).st_mode) & 0o077
                closed = stat.S_IMODE(os.stat(workspace.worktree_dir).st_mode) & 0o077 == 0
                assert inside == 0 or (closed and path.startswith(workspace.worktree_dir)), path
