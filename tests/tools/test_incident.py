"""incident: the broken state is kept first, people are told, and only what is recorded counts as done."""

import hashlib
import json
import os
import stat

import pytest

from safe_rollback.core.errors import InvalidInputError, NotFoundError
from safe_rollback.core.ids import CheckpointId
from safe_rollback.core.ledger.events import CheckpointTaken
from safe_rollback.core.ledger.recovery_events import (
    BreakingCommitFound,
    IncidentOpened,
    PlanAuthorized,
    SymptomReported,
    TriggerFired,
    Verified,
)
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.incidents.logs import MARGIN, MAX_FILES, MAX_TAIL
from safe_rollback.recovery.incidents.targets import add_target
from safe_rollback.tools.close_item import close_item
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.incident import Incident, act, incident
from tests.core.revert.kit import agent_commit, begin, execute, plan, take_back
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.recovery.incidents.kit import protocol, record, service


def opened(workspace: Workspace, text: str = "Login is down", **more: str) -> Incident:
    return incident(Desk(workspace), "open", text, **more)  # type: ignore[arg-type]


def states(found: Incident) -> dict[str, str]:
    return {one.task: one.state for one in found.checklist}


def everything(bundle: str) -> str:
    """All files of a bundle as one text."""
    found = ""
    for folder, _, names in os.walk(bundle):
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                found += file.read()
    return found


def move(workspace: Workspace, **delta: float) -> None:
    assert isinstance(workspace.clock, FixedClock)
    workspace.clock.move(**delta)


def test_opening_keeps_the_broken_state_and_touches_nothing(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)
    repo.write("src/app.py", "broken\n")
    repo.write("new.txt", "untracked\n")
    repo.git("add", "src/app.py")
    before = repo.state()
    found = opened(workspace, severity="critical")
    assert repo.state() == before
    kept = find(workspace, CheckpointId(found.checkpoint_id))
    assert kept.pinned and repo.git("show", f"{kept.worktree}:src/app.py") == "broken"
    assert repo.git("show", f"{kept.worktree}:new.txt") == "untracked"
    kinds = [one.kind for one in workspace.ledger.records(CheckpointTaken, IncidentOpened)]
    assert kinds[-2:] == ["checkpoint_taken", "incident_opened"]
    assert (found.severity, found.title, found.closed) == ("critical", "Login is down", None)


