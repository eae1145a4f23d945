"""write_postmortem: facts from records, words of others as such, proposals that the protocol's reader takes."""

import os
import re
from typing import Any

import pytest

from safe_rollback.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    SafeRollbackError,
)
from safe_rollback.core.ledger.events import OperationStarted
from safe_rollback.core.ledger.recovery_events import BreakingCommitFound, IncidentNoted, PostmortemWritten
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.protocol.reading import parse
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.incident import incident
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from safe_rollback.tools.write_postmortem import WritePostmortem, write_postmortem
from tests.core.revert.kit import agent_commit, begin, execute, plan, take_back
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.recovery.incidents.kit import markup, protocol, record

CHECK = '[[check]]\nname = "login"\nrun = "python -m pytest tests/login"'
RULE = (
    '[[rule]]\nid = "no-reset"\neffect = "worktree.discard"\ndecision = "refuse"\nwhy = "It took the login."\n'
    'instead = "Use restore_checkpoint."\nrefuses = ["git reset --hard"]\npermits = ["git status"]'
)
TRIGGER = '[[trigger]]\nid = "red"\nmetric = "checks_failing"\nabove = 0\ndo = ["stop"]'


def written(workspace: Workspace, **more: Any) -> WritePostmortem:
    return write_postmortem(Desk(workspace), **more)


def rolled_back(repo: Repo, workspace: Workspace, subject: str = "Wrong") -> tuple[str, str, str]:
    """An incident with a rollback: the bad commit, the incident, the operation."""
    assert isinstance(workspace.clock, FixedClock)
    begin(workspace)
    bad = agent_commit(workspace, repo, subject, {"src/app.py": "wrong\n", "added.txt": "x\n"})
    workspace.clock.move(minutes=30)
    found = incident(Desk(workspace), "open", "The login fails", severity="critical")
    workspace.clock.move(minutes=15)
    done = execute(workspace, plan(workspace, "session"))
    return bad, found.incident_id, done.operation_id


def section(markdown: str, name: str) -> str:
    return markdown.partition(f"\n## {name}\n")[2].partition("\n## ")[0].strip()


def test_it_tells_what_the_records_say(repo: Repo, workspace: Workspace) -> None:
    bad, name, operation = rolled_back(repo, workspace)
    incident(Desk(workspace), "close", "Users can log in.")
    found = written(workspace, incident_id=name, root_cause="A cookie was renamed.", contributing=["No test."])
    text = repo.read(found.path).decode()
    assert (found.path, found.markdown) == (f"docs/incidents/2026-03-04-{name}.md", text)
    assert text.startswith("# Post-mortem: The login fails\n")
    assert f"Incident `{name}`" in text and f"Operation `{operation}`" in text and "Severity critical" in text
    assert "Said when it was closed: Users can log in." in section(text, "Summary")
    impact = section(text, "Impact")
    assert f"`{bad[:7]}` `Wrong` by Hana Human" in impact
    assert "- Files the rollback changes: 2\n  - `added.txt`\n  - `src/app.py`" in impact
    times = section(text, "Times")
    assert "Time to detect: 30 min" in times and "Time to recover: 15 min" in times
    assert "Cause committed: 2026-03-04 09:00:00 UTC (the action that made" in times
    assert section(text, "Root cause") == "Said: A cookie was renamed."
    assert section(text, "Contributing factors") == "- Said: No test."
    assert f"undo of `{operation}`" in section(text, "What went well")
    assert "- [x] roll back" in section(text, "Checklist") and "- [ ] tell people" in section(text, "Checklist")
    story = [line[2:] for line in section(text, "Timeline").split("\n")]
    assert story == sorted(story, key=lambda line: line[:19]) and f"{operation} done" in story[-2]


