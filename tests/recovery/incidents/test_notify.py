"""Messages arrive at a real service on this machine, or it is said and recorded that they did not."""

import json
import sys
from pathlib import Path

import pytest

from safe_rollback.core.ledger.events import to_data
from safe_rollback.core.ledger.recovery_events import IncidentNoted
from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.incidents import notify as sending
from safe_rollback.recovery.incidents.notify import arrived, notify
from safe_rollback.recovery.incidents.targets import add_target
from tests.harness.repo import Repo
from tests.recovery.incidents.kit import service


def noted(workspace: Workspace) -> list[str]:
    return [
        event.text
        for one in workspace.ledger.records(IncidentNoted)
        if isinstance(event := one.event, IncidentNoted) and event.kind == "notification"
    ]


def test_every_address_of_the_tags_gets_the_message_and_no_other(workspace: Workspace) -> None:
    with service() as one, service() as two, service() as other:
        add_target(workspace, "team", one.url())
        add_target(workspace, "team", two.url("second"))
        add_target(workspace, "boss", other.url())
        told = notify(workspace, ["team", "team"], "Down", "It is down.\nReally.")
        assert told == [("team", True, "2 of 2 took it")]
        assert [path for path, _ in (*one.got, *two.got)] == ["/hook", "/second"]
        body = one.got[0][1]
        assert (body["title"], body["message"], body["type"]) == ("Down", "It is down.\nReally.", "info")
        assert other.got == []
    assert [arrived(text) for text in noted(workspace)] == [True]
    assert "apprise" not in sys.modules


def test_every_failure_is_reported_and_recorded_without_the_address(workspace: Workspace) -> None:
    with service(500) as broken, service(307) as moved, service() as fine:
        add_target(workspace, "team", broken.url("TopSecretPath99"))
        add_target(workspace, "moved", moved.url())
        add_target(workspace, "closed", "json://127.0.0.1:9/hook")
        add_target(workspace, "odd", "nosuchservice://x")
        add_target(workspace, "boss", fine.url())
        tags = ["team", "moved", "closed", "odd", "boss", "nobody"]
        told = notify(workspace, tags, "Down", "x", incident="inc-00000001")
        # A redirect is not followed: nobody configured where it leads.
        assert [path for path, _ in moved.got] == ["/hook"]
    assert [(tag, ok) for tag, ok, _ in told] == [(tag, tag == "boss") for tag in tags]
    details = {tag: detail for tag, _, detail in told}
    assert "500" in details["team"] and "307" in details["moved"]
    assert details["odd"] == "Apprise does not take this address"
    assert "safe-rollback notify add nobody URL" in details["nobody"]
    said = json.dumps([told, [to_data(one.event) for one in workspace.ledger.records(IncidentNoted) if one.event]])
    assert "TopSecretPath99" not in said
    assert [arrived(text) for text in noted(workspace)] == [tag == "boss" for tag in tags]


def test_a_service_that_never_answers_fails_and_holds_up_no_other(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 1.0)
    with service(None) as silent, service() as fine:
        add_target(workspace, "team", silent.url())
        add_target(workspace, "boss", fine.url())
        told = notify(workspace, ["team", "boss"], "Down", "x")
        assert len(silent.got) == 1
    assert [(tag, ok) for tag, ok, _ in told] == [("team", False), ("boss", True)]


def test_what_goes_out_holds_no_secret_mentions_nobody_and_links_nowhere(repo: Repo, workspace: Workspace) -> None:
    repo.write(".env", "DB_PASSWORD=hunter2hunter2\n")
    hostile = "hunter2hunter2 @everyone <!channel> [x](http://evil.example) www.evil.example\x1b[31m"
    with service() as one:
        add_target(workspace, "team", one.url())
        notify(workspace, ["team"], hostile, hostile)
        (_, body) = one.got[0]
    for text in (body["title"], body["message"]):
        assert text.startswith("(hidden) ")
        assert not [bad for bad in ("hunter2", "@", "<", "](", "://", "www.", "\x1b") if bad in text]
    assert "hunter2" not in noted(workspace)[0]


def test_no_module_of_a_repository_is_loaded_by_the_sender(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path, Path(workspace.root)):
        for name in ("apprise", "json", "requests"):
            (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(workspace.root)
    with service() as one:
        add_target(workspace, "team", one.url())
        assert notify(workspace, ["team"], "Down", "x") == [("team", True, "1 of 1 took it")]
    assert not (tmp_path / "ran").exists()
