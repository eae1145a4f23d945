"""A bundle restores every checkpoint on an empty machine, byte for byte."""

from pathlib import Path

import pytest

from safe_rollback.core.session import active_session, sessions
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.list_checkpoints import list_checkpoints
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from safe_rollback.tools.start_session import start_session
from tests.core.snapshot import situations
from tests.core.snapshot.situations import Situation
from tests.core.snapshot.support import keep, opened
from tests.core.transition.kit import restore, take_back, unlike
from tests.harness.repo import Repo, State
from tests.harness.sample import sampled
from tests.recovery.backup.kit import brought_back, bundled, other_machine
from tests.server.cli.here import Cli

# What git is told in its configuration is in no checkpoint, nor are ignored files that the protocol does not name.
LEFT_OUT = {"a_file_monitor_that_hides_every_change"}
EVERY = [
    one
    for group in (situations.FILES, situations.INDEX, situations.HEAD, situations.CONVERSION)
    for one in group
    if "ignore" not in one.__name__ and one.__name__ not in LEFT_OUT
]


@pytest.mark.parametrize("build", sampled(EVERY, 3), ids=lambda build: build.__name__)
def test_a_state_comes_back_from_a_bundle_in_an_empty_directory(
    repo: Repo, build: Situation, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = build(repo) or repo
    before = repo.state()
    with opened(repo) as workspace:
        kept = keep(workspace)
        bundle = bundled(workspace, tmp_path)
    other_machine(monkeypatch, tmp_path)
    assert unlike(before, brought_back(cli, bundle, tmp_path / "new", kept.id).state()) == []


def _day(repo: Repo, workspace: Workspace) -> dict[str, State]:
    """A session of every kind of change, with the state at each checkpoint."""
    states: dict[str, State] = {}

    def kept(name: str) -> None:
        states[checkpoint(Desk(workspace), name=name).checkpoint_id] = repo.state()

    kept("on main, before")
    start_session(Desk(workspace), "All of it", create_branch=True)
    situations.edited_staged_untracked_and_deleted(repo)
    situations.permission_bits(repo)
    kept("staged, untracked, deleted, modes")
    repo.write(".env", "API_KEY=abcdef-0123456789\n")
    repo.write(".gitignore", "build/\n*.log\n.env*\n")
    kept("a secret")
    repo.git("add", "-A")
    repo.commit("work")
    kept("committed")
    session = repo.branch()
    repo.git("checkout", "-qb", "other", "HEAD~1")
    repo.commit("Theirs", {"both.txt": "theirs\n"})
    repo.git("checkout", "-q", session)
    repo.commit("Ours", {"both.txt": "ours\n"})
    repo.git("merge", "-q", "other", ok=(1,))
    repo.write("both.txt", "half resolved\n<<<<<<<\n")
    kept("a conflict")
    return states


def test_every_checkpoint_of_a_session_comes_back(
    repo: Repo, workspace: Workspace, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = _day(repo, workspace)
    bundle = bundled(workspace, tmp_path, private=True)
    other_machine(monkeypatch, tmp_path)
    for number, (name, before) in enumerate(states.items()):
        assert unlike(before, brought_back(cli, bundle, tmp_path / f"new-{number}", name).state()) == [], name


def test_the_ledger_comes_along_with_records_that_no_checkpoint_had_sealed(
    repo: Repo, workspace: Workspace, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _day(repo, workspace)
    first = list_checkpoints(Desk(workspace), limit=100).checkpoints
    done = restore(workspace, first[-1].checkpoint_id, "README.md")  # its end is in no checkpoint
    bundle = bundled(workspace, tmp_path)
    known, records = sessions(workspace), workspace.ledger.records()
    listed = list_checkpoints(Desk(workspace), limit=100).checkpoints
    other_machine(monkeypatch, tmp_path)
    with opened(brought_back(cli, bundle, tmp_path / "new")) as there:
        assert there.ledger.verify() == []
        sealed = there.ledger.records()
        assert sealed[: len(records) - 2] == records[: len(records) - 2]  # the last are of the backup itself
        assert sessions(there) == known
        assert active_session(there) == active_session(workspace)
        rows = list_checkpoints(Desk(there), limit=100).checkpoints
        assert [one for one in rows if one.reason != "after an import"] == listed
        assert done.operation_id in "".join(one.data for one in there.ledger.records())


def test_in_a_fresh_clone_only_refs_of_ours_come_and_then_a_restore_works(
    repo: Repo, workspace: Workspace, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("notes.txt", "untracked\n")
    repo.write("README.md", "staged\n")
    repo.git("add", "README.md")
    kept, before = keep(workspace), repo.state()
    repo.git("branch", "only-here")
    bundle = bundled(workspace, tmp_path)
    other_machine(monkeypatch, tmp_path)
    repo.git("clone", "-q", repo.root, str(tmp_path / "clone"))
    clone = Repo(str(tmp_path / "clone"))
    cloned = clone.state()
    ran = cli.plain("restore", "--from-bundle", bundle, "--root", clone.root)
    assert ran.code == 0 and kept.id in ran.out, ran
    assert clone.state() == cloned
    again = cli.plain("restore", "--from-bundle", bundle, "--root", clone.root)
    assert again.code == 0, again  # nothing new, nothing lost
    ran = cli.plain("restore", kept.id, "--yes", "--root", clone.root)
    assert ran.code == 0, ran
    after = clone.state()
    assert (after.files, after.index, after.head) == (before.files, before.index, before.head)
    with opened(clone) as there:
        take_back(there)
    assert clone.state() == cloned


def test_without_its_ignored_files_all_else_comes_back_and_work_goes_on(
    repo: Repo, workspace: Workspace, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write(".gitignore", ".env\n")
    repo.write(".env", "A=1\n")
    repo.write("notes.txt", "untracked\n")
    kept, before = keep(workspace, CapturePolicy()), repo.state()
    bundle = bundled(workspace, tmp_path)
    other_machine(monkeypatch, tmp_path)
    new = brought_back(cli, bundle, tmp_path / "new", kept.id)
    wanted = State(**{**vars(before), "files": {k: v for k, v in before.files.items() if k != b".env"}})
    assert unlike(wanted, new.state()) == []
    new.write(".env", "A=2\n")
    with opened(new) as there:
        again = bundled(there, tmp_path / "new" / "..")  # the newest checkpoint is compared with, and complete
        assert checkpoint(Desk(there)).captured.ignored == 1
        new.write("notes.txt", "changed\n")
        plan = restore_checkpoint(Desk(there), kept.id).plan
        assert plan is not None
        restore_checkpoint(Desk(there), kept.id, [], plan.digest)
        assert new.read(".env") == b"A=2\n" and new.read("notes.txt") == b"untracked\n"
        assert "came without its ignored files" in there.take_notices()[0]
    third = brought_back(cli, again, tmp_path / "third", kept.id)
    assert third.files() == wanted.files


def test_a_checkpoint_of_a_linked_worktree_comes_back_too(
    repo: Repo, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Repo(str(tmp_path / "side"))
    side.write("notes.txt", "of the side\n")
    with opened(side) as workspace:
        kept = keep(workspace)
        bundle = bundled(workspace, tmp_path)
    other_machine(monkeypatch, tmp_path)
    new = brought_back(cli, bundle, tmp_path / "new", kept.id)
    assert new.files() == side.files() and new.branch() == "side"


def test_later_branches_are_kept_aside_when_a_directory_begins_at_a_checkpoint(
    repo: Repo, workspace: Workspace, cli: Cli, tmp_path: Path
) -> None:
    kept = keep(workspace)
    then = repo.head()
    later = repo.commit("later", {"later.txt": "later\n"})
    repo.git("branch", "new-branch")
    new = brought_back(cli, bundled(workspace, tmp_path), tmp_path / "new", kept.id)
    assert new.head() == then and new.refs() == {"refs/heads/main": then}
    names = new.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/safe-rollback/archive").split("\n")
    assert {one.partition("/refs/")[2] for one in names} == {f"heads/main {later}", f"heads/new-branch {later}"}


def test_without_a_checkpoint_the_branches_are_those_of_the_bundle(
    repo: Repo, workspace: Workspace, cli: Cli, tmp_path: Path
) -> None:
    repo.git("checkout", "-qb", "work")
    kept = keep(workspace)
    repo.git("tag", "v1")
    new = brought_back(cli, bundled(workspace, tmp_path), tmp_path / "new")
    assert new.refs() == repo.refs() and new.branch() == "work"
    assert cli.plain("restore", kept.id, "--yes", "--root", new.root).code == 0
    assert new.files() == repo.files()