def test_it_is_an_operation_with_a_checkpoint_before_and_an_undo(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)
    name = incident(Desk(workspace), "open", "Down").incident_id
    repo.write("hand.txt", "of a human\n")
    repo.git("add", "hand.txt")
    before = repo.state()
    found = written(workspace, incident_id=name, append_to="DECISIONS.md")
    after = repo.state()
    made = {f"docs/incidents/2026-03-04-{name}.md".encode(), b"DECISIONS.md"}
    assert after.files.keys() - before.files.keys() == made
    assert (after.index, after.refs, after.head) == (before.index, before.refs, before.head)
    started = [one.event for one in workspace.ledger.records(OperationStarted)][-1]
    assert isinstance(started, OperationStarted)
    assert (started.operation, started.kind, started.session) == (found.operation_id, "document", "2026-03-04-001")
    take_back(workspace, found.operation_id)
    assert repo.state() == before


def test_what_a_human_wrote_there_is_never_overwritten(repo: Repo, workspace: Workspace) -> None:
    name = incident(Desk(workspace), "open", "Down").incident_id
    first = written(workspace, incident_id=name)
    again = written(workspace, incident_id=name, root_cause="Found it.")
    assert "Said: Found it." in repo.read(first.path).decode() and again.operation_id
    assert any("replaces" in one for one in again.notes)
    assert written(workspace, incident_id=name, root_cause="Found it.").operation_id is None
    repo.write(first.path, repo.read(first.path) + b"\nA human adds this.\n")
    before = repo.state()
    with pytest.raises(ConflictError, match="somebody edited it"):
        written(workspace, incident_id=name)
    assert repo.state() == before
    take_back(workspace, again.operation_id)
    assert b"A human adds this." in repo.read(first.path)


def test_a_file_of_that_name_that_was_there_before_stays(repo: Repo, workspace: Workspace) -> None:
    name = incident(Desk(workspace), "open", "Down").incident_id
    repo.write(f"docs/incidents/2026-03-04-{name}.md", "notes of a human\n")
    with pytest.raises(ConflictError):
        written(workspace, incident_id=name)
    assert repo.read(f"docs/incidents/2026-03-04-{name}.md") == b"notes of a human\n"
    assert workspace.ledger.records(PostmortemWritten) == []


@pytest.mark.parametrize("before", [None, b"# Decisions\r\n\r\nOld one without a line end"])
def test_an_entry_is_appended_once_and_nothing_before_it_changes(
    repo: Repo, workspace: Workspace, before: bytes | None
) -> None:
    name = incident(Desk(workspace), "open", "The login fails").incident_id
    if before is not None:
        repo.write("DECISIONS.md", before)
    written(workspace, incident_id=name, root_cause="A cookie.", prevention=[CHECK], append_to="DECISIONS.md")
    data = repo.read("DECISIONS.md")
    assert data.startswith(before or b"# Decisions\n\n## 2026-03-04: The login fails")
    entry = data.decode()
    assert f"\n\n## 2026-03-04: The login fails (`{name}`)\n" in entry and "Root cause: A cookie." in entry
    assert "- check `login` (status: proposed)" in entry
    again = written(workspace, incident_id=name, append_to="DECISIONS.md")
    assert repo.read("DECISIONS.md") == data
    assert any("has an entry" in one for one in again.notes)


def test_proposals_are_blocks_the_protocol_takes_and_stand_nowhere_else(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, CHECK)
    name = incident(Desk(workspace), "open", "Down").incident_id
    before = repo.read("CLAUDE.md")
    found = written(workspace, incident_id=name, prevention=[CHECK, RULE, TRIGGER])
    assert repo.read("CLAUDE.md") == before
    prevention = section(found.markdown, "Prevention")
    assert "replace the check of that name" in prevention and "`safe-rollback trust`" in prevention
    assert prevention.count("Status: proposed.") == 3
    blocks = re.findall(r"^```toml\n(.*?)^```$", prevention, re.MULTILINE | re.DOTALL)
    reading = parse("```toml safe-rollback\n" + "\n".join(blocks) + "```\n", "CLAUDE.md")
    assert not reading.problems
    assert [one.name for one in reading.protocol.recovery.checks] == ["login"]
    assert [one.id for one in reading.protocol.rules] == ["no-reset"]
    assert [one.id for one in reading.protocol.recovery.triggers] == ["red"]


