"""A process of a crew: takes git and working directory, then answers what it is asked until that ends."""

import gc
import sys

from ..core.gate.runner import Git
from .crew import read, write
from .work import WORKS


def main() -> None:
    """Answer until standard input ends."""
    gc.disable()  # it lives for one question, or a few
    git_dir, cwd = sys.argv[1:]
    git = Git(git_dir=git_dir, cwd=cwd)
    while (asked := read(sys.stdin.buffer)) is not None:
        assert isinstance(asked, tuple)
        name, share = asked
        write(sys.stdout.buffer, (WORKS[name](git, share),))


if __name__ == "__main__":
    main()
