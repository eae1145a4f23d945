"""Which commits an action made, equal calls that overlap, and actions that are forgotten."""

import dataclasses
import functools
import os
import shutil
from collections.abc import Callable
from contextlib import closing

import pytest

from safe_rollback.core.actions import begin, drop, finish, under_way
from safe_rollback.core.errors import BusyError
from safe_rollback.core.ledger.events import ActionRecorded
from safe_rollback.core.lock import locked
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.policies import guard
from safe_rollback.policies.hook import HookEvent
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo

Work = Callable[[Repo], object]


def _begin(workspace: Workspace, agent: str = "agent") -> None:
    begin(workspace, CapturePolicy(), call="c", agent=agent, tool="Bash", command="work", effects=["unknown"])


def _made(repo: Repo, workspace: Workspace, work: Work) -> list[str]:
    """Subjects of the commits that are recorded for an action, newest first."""
    _begin(workspace)
    work(repo)
    event = finish(workspace, CapturePolicy(), "c", "agent", 0)
    assert event is not None
    return [repo.git("log", "-1", "--format=%s", commit) for commit in event.commits]


def _detached(repo: Repo, name: str = "H") -> str:
    """A human's commit that no branch holds; the worktree is on `main` again."""
    repo.git("switch", "-q", "--detach")
    commit = repo.commit(name, {f"{name}.txt": "human\n"})
    repo.git("switch", "-q", "main")
    return commit


def test_what_a_human_committed_on_a_detached_head_stays_the_humans(repo: Repo, workspace: Workspace) -> None:
    _detached(repo, "H1")
    repo.git("switch", "-q", "--detach", "@{-1}")
    repo.commit("H2", {"h2": "x\n"})
    assert _made(repo, workspace, lambda one: one.commit("A", {"a": "x\n"})) == ["A"]


def test_without_a_reflog_too_what_head_had_before_is_not_the_actions(repo: Repo, workspace: Workspace) -> None:
    repo.git("config", "core.logAllRefUpdates", "false")
    shutil.rmtree(os.path.join(repo.git_dir(), "logs"))
    now = {"GIT_COMMITTER_DATE": "2026-03-04T09:00:00Z"}
    repo.git("switch", "-q", "--detach")
    repo.git("commit", "-q", "--allow-empty", "-m", "H", env=now)
    made = _made(repo, workspace, lambda one: one.git("commit", "-q", "--allow-empty", "-m", "A", env=now))
    assert made == ["A"]


def test_what_a_tag_held_stays_the_humans_when_the_action_merges_and_commits(
    repo: Repo, workspace: Workspace
) -> None:
    repo.git("tag", "v2", _detached(repo))

    def work(one: Repo) -> None:
        one.git("merge", "-q", "--ff-only", "v2")
        one.commit("A", {"a": "x\n"})

    assert _made(repo, workspace, work) == ["A"]


def test_what_a_tag_held_is_not_the_actions_by_its_date_either(repo: Repo, workspace: Workspace) -> None:
    repo.git("config", "core.logAllRefUpdates", "false")
    shutil.rmtree(os.path.join(repo.git_dir(), "logs"))
    repo.git("switch", "-q", "--detach")
    repo.git("commit", "-q", "--allow-empty", "-m", "H", env={"GIT_COMMITTER_DATE": "2026-03-04T09:00:00Z"})
    repo.git("tag", "v2")
    repo.git("switch", "-q", "main")
    assert _made(repo, workspace, lambda one: one.git("merge", "-q", "--ff-only", "v2")) == []


@pytest.mark.parametrize("how", [["pull", "-q", "--ff-only"], ["pull", "-q", "--no-rebase", "--ff"]])
def test_what_a_pull_brings_from_elsewhere_is_the_colleagues(
    repo: Repo, workspace: Workspace, how: list[str]
) -> None:
    other = Repo(f"{repo.root}-other")
    repo.git("clone", "-q", repo.root, other.root)
    other.commit("Colleague", {"z": "x\n"})
    assert _made(repo, workspace, lambda one: one.git(*how, other.root, "main")) == []


def test_a_pull_that_has_to_merge_makes_the_merge_alone(repo: Repo, workspace: Workspace) -> None:
    other = Repo(f"{repo.root}-other")
    repo.git("clone", "-q", repo.root, other.root)
    other.commit("Colleague", {"z": "x\n"})
    repo.commit("Human", {"y": "x\n"})
    made = _made(repo, workspace, lambda one: one.git("pull", "-q", "--no-rebase", "--no-edit", other.root, "main"))
    assert len(made) == 1 and made[0].startswith("Merge")


