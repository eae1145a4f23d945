"""The code in templates: all else is made blank, so that everything keeps its line."""

import re
from collections.abc import Callable, Mapping

_SCRIPT = re.compile(rb"<script\b[^>]*>(.*?)</script>|\A---\r?\n(.*?)^---", re.DOTALL | re.IGNORECASE | re.MULTILINE)
_RUBY_TAG = re.compile(rb"<%(?![%#])[-=]*(.*?)-?%>", re.DOTALL)
_RUBY_LINE = re.compile(rb"^(?:[ \t]*|[ \t]*[%.#\w][^\n=]{0,300}?)[-=&!~]{1,2}[ \t]([^\n]*)$", re.MULTILINE)


def _scripts(data: bytes) -> bytes:
    return _only(data, _SCRIPT, b"</script>" if b"</script>" in data else b"---")


def _ruby_tags(data: bytes) -> bytes:
    return _only(data, _RUBY_TAG, b"%>")


def _ruby_lines(data: bytes) -> bytes:
    return _only(data, _RUBY_LINE, b"")


def _only(data: bytes, pattern: re.Pattern[bytes], end: bytes) -> bytes:
    """The group of each match; line ends stay, all else becomes blank, so that everything keeps its line.

    Args:
        data: the text.
        pattern: what to keep.
        end: what a match ends with. Nothing is looked for behind the last one: many beginnings without an end
            would each be searched to the end of the text.
    """
    out, done = bytearray(), 0
    for match in pattern.finditer(data, 0, data.rfind(end) + len(end)):
        group = match.lastindex or 1
        out += _blank(data[done : match.start(group)]) + match[group]
        done = match.end(group)
        if end and done < len(data):
            # Two pieces of code on one line are two statements.
            out, done = out + b";", done + 1
    return bytes(out + _blank(data[done:]))


def _blank(data: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", data)


EMBEDDED: Mapping[str, Callable[[bytes], bytes]] = {
    "vue": _scripts,
    "svelte": _scripts,
    "astro": _scripts,
    "erb": _ruby_tags,
    "haml": _ruby_lines,
    "slim": _ruby_lines,
}
"""What leaves only the code of a template, by its extension."""
