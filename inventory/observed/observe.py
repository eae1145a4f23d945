"""What an agent's command did outside of git, by the catalogue."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..model import Confidence, Evidence, Item, Step
from . import template
from .catalogue import Catalogue, catalogue
from .entry import Entry, Tool
from .lines import TEXT, stdin_of
from .pattern import FED, REST, Words, matched, told_apart
from .prefix import Program, programs_of
from .request import matched as requested
from .request import request_of
from .secrets import line, runnable, safe, shown, stand_in
from .statements import CLIENTS, Statement, statements_of

# Programs whose first word is one of its own.
_SUBPROGRAMS = {
    ("docker", "compose"): "docker-compose",
    ("podman", "compose"): "docker-compose",
    ("heroku", "pg:psql"): "psql",
}
_FAILED = "It ended with exit code {code}: it may have done part of what it does. Look first."
_FAILED_LINE = "Its line ended with exit code {code}: this may have been done, in part, or not at all. Look first."
_SEVERAL = re.compile(r"[;&|\n]")
_VARIABLE = re.compile(r"\$[\w{(]|`")


def observed(
    argv: Sequence[str], *, action: str, at: str, command: str, exit_code: int | None, hide: Callable[[str], str]
) -> list[Item]:
    """The items of one command that was run; none for one that is not known to change anything outside.

    Args:
        argv: as `split` gives it.
        action: the id of the agent's action.
        at: when, RFC 3339.
        command: the whole line it stood in; none of it is shown but this command, as what stands beside it may be a
            secret that is piped in.
        exit_code: of that line; None if it is not known.
        hide: what is shown in place of a value that may be a secret.
    """
    words, how, fed = stdin_of(argv)
    known = catalogue()
    run = Run(
        action=action, at=at, exit_code=exit_code, hide=hide, alone=not _SEVERAL.search(command), how=how, fed=fed
    )
    for program in programs_of(words, known.npm):
        if found := list(_items(known, _named(program), run)):
            return found
    return []


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is known about the action that a command was part of.

    Attributes:
        action: its id.
        at: when.
        exit_code: of the whole line.
        hide: hides values.
        alone: whether the command is the whole line.
        how: how it was fed.
        fed: with what.
    """

    action: str
    at: str
    exit_code: int | None
    hide: Callable[[str], str]
    alone: bool
    how: str
    fed: str

    @property
    def confidence(self) -> Confidence:
        """How sure it is that the command did what it says."""
        if self.exit_code is None:
            return "medium"
        return "low" if self.exit_code else "high"

    def cautions(self, cautions: Sequence[str]) -> list[str]:
        """Cautions of an item, and that its command may have failed."""
        found = [one for one in cautions if one]
        if not self.exit_code:
            return found
        return [(_FAILED if self.alone else _FAILED_LINE).format(code=self.exit_code), *found]


def _named(program: Program) -> Program:
    name = _SUBPROGRAMS.get((program.name, "".join(program.words[:1])))
    if name is None:
        return program
    return replace(program, name=name, words=program.words[1:], spelled=[*program.spelled, program.words[0]])


def _items(known: Catalogue, program: Program, run: Run) -> Iterator[Item]:
    if program.name in CLIENTS:
        for statement in statements_of(program, run.how, run.fed):
            yield _of_statement(statement, program, run)
        return
    request = request_of(program.name, program.words)
    if request is not None:
        if request.reads:
            return
        for entry in known.requests:
            if entry.request and (captures := requested(entry.request, request)) is not None:
                yield _item(entry, program, program.name, captures, (), run)
                return
    tool = known.by_program.get(program.name)
    if tool is not None:
        yield from _of_tool(known, tool, program, run)


def _of_tool(known: Catalogue, tool: Tool, program: Program, run: Run) -> Iterator[Item]:
    words = [*program.words, *(program.assignments if tool.assignments else ())]
    parsed: dict[frozenset[str], Words] = {}
    for entry in known.of_tool(tool.name):
        assert entry.pattern is not None
        values = frozenset({*tool.values, *entry.pattern.values})
        if values not in parsed:
            apart = told_apart(words, values, valued=tool.valued)
            fed = [(FED, run.fed)] if run.how == TEXT else []
            parsed[values] = Words(apart.operands, [*apart.options, *fed])
        if parsed[values].is_dry:
            continue
        found = matched(entry.pattern, parsed[values], fold=tool.fold)
        if found:
            hidden = entry.pattern.secrets
            secrets = [text for row in found for name, text in row.items() if _is_hidden(name, hidden) and text]
            for row in found:
                yield _item(entry, program, tool.name, row, secrets, run)
            return


