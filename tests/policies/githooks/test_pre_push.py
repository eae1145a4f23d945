"""pre-push: what is published stays, and checkpoints are never published."""

import pytest

from safe_rollback.core.actions import begin
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.workspace import open_workspace
from safe_rollback.policies.human import mint, spend
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.run_git import run_git
from tests.policies.githooks.kit import AGENT, HUMAN, Hooked, session


@pytest.fixture
def remote(hooked: Hooked, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A bare repository, as `origin`, with `main` and `topic`."""
    path = str(tmp_path_factory.mktemp("remote") / "origin.git")
    hooked.git("init", "-q", "--bare", path)
    hooked.git("remote", "add", "origin", path)
    hooked.git("switch", "-q", "-c", "topic")
    hooked.commit("On topic")
    hooked.git("push", "-q", "origin", "main", "topic")
    return path


def test_agent_pushes_its_branch_and_no_protected_one(hooked: Hooked, remote: str) -> None:
    hooked.commit("More")
    assert hooked.tell("push", "-q", "origin", "topic", env=AGENT).code == 0
    said = hooked.tell("push", "-q", "origin", "topic:main", env=AGENT)
    assert said.code == 1 and "refuses (protected-branches)" in said.err
    said = hooked.tell("push", "-q", "origin", "topic:main", env=HUMAN)
    assert said.code == 0 and "would refuse an agent" in said.err


def test_agent_neither_rewrites_nor_deletes_what_is_published_and_a_human_is_warned(
    hooked: Hooked, remote: str
) -> None:
    hooked.git("commit", "-q", "--amend", "--allow-empty", "-m", "Rewritten")
    for push in (("--force", "origin", "topic"), ("origin", ":topic")):
        said = hooked.tell("push", "-q", *push, env=AGENT)
        assert said.code == 1 and "refuses (published-history)" in said.err, push
    said = hooked.tell("push", "-q", "--force", "origin", "topic", env=HUMAN)
    assert said.code == 0 and "would refuse an agent (published-history)" in said.err


def test_commit_that_was_never_fetched_counts_as_rewritten(hooked: Hooked, remote: str) -> None:
    hooked.git("clone", "-q", remote, "../elsewhere", "-b", "topic")
    other = Hooked(f"{hooked.root}/../elsewhere")
    other.commit("Theirs")
    other.git("push", "-q", "origin", "topic")
    hooked.commit("Mine")
    assert "published-history" in hooked.tell("push", "-q", "--force", "origin", "topic", env=AGENT).err


def test_nobody_pushes_checkpoints(hooked: Hooked, remote: str) -> None:
    session(hooked.root)
    for env in (AGENT, HUMAN):
        said = hooked.tell("push", "-q", "--mirror", "origin", env=env)
        assert said.code == 1 and "refuses (own-refs)" in said.err
    assert "safe-rollback" not in hooked.git("ls-remote", "origin")


def test_command_that_a_human_granted_gets_past_the_hooks_too(hooked: Hooked, remote: str) -> None:
    session(hooked.root)
    hooked.git("switch", "-q", "topic")
    hooked.git("commit", "-q", "--amend", "--allow-empty", "-m", "Rewritten")
    workspace = open_workspace(hooked.root)
    grant = mint(workspace, "command", "git push --force origin topic")
    assert (
        "published-history"
        in hooked.tell("push", "-f", "origin", "topic", env={"SAFE_ROLLBACK_ACTION": grant.id}).err
    )
    done = run_git(Desk(workspace), ["push", "--force", "origin", "topic"])
    assert done.exit_code == 0, done.stderr
    workspace.close()


def test_shell_command_that_a_human_granted_gets_past_the_hooks_and_no_other_one(hooked: Hooked, remote: str) -> None:
    session(hooked.root)
    hooked.git("switch", "-q", "topic")
    hooked.git("commit", "-q", "--amend", "--allow-empty", "-m", "Rewritten")
    workspace = open_workspace(hooked.root)
    line = "git push --force origin topic"
    for command in ("git push --force origin", line):
        mint(workspace, "command", line)
        spend(workspace, "command", line, None)
        begin(workspace, CapturePolicy(), call=command, agent="a", tool="Bash", command=command, effects=["unknown"])
        said = hooked.tell("push", "-q", "--force", "origin", "topic", env=AGENT)
        assert said.code == (0 if command == line else 1), said.err
    workspace.close()
