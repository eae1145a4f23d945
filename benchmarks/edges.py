"""What one language's files of a checkout say about each other, read by two processes and kept nowhere."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from safe_rollback.impact.garbage import uncollected
from safe_rollback.impact.model import Facts, Files, Language
from safe_rollback.impact.store import decode, encode

PROCESSES = 2

_READ: list[Callable[[bytes], Facts]] = []


@uncollected()
def edges(root: str, language: Language, paths: Sequence[str], all_paths: Sequence[str]) -> set[tuple[str, str, str]]:
    """Files and what they lead to, with the kind of each.

    Args:
        root: the checkout.
        language: how they are read.
        paths: the files, from the root.
        all_paths: those and others that a reference may lead to, or that say where one leads.
    """
    assert language.extract is not None and language.resolver is not None
    _READ[:] = [language.extract]  # a process that is forked has it too
    facts: dict[str, Facts] = {}
    shares = [paths[place::PROCESSES] for place in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES - 1, mp_context=get_context("fork")) as pool:
        others = [pool.submit(_read, root, share) for share in shares[1:]]
        for path in shares[0]:
            facts[path] = language.extract(_bytes(root, path))
        for share, other in zip(shares[1:], others, strict=True):
            facts.update(zip(share, map(decode, other.result()), strict=True))
    resolve = language.resolver(Files(paths=frozenset(all_paths), read=lambda path: _bytes(root, path), facts=facts))
    return {
        (path, hit.path, reference.kind)
        for path, one in facts.items()
        for reference in one.references
        for hit in resolve(path, reference).hits
        if hit.path != path
    }


@uncollected()
def _read(root: str, paths: Sequence[str]) -> list[str]:
    return [encode(_READ[0](_bytes(root, path))) for path in paths]


def _bytes(root: str, path: str) -> bytes:
    with open(os.path.join(root, path), "rb") as file:
        return file.read()
