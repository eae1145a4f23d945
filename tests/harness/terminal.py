"""The command line as a person at a terminal sees it, and as a program without one does."""

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

_PATIENCE = 60.0
_CODE = re.compile(r"Type ([0-9a-f]+) to confirm: ")


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code and everything it showed."""

    code: int
    shown: str


def argv(*arguments: str) -> list[str]:
    """A command of ours."""
    return [sys.executable, "-m", "safe_rollback", *arguments]


def without_terminal(root: str, *arguments: str, stdin: str = "") -> Ended:
    """Run a command with pipes."""
    done = subprocess.run(
        argv(*arguments), cwd=root, input=stdin.encode(), capture_output=True, timeout=_PATIENCE, check=False
    )
    return Ended(done.returncode, os.fsdecode(done.stdout + done.stderr))


def on_terminal(
    root: str, *arguments: str, question: re.Pattern[str] = _CODE, answer: Callable[[str], str] = lambda code: code
) -> Ended:
    """Run a command on a pseudo terminal and answer its first question.

    Args:
        root: directory to run in.
        arguments: the command.
        question: what it asks.
        answer: what to type, from the question's first group (the code to confirm with), or the whole question.
    """
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "dumb", "COLUMNS": "200"}
    try:
        process = subprocess.Popen(
            argv(*arguments), cwd=root, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
        )
    finally:
        os.close(theirs)
    shown, answered = b"", False
    try:
        while chunk := _read(ours):
            shown += chunk
            asked = question.search(os.fsdecode(shown))
            if asked is not None and not answered:
                answered = True
                os.write(ours, answer(asked[question.groups and 1]).encode() + b"\n")
        return Ended(process.wait(_PATIENCE), os.fsdecode(shown).replace("\r\n", "\n"))
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()


def _read(terminal: int) -> bytes:
    """What comes next; nothing once the other side is closed."""
    ready, _, _ = select.select([terminal], [], [], _PATIENCE)
    assert ready, "it neither shows anything nor ends"
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""
