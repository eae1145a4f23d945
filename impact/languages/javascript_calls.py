"""Calls that name a file: `require`, `import()`, `jest.mock`, `new URL`, `import.meta.glob`, `path.join`."""

import posixpath
import re
from collections.abc import Mapping

from ..model import Name, Reference
from .javascript_clauses import pattern_names
from .javascript_lexer import GAP, STRING

_SPEC = rb"(?:(?P<q>['\"])(?P<spec>[^'\"\\\n]++)(?P=q)|`(?P<template>[^`\\\n]++)`)"
_OPEN = rb"\s*+(?:<[^<>()]*+(?:<[^<>()]*+>)?[^<>()]*+>)?\s*+(?:\?\.)?\(" + GAP
_MOCKS = (
    rb"\.(?:mock|doMock|unmock|dontMock|setMock|deepUnmock|unstable_mockModule|requireActual|requireMock"
    rb"|importActual|importMock|createMockFromModule|genMockFromModule)"
)


def _call(head: bytes, tail: bytes = b"") -> re.Pattern[bytes]:
    return re.compile(head + _OPEN + _SPEC + tail, re.DOTALL)


_LIST = rb"\[(?P<list>(?:\s*+" + STRING + rb"\s*+,?)++)\s*+\]"
CALLS: Mapping[bytes, re.Pattern[bytes]] = {
    b"require": _call(rb"(?P<call>require(?:\.resolve|\.context|\.requireActual)?)"),
    b"import": re.compile(
        rb"(?:(?P<call>import(?:\.meta\.(?:resolve|glob|globEager))?)"
        + _OPEN
        + rb"(?:"
        + _SPEC
        + rb"|"
        + _LIST
        + rb")|(?P<equals>import)\s++(?P<type>type\s++)?(?P<local>[\w$]++)\s*+=\s*+require\s*+\(\s*+"
        + rb"['\"](?P<path>[^'\"\n]++)['\"])",
        re.DOTALL,
    ),
    b"jest.": _call(rb"(?P<call>jest" + _MOCKS + rb")"),
    b"vi.": _call(rb"(?P<call>vi" + _MOCKS + rb")"),
    b"new URL": _call(rb"(?P<call>new URL)", GAP + rb"," + GAP + rb"import\.meta\.url"),
    b"new Worker": _call(rb"(?P<call>new Worker)"),
    b"new SharedWorker": _call(rb"(?P<call>new SharedWorker)"),
    b"importScripts": _call(rb"(?P<call>importScripts)"),
    b"declare module": re.compile(rb"(?P<call>declare module)\s++" + _SPEC),
    b"path.": re.compile(
        rb"(?P<call>path\.(?:join|resolve))\(\s*+__dirname\s*+(?P<list>(?:,\s*+" + STRING + rb"\s*+)++),?\s*+\)"
    ),
}
"""The word that each begins with, and what it looks like."""

_STRINGS = re.compile(STRING, re.DOTALL)
_EXPRESSION = re.compile(r"\$\{[^}]*\}")
_BINDING = re.compile(
    rb"(?:\b(?:const|let|var|using)\s++|(?P<exports>module\.exports|exports(?:\.[\w$]++)?)\s*+|(?<=[\s;(,])|^)"
    rb"(?P<pattern>[\w$]++|\{[^{}]*+\})?\s*+(?::[^=;{}]++)?=\s*+(?:await\s++)?\(*+\s*+(?:await\s++)?\Z"
)
_STAR = re.compile(rb"(?:__exportStar|__export|export_star)\(\s*+\Z")
_LAZY = re.compile(rb"[ \t]++(?![\w$'\"-]++\s*+:|\.\.\.|require|\[|\()")
_MEMBER = re.compile(rb"\s*+\)*+\s*+(?:\?\.|\.)\s*+([\w$]++)")
_THEN = re.compile(
    rb"\s*+\)*+\s*+\.then\(\s*+(?:async\s++)?\(?\s*+(?P<pattern>[\w$]++|\{[^{}]*+\})\s*+\)?\s*+=>"
    rb"(?:\s*+(?P<same>[\w$]++)\.(?P<name>[\w$]++)\s*+\))?"
)
_BEFORE = 600


