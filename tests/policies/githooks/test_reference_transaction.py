"""reference-transaction: protected refs lose nothing, and what any other ref loses is kept."""

import pytest

from safe_rollback.core.retention import plan_pruning, prune, undo_pruning
from safe_rollback.core.workspace import open_workspace
from safe_rollback.policies import githooks
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from tests.harness.clock import FixedClock
from tests.policies.githooks.kit import AGENT, HUMAN, Hooked, Said, off_path, session

ARCHIVE = "refs/safe-rollback/archive/"


def archived(hooked: Hooked) -> dict[str, list[str]]:
    """Ref → what of it is kept."""
    lines = hooked.git("for-each-ref", "--format=%(refname) %(objectname)", ARCHIVE).splitlines()
    found: dict[str, list[str]] = {}
    for line in lines:
        name, value = line.split(" ")
        found.setdefault(name.split("/", 4)[4], []).append(value)
    return found


@pytest.mark.parametrize(
    "command",
    [
        ("branch", "-f", "main", "main~1"),
        ("branch", "-D", "main"),
        ("branch", "-m", "main", "other"),
        ("update-ref", "refs/heads/main", "main~1"),
        ("update-ref", "-d", "refs/heads/main"),
        ("push", "-q", "-f", ".", "main~1:main"),
    ],
)
def test_protected_branch_loses_nothing_to_an_agent(hooked: Hooked, command: tuple[str, ...]) -> None:
    hooked.git("switch", "-q", "-c", "elsewhere")
    before = hooked.refs()
    said = hooked.tell(*command, env=AGENT)
    assert said.code != 0 and "refuses (protected-branches)" in said.err
    assert hooked.refs() == before
    assert archived(hooked) == {}


def test_a_human_may_rewrite_a_protected_branch_and_it_is_kept(hooked: Hooked) -> None:
    lost = hooked.head()
    said = hooked.tell("commit", "-q", "--amend", "-m", "Said better", env=HUMAN)
    assert said.code == 0 and "would refuse an agent (protected-branches)" in said.err
    assert lost in archived(hooked)["refs/heads/main"]


def test_refusal_comes_too_late_for_the_worktree(hooked: Hooked) -> None:
    hooked.git("reset", "-q", "--hard", ok=(0,))
    head, before = hooked.head(), hooked.exists("CLAUDE.md")
    said = hooked.tell("reset", "--hard", "HEAD~1", env=AGENT)
    assert said.code != 0 and hooked.head() == head
    assert (before, hooked.exists("CLAUDE.md")) == (True, False)


def test_rebase_amend_and_deletion_are_never_stopped_and_what_they_lose_is_kept(hooked: Hooked) -> None:
    hooked.git("switch", "-q", "-c", "topic")
    first = hooked.commit("One", {"one.txt": "1\n"})
    assert hooked.tell("commit", "-q", "--amend", "-m", "One again").code == 0
    second = hooked.head()
    hooked.git("switch", "-q", "main")
    hooked.commit("On main", {"two.txt": "2\n"})
    assert hooked.tell("rebase", "-q", "main", "topic").code == 0
    third = hooked.head()
    hooked.git("switch", "-q", "main")
    assert hooked.tell("branch", "-D", "topic").code == 0
    assert sorted(archived(hooked)["refs/heads/topic"]) == sorted([first, second, third])


def test_tag_that_is_moved_or_deleted_is_kept_with_its_own_object(hooked: Hooked) -> None:
    hooked.git("tag", "-a", "v1", "-m", "First")
    old = hooked.git("rev-parse", "v1")
    assert hooked.tell("tag", "-f", "v1").code == 0
    moved = hooked.git("rev-parse", "v1")
    assert hooked.tell("tag", "-d", "v1").code == 0
    assert sorted(archived(hooked)["refs/tags/v1"]) == sorted([old, moved])


