"""rollback_inventory and close_item: everything a target touched, closed one by one."""

import json
from collections.abc import Iterator

import pytest

from safe_rollback.core.errors import InvalidInputError, NotFoundError, RefusedError
from safe_rollback.core.ledger.events import ActionRecorded, InventoryTaken
from safe_rollback.core.workspace import Workspace
from safe_rollback.inventory.model import Item, Live
from safe_rollback.policies import guard
from safe_rollback.policies.hook import HookEvent
from safe_rollback.policies.human import mint
from safe_rollback.tools import inventories
from safe_rollback.tools.close_item import SPEC as CLOSE
from safe_rollback.tools.close_item import close_item
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.rollback_inventory import RollbackInventory, Row, rollback_inventory
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.safe_revert import safe_revert
from safe_rollback.tools.session_report import session_report
from safe_rollback.tools.start_session import start_session
from safe_rollback.tools.undo import undo
from tests.harness.repo import Repo

MIGRATION = '''\
"""Add a column."""
from alembic import op
import sqlalchemy as sa

revision = "ae1027a6acf1"
down_revision = "1975ea83b712"


def upgrade():
    op.add_column("users", sa.Column("email", sa.String()))


def downgrade():
    op.drop_column("users", "email")
'''
CUSTOM = """\
```toml safe-rollback
[[inventory.custom]]
id = "partner"
paths = ["partners.txt"]
pattern = "^partner (?P<name>.+)$"
domain = "third_party"
action = "tell {name}"
```
"""


@pytest.fixture
def session(repo: Repo, workspace: Workspace) -> str:
    repo.commit("Rules", {"CLAUDE.md": CUSTOM, "alembic.ini": "[alembic]\nscript_location = migrations\n"})
    return start_session(Desk(workspace), "Partners and a column", create_branch=True).session_id


def commit(workspace: Workspace, repo: Repo, files: dict[str, str]) -> None:
    for path, text in files.items():
        repo.write(path, text)
    run_git(Desk(workspace), ["add", "-A"])
    run_git(Desk(workspace), ["commit", "-m", "work"])


def rows(found: RollbackInventory) -> dict[str, Row]:
    return {row.name: row for domain in found.domains for row in domain.items}


@pytest.fixture
def touched(repo: Repo, workspace: Workspace, session: str) -> Row:
    commit(workspace, repo, {"partners.txt": "partner Acme\n"})
    return rows(rollback_inventory(Desk(workspace)))["Acme"]


def test_it_names_what_was_touched_with_evidence_and_way_back(repo: Repo, touched: Row) -> None:
    assert (touched.domain, touched.kind, touched.change, touched.state) == (
        "third_party",
        "partner",
        "added",
        "open",
    )
    assert touched.action.text == "tell Acme"
    (where,) = touched.evidence
    assert (where.path, where.line, where.text) == ("partners.txt", 1, "partner Acme")
    assert repo.git("rev-parse", "HEAD").startswith(where.commit)


def test_every_domain_answers_and_clean_is_said_only_of_what_was_looked_at(
    workspace: Workspace, touched: Row
) -> None:
    found = rollback_inventory(Desk(workspace))
    statuses = {one.domain: one.status for one in found.domains}
    assert statuses["third_party"] == "touched"
    assert statuses["database"] == "clean"
    assert found.domains[0].domain == "code"


def test_what_is_not_committed_counts_too(repo: Repo, workspace: Workspace, session: str) -> None:
    repo.write("partners.txt", "partner Wile\n")
    row = rows(rollback_inventory(Desk(workspace)))["Wile"]
    assert row.evidence[0].commit == ""


def test_what_came_and_went_is_no_item(repo: Repo, workspace: Workspace, session: str) -> None:
    commit(workspace, repo, {"partners.txt": "partner Acme\n"})
    commit(workspace, repo, {"partners.txt": "nobody\n"})
    assert "Acme" not in rows(rollback_inventory(Desk(workspace)))


