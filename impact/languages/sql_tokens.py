"""SQL as words: without comments, with jinja as names, with the scope each word is in."""

import re
from typing import NamedTuple

from .dbt import said
from .jinja_blocks import blank, spans
from .lines import Lines

LARGEST = 2_000_000
"""Bytes of one file that are taken apart; a dump is longer."""

MOST_WORDS = 150_000
"""Words of one file that are looked at."""

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)|\#(?=\s)[^\n]*)"""
    r"""|(?P<text>'(?:[^'\\]|''|\\.)*'|\$(?P<tag>[A-Za-z_]*)\$)"""
    r"""|(?P<name>(?:"[^"\n]+"|`[^`\n]+`|\[[A-Za-z_][\w ]*\]|[^\W\d][\w$]*|@[\w@$]+|:\w+)"""
    r"""(?:\s*\.\s*(?:"[^"\n]+"|`[^`\n]+`|\[[\w ]+\]|[^\W\d][\w$]*|\*)){0,5})"""
    r"""|(?P<number>\d[\w.]*)|(?P<sign>::|[\\!%^&~?|<>]+|.)""",
    re.DOTALL,
)
_PART = re.compile(r'"([^"\n]+)"|`([^`\n]+)`|\[([^\]\n]+)\]|([\w$@:*]+)')
_PLACE = re.compile(r"__dbt(\d+)__")


class Token(NamedTuple):
    """One word.

    Attributes:
        text: lower case, without quotes; parts of a name with `.` between them.
        word: whether it is a name or a keyword; else a sign or a literal.
        quoted: whether it was in quotes: no keyword.
        offset: where, in characters of the text.
    """

    text: str
    word: bool
    quoted: bool
    offset: int


class Tokens(list[Token]):
    """The words of one file, and how its brackets lie."""

    def __init__(self, tokens: list[Token]) -> None:
        """Pair the brackets once."""
        super().__init__(tokens)
        self._after: dict[int, int] = {}
        self._around: list[int] = []
        open_: list[int] = []
        for position, token in enumerate(tokens):
            self._around.append(open_[-1] if open_ else -1)
            if token.text == "(":
                open_.append(position)
            elif token.text == ")" and open_:
                self._after[open_.pop()] = position + 1

    def after(self, bracket: int) -> int:
        """The position after the bracket that closes the one at a position; the end if it does not close."""
        return self._after.get(bracket, len(self))

    def around(self, position: int) -> int:
        """The position of the innermost bracket that is open at a position; -1 if none is."""
        return self._around[position]


class Sql:
    """The words of one file.

    Attributes:
        tokens: in order.
        places: what `ref` and `source` stand for, by the name put in their place: `ref:m`, `source:a.b`.
        lines: for the line of an offset.
        cut: whether the file is longer than what is taken apart.
    """

    def __init__(self, data: bytes) -> None:
        """Take it apart."""
        self.cut = len(data) > LARGEST
        self.places: dict[str, str] = {}
        # Latin-1 keeps offsets in characters the same as in bytes.
        plain = self._plain(data[:LARGEST])
        self.lines = Lines(plain)
        self.tokens = Tokens(_tokens(plain.decode("latin-1")))
        self.cut = self.cut or len(self.tokens) >= MOST_WORDS

    def line(self, token: Token) -> int:
        """The line it is on."""
        return self.lines.at(token.offset)

    def _plain(self, data: bytes) -> bytes:
        """The text with `{{ ref(…) }}` as a name, other expressions as a name too, and statements as blanks.

        Line ends inside of a piece are put behind it, so that lines stay true.
        """
        if b"{{" not in data and b"{%" not in data and b"{#" not in data:
            return data
        out, position, known = list[bytes](), 0, dict[bytes, bytes]()
        for start, end, kind in spans(data):
            piece = data[start:end]
            out.append(data[position:start])
            position = end
            if kind != b"{{":
                out.append(blank(piece))
                continue
            if piece not in known:
                known[piece] = self._named(piece)
            out.append(known[piece])
        return b"".join((*out, data[position:]))

    def _named(self, piece: bytes) -> bytes:
        """What stands for an expression."""
        named = [one for one in said(piece) if one.word in ("ref", "source") and one.target]
        name = f"__dbt{len(self.places)}__" if named else "__jinja__"
        if named:
            self.places[name] = f"{named[0].word}:{named[0].target}"
        return name.encode() + b"\n" * piece.count(b"\n")


def _tokens(text: str) -> list[Token]:
    out, append = list[Token](), None
    append = out.append
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "skip":
            continue
        if len(out) >= MOST_WORDS:
            break
        if kind == "name":
            raw = match[0]
            if raw[0] not in '"`[' and "." not in raw:
                append(Token(raw.lower(), True, False, match.start()))
            else:
                parts = ["".join(one) for one in _PART.findall(raw)]
                append(Token(".".join(parts).lower(), True, raw[0] in '"`[' or len(parts) > 1, match.start()))
        elif kind in ("text", "tag"):
            append(Token("''", False, False, match.start()))
        else:
            append(Token(match[0], False, False, match.start()))
    return out
