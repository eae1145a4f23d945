"""The command `safe-rollback`."""

import sys


def main() -> None:
    """Run the command line; `serve` starts without loading the rest of it."""
    from .core.gate.environment import scrub_process

    scrub_process()  # before GitPython is loaded: its import already starts git
    from .server.cli import run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
