"""The command `safe-rollback`."""

import sys


def main() -> None:
    """Run the command line; `answer-hook` and `serve` start without loading the rest of it."""
    if sys.argv[1:2] == ["answer-hook"]:
        from .server.hook import main as hook

        hook(sys.argv[2:])
    from .core.gate.environment import scrub_process

    scrub_process()  # before GitPython is loaded: its import already starts git
    from .server.cli import run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
