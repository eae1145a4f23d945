"""Refs read from git's files are those git lists, however they are stored; what is odd is left to git."""

import os
from collections.abc import Callable

import pytest

from safe_rollback.core.errors import GitError
from safe_rollback.core.gate.reffiles import read_ref_files
from safe_rollback.core.gate.refs import list_all_refs, list_refs
from safe_rollback.core.workspace import Workspace, open_workspace
from tests.harness.repo import Repo


def _same(repo: Repo) -> None:
    workspace = open_workspace(repo.root)
    try:
        assert read_ref_files(workspace.repository) is not None
        read, listed = list_all_refs(workspace.repository, workspace.reader), list_refs(workspace.repository)
        assert [(one.name, one.oid, one.kind) for one in read] == [(one.name, one.oid, one.kind) for one in listed]
        # Of a tag of a tag, git before 2.45 tells the tag.
        ends = [
            [one.peeled and repo.git("rev-parse", f"{one.peeled}^{{}}") for one in some] for some in (read, listed)
        ]
        assert ends[0] == ends[1]
    finally:
        workspace.close()


def _branches(repo: Repo) -> None:
    for name in ("a/b", "a.b", "a-b", "a0", "z"):
        repo.git("branch", name)


def _packed(repo: Repo) -> None:
    _branches(repo)
    repo.git("tag", "-a", "-m", "x", "v1")
    repo.git("pack-refs", "--all", "--prune")
    repo.git("tag", "-a", "-m", "of a tag", "v2", "v1")
    repo.commit("Moves main, which is packed, too", {"x": "x"})


def _objects(repo: Repo) -> None:
    blob = repo.git("hash-object", "-w", "README.md")
    for name, target in (("blob", blob), ("tree", "HEAD^{tree}")):
        repo.git("update-ref", f"refs/tags/{name}", target)
        repo.git("tag", "-a", "-m", "x", f"of-{name}", target)


def _symbolic(repo: Repo) -> None:
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    repo.git("symbolic-ref", "refs/heads/second", "refs/remotes/origin/HEAD")


def _empty_folders(repo: Repo) -> None:
    repo.git("branch", "deep/er")
    repo.git("branch", "-D", "deep/er")
    os.makedirs(repo.path(".git/refs/heads/none"), exist_ok=True)
    with open(repo.path(".git/refs/heads/held.lock"), "w", encoding="ascii") as file:
        file.write("not a ref\n")


def _stash(repo: Repo) -> None:
    repo.write("README.md", "other\n")
    repo.git("stash")


@pytest.mark.parametrize("make", [_branches, _packed, _objects, _symbolic, _empty_folders, _stash])
def test_they_are_those_git_lists(repo: Repo, make: Callable[[Repo], None]) -> None:
    _same(repo)
    make(repo)
    _same(repo)


def test_a_ref_that_moves_in_a_packed_file_is_seen(repo: Repo, workspace: Workspace) -> None:
    for number in range(3):
        repo.commit(f"Commit {number}", {"x": str(number)})
        repo.git("pack-refs", "--all")
        assert list_all_refs(workspace.repository, workspace.reader) == list_refs(workspace.repository)


def test_a_linked_worktree_has_refs_of_its_own(repo: Repo) -> None:
    repo.git("update-ref", "refs/bisect/bad", "HEAD")
    repo.git("worktree", "add", "-q", "../linked")
    linked = open_workspace(os.path.join(os.path.dirname(repo.root), "linked"))
    try:
        assert list_all_refs(linked.repository, linked.reader) == list_refs(linked.repository)
        repo.git("-C", linked.root, "update-ref", "refs/worktree/own", "HEAD")
        names = [one.name for one in list_all_refs(linked.repository, linked.reader)]
        assert "refs/worktree/own" in names and "refs/bisect/bad" not in names
        assert list_all_refs(linked.repository, linked.reader) == list_refs(linked.repository)
    finally:
        linked.close()
    _same(repo)


@pytest.mark.parametrize("name", ["refs/heads/a b", "refs/heads/é", "refs/heads/.hidden", "refs/a~"])
def test_a_name_that_is_odd_is_left_to_git(repo: Repo, workspace: Workspace, name: str) -> None:
    with open(repo.path(f".git/{name}"), "w", encoding="ascii") as file:
        file.write(f"{repo.head()}\n")
    assert read_ref_files(workspace.repository) is None
    assert list_all_refs(workspace.repository, workspace.reader) == list_refs(workspace.repository)


@pytest.mark.parametrize("text", ["", "garbage\n", "ref: refs/heads/nowhere\n", "ref: refs/heads/odd\n"])
def test_a_ref_that_leads_nowhere_is_left_to_git(repo: Repo, workspace: Workspace, text: str) -> None:
    with open(repo.path(".git/refs/heads/odd"), "w", encoding="ascii") as file:
        file.write(text)
    assert read_ref_files(workspace.repository) is None


def test_a_link_in_the_place_of_a_ref_is_left_to_git(repo: Repo, workspace: Workspace) -> None:
    os.symlink("main", repo.path(".git/refs/heads/link"))
    assert read_ref_files(workspace.repository) is None
    assert list_all_refs(workspace.repository, workspace.reader) == list_refs(workspace.repository)


def test_a_ref_to_an_object_that_is_gone_fails_as_in_git(repo: Repo, workspace: Workspace) -> None:
    with open(repo.path(".git/refs/heads/gone"), "w", encoding="ascii") as file:
        file.write("1" * 40 + "\n")
    with pytest.raises(GitError):
        list_all_refs(workspace.repository, workspace.reader)


def test_many_objects_that_are_new_are_listed_by_git(repo: Repo, workspace: Workspace) -> None:
    for number in range(40):
        repo.commit(f"Commit {number}", {"x": str(number)})
        repo.git("branch", f"b{number}")
    assert list_all_refs(workspace.repository, workspace.reader) == list_refs(workspace.repository)
