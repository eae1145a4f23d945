"""verify: the project's checks over any state, in a copy; what ran, what it said, and what it proves."""

import json
import os
import sys

import pytest
import typer
from typer.testing import CliRunner

from safe_rollback.core.errors import InvalidInputError, NotFoundError
from safe_rollback.core.ids import Oid
from safe_rollback.core.ledger.recovery_events import Verified
from safe_rollback.core.verified import commits_since_green, known_greens
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import trust
from safe_rollback.recovery.scratch.slots import cache_dir
from safe_rollback.server.cli import verify as cli
from safe_rollback.server.cli.common import resources
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.safe_revert import safe_revert
from safe_rollback.tools.start_session import start_session
from safe_rollback.tools.verify import Verify, verify, verify_tree
from tests.harness.agent import acting
from tests.harness.repo import Repo


def protocol(
    repo: Repo, workspace: Workspace, *checks: tuple[str, str], more: str = "", trusted: bool = True
) -> None:
    """Commit a protocol with these checks, names and commands."""
    rows = "".join(f"[[check]]\nname = \"{name}\"\nrun = '''{line}'''\n" for name, line in checks)
    repo.commit("Protocol", {"CLAUDE.md": f"```toml safe-rollback\n{more}{rows}```\n"})
    if trusted:
        trust(workspace, [line for _, line in checks])


def run(workspace: Workspace, target: str | None = None, checks: list[str] | None = None) -> Verify:
    return verify(Desk(workspace), target, checks)


def events(workspace: Workspace) -> list[Verified]:
    return [one.event for one in workspace.ledger.records(Verified) if isinstance(one.event, Verified)]


def test_the_worktree_is_checked_as_it_is_and_stays_as_it_is(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "cat README.md new/file; echo x > README.md; mkdir made; pwd"))
    repo.write("README.md", "uncommitted\n")
    repo.write("new/file", "untracked\n")
    before = repo.state()
    found = run(workspace)
    assert repo.state() == before
    assert (found.passed, found.subject, found.commit) == (True, "worktree", None)
    (check,) = found.checks
    assert (check.name, check.status, check.exit_code, check.tests) == ("tests", "passed", 0, None)
    assert check.tail.startswith("uncommitted\nuntracked\n")
    assert check.tail.splitlines()[-1].startswith(os.path.realpath(cache_dir(workspace)))
    (event,) = events(workspace)
    assert (event.subject, event.commit, event.tree, event.passed) == ("worktree", None, found.tree, True)
    repo.git("checkout", "-q", ".")
    repo.remove("new/file")
    assert run(workspace).commit == repo.head(), "a clean worktree is its commit"
    assert commits_since_green(workspace, Oid(repo.head())) == 0


def test_projects_with_failing_tests_are_counted(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}")
    repo.write("calc.py", "def two():\n    return 2\n")
    repo.write(
        "test_calc.py", "import calc\ndef test_two():\n    assert calc.two() == 2\ndef test_bad():\n    assert 0\n"
    )
    repo.write(
        "n.test.mjs", "import test from 'node:test';\ntest('good', () => {});\ntest('bad', () => { throw 1; });\n"
    )
    repo.git("add", "-A")
    python, node = "python -m pytest -q -p no:cacheprovider", "node --test"
    protocol(repo, workspace, ("python", python), ("node", node), more="[verify]\nat_once = 2\n")
    found = run(workspace, "HEAD")
    assert (found.passed, found.commit) == (False, repo.head())
    for check, command in zip(found.checks, (python, node), strict=True):
        assert (check.command, check.status, check.exit_code) == (command, "failed", 1)
        assert check.tests is not None
        assert check.tests.model_dump() == {"passed": 1, "failed": 1, "errors": 0, "skipped": 0}
        assert "bad" in check.tail
    (event,) = events(workspace)
    assert [one["tests"]["failed"] for one in event.checks] == [1, 1]
    assert known_greens(workspace) == []


