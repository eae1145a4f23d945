"""Runs a platform's own command line tool to read from it: no shell, no questions, within its time."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.gate.process import Limits, execute
from ...core.text import one_line
from .probe import Connection, ProbeError

_MAX_OUTPUT = 8 << 20
# What would add arguments of its own.
_DROPPED = ("GIT_", "TF_CLI_ARGS")
# No colours, no questions, no news about updates, no statistics sent.
_QUIET = {
    "CI": "1",
    "NO_COLOR": "1",
    "FORCE_COLOR": "0",
    "TERM": "dumb",
    "NO_UPDATE_NOTIFIER": "1",
    "DO_NOT_TRACK": "1",
    "VERCEL_TELEMETRY_DISABLED": "1",
    "NETLIFY_TELEMETRY_DISABLED": "1",
    "FLY_NO_UPDATE_CHECK": "1",
    "HEROKU_SKIP_NEW_VERSION_CHECK": "1",
    "CHECKPOINT_DISABLE": "1",
    "GIT_TERMINAL_PROMPT": "0",
    # A file of the worktree must not make it fetch what the repository names.
    "COMPOSE_EXPERIMENTAL_GIT_REMOTE": "false",
    "COMPOSE_EXPERIMENTAL_OCI_REMOTE": "false",
}


@dataclass(frozen=True)
class Said:
    """What a tool said.

    Attributes:
        code: its exit code.
        text: its output.
        notes: its messages.
    """

    code: int
    text: str = field(repr=False)
    notes: str = field(repr=False)


def run(
    connection: Connection,
    argv: Sequence[str],
    *,
    ok: Sequence[int] = (0,),
    extra: Mapping[str, str] | None = None,
    folder: str | None = None,
) -> Said:
    """Run a tool.

    Args:
        connection: of the source.
        argv: the program by its name, and its arguments.
        ok: exit codes that are answers.
        extra: further environment variables.
        folder: where it runs; the source's directory if None.

    Raises:
        ProbeError: if it is not installed, fails, or takes too long.
    """
    program = installed(connection, argv[0])
    environ = {name: value for name, value in connection.environ.items() if not name.startswith(_DROPPED)}
    limits = Limits(seconds=connection.seconds, stdout=_MAX_OUTPUT, stderr=8 << 10)
    folder = folder or connection.path()
    try:
        done = execute([program, *argv[1:]], cwd=folder, env={**environ, **_QUIET, **(extra or {})}, limits=limits)
    except (OSError, ValueError) as error:
        raise ProbeError(f"{argv[0]} cannot be run: {type(error).__name__}") from None
    if done.exit_code is None:
        raise ProbeError("it did not answer in time")
    if done.truncated:
        raise ProbeError("its answer is too large")
    notes = done.stderr.decode("utf-8", "replace")
    if done.exit_code not in ok:
        raise ProbeError(f"`{' '.join(argv[:3])}` failed: {one_line(notes) or 'it says nothing'}")
    return Said(done.exit_code, done.stdout.decode("utf-8", "replace"), notes)


def run_json(connection: Connection, argv: Sequence[str], **more: Any) -> Any:
    """Run a tool that answers in JSON.

    Raises:
        ProbeError: as `run`, and if it does not.
    """
    try:
        return json.loads(run(connection, argv, **more).text)
    except (ValueError, RecursionError):
        raise ProbeError(f"`{' '.join(argv[:3])}` gave no JSON") from None


def installed(connection: Connection, *names: str) -> str:
    """The path of the first of some programs that is installed; never one that the worktree brings.

    Raises:
        ProbeError: if none is.
    """
    base = os.path.realpath(connection.root)
    for folder in connection.environ.get("PATH", os.defpath).split(os.pathsep):
        if not os.path.isabs(folder) or os.path.commonpath([base, os.path.realpath(folder)]) == base:
            continue
        for name in names:
            program = os.path.join(folder, name)
            if os.path.isfile(program) and os.access(program, os.X_OK):
                return program
    raise ProbeError(f"{names[0]} is not installed")
