"""Conditions and columns of history tables, evaluated here: none of their text becomes part of a query."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|(\d+)|\"([^\"]+)\"|`([^`]+)`|([A-Za-z_]\w*)|(\|\||<>|!=|[=(),]))")
_KEYWORDS = frozenset({"and", "or", "not", "is", "null", "in", "true", "false"})

Token = tuple[str, str]
"""Kind (`text`, `number`, `name`, `word` for a keyword, `sign`) and text."""


class ConditionError(ValueError):
    """A condition is of a form that is not understood."""


def columns(expression: str) -> list[str]:
    """The columns an expression or condition names, each once."""
    return list(dict.fromkeys(text for kind, text in _tokens(expression) if kind == "name"))


def joined(expression: str, row: Mapping[str, Any]) -> str:
    """The text of `app || '.' || name`, of a row by column in lower case.

    Raises:
        ConditionError: if it is anything else than columns and texts.
    """
    tokens = list(_tokens(expression))
    if len(tokens) % 2 == 0 or any(token != ("sign", "||") for token in tokens[1::2]):
        raise ConditionError(expression)
    if any(kind not in ("name", "text") for kind, _ in tokens[::2]):
        raise ConditionError(expression)
    return "".join(as_text(_of(row, text)) if kind == "name" else text for kind, text in tokens[::2])


def holds(condition: str, row: Mapping[str, Any]) -> bool:
    """Whether a condition holds for a row by column in lower case; SQL's `AND OR NOT IS NULL = <> IN`, nothing else.

    Raises:
        ConditionError: if it is of another form.
    """
    reader = _Reader(list(_tokens(condition)), row)
    result = reader.either()
    if reader.tokens:
        raise ConditionError(condition)
    return result


def _of(row: Mapping[str, Any], column: str) -> Any:
    if column.lower() not in row:
        raise ConditionError(f"there is no column {column}")
    return row[column.lower()]


def as_text(value: Any) -> str:
    """A value as histories are compared: whole numbers and bits without their type."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes):
        # A bit, or a binary id.
        return str(int.from_bytes(value, "big")) if len(value) == 1 else value.decode("utf-8", "replace")
    return str(value)


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ConditionError(text)
        position = match.end()
        literal, number, quoted, ticked, word, sign = match.groups()
        if literal is not None:
            yield "text", literal.replace("''", "'")
        elif number is not None:
            yield "number", number
        elif word is not None and word.lower() in _KEYWORDS:
            yield "word", word.lower()
        elif sign is not None:
            yield "sign", sign
        else:
            yield "name", quoted or ticked or word or ""


class _Reader:
    """Reads a condition from left to right."""

    def __init__(self, tokens: list[Token], row: Mapping[str, Any]) -> None:
        self.tokens, self.row = tokens, row

    def either(self) -> bool:
        result = self.both()
        while self.take(("word", "or")):
            result = self.both() or result
        return result

    def both(self) -> bool:
        result = self.one()
        while self.take(("word", "and")):
            result = self.one() and result
        return result

    def one(self) -> bool:
        if self.take(("word", "not")):
            return not self.one()
        if self.take(("sign", "(")):
            result = self.either()
            self.expect(("sign", ")"))
            return result
        value = _of(self.row, self.next("name"))
        if self.take(("word", "is")):
            negated = self.take(("word", "not"))
            self.expect(("word", "null"))
            return (value is not None) if negated else value is None
        if self.take(("sign", "=")):
            return self.equals(value)
        if self.take(("sign", "<>")) or self.take(("sign", "!=")):
            return not self.equals(value) and value is not None
        if self.take(("word", "in")):
            self.expect(("sign", "("))
            found = self.equals(value)
            while self.take(("sign", ",")):
                found = self.equals(value) or found
            self.expect(("sign", ")"))
            return found
        return as_text(value).lower() in ("1", "true", "t")

    def equals(self, value: Any) -> bool:
        kind, text = self.tokens.pop(0) if self.tokens else ("", "")
        if kind == "word" and text in ("true", "false"):
            text = str(int(text == "true"))
        elif kind not in ("text", "number"):
            raise ConditionError(text)
        return value is not None and as_text(value) == text

    def take(self, token: Token) -> bool:
        if self.tokens[:1] == [token]:
            del self.tokens[0]
            return True
        return False

    def expect(self, token: Token) -> None:
        if not self.take(token):
            raise ConditionError(token[1])

    def next(self, kind: str) -> str:
        if not self.tokens or self.tokens[0][0] != kind:
            raise ConditionError(kind)
        return self.tokens.pop(0)[1]
