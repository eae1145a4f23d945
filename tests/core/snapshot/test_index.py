"""What an index file remembers of each entry, in the order of `ls-files`."""

import os

import pytest

from safe_rollback.core.snapshot.index import Remembered, remembered
from tests.harness.repo import Repo


def read(repo: Repo, version: str, object_format: str = "sha1") -> Remembered:
    repo.git("update-index", f"--index-version={version}")
    with open(os.path.join(repo.git_dir(), "index"), "rb") as file:
        data = file.read()
    assert data[7] == int(version)
    return remembered(data, object_format)


@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_every_size_is_read(tmp_path: object, version: str, object_format: str) -> None:
    repo = Repo(str(tmp_path))
    repo.git("init", "-q", f"--object-format={object_format}")
    for number in range(400):
        repo.write(f"deep/{'x' * (number % 41)}/{'y' * (number // 2)} {number}.txt", "x" * number)
    repo.write(f"{'long/' * 700}{'z' * 200}{'w' * 50}" if version == "9" else b"name \xff\n.txt", "odd")
    repo.git("add", "-A")
    if version == "3":
        repo.write("later.txt", "not yet")
        repo.git("add", "--intent-to-add", "later.txt")  # needs the longer flags
    paths = repo.git("ls-files", "-z").split("\0")[:-1]
    found = read(repo, version, object_format)
    expected = [0 if path == "later.txt" else len(repo.read(path)) for path in paths]
    assert list(found.sizes) == expected
    assert (found.assumed, found.skipped, found.unmerged) == ([], [], [])


@pytest.mark.parametrize("version", ["3", "4"])
def test_what_hides_edits_and_what_no_tree_can_hold_is_told_apart(repo: Repo, version: str) -> None:
    repo.git("update-index", "--assume-unchanged", "src/util.py")
    repo.git("update-index", "--skip-worktree", "bin/run.sh")
    name = repo.git("hash-object", "-w", "README.md")
    lines = "".join(f"100644 {name} {stage}\tREADME.md\n" for stage in (1, 2, 3))
    repo.git("update-index", "--index-info", stdin=f"0 {'0' * 40}\tREADME.md\n{lines}".encode())
    found = read(repo, version)
    paths = repo.git("ls-files", "-z").split("\0")
    assert [paths[place] for place in found.assumed] == ["src/util.py"]
    assert [paths[place] for place in found.skipped] == ["bin/run.sh"]
    assert [paths[place] for place in found.unmerged] == ["README.md"] * 3
    assert [size for size, path in zip(found.sizes, paths, strict=False) if path == "src/app.py"] == [
        len(repo.read("src/app.py"))
    ]


def test_a_path_longer_than_the_length_field_holds(repo: Repo) -> None:
    name = repo.git("hash-object", "-w", "README.md")
    long = "/".join(["d" * 200] * 22)
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{name},{long}")
    for version in ("2", "4"):
        found = read(repo, version)
        paths = repo.git("ls-files", "-z").split("\0")[:-1]
        assert len(long) > 0xFFF
        assert len(found.sizes) == len(paths)
        assert found.sizes[paths.index("src/util.py")] == len(repo.read("src/util.py"))
