"""awk: what its program runs and writes."""

from collections.abc import Sequence

from ...core.late import late
from ...core.records import replace
from ..effects import Effect
from . import places
from .command import Command
from .nodes import is_computed_name
from .options import Takes
from .outcome import arguments, operands, outcome, reads, unfollowed, with_variables
from .scanner import Syntax, Token, arguments_of, literal, tokens

_SYNTAX = Syntax(
    comments=r"#[^\n]*", quotes='"', computes="", interpolation=r"(?!)", name=r"[A-Za-z_]\w*", slashes=False
)
# A regular expression where an operand is expected; what it holds is no program.
_REGEX = late(r"(^|[\s(,!~{;&|])/(?:\\.|\[[^\]]*\]|[^/\\\n])+/")


def awk(command: Command) -> list[Effect]:
    """What an awk command does."""
    takes = Takes(short="fFveio", long=("file", "field-separator", "assign", "source", "include", "load"))
    parsed = arguments(command, takes)
    programs = parsed.all_values("-e", "--source")
    words = operands(parsed)
    if parsed.all_values("-f", "--file"):
        computed = any(map(is_computed_name, parsed.all_values("-f", "--file")))
        return unfollowed(command, "what the script does is not followed", computed=computed)
    if any("\0" in option for option in parsed.options):
        return unfollowed(command, "its options are computed", computed=True)
    if not programs:
        programs, words = words[:1], words[1:]
    found: list[Effect] = []
    if parsed.value("-i", "--include") == "inplace":
        found += places.written(words, command.context, span=command.span, why="it edits in place")
    for program in programs:
        found += _program(command, program)
    return found or reads(command)


def _program(command: Command, program: str) -> list[Effect]:
    if not program.strip("\0 "):
        return unfollowed(command, "its program is computed", computed="\0" in program)
    found = outcome(command, "unknown", "part of the program is computed") if "\0" in program else []
    try:
        pieces = tokens(_REGEX.sub(r"\1 ", program), _SYNTAX)
    except ValueError:
        return outcome(command, "unknown", "its program does not parse")
    depth = 0
    for position, token in enumerate(pieces):
        depth += (token.kind == "mark") * ((token.text in "([") - (token.text in ")]"))
        if token.kind == "name" and token.text == "system":
            parts, _ = arguments_of(pieces, position + 1)
            field = bool(parts) and "".join(one.text for one in parts[0]).startswith("$")
            found += _run(command, literal(parts[0]) if parts else "\0", field=field)
        elif token.kind == "mark" and token.text == "|":
            found += _piped(command, pieces, position)
        elif token.kind == "mark" and token.text == ">" and not depth:
            found += _written(command, pieces, position)
    return found


def _piped(command: Command, pieces: Sequence[Token], position: int) -> list[Effect]:
    if "|" in (pieces[position - 1].text, *(one.text for one in pieces[position + 1 : position + 2])):
        return []
    following = pieces[position + 1 : position + 2]
    if following and following[0].text == "getline" and following[0].kind == "name":
        return _run(command, literal(pieces[position - 1 : position]))
    return _run(command, literal(following))


def _run(command: Command, line: str, *, field: bool = False) -> list[Effect]:
    """What it gives to a shell; a `field` of what it reads is a command that a stream supplies."""
    if line.startswith("\0") and (field or command.context.fed):
        return [Effect(effect="unknown", span=command.span, why="it runs what it reads", computed=True)]
    if "\0" in line:
        # What it reads are words of the line, as `xargs` gives them.
        found = outcome(command, "unknown", "it runs a command that is computed")
        there = replace(command.context, fed=True)
        return found + ([] if line.startswith("\0") else command.line(with_variables(line), there))
    return command.line(line, command.context)


def _written(command: Command, pieces: Sequence[Token], position: int) -> list[Effect]:
    following = pieces[position + 1 : position + 2]
    if following and following[0].kind == "mark":
        following = pieces[position + 2 : position + 3]
    # `$1 > 5` compares; only `print … >` writes.
    for token in reversed(pieces[:position]):
        if token.text in ("print", "printf") and token.kind == "name":
            return places.written([literal(following)], command.context, span=command.span, why="it prints to it")
        if token.kind == "mark" and token.text in ";{}":
            break
    return []
