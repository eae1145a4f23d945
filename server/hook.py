"""`safe-rollback-hook <client>`: answers one event of a client's hooks; `git <hook>` those of git.

It asks the server that runs in this worktree, if one does, for everything is loaded there
already; else it answers by itself. Nothing here imports more than an answer needs.
"""

import os
import sys

USAGE = "usage: safe-rollback-hook <client>, with the event as JSON on standard input\n"


def main() -> None:
    """Entry point of the hook program; ends the process with the exit code the client expects."""
    sys.exit(run(sys.argv[1:]))


def run(argv: list[str]) -> int:
    """Answer on standard output and error; the exit code."""
    if not argv or argv[0] in ("-h", "--help"):
        sys.stderr.write(USAGE)
        return 2
    data = sys.stdin.buffer.read()
    from .hooksocket import ask_server

    said = ask_server(argv, data, os.getcwd())
    if said is None:
        from .hookanswer import answer, in_time

        with in_time():
            said = answer(argv, data, os.getcwd(), dict(os.environ))
    out, err, code = said
    sys.stdout.write(out)
    sys.stderr.write(err)
    sys.stdout.flush()
    sys.stderr.flush()
    return code
