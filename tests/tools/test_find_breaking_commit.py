"""find_breaking_commit: only what a human allowed runs; the answer says whose the commit is and how to undo it."""

import json
import re

import pytest

from safe_rollback.core.errors import InvalidInputError, RefusedError
from safe_rollback.core.gate.refs import resolve
from safe_rollback.core.ledger.events import CommandRefused, HumanAnswered
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import granted, mint, trust
from safe_rollback.recovery.checks.record import record
from safe_rollback.recovery.checks.results import CheckResult
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.find_breaking_commit import SPEC, find_breaking_commit
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.safe_revert import safe_revert
from tests.core.revert.kit import agent_commit, begin
from tests.harness.repo import Repo
from tests.recovery.bisect.kit import below, find, line, value

PROTOCOL = """\
```toml safe-rollback
[[check]]
name = "small"
run = "test $(cat value) -lt 5"
[verify]
at_once = 2
```
"""


def with_check(repo: Repo, count: int = 8) -> list[str]:
    """A line whose commits carry the protocol."""
    return line(repo, count, lambda number: {**value(number), "CLAUDE.md": PROTOCOL})


def green(workspace: Workspace, commit: str, name: str = "small") -> None:
    """Remember that a commit passed."""
    tree = resolve(workspace.repository, commit)
    passed = CheckResult(name=name, command="x", status="passed", exit_code=0)
    record(workspace, session=None, subject="test", commit=tree, tree=tree, results=[passed])


@pytest.mark.parametrize(
    "asked", [{"check": "small"}, {"command": "touch /tmp/x"}, {"check": "small", "build": "make"}]
)
def test_what_no_human_trusts_does_not_run(repo: Repo, workspace: Workspace, asked: dict[str, str]) -> None:
    with_check(repo)
    if len(asked) == 2:
        trust(workspace, ["test $(cat value) -lt 5"])
    before = repo.state()
    with pytest.raises(RefusedError) as caught:
        find_breaking_commit(Desk(workspace), good="begin-work", **asked)
    refusal = caught.value.refusal
    assert refusal.rule == "trusted-commands" and refusal.evidence
    assert ("`safe-rollback trust`" if len(asked) == 1 and "check" in asked else "grant --command") in refusal.instead
    assert repo.state() == before
    assert len(workspace.ledger.records(CommandRefused)) == 1


def test_a_trusted_check_is_found_by_its_name(repo: Repo, workspace: Workspace) -> None:
    commits = with_check(repo)
    trust(workspace, ["test $(cat value) -lt 5"])
    found = find_breaking_commit(Desk(workspace), good="begin-work", check="small")
    assert found.first_bad is not None and found.first_bad.commit == commits[5]
    assert found.check == "small"
    with pytest.raises(InvalidInputError, match="no check 'large'"):
        find_breaking_commit(Desk(workspace), good="begin-work", check="large")


def test_trust_is_in_the_exact_text(repo: Repo, workspace: Workspace) -> None:
    with_check(repo)
    trust(workspace, [below(5)])
    assert find_breaking_commit(Desk(workspace), good="begin-work", command=below(5)).first_bad is not None
    with pytest.raises(RefusedError):
        find_breaking_commit(Desk(workspace), good="begin-work", command=f"{below(5)} ")


def test_a_grant_lets_a_command_run_once(repo: Repo, workspace: Workspace) -> None:
    with_check(repo)
    mint(workspace, "command", below(5))
    with pytest.raises(RefusedError):
        find_breaking_commit(Desk(workspace), good="begin-work", command=below(5), build="true")
    assert granted(workspace, "command", below(5)) is not None, "a search that cannot begin uses up nothing"
    assert find_breaking_commit(Desk(workspace), good="begin-work", command=below(5)).first_bad is not None
    with pytest.raises(RefusedError):
        find_breaking_commit(Desk(workspace), good="begin-work", command=below(5))


def test_a_human_can_be_asked_about_commands_and_only_about_these(repo: Repo, workspace: Workspace) -> None:
    def question(**arguments: object) -> str | None:
        assert SPEC.question is not None
        return SPEC.question(Desk(workspace), arguments)

    with_check(repo)
    asked = question(command=below(5), build="make -j2\n\x1b[2K")
    assert asked is not None and below(5) in asked and "make -j2\\u000a\\u001b[2K" in asked
    assert question(check="small") is None
    trust(workspace, [below(5)])
    assert question(command=below(5)) is None
    assert question(command="x" * 3000) is None, "cannot be shown whole"