def test_a_proposal_that_nothing_would_enforce_writes_nothing(repo: Repo, workspace: Workspace) -> None:
    name = incident(Desk(workspace), "open", "Down").incident_id
    before, head = repo.state(), workspace.ledger.head()
    with pytest.raises(InvalidInputError, match="prevention item 2"):
        written(workspace, incident_id=name, prevention=[TRIGGER, "We should test more."])
    assert (repo.state(), workspace.ledger.head()) == (before, head)


def test_an_unknown_cause_is_called_so_with_what_the_ledger_suggests(repo: Repo, workspace: Workspace) -> None:
    bad, name, _ = rolled_back(repo, workspace)
    assert section(written(workspace, incident_id=name).markdown, "Root cause") == "Not yet known."
    found = BreakingCommitFound(
        session=None, good="g", bad="b", check="make `test`", first_bad=bad, candidates=[bad], probes=4, seconds=1.0
    )
    record(workspace, found)
    cause = section(written(workspace, incident_id=name).markdown, "Root cause")
    assert cause.startswith("Not yet known.\n\nThe ledger suggests `" + bad[:7] + "` `Wrong`")
    assert "`` make `test` `` fails, after 4 probes" in cause and "one of those rolled back" in cause


def test_an_operation_without_a_plan_has_a_post_mortem_too(repo: Repo, workspace: Workspace) -> None:
    taken = checkpoint(Desk(workspace))
    repo.write("README.md", "later\n")
    planned = restore_checkpoint(Desk(workspace), taken.checkpoint_id).plan
    assert planned is not None
    done = restore_checkpoint(Desk(workspace), taken.checkpoint_id, digest=planned.digest)
    found = written(workspace, operation_id=done.operation_id)
    assert found.path == f"docs/incidents/2026-03-04-{done.operation_id}.md"
    assert "no plan is recorded" in section(found.markdown, "Impact")
    times = section(found.markdown, "Times")
    assert "Cause committed: not known" in times and "Time to detect: not known" in times
    assert section(found.markdown, "Prevention") == "Nothing is proposed yet."