def test_what_no_human_trusted_does_not_run_and_that_is_said(repo: Repo, workspace: Workspace) -> None:
    canary = os.path.join(os.environ["HOME"], "ran")
    protocol(repo, workspace, ("tests", f"touch {canary}"), ("lint", f"touch {canary} "), trusted=False)
    for known in ((), (f"touch {canary}; ",)):
        trust(workspace, known)
        found = run(workspace)
        assert [one.status for one in found.checks] == ["untrusted", "untrusted"]
        assert not found.passed and "safe-rollback trust" in found.notes[0] and "tests, lint" in found.notes[0]
        assert "safe-rollback trust" in found.next_step
    assert not os.path.exists(canary)
    trust(workspace, [f"touch {canary}"])
    assert [one.status for one in run(workspace).checks] == ["passed", "untrusted"]
    assert os.path.exists(canary)


def test_a_revision_and_a_checkpoint(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "cat state; test ! -e bad"))
    old = repo.commit("Good", {"state": "good\n"})
    repo.commit("Bad", {"state": "bad\n", "bad": ""})
    assert (run(workspace, "HEAD~1").passed, run(workspace, "HEAD").passed) == (True, False)
    assert events(workspace)[0].commit == old
    repo.write("state", "in a checkpoint\n")
    repo.remove("bad")
    kept = checkpoint(Desk(workspace), "kept").checkpoint_id
    repo.git("checkout", "-q", ".")
    for target in (kept, f"checkpoint/{kept}"):
        found = run(workspace, target)
        assert (found.passed, found.commit, found.subject) == (True, None, f"checkpoint {kept}")
        assert found.checks[0].tail == "in a checkpoint\n"
    for target, error in (
        ("nothing", InvalidInputError),
        ("--help", InvalidInputError),
        ("plan-00000000", NotFoundError),
    ):
        with pytest.raises(error):
            run(workspace, target)


def test_a_plans_result_is_proven_before_it_lands(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "test ! -e bad && git log -1 --format=%s"), more="[protect]\nbranches = []\n")
    repo.commit("Bad", {"bad": ""})
    wrong = repo.commit("Good", {"good": ""})
    before = repo.state()
    assert not run(workspace).passed
    plan = plan_rollback(Desk(workspace), "HEAD~1", "it is bad")
    other = plan_rollback(Desk(workspace), "HEAD", "the wrong one")
    found = run(workspace, plan.plan_id)
    assert (found.passed, found.subject) == (True, f"result of {plan.plan_id}")
    assert found.checks[0].tail == 'Revert "Bad"\n'
    assert not run(workspace, other.plan_id).passed
    assert repo.state() == before, "nothing has moved"
    done = safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    assert done.commits == [found.commit] == [repo.head()], "what was checked is what landed"
    assert commits_since_green(workspace, Oid(repo.head())) == 0
    assert commits_since_green(workspace, Oid(wrong)) is None


def test_plans_without_a_commit(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "ls"))
    repo.git("switch", "-qc", "side")
    repo.commit("Side", {"side": ""})
    repo.git("switch", "-q", "main")
    archived = plan_rollback(Desk(workspace), "side", "not wanted")
    with pytest.raises(InvalidInputError, match="archives a branch"):
        run(workspace, archived.plan_id)
    repo.commit("One", {"f": "1\n"})
    repo.commit("Two", {"f": "2\n"})
    conflicting = plan_rollback(Desk(workspace), "HEAD~1", "in the way")
    with pytest.raises(InvalidInputError, match="no result to check"):
        run(workspace, conflicting.plan_id)


def test_names_and_what_there_is_not(repo: Repo, workspace: Workspace) -> None:
    with pytest.raises(InvalidInputError) as caught:
        run(workspace)
    assert "[[check]]" in (caught.value.hint or "")
    protocol(
        repo, workspace, ("tests", "true"), ("lint", "exit 1"), more='[on_session_end]\nrun = ["true", "echo hi"]\n'
    )
    trust(workspace, ["echo hi"])
    assert [one.name for one in run(workspace).checks] == ["tests", "lint", "echo hi"]
    assert [one.name for one in run(workspace, None, ["echo hi", "tests"]).checks] == ["echo hi", "tests"]
    with pytest.raises(InvalidInputError, match="no check 'speed'") as caught:
        run(workspace, None, ["tests", "speed"])
    assert "tests, lint, echo hi" in (caught.value.hint or "")


