"""Blobs to facts and words: from the store, else by reading them, in several processes where that pays."""

from collections.abc import Mapping

from ..core.gate.runner import Git
from ..core.ids import Oid
from .crew import Crew
from .store import WORDS, Key, Store
from .work import Reading, Rows, Said, decoded, keep, rows, rows_of, said

MAX_FILE = 2 << 20
"""Larger files are not read: they are generated, or data."""

_WORTH = 400
_WORTH_RUNNING = 80
"""Blobs that are worth the help of others; and of others that run already."""


def said_of(git: Git, store: Store, sizes: Mapping[Key, int], crew: Crew | None = None) -> Said:
    """What blobs say; of those that are read for it, the words too: reading them again would cost more.

    Args:
        git: where the blobs are.
        store: what is known already; what is new is put there.
        sizes: blobs by who reads them (WORDS: their words are asked for), with their size in bytes, at most MAX_FILE.
        crew: helps to read many; None for nobody.
    """
    found = Said(
        facts=store.facts(key for key in sizes if key[0] != WORDS),
        words=store.words(blob for name, blob in sizes if name == WORDS),
    )
    readers: dict[Oid, dict[str, int]] = {}
    for (name, blob), size in sizes.items():
        if found.lacks((name, blob)):
            readers.setdefault(blob, {} if blob in found.words else {WORDS: size})[name] = size
    missing = [Reading(blob, max(names.values()), tuple(names)) for blob, names in readers.items()]
    if missing:
        fresh, text = _read(git, missing, crew)
        if crew is None or not crew.leave(keep, [(store.folder, text)]):
            store.keep(text)
        found.add(fresh)
    return found


def _read(git: Git, missing: list[Reading], crew: Crew | None) -> tuple[Said, Rows]:
    if crew is None or len(missing) < (_WORTH_RUNNING if crew.running else _WORTH):
        found = said(git, missing)
        return found, rows_of(found)
    mine, answers = crew.run(said, rows, missing, lambda one: one.size)
    found, text = Said(), Rows()
    for one in mine:
        found.add(one)
        text += rows_of(one)
    for answer in answers:
        found.add(decoded(answer))
        text += answer
    return found, text