def call_reference(data: bytes, match: re.Match[bytes], line: int) -> Reference | None:
    """The reference that a call makes."""
    groups = match.groupdict()
    if groups.get("equals"):
        target, local = groups["path"].decode("utf-8", "replace"), groups["local"].decode()
        return Reference("type" if groups["type"] else "import", target, line, (), local)
    call = match["call"]
    if groups.get("list") is not None:
        return _listed(call, match["list"], line)
    target = _target(groups)
    if call == b"require":
        return _required(data, match, target, line)
    if call == b"import":
        return _imported(data, match, target, line)
    if not target:
        return None
    if call == b"declare module":
        # It adds to the types of that module; a pattern (`*.svg`) is about no file.
        return Reference("type", target, line) if "*" not in target else None
    if call in (b"new URL", b"new Worker", b"new SharedWorker", b"importScripts"):
        if target.startswith("/") or ":" in target:
            return None
        target = target if target.startswith(".") else "./" + target
        return Reference("load", target, line, confidence="sure" if call == b"new URL" else "likely")
    if call in (b"require.context", b"import.meta.glob", b"import.meta.globEager"):
        target = target.rstrip("/") + "/**" if call == b"require.context" else target
        return Reference("load", target, line, confidence="likely")
    return Reference("load", target, line)


def _target(groups: Mapping[str, bytes]) -> str:
    """The specifier; `*` stands for what a template leaves open."""
    if groups.get("spec") is not None:
        return groups["spec"].decode("utf-8", "replace")
    text = _EXPRESSION.sub("*", groups["template"].decode("utf-8", "replace"))
    if "*" in text and (not text.startswith(("./", "../")) or "/*" in text[:3]):
        # `./${x}` says nothing unless its end does.
        return text if text.startswith("./*.") else ""
    return text


def _listed(call: bytes, strings: bytes, line: int) -> Reference | None:
    parts = [one[0][1:-1].decode("utf-8", "replace") for one in _STRINGS.finditer(strings)]
    if call.startswith(b"path."):
        if any(part.startswith("/") for part in parts):
            return None
        target = posixpath.normpath("/".join(parts))
        return Reference("path", target if target.startswith("..") else f"./{target}", line)
    wanted = [part for part in parts if not part.startswith("!")]
    return Reference("load", " ".join(wanted), line, confidence="likely") if wanted else None


def _bound(data: bytes, place: int) -> tuple[re.Match[bytes] | None, bytes]:
    """What a call's value is given to, and the line before the call."""
    before = data[max(0, place - _BEFORE) : place]
    tail = before.rstrip(b" \n\r\t(").removesuffix(b"await").rstrip(b" \n\r\t(")
    binding = _BINDING.search(before) if tail.endswith(b"=") else None
    return binding, before[before.rfind(b"\n") + 1 :]


def _names(pattern: bytes | None) -> tuple[tuple[Name, ...], str]:
    text = (pattern or b"").decode("utf-8", "replace")
    return (pattern_names(text), "") if text.startswith("{") else ((), text)


def _required(data: bytes, match: re.Match[bytes], target: str, line: int) -> Reference | None:
    if not target:
        return None
    if "*" in target:
        return Reference("lazy", target, line, confidence="likely")
    binding, before = _bound(data, match.start())
    kind = "lazy" if _LAZY.match(before) is not None else "import"
    if _STAR.search(before) is not None:
        return Reference("export", target, line, (Name("*"),))
    if binding is not None and binding["exports"]:
        passed = binding["exports"].removeprefix(b"module.").removeprefix(b"exports").lstrip(b".").decode()
        return Reference("export", target, line, () if passed else (Name("*"),), passed)
    names, local = _names(binding["pattern"] if binding is not None else None)
    member = _MEMBER.match(data, match.end())
    if member is not None and not names:
        names, local = (Name(member[1].decode(), local),), ""
    return Reference(kind, target, line, names, local)


def _imported(data: bytes, match: re.Match[bytes], target: str, line: int) -> Reference | None:
    if not target:
        return None
    if "*" in target:
        return Reference("lazy", target, line, confidence="likely")
    then = _THEN.match(data, match.end())
    if then is not None:
        if then["name"] and then["same"] == then["pattern"]:
            return Reference("lazy", target, line, (Name(then["name"].decode()),))
        return Reference("lazy", target, line, *_names(then["pattern"]))
    binding, before = _bound(data, match.start())
    member = _MEMBER.match(data, match.end())
    types = before.rstrip().endswith(b"typeof")
    if member is not None and member[1] not in (b"then", b"catch", b"finally"):
        named = data[match.end() : member.start(1)]
        if named.count(b")") <= 1:
            return Reference("type", target, line, (Name(member[1].decode()),))
        local = binding["pattern"].decode() if binding is not None and binding["pattern"] else ""
        return Reference("lazy", target, line, (Name(member[1].decode(), local if "{" not in local else ""),))
    if types:
        return Reference("type", target, line)
    return Reference("lazy", target, line, *_names(binding["pattern"] if binding is not None else None))
