"""The lines that a change added or removed, which say cheaply whether it can matter at all."""

import weakref

from ..changes import Delta

_KNOWN: "weakref.WeakKeyDictionary[Delta, bytes]" = weakref.WeakKeyDictionary()


def changed_lines(delta: Delta) -> bytes:
    """The lines that one side of a change has and the other has not, in no order; empty for what is not text.

    Lines that only moved, and those that are there more or fewer times, are none of them.
    """
    known = _KNOWN.get(delta)
    if known is None:
        known = _KNOWN[delta] = _differing(delta)
    return known


def _differing(delta: Delta) -> bytes:
    old, new = (side.data or b"" if side is not None else b"" for side in (delta.old, delta.new))
    if b"\0" in old[:8000] or b"\0" in new[:8000]:
        return b""
    if not old or not new:
        return old or new
    return b"\n".join(set(old.split(b"\n")) ^ set(new.split(b"\n")))
