"""PHP: the names a file takes from elsewhere, as full names."""

import re
from collections.abc import Iterator

from ..model import Name, Reference
from .lexing import Text, decoded

SKIPPED = re.compile(
    rb"\?>.*?(?:<\?(?:php|=)|\Z)"
    rb"|//(?:(?!\?>)[^\n])*|#(?!\[)(?:(?!\?>)[^\n])*|/\*.*?(?:\*/|\Z)"
    rb"|<<<[ \t]*(['\"]?)([A-Za-z_]\w*)\1\r?\n.*?^[ \t]*\2\b"
    rb"|\"(?:\\.|[^\"\\])*+\"|'(?:\\.|[^'\\])*+'",
    re.DOTALL | re.MULTILINE,
)
"""Everything that is not code."""

_USE = re.compile(rb"(?<![\w$>)])use\s++(function\s++|const\s++)?([\w\\][^;(]*);")
_GROUP = re.compile(r"([\w\\]*)\\?\{([^}]*)\}")
_AS = re.compile(r"\s++as\s++", re.IGNORECASE)
_CLASS = re.compile(rb"(?<![\w$>\\])(?<!::)(\\?(?:[A-Za-z_]\w*\\)+\w+|\\?[A-Z]\w*)(?=(\s*+\()?)")
_CALLED = re.compile(rb"(?<![\w$>\\])(?<!::)(\\?[A-Za-z_][\w\\]*)\s*+\(")
_NEW = re.compile(rb"(?:\bnew\s++|#\[\s*+|,\s*+)\Z")
_KEYWORDS_WORDS = """
    and array catch declare echo elseif empty eval exit false FALSE fn for foreach function if include
    include_once isset list match namespace new NULL null or parent print require require_once return self static
    switch true TRUE unset use while xor
"""
_KEYWORDS = frozenset(_KEYWORDS_WORDS.split())


_OPENING = re.compile(rb"<\?(?:php|=)")


def text_of(data: bytes) -> Text:
    """A file's text; what stands before its first `<?php` is blanked."""
    opening = _OPENING.search(data)
    end = opening.end() if opening else len(data)
    return Text(re.sub(rb"[^\n]", b" ", data[:end]) + data[end:], SKIPPED)


class Names:
    """What a file's code takes from other files.

    Attributes:
        bound: what `use` binds, each with its full name.
    """

    def __init__(self, text: Text, top: bytes, namespace: str, line: int) -> None:
        self.text, self.top, self.namespace, self.line = text, top, namespace, line
        self.bound: dict[str, str] = {}

    def references(self, own: set[str]) -> list[Reference]:
        r"""References by full name; `\\*` after the namespace for what may be in it. `own` is not one."""
        found = list(self._uses())
        code = _USE.sub(lambda match: b" " * len(match[0]) if self._is_import(match) else match[0], self.text.code)
        near: dict[str, None] = {}
        seen = {one.target for one in found}
        for match in _CLASS.finditer(code):
            name = decoded(match[1])
            if match[2] is not None and not _NEW.search(code, max(0, match.start() - 80), match.start()):
                continue
            full = self._full(name)
            if full is None:
                near[name] = None
            elif full not in seen:
                seen.add(full)
                found.append(
                    Reference("import", full, self.text.line(match.start()), (Name(full.rpartition("\\")[2]),))
                )
        for match in _CALLED.finditer(code):
            name = decoded(match[1]).lstrip("\\")
            if "\\" not in name and f"{name}()" not in self.bound:
                near[f"{name}()"] = None
        names = sorted(one for one in near if one not in own and one.removesuffix("()") not in _KEYWORDS)
        target = f"{self.namespace}\\*" if self.namespace else "*"
        return [Reference("import", target, self.line, tuple(Name(one, one) for one in names)), *found]

    def _full(self, name: str) -> str | None:
        """The full name of a class; None if it is the namespace's own or bound by `use`."""
        if name.startswith("\\"):
            return name[1:]
        first, _, rest = name.partition("\\")
        if not rest:
            return self.bound.get(first)
        if first == "namespace":
            return "\\".join(part for part in (self.namespace, rest) if part)
        above = self.bound.get(first) or "\\".join(part for part in (self.namespace, first) if part)
        return f"{above}\\{rest}"

    def _is_import(self, match: re.Match[bytes]) -> bool:
        """Within a class `use` means traits: those are names like others."""
        return self.top[match.start() : match.start() + 3] == b"use"

    def _uses(self) -> Iterator[Reference]:
        for match in _USE.finditer(self.text.code):
            if not self._is_import(match):
                continue
            kind, body = decoded(match[1] or b"").strip(), decoded(match[2])
            if kind == "const":
                continue
            for full, local, called in _imported(body, kind):
                line = self.text.line(match.start())
                if called:
                    self.bound[f"{local}()"] = f"{full}()"
                    yield Reference("import", f"{full}()", line, (Name(full.rpartition("\\")[2], local),))
                else:
                    self.bound[local] = full
                    yield Reference("import", full, line, (Name(full.rpartition("\\")[2], local),))


def _imported(body: str, kind: str) -> Iterator[tuple[str, str, bool]]:
    """Full name, name here and whether it is a function, for each part of a `use`."""
    group = _GROUP.search(body)
    prefix, parts = (group[1].rstrip("\\") + "\\", group[2]) if group else ("", body)
    for part in parts.split(","):
        name, *alias = _AS.split(part.strip())
        called = kind == "function"
        if name.startswith(("function ", "const ")):
            if name.startswith("const "):
                continue
            name, called = name.removeprefix("function ").strip(), True
        full = (prefix + name).strip("\\ \n\t")
        if full:
            yield full, alias[0].strip() if alias else full.rpartition("\\")[2], called
