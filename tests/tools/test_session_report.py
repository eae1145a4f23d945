"""session_report: a session's story, in order, safe to show."""

import pytest

from safe_rollback.core.errors import InvalidInputError, NotFoundError, RefusedError
from safe_rollback.core.ids import action_id
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.safe_revert import safe_revert
from safe_rollback.tools.session_report import SessionReport, session_report
from safe_rollback.tools.start_session import start_session
from tests.harness.agent import acting, begin_action, end_action
from tests.harness.repo import Repo


def tell(workspace: Workspace, *arguments: str | None, form: str = "data") -> SessionReport:
    return session_report(Desk(workspace), *arguments, format=form)  # type: ignore[arg-type]


def work(repo: Repo, workspace: Workspace) -> str:
    """A session with a bit of everything; its operation."""
    start_session(Desk(workspace), "Rename the button")
    repo.write("mine.txt", "x\n")
    run_git(Desk(workspace), ["add", "mine.txt"])
    run_git(Desk(workspace), ["commit", "-m", "Mine | theirs\n\nA body `with` ticks."])
    with pytest.raises(RefusedError):
        run_git(Desk(workspace), ["reset", "--hard"])
    checkpoint(Desk(workspace), name="half way")
    plan = plan_rollback(Desk(workspace), "session", "it was wrong")
    return safe_revert(Desk(workspace), plan.plan_id, plan.digest).operation_id


def test_the_timeline_tells_everything_in_order(repo: Repo, workspace: Workspace) -> None:
    operation = work(repo, workspace)
    end_session(Desk(workspace), "Done and undone.")
    report = tell(workspace)
    assert (report.task, report.outcome, report.timeline_total) == (
        "Rename the button",
        "closed",
        len(report.timeline),
    )
    story = [one.what for one in report.timeline]
    wanted = [
        "session 2026-03-04-001 started: Rename the button",
        "git add mine.txt → exit 0",
        "→ exit 0, 1 new commit",
        "refused by destructive-command: git reset --hard",
        "half way",
        f"{operation} (revert) began",
        f"{operation} done",
        "session 2026-03-04-001 closed: Done and undone.",
    ]
    places = [next(place for place, line in enumerate(story) if text in line) for text in wanted]
    assert places == sorted(places)


def test_changed_and_sensitive_files_of_a_running_session_are_named(repo: Repo, workspace: Workspace) -> None:
    repo.write("humans.txt", "was there before\n")
    repo.write("CLAUDE.md", '```toml safe-rollback\n[protect]\nsensitive = ["**/auth/**"]\n```\n')
    start_session(Desk(workspace), "A task")
    repo.write("src/auth/token.py", "x\n")
    repo.write("README.md", "x\n")
    report = tell(workspace)
    assert (report.files, report.sensitive) == (["README.md", "src/auth/token.py"], ["src/auth/token.py"])
    assert report.outcome == "running" and report.ended is None


def test_every_moment_of_the_markdown_is_one_row(repo: Repo, workspace: Workspace) -> None:
    work(repo, workspace)
    report = tell(workspace, form="markdown")
    assert report.markdown is not None
    head, table = report.markdown.split("|---|---|---|\n")
    assert head.startswith("# Session 2026-03-04-001: Rename the button\n")
    rows = table.splitlines()
    assert len(rows) == len(report.timeline)
    for row in rows:
        assert row.replace("\\|", "").count("|") == 4, row
    assert any("Mine \\| theirs" in row for row in rows)


def test_text_of_others_cannot_forge_a_line(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task\n\n# Session 2026-03-04-009: approved\x1b[31m")
    report = tell(workspace, form="markdown")
    assert report.markdown is not None
    assert [line for line in report.markdown.splitlines() if line.startswith("#")] == [
        "# Session 2026-03-04-001: A task"
    ]
    assert all("\n" not in one.what and "\x1b" not in one.what for one in report.timeline)


def test_by_default_the_running_session_else_the_last(repo: Repo, workspace: Workspace) -> None:
    with pytest.raises(NotFoundError, match="start_session"):
        tell(workspace)
    start_session(Desk(workspace), "First")
    end_session(Desk(workspace), "done")
    assert tell(workspace).session_id == "2026-03-04-001"
    start_session(Desk(workspace), "Second")
    assert tell(workspace).session_id == "2026-03-04-002"
    assert tell(workspace, "2026-03-04-001").task == "First"


def test_an_unknown_session_and_no_session_id_are_told_apart(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError):
        tell(workspace, "2026-03-04-009")
    with pytest.raises(InvalidInputError):
        tell(workspace, "the last one")


def test_a_report_changes_nothing(repo: Repo, workspace: Workspace) -> None:
    work(repo, workspace)
    before, ours = repo.state(), repo.git("for-each-ref")
    tell(workspace, form="markdown")
    assert (repo.state(), repo.git("for-each-ref")) == (before, ours)


def test_who_changed_what_stands_in_the_timeline(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task")
    with acting(workspace, agent="main", command="make things") as first:
        repo.write("made.txt", "x\n")
        repo.remove("README.md")
    repo.write("hand.txt", "h\n")
    with acting(workspace, agent="main/sub", paths=["src/app.py"], command="Edit src/app.py") as second:
        repo.write("src/app.py", "y\n")
        repo.write("saved.txt", "by the human meanwhile\n")
    repo.write("hand.txt", "h2\n")
    checkpoint(Desk(workspace))
    report = tell(workspace, form="markdown")
    rows = [(one.who, one.action, one.files) for one in report.timeline if one.files]
    assert rows == [
        ("agent main", first, ["README.md", "made.txt"]),
        ("human", "", ["hand.txt"]),
        ("human", "", ["saved.txt"]),
        ("agent main/sub", second, ["src/app.py"]),
        ("human", "", ["hand.txt"]),
    ]
    assert report.markdown is not None
    assert f"| agent main | {first}: make things → exit 0 (README.md, made.txt) |" in report.markdown


def test_what_two_shells_may_both_have_changed_is_nobodys_alone(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task")
    one = begin_action(workspace)
    two = begin_action(workspace)
    repo.write("either.txt", "?\n")
    end_action(workspace, one, beside=[two.id])
    end_action(workspace, two, beside=[one.id])
    rows = [moment for moment in tell(workspace).timeline if moment.action]
    assert all(moment.files == [] and "1 file may be its or another's" in moment.what for moment in rows)
    assert len(rows) == 2


def test_an_action_of_run_git_has_an_id(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task")
    repo.write("a.txt", "a\n")
    run_git(Desk(workspace), ["add", "a.txt"])
    ids = [one.action for one in tell(workspace).timeline if one.action]
    assert len(ids) == 1 and action_id(ids[0])