def test_what_is_kept_goes_with_retention_and_comes_back_with_undo(hooked: Hooked) -> None:
    hooked.git("switch", "-q", "-c", "topic")
    hooked.commit("One")
    hooked.git("commit", "-q", "--amend", "--allow-empty", "-m", "One again")
    kept, clock = archived(hooked), FixedClock()
    assert kept
    workspace = open_workspace(hooked.root, clock)
    clock.move(days=3650)
    operation = prune(workspace, 86400, plan_pruning(workspace, 86400).digest())
    assert archived(hooked) == {}
    undo_pruning(workspace, operation)
    assert archived(hooked) == kept
    workspace.close()


@pytest.mark.parametrize("env", [AGENT, HUMAN])
def test_nobody_but_us_deletes_or_rewinds_checkpoints(hooked: Hooked, env: dict[str, str]) -> None:
    name = session(hooked.root)
    chain = f"refs/safe-rollback/sessions/{name}"
    workspace = open_workspace(hooked.root)
    checkpoint(Desk(workspace))
    workspace.close()
    for command in (
        ("update-ref", "-d", chain),
        ("update-ref", chain, "HEAD"),
        ("tag", "-d", f"checkpoint/before-session-{name}"),
    ):
        said = hooked.tell(*command, env=env)
        assert said.code != 0 and "refuses (own-refs)" in said.err, command


def test_packing_refs_and_collecting_garbage_lose_nothing_and_archive_nothing(hooked: Hooked) -> None:
    session(hooked.root)
    before = hooked.refs()
    assert hooked.tell("pack-refs", "--all").err == ""
    hooked.git("branch", "loose")
    assert hooked.tell("gc", "-q").err == ""
    assert hooked.refs() == {**before, "refs/heads/loose": hooked.head()}
    assert archived(hooked) == {}
    assert hooked.tell("branch", "-D", "main", env=AGENT).code != 0, "packed, and protected all the same"


def test_transaction_with_many_refs_is_judged_whole(hooked: Hooked) -> None:
    head, before = hooked.head(), hooked.git("rev-parse", "HEAD~1")
    made = "".join(f"create refs/heads/many/{number} {head}\n" for number in range(300))
    hooked.git("update-ref", "--stdin", stdin=made.encode())
    assert archived(hooked) == {}
    moved = made.replace("create", "update").replace(head, before)
    hooked.git("update-ref", "--stdin", stdin=moved.encode())
    assert len(archived(hooked)) == 300
    with_main = f"update refs/heads/main {before}\n" + moved.replace(before, head)
    hooked.git("update-ref", "--stdin", stdin=with_main.encode(), ok=(1, 128), env=AGENT)
    assert hooked.git("rev-parse", "main", "many/7").split() == [head, before]


def test_push_into_the_repository_is_judged_in_its_git_directory(hooked: Hooked) -> None:
    hooked.git("switch", "-q", "-c", "elsewhere")
    hooked.git("clone", "-q", hooked.root, "../clone")
    clone = Hooked(f"{hooked.root}/../clone")
    clone.git("switch", "-q", "main")
    clone.git("commit", "-q", "--amend", "--allow-empty", "-m", "Rewritten")
    said = clone.tell("push", "-q", "-f", "origin", "main", env=AGENT)
    assert said.code != 0 and "refuses (protected-branches)" in said.err


def test_what_loses_nothing_does_not_start_the_program(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    off_path(monkeypatch)
    for command in (("branch", "new", "main~1"), ("branch", "-f", "new", "main"), ("tag", "-a", "v1", "-m", "First")):
        assert hooked.tell(*command) == Said(0, "")
    assert "was not checked" in hooked.tell("branch", "-f", "new", "main~1").err


def test_symbolic_ref_and_other_names_are_left_alone(hooked: Hooked) -> None:
    lines = [f"{'0' * 40} ref:refs/heads/main refs/heads/alias", f"{hooked.head()} {'0' * 40} refs/remotes/o/main"]
    said = githooks.run("reference-transaction", ["prepared"], "\n".join(lines).encode(), hooked.root, HUMAN)
    assert said == githooks.GitHookAnswer()
