"""The protocol in force: pinned, tightened at once, loosened by a human, never lost."""

import pytest

from safe_rollback.core.ledger.events import ProtocolAccepted, ProtocolTightened
from safe_rollback.core.session import active_session
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.protocol.force import in_force
from safe_rollback.policies.protocol.model import Protocol
from safe_rollback.policies.protocol.reading import read_protocol
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.scope_check import scope_check
from safe_rollback.tools.start_session import StartSession, report, start_session
from tests.harness.repo import Repo


def write(repo: Repo, max_files: int | str, more: str = "") -> None:
    repo.write("CLAUDE.md", f"```toml safe-rollback\n[session]\nmax_files = {max_files}\n{more}\n```\n")


def begin(workspace: Workspace) -> StartSession:
    return start_session(Desk(workspace), "A task")


def holds(workspace: Workspace) -> int | None:
    return scope_check(Desk(workspace)).counts.max_files


def accept(repo: Repo, workspace: Workspace) -> None:
    protocol = read_protocol(repo.root).protocol
    with workspace.repository_lock("trust"):
        workspace.ledger.append(ProtocolAccepted(digest=protocol.digest(), protocol=protocol.to_data()))


def test_the_protocol_is_pinned_at_the_start_and_reported_line_by_line(repo: Repo, workspace: Workspace) -> None:
    write(repo, 5)
    started = begin(workspace)
    assert started.protocol.source == "CLAUDE.md"
    assert [(one.rule, one.line, one.text) for one in started.protocol.enforced] == [
        ("files-per-session", 3, "max_files = 5")
    ]
    session = active_session(workspace)
    assert session is not None and session.digest == started.protocol.digest


@pytest.mark.parametrize("text", [None, "", "# Nothing\n", "```toml safe-rollback\n```\n"])
def test_deleting_or_emptying_the_file_loosens_nothing(repo: Repo, workspace: Workspace, text: str | None) -> None:
    write(repo, 5, '[protect]\npaths = ["infra/**"]')
    begin(workspace)
    if text is None:
        repo.remove("CLAUDE.md")
    else:
        repo.write("CLAUDE.md", text)
    found = scope_check(Desk(workspace), ["infra/x"])
    assert (found.verdict, found.counts.max_files) == ("refused", 5)
    assert any(
        "no longer holds a protocol; the last one still holds" in one
        and "max_files 5" in one
        and "infra/**" in one
        and "safe-rollback trust" in one
        for one in found.warnings
    )
    lines = report(Desk(workspace))
    assert lines.source == "pinned"
    assert [(one.rule, one.line, one.text) for one in lines.enforced] == [
        ("files-per-session", 0, "max_files = 5 (from before, pinned)"),
        ("protected-paths", 0, "paths = infra/** (from before, pinned)"),
    ]
    end_session(Desk(workspace), "done")
    assert in_force(workspace, None).protocol.max_files == 5, "not for the next session either"


def test_a_looser_file_waits_until_a_human_accepts_it(repo: Repo, workspace: Workspace) -> None:
    write(repo, 5)
    begin(workspace)
    write(repo, 50)
    assert holds(workspace) == 5
    repo.git("add", "CLAUDE.md")
    repo.commit("Loosen")
    assert holds(workspace) == 5, "committed or not"
    accept(repo, workspace)
    assert holds(workspace) == 50
    assert not in_force(workspace, active_session(workspace)).waiting
    write(repo, 60)
    assert holds(workspace) == 50, "what was accepted is this text, not every later one"


def test_a_line_that_waits_for_a_human_is_not_said_to_be_enforced(repo: Repo, workspace: Workspace) -> None:
    write(repo, 1, "max_layers = 2")
    begin(workspace)
    write(repo, 99, 'max_layers = 2\n\n[protect]\nbranches = ["trunk"]')
    lines = report(Desk(workspace))
    assert [(one.line, one.text) for one in lines.enforced] == [
        (0, "max_files = 1 (from before, pinned)"),
        (0, "branches = main, master, trunk (from before, pinned)"),
        (4, "max_layers = 2"),
    ]
    assert [(one.line, one.text) for one in lines.not_enforced] == [
        (3, "max_files = 99 (waits for `safe-rollback trust`; 1 holds)"),
        (7, 'branches = ["trunk"] (waits for `safe-rollback trust`; main, master, trunk holds)'),
    ]
    assert lines.source == "CLAUDE.md"
    accept(repo, workspace)
    accepted = report(Desk(workspace))
    assert [one.line for one in accepted.enforced] == [3, 4, 7] and not accepted.not_enforced


