"""checkpoint, list_checkpoints, restore_checkpoint: what an agent may rely on."""

from typing import Any

import pytest

from safe_rollback.core.errors import ConflictError, InvalidInputError, NotFoundError, StateMovedError
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.checkpoint import CheckpointTaken, checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.list_checkpoints import Checkpoints, list_checkpoints
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from safe_rollback.tools.start_session import start_session
from safe_rollback.tools.transitions import Transition
from safe_rollback.tools.undo import undo
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo


def keep(workspace: Workspace, **arguments: Any) -> CheckpointTaken:
    return checkpoint(Desk(workspace), **arguments)


def listed(workspace: Workspace, **arguments: Any) -> Checkpoints:
    return list_checkpoints(Desk(workspace), **arguments)


def restore(workspace: Workspace, *arguments: Any, **more: Any) -> Transition:
    return restore_checkpoint(Desk(workspace), *arguments, **more)


def done(workspace: Workspace, *arguments: Any, **more: Any) -> Transition:
    plan = restore(workspace, *arguments, **more).plan
    assert plan is not None
    return restore(workspace, *arguments, **more, digest=plan.digest)


def test_a_checkpoint_changes_nothing_and_counts_what_it_holds(repo: Repo, workspace: Workspace) -> None:
    repo.write("README.md", "edited\n")
    repo.write("notes.txt", "mine\n")
    repo.write(".gitignore", "build/\n*.log\n.env\n")
    repo.write(".env", "TOKEN=1\n")
    repo.write("build/out", "made\n")
    before = repo.state()
    taken = keep(workspace)
    assert repo.state() == before
    assert (taken.captured.tracked, taken.captured.untracked, taken.captured.ignored) == (5, 1, 1)
    assert repo.git("rev-parse", taken.ref) == taken.commit