def test_the_built_in_check_for_secrets(repo: Repo, workspace: Workspace) -> None:
    secret = "ghp_" + "a1B2" * 9
    protocol(repo, workspace, ("tests", "true"), ("keys", "secrets"))
    assert run(workspace).passed
    repo.write("conf.env", f"TOKEN={secret}\n")
    found = run(workspace)
    assert [(one.name, one.status) for one in found.checks] == [("tests", "passed"), ("keys", "failed")]
    assert "conf.env:1: TOKEN" in found.checks[1].tail and secret not in found.model_dump_json()
    committed = repo.commit("Oops", {"conf.env": f"TOKEN={secret}\n"})
    assert run(workspace, None, ["secrets"]).checks[0].status == "failed", "the worktree is that commit"
    repo.commit("Later", {"other": "x\n"})
    assert run(workspace, None, ["secrets"]).checks[0].status == "passed", "only what changed"
    assert not run(workspace, committed, ["keys"]).passed
    assert "give it up" in run(workspace, committed).next_step


def test_what_did_not_pass_has_a_next_step(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "test ! -e wrong"))
    assert run(workspace).next_step == ""
    repo.write("wrong", "x\n")
    assert "undo or restore_checkpoint" in run(workspace).next_step
    bad = repo.commit("Wrong", {"wrong": "x\n"})
    assert run(workspace).next_step == (
        f"find_breaking_commit with this check, bad '{bad[:12]}' and a good commit names the one that broke it."
    )


def test_a_tree_on_no_branch_and_no_checks_at_all(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "test -e there"))
    repo.write("there", "x\n")
    repo.git("add", "there")
    tree = Oid(repo.git("write-tree"))
    found = verify_tree(Desk(workspace), tree, None, None, "a tree")
    assert (found.passed, found.tree, found.commit) == (True, tree, None)
    nothing = verify_tree(Desk(workspace), tree, None, (), "a tree")
    assert (nothing.passed, nothing.checks, nothing.notes) == (True, [], ["No check ran."])
    assert len(events(workspace)) == 1


def test_a_session_is_remembered_and_what_is_left_out_is_said(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "ls"), more='[capture]\nmax_file = "1 KiB"\n')
    session = start_session(Desk(workspace), "A task").session_id
    repo.write("large", "x" * 2000)
    found = run(workspace)
    assert "1 path of the worktree" in found.notes[0]
    assert "large" not in found.checks[0].tail
    assert events(workspace)[0].session == session


def test_progress_is_told_while_checks_run(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "true"), ("lint", "true"))
    seen: list[tuple[float, float | None, str]] = []
    verify(Desk(workspace, progress=lambda *row: seen.append(row)), None)
    assert seen[0] == (0, 2, "writing the files")
    assert [row[0] for row in seen] == sorted(row[0] for row in seen)
    assert any(row[2].startswith("tests (") for row in seen)


def test_a_plan_that_only_takes_out_uncommitted_work(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "cat README.md mine; test ! -e made"))
    start_session(Desk(workspace), "A task")
    with acting(workspace):
        repo.write("README.md", "broken\n")
        repo.write("made", "")
    repo.write("mine", "a human's\n")
    assert run(workspace).checks[0].tail == "broken\na human's\n"
    plan = plan_rollback(Desk(workspace), "session", "broken", only="agent")
    before = repo.state()
    found = run(workspace, plan.plan_id)
    assert (found.passed, found.commit) == (True, None)
    assert found.checks[0].tail == "# Project\n\nOne line.\na human's\n"
    assert repo.state() == before


def test_the_command_line(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, workspace, ("tests", "echo '=== 2 passed, 1 failed in 0.10s ==='; exit 1"), ("lint", "true"))
    app = typer.Typer()
    app.command()(cli.verify)
    with resources:
        failed = CliRunner().invoke(app, ["HEAD", "--root", repo.root])
        passed = CliRunner().invoke(app, ["--check", "lint", "--json", "--root", repo.root])
    assert failed.exit_code == 1, failed.output
    assert f"revision HEAD ({repo.head()[:7]})" in failed.output
    assert "failed" in failed.output and "2 passed, 1 failed" in failed.output
    assert "| === 2 passed, 1 failed in 0.10s ===" in failed.output
    assert passed.exit_code == 0
    assert [one["name"] for one in json.loads(passed.output)["checks"]] == ["lint"]