def test_a_sentence_that_waits_is_not_said_to_be_enforced_either(repo: Repo, workspace: Workspace) -> None:
    repo.write("CLAUDE.md", "## scope_management\n- Maximum 3 files per session\n")
    begin(workspace)
    repo.write("CLAUDE.md", "## scope_management\n- Maximum 9 files per session\n")
    lines = report(Desk(workspace))
    assert [(one.line, one.text) for one in lines.enforced] == [(0, "max_files = 3 (from before, pinned)")]
    assert [one.line for one in lines.not_enforced] == [2]
    assert lines.not_enforced[0].text.endswith("(waits for `safe-rollback trust`; 3 holds)")


def test_a_stricter_file_holds_at_once_and_stays(repo: Repo, workspace: Workspace) -> None:
    write(repo, 5)
    begin(workspace)
    write(repo, 2)
    assert holds(workspace) == 2
    write(repo, 5)
    assert holds(workspace) == 2
    repo.remove("CLAUDE.md")
    assert holds(workspace) == 2


def test_tightening_is_recorded_once(repo: Repo, workspace: Workspace) -> None:
    write(repo, 5)
    begin(workspace)
    write(repo, 2)
    for _ in range(3):
        holds(workspace)
    assert len(list(workspace.ledger.records(ProtocolTightened))) == 1


def test_acceptance_before_a_session_does_not_loosen_what_it_tightened(repo: Repo, workspace: Workspace) -> None:
    write(repo, 50)
    accept(repo, workspace)
    begin(workspace)
    write(repo, 3)
    assert holds(workspace) == 3
    write(repo, 50)
    assert holds(workspace) == 3


@pytest.mark.parametrize("broken", ["[session]\nmax_fils = 5", "not toml", "[session]\nmax_files = 0"])
def test_a_file_that_became_invalid_leaves_the_last_good_one(repo: Repo, workspace: Workspace, broken: str) -> None:
    write(repo, 5)
    begin(workspace)
    repo.write("CLAUDE.md", f"```toml safe-rollback\n{broken}\n```\n")
    force = in_force(workspace, active_session(workspace))
    assert force.protocol.max_files == 5
    assert any("Line" in one for one in force.warnings)
    assert any("last good protocol holds (max_files 5)" in one for one in force.warnings)
    lines = report(Desk(workspace))
    assert [(one.rule, one.line) for one in lines.enforced] == [("files-per-session", 0)]
    write(repo, 4)
    assert holds(workspace) == 4


def test_an_invalid_file_from_the_start_leaves_the_built_in_one(repo: Repo, workspace: Workspace) -> None:
    repo.write("CLAUDE.md", "## scope_management\n- Maximum 3 files\n\n```toml safe-rollback\nbroken\n```\n")
    started = begin(workspace)
    assert started.branch != "main"
    assert not started.protocol.enforced, "no line is said to hold that does not"
    assert [one.line for one in started.protocol.not_enforced] == [2]
    assert any("built-in protocol holds" in one for one in started.warnings)
    assert in_force(workspace, active_session(workspace)).protocol == Protocol()


def test_a_layer_put_in_front_of_the_pinned_ones_takes_none_of_their_files(repo: Repo, workspace: Workspace) -> None:
    layers = '[layers]\nsilver = ["src/silver/**"]\nbronze = ["src/bronze/**"]\n{}'
    write(repo, 9, "max_layers = 1\n" + layers.format(""))
    begin(workspace)
    write(repo, 9, "max_layers = 1\n" + layers.replace("[layers]\n", '[layers]\nall = ["**"]\n').format(""))
    found = scope_check(Desk(workspace), ["src/silver/a", "src/bronze/b"])
    assert found.verdict == "refused"
    assert {one.path: one.layer for one in found.files}["src/silver/a"] == "silver"


def test_the_first_layer_that_matches_still_counts_after_the_pin(repo: Repo, workspace: Workspace) -> None:
    write(repo, 9, '[layers]\nweb = ["src/web/**"]\nall = ["src/**"]')
    begin(workspace)
    repo.remove("CLAUDE.md")
    files = scope_check(Desk(workspace), ["src/web/a.js", "src/b.py"]).files
    assert {one.path: one.layer for one in files if one.status == "proposed"} == {
        "src/web/a.js": "web",
        "src/b.py": "all",
    }
