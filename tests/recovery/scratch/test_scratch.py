"""A scratch worktree is exactly the tree, whatever stood there before, and nothing of the user's changes."""

import contextlib
import os
import shutil
import subprocess

import pytest

from safe_rollback.core.errors import NoWorktreeError, SafeRollbackError
from safe_rollback.core.gate.objects import MODE_FILE, MODE_SYMLINK, MODE_TREE, Entry
from safe_rollback.core.ids import Oid
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.recovery.scratch.scratch import open_scratch
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.recovery.scratch.kit import PLAIN, content, of_tree, shown, stripped


def git(directory: str, *args: str) -> str:
    """Git as a check's tools run it there."""
    done = subprocess.run(["git", *args], cwd=directory, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else f"{done.returncode}: {done.stderr}"


@pytest.fixture
def various(repo: Repo) -> tuple[str, str]:
    """Two commits between which everything changes its kind."""
    os.symlink("src/app.py", repo.path("link"))
    repo.write("tool", "#!/bin/sh\n", 0o755)
    repo.write("plain", "a\n")
    repo.write("deep/er/file", "1\n")
    repo.write("thing", "a file\n")
    repo.git("add", "-A")
    one = repo.commit("Various")
    repo.git("rm", "-rq", "link", "thing", "deep")
    repo.write("link", "no link any more\n")
    repo.write("thing/inside", "a directory\n")
    os.symlink("thing", repo.path("deep"))
    os.chmod(repo.path("plain"), 0o755)
    os.chmod(repo.path("tool"), 0o644)
    repo.git("add", "-A")
    return one, repo.commit("Other kinds")


def test_each_state_is_shown_exactly_one_after_another(
    repo: Repo, workspace: Workspace, various: tuple[str, str]
) -> None:
    before = repo.state()
    objects = set(repo.git("cat-file", "--batch-all-objects", "--batch-check").splitlines())
    with open_scratch(workspace, PLAIN) as scratch:
        for commit in (*various, *reversed(various), repo.git("rev-parse", f"{various[0]}^{{tree}}")):
            directory = scratch.show(Oid(commit))
            assert stripped(directory) == of_tree(repo, commit)
            assert git(directory, "diff", "--stat") == "" and git(directory, "ls-files", "--others") == ""
    assert repo.state() == before
    assert set(repo.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()) == objects


_WRECK = r"""
set -e
mkdir -p build/deep src/.git/objects 'odd name'
echo x > build/deep/o; echo x > 'odd name/x'; echo '*' > build/.gitignore
touch -r plain stamp; printf 'b\n' > plain; touch -r stamp plain
rm tool; mkdir tool; mkfifo tool/pipe
mv deep moved; ln -s moved deep
git init -q nested; echo x > nested/x
ln -s "$1" to-outside; rm link; ln -s "$1/kept" link
git config core.hooksPath "$1"; git config filter.x.smudge false; echo '* filter=x' > .git/info/attributes
git -c user.name=a -c user.email=a@b commit -qam broken
git update-ref refs/heads/main HEAD; rm -rf .git/objects/info; echo junk > .git/index
chmod 000 src
"""


def test_what_an_earlier_check_left_is_gone(
    repo: Repo, workspace: Workspace, various: tuple[str, str], tmp_path: object
) -> None:
    outside = str(tmp_path)
    with open(os.path.join(outside, "kept"), "w", encoding="ascii") as file:
        file.write("kept")
    directory = shown(workspace, various[0])
    expected = content(directory)
    subprocess.run(["/bin/sh", "-c", _WRECK, "sh", outside], cwd=directory, check=True)
    assert content(directory) != expected
    assert shown(workspace, various[0]) == directory
    assert content(directory) == expected
    assert not os.path.exists(os.path.join(directory, "src", ".git"))
    assert os.listdir(outside) == ["kept"], "no link was followed"
    assert git(directory, "status", "--porcelain") == ""
    assert git(directory, "config", "core.hooksPath").startswith("1:")
    assert git(directory, "rev-parse", "HEAD", "main") == f"{various[0]}\n{repo.head()}"


def test_a_tree_that_nobody_committed_has_the_worktrees_head(repo: Repo, workspace: Workspace) -> None:
    repo.write("README.md", "not committed\n")
    repo.git("add", "-A")
    directory = shown(workspace, repo.git("write-tree"))
    assert git(directory, "rev-parse", "HEAD") == repo.head()
    assert git(directory, "status", "--porcelain") == "M  README.md"
    with open_scratch(workspace, PLAIN) as scratch:
        scratch.show(Oid(repo.git("write-tree")), head=Oid(repo.git("rev-parse", "HEAD~1")))
        assert git(directory, "rev-parse", "HEAD") == repo.git("rev-parse", "HEAD~1")


def test_tools_that_ask_git_get_the_answer_of_the_repository(repo: Repo, workspace: Workspace) -> None:
    repo.git("tag", "-am", "First", "v1.2", "HEAD~1")
    directory = shown(workspace, repo.head())
    assert git(directory, "describe", "--tags") == repo.git("describe", "--tags")
    assert git(directory, "rev-parse", "--show-toplevel") == directory
    assert git(directory, "log", "--format=%H %s", "main") == repo.git("log", "--format=%H %s")
    assert git(directory, "diff", "--name-only", "HEAD~1") == "bin/run.sh"
    assert git(directory, "symbolic-ref", "-q", "HEAD").startswith("1:"), "detached: no branch moves by a commit"
    assert os.path.basename(directory) == os.path.basename(repo.root)
    assert git(directory, "fsck", "--no-dangling") == ""


def test_what_a_check_commits_stays_in_the_scratch_worktree(repo: Repo, workspace: Workspace) -> None:
    before = repo.state()
    directory = shown(workspace, repo.head())
    assert git(directory, "commit", "-q", "--allow-empty", "-m", "by a check") == ""
    assert git(directory, "update-ref", "refs/heads/main", "HEAD") == ""
    made = git(directory, "rev-parse", "HEAD")
    assert repo.state() == before
    assert repo.git("cat-file", "-t", made, ok=(128,)) == ""


def test_a_repository_without_a_commit(tmp_path: object) -> None:
    root = os.path.join(str(tmp_path), "new")
    os.makedirs(root)
    repo = Repo(root)
    repo.git("init", "-q", "-b", "trunk")
    repo.write("a", "a\n")
    repo.git("add", "a")
    workspace = open_workspace(root, FixedClock())
    directory = shown(workspace, repo.git("write-tree"))
    assert git(directory, "status", "--porcelain", "-b") == "## No commits yet on trunk\nA  a"
    workspace.close()


@pytest.mark.parametrize("names", [("..",), (".git",), (".GIT",), ("git~1",), ("a/../../b",)])
def test_a_tree_with_a_path_that_leads_out_is_refused(
    workspace: Workspace, repo: Repo, names: tuple[str, ...], tmp_path: object
) -> None:
    blob = workspace.writer.blob(b"evil\n")
    entries = {name: Entry(mode=MODE_FILE, oid=blob) for name in names}
    if names[0] == "..":
        entries = {"..": Entry(mode=MODE_TREE, oid=workspace.writer.tree({"out": Entry(mode=MODE_FILE, oid=blob)}))}
    tree = workspace.writer.tree(entries)
    directory = shown(workspace, repo.head())
    above = {one for one, _, _ in os.walk(os.path.dirname(directory))}
    with pytest.raises(SafeRollbackError):
        shown(workspace, tree)
    assert not [one for one in content(os.path.dirname(os.path.dirname(directory))).values() if one[1] == b"evil\n"]
    assert {one for one, _, _ in os.walk(os.path.dirname(directory))} <= above | {f"{directory}/.git"}
    assert stripped(shown(workspace, repo.head())) == of_tree(repo, repo.head()), "the next one is right again"


def test_a_tree_that_writes_through_its_own_link_writes_nothing_outside(
    workspace: Workspace, repo: Repo, tmp_path: object
) -> None:
    outside = os.path.join(str(tmp_path), "outside")
    os.makedirs(outside)
    link = Entry(mode=MODE_SYMLINK, oid=workspace.writer.blob(os.fsencode(outside)))
    below = workspace.writer.tree({"evil": Entry(mode=MODE_FILE, oid=workspace.writer.blob(b"evil"))})
    # Two entries of one name, as git never writes them: a link, and a directory below it.
    parts = [b"120000 a\0" + bytes.fromhex(link.oid), b"40000 a\0" + bytes.fromhex(below)]
    tree = workspace.writer.write("tree", b"".join(parts))
    with contextlib.suppress(SafeRollbackError):
        shown(workspace, tree)
    assert os.listdir(outside) == []


def test_links_and_submodules_are_harmless_and_said(repo: Repo, workspace: Workspace) -> None:
    os.symlink("/etc", repo.path("etc"))
    os.symlink("../..", repo.path("src/up"))
    repo.git("add", "-A")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head()},lib/sub")
    repo.write("Readme.md", "again\n")
    repo.git("add", "Readme.md")
    commit = repo.commit("Links")
    with open_scratch(workspace, PLAIN) as scratch:
        directory = scratch.show(Oid(commit))
        assert content(directory)["etc"] == ("link", b"/etc")
        assert content(directory)["lib/sub"] == ("empty directory", b"")
        assert [note for note in scratch.notes if "lib/sub" in note]
        assert [note for note in scratch.notes if "README.md and Readme.md" in note]
        os.makedirs(os.path.join(directory, "lib/sub/.git"))
        scratch.show(Oid(commit))
        assert content(directory)["lib/sub"] == ("empty directory", b"")
        scratch.show(Oid(repo.git("rev-parse", "HEAD~1")))
        assert scratch.notes == []


