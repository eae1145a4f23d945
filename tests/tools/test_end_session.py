"""end_session: closes when rules and checks hold, and nothing else closes it."""

import pytest

from safe_rollback.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from safe_rollback.core.ledger.events import GateRun
from safe_rollback.core.session import active_session, find_session
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import granted, mint, trust
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import SPEC, EndSession, end_session
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo

SESSION = "2026-03-04-001"


def begin(repo: Repo, workspace: Workspace, protocol: str = "") -> None:
    if protocol:
        repo.commit("Protocol", {"CLAUDE.md": f"```toml safe-rollback\n{protocol}\n```\n"})
    start_session(Desk(workspace), "A task")


def end(
    workspace: Workspace, summary: str = "done", *, into: str | None = None, answer: str | None = None
) -> EndSession:
    return end_session(Desk(workspace, answer=answer), summary, into)


def refusal_of(workspace: Workspace, answer: str | None = None) -> str:
    with pytest.raises(RefusedError) as caught:
        end(workspace, answer=answer)
    assert active_session(workspace) is not None, "it still runs"
    assert caught.value.refusal.instead
    return caught.value.refusal.text()


def test_a_session_ends_with_a_checkpoint_and_its_branch_stays(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace)
    repo.write("notes.txt", "uncommitted\n")
    before = repo.state()
    ended = end(workspace, "Renamed it.")
    assert repo.state() == before
    assert (ended.session_id, ended.retained_branch) == (SESSION, f"feature/session-{SESSION}")
    assert (ended.gates, ended.commit, ended.operation_id) == ([], None, None)
    assert find(workspace, ended.checkpoint_id).note == "Renamed it."  # type: ignore[arg-type]
    assert active_session(workspace) is None
    session = find_session(workspace, SESSION)  # type: ignore[arg-type]
    assert (session.outcome, session.summary) == ("closed", "Renamed it.")


def test_there_is_nothing_to_end_twice(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace)
    end(workspace)
    with pytest.raises(NotFoundError):
        end(workspace)


@pytest.mark.parametrize("summary", ["", " \n"])
def test_a_session_does_not_end_without_a_summary(repo: Repo, workspace: Workspace, summary: str) -> None:
    begin(repo, workspace)
    with pytest.raises(InvalidInputError, match="summary"):
        end(workspace, summary)
    assert active_session(workspace) is not None


def test_a_command_nobody_trusted_is_not_run_and_closes_nothing(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace, '[on_session_end]\nrun = ["touch ran.txt"]')
    said = refusal_of(workspace)
    assert "touch ran.txt: untrusted" in said and "safe-rollback trust" in said
    assert not repo.exists("ran.txt")


def test_a_trusted_command_runs_in_the_worktree(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace, '[on_session_end]\nrun = ["pwd > .git/where"]')
    trust(workspace, ["pwd > .git/where"])
    (gate,) = end(workspace).gates
    assert (gate.name, gate.status, gate.exit_code) == ("pwd > .git/where", "passed", 0)
    assert repo.read(".git/where").decode().strip() == workspace.root


def test_trust_is_in_the_exact_text(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace, '[on_session_end]\nrun = ["touch ran.txt "]')
    trust(workspace, ["touch ran.txt"])
    assert "untrusted" in refusal_of(workspace)


def test_a_failing_command_refuses_with_its_exit_code_and_its_output(repo: Repo, workspace: Workspace) -> None:
    command = "echo two tests failed; exit 7"
    begin(repo, workspace, f'[on_session_end]\nrun = ["{command}", "true"]')
    trust(workspace, [command, "true"])
    said = refusal_of(workspace)
    assert "session-gates" in said and "(exit 7)" in said and "two tests failed" in said
    assert f"safe-rollback grant --gate '{command}'" in said
    statuses = [(one.event.name, one.event.status) for one in workspace.ledger.records(GateRun)]  # type: ignore[union-attr]
    assert statuses == [(command, "failed"), ("true", "passed")]


def test_a_grant_waives_one_gate_once(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace, '[on_session_end]\nrun = ["false"]')
    trust(workspace, ["false"])
    mint(workspace, "gate", "false")
    (gate,) = end(workspace).gates
    assert gate.status == "waived"
    start_session(Desk(workspace), "Another")
    assert "false: failed" in refusal_of(workspace)


def test_a_refusal_leaves_the_grants_for_the_next_call(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace, '[on_session_end]\nrun = ["false", "test -e fixed"]')
    trust(workspace, ["false", "test -e fixed"])
    mint(workspace, "gate", "false")
    assert "test -e fixed did not pass" in refusal_of(workspace)
    assert granted(workspace, "gate", "false") is not None
    repo.write("fixed", "")
    assert [gate.status for gate in end(workspace).gates] == ["waived", "passed"]
    assert granted(workspace, "gate", "false") is None


