"""Cuts a script into SQL statements, as the clients that run migrations do, without understanding them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

MAX_STATEMENTS = 20_000


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Attributes:
        text: without comments, which are blanks; what templates fill in stands there as a name or as nothing.
        line: in the script.
    """

    text: str
    line: int


def statements(sql: str, dialect: str, line: int = 1, *, blocks: bool = True) -> Iterator[Statement]:
    """The statements of a script, up to `MAX_STATEMENTS`.

    Args:
        sql: the script; semicolons, `DELIMITER` and, for `tsql`, `GO` and the start of a line end statements.
        dialect: as sqlglot names it; decides which quotes and comments there are.
        line: the number of its first line.
        blocks: whether what stands between BEGIN and END stays together.
    """
    text = _PLACEHOLDER.sub(_name, _without_data(sql))
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    text, mask = _blanked(text, dialect)
    count, counted = line, 0
    for start, end in islice(_spans(mask, dialect, blocks), MAX_STATEMENTS):
        statement = text[start:end].lstrip()
        begin = end - len(statement)
        count += text.count("\n", counted, begin)
        counted = begin
        yield Statement(statement.rstrip(), count)


_PLACEHOLDER = re.compile(
    r"(?<!\$)\$\{[^{}\n]{1,200}\}|\{\{[^{}\n]{1,200}\}\}|<%=[^\n]{1,200}?%>|\{%[^\n]{0,200}?%\}|<%[^\n]{0,200}?%>"
)
_COPY = re.compile(r"^[ \t]*copy\b[^;]{0,500}?\bfrom\s{1,9}stdin\b[^;]{0,200};", re.IGNORECASE | re.MULTILINE)
_COPIED = re.compile(r"^\\\.[ \t\r]*$|\Z", re.MULTILINE)


def _name(match: re.Match[str]) -> str:
    """What a template fills in: part of a name where it touches one, otherwise a name of its own, or nothing."""
    if match[0].startswith(("{%", "<%")) and not match[0].startswith("<%="):
        return " " * len(match[0])
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    name = re.sub(r"\W", "_", match[0])
    if re.match(r"\w", before) or re.match(r"\w", after):
        return name
    return name.strip("_").rjust(len(name))


def _without_data(sql: str) -> str:
    """The script without the rows that follow a `COPY … FROM stdin`."""
    if "stdin" not in sql.lower():
        return sql
    pieces, position = [], 0
    while match := _COPY.search(sql, position):
        end = _COPIED.search(sql, match.end())
        pieces += [sql[position : match.end()], _blanks(sql[match.end() : end.end() if end else None])]
        position = end.end() if end else len(sql)
    return "".join((*pieces, sql[position:]))


