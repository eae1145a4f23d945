"""Looks at every file of our index: git compares times in whole seconds, and of the modes only the x."""

import os
import stat
import struct
import time
from collections.abc import Mapping, Sequence

from ..files import read_json
from ..records import dataclass
from .directories import tick
from .modes import unusual
from .site import Site

_SMALL = 4000


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a look at every file gave.

    Attributes:
        modes: permission bits that are not the default.
        touched: files that changed in any way since the last look.
    """

    modes: Mapping[str, int]
    touched: Sequence[str]


class Sweep:
    """A look at every file, and when it began.

    A file that changed within the second of the last look, and kept its size and mtime, is
    unchanged to git (measured on 2.39.5, built without USE_NSEC as distributions do).

    Args:
        site: where the files are.
        thorough: look even in a large worktree, where it costs more than a checkpoint may.
    """

    def __init__(self, site: Site, *, thorough: bool) -> None:
        self._site = site
        self._thorough = thorough
        self._began = time.time_ns()
        self._file = os.path.join(site.private, "sweep.json")
        last = read_json(self._file)
        self.last = last if isinstance(last, int) else 0

    def run(self) -> Swept | None:
        """Look; None if the worktree is too large for it."""
        if not self._thorough and _entries(self._site.index) > _SMALL:
            return None
        modes: dict[str, int] = {}
        touched = []
        for path in self._site.git.fields("ls-files", "-z"):
            try:
                info = os.lstat(self._site.path(path))
            except OSError:
                continue
            if info.st_ctime_ns >= self.last - tick(info.st_ctime_ns) and not stat.S_ISDIR(info.st_mode):
                touched.append(path)
            if (mode := unusual(info)) is not None:
                modes[path] = mode
        return Swept(modes=modes, touched=touched)

    def finish(self) -> None:
        """Remember that everything was seen that was touched before it began."""
        # Not synced: an older moment, or none, only makes the next look find more.
        with open(self._file, "w", encoding="ascii") as file:
            file.write(str(self._began))


def _entries(index: str) -> int:
    try:
        with open(index, "rb") as file:
            header = file.read(12)
    except FileNotFoundError:
        return 0
    return int(struct.unpack(">I", header[8:])[0]) if len(header) == 12 else 0
