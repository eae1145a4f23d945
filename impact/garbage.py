"""No search for garbage where hundreds of thousands of objects are made that stay, and none that refers to itself."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 50_000
"""New objects that are put aside, for the search would take a tenth of a second at once."""

_PATIENT = 16
"""So often; then everything is looked through, for what was garbage already when it was put aside."""

_aside = 0


@contextmanager
def uncollected() -> Iterator[None]:
    """While this lasts, Python looks for no cycles: in a large graph that took a third of the time.

    Of many objects that are new at its end none is looked at later, until `collect`; what nobody refers to any more
    goes all the same.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if gc.get_count()[0] > _MANY:
                _put_aside()
            gc.enable()


def _put_aside() -> None:
    global _aside  # noqa: PLW0603
    _aside += 1
    if _aside < _PATIENT:
        gc.freeze()
    else:
        collect()


def tidy() -> None:
    """`collect`, if anything was put aside since the last time: it holds up everybody for a moment."""
    if _aside:
        collect()


def collect() -> None:
    """Look through everything now, and put what stays aside."""
    global _aside  # noqa: PLW0603
    _aside = 0
    gc.unfreeze()
    gc.collect()
    gc.freeze()
