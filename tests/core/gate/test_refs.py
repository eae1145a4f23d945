"""Refs: listed whatever they are called, moved all or none, and a caller's words never reach git as options."""

import os
import threading

import pytest

from safe_rollback.core.errors import BusyError, GitError, InvalidInputError, StateMovedError
from safe_rollback.core.gate.refs import (
    Head,
    RefUpdate,
    check_branch_name,
    is_ancestor,
    list_refs,
    parents_of,
    read_head,
    resolve,
    set_head,
    update_refs,
)
from safe_rollback.core.gate.repository import Repository, open_repository
from safe_rollback.core.ids import Oid
from safe_rollback.core.workspace import Workspace
from tests.core.transition.kit import keep, restore
from tests.harness.repo import Repo

STRANGE = ("a\u2028b", "a\u2029b", "a\u0085b", "nbsp\u00a0", "em\u2003", "\udcff\udcfe", "-x", "quote'\"$(x)", "é/ü")


@pytest.fixture
def repository(repo: Repo) -> Repository:
    return open_repository(repo.root)


@pytest.mark.parametrize("name", STRANGE)
def test_a_branch_of_any_name_is_listed_and_kept_and_worked_on(repo: Repo, workspace: Workspace, name: str) -> None:
    repo.git("update-ref", f"refs/heads/{name}", "HEAD")
    repo.git("symbolic-ref", "HEAD", f"refs/heads/{name}")
    assert f"refs/heads/{name}" in [one.name for one in list_refs(workspace.repository)]
    head = read_head(workspace.repository)
    assert head == Head(branch=f"refs/heads/{name}", oid=Oid(repo.git("rev-parse", "refs/heads/main")))
    before = repo.state()
    first = keep(workspace)
    repo.write("src/app.py", "x\n")
    repo.git("symbolic-ref", "HEAD", "refs/heads/main")
    restore(workspace, first)
    assert repo.state() == before


def test_tags_are_peeled_and_prefixes_are_whole_names(repo: Repo, repository: Repository) -> None:
    repo.git("tag", "-a", "-m", "annotated", "v1")
    repo.git("branch", "feature/a")
    repo.git("branch", "features")
    (tag,) = list_refs(repository, "refs/tags/")
    assert (tag.kind, tag.peeled) == ("tag", repo.head()) and tag.oid != tag.peeled
    assert [one.name for one in list_refs(repository, "refs/heads/feature")] == ["refs/heads/feature/a"]
    assert list_refs(repository, "refs/nothing/") == []


@pytest.mark.parametrize(
    "text", ["ref: refs/heads/x\n", "ref:refs/heads/x\n", "ref:\trefs/heads/x \n", "ref: refs/heads/x"]
)
def test_head_is_read_as_git_reads_it(repo: Repo, repository: Repository, text: str) -> None:
    with open(repo.path(".git/HEAD"), "w") as file:
        file.write(text)
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/x"
    assert read_head(repository) == Head(branch="refs/heads/x", oid=None)


def test_head_may_be_detached_unborn_or_a_link(repo: Repo, repository: Repository) -> None:
    commit = Oid(repo.head())
    repo.git("switch", "-q", "--detach")
    assert read_head(repository) == Head(branch=None, oid=commit)
    repo.git("switch", "-q", "--orphan", "new")
    assert read_head(repository) == Head(branch="refs/heads/new", oid=None)
    os.unlink(repo.path(".git/HEAD"))
    os.symlink("refs/heads/main", repo.path(".git/HEAD"))
    assert read_head(repository) == Head(branch="refs/heads/main", oid=commit)


def test_set_head_moves_head_alone(repo: Repo, repository: Repository) -> None:
    commit, refs = Oid(repo.head()), repo.refs()
    set_head(repository, Head(branch=None, oid=commit), reason="test")
    assert repo.branch() == "" and repo.head() == commit
    set_head(repository, Head(branch="refs/heads/unborn", oid=None), reason="test")
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/unborn" and repo.refs() == refs


def test_updates_are_all_made_or_none(repo: Repo, repository: Repository) -> None:
    new, old = Oid(repo.head()), Oid(repo.git("rev-parse", "HEAD~1"))
    update_refs(repository, [RefUpdate(name="refs/heads/one", new=old, old=None)], reason="test")
    before = repo.refs()
    first = RefUpdate(name="refs/heads/two", new=new, old=None)
    for wrong in (
        RefUpdate(name="refs/heads/one", new=new, old=new),
        RefUpdate(name="refs/heads/one", new=new, old=None),
        RefUpdate(name="refs/heads/one", new=None, old=new),
        RefUpdate(name="refs/heads/none", new=new, old=old),
        RefUpdate(name="refs/heads/none", new=None, old=old),
    ):
        with pytest.raises(StateMovedError, match="Nothing was changed"):
            update_refs(repository, [first, wrong], reason="test")
        assert repo.refs() == before
    update_refs(repository, [first, RefUpdate(name="refs/heads/one", new=None, old=old)], reason="test")
    assert repo.refs() == {**{k: v for k, v in before.items() if k != "refs/heads/one"}, "refs/heads/two": new}