def test_what_a_checkpoint_leaves_out_is_named_with_its_size(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Protocol", {"CLAUDE.md": '```toml safe-rollback\n[capture]\nmax_file = "1 KiB"\n```\n'})
    repo.write("big.bin", b"x" * 2000)
    (skipped,) = keep(workspace).skipped
    assert (skipped.path, skipped.bytes) == ("big.bin", 2000)


def test_name_note_and_pin_are_kept(workspace: Workspace) -> None:
    taken = keep(workspace, name="before the migration", note="two lines\nof why", pin=True)
    held = find(workspace, taken.checkpoint_id)  # type: ignore[arg-type]
    assert (held.name, held.note, held.pinned) == ("before the migration", "two lines\nof why", True)


@pytest.mark.parametrize("name", ["two\nlines", "x" * 101, "\x1b[31mred", "a\u202eb"], ids=repr)
def test_a_name_that_could_deceive_a_reader_is_no_name(repo: Repo, workspace: Workspace, name: str) -> None:
    ours = repo.git("for-each-ref")
    with pytest.raises(InvalidInputError, match="note"):
        keep(workspace, name=name)
    assert repo.git("for-each-ref") == ours


def test_checkpoints_of_a_session_stand_in_its_chain(workspace: Workspace) -> None:
    outside = keep(workspace)
    started = start_session(Desk(workspace), "A task")
    inside = keep(workspace)
    assert outside.checkpoint_id.startswith("at-main.")
    assert (started.checkpoint_id, inside.checkpoint_id) == ("2026-03-04-001.1", "2026-03-04-001.2")


def test_the_list_is_newest_first_and_says_whose_each_is(workspace: Workspace) -> None:
    clock = workspace.clock
    assert isinstance(clock, FixedClock)
    keep(workspace, name="outside")
    clock.move(minutes=1)
    start_session(Desk(workspace), "A task")
    clock.move(minutes=1)
    keep(workspace, name="inside")
    rows = listed(workspace).checkpoints
    assert [(row.name, row.session_id) for row in rows] == [
        ("inside", "2026-03-04-001"),
        ("before the session", "2026-03-04-001"),
        ("outside", None),
    ]
    only = listed(workspace, session_id="2026-03-04-001").checkpoints
    assert [row.name for row in only] == ["inside", "before the session"]


def test_paging_shows_each_checkpoint_once(workspace: Workspace) -> None:
    clock = workspace.clock
    assert isinstance(clock, FixedClock)
    for number in range(7):
        keep(workspace, name=f"number {number}")
        if number % 2:
            clock.move(minutes=1)
    seen: list[str] = []
    following: str | None = None
    pages = 0
    while pages == 0 or following:
        page = listed(workspace, limit=3, before=following)
        seen += [row.name for row in page.checkpoints]
        following, pages = page.next, pages + 1
    assert seen == [f"number {number}" for number in range(6, -1, -1)]
    assert pages == 3


def test_a_last_page_that_is_full_has_no_next(workspace: Workspace) -> None:
    for _ in range(3):
        keep(workspace)
    assert listed(workspace, limit=3).next is None


@pytest.mark.parametrize(
    "arguments",
    [
        {"limit": 0},
        {"limit": 101},
        {"before": "at-main.99"},
        {"before": "nonsense"},
        {"session_id": "../../heads"},
        {"session_id": "*"},
    ],
    ids=repr,
)
def test_a_list_that_cannot_be_says_why(workspace: Workspace, arguments: dict[str, Any]) -> None:
    keep(workspace)
    with pytest.raises(InvalidInputError) as caught:
        listed(workspace, **arguments)
    assert caught.value.hint


def test_nothing_was_kept_yet_is_an_empty_list(workspace: Workspace) -> None:
    assert listed(workspace).checkpoints == []


def test_without_a_digest_a_restore_plans_and_changes_nothing(repo: Repo, workspace: Workspace) -> None:
    taken = keep(workspace)
    repo.write("README.md", "later\n")
    repo.write("new.txt", "later\n")
    before = repo.state()
    answer = restore(workspace, taken.checkpoint_id)
    assert repo.state() == before
    assert not answer.applied and answer.operation_id is None
    assert answer.plan is not None
    assert {(row.path, row.action) for row in answer.plan.changes} == {
        ("README.md", "replace"),
        ("new.txt", "delete"),
    }
    assert answer.plan.changes_total == 2
    assert "digest" in answer.next_step


def test_with_the_digest_it_does_exactly_that_and_undo_takes_it_back(repo: Repo, workspace: Workspace) -> None:
    repo.write("README.md", "an afternoon\n")
    wanted = repo.state()
    taken = keep(workspace)
    repo.write("README.md", "later\n")
    repo.write("new.txt", "later\n")
    repo.git("add", "-A")
    later = repo.state()
    answer = done(workspace, taken.checkpoint_id)
    assert answer.applied and answer.verified and not answer.not_as_planned
    assert repo.state() == wanted
    assert answer.operation_id is not None and answer.operation_id in answer.next_step
    plan = undo(Desk(workspace), answer.operation_id).plan
    assert plan is not None
    undo(Desk(workspace), answer.operation_id, plan.digest)
    assert repo.state() == later


def test_the_state_before_a_restore_is_a_checkpoint_too(repo: Repo, workspace: Workspace) -> None:
    taken = keep(workspace)
    repo.write("README.md", "later\n")
    later = repo.state()
    answer = done(workspace, taken.checkpoint_id)
    assert answer.before_checkpoint_id is not None
    done(workspace, answer.before_checkpoint_id)
    assert repo.state() == later


def test_paths_restore_files_alone(repo: Repo, workspace: Workspace) -> None:
    taken = keep(workspace)
    repo.write("README.md", "later\n")
    repo.commit("Later", {"src/app.py": "later\n", "src/util.py": "later\n"})
    head = repo.head()
    done(workspace, taken.checkpoint_id, ["src/app.py"])
    assert repo.read("src/app.py").startswith(b"line 1\n")
    assert (repo.read("src/util.py"), repo.read("README.md")) == (b"later\n", b"later\n")
    assert repo.head() == head


def test_if_anything_moved_since_the_plan_nothing_happens(repo: Repo, workspace: Workspace) -> None:
    taken = keep(workspace)
    repo.write("README.md", "later\n")
    plan = restore(workspace, taken.checkpoint_id).plan
    assert plan is not None
    repo.write("README.md", "the human went on\n")
    before = repo.state()
    with pytest.raises(StateMovedError, match="again"):
        restore(workspace, taken.checkpoint_id, digest=plan.digest)
    assert repo.state() == before


def test_a_digest_of_other_paths_does_not_do(repo: Repo, workspace: Workspace) -> None:
    taken = keep(workspace)
    repo.write("README.md", "later\n")
    repo.write("src/app.py", "later\n")
    plan = restore(workspace, taken.checkpoint_id, ["src/app.py"]).plan
    assert plan is not None
    before = repo.state()
    with pytest.raises(StateMovedError):
        restore(workspace, taken.checkpoint_id, digest=plan.digest)
    assert repo.state() == before


@pytest.mark.parametrize("paths", [["../out"], ["/etc/passwd"], [".git/config"], ["a\0b"]], ids=repr)
def test_paths_that_leave_the_worktree_are_refused(repo: Repo, workspace: Workspace, paths: list[str]) -> None:
    taken = keep(workspace)
    before = repo.state()
    with pytest.raises(InvalidInputError, match="worktree"):
        restore(workspace, taken.checkpoint_id, paths)
    assert repo.state() == before


@pytest.mark.parametrize(
    "name", ["", "1", "at-main.0", "at-main.²", "at-main." + "9" * 5000, "at-../x.1", "2026-03-04-001.1\n"]
)
def test_what_is_no_checkpoint_id_is_told_what_one_looks_like(workspace: Workspace, name: str) -> None:
    with pytest.raises(InvalidInputError, match="list_checkpoints"):
        restore(workspace, name)


def test_an_unknown_checkpoint_is_not_found(workspace: Workspace) -> None:
    keep(workspace)
    with pytest.raises(NotFoundError, match="list_checkpoints"):
        restore(workspace, "at-main.7")


def test_a_checkpoint_of_another_worktree_is_not_restored_here(repo: Repo, workspace: Workspace) -> None:
    taken = keep(workspace)
    repo.git("worktree", "add", "-q", "-b", "side", "../side")
    other = open_workspace(f"{repo.root}/../side", FixedClock())
    try:
        with pytest.raises(InvalidInputError, match="worktree main"):
            restore(other, taken.checkpoint_id)
    finally:
        other.close()


def test_a_protected_branch_is_not_moved_back(repo: Repo, workspace: Workspace) -> None:
    taken = keep(workspace)
    repo.commit("Published", {"README.md": "published\n"})
    before = repo.state()
    answer = restore(workspace, taken.checkpoint_id)
    assert answer.plan is not None
    (note,) = answer.plan.blocked
    assert note.path == "refs/heads/main"
    assert "protected" in note.why and "plan_rollback" in note.why
    with pytest.raises(ConflictError, match="refs/heads/main"):
        restore(workspace, taken.checkpoint_id, digest=answer.plan.digest)
    assert repo.state() == before


def test_undo_of_nothing_says_so(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError, match="restore_checkpoint"):
        undo(Desk(workspace))
    with pytest.raises(NotFoundError):
        undo(Desk(workspace), "op-00000000")
    with pytest.raises(InvalidInputError):
        undo(Desk(workspace), "op-1")
