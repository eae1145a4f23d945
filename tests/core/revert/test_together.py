"""Commits that go together: as one plan, in the order git would need, and never for paths."""

from pathlib import Path

import pytest

from safe_rollback.core.errors import InvalidInputError
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.blast_radius import blast_radius
from safe_rollback.tools.close_item import close_item
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.rehearse_rollback import rehearse_rollback
from safe_rollback.tools.rollback_inventory import rollback_inventory
from tests.core.revert.kit import (
    agent_commit,
    begin,
    made_up,
    numbered,
    plan,
    reverted_by_git,
    roll_back,
    take_back,
    tree,
)
from tests.harness.repo import Repo


@pytest.fixture
def five(repo: Repo) -> list[str]:
    """Five commits on one file, each a line further down; oldest first."""
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Base", {"list.txt": numbered(40)})
    rows: dict[int, str] = {}
    made = []
    for number in range(1, 6):
        rows[number * 8] = f"changed by {number}"
        new = {f"new{number}.py": f'import os\n\nos.environ["STEP_{number}"]\n'}
        made.append(repo.commit(f"Step {number}", {"list.txt": numbered(40, rows), **new}))
    return made


@pytest.mark.parametrize("granularity", ["one", "per_commit"])
@pytest.mark.parametrize("chosen", [(1, 3), (0, 1), (0, 2, 4), (3, 1, 1, 4), (0, 1, 2, 3, 4)])
def test_the_result_is_what_git_makes_of_one_after_the_other(
    workspace: Workspace, repo: Repo, five: list[str], chosen: tuple[int, ...], granularity: str, tmp_path: Path
) -> None:
    names = [five[one][:9] for one in chosen]
    expected = reverted_by_git(repo, str(tmp_path / "git"), *(five[one] for one in sorted({*chosen}, reverse=True)))
    before = repo.state()
    done = roll_back(workspace, names, granularity)
    assert tree(repo) == expected
    assert len(done.commits) == (1 if granularity == "one" else len({*chosen}))
    take_back(workspace)
    assert repo.state() == before


def test_neighbours_are_one_merge_and_all_are_named(workspace: Workspace, repo: Repo, five: list[str]) -> None:
    planned = plan(workspace, ",".join((five[4], five[1], five[0], five[3])))
    assert planned.strategy.kind == "revert_commits" and "2 runs of neighbours" in planned.strategy.why
    assert [one.commit for one in planned.reverts] == [five[4], five[3], five[1], five[0]]
    assert planned.level == "phase"
    roll_back(workspace, ", ".join((five[4], five[1])))
    message = repo.git("log", "-1", "--format=%B")
    assert f"- {five[4]} Step 5" in message and f"- {five[1]} Step 2" in message and five[0] not in message


def test_a_list_and_a_text_are_the_same_plan(workspace: Workspace, five: list[str]) -> None:
    assert (
        made_up(workspace, f"{five[0]},{five[2]}").built.tree == made_up(workspace, f"{five[2]},{five[0]}").built.tree
    )
    short = [five[0][:8].upper(), five[2][:10]]
    for target in (short, [f" {short[1]} ", short[0]], ",".join(short), f"{short[0]} , {short[1]},{five[0]}"):
        assert [one.commit for one in plan(workspace, target).reverts] == [five[2], five[0]]
    for alone in ([five[2]], [five[2][:9]], f"{five[2]},{five[2][:9]}"):
        assert plan(workspace, alone).strategy.kind == "revert_commit"


def test_a_root_commit_may_be_among_them(workspace: Workspace, repo: Repo, five: list[str]) -> None:
    root = repo.git("rev-list", "--max-parents=0", "HEAD")
    planned = plan(workspace, [root, five[0]])
    assert [one.commit for one in planned.reverts] == [five[0], root]


