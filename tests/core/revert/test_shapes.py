"""Reverts of everything a commit can hold: roots, renames, modes, links, binaries, swaps, submodules, big files."""

import os
from collections.abc import Callable

import pytest

from safe_rollback.core.errors import InvalidInputError
from safe_rollback.core.workspace import Workspace
from tests.core.revert.kit import made_up, numbered, plan, reverted_by_git, roll_back, take_back, tree
from tests.harness.repo import Repo
from tests.harness.sample import sampled


def _rename(repo: Repo) -> None:
    repo.git("mv", "src/app.py", "src/renamed.py")
    repo.write("src/renamed.py", numbered(40, {3: "changed"}))
    repo.git("add", ".")


def _mode(repo: Repo) -> None:
    os.chmod(repo.path("bin/run.sh"), 0o755)
    repo.git("add", "bin/run.sh")


def _link(repo: Repo) -> None:
    os.symlink("src/app.py", repo.path("link"))
    repo.git("add", "link")


def _file_to_link(repo: Repo) -> None:
    repo.remove("README.md")
    os.symlink("src/app.py", repo.path("README.md"))
    repo.git("add", "README.md")


def _directory_to_link(repo: Repo) -> None:
    repo.git("mv", "src", "lib")
    os.symlink("lib", repo.path("src"))
    repo.git("add", ".")


def _directory_to_file(repo: Repo) -> None:
    repo.git("rm", "-rq", "src")
    repo.write("src", "a file now\n")
    repo.git("add", ".")


def _file_to_directory(repo: Repo) -> None:
    repo.git("rm", "-q", "README.md")
    repo.write("README.md/inside.txt", "a directory now\n")
    repo.write("README.md/deep/inside.txt", "a directory now\n")
    repo.git("add", ".")


def _binary(repo: Repo) -> None:
    repo.write("blob.bin", bytes(range(256)) * 20)
    repo.write("src/app.py", b"\0now binary\xff")
    repo.git("add", ".")


def _odd_names(repo: Repo) -> None:
    for name in (b"caf\xe9", b"tab\there", b"line\nend", b'quote"d', b"back\\slash", b"-dash", b":(top)x", b"*"):
        repo.write(name, "odd\n")
    repo.git("add", ".")


def _empty_files(repo: Repo) -> None:
    repo.write("empty", "")
    repo.write("src/util.py", "")
    repo.git("add", ".")


def _no_final_newline(repo: Repo) -> None:
    repo.write("src/util.py", "def two():\n    return 3")
    repo.git("add", ".")


def _case(repo: Repo) -> None:
    repo.git("mv", "README.md", "readme.md")


SHAPES: tuple[Callable[[Repo], None], ...] = (
    _rename,
    _mode,
    _link,
    _file_to_link,
    _directory_to_link,
    _directory_to_file,
    _file_to_directory,
    _binary,
    _odd_names,
    _empty_files,
    _no_final_newline,
    _case,
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.strip("_"))
def test_any_shape_goes_comes_back_and_goes_again(
    workspace: Workspace, repo: Repo, shape: Callable[..., None]
) -> None:
    repo.git("switch", "-q", "-c", "work")
    before = repo.state()
    shape(repo)
    wrong = repo.commit("Wrong")
    repo.commit("Later", {"later.txt": "later\n"})
    with_it = repo.state()
    done = roll_back(workspace, wrong)
    without = repo.state()
    assert {path: one for path, one in without.files.items() if path != b"later.txt"} == before.files
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("fsck", "--no-dangling", "--strict") == ""
    take_back(workspace, done.operation_id)
    assert repo.state() == with_it
    take_back(workspace)
    assert repo.state() == without


@pytest.mark.parametrize("shape", sampled(SHAPES, 3), ids=lambda shape: shape.__name__.strip("_"))
def test_a_revert_of_a_revert_brings_it_back(workspace: Workspace, repo: Repo, shape: Callable[..., None]) -> None:
    repo.git("switch", "-q", "-c", "work")
    shape(repo)
    wrong = repo.commit("Wrong")
    with_it = repo.state()
    first = roll_back(workspace, wrong)
    roll_back(workspace, first.commits[0])
    again = repo.state()
    assert (again.files, again.index) == (with_it.files, with_it.index)
    assert tree(repo) == tree(repo, wrong)


