"""What a JavaScript or TypeScript file says it needs, scanned without a parser where that is sure.

First the header: imports, comments and requires one after the other, certainly code. Behind it, wherever a word like
`require` opens something that names a file, the lexer says whether that place is code; a parser is asked when it
cannot.
"""

import re
from collections.abc import Iterator
from itertools import islice

from ..model import Facts, Name, Reference
from .javascript_calls import CALLS, call_reference
from .javascript_clauses import export_clause, import_clause, text_of
from .javascript_lexer import COMMENT, GAP, STRING, places
from .javascript_markup import as_text, is_markup, scripts, sources
from .javascript_tree import code_places

_SPEC = rb"(?P<q>['\"])(?P<spec>[^'\"\n]*+)(?P=q)"
_IMPORT = re.compile(
    rb"import\b(?P<clause>(?:[^'\"`;:()=/<>.]++|" + COMMENT + rb"|" + STRING + rb"\s*+as\b)*+)" + _SPEC, re.DOTALL
)
_EXPORT = re.compile(
    rb"export\b"
    + GAP
    + rb"(?P<clause>(?:type\b"
    + GAP
    + rb")?(?:\*(?:\s*+as\s++[^\s'\"]++|\s*+as\s*+"
    + STRING
    + rb")?|\{[^}]*+\}|[\w$]++))"
    + GAP
    + rb"from\b"
    + GAP
    + _SPEC,
    re.DOTALL,
)
_FROM = re.compile(r"(?:^|[\s},*])from$")
_REFERENCE = re.compile(rb"^\s*+///\s*+<reference\s++(path|types)\s*+=\s*+['\"]([^'\"\n]++)['\"]", re.MULTILINE)
_SKIP = re.compile(rb"(?:\s++|;|" + COMMENT + rb"|#![^\n]*+|(['\"])use [a-z ]++\1)*+", re.DOTALL)
_HEAD = re.compile(
    rb"import\b(?!\s*+[(.])|export\b|(?:const|let|var)\s++(?:[\w$]++|\{[^{}]*+\})\s*+=\s*+(?=require\s*+\()"
)
# The content of a symbolic link is the path it leads to.
_LINK = re.compile(rb"[\w@.-]+(?:/[\w@.-]+)*+(?<=\.js|\.ts|jsx|tsx|mjs|cjs|mts|cts|vue)")
_LARGEST = 8_000_000
_LARGEST_TREE = 2_000_000
_MOST = 10_000
# Generated files can repeat a word without end: how often one is tried, and how far each may reach.
_TRIES = 20_000
_WINDOW = 8_192

Found = tuple[int, re.Match[bytes], str]


def extract(data: bytes) -> Facts:
    """What a file's bytes say it needs."""
    data = as_text(data)
    if b"\0" in data[:4096]:
        return Facts(problems=("not text",))
    if _LINK.fullmatch(data) is not None:
        target = data.decode()
        target = target if target.startswith(".") else f"./{target}"
        return Facts(references=(Reference("export", target, 1, (Name("*"),)),))
    problems: tuple[str, ...] = () if len(data) <= _LARGEST else (f"only the first {_LARGEST} bytes were read",)
    data = data[:_LARGEST]
    if not is_markup(data):
        found = tuple(_script(data, 0))
        if len(found) >= _MOST:
            problems += (f"only about {_MOST} of its references were read",)
        return Facts(references=found, problems=problems)
    references = [
        one for start, end in scripts(data) for one in _script(data[start:end], data.count(b"\n", 0, start))
    ]
    for place, target in sources(data):
        references.append(Reference("load", target, data.count(b"\n", 0, place) + 1))
    return Facts(references=tuple(references), problems=problems)


def _script(data: bytes, lines_before: int) -> Iterator[Reference]:
    """References in order of where they stand."""
    head, start = _header(data)
    found = [*head, *_behind(data, start)]
    line, at = lines_before + 1, 0
    if b"///" in data:
        for match in _REFERENCE.finditer(data, 0, start):
            target = match[2].decode("utf-8", "replace")
            if match[1] == b"path" and not target.startswith((".", "/")):
                target = "./" + target
            yield Reference("type", target, lines_before + 1 + data.count(b"\n", 0, match.start(1)))
    for place, match, kind in found:
        line += data.count(b"\n", at, place)
        at = place
        one = _declaration(match, kind, line) if kind in ("import", "export") else call_reference(data, match, line)
        if one is not None:
            yield one


def _header(data: bytes) -> tuple[list[Found], int]:
    found: list[Found] = []
    at = 0
    while len(found) < _MOST:
        skipped = _SKIP.match(data, at)
        at = skipped.end() if skipped is not None else at
        opening = _HEAD.match(data, at)
        if opening is None:
            return found, at
        kind = opening[0][:6].decode() if opening[0][:6] in (b"import", b"export") else "require"
        place = at if kind != "require" else opening.end()
        match = {"import": _IMPORT, "export": _EXPORT}.get(kind, CALLS[b"require"]).match(data, place)
        if match is None or (kind == "import" and not _taking(match)):
            return found, at
        found.append((place, match, kind))
        at = match.end()
    return found, at


def _taking(match: re.Match[bytes]) -> bool:
    """Whether what stands between `import` and a string makes it an import."""
    clause = text_of(match["clause"])
    return not clause or _FROM.search(clause) is not None


def _behind(data: bytes, start: int) -> list[Found]:
    candidates = sorted(islice(_candidates(data, start), _MOST), key=lambda one: one[0])
    if not candidates:
        return []
    verdicts = dict(places(data, start, [place for place, _, _ in candidates]))
    unsure = [place for place, _, kind in candidates if verdicts[place] is None or _in_markup(data, place, kind)]
    if unsure:
        parsed = len(data) <= _LARGEST_TREE
        verdicts.update(code_places(data, unsure) if parsed else dict.fromkeys(unsure, True))
    found: list[Found] = []
    for one in candidates:
        # The `require` of `import x = require("x")` is no reference of its own.
        if verdicts[one[0]] and not (found and one[0] < found[-1][1].end()):
            found.append(one)
    return found


def _candidates(data: bytes, start: int) -> Iterator[Found]:
    for word, pattern in ((b"import", _IMPORT), (b"export", _EXPORT)):
        for place, match in _finds(data, start, word, pattern):
            if word == b"export" or _taking(match):
                yield place, match, word.decode()
    for word, pattern in CALLS.items():
        for place, match in _finds(data, start, word, pattern):
            yield place, match, "call"


def _finds(data: bytes, start: int, word: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, re.Match[bytes]]]:
    place, tries = data.find(word, start), 0
    while place >= 0 and tries < _TRIES:
        tries += 1
        before = data[place - 1 : place] if place else b""
        if not (before.isalnum() or before in (b"_", b"$", b".")) or data[place - 3 : place] == b"...":
            match = pattern.match(data, place, place + _WINDOW)
            if match is not None:
                yield place, match
        place = data.find(word, place + len(word))


def _in_markup(data: bytes, place: int, kind: str) -> bool:
    """Whether a declaration may be a sentence between JSX tags."""
    return kind in ("import", "export") and data[max(0, place - 200) : place].rstrip().endswith(b">")


def _declaration(match: re.Match[bytes], kind: str, line: int) -> Reference:
    clause = text_of(match["clause"])
    if kind == "import":
        names, local, types = import_clause(_FROM.sub(lambda found: found[0][:-4], clause).strip())
    else:
        names, local, types = export_clause(clause)
    target = match["spec"].decode("utf-8", "replace")
    return Reference("type" if types and kind == "import" else kind, target, line, names, local)
