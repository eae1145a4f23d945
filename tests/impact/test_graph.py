"""In a partial clone what is absent is said to be unread, and everything else is read."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from safe_rollback.core.errors import NotFoundError
from safe_rollback.core.ids import Oid
from safe_rollback.core.workspace import open_workspace
from safe_rollback.impact.contents import contents
from safe_rollback.impact.radius import radius
from tests.core.transition.kit import keep
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.impact.conftest import Trees

Clone = Callable[..., Trees]
ABSENT = "it is not here (a partial clone)"


@pytest.fixture
def clone(repo: Repo, tmp_path: object, toy: None) -> Iterator[Clone]:
    """Makes a clone without blobs, but for those it checks out."""
    opened = []

    def made(*options: str) -> Trees:
        repo.git("config", "uploadpack.allowFilter", "true")
        path = os.path.join(str(tmp_path), "clone")
        repo.git("clone", "-q", "--filter=blob:none", *options, f"file://{repo.root}", path)
        workspace = open_workspace(path, FixedClock())
        opened.append(workspace)
        return Trees(Repo(path), workspace)

    yield made
    for workspace in opened:
        workspace.close()


def test_files_a_sparse_partial_clone_lacks_are_unread_and_the_others_read(repo: Repo, clone: Clone) -> None:
    repo.commit("Files", {"top.toy": "need out/b.toy\n", "out/b.toy": "need top.toy\n", "out/c.txt": "c\n"})
    trees = clone("--sparse")
    graph = trees.graph()
    assert graph.unread("out/b.toy") == [ABSENT] and graph.unread("top.toy") == []
    assert [edge.target for edge in graph.edges["top.toy"]] == ["out/b.toy"]
    assert graph.listed["top.toy"].size == len("need out/b.toy\n") and graph.listed["out/b.toy"].size == 0
    found = radius(trees.library, graph, {"top.toy": None})
    assert (found.coverage.level, found.coverage.files) == ("partial", [("out/b.toy", ABSENT)])


def test_an_older_tree_of_a_partial_clone_has_the_files_that_did_not_change(repo: Repo, clone: Clone) -> None:
    repo.commit("One", {"a.toy": "need b.toy\n", "b.toy": "say old\n"})
    repo.commit("Two", {"b.toy": "say new\n"})
    trees = clone()
    assert trees.graph().unread("b.toy") == []
    graph = trees.graph("HEAD~1")
    assert graph.unread("b.toy") == [ABSENT]
    assert [edge.target for edge in graph.edges["a.toy"]] == ["b.toy"]
    assert graph.files.read("b.toy") == b""


def test_contents_leave_out_what_is_absent(repo: Repo, clone: Clone) -> None:
    repo.commit("Files", {"top.toy": "x\n", "out/b.toy": "y\n", "out/c.toy": "z\n"})
    blobs = {name: Oid(repo.git("rev-parse", f"HEAD:{name}")) for name in ("out/b.toy", "top.toy", "out/c.toy")}
    trees = clone("--sparse")
    git = trees.library.git
    assert list(contents(git, dict.fromkeys(blobs.values(), 2))) == [(blobs["top.toy"], b"x\n")]
    assert list(contents(git, {blobs["out/b.toy"]: 2})) == []
    with pytest.raises(NotFoundError, match=f"git show {blobs['out/b.toy']}"):
        trees.library.read(blobs["out/b.toy"])
    trees.repo.git("show", blobs["out/b.toy"])
    assert trees.library.read(blobs["out/b.toy"]) == b"y\n"


def test_a_sparse_partial_clone_can_be_captured(repo: Repo, clone: Clone) -> None:
    repo.commit("Files", {"top.toy": "x\n", "out/b.toy": "y\n"})
    place = clone("--sparse").repo
    place.write("top.toy", "edited\n")
    with closing(open_workspace(place.root, FixedClock())) as workspace:
        assert keep(workspace) == "at-main.1"
