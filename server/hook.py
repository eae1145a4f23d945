"""`safe-rollback-hook <client>`: answers one event of a client's hooks; `git <hook>` those of git.

It asks the server that runs in this worktree, if one does, for everything is loaded there
already; else it answers by itself. Nothing here imports more than an answer needs.
"""

import os
import sys
import time

TYPE_CHECKING = False  # the module `typing` is not loaded for this
if TYPE_CHECKING:
    from typing import NoReturn

# What ask.pl says when it could not ask: seconds of the epoch at which the client began to wait.
_BEGUN = "--begun="
USAGE = "usage: safe-rollback-hook <client>, with the event as JSON on standard input\n"


def main(argv: list[str] | None = None) -> "NoReturn":
    """Entry point of the hook program; ends the process with the exit code the client expects."""
    code = run(sys.argv[1:] if argv is None else argv)
    # All is said and flushed; taking the interpreter down in order costs as much as asking the server did.
    os._exit(code)


def run(argv: list[str]) -> int:
    """Answer on standard output and error; the exit code."""
    if not argv or argv[0] in ("-h", "--help"):
        sys.stderr.write(USAGE)
        return 2
    try:
        out, err, code = _said(argv)
    except Exception as error:  # noqa: BLE001
        # No client takes this for a yes where a command waits for one: the settings we write see to that.
        out, err, code = "", f"safe-rollback: the guard failed: {type(error).__name__}: {str(error)[:500]!r}\n", 1
    sys.stdout.write(out)
    sys.stderr.write(err)
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _said(argv: list[str]) -> tuple[str, str, int]:
    begun = time.monotonic()
    if argv[0].startswith(_BEGUN):
        begun -= max(time.time() - float(argv[0].removeprefix(_BEGUN)), 0)
        argv = argv[1:]
    data, cwd = sys.stdin.buffer.read(), _here()
    from .hooksocket import SECONDS, ask_server

    try:
        said = ask_server(argv, data, cwd, begun + SECONDS)
    except TimeoutError:
        from .hookanswer import refused

        return refused(argv, data, f"the server did not answer within {SECONDS:.0f} s. Try again.")
    if said is not None:
        return said
    from .hookanswer import TooSlowError, answer, in_time, refused

    try:
        with in_time(SECONDS - (time.monotonic() - begun)):
            try:
                return answer(argv, data, cwd, dict(os.environ))
            except ImportError:
                if "site" in sys.modules:
                    raise
                import site  # not loaded by our program's start, and a library is elsewhere

                site.main()
                return answer(argv, data, cwd, dict(os.environ))
    except TooSlowError as error:
        return refused(argv, data, str(error))


def _here() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return os.sep  # deleted; what counts is the directory that the event names
