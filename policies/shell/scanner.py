"""A small tokenizer for languages with C-like or shell-like strings: enough to find calls and their literals."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ...core.late import late
from ...core.records import dataclass

_ESCAPE = late(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{1,3}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}


@dataclass(frozen=True, kw_only=True)
class Token:
    """A piece of source.

    Attributes:
        kind: `name`, `string`, `number` or `mark`.
        text: the name, mark, or the string's value; a NUL stands for what is computed in it.
        quote: how a string is quoted.
    """

    kind: str
    text: str
    quote: str = ""


@dataclass(frozen=True, kw_only=True)
class Syntax:
    """What a language's strings and comments look like.

    Attributes:
        comments: a pattern for comments.
        quotes: characters that quote strings.
        computes: quotes in which `interpolation` is replaced.
        interpolation: a pattern for computed parts of a string.
        name: a pattern for names, with the signs of variables.
        operators: words such as `qx`, `%w`, by pattern, that quote with a delimiter of their own.
        slashes: whether a slash where a value is expected opens a regular expression.
    """

    comments: str
    quotes: str
    computes: str
    interpolation: str
    name: str = r"[A-Za-z_$@][\w$]*"
    operators: str = ""
    slashes: bool = True


_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}


_TWO_PARTS = frozenset({"s", "tr", "y"})
_BEFORE_VALUE = frozenset(
    {"return", "if", "unless", "and", "or", "not", "split", "grep", "while", "when", "in", "print"}
)


def tokens(source: str, syntax: Syntax) -> list[Token]:
    """The tokens of a program, comments left out.

    Raises:
        ValueError: for a string that does not end.
    """
    found: list[Token] = []
    # It looks at what it has given so far: extending at once would hide that.
    for token in _tokens(source, syntax, found):
        found += [token]
    return found


def _tokens(source: str, syntax: Syntax, before: list[Token]) -> Iterator[Token]:
    skip = re.compile(rf"\s+|{syntax.comments}", re.DOTALL | re.MULTILINE)
    name, number = re.compile(syntax.name), re.compile(r"\d[\w.]*")
    operator = re.compile(rf"(?:{syntax.operators})\s*(?=[^\w\s,;=)])") if syntax.operators else None
    interpolation = re.compile(syntax.interpolation)
    position = 0
    while position < len(source):
        if found := skip.match(source, position):
            position = found.end()
        elif operator is not None and (found := operator.match(source, position)):
            text, end = _quoted(source, found.end(), _PAIRS.get(source[found.end()], source[found.end()]))
            kind = found[0].strip()
            if kind in _TWO_PARTS:
                paired = source[found.end()] in _PAIRS
                gap = re.compile(r"\s*").match(source, end).end() if paired else end - 1  # type: ignore[union-attr]
                _, end = _quoted(source, gap, _PAIRS.get(source[gap : gap + 1], source[gap : gap + 1]))
            raw = text if kind in ("q", "qw", "%w", "%q", "%i") else interpolation.sub("\0", text)
            yield Token(kind="string", text=_unescaped(raw), quote=kind)
            position = end
        elif source[position] == "/" and syntax.slashes and _expects_value(before):
            text, position = _quoted(source, position, "/")
            yield Token(kind="string", text=text, quote="/")
        elif source[position] in syntax.quotes:
            quote = source[position]
            text, end = _quoted(source, position, quote)
            text = interpolation.sub("\0", text) if quote in syntax.computes else text
            yield Token(kind="string", text=_unescaped(text), quote=quote)
            position = end
        elif found := number.match(source, position):
            yield Token(kind="number", text=found[0])
            position = found.end()
        elif found := name.match(source, position):
            yield Token(kind="name", text=found[0])
            position = found.end()
        else:
            yield Token(kind="mark", text=source[position])
            position += 1


def _expects_value(before: Sequence[Token]) -> bool:
    if not before:
        return True
    last = before[-1]
    return last.text in _BEFORE_VALUE if last.kind == "name" else last.kind == "mark" and last.text not in ")]}"


def _quoted(source: str, start: int, end: str) -> tuple[str, int]:
    """What stands in quotes that open at `start`, and the position behind them."""
    opening, depth, position = source[start], 1, start + 1
    while position < len(source):
        char = source[position]
        if char == "\\":
            position += 1
        elif char == end:
            depth -= 1
            if not depth:
                break
        elif char == opening:
            depth += 1
        position += 1
    else:
        raise ValueError("a string does not end")
    return source[start + 1 : position], position + 1


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_meaning, text) if "\\" in text else text


def _meaning(found: re.Match[str]) -> str:
    what = found[1]
    if what[0] in "xu" and len(what) > 1:
        return chr(int(what[1:], 16))
    if what.isdigit() and what.isascii():
        return chr(int(what, 8) & 0xFF) if re.fullmatch(r"[0-7]+", what) else what
    return _SIMPLE.get(what, what)


def arguments_of(found: Sequence[Token], start: int) -> tuple[list[list[Token]], int]:
    """The arguments of a call whose parenthesis stands at `start`, and the position behind it.

    Without a parenthesis there the arguments go on to the end of the statement.
    """
    open_mark = start < len(found) and found[start].kind == "mark" and found[start].text == "("
    depth, position = 1, start + 1 if open_mark else start
    parts: list[list[Token]] = [[]]
    while position < len(found):
        token = found[position]
        mark = token.text if token.kind == "mark" else ""
        if mark and mark in "([{":
            depth += 1
        elif mark and mark in ")]}":
            depth -= 1
            if not depth:
                break
        elif not open_mark and depth == 1 and (mark == ";" or token.text in ("if", "unless", "or", "and")):
            break
        if mark == "," and depth == 1:
            parts.append([])
        else:
            parts[-1].append(token)
        position += 1
    return [part for part in parts if part], position + 1


def literal(part: Sequence[Token], names: Mapping[str, str] | None = None) -> str:
    """The text an argument stands for, `glob("*")` for its pattern; NULs for what is computed.

    Args:
        part: its tokens.
        names: variables whose text is known.
    """
    text = ""
    for token in part:
        if token.kind == "string":
            text += token.text
        elif token.kind == "name" and names is not None and token.text in names:
            text += names[token.text]
        elif token.text != "glob" and not (token.kind == "mark" and token.text in "+.()"):
            text += "\0"
    return text


def literals(part: Sequence[Token], names: Mapping[str, str] | None = None) -> list[str] | None:
    """The words of a list such as `["rm", "-rf"]` or `%w[rm -rf]`; None if it is no list."""
    if len(part) == 1 and part[0].quote in ("qw", "%w"):
        return part[0].text.split()
    if not part or part[0].text != "[" or part[0].kind != "mark":
        return None
    inner, _ = arguments_of([Token(kind="mark", text="("), *part[1:-1], Token(kind="mark", text=")")], 0)
    return [literal(one, names) for one in inner]