def test_a_commit_a_range_and_a_checkpoint_are_targets(repo: Repo, workspace: Workspace, session: str) -> None:
    commit(workspace, repo, {"partners.txt": "partner Acme\n"})
    for target in ("HEAD", "HEAD~1..HEAD", f"checkpoint/{session}.1", f"session/{session}", ["partners.txt"]):
        assert "Acme" in rows(rollback_inventory(Desk(workspace), target)), target
    commit(workspace, repo, {"other.txt": "x\n"})
    assert "Acme" not in rows(rollback_inventory(Desk(workspace), "HEAD"))
    with pytest.raises(NotFoundError):
        rollback_inventory(Desk(workspace), "session/2026-01-01-001")


def test_items_are_paged_and_the_order_is_of_all(repo: Repo, workspace: Workspace, session: str) -> None:
    commit(workspace, repo, {"partners.txt": "".join(f"partner p{number:02}\n" for number in range(60))})
    first = rollback_inventory(Desk(workspace))
    assert first.next_page == 2
    second = rollback_inventory(Desk(workspace), page=2)
    assert second.next_page is None
    assert len(rows(first)) + len(rows(second)) == first.total == len(first.order)
    with pytest.raises(InvalidInputError):
        rollback_inventory(Desk(workspace), page=3)


