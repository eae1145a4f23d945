"""Permission bits git does not keep: everything but the owner's x."""

import contextlib
import os
import stat
from collections.abc import Container, Iterable, Mapping

from ..files import canonical_json, read_json, write_atomically
from .site import Site


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_MASK = _umask()  # read once at import: changing it later would race with other threads


def default_mode(executable: bool) -> int:
    """What a newly written file gets."""
    return (0o777 if executable else 0o666) & ~_MASK


def unusual(info: os.stat_result) -> int | None:
    """Permission bits of a regular file, if they are not what a newly written one gets."""
    mode = stat.S_IMODE(info.st_mode)
    return mode if stat.S_ISREG(info.st_mode) and mode != default_mode(bool(mode & 0o100)) else None


class Modes:
    """Files whose permission bits are not the default, remembered between captures.

    Without a look at every file, which in a large worktree costs more than a checkpoint may,
    only files whose content changed are looked at (docs/residual-risks.md).
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._file = os.path.join(site.private, "modes.json")
        data = read_json(self._file)
        self._known: dict[str, int] = data if isinstance(data, dict) else {}

    def update(
        self, changed: Iterable[str], swept: Mapping[str, int] | None, others: Container[str]
    ) -> dict[str, int]:
        """Look at the changed files.

        Args:
            changed: files to look at.
            swept: what a look at every file of our index gave, if there was one.
            others: captured files that are not in our index.
        """
        modes = dict(self._known)
        if swept is not None:
            modes = {path: mode for path, mode in modes.items() if path in others} | dict(swept)
        for path in changed:
            modes.pop(path, None)
            with contextlib.suppress(OSError):
                mode = unusual(os.lstat(self._site.path(path)))
                if mode is not None:
                    modes[path] = mode
        if modes != self._known:
            self._known = modes
            write_atomically(self._file, canonical_json(modes).encode())
        return modes