def test_content_is_as_git_stores_it_and_that_is_said(repo: Repo, workspace: Workspace) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    repo.git("config", "core.autocrlf", "false")
    repo.write("a.txt", "one\ntwo\n")
    repo.write("big.bin", pointer)
    repo.git("add", "-A")
    commit = repo.commit("Attributes", {".gitattributes": "*.txt eol=crlf\n*.bin filter=lfs\n*.x filter=secret\n"})
    with open_scratch(workspace, PLAIN) as scratch:
        directory = scratch.show(Oid(commit))
        assert content(directory)["a.txt"] == ("file", b"one\ntwo\n")
        assert content(directory)["big.bin"] == ("file", pointer.encode())
        said = " ".join(scratch.notes)
    assert "LFS" in said and "CRLF" in said and "the filter secret did not run" in said
    assert git(directory, "status", "--porcelain") == ""


def test_a_damaged_or_half_written_scratch_worktree_mends_itself(repo: Repo, workspace: Workspace) -> None:
    directory = shown(workspace, repo.head())
    ours = os.path.join(os.path.dirname(os.path.dirname(directory)), "git")
    expected = content(directory)
    for name, junk in (("index", b"junk"), ("index.lock", b""), ("config", b"[core\n"), ("HEAD", b"")):
        with open(os.path.join(ours, name), "wb") as file:
            file.write(junk)
        repo.commit("Next", {"next": name})
        shown(workspace, repo.head())
        assert stripped(directory) == of_tree(repo, repo.head())
    shutil.rmtree(ours)
    shutil.rmtree(directory)
    os.symlink(repo.root, directory)
    shown(workspace, repo.git("rev-parse", "HEAD~4"))
    assert content(directory) == expected and not os.path.islink(directory)
    shutil.rmtree(os.path.dirname(os.path.dirname(directory)))
    shown(workspace, repo.git("rev-parse", "HEAD~4"))
    assert content(directory) == expected