def test_the_bundle_is_whole_private_and_says_where_git_stands(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[incident]\nlogs = ["*.log", "log/**"]')
    begin(workspace, "Make it fast")
    repo.write("src/app.py", "staged\n")
    repo.git("add", "src/app.py")
    repo.write("src/util.py", "changed\n")
    repo.write("new.txt", "x\n")
    repo.write("server.log", "one\r\ntwo\n")
    repo.write("log/deep/a.txt", "three\n")
    run = Verified(
        session=None, worktree="main", subject="worktree", commit=None, tree="t", passed=False, checks=[{"name": "t"}]
    )
    record(workspace, run)
    found = opened(workspace)
    top = found.bundle
    assert top.startswith(os.path.join(workspace.root, ".git", "safe-rollback", "incidents", found.incident_id))
    for folder, folders, names in os.walk(top):
        assert all(stat.S_IMODE(os.stat(os.path.join(folder, one)).st_mode) == 0o700 for one in folders)
        assert all(stat.S_IMODE(os.stat(os.path.join(folder, one)).st_mode) == 0o600 for one in names)
    assert stat.S_IMODE(os.stat(top).st_mode) == 0o700

    def load(name: str) -> object:
        with open(os.path.join(top, name), encoding="utf-8") as file:
            return json.load(file)

    manifest = load("manifest.json")
    assert isinstance(manifest, dict)
    for row in manifest["files"]:
        with open(os.path.join(top, row["file"]), "rb") as file:
            data = file.read()
        assert (row["bytes"], row["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert manifest["checkpoint"] == found.checkpoint_id
    assert {row["path"]: row["whole_size"] for row in manifest["files"] if "path" in row} == {
        "server.log": 9,
        "log/deep/a.txt": 6,
    }
    git = load("git.json")
    assert isinstance(git, dict)
    assert (git["head"], git["branch"]) == (repo.head(), repo.branch())
    assert git["status"]["staged"]["paths"] == ["src/app.py"]
    assert git["status"]["changed"]["paths"] == ["src/util.py"]
    assert "new.txt" in git["status"]["untracked"]["paths"]
    assert [one["subject"] for one in git["commits"]][:2] == ["Protocol", "Add a script"]
    session, verified = load("session.json"), load("verified.json")
    assert isinstance(session, dict) and session["task"] == "Make it fast"
    assert isinstance(verified, list) and verified[0]["passed"] is False
    assert load("versions.json").keys() == {"safe_rollback", "python", "git", "system"}  # type: ignore[attr-defined]
    text = everything(top)
    assert "[incident]" in text and "one\ntwo\n" in text and "three" in text


def test_nothing_of_the_bundle_is_in_a_ref(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[incident]\nlogs = ["*.log"]')
    repo.write("server.log", "a line that only the log has\n")
    opened(workspace)
    objects = repo.git("rev-list", "--objects", "--all").split("\n")
    for name in {line.split(" ")[0] for line in objects}:
        if repo.git("cat-file", "-t", name) == "blob":
            assert "a line that only the log has" not in repo.git("cat-file", "-p", name)


def test_secrets_are_in_no_file_of_the_bundle_nor_in_the_record(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[incident]\nlogs = ["*.log", "**/*.env", ".env"]')
    repo.write(".env", "DB_PASSWORD=hunter2hunter2\n")
    filler = "".join(f"{number} connects with hunter2hunter2 and waits\n" for number in range(4000))
    repo.write("long.log", filler)
    # The beginning of the tail cuts a secret in two, and what follows gets short when it is hidden.
    long = "L" * 2000
    repo.write(".env", f"DB_PASSWORD=hunter2hunter2\nLONG_SECRET={long}\n")
    rest = "\n" + f"{long}\n" * 40
    rest += "z" * (MAX_TAIL + MARGIN - 7 - len(rest) - 1) + "\n"
    repo.write("cut.log", "a\n" * 100 + "hunter2hunter2" + rest)
    key = "TUlJRXZRSUJBREFOQmdrcWhraUc5dzBCQVFFRkFBU0NC"
    repo.write("key.log", f"-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n")
    found = opened(workspace, "hunter2hunter2 leaked")
    text = everything(found.bundle)
    assert "connects with <hidden DB_PASSWORD" in text and "zzz" in text
    assert "hunter2" not in text and "TUlJRXZRSUJB" not in text
    assert "hunter2" not in found.model_dump_json()
    assert all("hunter2" not in one.data for one in workspace.ledger.records())


def test_links_pipes_and_gits_own_files_are_not_read(repo: Repo, workspace: Workspace, tmp_path: object) -> None:
    protocol(repo, '[incident]\nlogs = ["**", "logs/**", "out/*"]')
    with open(os.path.join(str(tmp_path), "secret.txt"), "w", encoding="utf-8") as file:
        file.write("outside of the root\n")
    os.makedirs(repo.path("logs"))
    os.symlink(os.path.join(str(tmp_path), "secret.txt"), repo.path("logs/link.log"))
    os.symlink(str(tmp_path), repo.path("logs/folder"))
    os.symlink(str(tmp_path), repo.path("out"))
    os.mkfifo(repo.path("logs/pipe"))
    repo.write("logs/real.log", "inside\n")
    found = opened(workspace)
    text = everything(found.bundle)
    assert "inside" in text and "outside of the root" not in text
    assert "repositoryformatversion" not in text
    assert any("logs/link.log is a link" in one for one in found.notes)


def test_only_the_newest_files_and_the_ends_of_long_ones_are_taken(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[incident]\nlogs = ["*.log"]')
    for number in range(MAX_FILES + 3):
        repo.write(f"{number:02}.log", f"file {number:02}\n")
        os.utime(repo.path(f"{number:02}.log"), (1_700_000_000 + number, 1_700_000_000 + number))
    repo.write("22.log", "".join(f"line {number:06}\n" for number in range(20_000)))
    os.utime(repo.path("22.log"), (1_700_009_999, 1_700_009_999))
    found = opened(workspace)
    names = sorted(os.listdir(os.path.join(found.bundle, "logs")))
    assert len(names) == MAX_FILES
    with open(os.path.join(found.bundle, "logs", "01.txt"), encoding="utf-8") as file:
        tail = file.read()
    assert tail.endswith("line 019999\n") and tail.startswith("line ") and len(tail) <= MAX_TAIL
    assert [one for one in found.notes if "00.log" in one and "older" in one]


@pytest.mark.parametrize("state", ["unborn", "detached", "merging"])
def test_an_incident_can_be_opened_in_any_state(repo: Repo, workspace: Workspace, state: str) -> None:
    if state == "unborn":
        repo.git("switch", "-q", "--orphan", "empty")
    elif state == "detached":
        repo.git("checkout", "-q", "--detach")
    else:
        repo.git("switch", "-q", "-c", "side")
        repo.commit("Side", {"README.md": "side\n"})
        repo.git("switch", "-q", "main")
        repo.commit("Main", {"README.md": "main\n"})
        repo.git("merge", "-q", "side", ok=(1,))
    before = repo.state()
    with open(os.path.join(opened(workspace).bundle, "git.json"), encoding="utf-8") as file:
        git = json.load(file)
    assert repo.state() == before
    assert git["operation_in_progress"] == ("merge" if state == "merging" else None)
    assert git["status"]["conflicted"]["paths"] == (["README.md"] if state == "merging" else [])
    assert (git["head"] is None) == (state == "unborn") and (git["branch"] is None) == (state == "detached")


def test_without_a_title_nothing_is_opened(workspace: Workspace) -> None:
    with pytest.raises(InvalidInputError, match="title"):
        opened(workspace, "  \n ")
    assert workspace.ledger.records(IncidentOpened, CheckpointTaken) == []
    with pytest.raises(NotFoundError, match="action open"):
        incident(Desk(workspace), "show")


def test_opened_by_a_plan_it_has_its_reason_and_its_plan(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Wrong", {"a.txt": "a\n"})
    planned = plan(workspace, "session", reason="It broke the login")
    found = opened(workspace, "", plan_id=planned.plan_id)
    assert (found.title, found.plan_id) == ("It broke the login", planned.plan_id)
    assert states(found)["plan_made"] == "proven"
    with pytest.raises(NotFoundError):
        opened(workspace, plan_id="plan-12345678")


def test_the_checklist_counts_what_is_recorded_and_nothing_else(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)
    bad = agent_commit(workspace, repo, "Wrong", {"a.txt": "a\n", "CHANGES.env.example": "x\n"})
    found = opened(workspace)
    assert [one for one, state in states(found).items() if state != "open"] == ["checkpoint_taken"]
    said = incident(Desk(workspace), "note", "I looked, it is fine", "verified")
    assert states(said)["verified"] == "said"
    assert "said, not proven: agent" in next(one.proof for one in said.checklist if one.task == "verified")
    record(
        workspace,
        BreakingCommitFound(
            session=None, good="g", bad="b", check="tests", first_bad=bad, candidates=[bad], probes=3, seconds=1.0
        ),
    )
    planned = plan(workspace, "session")
    execute(workspace, planned)
    done = incident(Desk(workspace), "show")
    proven = {one for one, state in states(done).items() if state == "proven"}
    assert {"checkpoint_taken", "cause_found", "plan_made", "authorised", "reverted", "inventory_closed"} <= proven
    assert states(done)["verified"] == "said" and states(done)["people_told"] == "open"
    values = {"session": None, "worktree": "main", "subject": "worktree", "commit": None, "tree": "t"}
    record(workspace, Verified(**values, passed=True, checks=[{"name": "t"}]))  # type: ignore[arg-type]
    assert states(incident(Desk(workspace), "show"))["verified"] == "proven"
    record(workspace, Verified(**values, passed=False, checks=[{"name": "t"}]))  # type: ignore[arg-type]
    assert states(incident(Desk(workspace), "show"))["verified"] == "said"
    take_back(workspace)
    again = states(incident(Desk(workspace), "show"))
    assert (again["reverted"], again["verified"]) == ("open", "said")


def test_a_plan_that_needs_a_human_is_authorised_only_by_one(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[protect]\nsensitive = ["auth/**"]')
    begin(workspace)
    agent_commit(workspace, repo, "Wrong", {"auth/a.py": "a = 1\n"})
    planned = plan(workspace, "session")
    assert planned.authority.required
    found = opened(workspace, plan_id=planned.plan_id)
    assert states(found)["authorised"] == "open"
    allowed = PlanAuthorized(
        plan_id=planned.plan_id,
        digest=planned.digest,
        level="phase",
        how="terminal",
        by="hana",
        reason="",
        impact="1 commit",
    )
    record(workspace, allowed)
    assert states(incident(Desk(workspace), "show"))["authorised"] == "proven"


def test_items_beyond_the_code_keep_it_open_until_each_is_closed(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Variable", {"app.py": 'import os\nos.environ["NEW_FLAG_HOST"]\n'})
    found = opened(workspace)
    move(workspace, minutes=10)
    execute(workspace, plan(workspace, "session"))
    half = incident(Desk(workspace), "show")
    assert states(half)["inventory_closed"] == "open" and half.took.recovered is None
    items = [one for one in workspace.ledger.records() if one.kind == "inventory_taken"]
    ids = [row["id"] for row in json.loads(items[-1].data)["items"] if row["domain"] != "code"]
    move(workspace, minutes=20)
    for one in ids:
        close_item(Desk(workspace), one, "done", "looked at the server")
    whole = incident(Desk(workspace), "show")
    assert states(whole)["inventory_closed"] == "proven"
    assert whole.took.recovered == "2026-03-04T09:30:00.000Z"
    assert (found.took.detected, whole.took.time_to_recover) == ("2026-03-04T09:00:00.000Z", 1800.0)


def test_times_come_from_records_and_are_unknown_without_them(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)
    move(workspace, minutes=1)
    agent_commit(workspace, repo, "Wrong", {"a.txt": "a\n"})
    nothing = opened(workspace)
    assert (nothing.took.committed, nothing.took.time_to_detect, nothing.took.time_to_recover) == (None, None, None)
    incident(Desk(workspace), "close", "a false alarm")
    move(workspace, minutes=10)
    symptom = SymptomReported(session=None, metric="error_rate_percent", value=3.0, source="dashboard")
    record(workspace, symptom, session="2026-03-04-001")
    move(workspace, minutes=5)
    opened(workspace, "Really down")
    execute(workspace, plan(workspace, "session"))
    took = incident(Desk(workspace), "show").took
    assert took.committed == "2026-03-04T09:01:00.000Z"
    assert (took.time_to_detect, took.time_to_recover) == (600.0, 300.0)


def test_a_failure_that_was_over_before_is_not_the_first_symptom(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)

    def verified(passed: bool) -> Verified:
        return Verified(
            session="2026-03-04-001",
            worktree="main",
            subject="worktree",
            commit=None,
            tree="t",
            passed=passed,
            checks=[{"name": "tests", "status": "passed" if passed else "failed"}],
        )

    record(workspace, verified(False))
    move(workspace, minutes=1)
    record(workspace, verified(True))
    move(workspace, minutes=1)
    record(workspace, verified(False))
    move(workspace, minutes=1)
    fired = TriggerFired(
        session="2026-03-04-001", trigger="red", metric="checks_failing", value=1, above=0, do=["stop"]
    )
    record(workspace, fired)
    found = opened(workspace)
    assert found.took.detected == "2026-03-04T09:02:00.000Z"


def test_a_status_goes_to_the_tags_of_the_protocol_and_is_recorded(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[incident]\nnotify = ["team"]\nmessages = { resolved = "{id}: over, {severity}" }')
    repo.write(".env", "DB_PASSWORD=hunter2hunter2\n")
    begin(workspace)
    found = opened(workspace, "Down: hunter2hunter2")
    move(workspace, minutes=65)
    with service() as team, service() as boss:
        add_target(workspace, "team", team.url())
        add_target(workspace, "boss", boss.url())
        sent = incident(Desk(workspace), "status", "only for the record", "investigating")
        over = incident(Desk(workspace), "status", name="resolved")
        messages = [(body["title"], body["message"]) for _, body in team.got]
        assert boss.got == []
    title = f"[{found.incident_id}] Down: (hidden)"
    looking = (
        "We are looking into Down: (hidden) (high) on feature/session-2026-03-04-001, 1 h 5 min after it was opened. "
        "The state is kept. Next: find the commit that caused it (find_breaking_commit)"
    )
    assert messages == [(title, looking), (title, f"{found.incident_id}: over, high")]
    assert [(one.tag, one.ok) for one in sent.told] == [("team", True)] and sent.message == messages[0][1]
    story = [one.what for one in incident(Desk(workspace), "show").timeline]
    assert any("investigating: We are looking into" in one and "only for the record" not in one for one in story)
    assert states(over)["people_told"] == "proven"


def test_a_status_that_reaches_nobody_says_so(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[incident]\nnotify = ["team"]')
    opened(workspace)
    found = incident(Desk(workspace), "status", name="identified")
    assert [(one.tag, one.ok) for one in found.told] == [("team", False)]
    assert states(found)["people_told"] == "open"
    with pytest.raises(InvalidInputError, match="investigating"):
        incident(Desk(workspace), "status", name="gone")
    with pytest.raises(InvalidInputError):
        incident(Desk(workspace), "status")


def test_a_wrong_template_of_the_protocol_sends_nothing(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[incident]\nnotify = ["team"]\nmessages = { resolved = "{title.__class__}" }')
    opened(workspace)
    with service() as team:
        add_target(workspace, "team", team.url())
        with pytest.raises(InvalidInputError, match="means nothing"):
            incident(Desk(workspace), "status", name="resolved")
        assert team.got == []


def test_the_newest_open_incident_of_the_worktree_is_meant(repo: Repo, workspace: Workspace) -> None:
    first, second = opened(workspace, "First"), opened(workspace, "Second")
    assert incident(Desk(workspace), "show").incident_id == second.incident_id
    closed = incident(Desk(workspace), "close", "it was nothing")
    assert (closed.incident_id, closed.closed) == (second.incident_id, "2026-03-04T09:00:00.000Z")
    assert incident(Desk(workspace), "show").incident_id == first.incident_id
    with pytest.raises(InvalidInputError, match="was closed"):
        incident(Desk(workspace), "close", "again", incident_id=second.incident_id)
    with pytest.raises(InvalidInputError, match="not an incident id"):
        incident(Desk(workspace), "show", incident_id="../../etc")
    with pytest.raises(NotFoundError):
        incident(Desk(workspace), "show", incident_id="inc-ffffffff")


@pytest.mark.parametrize(("action", "name"), [("note", ""), ("note", "no_such_task"), ("close", "")])
def test_empty_and_unknown_notes_are_errors(workspace: Workspace, action: str, name: str) -> None:
    opened(workspace)
    before = workspace.ledger.head()
    with pytest.raises(InvalidInputError):
        incident(Desk(workspace), action, "" if not name else "x", name)  # type: ignore[arg-type]
    assert workspace.ledger.head() == before


def test_the_timeline_tells_who_did_what_in_order(repo: Repo, workspace: Workspace) -> None:
    begin(workspace, "Rename the button")
    agent_commit(workspace, repo, "Mine \x1b[31m | <b>x</b>", {"a.txt": "a\n"})
    opened(workspace)
    act(Desk(workspace), "note", "I called the team", by="human")
    execute(workspace, plan(workspace, "session"))
    found = incident(Desk(workspace), "show")
    story = [(one.who, one.what) for one in found.timeline]
    wanted = [
        ("agent", "session 2026-03-04-001 started: Rename the button"),
        ("agent", ", 1 commit: git commit"),
        ("agent", ": Mine \ufffd[31m | <b>x</b>"),
        ("", f"{found.incident_id} opened (high): Login is down"),
        ("human", "note: I called the team"),
        ("agent", "plan plan-"),
        ("", "(revert) began"),
        ("", " done"),
    ]
    places = [next(n for n, (who, what) in enumerate(story) if who == by and text in what) for by, text in wanted]
    assert places == sorted(places)
    assert found.timeline_total == len(found.timeline)
    assert all("\x1b" not in what for _, what in story)


def test_another_worktrees_story_is_not_told(workspace: Workspace) -> None:
    opened(workspace, "Ours")
    values = {"session": None, "subject": "worktree", "commit": None, "tree": "t", "passed": False, "checks": []}
    record(workspace, Verified(worktree="wt-other", **values))  # type: ignore[arg-type]
    symptom = SymptomReported(session="other", metric="error_rate_percent", value=9.0, source="x")
    record(workspace, symptom)
    story = [one.what for one in incident(Desk(workspace), "show").timeline]
    assert [one for one in story if "symptom" in one or "failed" in one] == []
    record(workspace, Verified(worktree="main", **values))  # type: ignore[arg-type]
    assert any("failed" in one.what for one in incident(Desk(workspace), "show").timeline)
