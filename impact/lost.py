"""What a file no longer offers after a change: to those that need it, and to those that reach it through them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What a file no longer offers.

    Attributes:
        path: the file.
        whole: whether the file itself goes.
        gone: names that disappear.
        altered: names whose declaration changes.
        distance: steps to the change: a file that passes names on loses them too.
        modules: those of the names that belong to a module, not to a class: nothing else is called so by chance.
    """

    path: str
    whole: bool = False
    gone: frozenset[str] = frozenset()
    altered: frozenset[str] = frozenset()
    distance: int = 0
    modules: frozenset[str] = frozenset()

    @cached_property
    def asked(self) -> list[str]:
        """Every name at stake."""
        return sorted(self.gone | self.altered)


def together(losses: Iterable[Lost]) -> list[Lost]:
    """Losses of one distance, one for each file: what gathers the names of a hundred files has as many."""
    found: dict[str, Lost] = {}
    for one in losses:
        known = found.get(one.path)
        if known is not None:
            gone, altered = one.gone | known.gone, one.altered | known.altered
            modules = one.modules | known.modules
            one = replace(known, gone=gone, altered=altered - gone, modules=modules)  # noqa: PLW2901
        found[one.path] = one
    return list(found.values())