def test_an_object_that_is_missing_never_becomes_a_ref(repo: Repo, repository: Repository) -> None:
    before = repo.refs()
    with pytest.raises(GitError):
        update_refs(repository, [RefUpdate(name="refs/heads/x", new=Oid("1" * 40), old=None)], reason="test")
    assert repo.refs() == before


def test_a_foreign_ref_lock_is_reported_and_left(repo: Repo, repository: Repository) -> None:
    lock = repo.path(".git/refs/heads/main.lock")
    with open(lock, "w"):
        pass
    before = repo.refs()
    change = RefUpdate(name="refs/heads/main", new=Oid(repo.git("rev-parse", "HEAD~1")), old=Oid(repo.head()))
    with pytest.raises(BusyError, match="lock"):
        update_refs(repository, [change], reason="test")
    assert os.path.exists(lock) and repo.refs() == before


def test_of_several_that_expect_the_same_old_value_one_wins(repo: Repo, repository: Repository) -> None:
    old = Oid(repo.head())
    tree = repo.git("rev-parse", "HEAD^{tree}")
    wanted = [Oid(repo.git("commit-tree", tree, "-m", f"{n}")) for n in range(6)]
    won: list[Oid] = []
    lost: list[Exception] = []

    def attempt(new: Oid) -> None:
        try:
            update_refs(repository, [RefUpdate(name="refs/heads/main", new=new, old=old)], reason="race")
            won.append(new)
        except (StateMovedError, BusyError) as error:
            lost.append(error)

    threads = [threading.Thread(target=attempt, args=(new,)) for new in wanted]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(won) == 1 and len(lost) == 5 and repo.git("rev-parse", "main") == won[0]


def test_a_revision_becomes_the_full_name_of_a_commit(repo: Repo, repository: Repository) -> None:
    repo.git("tag", "-a", "-m", "x", "v1", "HEAD~1")
    repo.git("switch", "-q", "-c", "other")
    repo.git("switch", "-q", "main")
    for revision in (
        "HEAD",
        "main",
        "HEAD~1",
        "v1",
        "@",
        "@{-1}",
        repo.head()[:9],
        "main@{0}",
        "HEAD^{/Add}",
    ):
        assert resolve(repository, revision) == repo.git("rev-parse", "--verify", f"{revision}^{{commit}}"), revision


@pytest.mark.parametrize(
    "revision",
    [
        "", " ", "-d", "--", "--all", "--upload-pack=x", "--output=ran", "--git-dir=/", "--end-of-options", "^HEAD",
        "^main", "HEAD..main", "HEAD...main", "HEAD~1..", "..", "HEAD^!", "HEAD^@", "HEAD^-", "HEAD:README.md",
        "HEAD:", ":README.md", "HEAD^{tree}", "HEAD^{", "nope", "a\0b", "a\nHEAD", "HEAD\n", "x" * 200_000, "\ud800",
        "@{u}", "$(touch ran)", "HEAD; touch ran", ":/Add", "0" * 40, "1" * 40, "main@{9999}",
    ],
)  # fmt: skip
def test_what_is_no_single_commit_is_refused_and_runs_nothing(
    repo: Repo, repository: Repository, revision: str
) -> None:
    before = repo.state()
    with pytest.raises(InvalidInputError) as refused:
        resolve(repository, revision)
    assert refused.value.hint and len(str(refused.value)) < 5000
    assert repo.state() == before


def test_a_ref_that_is_called_like_an_option_is_only_a_ref(repo: Repo, repository: Repository) -> None:
    repo.git("update-ref", "refs/heads/--output=x", "HEAD~1")
    assert resolve(repository, "--output=x") == repo.git("rev-parse", "HEAD~1")
    assert not repo.exists("x")


@pytest.mark.parametrize("name", ["feature/x", "é", "a.b", "@", "v1.0-rc_2"])
def test_a_good_branch_name_becomes_a_full_ref(repository: Repository, name: str) -> None:
    assert check_branch_name(repository, name) == f"refs/heads/{name}"


@pytest.mark.parametrize(
    "name",
    [
        "", "-d", "--force", "HEAD", "a..b", "@{-1}", "a b", "a~1", "a:b", "a^", "a?", "a*", "a[", "a\\b", "/a", "a/",
        "a//b", "a.lock", ".a", "a/.b", "a\nb", "a\0b", "a\x7f", "x" * 200_000, "\ud800",
    ],
)  # fmt: skip
def test_a_bad_branch_name_is_refused(repository: Repository, name: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_branch_name(repository, name)
    assert len(str(refused.value)) < 1000


def test_ancestry_is_gits(repo: Repo, repository: Repository) -> None:
    new, old = Oid(repo.head()), Oid(repo.git("rev-parse", "HEAD~1"))
    assert parents_of(repository, new) == [old]
    assert is_ancestor(repository, old, new) and not is_ancestor(repository, new, old)
