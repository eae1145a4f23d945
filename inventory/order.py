"""In which order items are taken back."""

from collections.abc import Iterable

from ..core.inventory import DOMAIN_NAMES
from .model import Item, When

_WHEN: tuple[When, ...] = ("before code", "with code", "after code")
# A flag that is off protects what follows; a down runs while its file stands; what is built needs what is installed.
_DOMAINS = (
    "feature_flags",
    "third_party",
    "database",
    "code",
    "submodules_lfs",
    "ci",
    "dependencies",
    "environment",
    "artifacts",
    "caches",
    "published",
)
assert sorted(_DOMAINS) == sorted(DOMAIN_NAMES)


def in_order(items: Iterable[Item]) -> list[Item]:
    """Items in the order in which they are taken back: before the code, with it, after it."""
    return sorted(
        items, key=lambda one: (_WHEN.index(one.when), _DOMAINS.index(one.domain), one.rank, one.kind, one.name)
    )