def _blanks(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


_STRING = r"'[^']*+(?:''[^']*+)*+(?:'|\Z)"
_ESCAPED = r"'(?:[^'\\]|\\.|'')*+(?:'|\\?\Z)"
_QUOTED = r'"[^"]*+(?:""[^"]*+)*+(?:"|\Z)|`[^`]*+(?:`|\Z)'
_COMMENT = r"--[^\n]*|/\*"
_DOLLAR = r"(?<![\w$])(\$(?:[A-Za-z_]\w*)?\$).*?(?:\1|\Z)"
_LEXERS = {
    "mysql": re.compile(rf"{_ESCAPED}|{_QUOTED}|{_COMMENT}|#[^\n]*", re.DOTALL),
    "tsql": re.compile(rf"{_STRING}|{_QUOTED}|\[[^\]\n]*\]|{_COMMENT}", re.DOTALL),
    "": re.compile(rf"(?<![\w$])[eE]{_ESCAPED}|{_STRING}|{_QUOTED}|{_COMMENT}|{_DOLLAR}", re.DOTALL),
}
_COMMENT_ENDS = re.compile(r"/\*|\*/")


def _blanked(sql: str, dialect: str) -> tuple[str, str]:
    """The script without comments, and the same without what stands in quotes; both as long as it was."""
    lexer = _LEXERS.get(dialect, _LEXERS[""])
    text, mask = list[str](), list[str]()
    position = 0
    while match := lexer.search(sql, position):
        code = sql[position : match.start()]
        text.append(code)
        mask.append(code)
        end = match.end()
        if match[0].startswith("/*"):
            end = _comment_end(sql, match.start(), dialect == "postgres")
            blank = _executed(sql[match.start() : end])
        elif match[0].startswith(("--", "#")):
            blank = _blanks(match[0])
        else:
            text.append(match[0])
            mask.append(_blanks(match[0]).replace(" ", "_"))
            position = end
            continue
        text.append(blank)
        mask.append(blank)
        position = end
    text.append(sql[position:])
    mask.append(sql[position:])
    return "".join(text), "".join(mask)


def _comment_end(sql: str, start: int, nested: bool) -> int:
    """Where a comment ends."""
    if not nested:
        end = sql.find("*/", start + 2)
        return len(sql) if end < 0 else end + 2
    depth, position = 1, start + 2
    while depth and (match := _COMMENT_ENDS.search(sql, position)):
        depth += 1 if match[0] == "/*" else -1
        position = match.end()
    return len(sql) if depth else position


_EXECUTED = re.compile(r"/\*M?!\d*(.*)\*/", re.DOTALL)


def _executed(comment: str) -> str:
    """Blanks for a comment; MySQL runs what stands in some."""
    match = _EXECUTED.fullmatch(comment)
    if match is None:
        return _blanks(comment)
    return " " * match.start(1) + match[1] + "  "


_MARK = (
    r"^[ \t]*delimiter[ \t]+(?P<delimiter>\S+)[^\n]*|^[ \t]*\\(?P<meta>\w+)[^\n]*"
    r"|\b(?P<word>begin|case|end)\b(?:\s+(?P<after>\w+))?"
)
_TSQL = (
    r"|^[ \t]*go[ \t]*\d*[ \t\r]*(?P<go>$)"
    r"|^(?P<verb>)[ \t]*(?=(?:create|exec|execute|truncate|insert|print|declare|if"
    r"|(?:alter|drop)\s+(?:table|view|procedure|function|schema|type|sequence)|delete\s+from)\b|drop\s+index\b[^\n]*\bon\b)"
)
_BODY = re.compile(
    r"\s*(?:create\s+(?:or\s+(?:replace|alter)\s+)?(?:definer\s*=\s*\S+\s+)?(?:temp\w*\s+|constraint\s+|aggregate\s+)?"
    r"(?:trigger|procedure|function|event|package)|alter\s+(?:procedure|function|trigger|event)"
    r"|if|while|begin(?!\s*(?:;|\Z|tran|work|isolation|read|not|deferrable|deferred|immediate|exclusive|concurrent)))\b",
    re.IGNORECASE,
)
# Alone in its batch, whatever stands in it.
_BATCH = re.compile(
    r"\s*(?:create|alter)\s+(?:or\s+alter\s+)?(?:trigger|procedure|proc|function|view)\b", re.IGNORECASE
)
_CLOSES = frozenset({"if", "loop", "while", "repeat", "for"})
# What these meta commands of psql bring in is not in the script.
_BRINGS = frozenset({"i", "ir", "include", "include_relative", "copy", "gexec"})


def _spans(mask: str, dialect: str, blocks: bool) -> Iterator[tuple[int, int]]:
    """Where statements stand."""
    start, position, depth, delimiter = 0, 0, 0, ";"
    pattern = _marks(delimiter, dialect)
    while match := pattern.search(mask, position):
        position = max(match.end(), position + 1)
        if match["word"]:
            depth = _depth(match, depth, mask, start) if blocks else 0
            # The word after it may be one of these as well; that of `END CASE` opens nothing.
            if match["after"] and match[0][:3].lower() + match["after"].lower() != "endcase":
                position = match.start("after")
            continue
        ends, begins = match["end"] == ";", dialect == "tsql" and match["verb"] is not None
        if (ends or begins) and (depth or (dialect == "tsql" and _BATCH.match(mask, start))):
            continue
        if mask[start : match.start()].strip():
            yield start, match.start()
        if match["meta"] in _BRINGS:
            yield match.span()
        start, depth = match.start() if begins else match.end(), 0
        if match["delimiter"]:
            delimiter = match["delimiter"]
            pattern = _marks(delimiter, dialect)
    if mask[start:].strip():
        yield start, len(mask)


def _depth(match: re.Match[str], depth: int, mask: str, start: int) -> int:
    """How many blocks of a body are open after one of the words that open and close them."""
    if match["word"].lower() == "end":
        return depth if (match["after"] or "").lower() in _CLOSES else max(0, depth - 1)
    return depth + 1 if depth or _BODY.match(mask, start, match.end() + 20) else 0


def _marks(delimiter: str, dialect: str) -> re.Pattern[str]:
    extra = _TSQL if dialect == "tsql" else ""
    return re.compile(f"(?P<end>{re.escape(delimiter)})|{_MARK}{extra}", re.IGNORECASE | re.MULTILINE)