def test_a_plan_that_was_never_carried_out_claims_no_recovery(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Wrong", {"a.txt": "a\n"})
    planned = plan(workspace, "session")
    found = written(workspace, plan_id=planned.plan_id)
    assert "No rollback was carried out." in section(found.markdown, "Summary")
    assert "Recovery complete: not known (no rollback is recorded)" in section(found.markdown, "Times")


def test_an_operation_that_was_undone_is_not_called_a_recovery(repo: Repo, workspace: Workspace) -> None:
    _, name, operation = rolled_back(repo, workspace)
    undo = take_back(workspace, operation).operation_id
    text = written(workspace, incident_id=name).markdown
    assert f"`{operation}` was taken back by `{undo}`" in text and "Recovery is complete" not in text
    take_back(workspace, undo)
    assert "Recovery is complete." in written(workspace, incident_id=name).markdown


def test_text_of_others_is_text(repo: Repo, workspace: Workspace) -> None:
    hostile = "[x](http://e.com) <script>y</script> `z` ![i](http://e.com/i) # h | *b* _c_ \x1b[31m"
    _, name, _ = rolled_back(repo, workspace, subject=hostile)
    incident(Desk(workspace), "note", f"{hostile}\n# Heading\n- item")
    found = written(
        workspace,
        incident_id=name,
        root_cause=f"{hostile}\n\n# Heading\n<b>",
        contributing=[f"{hostile}\n- another"],
        detection=hostile,
        append_to="DECISIONS.md",
    )
    for text in (found.markdown, repo.read("DECISIONS.md").decode()):
        kinds = set(markup(text))
        assert not kinds & {"link_open", "image", "html_inline", "html_block", "em_open", "strong_open", "table_open"}
        assert "\x1b" not in text
    headings = [line for line in found.markdown.split("\n") if line.startswith("#")]
    assert len(headings) == 11 and "## Timeline" in headings


def test_no_secret_of_the_worktree_is_written(repo: Repo, workspace: Workspace) -> None:
    repo.write(".env", "DB_PASSWORD=hunter2hunter2\n")
    begin(workspace)
    bad = repo.commit("Use hunter2hunter2", {"a.txt": "a\n"})
    name = incident(Desk(workspace), "open", "Down", plan_id=plan(workspace, bad).plan_id).incident_id
    said = "It was hunter2hunter2"
    block = CHECK.replace("python -m pytest", "PGPASSWORD=hunter2hunter2 pytest")
    written(workspace, incident_id=name, root_cause=said, contributing=[said], prevention=[block], append_to="LOG.md")
    assert b"hunter2" not in repo.read(f"docs/incidents/2026-03-04-{name}.md") + repo.read("LOG.md")


def test_an_entry_goes_into_documents_of_the_project_only(repo: Repo, workspace: Workspace) -> None:
    name = incident(Desk(workspace), "open", "Down").incident_id
    before = repo.state()
    for path in ("CLAUDE.md", "../out.md", "src/app.py"):
        with pytest.raises(InvalidInputError):
            written(workspace, incident_id=name, append_to=path)
    assert repo.state() == before


def test_nothing_is_written_through_a_link_or_where_no_checkpoint_sees_it(
    repo: Repo, workspace: Workspace, tmp_path: object
) -> None:
    protocol(repo, '[incident]\ndirectory = "notes"')
    name = incident(Desk(workspace), "open", "Down").incident_id
    os.symlink(str(tmp_path), repo.path("notes"))
    with pytest.raises(SafeRollbackError):
        written(workspace, incident_id=name)
    assert os.listdir(str(tmp_path)) == []
    os.unlink(repo.path("notes"))
    repo.write(".gitignore", "notes/\n")
    with pytest.raises(InvalidInputError, match="ignored by git"):
        written(workspace, incident_id=name)
    assert not repo.exists("notes")
    repo.write("target.md", "x\n")
    os.symlink("target.md", repo.path("LINK.md"))
    repo.write(".gitignore", "")
    with pytest.raises(ConflictError, match="is a link"):
        written(workspace, incident_id=name, append_to="LINK.md")
    assert repo.read("target.md") == b"x\n"


def test_protected_paths_are_refused_and_undeclared_ones_named(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[protect]\npaths = ["docs/adr/**"]')
    begin(workspace, paths=["src/**"])
    agent_commit(workspace, repo, "Wrong", {"src/a.py": "a = 1\n"})
    planned = plan(workspace, "session")
    with pytest.raises(RefusedError) as caught:
        written(workspace, plan_id=planned.plan_id, append_to="docs/adr/LOG.md")
    assert caught.value.refusal.rule == "protected-paths"
    found = written(workspace, plan_id=planned.plan_id)
    assert any("session 2026-03-04-001" in one for one in found.notes)
    assert any(one.startswith("declared-paths") for one in found.notes)


def test_exactly_one_thing_that_exists_is_named(repo: Repo, workspace: Workspace) -> None:
    for given in ({}, {"plan_id": "plan-00000001", "operation_id": "op-00000001"}):
        with pytest.raises(InvalidInputError, match="exactly one"):
            written(workspace, **given)
    for given in ({"plan_id": "plan-0000000f"}, {"operation_id": "op-0000000f"}, {"incident_id": "inc-0000000f"}):
        with pytest.raises(NotFoundError):
            written(workspace, **given)
    for wrong in ("inc-x", "../../x", "plan-"):
        with pytest.raises(InvalidInputError):
            written(workspace, incident_id=wrong)


def test_a_long_story_is_cut_in_the_middle(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)
    name = incident(Desk(workspace), "open", "Down").incident_id
    notes = [IncidentNoted(incident=name, kind="note", text=f"note number {n}", by="agent") for n in range(250)]
    record(workspace, *notes)
    rows = section(written(workspace, incident_id=name).markdown, "Timeline").split("\n")
    assert len(rows) == 200
    assert "session 2026-03-04-001 started" in rows[0] and "note number 249" in rows[-1]
    (gap,) = [row for row in rows if "left out" in row]
    assert re.search(r"… \d+ rows are left out", gap)
