"""Text from a repository, made safe to show; paths, made exact to pass back."""

import os
import re
import unicodedata

from .late import late

# C0 and C1 controls, bidirectional overrides, zero-width joiners and tag characters reorder
# or hide what a terminal or a model reads (Trojan Source, CVE-2021-42574).
_UNSAFE = late(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_ESCAPE = late(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(\\))")


def clean(text: str, *, limit: int = 2000) -> str:
    """Text with control, bidirectional and invisible characters replaced, cut at `limit` characters."""
    safe = _UNSAFE.sub("\ufffd", text)
    return safe if len(safe) <= limit else safe[:limit] + " …"


def one_line(text: str, *, limit: int = 200) -> str:
    """The first line of `text`, cleaned."""
    first = text.strip().splitlines()[0] if text.strip() else ""
    return clean(first, limit=limit)


def show_path(path: str) -> str:
    r"""A path as printable text that `read_path` turns back into the same bytes.

    Ordinary names come out unchanged. Bytes that are not UTF-8 (kept as lone surrogates
    by `os.fsdecode`) become `\xHH`, unsafe characters `\uHHHH` or `\UHHHHHHHH`, a backslash two of them.
    """
    out = []
    for char in path:
        point = ord(char)
        if char == "\\":
            out.append("\\\\")
        elif 0xDC80 <= point <= 0xDCFF:
            out.append(f"\\x{point - 0xDC00:02x}")
        elif _UNSAFE.match(char) or char in "\t\n" or unicodedata.category(char) == "Cf":
            out.append(f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}")
        else:
            out.append(char)
    return "".join(out)


def read_path(shown: str) -> str:
    """The path behind what `show_path` printed, as an `os.fsdecode` string."""

    def back(match: re.Match[str]) -> str:
        byte, point, wide, slash = match.groups()
        if slash:
            return "\\"
        if byte:
            return os.fsdecode(bytes([int(byte, 16)])) if int(byte, 16) > 0x7F else chr(int(byte, 16))
        return chr(min(int(point or wide, 16), 0x10FFFF))

    return _ESCAPE.sub(back, shown)


def plural(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
