"""Which git this is, whether it will do, and what is known to be wrong with it."""

import os
import re
from functools import cache

from ..errors import SafeRollbackError
from .environment import hardened
from .process import Limits, execute
from .runner import EXECUTABLE

MINIMUM = (2, 38)

# What each security release fixed: (what, {maintained line: first fixed patch release}).
# A line older than the newest one listed and not listed itself never received the fix.
_SECURITY_RELEASES: tuple[tuple[str, dict[tuple[int, int], int]], ...] = (
    (
        "CVE-2024-32002 (a recursive clone can run code)",
        {(2, 39): 4, (2, 40): 2, (2, 41): 1, (2, 42): 2, (2, 43): 4, (2, 44): 1, (2, 45): 1},
    ),
    (
        "CVE-2025-48384 (a submodule path with a trailing CR can run a hook)",
        {(2, 43): 7, (2, 44): 4, (2, 45): 4, (2, 46): 4, (2, 47): 3, (2, 48): 2, (2, 49): 1, (2, 50): 1},
    ),
)


@cache
def git_version() -> tuple[int, int, int]:
    """The version of the git on PATH.

    Raises:
        SafeRollbackError: if there is none, or it is older than 2.38.
    """
    # Not by way of shutil: that loads every kind of compression, for every command that is refused.
    places = (os.path.join(folder, EXECUTABLE) for folder in os.get_exec_path())
    if not any(os.path.isfile(place) and os.access(place, os.X_OK) for place in places):
        raise SafeRollbackError("git is not installed.", hint="Install git 2.38 or newer.")
    done = execute([EXECUTABLE, "version"], cwd=os.sep, env=hardened(), limits=Limits(seconds=30))
    match = re.search(rb"(\d+)\.(\d+)(?:\.(\d+))?", done.stdout)
    if match is None:
        raise SafeRollbackError(f"`git version` answered {done.stdout!r}.", hint="Install git 2.38 or newer.")
    version = (int(match[1]), int(match[2]), int(match[3] or 0))
    if version[:2] < MINIMUM:
        raise SafeRollbackError(
            f"git {show(version)} is too old.", hint="Install git 2.38 or newer: merge-tree needs it."
        )
    return version


def show(version: tuple[int, int, int]) -> str:
    """`2.39.5`."""
    return ".".join(str(part) for part in version)


def known_problems(version: tuple[int, int, int]) -> list[str]:
    """Published vulnerabilities of this version, one sentence each; source: git's release notes."""
    line, patch = version[:2], version[2]
    return [
        f"git {show(version)} is listed as affected by {what}; update git, "
        "unless your distribution patched it without changing the number."
        for what, fixed in _SECURITY_RELEASES
        if (patch < fixed[line] if line in fixed else line < max(fixed))
    ]
