"""Lifts here-documents out of a shell text: the grammar stumbles over what stands behind their names."""

import re
from typing import NamedTuple

from ...core.late import late

MARK = "\ue001"
"""Stands on both sides of a document's number, where the text had `<<name`."""
_TOKEN = late(r"""\\.|\$'(?:[^'\\]|\\.)*'|\$\(\(|\$\(|\$\{|\(\(|<<<|<<-?|<>|[()'"`}#\n]""", re.DOTALL)
_QUOTED = late(r"\\.|\$\(\(|\$\(|\$\{|[\"`]", re.DOTALL)
_DELIMITER = late(r"""[ \t]*((?:[^\s'"\\;&|<>()`]|'[^']*'|"[^"]*"|\\.)+)""")
_CLOSES = {"$(": ")", "(": ")", "$((": "))", "((": "))", "${": "}", '"': '"', "`": "`"}


class Document(NamedTuple):
    """A here-document; `quoted` if nothing in it is expanded."""

    text: str
    quoted: bool
    ended: bool


class _Waiting(NamedTuple):
    delimiter: str
    tabs: bool
    quoted: bool


class _Lifter:
    def __init__(self, text: str, documents: list[Document]) -> None:
        self._text = text
        self._documents = documents
        self._pieces: list[str] = []
        self._kept = 0
        self._waiting: list[_Waiting] = []
        self._open: list[str] = []

    def run(self) -> str:
        at = 0
        while match := (_QUOTED if self._open[-1:] == ['"'] else _TOKEN).search(self._text, at):
            at = self._token(match[0], match.start(), match.end())
        self._bodies(len(self._text))
        self._pieces.append(self._text[self._kept :])
        return "".join(self._pieces)

    def _token(self, mark: str, start: int, end: int) -> int:
        inside = self._open[-1] if self._open else ""
        if inside == mark or (inside == "))" and mark == ")" and self._text.startswith("))", start)):
            self._open.pop()
            return start + len(inside)
        if mark == "'":
            closing = self._text.find("'", end)
            return len(self._text) if closing < 0 else closing + 1
        if mark == "#" and inside != "}" and (start == 0 or self._text[start - 1] in " \t\n;&|()"):
            newline = self._text.find("\n", end)
            return len(self._text) if newline < 0 else newline
        if mark == "\n":
            return self._bodies(end)
        if mark in ("<<", "<<-") and inside not in ("))", "}"):
            return self._redirection(start, end, tabs=mark == "<<-")
        if mark == "<>" and inside not in ("))", "}"):
            # The grammar does not know it; what it opens is written to and not emptied, as `>>` does.
            self._pieces += [self._text[self._kept : start], ">>"]
            self._kept = end
        if mark in _CLOSES:
            self._open.append(_CLOSES[mark])
        return end

    def _redirection(self, start: int, end: int, *, tabs: bool) -> int:
        word = _DELIMITER.match(self._text, end)
        if word is None:
            return end
        delimiter = re.sub(r"\\(.)", r"\1", re.sub(r"['\"]", "", word[1]))
        quoted = any(char in word[1] for char in "'\"\\")
        number = len(self._documents) + len(self._waiting)
        self._pieces += [self._text[self._kept : start], f"< {MARK}{number}{MARK} "]
        self._waiting.append(_Waiting(delimiter, tabs, quoted))
        self._kept = word.end()
        return word.end()

    def _bodies(self, at: int) -> int:
        """Takes the documents that begin on this line out."""
        if not self._waiting:
            return at
        self._pieces.append(self._text[self._kept : at])
        for one in self._waiting:
            rows: list[str] = []
            ended = False
            while at < len(self._text) and not ended:
                newline = self._text.find("\n", at)
                newline = len(self._text) if newline < 0 else newline
                row = self._text[at:newline]
                row = row.lstrip("\t") if one.tabs else row
                at = newline + 1
                ended = row == one.delimiter
                if not ended:
                    rows.append(row + "\n")
            self._documents.append(Document("".join(rows), one.quoted, ended))
        self._waiting = []
        self._kept = min(at, len(self._text))
        return self._kept


def lift(text: str, documents: list[Document]) -> str:
    """The text with a numbered input redirection for each here-document.

    Args:
        text: a shell text.
        documents: what was lifted before; those of this text are appended.
    """
    return _Lifter(text, documents).run() if "<<" in text or "<>" in text else text
