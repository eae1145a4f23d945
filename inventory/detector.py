"""What a domain is to the inventory: a name and a function from changes to items."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .changes import Changes
from .model import Item


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A domain of the inventory.

    Attributes:
        name: one of `model.DOMAIN_NAMES`.
        detect: the items of a target's changes; of several that have the same key the fold makes one, so it may
            treat the deltas one by one, oldest first. A text that does not parse is named by `Changes.unread`.
    """

    name: str
    detect: Callable[[Changes], Iterable[Item]]
