"""PEP 508: what a line like `name[extra] >=1 ; marker` asks for."""

import re
from collections.abc import Iterable, Iterator

from .model import Requirement

_REQUIREMENT = re.compile(
    r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*"
    r"(?:@\s*(\S+)|\(?((?:[<>=!~]=?=?|===)[^;()]*)?\)?)\s*(?:;.*)?$"
)
_EGG = re.compile(r"#(?:.*&)?egg=([A-Za-z0-9._-]+)")
_REMOTE = re.compile(r"(?:git|hg|svn|bzr)\+|https?://|ssh://")
_LOCAL = ("file:", "./", "../", ".", "/")


def requirement(text: str, group: str = "", under: str = "", line: int = 0) -> Requirement | None:
    """One requirement; None if it is none, or one of this repository."""
    text = text.strip()
    if _REMOTE.match(text):
        egg = _EGG.search(text)
        return None if egg is None else Requirement(name=egg[1], spec=text.partition("#")[0], group=group, line=line)
    found = _REQUIREMENT.match(text)
    if found is None or (found[2] or "").startswith(_LOCAL):
        return None
    spec = found[2] or "".join((found[3] or "").split())
    return Requirement(name=found[1], spec=spec, group=group, under=under, line=line)


def requirements(texts: Iterable[str], group: str = "", under: str = "") -> Iterator[Requirement]:
    """Those of several texts."""
    for text in texts:
        if found := requirement(text, group, under):
            yield found
