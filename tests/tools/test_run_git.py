"""run_git: ordinary git works and is recorded; what destroys work or leads elsewhere changes nothing."""

import os
import shlex

import pytest

from safe_rollback.core.errors import InvalidInputError, RefusedError, SafeRollbackError
from safe_rollback.core.ledger.events import ActionRecorded, CommandRefused, HumanAnswered
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import granted, mint, trust
from safe_rollback.policies.repocode import configured_code, hooks
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.run_git import SPEC, GitRun, run_git
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo

ASK = """\
```toml safe-rollback
[[rule]]
id = "ask-before-push"
effect = "remote.update"
decision = "ask"
why = "A person looks first."
instead = "Ask."
```
"""


def git(workspace: Workspace, *args: str, answer: str | None = None) -> GitRun:
    return run_git(Desk(workspace, answer=answer), list(args))


def actions(workspace: Workspace) -> list[ActionRecorded]:
    return [one.event for one in workspace.ledger.records(ActionRecorded) if isinstance(one.event, ActionRecorded)]


@pytest.fixture
def session(workspace: Workspace) -> str:
    return start_session(Desk(workspace), "A task").session_id


@pytest.fixture
def remote(repo: Repo, workspace: Workspace, tmp_path: object) -> str:
    path = f"{tmp_path}/remote.git"
    repo.git("init", "-q", "--bare", path)
    repo.git("remote", "add", "origin", path)
    repo.commit("Protocol", {"CLAUDE.md": ASK})
    start_session(Desk(workspace), "A task")
    return path


@pytest.mark.parametrize(
    "args",
    [["status", "--short"], ["log", "--oneline"], ["-C", "src", "diff"], ["show", "HEAD"], ["branch", "--list"]],
    ids=" ".join,
)
def test_reading_takes_no_checkpoint_and_changes_nothing(repo: Repo, workspace: Workspace, args: list[str]) -> None:
    repo.write("README.md", "edited\n")
    before, ours = repo.state(), repo.git("for-each-ref")
    answer = git(workspace, *args)
    assert (answer.exit_code, answer.before_checkpoint_id, answer.commits) == (0, None, [])
    assert (repo.state(), repo.git("for-each-ref")) == (before, ours)
    assert actions(workspace) == []


@pytest.mark.parametrize(
    "words", [["commit"], ["-C", "src", "commit"], ["-c", "user.name=commit", "commit"]], ids=" ".join
)
def test_a_commit_carries_the_session_and_is_recorded(
    repo: Repo, workspace: Workspace, session: str, words: list[str]
) -> None:
    repo.write("README.md", "mine\n")
    git(workspace, "add", "README.md")
    answer = git(workspace, *words, "-m", "Subject\n\nBody of it.")
    assert (answer.exit_code, answer.commits) == (0, [repo.head()])
    assert session in repo.git("log", "-1", "--format=%(trailers)")
    assert repo.git("log", "-1", "--format=%s%n%b").startswith("Subject\nBody of it.")
    recorded = actions(workspace)[-1]
    assert (recorded.session, list(recorded.commits), recorded.exit_code) == (session, [repo.head()], 0)
    assert recorded.before == answer.before_checkpoint_id


def test_a_directory_called_commit_confuses_nobody(repo: Repo, workspace: Workspace, session: str) -> None:
    repo.write("commit/x.txt", "x\n")
    git(workspace, "-C", "commit", "add", ".")
    assert git(workspace, "-C", "commit", "commit", "-m", "x").commits == [repo.head()]
    assert session in repo.git("log", "-1", "--format=%(trailers)")
    assert git(workspace, "grep", "-c", "commit").exit_code in (0, 1)


