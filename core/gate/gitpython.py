"""GitPython behind the gate: its repository and object database, our environment, arguments and limits."""

import os
import subprocess
from typing import Any

import git
from git.cmd import Git as GitCommand
from git.exc import GitCommandError

from .environment import scrub_process
from .process import DEFAULT_LIMITS, Limits, execute, spawn
from .repository import Repository
from .runner import Git


def open_gitpython(repository: Repository) -> git.Repo:
    """A `git.Repo` whose every command goes through the gate."""
    scrub_process()
    plain = repository.git

    class GatedCommand(GitCommand):
        """Starts git the way the plain runner does."""

        def execute(  # type: ignore[override]  # one signature stands for all overloads
            self, command: Any, istream: Any = None, **kwargs: Any
        ) -> Any:
            """Run a command; see `git.cmd.Git.execute` for the arguments that are honoured."""
            return _execute(self, plain, command, istream, **kwargs)

    class GatedRepo(git.Repo):
        """A repository that uses it."""

        GitCommandWrapperType = GatedCommand

    return GatedRepo(repository.root, expand_vars=False)


def _execute(
    wrapper: GitCommand,
    plain: Git,
    command: Any,
    istream: Any = None,
    *,
    with_extended_output: bool = False,
    with_exceptions: bool = True,
    as_process: bool = False,
    stdout_as_string: bool = True,
    kill_after_timeout: float | None = None,
    strip_newline_in_stdout: bool = True,
    **unsupported: Any,
) -> Any:
    if not isinstance(command, (list, tuple)) or unsupported.get("shell") or unsupported.get("output_stream"):
        raise TypeError("the gate takes argument lists, no shell and no output stream")
    argv = plain.argv(*[os.fspath(word) for word in command[1:]])
    if as_process:
        stdin = subprocess.DEVNULL if istream is None else istream
        return wrapper.AutoInterrupt(spawn(argv, cwd=plain.cwd, env=plain.environment(), stdin=stdin), command)
    limits = DEFAULT_LIMITS if kill_after_timeout is None else Limits(seconds=kill_after_timeout)
    stdin_data = istream.read() if istream is not None else None
    done = execute(argv, cwd=plain.cwd, env=plain.environment(), stdin=stdin_data, limits=limits)
    out = done.stdout.removesuffix(b"\n") if strip_newline_in_stdout else done.stdout
    error = os.fsdecode(done.stderr).removesuffix("\n")
    status = -1 if done.exit_code is None else done.exit_code
    if with_exceptions and status != 0:
        raise GitCommandError(list(command), status, error, os.fsdecode(out))
    shown = os.fsdecode(out) if stdout_as_string else out
    return (status, shown, error) if with_extended_output else shown