def test_what_the_scope_refuses_refuses_the_end(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace, "[session]\nmax_files = 1")
    repo.commit("Mine", {"a.txt": "x\n", "b.txt": "x\n"})
    said = refusal_of(workspace)
    assert "files-per-session" in said and "b.txt" in said and "restore_checkpoint" in said
    mint(workspace, "gate", "files-per-session")
    assert end(workspace).gates[0].status == "waived"


@pytest.mark.parametrize("answer", [None, "decline", "cancel"])
def test_sensitive_paths_need_a_human(repo: Repo, workspace: Workspace, answer: str | None) -> None:
    begin(repo, workspace, '[protect]\nsensitive = ["**/auth/**"]')
    repo.commit("Mine", {"src/auth/token.py": "x\n"})
    said = refusal_of(workspace, answer)
    assert "sensitive-paths" in said and "src/auth/token.py" in said
    assert f"safe-rollback grant --sensitive {SESSION}" in said


def test_a_human_may_agree_through_the_client_or_on_a_terminal(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace, '[protect]\nsensitive = ["**/auth/**"]')
    repo.commit("Mine", {"src/auth/token.py": "x\n"})
    assert SPEC.question is not None
    asked = SPEC.question(Desk(workspace), {})
    assert asked is not None and "src/auth/token.py" in asked and SESSION in asked
    assert end(workspace, answer="accept").sensitive == ["src/auth/token.py"]
    start_session(Desk(workspace), "Another")
    repo.commit("Again", {"src/auth/token.py": "y\n"})
    refusal_of(workspace)
    mint(workspace, "sensitive", "2026-03-04-002")
    assert end(workspace).sensitive == ["src/auth/token.py"]


def test_nobody_is_asked_without_sensitive_paths_or_a_session(repo: Repo, workspace: Workspace) -> None:
    assert SPEC.question is not None
    assert SPEC.question(Desk(workspace), {}) is None
    begin(repo, workspace)
    assert SPEC.question(Desk(workspace), {}) is None


def test_a_protected_branch_gets_no_session_unless_the_protocol_says_so(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace)
    before = repo.state()
    with pytest.raises(RefusedError) as caught:
        end(workspace, into="main")
    assert caught.value.refusal.rule == "protected-branches"
    assert repo.state() == before and active_session(workspace) is not None


def test_a_session_is_squashed_into_one_commit_and_keeps_its_branch(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace, '[on_session_end]\nsquash_into = ["main"]')
    main = repo.refs()["refs/heads/main"]
    for number in range(2):
        repo.write(f"{number}.txt", "x\n")
        run_git(Desk(workspace), ["add", "."])
        run_git(Desk(workspace), ["commit", "-m", f"Step {number}"])
    branch = repo.head()
    ended = end(workspace, "Two files, one commit.", into="main")
    assert ended.commit == repo.refs()["refs/heads/main"]
    assert repo.git("log", "--format=%P%n%s", f"{main}..main") == f"{main}\nTwo files, one commit."
    assert repo.git("diff", "main", branch) == ""
    assert (repo.head(), repo.branch()) == (branch, ended.retained_branch)
    assert ended.notes and "push main" in ended.notes[0]


def test_a_session_is_ended_on_its_own_branch(repo: Repo, workspace: Workspace) -> None:
    """Elsewhere the rules would find nothing to look at."""
    begin(repo, workspace, "[session]\nmax_files = 1")
    branch = repo.branch()
    repo.commit("Mine", {"a.txt": "x\n", "b.txt": "x\n"})
    repo.git("switch", "-q", "-c", "elsewhere", "main")
    said = refusal_of(workspace)
    assert "session-branch" in said and f"run_git switch {branch}" in said
    repo.git("switch", "-q", branch)
    assert "files-per-session" in refusal_of(workspace)


def test_a_squash_that_conflicts_spends_no_grant(repo: Repo, workspace: Workspace) -> None:
    begin(repo, workspace, '[on_session_end]\nrun = ["false"]')
    branch = repo.branch()
    repo.commit("Mine", {"src/util.py": "mine\n"})
    repo.git("switch", "-q", "-c", "integration", "main")
    repo.commit("Theirs", {"src/util.py": "theirs\n"})
    repo.git("switch", "-q", branch)
    trust(workspace, ["false"])
    mint(workspace, "gate", "false")
    with pytest.raises(ConflictError):
        end_session(Desk(workspace), "Done.", squash_into="integration")
    assert granted(workspace, "gate", "false") is not None
