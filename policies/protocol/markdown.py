"""The lines of a Markdown text, with what stands in code blocks and comments told apart."""

from collections.abc import Iterator

from ...core.late import late
from ...core.records import dataclass

_FENCE = late(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\n]*)$")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced code block.

    Attributes:
        line: line of its opening fence, from 1.
        info: what stands behind the opening fence, words separated by one blank.
        body: its lines, joined by line ends.
        closed: whether it has a closing fence.
    """

    line: int
    info: str
    body: str
    closed: bool


def split_lines(text: str) -> list[str]:
    """The lines as an editor counts them: form feeds and Unicode separators end none."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def read_markdown(text: str) -> Iterator[tuple[int, str | Block]]:
    """Prose line by line, and fenced blocks whole; a block inside a block is part of that block.

    Comments (`<!-- … -->`) that begin a line are left out: what somebody commented out does not count.
    """
    lines = split_lines(text)
    position = 0
    while position < len(lines):
        line = lines[position]
        fence = _FENCE.match(line)
        if line.lstrip().startswith("<!--"):
            while position < len(lines) and "-->" not in lines[position]:
                position += 1
            position += 1
        elif fence is not None and not (fence[1][0] == "`" and "`" in fence[2]):
            end = _closing(lines, position + 1, fence[1])
            yield (
                position + 1,
                Block(
                    line=position + 1,
                    info=" ".join(fence[2].split()),
                    body="\n".join(lines[position + 1 : end]),
                    closed=end < len(lines),
                ),
            )
            position = end + 1
        else:
            yield position + 1, line
            position += 1


def _closing(lines: list[str], start: int, opening: str) -> int:
    """The line that closes a block: at least as many of the same characters and nothing else."""
    for position in range(start, len(lines)):
        word = lines[position].strip()
        if len(word) >= len(opening) and set(word) == {opening[0]}:
            return position
    return len(lines)
