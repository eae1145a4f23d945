"""Many pairs of trees at once: the same as one by one, and never listed twice."""

import itertools

import pytest

from safe_rollback.core.errors import GitError
from safe_rollback.core.gate.pairs import diff_pairs, trees_of
from safe_rollback.core.gate.runner import Git
from safe_rollback.core.gate.trees import diff_trees
from safe_rollback.core.workspace import Workspace
from tests.harness.repo import Repo


@pytest.fixture
def pairs(repo: Repo, workspace: Workspace) -> list[tuple[str, str]]:
    """Some commits against those before; the last changes nothing, the first comes from nothing."""
    repo.commit("Odd names", {"a\nb/ü \\.txt": "1\n", "-x": "2\n", "same.txt": "3\n"})
    repo.commit("Less", {"same.txt": None, "-x": "4\n"})
    repo.git("commit", "-q", "--allow-empty", "-m", "Nothing")
    names = repo.git("log", "--reverse", "--format=%H").split()
    trees = trees_of(workspace.repository.git, workspace.reader, [workspace.repository.empty_tree, *names])
    return list(itertools.pairwise(trees))


def test_it_says_what_diff_trees_says(workspace: Workspace, pairs: list[tuple[str, str]]) -> None:
    git = workspace.repository.git
    assert [list(rows) for rows in diff_pairs(git, pairs)] == [diff_trees(git, old, new) for old, new in pairs]
    assert len(pairs) > 3 and not diff_pairs(git, pairs)[-1]


def test_the_second_time_git_is_not_asked(
    workspace: Workspace, pairs: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    git = workspace.repository.git
    known = diff_pairs(git, pairs[:2])
    everything = diff_pairs(git, pairs)
    assert everything[:2] == known

    def asked(*_: object, **__: object) -> None:
        raise AssertionError("git was asked")

    monkeypatch.setattr(Git, "run", asked)
    assert diff_pairs(git, [pairs[1], pairs[0], pairs[1]]) == [everything[1], everything[0], everything[1]]
    assert diff_pairs(git, []) == []


def test_trees_of_commits_trees_and_other_names(repo: Repo, workspace: Workspace) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    git, reader = workspace.repository.git, workspace.reader
    assert trees_of(git, reader, [repo.head(), tree, "HEAD", workspace.repository.empty_tree]) == [
        tree, tree, tree, workspace.repository.empty_tree,
    ]  # fmt: skip


def test_a_tree_that_is_not_there_is_an_error(workspace: Workspace, pairs: list[tuple[str, str]]) -> None:
    gone = "12" * 20
    for asked in ([(gone, pairs[1][0]), *pairs[2:]], [*pairs[2:], (pairs[1][0], gone)]):
        for _ in range(2):
            with pytest.raises(GitError):
                diff_pairs(workspace.repository.git, asked)
    assert [list(rows) for rows in diff_pairs(workspace.repository.git, pairs)] == [
        diff_trees(workspace.repository.git, old, new) for old, new in pairs
    ]
    with pytest.raises(GitError):
        trees_of(workspace.repository.git, workspace.reader, [gone])