@pytest.mark.parametrize(
    "how", [["switch", "-q", "-c", "rescue"], ["checkout", "-q"], ["merge", "-q"], ["cherry-pick", "--ff"]]
)
def test_going_to_what_a_human_made_and_no_ref_held_is_not_making_it(
    repo: Repo, workspace: Workspace, how: list[str]
) -> None:
    lost = _detached(repo)
    assert _made(repo, workspace, lambda one: one.git(*how, lost)) == []


def _twice(repo: Repo) -> None:
    repo.commit("One", {"one": "x\n"})
    repo.commit("Two", {"two": "x\n"})


def _amend(repo: Repo) -> None:
    repo.commit("One", {"one": "x\n"})
    repo.git("commit", "-q", "--amend", "-m", "Better")


def _topic(repo: Repo) -> None:
    repo.git("switch", "-qc", "topic")
    _twice(repo)
    repo.git("switch", "-q", "main")


def _merge(repo: Repo) -> None:
    _topic(repo)
    repo.git("merge", "-q", "--no-ff", "-m", "Merge it", "topic")


def _forward(repo: Repo) -> None:
    _topic(repo)
    repo.git("merge", "-q", "topic")


def _conflict(repo: Repo) -> None:
    repo.git("switch", "-qc", "topic")
    repo.commit("Theirs", {"README.md": "theirs\n"})
    repo.git("switch", "-q", "main")
    repo.commit("Ours", {"README.md": "ours\n"})
    repo.git("merge", "-q", "topic", ok=(1,))
    repo.commit("Both", {"README.md": "both\n"})


def _pick(repo: Repo) -> None:
    _topic(repo)
    repo.commit("Base: fast-forward", {"base": "x\n"})
    repo.git("cherry-pick", "topic~1", "topic")


def _revert(repo: Repo) -> None:
    repo.git("revert", "--no-edit", "HEAD", "HEAD~1")


def _rebase(repo: Repo) -> None:
    _topic(repo)
    repo.commit("Base", {"base": "x\n"})
    repo.git("rebase", "-q", "main", "topic")


def _apply(repo: Repo) -> None:
    _topic(repo)
    repo.commit("Base", {"base": "x\n"})
    repo.git("am", "-q", stdin=repo.git("format-patch", "--stdout", "topic~1..topic").encode() + b"\n")


ORDINARY: list[tuple[Work, list[str]]] = [
    (_twice, ["Two", "One"]),
    (_amend, ["Better"]),
    (_merge, ["Merge it"]),
    (_forward, ["Two", "One"]),
    (_conflict, ["Both", "Ours"]),
    (_pick, ["Two", "One", "Base: fast-forward"]),
    (_revert, ['Revert "Add the package"', 'Revert "Add a script"']),
    (_rebase, ["Two", "One", "Base"]),
    (_apply, ["Two", "Base"]),
]


@pytest.mark.parametrize(("work", "subjects"), ORDINARY)
@pytest.mark.parametrize("log", ["with a reflog", "by date"])
def test_what_an_action_commits_is_its_own(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, work: Work, subjects: list[str], log: str
) -> None:
    if log == "by date":
        repo.git("config", "core.logAllRefUpdates", "false")
        shutil.rmtree(os.path.join(repo.git_dir(), "logs"))
        monkeypatch.setattr("tests.harness.repo.DATE", "2026-03-04T08:59:58Z")
    assert _made(repo, workspace, work) == subjects


def test_a_commit_in_a_linked_worktree_is_found_by_that_worktrees_reflog(repo: Repo) -> None:
    repo.git("worktree", "add", "-q", "../side", "-b", "side")
    side = Repo(os.path.join(os.path.dirname(repo.root), "side"))
    side.commit("Human", {"human": "x\n"})
    with closing(open_workspace(side.root, FixedClock())) as linked:
        assert _made(side, linked, _twice) == ["Two", "One"]


def test_the_first_commit_of_a_repository_is_the_actions(tmp_path: object) -> None:
    repo = Repo(os.path.join(str(tmp_path), "new"))
    os.makedirs(repo.root)
    repo.git("init", "-q", "-b", "main")
    with closing(open_workspace(repo.root, FixedClock())) as workspace:
        assert _made(repo, workspace, _twice) == ["Two", "One"]


def test_a_reflog_that_does_not_lead_to_head_leaves_it_to_the_dates(repo: Repo, workspace: Workspace) -> None:
    """Some programs commit and write none."""

    def work(one: Repo) -> None:
        now = {"GIT_COMMITTER_DATE": "2026-03-04T09:00:00Z"}
        one.git("commit", "-q", "--allow-empty", "-m", "A", env=now)
        log = os.path.join(one.git_dir(), "logs", "HEAD")
        size = os.path.getsize(log)
        one.git("commit", "-q", "--allow-empty", "-m", "B", env=now)
        os.truncate(log, size)

    assert _made(repo, workspace, work) == ["B", "A"]


