"""Searches in real histories with real probes: what they answer, and that nothing of the user's moves."""

import os
import stat
import time

import pytest

from safe_rollback.core.errors import InvalidInputError, SafeRollbackError
from safe_rollback.core.ledger.recovery_events import BreakingCommitFound
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.find_breaking_commit import FindBreakingCommit, Wanted, search
from tests.harness.repo import Repo
from tests.recovery.bisect.kit import below, find, line, value


def answered(found: FindBreakingCommit) -> str:
    assert found.first_bad is not None, found
    return found.first_bad.commit


@pytest.mark.parametrize(("culprit", "workers"), [(1, 2), (25, 1), (40, 3)])
def test_the_first_bad_of_forty_is_found_and_nothing_moves(
    repo: Repo, workspace: Workspace, culprit: int, workers: int
) -> None:
    commits = line(repo, 40)
    repo.write("value", "staged\n")
    repo.git("add", "value")
    repo.write("value", "and not staged\n")
    repo.write("untracked.txt", "mine\n")
    before, ours, git_dir = repo.state(), repo.git("for-each-ref"), sorted(os.listdir(repo.path(".git")))
    found = find(workspace, below(culprit), workers=workers)
    assert answered(found) == commits[culprit]
    assert found.candidates == [commits[culprit]] and not found.flaky and not found.skipped and not found.notes
    assert (repo.state(), repo.git("for-each-ref")) == (before, ours)
    assert {*os.listdir(repo.path(".git"))} - {*git_dir} <= {b"safe-rollback"}
    told = {one.commit: one.verdict for one in found.steps}
    assert all(told[one] == ("bad" if commits.index(one) >= culprit else "good") for one in told)
    assert told[commits[culprit - 1]] == "good", "the one before was tried itself"
    assert found.probes == len(found.steps) <= 14
    (record,) = (one.event for one in workspace.ledger.records(BreakingCommitFound))
    assert isinstance(record, BreakingCommitFound)
    assert (record.first_bad, record.good, record.bad) == (commits[culprit], commits[0], commits[40])
    assert (record.check, record.probes) == (below(culprit), found.probes)


def test_once_takes_each_verdict_once(repo: Repo, workspace: Workspace) -> None:
    commits = line(repo, 40)
    sure, once = find(workspace, below(25)), find(workspace, below(25), confirm=0)
    assert answered(sure) == answered(once) == commits[25]
    assert len({one.commit for one in once.steps}) == once.probes < sure.probes


def side(repo: Repo) -> tuple[list[str], list[str], str]:
    """A line, a branch beside it that was merged, and the merge; two more commits on top."""
    main = line(repo, 6, lambda number: {"main": f"{number}\n"})
    beside = line(repo, 6, lambda number: {"beside": f"{number}\n"}, branch="side", start=main[2])
    repo.git("switch", "-q", "work")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    merge = repo.head()
    repo.commit("Later", {"later": "1\n"})
    repo.commit("Last", {"later": "2\n"})
    return main, beside, merge


def test_a_commit_that_came_in_by_a_merge_is_named_itself(repo: Repo, workspace: Workspace) -> None:
    _, beside, _ = side(repo)
    found = find(workspace, "test ! -e beside || test $(cat beside) -lt 4")
    assert answered(found) == beside[4]


def test_a_merge_of_two_good_sides_can_be_the_one(repo: Repo, workspace: Workspace) -> None:
    main, beside, merge = side(repo)
    found = find(workspace, "test ! -e beside || test ! -e main || test $(cat main)$(cat beside) != 66")
    assert answered(found) == merge
    assert {main[6], beside[6]} <= {one.commit for one in found.steps if one.verdict == "good"}


def test_a_bad_that_does_not_come_from_good_is_searched_from_where_they_part(
    repo: Repo, workspace: Workspace
) -> None:
    main = line(repo, 12)
    line(repo, 3, lambda number: {"other": f"{number}\n"}, branch="release", start=main[4])
    found = find(workspace, below(8), good="release", bad="work")
    assert answered(found) == main[8]
    with pytest.raises(InvalidInputError, match="good was repaired"):
        find(workspace, "test -e other", good="release", bad="work")


def test_histories_without_a_common_ancestor_are_searched_to_their_root(repo: Repo, workspace: Workspace) -> None:
    line(repo, 5)
    repo.git("switch", "-q", "--orphan", "other")
    root = repo.commit("Root", value(90))
    repo.commit("Next", value(91))
    found = find(workspace, below(50), bad="other")
    assert answered(found) == root


