"""New files: remembered, so that only directories that changed are searched for them again.

`git status` spends half its time on looking for them; the walk knows which directories
gained or lost an entry since, to the clock's tick. git's own untracked cache compares
whole seconds, and went on calling a directory a repository that had lost its `.git`.
"""

import os
from collections.abc import Sequence

from ..files import canonical_json, read_json, write_atomically
from ..ids import MaybeOid
from .directories import DirectoryWalk
from .site import Site
from .status import read_untracked


class Untracked:
    """The new files of a site, as the last capture found them.

    Args:
        site: where they are.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._file = os.path.join(site.private, "untracked.json")
        data = read_json(self._file)
        self._base, self._new = data if isinstance(data, list) and len(data) == 2 else (None, [])

    def known(self, base: MaybeOid) -> bool:
        """Whether those are remembered that a base does not have."""
        return base is not None and self._base == base

    def search(self, base: MaybeOid, walk: DirectoryWalk) -> Sequence[str]:
        """The new files, after a walk; any change after that one shows in the next.

        Raises:
            CaptureError: if a directory cannot be read.
        """
        if not self.known(base) or walk.changed is None:
            return read_untracked(self._site, None)
        kept = [path for path in self._new if walk.unchanged(os.path.dirname(path))]
        return sorted({*kept, *read_untracked(self._site, sorted(walk.changed))})

    def remember(self, base: MaybeOid, new: Sequence[str], walk: DirectoryWalk) -> None:
        """Keep what a status found that did not begin before the walk's `began`.

        To be called before the walk is saved: it must not vouch for an older list.
        """
        if not all(walk.searched(os.path.dirname(path)) for path in new):
            base, new = None, []  # in a place the walk does not watch
        if [base, [*new]] != [self._base, [*self._new]]:
            self._base, self._new = base, [*new]
            write_atomically(self._file, canonical_json([base, self._new]).encode(), durable=False)