@pytest.mark.parametrize("answer", ["accept", "decline", "cancel"])
def test_only_what_the_human_accepted_runs(repo: Repo, workspace: Workspace, answer: str) -> None:
    with_check(repo)
    desk = Desk(workspace, answer=answer)
    if answer == "accept":
        assert find_breaking_commit(desk, good="begin-work", command=below(5)).first_bad is not None
    else:
        with pytest.raises(RefusedError):
            find_breaking_commit(desk, good="begin-work", command=below(5))
    (answered,) = workspace.ledger.records(HumanAnswered)
    assert answer in answered.data


@pytest.mark.parametrize("asked", [{}, {"check": "small", "command": "true"}, {"command": " "}, {"command": "a\0b"}])
def test_one_check_or_one_command(repo: Repo, workspace: Workspace, asked: dict[str, str]) -> None:
    with_check(repo)
    with pytest.raises(InvalidInputError) as caught:
        find_breaking_commit(Desk(workspace), good="begin-work", **asked)
    assert caught.value.hint


def test_it_says_whose_the_commit_is_and_that_can_be_taken_out(repo: Repo, workspace: Workspace) -> None:
    first = repo.commit("Value", value(0))
    session = begin(workspace, "Count").session_id
    for number in range(1, 6):
        agent_commit(workspace, repo, f"Count {number}", {f"step{number}": "x\n"} if number != 3 else value(9))
    repo.commit("A human's", {"theirs": "x\n"})
    found = find(workspace, f"cat value; echo token=hunter2hunter2 password=hunter2; {below(9)}", good=first)
    bad = found.first_bad
    assert bad is not None
    assert (bad.subject, bad.by, bad.session) == ("Count 3", "agent", session)
    assert bad.action is not None and bad.action.startswith("act-") and bad.action in bad.evidence
    assert bad.output.startswith("9\n") and "hunter2" not in bad.output
    called = re.search(r'plan_rollback\(target="(\w+)", reason=(".*?[^\\]")\)', found.next_step)
    assert called is not None and "hunter2" not in found.next_step
    plan = plan_rollback(Desk(workspace), called[1], json.loads(called[2]))
    safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    assert repo.read("value") == b"0\n" and repo.exists("step5") and repo.exists("theirs")
    after = find(workspace, "test ! -e theirs", good=first)
    assert after.first_bad is not None
    assert (after.first_bad.by, after.first_bad.session, after.first_bad.action) == ("human", None, None)


def test_a_commit_that_the_branch_does_not_have_is_not_to_be_reverted_here(repo: Repo, workspace: Workspace) -> None:
    with_check(repo)
    repo.git("switch", "-q", "main")
    found = find(workspace, below(5), bad="work")
    assert found.first_bad is not None
    assert "does not have" in found.next_step and found.first_bad.commit in found.next_step


def test_without_good_it_begins_at_the_last_green_commit(repo: Repo, workspace: Workspace) -> None:
    commits = with_check(repo)
    trust(workspace, ["test $(cat value) -lt 5"])
    green(workspace, commits[2])
    green(workspace, commits[3], "another")
    green(workspace, commits[8])
    found = find_breaking_commit(Desk(workspace), check="small")
    assert (found.good, found.good_is) == (commits[2], "passed its checks")
    assert found.first_bad is not None and found.first_bad.commit == commits[5]
    assert find(workspace, below(5), good=None).good == commits[3], "any check counts for a command"


def test_else_at_the_session_s_start_and_else_it_asks(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Value", value(0))
    with pytest.raises(InvalidInputError, match="Nothing recorded"):
        find(workspace, below(2), good=None)
    base = repo.head()
    begin(workspace)
    with pytest.raises(InvalidInputError, match="Nothing recorded"):
        find(workspace, below(2), good=None)
    for number in range(1, 4):
        repo.commit(f"Commit {number}", value(number))
    found = find(workspace, below(2), good=None)
    assert (found.good, found.good_is) == (base, "start of the session")
    assert found.first_bad is not None and found.first_bad.subject == "Commit 2"