def test_commits_that_do_not_build_are_skipped(repo: Repo, workspace: Workspace) -> None:
    commits = line(repo, 30)
    broken = "n=$(cat value); test $n -lt 10 || test $n -gt 16"
    found = find(workspace, below(20), build=broken)
    assert answered(found) == commits[20]
    assert set(found.skipped) <= set(commits[10:17])
    assert all(one.why == "build exit 1" for one in found.steps if one.verdict == "skip")


@pytest.mark.parametrize("build", [None, "n=$(cat value); test $n -lt 10 || test $n -gt 12 || sleep 60"])
def test_where_none_can_be_tested_the_candidates_are_the_answer(
    repo: Repo, workspace: Workspace, build: str | None
) -> None:
    """By exit code 125, or because the build takes too long."""
    commits = line(repo, 20)
    cannot = "n=$(cat value); test $n -lt 10 || test $n -gt 12 || exit 125; test $n -lt 11"
    found = find(workspace, cannot, build=build, timeout=1)
    assert found.first_bad is None
    assert found.candidates == commits[10:14]
    assert (sorted(found.skipped), found.candidates_total) == (sorted(commits[10:13]), 4)
    assert "one of the candidates" in found.next_step and "3 commits could not be tested" in found.next_step
    (record,) = (one.event for one in workspace.ledger.records(BreakingCommitFound))
    assert isinstance(record, BreakingCommitFound)
    assert record.first_bad is None and list(record.candidates) == found.candidates


def test_an_end_that_does_not_build_matters_only_where_the_answer_rests_on_it(
    repo: Repo, workspace: Workspace
) -> None:
    commits = line(repo, 20)
    ends = "n=$(cat value); test $n -gt 0 && test $n -lt 20"
    assert answered(find(workspace, below(3), build=ends)) == commits[3]
    assert answered(find(workspace, below(18), build=ends)) == commits[18]
    with pytest.raises(InvalidInputError, match=f"Good {commits[0][:12]} cannot be tested"):
        find(workspace, below(1), build=ends)
    with pytest.raises(InvalidInputError, match=f"Bad {commits[20][:12]} cannot be tested"):
        find(workspace, below(20), build=ends)


def lying(mark: str, number: int, limit: int, lie: str) -> str:
    """A check that once, at one commit, ends with another exit code than it should."""
    once = f"test $n != {number} || ! mkdir {mark} 2>/dev/null || exit {lie}"
    return f"n=$(cat value); {once}; test $n -lt {limit}"


@pytest.mark.parametrize(("number", "lie", "right"), [(24, "1", "good"), (25, "0", "bad"), (40, "0", "bad")])
def test_a_check_that_lies_once_at_the_boundary_is_found_out(
    repo: Repo, workspace: Workspace, tmp_path: object, number: int, lie: str, right: str
) -> None:
    commits = line(repo, 40)
    limit = 40 if number == 40 else 25
    found = find(workspace, lying(f"{tmp_path}/lied", number, limit, lie))
    assert answered(found) == commits[limit]
    (flaky,) = found.flaky
    assert (flaky.commit, flaky.taken_as, flaky.good + flaky.bad) == (commits[number], right, 4)
    assert any("not stable" in one and commits[number][:12] in one for one in found.notes)


def test_an_answer_whose_probes_said_good_too_says_so(repo: Repo, workspace: Workspace, tmp_path: object) -> None:
    commits = line(repo, 12)
    turn = f"for i in 1 2 3 4 5; do mkdir {tmp_path}/$i 2>/dev/null && break; done; test $((i % 2)) = 1 || exit 0"
    found = find(workspace, f"n=$(cat value); if test $n = 9; then {turn}; fi; test $n -lt 9")
    assert answered(found) == commits[9]
    (flaky,) = found.flaky
    assert (flaky.commit, flaky.bad, flaky.good, flaky.taken_as) == (commits[9], 3, 2, "bad")


@pytest.mark.parametrize(
    ("good", "bad", "command", "said"),
    [
        ("work~5", "work", below(3), r"Good \w+ fails too \(exit 1\)"),
        ("begin-work", "work~15", below(9), r"Bad \w+ passes"),
        ("begin-work", "work", "no-such-program", r"fails too \(exit 127: .*not found"),
        ("begin-work", "work", "echo password=hunter2hunter2; exit 1", r"fails too \(exit 1: password=<hidden"),
        ("begin-work", "work", "exit 125", r"cannot be tested \(exit 125\)"),
        ("work", "begin-work", below(9), r"is older than good"),
        ("work", "work", below(9), r"are the same commit"),
        ("no-such", "work", below(9), r"names no commit"),
    ],
)
def test_a_wrong_end_is_an_error_that_says_which(
    repo: Repo, workspace: Workspace, good: str, bad: str, command: str, said: str
) -> None:
    line(repo, 20)
    with pytest.raises(InvalidInputError, match=said) as caught:
        find(workspace, command, good=good, bad=bad)
    assert caught.value.hint
    assert workspace.ledger.records(BreakingCommitFound) == []


