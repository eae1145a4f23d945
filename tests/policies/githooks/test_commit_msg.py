"""commit-msg: agent's commits carry the session's trailer, once, and nothing else changes."""

import os

import pytest

from safe_rollback.core.workspace import open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.run_git import run_git
from tests.policies.githooks.kit import AGENT, HUMAN, Hooked, session


def message(hooked: Hooked) -> bytes:
    """The message of HEAD, as it stands in the commit."""
    return os.fsencode(hooked.git("cat-file", "commit", "HEAD")).partition(b"\n\n")[2]


def test_agent_commit_gets_the_trailer_once_and_a_human_commit_none(hooked: Hooked) -> None:
    trailer = f"Safe-Rollback-Session: {session(hooked.root)}".encode()
    hooked.tell("commit", "-q", "--allow-empty", "-m", "By hand", env=HUMAN)
    assert message(hooked) == b"By hand"
    hooked.tell("commit", "-q", "--allow-empty", "-m", "Mine", env=AGENT)
    assert message(hooked) == b"Mine\n\n" + trailer
    hooked.tell("commit", "-q", "--amend", "--no-edit", "--allow-empty", env=AGENT)
    assert message(hooked) == b"Mine\n\n" + trailer


@pytest.mark.parametrize(
    "text",
    [
        "Subject\n\nBody\n---\nnot a patch\n",
        "Subject\n\nBody with \xe9 and  two spaces \n\tand a tab\n",
        "Subject\n\nSigned-off-by: A <a@b>\n",
    ],
)
def test_rest_of_the_message_stays_to_the_byte(hooked: Hooked, text: str) -> None:
    line = f"Safe-Rollback-Session: {session(hooked.root)}\n".encode()
    hooked.git("config", "i18n.commitEncoding", "ISO-8859-1")
    hooked.write("../message", text.encode("latin-1"))
    hooked.tell("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "../message", env=AGENT)
    gap = b"" if "Signed-off-by" in text else b"\n"
    assert message(hooked) + b"\n" == text.encode("latin-1") + gap + line


def test_comments_and_what_is_below_the_scissors_stay_below_the_trailer(hooked: Hooked) -> None:
    name = session(hooked.root)
    hooked.git("config", "core.commentChar", ";")
    hooked.write("src/app.py", "new\n")
    editor = {**AGENT, "GIT_EDITOR": "sed -i '1s/.*/Subject/'"}
    assert hooked.tell("commit", "-qav", "--cleanup=scissors", env=editor).code == 0
    assert message(hooked) == f"Subject\n\nSafe-Rollback-Session: {name}".encode()


def test_message_left_empty_still_stops_the_commit(hooked: Hooked) -> None:
    session(hooked.root)
    said = hooked.tell("commit", "-q", "--allow-empty", env={**AGENT, "GIT_EDITOR": "true"})
    assert said.code == 1 and "empty commit message" in said.err


def test_commit_through_run_git_is_known_as_an_agents_and_needs_no_trust_in_our_hooks(hooked: Hooked) -> None:
    name = session(hooked.root)
    workspace = open_workspace(hooked.root)
    done = run_git(Desk(workspace), ["commit", "--allow-empty", "-m", "Mine"])
    assert done.exit_code == 0, done.stderr
    assert message(hooked).count(name.encode()) == 1
    hooked.write("bin/run.sh", "#!/bin/sh\nexit 1\n")
    done = run_git(Desk(workspace), ["commit", "-am", "Change it"])
    assert done.exit_code == 1 and "protected-paths" in done.stderr
    workspace.close()
