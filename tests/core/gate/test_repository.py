"""Which directories are opened as a worktree, and which are refused with a way on."""

import os
from contextlib import closing

import pytest

from safe_rollback.core.errors import InvalidInputError, SafeRollbackError
from safe_rollback.core.gate.repository import open_repository
from safe_rollback.core.workspace import open_workspace
from tests.core.transition.kit import keep, restore
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo, make_repo


def refused(start: str) -> SafeRollbackError:
    with pytest.raises(InvalidInputError) as error:
        open_repository(start)
    assert error.value.hint
    return error.value


def test_a_worktree_is_found_from_any_directory_in_it(repo: Repo) -> None:
    for inside in ("", "src", "bin"):
        opened = open_repository(os.path.join(repo.root, inside))
        assert (opened.root, opened.git_dir) == (repo.root, f"{repo.root}/.git")
        assert opened.worktree_id == "main" and opened.object_format == "sha1" and not opened.shallow


def test_a_ceiling_a_caller_inherited_hides_nothing(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", repo.root)
    assert open_repository(f"{repo.root}/src").root == repo.root


def test_what_is_no_worktree_is_refused(repo: Repo, tmp_path: object) -> None:
    folder = str(tmp_path)
    assert "not in the work tree" in refused(folder).message
    assert "not a directory" in refused(os.path.join(folder, "missing")).message
    assert "not a directory" in refused(f"{repo.root}/README.md").message
    assert "git directory" in refused(f"{repo.root}/.git").message
    assert "git directory" in refused(f"{repo.root}/.git/objects").message


def test_a_bare_repository_is_refused_even_inside_a_worktree(repo: Repo, tmp_path: object) -> None:
    bare = os.path.join(str(tmp_path), "bare.git")
    repo.git("init", "-q", "--bare", bare)
    assert "git directory" in refused(bare).message
    inner = f"{repo.root}/vendor/evil"
    repo.git("init", "-q", "--bare", inner)
    assert "git directory" in refused(inner).message


def test_a_home_directory_is_refused(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", repo.root)
    assert "home or root directory" in refused(f"{repo.root}/src").message


def test_a_repository_that_points_its_work_tree_elsewhere_is_refused(repo: Repo, tmp_path: object) -> None:
    victim = make_repo(os.path.join(str(tmp_path), "victim"))
    before = victim.state()
    repo.git("config", "core.worktree", victim.root)
    assert "points its work tree" in refused(repo.root).message
    assert "core.worktree" in (refused(repo.root).hint or "")
    assert victim.state() == before


def test_a_git_file_that_names_another_repository_is_that_repositorys_business(repo: Repo, tmp_path: object) -> None:
    other = os.path.join(str(tmp_path), "other")
    os.mkdir(other)
    with open(f"{other}/.git", "w") as file:
        file.write(f"gitdir: {repo.root}/.git\n")
    # git itself reads it as a worktree of that repository, at this place.
    assert open_repository(other).root == other


def test_somebody_elses_repository_is_refused(repo: Repo) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory to another user")
    for path in (repo.root, f"{repo.root}/.git"):
        os.chown(path, 12345, 12345)
    error = refused(repo.root)
    assert "belongs to another user" in error.message and "safe.directory" in (error.hint or "")
    repo.git("config", "--global", "--add", "safe.directory", repo.root)
    assert open_repository(repo.root).root == repo.root


@pytest.mark.parametrize(
    "name",
    [
        b"with space",
        b"quote'\"",
        b"-rf",
        b"--git-dir=x",
        "ünïcode".encode(),
        b"latin\xe9",
        b"$(touch x)",
        b"tab\t",
        b"a:b",
        b"trailing ",
    ],
)
def test_a_worktree_at_an_unusual_path_works_as_any_other(tmp_path: object, name: bytes) -> None:
    repo = make_repo(os.path.join(str(tmp_path), os.fsdecode(name)))
    with closing(open_workspace(repo.root, FixedClock())) as workspace:
        assert workspace.root == repo.root
        before = repo.state()
        first = keep(workspace)
        repo.write("src/app.py", "changed\n")
        restore(workspace, first)
    assert repo.state() == before


def test_a_path_with_a_line_end_is_refused_with_advice(tmp_path: object) -> None:
    repo = make_repo(os.path.join(str(tmp_path), "two\nlines"))
    before = repo.state()
    error = refused(repo.root)
    assert "line end" in error.message and "Rename" in (error.hint or "") and "\n" not in str(error)
    assert repo.state() == before


def test_a_linked_worktree_shares_the_repository_and_has_an_id_of_its_own(repo: Repo, tmp_path: object) -> None:
    for name, expected in (("feature", "feature"), ("main", None), ("sp ace", None)):
        path = os.path.join(str(tmp_path), name)
        repo.git("worktree", "add", "-q", "--detach", path)
        opened = open_repository(path)
        assert opened.root == path and opened.common_dir == f"{repo.root}/.git"
        assert opened.state_dir == open_repository(repo.root).state_dir
        assert opened.worktree_id == expected or (expected is None and opened.worktree_id not in ("main", "sp ace"))
        with closing(open_workspace(path, FixedClock())) as workspace:
            assert keep(workspace) == f"at-{opened.worktree_id}.1"


def test_a_submodule_and_a_separate_git_directory_are_worktrees(repo: Repo, tmp_path: object) -> None:
    library = make_repo(os.path.join(str(tmp_path), "library"))
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", library.root, "lib")
    assert open_repository(f"{repo.root}/lib").git_dir == f"{repo.root}/.git/modules/lib"
    apart, place = (os.path.join(str(tmp_path), name) for name in ("apart", "store.git "))
    repo.git("init", "-q", f"--separate-git-dir={place}", apart)
    assert open_repository(apart).git_dir == place


def test_a_symlinked_path_is_the_directory_it_leads_to(repo: Repo, tmp_path: object) -> None:
    link = os.path.join(str(tmp_path), "link")
    os.symlink(repo.root, link)
    assert open_repository(link) == open_repository(repo.root)
    assert open_repository(f"{link}/src").root == repo.root


def test_a_link_inside_that_leads_out_of_the_worktree_opens_what_it_leads_to(repo: Repo, tmp_path: object) -> None:
    other = make_repo(os.path.join(str(tmp_path), "other"))
    os.symlink(other.root, f"{repo.root}/link")
    assert open_repository(f"{repo.root}/link").root == other.root


def test_a_git_directory_that_is_a_link_is_followed_as_git_does(repo: Repo, tmp_path: object) -> None:
    store = os.path.join(str(tmp_path), "store")
    os.rename(f"{repo.root}/.git", store)
    os.symlink(store, f"{repo.root}/.git")
    opened = open_repository(repo.root)
    assert (opened.root, opened.git_dir) == (repo.root, store)


def test_a_broken_configuration_is_an_error_that_names_the_line(repo: Repo) -> None:
    with open(repo.path(".git/config"), "a") as file:
        file.write("[core\n")
    with pytest.raises(SafeRollbackError, match="bad config line"):
        open_repository(repo.root)


def test_a_sha256_repository_and_a_shallow_one_are_told(tmp_path: object, repo: Repo) -> None:
    path = os.path.join(str(tmp_path), "sha256")
    repo.git("init", "-q", "--object-format=sha256", path)
    opened = open_repository(path)
    assert opened.object_format == "sha256" and len(opened.null_oid) == 64
    assert opened.empty_tree == Repo(path).git("hash-object", "-t", "tree", "/dev/null")
    clone = os.path.join(str(tmp_path), "shallow")
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", clone)
    assert open_repository(clone).shallow
