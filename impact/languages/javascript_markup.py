"""The scripts of a component file (Vue, Svelte, Astro), which its own bytes tell from a script."""

import re
from collections.abc import Iterator

_MARKUP = re.compile(rb"\s*+(?:<(?!>)|---\r?\n)")
_OPEN = re.compile(rb"<script\b(?:[^<>'\"]|\"[^\"]{0,500}+\"|'[^']{0,500}+'){0,500}+>", re.IGNORECASE)
_CLOSE = re.compile(rb"</script\s*+>", re.IGNORECASE)
_FRONT = re.compile(rb"\s*+---\r?\n")
_FRONT_END = re.compile(rb"^---", re.MULTILINE)
_SRC = re.compile(rb"<(?:script|style|template)\b[^<>]{0,500}?\ssrc\s{0,9}=\s{0,9}['\"](\.[^'\"\n]++)['\"]")
_VISIBLE = re.compile(rb"[^\n]")


def as_text(data: bytes) -> bytes:
    """The bytes as UTF-8, without the mark at their beginning."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def is_markup(data: bytes) -> bool:
    """Whether the bytes begin as a component does: with a tag or with front matter."""
    return _MARKUP.match(data) is not None


def scripts(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each script begins and ends."""
    front = _FRONT.match(data)
    opening, closing = front or _OPEN.search(data), _CLOSE if front is None else _FRONT_END
    while opening is not None:
        end = closing.search(data, opening.end())
        if end is None:
            return
        yield opening.end(), end.start()
        opening, closing = _OPEN.search(data, end.end()), _CLOSE


def sources(data: bytes) -> Iterator[tuple[int, str]]:
    """Files that a component's blocks are taken from: place and path."""
    for match in _SRC.finditer(data):
        yield match.start(), match[1].decode("utf-8", "replace")


def only_scripts(data: bytes) -> tuple[bytes, bool]:
    """The bytes with blanks for what is not script, each in its line; and whether it is a component."""
    data = as_text(data)
    if not is_markup(data):
        return data, False
    kept, at = [], 0
    for start, end in scripts(data):
        kept += [_VISIBLE.sub(b" ", data[at:start]), data[start:end]]
        at = end
    return b"".join([*kept, _VISIBLE.sub(b" ", data[at:])]), True
