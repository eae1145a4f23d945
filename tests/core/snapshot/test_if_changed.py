"""An automatic checkpoint is taken for every kind of change, and not for none."""

import os

from safe_rollback.core.session import chain
from safe_rollback.core.snapshot.checkpoint import Checkpoint
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.snapshot.take import Label, take_if_changed
from safe_rollback.core.workspace import Workspace
from tests.core.snapshot.support import afresh, assert_same, opened
from tests.harness.repo import Repo


def _take(workspace: Workspace) -> Checkpoint | None:
    return take_if_changed(workspace, chain(workspace, None), CapturePolicy(), Label(reason="automatic"))


def test_every_kind_of_change_is_taken_once(repo: Repo) -> None:
    inner = Repo(os.path.join(repo.root, "inner"))
    os.makedirs(inner.root)
    inner.git("init", "-q", "-b", "main")
    repo.write(".gitignore", ".env\n*.log\n")
    steps = {
        "a first one": lambda: None,
        "an edit": lambda: repo.write("README.md", "edited\n"),
        "an untracked file": lambda: repo.write("new.txt", "new\n"),
        "a deletion": lambda: repo.remove("src/util.py"),
        "staging": lambda: repo.git("add", "README.md"),
        "permission bits": lambda: os.chmod(repo.path("src/app.py"), 0o600),
        "the x bit": lambda: os.chmod(repo.path("bin/run.sh"), 0o755),
        "an empty directory": lambda: os.makedirs(repo.path("hollow")),
        "a link": lambda: os.symlink("nowhere", repo.path("link")),
        "an ignored file to keep": lambda: repo.write(".env", "A=1\n"),
        "its next value": lambda: repo.write(".env", "A=2\n"),
        "its loss": lambda: repo.remove(".env"),
        "a file in a repository inside": lambda: repo.write("inner/a.txt", "a\n"),
        "a commit": lambda: repo.git("commit", "-qm", "Staged"),
        "another branch": lambda: repo.git("branch", "aside"),
        "a stash": lambda: repo.git("stash", "push", "-q"),
        "a switch": lambda: repo.git("checkout", "-q", "aside"),
        "a detached HEAD": lambda: repo.git("checkout", "-q", "--detach"),
        "a bisect": lambda: repo.git("bisect", "start"),
    }
    with opened(repo) as workspace:
        for what, step in steps.items():
            step()
            assert _take(workspace) is not None, what
            assert _take(workspace) is None, what


def test_a_conflict_resolved_in_another_way_is_taken(repo: Repo) -> None:
    repo.git("checkout", "-qb", "other")
    repo.commit("Theirs", {"README.md": "theirs\n", "src/util.py": "theirs\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("Ours", {"README.md": "ours\n", "src/util.py": "ours\n"})
    repo.git("merge", "-q", "other", ok=(1,))
    with opened(repo) as workspace:
        assert _take(workspace) is not None
        blob = repo.git("rev-parse", ":2:README.md")
        repo.git("update-index", "--index-info", stdin=f"100644 {blob} 3\tREADME.md\n".encode())
        assert _take(workspace) is not None
        assert _take(workspace) is None


def test_a_look_by_git_and_new_file_times_are_no_change(repo: Repo) -> None:
    repo.write("new.txt", "new\n")
    with opened(repo) as workspace:
        first = _take(workspace)
        assert first is not None
        repo.write("build.log", "ignored\n")
        os.utime(repo.path("README.md"))
        os.utime(repo.path("new.txt"))
        assert _take(workspace) is None
        repo.git("status")  # writes the index: other bytes, the same meaning
        assert _take(workspace) is None
        repo.remove(".git/index")
        repo.git("read-tree", "HEAD")
        assert _take(workspace) is None
        again = afresh(workspace)
        for name in ("worktree", "index_tree", "sidecar"):
            assert getattr(again, name) == getattr(first, name)
        assert_same(again, afresh(workspace))
