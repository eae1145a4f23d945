"""A scratch worktree of a hostile repository runs nothing that its configuration, attributes and hooks name."""

import os

from safe_rollback.core.ids import Oid
from safe_rollback.core.recovery import CheckSpec, VerifySettings
from safe_rollback.core.workspace import open_workspace
from safe_rollback.recovery.checks.run import run_checks
from safe_rollback.recovery.scratch.scratch import open_scratch
from tests.core.gate.traps import Traps
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.recovery.scratch.kit import of_tree, stripped


def test_nothing_of_the_repository_runs(repo: Repo, tmp_path: object) -> None:
    old = repo.commit("Files", {"a.txt": "one\n", "b.bin": "b\n", "sub/c.txt": "c\n"})
    traps = Traps(repo, os.path.join(str(tmp_path), "traps"))
    attributes = "*.txt filter=canary diff=canary merge=canary ident\n*.bin filter=lfs\n"
    new = repo.commit("Attributes", {".gitattributes": attributes, ".gitignore": "node_modules/\n", "a.txt": "two\n"})
    repo.write("node_modules/dep/i.js", "x\n")
    repo.write("a.txt", "edited\n")
    traps.arm()
    traps.hush()
    before = repo.state()
    traps.hush()  # what the person's own git has just run
    workspace = open_workspace(repo.root, FixedClock())
    with open_scratch(workspace, VerifySettings(link=("node_modules", "**/node_modules"))) as scratch:
        for commit in (new, old, new):
            directory = scratch.show(Oid(commit))
            linked = {path: one for path, one in stripped(directory).items() if path.startswith("node_modules")}
            assert {**of_tree(repo, commit), **linked} == stripped(directory)
        assert linked
        # Nor when a check's own tools ask git there.
        line = "git status && git diff HEAD~1 && git log -p && git commit -qam x --allow-empty"
        (result,) = run_checks([CheckSpec(name="a", run=line)], directory, allowed=[line], env=scratch.environment)
        assert result.passed, result.tail
    assert traps.sung() == set()
    workspace.close()
    assert repo.state() == before