def test_files_written_before_a_power_cut_are_written_again(repo: Repo, workspace: Workspace) -> None:
    directory = shown(workspace, repo.head())
    expected = content(directory)
    path = os.path.join(directory, "README.md")
    ours = os.path.join(os.path.dirname(os.path.dirname(directory)), "git")
    inode = os.stat(path).st_ino
    shown(workspace, repo.head())
    assert os.stat(path).st_ino == inode, "what is right stays"
    with open(os.path.join(ours, "boot"), "w", encoding="ascii") as file:
        file.write("another start of the machine")
    held = os.open(path, os.O_RDONLY)  # so that its inode is not given out again
    shown(workspace, repo.head())
    assert os.stat(path).st_ino != inode
    assert content(directory) == expected
    os.close(held)


def test_missing_objects_are_named(repo: Repo, workspace: Workspace) -> None:
    blob = repo.git("rev-parse", "HEAD:src/app.py")
    os.unlink(os.path.join(repo.git_dir(), "objects", blob[:2], blob[2:]))
    with pytest.raises(SafeRollbackError, match="cannot be written") as caught:
        shown(workspace, repo.head())
    assert "fetch" in (caught.value.hint or "")


def test_a_repository_of_the_other_object_format_a_shallow_one_and_a_linked_worktree(
    repo: Repo, tmp_path: object
) -> None:
    folder = str(tmp_path)
    other = Repo(os.path.join(folder, "sha256"))
    os.makedirs(other.root)
    other.git("init", "-q", "--object-format=sha256")
    other.commit("One", {"a": "a\n"})
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", os.path.join(folder, "shallow"))
    repo.git("worktree", "add", "-q", "--detach", os.path.join(folder, "linked"), "HEAD~1")
    for one in (other, Repo(os.path.join(folder, "shallow")), Repo(os.path.join(folder, "linked"))):
        workspace = open_workspace(one.root, FixedClock())
        directory = shown(workspace, one.head())
        assert stripped(directory) == of_tree(one, one.head())
        assert git(directory, "log", "--format=%H") == one.git("log", "--format=%H")
        assert os.path.basename(directory) == os.path.basename(one.root)
        workspace.close()


def test_the_scratch_worktree_is_none_of_the_users(repo: Repo, workspace: Workspace) -> None:
    """Nothing of it lies in the repository, which every hook looks through, or can be opened as a link out of it."""
    os.symlink("README.md", repo.path("link"))
    repo.git("add", "link")
    directory = shown(workspace, repo.commit("Link"))
    assert ".git" not in directory.split("/") and not directory.startswith(repo.root)
    assert repo.git("worktree", "list").count("\n") == 0
    again = open_workspace(repo.root, FixedClock())
    again.close()
    with pytest.raises(NoWorktreeError):
        open_workspace(os.path.dirname(directory))
