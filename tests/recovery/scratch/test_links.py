"""Dependency folders are linked in where the tree has none, and a check finds the code that is shown."""

import os
import subprocess
import sys

import pytest

from safe_rollback.core.ids import Oid
from safe_rollback.core.recovery import CheckSpec, VerifySettings
from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.checks.run import run_checks
from safe_rollback.recovery.scratch.scratch import open_scratch
from tests.harness.repo import Repo
from tests.recovery.scratch.kit import content, shown


def test_only_ignored_folders_that_the_tree_lacks_are_linked(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Ignore", {".gitignore": "/node_modules/\nvendor/bundle/\n.env\nbuild/\n", "tracked/a": "a\n"})
    for name in ("node_modules/left-pad/index.js", "vendor/bundle/gem", "not-ignored/a", "tracked/b", "build/o"):
        repo.write(name, "x\n")
    repo.write(".env", "SECRET=1\n", 0o600)
    link = ("node_modules", "vendor/bundle", "not-ignored", "tracked", ".env", "missing", "src/app.py/x")
    before = repo.state()
    directory = shown(workspace, repo.head(), link=link)
    there = content(directory)
    assert there["node_modules/left-pad"] == ("link", repo.path("node_modules/left-pad"))
    assert there["vendor/bundle/gem"] == ("file", b"x\n")
    assert there[".env"] == ("file", b"SECRET=1\n")
    assert not {path for path in there if path.startswith(("not-ignored", "tracked/b", "build", "missing"))}
    assert subprocess.run(["git", "status", "--porcelain"], cwd=directory, capture_output=True).stdout == b""
    shown(workspace, repo.head(), link=())
    assert not [path for path in content(directory) if path.startswith(("node_modules", "vendor", ".env"))]
    assert repo.state() == before, "what was linked is not deleted with the link"


def test_a_folder_of_that_name_in_the_tree_stays_as_it_is(repo: Repo, workspace: Workspace) -> None:
    repo.write("vendor/lib/a", "tracked\n")
    repo.git("add", "-f", "vendor")
    commit = repo.commit("Vendored", {".gitignore": "vendor/\n"})
    repo.git("rm", "-rqf", "vendor")
    repo.commit("Not any more")
    repo.write("vendor/lib/a", "of the user\n")
    assert content(shown(workspace, commit, link=("vendor",)))["vendor/lib/a"] == ("file", b"tracked\n")
    assert content(shown(workspace, repo.head(), link=("vendor",)))["vendor/lib"][0] == "link"


def test_nested_folders_by_a_pattern(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Packages", {".gitignore": "node_modules/\n", "packages/a/x": "a\n", "packages/b/x": "b\n"})
    for name in ("packages/a", "packages/b", "packages/gone", "packages/a/node_modules/deep"):
        repo.write(f"{name}/node_modules/dep/i.js", "x\n")

    def linked(*patterns: str) -> list[str]:
        return sorted(
            path
            for path, (kind, _) in content(shown(workspace, repo.head(), link=patterns)).items()
            if kind == "link"
        )

    assert linked("packages/*/node_modules") == [
        "packages/a/node_modules/deep", "packages/a/node_modules/dep", "packages/b/node_modules/dep",
    ]  # fmt: skip
    assert linked("**/node_modules") == linked("packages/*/node_modules")
    assert linked("packages/?/node_*") == linked("packages/*/node_modules")
    assert linked("other/*/node_modules") == []


def test_a_check_that_deletes_a_dependency_deletes_a_link(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Ignore", {".gitignore": "node_modules/\n"})
    repo.write("node_modules/dep/i.js", "x\n")
    repo.write("node_modules/.package-lock.json", "{}\n")
    before = repo.state()
    directory = shown(workspace, repo.head(), link=("node_modules",))
    command = "rm -rf node_modules/* node_modules/.package-lock.json; mkdir node_modules/new; echo y > node_modules/f"
    subprocess.run(["/bin/sh", "-c", command], cwd=directory, check=True)
    shown(workspace, repo.head(), link=("node_modules",))
    assert repo.state() == before


def test_a_link_to_a_package_of_the_project_leads_to_the_scratch_one(repo: Repo, workspace: Workspace) -> None:
    old = repo.commit("Old", {".gitignore": "node_modules/\n", "packages/mine/index.js": "module.exports = 'old'\n"})
    repo.commit("New", {"packages/mine/index.js": "module.exports = 'new'\n"})
    repo.write("node_modules/theirs/index.js", "module.exports = 'theirs'\n")
    os.makedirs(repo.path("node_modules/@scope"))
    os.symlink("../packages/mine", repo.path("node_modules/mine"))
    os.symlink("../../packages/mine", repo.path("node_modules/@scope/mine"))
    os.symlink("theirs", repo.path("node_modules/alias"))
    script = "console.log(['mine', '@scope/mine', 'theirs', 'alias'].map(require).join())"
    directory = shown(workspace, old, link=("node_modules",))
    said = subprocess.run(["node", "-e", script], cwd=directory, capture_output=True, text=True)
    assert said.stdout == "old,old,theirs,theirs\n", said.stderr


def test_what_a_check_writes_through_a_link_is_noticed(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Ignore", {".gitignore": "node_modules/\n.venv/\n"})
    repo.write("node_modules/@scope/dep/i.js", "x\n")
    repo.write(".venv/lib/python3.11/site-packages/six/__init__.py", "x\n")
    commands = {
        "echo y > node_modules/new; rm -r node_modules/@scope/*": [],
        "mkdir .venv/lib/python3.11/site-packages/__pycache__": [],
        "rm -r .venv/lib/python3.11/site-packages/six": [".venv"],
    }
    for command, expected in commands.items():
        with open_scratch(workspace, VerifySettings()) as scratch:
            directory = scratch.show(Oid(repo.head()))
            subprocess.run(["/bin/sh", "-c", command], cwd=directory, check=True)
            assert scratch.written_through() == expected, command


@pytest.mark.parametrize("finder", [False, True], ids=["path file", "setuptools' finder"])
def test_a_project_installed_editable_is_imported_from_the_scratch_worktree(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, finder: bool
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    files = {
        ".gitignore": ".venv/\n",
        "lib/mine/__init__.py": "state = 'old'\n",
        "test.py": "import mine\nprint(mine.state, mine.__file__)\n",
    }
    old = repo.commit("Old", files)
    repo.commit("New", {"lib/mine/__init__.py": "state = 'new'\n"})
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=repo.root, check=True)
    site = f".venv/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    library = os.path.join(repo.root, "lib")
    if finder:
        repo.write(f"{site}/__editable___mine_1_finder.py", _FINDER.format(path=os.path.join(library, "mine")))
        repo.write(f"{site}/__editable__.mine-1.pth", "import __editable___mine_1_finder as f; f.install()\n")
    else:
        repo.write(f"{site}/mine.pth", f"{library}\n")
    with open_scratch(workspace, VerifySettings()) as scratch:
        directory = scratch.show(Oid(old))
        commands = (".venv/bin/python test.py", f"{repo.root}/.venv/bin/python test.py")
        checks = [CheckSpec(name=one, run=one) for one in commands]
        for environment, expected in ((scratch.environment, "old"), ({}, "new")):
            for result in run_checks(checks, directory, allowed=commands, env=environment):
                assert result.tail.split(" ")[0] == expected, result
    assert scratch.environment["PYTHONPATH"] == os.path.join(directory, "lib")
    assert scratch.environment["UV_NO_SYNC"] == "1", "or `uv run` installs the scratch worktree for the user"


_FINDER = """import sys
from importlib.util import spec_from_file_location
MAPPING: dict[str, str] = {{'mine': {path!r}}}
class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            return spec_from_file_location(name, MAPPING[name] + "/__init__.py")
def install():
    sys.meta_path.append(Finder)
"""


def test_variables_that_name_the_worktree_name_the_scratch_one(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{repo.root}/src:/elsewhere:{repo.root}-other/src")
    monkeypatch.setenv("PROJECT", repo.root)
    monkeypatch.setenv("ONLY_THERE", f"{repo.root}/not-in-the-tree")
    with open_scratch(workspace, VerifySettings()) as scratch:
        directory = scratch.show(Oid(repo.head()))
    assert scratch.environment["PYTHONPATH"] == f"{directory}/src:/elsewhere:{repo.root}-other/src"
    assert scratch.environment["PROJECT"] == directory
    assert "ONLY_THERE" not in scratch.environment


def test_composers_own_code_finds_the_project_it_stands_in(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Ignore", {".gitignore": "/vendor/\n"})
    repo.write("vendor/autoload.php", "<?php require __DIR__ . '/composer/autoload_real.php';\n")
    repo.write("vendor/composer/autoload_real.php", "<?php $base = dirname(dirname(__DIR__));\n")
    repo.write("vendor/theirs/lib/a.php", "<?php\n")
    there = content(shown(workspace, repo.head(), link=("vendor",)))
    assert there["vendor/composer/autoload_real.php"][0] == "file"
    assert there["vendor/theirs"][0] == "link"
