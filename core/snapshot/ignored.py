"""Ignored files the protocol asks for: they are kept apart, under refs that are never pushed."""

import os
from collections.abc import Iterable, Mapping

from ..gate.objects import Entry
from .hashing import store_file
from .policy import SPECIAL, CapturePolicy, Skipped
from .site import Site


def capture_ignored(
    site: Site, policy: CapturePolicy, paths: Iterable[str], skipped: list[Skipped]
) -> Mapping[str, Entry]:
    """Blobs of ignored files; those too large are named in `skipped`.

    Raises:
        CaptureError: if one cannot be read.
    """
    found: dict[str, Entry] = {}
    for path in paths:
        try:
            size = os.lstat(site.path(path)).st_size
        except FileNotFoundError:
            continue
        if size > policy.max_file:
            skipped.append(Skipped(path=path, reason="ignored, larger than [capture] max_file", bytes=size))
            continue
        entry = store_file(site, path)
        if entry is not None:
            found[path] = entry
        elif os.path.lexists(site.path(path)):
            skipped.append(Skipped(path=path, reason=SPECIAL, bytes=0))
    return found
