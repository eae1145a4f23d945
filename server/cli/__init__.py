"""The command line. `serve` starts without loading the rest: clients wait for it."""

import gc
import sys


def run(arguments: list[str]) -> None:
    """Run `safe-rollback <arguments>`."""
    if arguments[:1] == ["serve"] and not {"-h", "--help"} & set(arguments):
        # A client waits: nothing that is imported now is garbage. `serve` collects again once it runs.
        gc.disable()
        from ..serve import serve

        serve(_root(arguments[1:]))
        return
    from .app import main

    main(arguments)


def _root(arguments: list[str]) -> str | None:
    match arguments:
        case []:
            return None
        case ["--root", root]:
            return root
        case [word] if word.startswith("--root="):
            return word.removeprefix("--root=")
        case _:
            sys.exit("safe-rollback serve: takes only --root <directory>")