def test_the_root_commit_goes_where_nothing_rests_on_it(workspace: Workspace, repo: Repo, tmp_path: object) -> None:
    repo.git("switch", "-q", "-c", "work")
    root = repo.git("rev-list", "--max-parents=0", "HEAD")
    expected = reverted_by_git(repo, f"{tmp_path}/clone", root)
    roll_back(workspace, root)
    assert tree(repo) == expected
    assert not repo.exists("README.md")
    assert repo.exists("src/app.py")


def test_the_only_commit_leaves_an_empty_tree(workspace: Workspace, repo: Repo) -> None:
    repo.git("checkout", "-q", "--orphan", "lonely")
    root = repo.commit("Everything at once")
    roll_back(workspace, root)
    assert repo.git("ls-tree", "HEAD") == ""
    assert repo.files() == {}
    take_back(workspace)
    assert repo.head() == root
    assert repo.exists("src/app.py")


def test_an_empty_commit_has_nothing_to_take_out(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    empty = repo.commit("Empty")
    before = repo.state()
    with pytest.raises(InvalidInputError, match="Nothing of the target is left in HEAD") as caught:
        plan(workspace, empty)
    assert "changed nothing" in str(caught.value)
    assert repo.state() == before


def test_empty_commits_among_others_are_passed_over(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    before = tree(repo)
    start = repo.head()
    repo.commit("Empty")
    repo.commit("Full", {"full.txt": "full\n"})
    repo.commit("Empty again")
    done = roll_back(workspace, f"{start}..HEAD", "per_commit")
    assert len(done.commits) == 1
    assert tree(repo) == before


@pytest.mark.parametrize("commits", ["one", "per_commit"])
def test_a_merge_inside_a_range_goes_with_all_it_brought(workspace: Workspace, repo: Repo, commits: str) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side", {"side.txt": "side\n"})
    repo.git("switch", "-q", "-c", "work", "main")
    start = repo.commit("Start", {"start.txt": "start\n"})
    before = tree(repo)
    repo.commit("One", {"one.txt": "one\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    repo.commit("Two", {"one.txt": "two\n", "side.txt": "changed\n"})
    roll_back(workspace, f"{start}..HEAD", commits)
    assert tree(repo) == before


def test_an_octopus_merge_goes_back_to_its_first_parent(workspace: Workspace, repo: Repo) -> None:
    for name in ("x", "y", "z"):
        repo.git("switch", "-q", "-c", name, "main")
        repo.commit(name, {f"{name}.txt": name})
    repo.git("switch", "-q", "x")
    before = tree(repo)
    repo.git("merge", "-q", "-m", "All", "y", "z")
    assert plan(workspace, "HEAD").strategy.kind == "revert_merge"
    roll_back(workspace, "HEAD")
    assert tree(repo) == before


def test_later_edits_follow_a_file_whose_rename_is_taken_back(
    workspace: Workspace, repo: Repo, tmp_path: object
) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.git("mv", "src/app.py", "src/moved.py")
    rename = repo.commit("Rename")
    repo.commit("Edit it there", {"src/moved.py": numbered(40, {20: "later"})})
    repo.write("src/moved.py", numbered(40, {20: "later", 33: "uncommitted"}))
    repo.write("src/moved.py", numbered(40, {20: "later", 33: "uncommitted"}))
    expected = reverted_by_git(repo, f"{tmp_path}/clone", rename)
    roll_back(workspace, rename)
    assert tree(repo) == expected
    assert repo.read("src/app.py").decode() == numbered(40, {20: "later", 33: "uncommitted"})
    assert not repo.exists("src/moved.py")
    assert repo.git("status", "--porcelain").split() == ["M", "src/app.py"]


def test_a_mode_of_the_human_stays_when_the_content_goes_back(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    wrong = repo.commit("Wrong", {"bin/run.sh": "#!/bin/sh\nrm -rf /\n"})
    os.chmod(repo.path("bin/run.sh"), 0o755)
    roll_back(workspace, wrong)
    assert repo.read("bin/run.sh") == b"#!/bin/sh\necho run\n"
    assert os.stat(repo.path("bin/run.sh")).st_mode & 0o777 == 0o755
    assert repo.git("diff", "--summary").strip() == "mode change 100644 => 100755 bin/run.sh"


def _with_submodule(repo: Repo, path: str) -> tuple[str, str]:
    os.makedirs(path)
    inner = Repo(path)
    inner.git("init", "-q", "-b", "main")
    first = inner.commit("Inner 1", {"inner.txt": "1\n"})
    second = inner.commit("Inner 2", {"inner.txt": "2\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", path, "sub")
    repo.git("-C", "sub", "checkout", "-q", first)
    repo.git("add", "sub")
    repo.commit("Add a submodule")
    return first, second


def test_a_submodule_pointer_goes_back_and_its_directory_is_left_alone(
    workspace: Workspace, repo: Repo, tmp_path: object
) -> None:
    repo.git("switch", "-q", "-c", "work")
    first, second = _with_submodule(repo, f"{tmp_path}/inner")
    repo.git("-C", "sub", "checkout", "-q", second)
    repo.git("add", "sub")
    bump = repo.commit("Bump")
    repo.write("sub/inner.txt", "uncommitted inside\n")
    done = roll_back(workspace, bump)
    assert repo.git("rev-parse", "HEAD:sub") == first
    assert repo.git("rev-parse", ":sub") == first
    assert repo.git("-C", "sub", "rev-parse", "HEAD") == second
    assert repo.read("sub/inner.txt") == b"uncommitted inside\n"
    assert any("git submodule update sub" in note for note in done.notes)


def test_a_submodule_that_was_added_goes_and_its_files_stay(
    workspace: Workspace, repo: Repo, tmp_path: object
) -> None:
    repo.git("switch", "-q", "-c", "work")
    before = tree(repo)
    _with_submodule(repo, f"{tmp_path}/inner")
    repo.write("sub/mine.txt", "mine\n")
    roll_back(workspace, "HEAD")
    assert tree(repo) == before
    assert repo.read("sub/mine.txt") == b"mine\n"
    assert not repo.exists(".gitmodules")


def test_a_file_beyond_the_capture_limit_goes_and_comes_back(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    size = (50 << 20) + 17
    repo.write("big.bin", b"\0" * size)
    repo.git("-c", "core.bigFileThreshold=1m", "add", "big.bin")
    wrong = repo.commit("Big")
    done = roll_back(workspace, wrong)
    assert not repo.exists("big.bin")
    take_back(workspace, done.operation_id)
    assert os.path.getsize(repo.path("big.bin")) == size
    assert repo.git("status", "--porcelain") == ""


def test_a_text_of_two_megabytes_is_merged_line_by_line(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Long", {"long.txt": numbered(200_000)})
    wrong = repo.commit("Wrong", {"long.txt": numbered(200_000, {10: "wrong"})})
    repo.commit("Right", {"long.txt": numbered(200_000, {10: "wrong", 1000: "right"})})
    repo.write("long.txt", numbered(200_000, {10: "wrong", 1000: "right", 150_000: "uncommitted"}))
    roll_back(workspace, wrong)
    assert repo.read("long.txt").decode() == numbered(200_000, {1000: "right", 150_000: "uncommitted"})


@pytest.mark.parametrize("attribute", ["merge=union", "-merge", "merge=ours-driver", "diff=python"])
def test_merge_attributes_of_the_repository_count_and_its_drivers_do_not_run(
    workspace: Workspace, repo: Repo, tmp_path: object, attribute: str
) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.git("config", "merge.ours-driver.driver", f"touch {tmp_path}/ran")
    repo.commit("Attributes", {".gitattributes": f"*.lock {attribute}\n", "a.lock": numbered(9)})
    wrong = repo.commit("Wrong", {"a.lock": numbered(9, {4: "wrong"})})
    repo.commit("Later, elsewhere in it", {"a.lock": numbered(9, {4: "wrong", 8: "later"})})
    found = made_up(workspace, wrong).draft.conflicts
    assert [one.path for one in found] == (["a.lock"] if attribute == "-merge" else [])
    assert not os.path.exists(f"{tmp_path}/ran")