def test_a_merge_takes_along_what_it_brought(workspace: Workspace, repo: Repo, tmp_path: Path) -> None:
    repo.git("switch", "-q", "-c", "side")
    side = [repo.commit(f"Side {one}", {"side.txt": f"{one}\n"}) for one in (1, 2)]
    repo.git("switch", "-q", "-c", "work", "main")
    first = repo.commit("Work", {"work.txt": "1\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    merge = repo.head()
    repo.commit("Later", {"later.txt": "x\n"})
    planned = plan(workspace, [*side, merge, first])
    assert [one.commit for one in planned.reverts] == [merge, first]
    assert "2 other commits listed came with a merge" in planned.strategy.why
    apart = plan(workspace, [side[1], first])
    assert [one.commit for one in apart.reverts] == [side[1], first]
    expected = reverted_by_git(repo, str(tmp_path / "git"), side[1], first)
    roll_back(workspace, [side[1], first])
    assert tree(repo) == expected


def test_paths_stay_paths(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Odd names", {"a,b": "x\n", "deadbee": "x\n", "1234567,7654321": "x\n"})
    for target in (["a,b"], ["deadbee"], "a,b", "1234567,7654321", ["a,b", "deadbee"]):
        assert plan(workspace, target).strategy.kind == "revert_paths"


def test_what_a_merge_that_goes_along_had_brought_before_still_goes(
    workspace: Workspace, repo: Repo, tmp_path: Path
) -> None:
    """X came to the branch by itself; a merge inside a merge that goes had brought it there as well."""
    repo.git("switch", "-q", "-c", "work", "main")
    first = repo.commit("Z", {"z.txt": "z\n"})
    between = repo.commit("X", {"x.txt": "x\n"})
    repo.git("switch", "-q", "-c", "side", first)
    repo.commit("S", {"s.txt": "s\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Inner", between)
    inner = repo.head()
    repo.git("switch", "-q", "work")
    repo.commit("Y", {"y.txt": "y\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Outer", "side")
    outer = repo.head()
    repo.commit("L", {"l.txt": "l\n"})
    planned = plan(workspace, [outer, inner, between, first])
    assert [one.commit for one in planned.reverts] == [outer, between, first]
    lone = plan(workspace, [outer, inner])
    assert lone.strategy.kind == "revert_merge" and "1 other commit listed came with" in lone.strategy.why
    roll_back(workspace, [outer, inner, between])
    assert not repo.exists("x.txt") and not repo.exists("s.txt") and repo.exists("z.txt") and repo.exists("y.txt")


@pytest.mark.parametrize("granularity", ["one", "per_commit"])
def test_one_that_was_taken_back_already_is_no_obstacle(
    workspace: Workspace, repo: Repo, tmp_path: Path, granularity: str
) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Base", {"a.txt": "one\ntwo\n"})
    added = repo.commit("Add", {"b.txt": "x\n"})
    edited = repo.commit("Edit", {"a.txt": "one\n2\n", "b.txt": "y\n"})
    repo.git("revert", "--no-edit", edited)
    expected = reverted_by_git(repo, str(tmp_path / "git"), edited, added)
    roll_back(workspace, [added, edited], granularity)
    assert tree(repo) == expected


def test_commits_of_a_shallow_clone_say_what_to_fetch(repo: Repo, tmp_path: Path) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side", {"side.txt": "x\n"})
    repo.git("switch", "-q", "main")
    repo.commit("Main", {"main.txt": "x\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    merge = repo.head()
    later = repo.commit("Later", {"later.txt": "x\n"})
    repo.git("clone", "-q", "--depth", "2", f"file://{repo.root}", str(tmp_path / "shallow"))
    shallow = Repo(str(tmp_path / "shallow"))
    shallow.git("switch", "-q", "-c", "work")
    opened = open_workspace(shallow.root)
    try:
        for target in ([merge, later], merge):
            with pytest.raises(InvalidInputError) as caught:
                plan(opened, target)
            assert "--unshallow" in (caught.value.hint or "")
    finally:
        opened.close()


def test_names_of_branches_and_tags_are_none_of_commits(workspace: Workspace, repo: Repo, five: list[str]) -> None:
    repo.git("branch", "deadbeef", five[0])
    repo.git("tag", "20260301", five[0])
    begin(workspace)
    agent_commit(workspace, repo, "Dirs", {"deadbeef/x": "x\n", "20260301/x": "x\n", "o.txt": "x\n"})
    for target in (["deadbeef"], ["20260301"], ["20260301", "o.txt"]):
        assert plan(workspace, target).strategy.kind == "revert_paths"


def test_a_path_that_begins_like_a_commit_is_asked_about(workspace: Workspace, repo: Repo, five: list[str]) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Odd", {five[1][:8]: "x\n"})
    with pytest.raises(InvalidInputError, match="is a path, and the beginning") as caught:
        plan(workspace, [five[1][:8]])
    assert "./name" in (caught.value.hint or "")
    assert plan(workspace, [f"./{five[1][:8]}"]).strategy.kind == "revert_paths"
    assert plan(workspace, [five[1]]).strategy.kind == "revert_commit"


def test_a_list_too_long_says_what_to_name_instead(workspace: Workspace, five: list[str]) -> None:
    for target in ([five[0]] * 501, ",".join([five[0]] * 3000)):
        with pytest.raises(InvalidInputError, match="too long") as caught:
            plan(workspace, target)
        assert "range" in (caught.value.hint or "")


def test_an_item_of_a_set_can_be_closed(workspace: Workspace, five: list[str]) -> None:
    found = rollback_inventory(Desk(workspace), f"{five[1][:9]}, {five[3][:9]}")
    item = next(row for domain in found.domains for row in domain.items if row.name == "STEP_4")
    closed = close_item(Desk(workspace), item.id, "done", "unset it everywhere")
    assert (closed.item, closed.outcome) == (item.id, "done")


def test_a_branch_with_a_comma_stays_a_branch(workspace: Workspace, repo: Repo) -> None:
    repo.git("branch", "1234567,7654321")
    with pytest.raises(InvalidInputError, match="has no commits of its own"):
        plan(workspace, "1234567,7654321")


@pytest.mark.parametrize("kind", ["list", "text", "empty", "mixed", "revisions", "elsewhere", "only"])
def test_what_cannot_go_together_is_said(workspace: Workspace, repo: Repo, five: list[str], kind: str) -> None:
    repo.git("switch", "-q", "-c", "elsewhere", "main")
    other = repo.commit("Other", {"other.txt": "x\n"})
    repo.git("switch", "-q", "work")
    begin(workspace)
    targets: dict[str, tuple[str | list[str], str]] = {
        "list": ([five[0], "0" * 40], "in the list is no object name"),
        "text": (f"{five[0]},{'0' * 40}", "in the list is no object name"),
        "empty": (f"{five[0]},,{five[1]}", "in the list is no object name"),
        "mixed": ([five[0], "list.txt"], "list.txt.*is no object name"),
        "revisions": (["HEAD~1", five[0]], "HEAD~1.*is no object name"),
        "elsewhere": ([five[0], other], "not part of the current branch"),
        "only": ([five[0], five[1]], "do not go together"),
    }
    target, said = targets[kind]
    before = repo.state()
    with pytest.raises(InvalidInputError, match=said) as caught:
        plan_rollback(Desk(workspace), target, "wrong", only="agent" if kind == "only" else None)
    assert caught.value.hint and repo.state() == before


def test_the_other_tools_take_the_same_target(workspace: Workspace, five: list[str]) -> None:
    pair = [five[1], five[3]]
    reach = blast_radius(Desk(workspace), pair)
    assert {"new2.py", "new4.py"} <= {*reach.changed} and "new3.py" not in reach.changed
    found = rollback_inventory(Desk(workspace), pair)
    touched = {row.name for domain in found.domains for row in domain.items}
    assert {"STEP_2", "STEP_4"} <= touched and "STEP_3" not in touched
    drill = rehearse_rollback(Desk(workspace), ",".join(pair))
    assert drill.steps and all(step.ok for step in drill.steps)
    left = " ".join(drill.left_over)
    assert "STEP_2" in left and "STEP_4" in left and "STEP_3" not in left


def test_whoever_is_asked_says_the_same_of_a_run_that_comes_out_one_by_one(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Base", {"a.txt": numbered(12)})
    for number in range(6):
        repo.commit(f"Before {number}", {f"before{number}.txt": "x\n"})
    first = repo.commit("First", {"a.txt": numbered(12, {5: "changed"})})
    second = repo.commit("Second", {"a.txt": numbered(12, {5: "changed", 6: "changed too"})})
    repo.git("revert", "--no-edit", second)
    for number in range(6):
        repo.commit(f"After {number}", {f"after{number}.txt": "x\n"})
    planned = plan(workspace, [first, second])
    assert planned.prediction.clean and planned.refusals == []
    reach = blast_radius(Desk(workspace), [first, second])
    assert reach.minimum_revert_set is not None
    assert set(reach.minimum_revert_set.commits) == {first, second} and reach.minimum_revert_set.proven
    assert not any("overlap" in one or "Not alone" in one for one in reach.advice), reach.advice