def test_outside_a_session_a_commit_on_a_branch_carries_no_trailer(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature/mine")
    git(workspace, "commit", "--allow-empty", "-m", "Plain")
    assert repo.git("log", "-1", "--format=%B") == "Plain"


def test_a_commit_to_a_protected_branch_is_refused(repo: Repo, workspace: Workspace) -> None:
    before = repo.state()
    with pytest.raises(RefusedError) as caught:
        git(workspace, "commit", "--allow-empty", "-m", "x")
    assert caught.value.refusal.rule == "protected-branches"
    assert "start_session" in caught.value.refusal.instead
    assert repo.state() == before


@pytest.mark.parametrize(
    "args",
    [
        ["reset", "--hard"],
        ["-C", ".", "reset", "--har", "HEAD~1"],
        ["-c", "alias.x=reset --hard", "x"],
        ["clean", "-fd"],
        ["checkout", "--", "README.md"],
        ["checkout", "-f", "HEAD~1"],
        ["restore", "."],
        ["stash", "drop"],
        ["push", "--force"],
        ["branch", "-D", "side"],
        ["commit", "--no-verify", "-m", "x"],
        ["rebase", "HEAD~1"],
        ["-c", "core.hooksPath=/dev/null", "commit", "-m", "x"],
        ["update-ref", "-d", "refs/heads/side"],
        ["gc", "--prune=now"],
    ],
    ids=" ".join,
)
def test_what_destroys_work_is_refused_and_changes_nothing(
    repo: Repo, workspace: Workspace, session: str, args: list[str]
) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Only here", {"side.txt": "x\n"})
    repo.git("switch", "-q", "feature/session-2026-03-04-001")
    repo.commit("One more", {"more.txt": "x\n"})
    repo.write("README.md", "an uncommitted afternoon\n")
    repo.write("notes.txt", "untracked\n")
    before, ours = repo.state(), repo.git("for-each-ref")
    with pytest.raises(RefusedError) as caught:
        git(workspace, *args)
    refusal = caught.value.refusal
    assert refusal.rule in ("destructive-command", "uncommitted-work")
    assert refusal.why and refusal.evidence and refusal.instead
    assert (repo.state(), repo.git("for-each-ref")) == (before, ours)
    (record,) = workspace.ledger.records(CommandRefused)
    assert record.session == session and shlex.join(["git", *args]) in record.data.replace('\\"', '"')


@pytest.mark.parametrize(
    "args",
    [
        ["-C", "..", "status"],
        ["-C", "src", "-C", "../..", "status"],
        ["-C", "/", "status"],
        ["-C", "out", "status"],
        ["--git-dir", "../other/.git", "status"],
        ["--git-dir=../other/.git", "status"],
        ["-C", ".", "--git-dir=../other/.git", "commit", "-m", "x"],
        ["-c", "x.y=z", "--work-tree=..", "add", "."],
        ["-c", "core.worktree=..", "add", "."],
        ["--namespace=x", "log"],
        ["--no-pager", "--bare", "log"],
        [],
        ["log\0"],
        ["git", "commit", "--allow-empty", "-m", "x"],
        ["git"],
    ],
    ids=repr,
)
def test_git_stays_in_this_worktree(repo: Repo, workspace: Workspace, args: list[str]) -> None:
    os.symlink("..", repo.path("out"))
    before = repo.state()
    with pytest.raises(InvalidInputError) as caught:
        git(workspace, *args)
    assert caught.value.hint
    assert repo.state() == before
    assert actions(workspace) == []


def test_a_failing_command_gives_its_exit_code_and_its_words(workspace: Workspace) -> None:
    answer = git(workspace, "show", "no-such-revision")
    assert answer.exit_code == 128 and "no-such-revision" in answer.stderr
    assert git(workspace, "diff", "--quiet", "HEAD", "HEAD~1").exit_code == 1


def test_a_failing_change_is_recorded_with_its_exit_code(workspace: Workspace, session: str) -> None:
    assert git(workspace, "commit", "-m", "nothing staged").exit_code == 1
    assert (actions(workspace)[-1].exit_code, list(actions(workspace)[-1].commits)) == (1, [])


def test_a_commit_without_a_message_opens_no_editor(repo: Repo, workspace: Workspace, session: str) -> None:
    head = repo.head()
    assert git(workspace, "commit", "--allow-empty").exit_code != 0
    assert repo.head() == head


def test_long_output_is_capped_and_says_so(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Long", {"long.txt": "0123456789\n" * 20_000})
    answer = git(workspace, "show", "HEAD:long.txt")
    assert answer.truncated and len(answer.stdout) <= 60_010
    assert not git(workspace, "status").truncated


def test_output_of_any_bytes_is_printable(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Odd", {"odd.txt": b"\x1b[2Jcaf\xe9\xe2\x80\xae\n"})
    said = git(workspace, "show", "HEAD:odd.txt").stdout
    assert "\x1b" not in said and "\u202e" not in said
    said.encode()


def test_commits_that_came_from_elsewhere_are_not_the_sessions(
    repo: Repo, workspace: Workspace, session: str
) -> None:
    repo.git("switch", "-q", "-c", "theirs", "main")
    theirs = repo.commit("Theirs", {"theirs.txt": "x\n"})
    repo.git("switch", "-q", "feature/session-2026-03-04-001")
    repo.commit("Ours", {"ours.txt": "x\n"})
    answer = git(workspace, "merge", "--no-edit", "theirs")
    assert answer.commits == [repo.head()]
    assert theirs not in answer.commits


@pytest.mark.parametrize("setting", ["filter.x.clean", "core.fsmonitor", "diff.x.textconv", "core.sshCommand"])
def test_programs_of_the_repository_run_only_once_trusted(repo: Repo, workspace: Workspace, setting: str) -> None:
    mark = repo.path(".git/ran")
    repo.git("config", setting, f"touch {os.fsdecode(mark)}; cat")
    with pytest.raises(RefusedError) as caught:
        git(workspace, "status")
    refusal = caught.value.refusal
    assert refusal.rule == "trusted-code-only"
    assert setting.lower() in refusal.evidence[0].lower()
    assert "safe-rollback trust" in refusal.instead
    assert not os.path.exists(mark)
    trust(workspace, configured_code(workspace))
    assert git(workspace, "status").exit_code == 0


def test_a_hook_runs_only_while_its_text_is_the_trusted_one(repo: Repo, workspace: Workspace, session: str) -> None:
    hook = "#!/bin/sh\necho ran >> .git/ran\n"
    repo.write(".git/hooks/pre-commit", hook, 0o755)
    head = repo.head()
    assert git(workspace, "log", "-1").exit_code == 0, "reading runs no hook"
    with pytest.raises(RefusedError, match="trusted-code-only"):
        git(workspace, "commit", "--allow-empty", "-m", "x")
    assert repo.head() == head and not repo.exists(".git/ran")
    trust(workspace, hooks(workspace))
    assert git(workspace, "commit", "--allow-empty", "-m", "x").exit_code == 0
    assert repo.read(".git/ran") == b"ran\n"
    repo.write(".git/hooks/pre-commit", hook + "echo more >> .git/ran\n", 0o755)
    with pytest.raises(RefusedError, match="trusted-code-only"):
        git(workspace, "commit", "--allow-empty", "-m", "y")
    assert repo.read(".git/ran") == b"ran\n"


def test_a_grant_allows_a_refused_command_once_and_only_that_one(
    repo: Repo, workspace: Workspace, session: str
) -> None:
    repo.write("README.md", "wrong\n")
    mint(workspace, "command", "git reset --hard")
    with pytest.raises(RefusedError):
        git(workspace, "reset", "--hard", "HEAD~1")
    answer = git(workspace, "reset", "--hard")
    assert answer.exit_code == 0 and repo.read("README.md") == b"# Project\n\nOne line.\n"
    assert answer.before_checkpoint_id is not None
    repo.write("README.md", "again\n")
    with pytest.raises(RefusedError):
        git(workspace, "reset", "--hard")
    assert repo.read("README.md") == b"again\n"


@pytest.mark.parametrize("answer", [None, "decline", "cancel"])
def test_what_a_rule_asks_about_is_refused_unless_a_human_accepts(
    repo: Repo, workspace: Workspace, remote: str, answer: str | None
) -> None:
    before = repo.state()
    with pytest.raises(RefusedError, match="ask-before-push"):
        git(workspace, "push", "origin", "HEAD", answer=answer)
    assert repo.state() == before
    assert Repo(remote).git("for-each-ref") == ""


def test_what_a_human_accepted_runs_and_the_answer_is_recorded(repo: Repo, workspace: Workspace, remote: str) -> None:
    assert git(workspace, "push", "origin", "HEAD", answer="accept").exit_code == 0
    assert repo.head() in Repo(remote).git("for-each-ref")
    (record,) = workspace.ledger.records(HumanAnswered)
    assert "git push origin HEAD" in record.data and "accept" in record.data


def test_a_human_who_declines_is_not_overruled_by_a_grant_from_before(workspace: Workspace, remote: str) -> None:
    mint(workspace, "command", "git push origin HEAD")
    with pytest.raises(RefusedError):
        git(workspace, "push", "origin", "HEAD", answer="decline")
    assert Repo(remote).git("for-each-ref") == ""
    assert git(workspace, "push", "origin", "HEAD").exit_code == 0


def test_a_human_is_asked_only_about_what_could_run_and_can_be_shown(
    repo: Repo, workspace: Workspace, remote: str
) -> None:
    def question(*args: str) -> str | None:
        assert SPEC.question is not None
        return SPEC.question(Desk(workspace), {"args": list(args)})

    asked = question("push", "origin", "HEAD")
    assert asked is not None and "git push origin HEAD" in asked and "ask-before-push" in asked
    assert asked == question("push", "origin", "HEAD"), "the answer is pinned to the exact question"
    assert question("status") is None
    assert question("reset", "--hard") is None, "refused anyway"
    assert question("push", "origin", *(f"HEAD:refs/heads/b{n}" for n in range(300))) is None, "cannot be shown whole"
    with pytest.raises(SafeRollbackError):
        question("-C", "..", "push", "origin", "HEAD")
    repo.write(".git/hooks/pre-push", "#!/bin/sh\n", 0o755)
    assert question("push", "origin", "HEAD") is None, "its hook is not trusted"


def test_a_refusal_for_untrusted_code_leaves_the_grant_of_an_asked_command(
    repo: Repo, workspace: Workspace, remote: str
) -> None:
    mint(workspace, "command", "git push origin HEAD")
    repo.write(".git/hooks/pre-push", "#!/bin/sh\n", 0o755)
    with pytest.raises(RefusedError, match="trusted-code-only"):
        git(workspace, "push", "origin", "HEAD")
    assert granted(workspace, "command", "git push origin HEAD") is not None


@pytest.mark.parametrize(
    "args",
    [
        ["-c", "core.sshCommand=touch ran;", "fetch", "origin"],
        ["-c", "core.editor=touch ran;", "commit", "--allow-empty"],
        ["-c", "diff.external=touch ran;", "diff", "HEAD~1"],
        ["-c", "core.fsmonitor=touch ran;", "status"],
        ["-c", "alias.x=!make && touch ran", "x"],
        ["config", "core.sshCommand", "touch ran;"],
        ["bisect", "run", "touch", "ran"],
        ["no-such-command"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_known_needs_a_human(repo: Repo, workspace: Workspace, session: str, args: list[str]) -> None:
    repo.git("remote", "add", "origin", "ssh://nowhere.invalid/x")
    before = repo.state()
    with pytest.raises(RefusedError) as refused:
        git(workspace, *args)
    assert refused.value.refusal.rule == "unknown-effect"
    assert "grant --command" in refused.value.refusal.instead
    assert repo.state() == before
    assert not repo.exists("ran")


def test_what_cannot_be_known_runs_once_a_human_granted_it(repo: Repo, workspace: Workspace, session: str) -> None:
    args = ["-c", "alias.x=!unheard-of; touch ran", "x"]
    mint(workspace, "command", shlex.join(["git", *args]))
    assert git(workspace, *args).exit_code == 0
    assert repo.exists("ran")
    with pytest.raises(RefusedError):
        git(workspace, *args)


@pytest.mark.parametrize(("decision", "rule"), [("allow", "unknown-effect"), ("refuse", "ask-before-push")])
def test_a_project_may_be_stricter_about_the_unknown_never_laxer(
    repo: Repo, workspace: Workspace, decision: str, rule: str
) -> None:
    """The file comes with the repository: it must not open the way to any program."""
    text = ASK.replace('"remote.update"', '"unknown"').replace('decision = "ask"', f'decision = "{decision}"')
    repo.commit("Protocol", {"CLAUDE.md": text})
    with pytest.raises(RefusedError) as refused:
        git(workspace, "-c", "alias.x=!make && touch ran", "x")
    assert refused.value.refusal.rule == rule
    assert not repo.exists("ran")