def _is_hidden(name: str, hidden: set[str]) -> bool:
    return name in hidden or (name.startswith(REST) and REST in hidden)


def _item(
    entry: Entry, program: Program, tool: str, captures: Mapping[str, str], secrets: Sequence[str], run: Run
) -> Item:
    """An entry's item for what was captured."""
    hide = run.hide
    hidden = entry.pattern.secrets if entry.pattern else set()
    value = next((text for name, text in captures.items() if _is_hidden(name, hidden) and text), "")
    # A dash stands for what the command is fed.
    given = {name: text for name, text in captures.items() if not _is_hidden(name, hidden) and text != "-"}
    kept = {name: safe(text, hide) for name, text in given.items()}
    started = _Started(tool, program, [*secrets], captures, hide)

    def words(text: str) -> str:
        return template.filled(text, kept) or ""

    def command(text: str) -> str:
        quoted = {
            name: template.quoted(text) if kept[name] == text else stand_in(text) for name, text in given.items()
        }
        filled = template.filled(text, quoted) if text else None
        return "" if filled is None else started.command(filled)

    name = next((filled for one in entry.names if (filled := template.filled(one, kept))), entry.kind)
    return Item(
        domain=entry.domain,
        kind=entry.kind,
        name=name,
        scope=" ".join([tool, *words(entry.scope).split()]),
        change="observed",
        evidence=[Evidence(observed=started.shown, action=run.action, at=run.at)],
        after=hide(value) if value and not _VARIABLE.match(value) else value,
        reversible=entry.reversible,
        destructive=entry.destructive,
        action=Step(text=words(entry.action.text), command=command(entry.action.command)),
        inverse=Step(
            text=words(entry.inverse.text) or "Run the command again.",
            command=command(entry.inverse.command) or started.again,
        ),
        verify=command(entry.verify),
        cautions=run.cautions([words(one) for one in entry.cautions]),
        confidence="medium" if run.confidence == "high" and _VARIABLE.search(name) else run.confidence,
        when=entry.when,
        details={"tool": tool, "effect": entry.effect, **kept},
    )


@dataclass(frozen=True)
class _Started:
    """How a program was started, for showing it and for commands of the same tool."""

    tool: str
    program: Program
    secrets: Sequence[str]
    captures: Mapping[str, str]
    hide: Callable[[str], str]

    @property
    def shown(self) -> str:
        """The command as it was, without its secrets."""
        given = _all(self.program)
        return line(shown(given, self.program.name, self.secrets, self.hide), given)

    @property
    def again(self) -> str:
        """The command, to be run again; empty if it held a secret."""
        given = _all(self.program)
        if shown(given, self.program.name, self.secrets, self.hide) != given:
            return ""
        return line(given, given)

    def command(self, command: str) -> str:
        """A command of the tool as it was started here: `npx prisma …` for `prisma …`."""
        first, _, rest = command.partition(" ")
        if first != self.tool:
            return command
        said = self.captures.values()
        before = [one for one in self.program.before if one.partition("=")[2] not in said]
        words = [*before, *self.program.spelled]
        start = runnable(words, self.program.name, self.secrets, self.hide)
        if self.program.joined:
            at = self.program.joined + len(before)
            return " ".join([*start[:at], template.quoted(" ".join([*start[at:], rest]).strip())])
        return " ".join([*start, rest]).strip()


def _of_statement(statement: Statement, program: Program, run: Run) -> Item:
    """The item of a statement that a client ran."""
    given = _all(program)
    connection = [*program.before, *program.spelled, *statement.connection]
    undo = [*runnable(connection, program.name, (), run.hide), *map(template.quoted, statement.undo)]
    return Item(
        domain="database",
        kind=statement.kind,
        name=safe(statement.name, run.hide),
        scope=" ".join(one for one in (program.name, safe(statement.database, run.hide)) if one),
        change="observed",
        evidence=[
            Evidence(observed=line(shown(given, program.name, (), run.hide), given), action=run.action, at=run.at)
        ],
        reversible=statement.reversible,
        destructive=bool(statement.undo),
        action=Step(text=statement.advice, command=" ".join(undo) if statement.undo else ""),
        inverse=Step(text="Run the statement again."),
        cautions=run.cautions(statement.cautions),
        confidence=run.confidence if statement.sure or run.confidence == "low" else "medium",
        when="before code",
        details={"tool": program.name, "effect": statement.effect, "objects": list(statement.objects)},
    )


def _all(program: Program) -> list[str]:
    """All words of a command, assignments first."""
    return [*program.before, *program.spelled, *program.words]
