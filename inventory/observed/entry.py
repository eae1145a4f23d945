"""An entry of the catalogue, and how a file's data becomes one. The schema is closed: a misspelt key is an error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from ..model import DOMAIN_NAMES, Reversible, Step, When
from .pattern import Pattern, compiled
from .request import Endpoint, endpoint
from .template import captures_of

_KEYS = frozenset(
    {
        "argv", "request", "effect", "kind", "name", "scope", "action", "inverse", "verify", "reversible",
        "destructive", "cautions", "when", "examples", "counterexamples",
    }
)  # fmt: skip
_SHARED_KEYS = frozenset({"action", "inverse", "verify", "reversible", "destructive", "cautions", "when"})
_FILE_KEYS = frozenset({"domain", "effect", "command"})
_TOOL_KEYS = frozenset({"programs", "values", "npm", "fold", "valued", "assignments"})


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program of the catalogue.

    Attributes:
        name: what people call it.
        programs: the names it is started by.
        values: its options that take the next word.
        npm: whether it comes from npm, so that `yarn x` and `pnpm x` start it.
        fold: whether upper and lower case are the same to it.
        valued: whether every long option takes the next word.
        assignments: whether `name=value` in front of it is an argument, as `VERSION=` is to rails.
    """

    name: str
    programs: Sequence[str]
    values: Sequence[str] = ()
    npm: bool = False
    fold: bool = False
    valued: bool = False
    assignments: bool = False


@dataclass(frozen=True, kw_only=True)
class Example:
    """A command line, and what one of its items has to be."""

    run: str
    name: str
    action: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a command that fits a pattern does, and how it is taken back.

    Attributes:
        source: where in the catalogue it stands.
        domain: of its items.
        pattern: of the words; None if it is about a request.
        request: of an HTTP request; None if it is about words.
        effect: as the policies' vocabulary has it.
        kind: of its items.
        names: templates; the first whose captures are there is the item's name.
        scope: template, behind the tool's name.
        action: texts and command templates that take it back.
        inverse: those that do it again; without any, the command itself does.
        verify: template of a read-only command.
        reversible: whether the action brings back what was.
        destructive: whether the action deletes something.
        cautions: what to know before.
        when: seen from the revert of the code.
        examples: what it must say to command lines.
        counterexamples: command lines that it must say nothing to.
    """

    source: str
    domain: str
    pattern: Pattern | None
    request: Endpoint | None
    effect: str
    kind: str
    names: Sequence[str]
    scope: str
    action: Step
    inverse: Step
    verify: str
    reversible: Reversible
    destructive: bool
    cautions: Sequence[str]
    when: When
    examples: Sequence[Example]
    counterexamples: Sequence[str]

    @property
    def templates(self) -> Sequence[str]:
        """All that captures are filled into."""
        steps = (self.action.text, self.action.command, self.inverse.text, self.inverse.command)
        return (*self.names, self.scope, *steps, self.verify, *self.cautions)


def tools_of(data: Mapping[str, Any]) -> list[Tool]:
    """The tools of a file.

    Raises:
        ValueError: a key that there is not.
    """
    found = []
    for name, row in data.items():
        _known(f"tool {name}", row, _TOOL_KEYS)
        found.append(Tool(name=name, **{"programs": [name], **row}))
    return found


@dataclass(frozen=True, kw_only=True)
class Row:
    """An entry as its file has it; most are never asked for.

    Attributes:
        source: where it stands.
        domain: of the file.
        data: its keys.
        common: what the file says for all of its effect.
    """

    source: str
    domain: str
    data: Mapping[str, Any]
    common: Mapping[str, Any]

    @property
    def tool(self) -> str:
        """The tool it is about; empty for requests."""
        argv = self.data.get("argv")
        return str(argv[0]) if argv else ""


def rows_of(source: str, data: Mapping[str, Any]) -> list[Row]:
    """The rows of a file.

    Args:
        source: the file's name.
        data: its content.

    Raises:
        ValueError: the file does not follow the schema.
    """
    _known(source, data, _FILE_KEYS)
    domain = _text(source, data, "domain")
    if domain not in DOMAIN_NAMES:
        raise ValueError(f"{source}: {domain} is no domain.")
    shared = data.get("effect", {})
    for effect, row in shared.items():
        _known(f"{source}: effect {effect}", row, _SHARED_KEYS)
    return [
        Row(
            source=f"{source}: {row.get('argv') or row.get('request')}",
            domain=domain,
            data=row,
            common=shared.get(row.get("effect"), {}),
        )
        for row in data.get("command", [])
    ]


def entry_of(of: Row) -> Entry:
    """The entry of a row.

    Raises:
        ValueError: it does not follow the schema, or a template needs what nothing captures.
    """
    source, row, common = of.source, of.data, of.common
    _known(source, row, _KEYS)
    both = {**common, **row}
    if ("argv" in row) == ("request" in row):
        raise ValueError(f"{source}: it needs one of argv and request.")
    try:
        pattern = compiled(row["argv"]) if "argv" in row else None
        request = endpoint(row["request"]) if "request" in row else None
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error
    names = row.get("name", "")
    entry = Entry(
        source=source,
        domain=of.domain,
        pattern=pattern,
        request=request,
        effect=_text(source, row, "effect"),
        kind=_text(source, row, "kind"),
        names=[names] if isinstance(names, str) else list(names),
        scope=row.get("scope", ""),
        action=_step(source, {**common.get("action", {}), **row.get("action", {})}),
        inverse=_step(source, {**common.get("inverse", {}), **row.get("inverse", {})}),
        verify=both.get("verify", ""),
        reversible=_one_of(source, both.get("reversible", "unknown"), Reversible),
        destructive=both.get("destructive", False),
        cautions=[*common.get("cautions", []), *row.get("cautions", [])],
        when=_one_of(source, both.get("when", "after code"), When),
        examples=[Example(run=run, name=name, action=action) for run, name, action in row.get("examples", [])],
        counterexamples=row.get("counterexamples", []),
    )
    _check(entry)
    return entry


def _check(entry: Entry) -> None:
    """Say what an entry lacks."""
    captures = (entry.pattern.captures if entry.pattern else set()) | (
        entry.request.captures if entry.request else set()
    )
    secrets = entry.pattern.secrets if entry.pattern else set()
    used = {name for template in entry.templates for name in captures_of(template)}
    if missing := used - captures:
        raise ValueError(f"{entry.source}: nothing captures {sorted(missing)}.")
    if shown := used & secrets:
        raise ValueError(f"{entry.source}: {sorted(shown)} would be shown.")
    if not entry.names[-1]:
        raise ValueError(f"{entry.source}: it has no name.")
    if not entry.action.text:
        raise ValueError(f"{entry.source}: it does not say how it is taken back.")


def _step(source: str, row: Mapping[str, Any]) -> Step:
    _known(source, row, frozenset({"text", "command"}))
    return Step(text=row.get("text", ""), command=row.get("command", ""))


def _known(source: str, row: Mapping[str, Any], keys: frozenset[str]) -> None:
    if unknown := row.keys() - keys:
        raise ValueError(f"{source}: {sorted(unknown)} mean nothing.")


def _text(source: str, row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{source}: {key} is missing.")
    return value


def _one_of(source: str, value: str, kind: Any) -> Any:
    if value not in get_args(kind):
        raise ValueError(f"{source}: {value!r} is none of {get_args(kind)}.")
    return value