def test_more_than_five_hundred_branches_are_left_out(repo: Repo, workspace: Workspace) -> None:
    """By date, since the reflog would tell it too."""
    repo.git("config", "core.logAllRefUpdates", "false")
    shutil.rmtree(os.path.join(repo.git_dir(), "logs"))
    now = {"GIT_COMMITTER_DATE": "2026-03-04T09:00:00Z"}
    tip = repo.head()
    one = "commit refs/heads/b{0:03}\ncommitter H <h@example.com> 1772614800 +0000\ndata 3\n{0:03}\nfrom {1}\n\n"
    repo.git("fast-import", "--quiet", stdin="".join(one.format(n, tip) for n in range(502)).encode())

    def work(one: Repo) -> None:
        one.git("merge", "-q", "--ff-only", "b501")
        one.git("commit", "-q", "--allow-empty", "-m", "A", env=now)

    assert _made(repo, workspace, work) == ["A"]


def test_a_commit_whose_ref_went_with_the_action_is_no_error(repo: Repo, workspace: Workspace) -> None:
    repo.git("tag", "v2", _detached(repo))
    _begin(workspace)
    gone = repo.git("rev-parse", "v2")
    repo.git("tag", "-d", "v2")
    os.unlink(os.path.join(repo.git_dir(), "objects", gone[:2], gone[2:]))
    repo.commit("A", {"a": "x\n"})
    event = finish(workspace, CapturePolicy(), "c", "agent", 0)
    assert event is not None and list(event.commits) == [repo.head()]


def _tell(workspace: Workspace, moment: str) -> None:
    event = HookEvent(moment="before", cwd=workspace.root, kind="shell", tool="Bash", command="make", agent="agent")
    guard.answer(dataclasses.replace(event, moment=moment), workspace)  # type: ignore[arg-type]


def _states(workspace: Workspace) -> list[tuple[str, str]]:
    events = [one.event for one in workspace.ledger.records(ActionRecorded)]
    assert all(isinstance(one, ActionRecorded) for one in events)
    return [tuple(find(workspace, one).worktree for one in (event.before, event.after)) for event in events]  # type: ignore[attr-defined,misc]


def test_equal_calls_without_ids_that_overlap_are_both_recorded(repo: Repo, workspace: Workspace) -> None:
    trees = []
    for moment in ("before", "before", "after", "after"):
        _tell(workspace, moment)
        repo.write(f"{len(trees)}.txt", "x\n")
        trees.append(moment)
    assert under_way(workspace) == []
    inner, outer = _states(workspace)
    # The outer one holds what came before the second began and after the first ended.
    assert len({*inner, *outer}) == 4
    first, second = (one.event for one in workspace.ledger.records(ActionRecorded))
    assert isinstance(first, ActionRecorded) and isinstance(second, ActionRecorded)
    assert list(first.beside) == [second.action] and list(second.beside) == [first.action]


def test_an_equal_call_that_never_ended_does_not_lengthen_the_next(repo: Repo, workspace: Workspace) -> None:
    _tell(workspace, "before")
    repo.write("README.md", "the human's\n")
    _tell(workspace, "before")
    repo.write("made.txt", "x\n")
    _tell(workspace, "after")
    ((before, _),) = _states(workspace)
    assert repo.git("cat-file", "blob", f"{before}:README.md") == "the human's"
    assert len(under_way(workspace)) == 1


def test_actions_are_not_forgotten_while_another_process_is_ending_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _begin(workspace)
    _begin(workspace, "another")
    monkeypatch.setattr("safe_rollback.core.workspace.locked", functools.partial(locked, seconds=0))
    with closing(open_workspace(workspace.root, FixedClock())) as other, other.worktree_lock("after an action"):
        with pytest.raises(BusyError):
            drop(workspace, "agent")
        assert len(under_way(workspace)) == 2
        drop(workspace, "nobody")
    drop(workspace, "agent")
    assert [one.agent for one in under_way(workspace)] == ["another"]


def test_what_is_pushed_in_the_same_action_is_the_actions_all_the_same(repo: Repo, workspace: Workspace) -> None:
    remote = f"{repo.root}-remote"
    repo.git("init", "-q", "--bare", remote)
    repo.git("remote", "add", "origin", remote)

    def work(one: Repo) -> None:
        one.commit("A", {"a": "x\n"})
        one.git("push", "-q", "origin", "HEAD")

    assert _made(repo, workspace, work) == ["A"]
