"""Shell lines in texts of languages that are not read: editors, debuggers, Lua, AppleScript and their kin."""

from collections.abc import Iterable, Iterator

from ...core.late import late
from ..effects import Effect
from .command import Command, Program
from .outcome import outcome

# No language has one of these names before an option or a path.
_SHELL_LINE = late(r"\s*(?:sudo\s+)?(?:rm|git|find|dd|shred|mkfs\S*|mv|chmod)\s+[-/~.\w]")
_STRINGS = late(r"\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'|`([^`]*)`")
# How they give the rest of a line to a shell: `:!…`, `\! …`, `.shell …`, `shell …`, `spawn …`.
_ESCAPES = late(r"(?:^|[\n;:|\s])(?:\\?!|\.(?:shell|system)\s|(?:shell|spawn|exec|system)\s)\s*([^\n]*)")


def is_shell_line(text: str) -> bool:
    """Whether a text is no code of any other language."""
    return _SHELL_LINE.match(text) is not None


def escaped_lines(texts: Iterable[str]) -> Iterator[str]:
    """What texts hand to a shell by one of the usual escapes."""
    for text in texts:
        yield from (one for one in _ESCAPES.findall(text) if is_shell_line(one))


def shell_lines(texts: Iterable[str]) -> Iterator[str]:
    """The same, and what stands there by itself or in quotes."""
    for text in texts:
        strings = ("".join(one) for one in _STRINGS.findall(text))
        yield from filter(is_shell_line, dict.fromkeys((text, *strings)))
        yield from escaped_lines([text])


def unread(why: str) -> Program:
    """A program whose code is not read: shell lines in its arguments and its input are."""

    def program(command: Command) -> list[Effect]:
        texts = [*command.words[1:], *filter(None, [command.stdin])]
        found = outcome(command, "unknown", why)
        return found + [one for line in shell_lines(texts) for one in command.line(line, command.context)]

    return program