def test_nothing_of_the_repository_runs_but_the_command(repo: Repo, workspace: Workspace) -> None:
    mark = os.fsdecode(repo.path(".git/ran"))
    line(repo, 10, lambda number: {**value(number), ".gitattributes": "value filter=evil diff=evil\n"})
    for key in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.pager"):
        repo.git("config", key, f"touch {mark}; cat")
    hooks = ("post-checkout", "post-index-change", "reference-transaction", "post-merge", "pre-auto-gc")
    for hook in hooks:
        repo.write(f".git/hooks/{hook}", f"#!/bin/sh\ntouch {mark}\n", 0o755)
    found = find(workspace, f"git status >&2; {below(6)}")
    assert found.first_bad is not None and found.first_bad.subject == "Commit 6"
    assert not os.path.exists(mark)
    assert stat.S_IMODE(os.stat(repo.path(".git/hooks/post-checkout")).st_mode) == 0o755


def alive(process: int) -> bool:
    """Whether it runs; one that ended and was not waited for counts as gone."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids: str) -> bool:
    """Whether every process whose number was written there is gone, within some seconds."""
    with open(pids) as file:
        processes = [int(one) for one in file.read().split()]
    assert processes
    deadline = time.monotonic() + 10
    while any(map(alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(alive, processes))


def hanging(pids: str, condition: str) -> str:
    """A check that hangs where a condition holds, with a child; it notes both."""
    return f"n=$(cat value); if {condition}; then sleep 300 & echo $$ $! >> {pids}; wait; exit 1; fi"


def test_a_probe_that_hangs_is_killed_and_counts_as_bad(repo: Repo, workspace: Workspace, tmp_path: object) -> None:
    commits = line(repo, 3)
    found = find(workspace, hanging(f"{tmp_path}/pids", "test $n -ge 3"), timeout=1)
    assert answered(found) == commits[3]
    assert {one.why for one in found.steps if one.verdict == "bad"} == {"timed out"}
    assert gone(f"{tmp_path}/pids")


def test_a_probe_that_became_useless_is_killed(repo: Repo, workspace: Workspace, tmp_path: object) -> None:
    """The upper of the first two hangs; the verdict of the lower one, once that has begun, makes it useless."""
    commits = line(repo, 40)
    pids = f"{tmp_path}/pids"
    command = f"{hanging(pids, 'test $n -gt 20')}; until test -s {pids}; do sleep 0.02; done; test $n -lt 5"
    found = find(workspace, command, timeout=200)
    assert answered(found) == commits[5]
    assert found.seconds < 100
    assert not {one.commit for one in found.steps} & {*commits[21:40]}
    assert gone(pids)


def test_a_caller_who_gives_up_leaves_nothing_behind(repo: Repo, workspace: Workspace, tmp_path: object) -> None:
    line(repo, 20)
    pids = f"{tmp_path}/pids"

    def tell(_done: float, _total: float | None, _what: str) -> None:
        if os.path.exists(pids):
            raise KeyboardInterrupt

    before = repo.state()
    wanted = Wanted(good="begin-work", command=hanging(pids, "true"), typed=True, workers=2, timeout=200)
    with pytest.raises(KeyboardInterrupt):
        search(Desk(workspace, progress=tell), wanted)
    assert gone(pids)
    assert repo.state() == before
    assert workspace.ledger.records(BreakingCommitFound) == []
    assert find(workspace, below(9)).first_bad is not None, "its scratch worktrees are free again"


def test_progress_grows_and_says_how_many_are_left(repo: Repo, workspace: Workspace) -> None:
    line(repo, 20)
    told: list[tuple[float, str]] = []
    wanted = Wanted(good="begin-work", command=below(9), typed=True, workers=2)
    search(Desk(workspace, progress=lambda done, _, what: told.append((done, what))), wanted)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1][1].startswith("1 commit left after ")


def test_what_a_probe_left_is_not_there_for_the_next(repo: Repo, workspace: Workspace) -> None:
    commits = line(repo, 12)
    assert answered(find(workspace, f"test ! -e left && touch left value.o && {below(7)}")) == commits[7]


def test_an_error_of_one_worker_ends_the_search(repo: Repo, workspace: Workspace) -> None:
    repo.git("config", "fastimport.unpackLimit", "1000")
    commits = line(repo, 12)
    blob = repo.git("rev-parse", f"{commits[4]}:value")
    os.unlink(repo.path(f".git/objects/{blob[:2]}/{blob[2:]}"))
    with pytest.raises(SafeRollbackError, match="cannot be written to a scratch worktree"):
        find(workspace, below(7), workers=1, good=commits[3], bad=commits[5])