def test_a_detector_that_fails_makes_its_domain_unknown(
    workspace: Workspace, touched: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safe_rollback.inventory import inventory
    from safe_rollback.inventory.detector import Domain

    def fails(_: object) -> Iterator[Item]:
        raise KeyError("x")

    broken = tuple(Domain(name=one.name, detect=fails) if one.name == "caches" else one for one in inventory.DOMAINS)
    monkeypatch.setattr(inventory, "DOMAINS", broken)
    found = rollback_inventory(Desk(workspace))
    assert {one.domain: one.status for one in found.domains}["caches"] == "unknown"
    assert any(one.domain == "caches" and "KeyError" in one.why for one in found.unknowns)


def test_done_needs_evidence_where_nothing_can_check(workspace: Workspace, touched: Row) -> None:
    with pytest.raises(InvalidInputError, match="Nothing here can check"):
        close_item(Desk(workspace), touched.id, "done")
    closed = close_item(Desk(workspace), touched.id, "done", "Acme wrote back")
    assert touched.id not in {one.item_id for one in closed.remaining}
    assert rows(rollback_inventory(Desk(workspace)))["Acme"].state == "done"


def test_doing_it_again_opens_it_again(repo: Repo, workspace: Workspace, touched: Row) -> None:
    close_item(Desk(workspace), touched.id, "done", "Acme wrote back")
    commit(workspace, repo, {"partners.txt": "nobody\n"})
    commit(workspace, repo, {"partners.txt": "partner Acme\n"})
    again = rows(rollback_inventory(Desk(workspace), "HEAD"))["Acme"]
    assert (again.id, again.state) == (touched.id, "open")


def test_only_a_human_waives(workspace: Workspace, touched: Row) -> None:
    with pytest.raises(RefusedError) as refused:
        close_item(Desk(workspace), touched.id, "waived")
    assert f"grant --waive {touched.id}" in refused.value.refusal.instead
    assert CLOSE.question is not None
    question = CLOSE.question(Desk(workspace), {"item_id": touched.id, "outcome": "waived"})
    assert question is not None and "Acme" in question
    assert CLOSE.question(Desk(workspace), {"item_id": touched.id, "outcome": "done"}) is None
    mint(workspace, "waive", touched.id)
    assert close_item(Desk(workspace), touched.id, "waived").outcome == "waived"
    assert rows(rollback_inventory(Desk(workspace)))["Acme"].state == "waived"


def test_a_live_system_that_says_otherwise_refuses(
    workspace: Workspace, touched: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {touched.id: Live(checked=True, state="present", detail="Acme is still a partner", clean=False)}
    monkeypatch.setattr(inventories, "ask_live", lambda *_args, **_more: (answers, []))
    with pytest.raises(RefusedError) as refused:
        close_item(Desk(workspace), touched.id, "done", "I am sure")
    assert "Acme is still a partner" in refused.value.refusal.why
    answers[touched.id] = Live(checked=True, state="absent", detail="gone", clean=True)
    assert close_item(Desk(workspace), touched.id, "done").check.state == "absent"
    answers[touched.id] = Live(checked=True, state="present", detail="it is back", clean=False)
    assert rows(rollback_inventory(Desk(workspace), live=True))["Acme"].state == "open"


def test_what_a_live_system_says_is_clean_needs_no_closing(
    workspace: Workspace, touched: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {touched.id: Live(checked=True, state="absent", detail="gone", clean=True)}
    monkeypatch.setattr(inventories, "ask_live", lambda *_args, **_more: (answers, []))
    assert rows(rollback_inventory(Desk(workspace), live=True))["Acme"].state == "done"


def test_an_unknown_item_says_where_items_come_from(workspace: Workspace, session: str) -> None:
    with pytest.raises(NotFoundError, match="rollback_inventory"):
        close_item(Desk(workspace), "item-0000000000", "done", "x")


def test_a_command_that_was_run_is_an_item(workspace: Workspace, session: str) -> None:
    with workspace.repository_lock("test"):
        workspace.ledger.append(
            ActionRecorded(
                session=session, worktree="main", tool="Bash", command="vercel env add STRIPE_KEY production",
                effects=["env.set"], before="x", after=None, commits=(), exit_code=0, action="act-12345678",
            ),
            session=session,
        )  # fmt: skip
    row = rows(rollback_inventory(Desk(workspace)))["STRIPE_KEY"]
    assert (row.domain, row.change) == ("environment", "observed")
    assert row.evidence[0].action == "act-12345678"
    assert "vercel env rm" in row.action.command


def test_what_a_script_ran_is_an_item(repo: Repo, workspace: Workspace, session: str) -> None:
    """The file says something else by now; what counts is what it said when the command began."""
    commit(workspace, repo, {"package.json": '{"scripts": {"secret": "vercel env add STRIPE_KEY production"}}'})
    guarded(repo, workspace, "npm run secret", {"package.json": "{}"})
    row = rows(rollback_inventory(Desk(workspace)))["STRIPE_KEY"]
    assert (row.domain, row.change) == ("environment", "observed")
    assert "vercel env rm" in row.action.command


def test_the_ledger_keeps_an_inventory_once(workspace: Workspace, touched: Row) -> None:
    rollback_inventory(Desk(workspace))
    rollback_inventory(Desk(workspace))
    assert len(list(workspace.ledger.records(InventoryTaken))) == 1


def test_a_migration_waits_for_its_down(repo: Repo, workspace: Workspace, session: str) -> None:
    commit(workspace, repo, {"migrations/versions/ae1027a6acf1_email.py": MIGRATION})
    plan = plan_rollback(Desk(workspace), "session", "wrong")
    assert plan.inventory.touched == ["database"]
    assert any("alembic downgrade" in one for one in plan.refusals)
    with pytest.raises(RefusedError) as refused:
        safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    assert refused.value.refusal.rule == "down-before-code"
    assert "alembic downgrade" in refused.value.refusal.instead
    (item,) = [one.item_id for one in plan.inventory.order if "ae1027a6acf1" in one.what]
    close_item(Desk(workspace), item, "done", "never applied: alembic_version has 1975ea83b712")
    again = plan_rollback(Desk(workspace), "session", "wrong")
    done = safe_revert(Desk(workspace), again.plan_id, again.digest)
    assert done.complete and done.remaining_items == []


def test_a_human_lets_a_plan_leave_a_migration(repo: Repo, workspace: Workspace, session: str) -> None:
    commit(workspace, repo, {"migrations/versions/ae1027a6acf1_email.py": MIGRATION})
    plan = plan_rollback(Desk(workspace), "session", "wrong")
    mint(workspace, "plan", plan.digest)
    done = safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    assert not done.complete
    assert [one.when for one in done.remaining_items] == ["before code"]
    assert any("Not complete" in note for note in done.notes)


def test_what_stands_in_the_worktree_is_not_done(repo: Repo, workspace: Workspace, session: str) -> None:
    commit(workspace, repo, {".github/workflows/deploy.yml": "on: push\njobs: {}\n"})
    row = rows(rollback_inventory(Desk(workspace)))[".github/workflows/deploy.yml"]
    with pytest.raises(RefusedError) as refused:
        close_item(Desk(workspace), row.id, "done", "it is gone, believe me")
    assert refused.value.refusal.rule == "item-not-done"
    plan = plan_rollback(Desk(workspace), "session", "wrong")
    safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    assert close_item(Desk(workspace), row.id, "done", "reverted").outcome == "done"


def test_no_value_of_a_secret_is_in_it(repo: Repo, workspace: Workspace, session: str) -> None:
    repo.write(".env", "STRIPE_KEY=sk_live_canary1234567890\n")
    commit(workspace, repo, {".env.production": "STRIPE_KEY=sk_live_canary1234567890\nMODE=fast\n"})
    found = rollback_inventory(Desk(workspace))
    told = found.model_dump_json() + json.dumps([one.line() for one in workspace.ledger.records()])
    assert "STRIPE_KEY" in told
    assert "canary" not in told


def test_the_report_of_a_session_lists_what_is_open(workspace: Workspace, touched: Row) -> None:
    report = session_report(Desk(workspace), format="markdown")
    assert report.open_items == [f"{touched.id} partner Acme"]
    assert report.markdown is not None and f"- {touched.id} partner Acme" in report.markdown
    close_item(Desk(workspace), touched.id, "done", "Acme wrote back")
    report = session_report(Desk(workspace))
    assert report.open_items == []
    assert any(f"{touched.id} done: Acme wrote back" in one.what for one in report.timeline)


def test_one_action_is_a_target(repo: Repo, workspace: Workspace, session: str) -> None:
    commit(workspace, repo, {"partners.txt": "partner Acme\n"})
    guarded(repo, workspace, "echo partner Wile > partners.txt", {"partners.txt": "partner Wile\n"})
    last = [one.event for one in workspace.ledger.records(ActionRecorded)][-1]
    assert isinstance(last, ActionRecorded)
    found = rows(rollback_inventory(Desk(workspace), f"action/{last.action}"))
    assert {name: row.change for name, row in found.items() if row.kind == "partner"} == {
        "Acme": "removed", "Wile": "added",
    }  # fmt: skip
    with pytest.raises(NotFoundError, match="session_report"):
        rollback_inventory(Desk(workspace), "action/act-00000000")


def guarded(repo: Repo, workspace: Workspace, command: str, files: dict[str, str]) -> None:
    """What a client's hooks do around a command."""
    for moment in ("before", "after"):
        event = HookEvent(moment=moment, cwd=repo.root, kind="shell", tool="Bash", command=command, call="c")  # type: ignore[arg-type]
        assert guard.answer(event, workspace).decision == "pass"
        if moment == "before":
            for path, text in files.items():
                repo.write(path, text)


def test_code_that_an_undo_brought_back_is_open_again(repo: Repo, workspace: Workspace, session: str) -> None:
    commit(workspace, repo, {"config.py": 'import os\n\nos.environ["SHOP_TOKEN"]\n'})
    plan = plan_rollback(Desk(workspace), "HEAD", "wrong")
    done = safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    target = plan.reverts[0].commit

    def states() -> dict[str, str]:
        return {name: row.state for name, row in rows(rollback_inventory(Desk(workspace), target)).items()}

    for row in rows(rollback_inventory(Desk(workspace), target)).values():
        close_item(Desk(workspace), row.id, "done", "done by hand")
    assert set(states().values()) == {"done"}
    planned = undo(Desk(workspace), done.operation_id)
    assert planned.plan is not None
    undo(Desk(workspace), done.operation_id, planned.plan.digest)
    assert states() == {**dict.fromkeys(states(), "open"), "SHOP_TOKEN": "done"}, "what was unset outside stays so"
