"""A process that reads a share of the blobs; takes git and working directory, and rows on standard input."""

import sys

from ..core.gate.runner import Git
from .reading import work


def main() -> None:
    """Answer one question and end."""
    git_dir, cwd = sys.argv[1:]
    sys.stdout.write(work(Git(git_dir=git_dir, cwd=cwd), sys.stdin.read()))


if __name__ == "__main__":
    main()
