"""The three ways to keep a way back, each from its beginning to its end."""

from safe_rollback.core.retention import plan_pruning, prune
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.plan_rollback import PlanRollback, plan_rollback
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.safe_revert import SafeRevert, safe_revert
from safe_rollback.tools.start_session import start_session
from tests.core.transition.kit import restore
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo

RULES = '```toml safe-rollback\n[on_session_end]\nsquash_into = ["main"]\n[retention]\nkeep = "30d"\n```\n'


def step(repo: Repo, workspace: Workspace, name: str, text: str) -> None:
    repo.write(name, text)
    run_git(Desk(workspace), ["add", "-A"])
    run_git(Desk(workspace), ["commit", "-m", f"Change {name}"])


def taken_out(workspace: Workspace, target: str) -> tuple[PlanRollback, SafeRevert]:
    plan = plan_rollback(Desk(workspace), target, "It broke the checkout.")
    assert plan.prediction.clean and not plan.refusals, plan
    return plan, safe_revert(Desk(workspace), plan.plan_id, plan.digest)


def test_atomic_sessions_one_commit_on_main_and_the_branch_stays_for_its_time(
    repo: Repo, workspace: Workspace
) -> None:
    repo.commit("Rules", {"CLAUDE.md": RULES})
    before = repo.git("rev-parse", "main^{tree}")
    start_session(Desk(workspace), "Checkout")
    for number in range(2):
        step(repo, workspace, f"part{number}.txt", f"{number}\n")
    ended = end_session(Desk(workspace), "The checkout.", squash_into="main")
    branch = ended.retained_branch
    assert branch and repo.git("rev-list", "--count", f"main..{branch}") == "2"
    clock = workspace.clock
    assert isinstance(clock, FixedClock)
    clock.move(days=29)
    assert plan_pruning(workspace, Desk(workspace).protocol.keep).dropped == []
    repo.git("switch", "-q", "main")
    plan, done = taken_out(workspace, str(ended.commit))
    assert len(plan.reverts) == len(done.commits) == 1
    assert repo.git("rev-parse", f"{done.commits[0]}^{{tree}}") == before
    clock.move(days=2)
    prune(workspace, Desk(workspace).protocol.keep, plan_pruning(workspace, Desk(workspace).protocol.keep).digest())
    assert repo.git("rev-parse", branch)  # checkpoints go with their time; a branch is the user's to delete


def test_feature_branches_a_squash_merge_on_the_server_is_one_revert(repo: Repo, workspace: Workspace) -> None:
    before = repo.git("rev-parse", "main^{tree}")
    start_session(Desk(workspace), "Search", branch="feature/search")
    for number in range(2):
        step(repo, workspace, f"search{number}.txt", f"{number}\n")
    end_session(Desk(workspace), "The search.")
    repo.git("switch", "-q", "main")
    # What the server's button does: one commit of its own, with nothing of ours in its message.
    repo.git("merge", "-q", "--squash", "feature/search")
    repo.git("commit", "-qm", "Search (#12)")
    squashed = repo.head()
    repo.commit("Others go on", {"other.txt": "other\n"})
    plan, done = taken_out(workspace, squashed)
    assert [one.commit for one in plan.reverts] == [squashed] and len(done.commits) == 1
    (revert,) = done.commits
    assert repo.git("diff", "--name-only", before, revert) == "other.txt"
    assert repo.git("rev-list", "--count", f"main..{revert}") in ("0", "1")  # on main, or on a branch of its own


def test_checkpoint_tags_the_tag_of_a_session_leads_back_to_before_it(repo: Repo, workspace: Workspace) -> None:
    repo.write("notes.txt", "of the human, not committed\n")
    before = repo.state()
    started = start_session(Desk(workspace), "Try it")
    assert started.tag == f"checkpoint/before-session-{started.session_id}"
    step(repo, workspace, "tried.txt", "tried\n")
    repo.write("notes.txt", "overwritten\n")
    end_session(Desk(workspace), "It did not work.")
    # The tag names the commit for everybody, and in its text the checkpoint that has the rest.
    assert repo.git("rev-parse", f"{started.tag}^{{commit}}") == repo.git("rev-parse", "main")
    said = repo.git("for-each-ref", "--format=%(contents)", f"refs/tags/{started.tag}")
    assert f"restore_checkpoint {started.checkpoint_id}" in said
    checkpoint(Desk(workspace))
    restore(workspace, started.checkpoint_id)
    after = repo.state()
    assert (after.files, after.index, after.head) == (before.files, before.index, before.head)
    assert set(after.refs) - set(before.refs) == {f"refs/heads/{started.branch}"}  # what was tried is still there
