"""Go modules: go.mod, which holds the resolved versions itself."""

import re
from collections.abc import Iterator

from .model import Lock, Manifest, Requirement, named

_LINE = re.compile(r"\s*(?:(require|replace|tool|go|toolchain)(?=[\s(])\s*)?([^\s(].*?)?\s*(\()?\s*$")
_PAIR = re.compile(r"(\S+)\s+(v\S+)")
_REPLACED = re.compile(r"(\S+)(?:\s+v\S+)?\s+=>\s+(\S+)(?:\s+(v\S+))?")


def _go_mod(_: str, text: str) -> Iterator[Requirement]:
    block = ""
    for number, row in enumerate(text.splitlines(), 1):
        code, _, comment = row.partition("//")
        if code.strip() == ")":
            block = ""
            continue
        found = _LINE.match(code)
        if found is None:
            continue
        if found[3]:
            block = found[1] or found[2] or ""
            continue
        if rest := found[2]:
            yield from _directive(found[1] or block, rest, comment, number)


def _directive(word: str, rest: str, comment: str, number: int) -> Iterator[Requirement]:
    if word == "require" and (pair := _PAIR.match(rest)) and comment.strip() != "indirect":
        yield Requirement(name=pair[1], spec=pair[2], line=number)
    elif word == "replace" and (pair := _REPLACED.match(rest)) and not pair[2].startswith("."):
        yield Requirement(name=pair[1], spec=f"{pair[2]} {pair[3] or ''}".strip(), group="replace", line=number)
    elif word == "go":
        yield Requirement(name="go", spec=rest, kind="runtime", line=number)
    elif word == "toolchain":
        yield Requirement(name="go", spec=rest.removeprefix("go"), group="toolchain", kind="runtime", line=number)
    elif word == "tool":
        yield Requirement(name=rest, group="tool", line=number)


GO_MOD = Manifest(ecosystem="go", claims=named("go.mod"), read=_go_mod)
GO_SUM = Lock(ecosystem="go", names=frozenset({"go.sum", "go.work.sum"}))
