"""Takes the inventory of a target: every domain's items, folded and in order, and what could not be told."""

import contextlib
import hashlib
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ..core.inventory import DOMAIN_NAMES, CustomDetector
from ..core.remembered import Remembered
from .changes import Changes
from .custom import brought, custom_items
from .detector import Domain
from .domains import DOMAINS
from .domains.artifacts import GENERATED
from .fold import fold
from .model import Item, Unknown
from .order import in_order
from .reading.trail import wanted

logger = logging.getLogger("safe_rollback")
_MAX_KNOWN = 16
_KNOWN = Remembered[Sequence[Item]](_MAX_KNOWN)
_GUARD = threading.Lock()
_REMEMBERED = ("environment", "feature_flags", "third_party", "caches", GENERATED)


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What a target touched.

    Attributes:
        items: in the order in which they are taken back.
        unknowns: what could not be read or told; with one in a domain, that domain is not known to be clean.
    """

    items: Sequence[Item]
    unknowns: Sequence[Unknown]

    def status(self, domain: str) -> str:
        """`touched`, `unknown` or `clean`."""
        if any(one.domain == domain for one in self.items):
            return "touched"
        return "unknown" if any(one.domain == domain for one in self.unknowns) else "clean"


def take(
    changes: Changes,
    observed: Sequence[Item] = (),
    custom: Sequence[CustomDetector] = (),
) -> Inventory:
    """The inventory of changes, and of what was seen to happen beside them.

    Args:
        changes: of the target.
        observed: items of commands that were run, oldest first.
        custom: the project's own detectors, which look beside `DOMAINS` and what installed packages bring.
    """
    own = [Domain(name=one.domain, detect=partial(custom_items, detector=one)) for one in custom]
    items = [*_ours(changes), *_detected(changes, (*brought(changes), *own))]
    if changes.quiet is not None:
        changes.quiet.save()
    missing = set(DOMAIN_NAMES) - {domain.name for domain in DOMAINS}
    for name in sorted(missing):
        changes.unread(name, "everything", "nothing looks at this domain")
    unknowns = tuple(dict.fromkeys(changes.unknowns))
    return Inventory(items=in_order(fold([*items, *observed])), unknowns=unknowns)


def _ours(changes: Changes) -> Sequence[Item]:
    """What our own domains find. It follows from objects alone, and is asked for again on the way to a revert.

    What could not be read is tried again the next time.
    """
    key = (DOMAINS, _name(changes))
    # Of two threads that ask for the same, one finds and the other hears; Python would let neither be faster.
    with _GUARD:
        found = _KNOWN.get(key)
        if found is None:
            unread = len(changes.unknowns)
            changes.want(wanted(changes, _REMEMBERED))
            found = tuple(_detected(changes, DOMAINS))
            if len(changes.unknowns) == unread:
                _KNOWN.put(key, found)
    return found


def _name(changes: Changes) -> bytes:
    """What the domains read, in short; and how values are hidden, which every repository does in its own way."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{changes.before.tree} {changes.after.tree} {changes.hide('')}\n".encode())
    for delta in changes.deltas:
        sides = (None if side is None else (side.entry.mode, side.entry.oid) for side in (delta.old, delta.new))
        digest.update(repr((delta.path, delta.commit, *sides)).encode("utf-8", "surrogatepass"))
    return digest.digest()


def _detected(changes: Changes, domains: Sequence[Domain]) -> list[Item]:
    begun: list[tuple[Domain, Iterable[Item]]] = []
    items: list[Item] = []
    # Searches that some begin run while the others read.
    for domain in domains:
        with _held(domain, changes):
            begun.append((domain, domain.detect(changes)))
    for domain, found in begun:
        with _held(domain, changes):
            items += list(found)
    return items


@contextlib.contextmanager
def _held(domain: Domain, changes: Changes) -> Iterator[None]:
    """A detector that fails must not make its domain look clean, nor keep the others from looking."""
    try:
        yield
    except Exception as error:
        logger.exception("the inventory of %s", domain.name)
        changes.unread(domain.name, "everything", f"the detector failed: {type(error).__name__}: {error}")
