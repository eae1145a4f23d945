"""The exact form: one fenced block with the info string `toml safe-rollback`."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ...core import globs
from ...core.errors import InvalidInputError
from ...core.inventory import InventorySettings
from ...core.late import late
from ...core.records import dataclass
from ...core.recovery import RecoverySettings
from ..effects import EFFECTS
from .markdown import Block, read_markdown
from .model import STRICTNESS, RuleSpec, check_template
from .recovering import TABLES as RECOVERY_TABLES
from .recovering import read_recovery
from .settings import read_settings
from .units import seconds, size

_INFO = "toml safe-rollback"
_KEY = late(r"""^\s*["']?([A-Za-z0-9_-]+)["']?\s*(?:=|\.)""")
_TABLE = late(r"""^\s*(\[\[?)\s*["']?([A-Za-z0-9_-]+)["']?\s*\]""")
_PLACE = late(r" ?\((?:at line (\d+), column (\d+)|at end of document)\)$")
_RULE, _INVENTORY = "rule", "inventory"
_RECOVERY_TABLE = late(rf"^\s*\[\[?\s*(?:{'|'.join(RECOVERY_TABLES)})\b")
_RULE_TABLE = late(r"^\s*\[\[\s*[\"']?rule[\"']?\s*\]")
_INVENTORY_TABLE = late(r"^\s*\[\[?\s*inventory\b")


class ProtocolError(InvalidInputError):
    """The block cannot be used; names the line."""


@dataclass(frozen=True, kw_only=True)
class Fence:
    """The block of a file.

    Attributes:
        line: line of its opening fence, from 1.
        body: the TOML.
    """

    line: int
    body: str


def find_fence(text: str) -> Fence | None:
    """The block in a Markdown text.

    Raises:
        ProtocolError: if there is more than one, or it is not closed.
    """
    found: Fence | None = None
    for number, part in read_markdown(text):
        if not isinstance(part, Block) or part.info != _INFO:
            continue
        if not part.closed:
            raise ProtocolError(f"Line {number}: the protocol block is not closed.", hint="Close it with ```.")
        if found is not None:
            raise ProtocolError(
                f"Line {number}: there is a second protocol block; the first is at line {found.line}.",
                hint="Keep one.",
            )
        found = Fence(line=number, body=part.body)
    return found


def unmarked_blocks(text: str) -> Iterator[tuple[int, str]]:
    """TOML blocks that look like a protocol and lack the word that makes them one: line and first table."""
    for number, part in read_markdown(text):
        if not isinstance(part, Block) or part.info == _INFO or part.info.split(" ")[0].lower() != "toml":
            continue
        first = next((line for line in part.body.split("\n") if line.lstrip().startswith("[")), "")
        table = _TABLE.match(first)
        if table is not None and table[2] in (*SCHEMA, "layers", _INVENTORY, *RECOVERY_TABLES, _RULE):
            yield number, first.strip()


Check = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("takes a text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("takes true or false")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("takes a whole number from 1")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError('takes a list of texts, such as ["a", "b"]')
    return tuple(value)


def _patterns(value: Any) -> tuple[str, ...]:
    found = _texts(value)
    globs.check(found)
    return found


def _template(value: Any) -> str:
    check_template(_text(value))
    return str(value)


def _duration(value: Any) -> int:
    return seconds(_text(value))


def _size(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else size(_text(value))


# table → key → (field of Protocol, check). `layers` and `rule` are of their own kind.
SCHEMA: Mapping[str, Mapping[str, tuple[str, Check]]] = {
    "session": {
        "branch": ("branch", _template),
        "require_branch": ("require_branch", _flag),
        "max_files": ("max_files", _count),
        "max_layers": ("max_layers", _count),
        "checkpoint_every": ("checkpoint_every", _duration),
    },
    "protect": {
        "branches": ("branches", _patterns),
        "paths": ("paths", _patterns),
        "sensitive": ("sensitive", _patterns),
    },
    "on_session_end": {"run": ("gates", _texts), "squash_into": ("squash_into", _texts)},
    "capture": {"ignored": ("ignored", _patterns), "max_file": ("max_file", _size)},
    "retention": {"keep": ("keep", _duration)},
}
_RULE_KEYS = ("id", "effect", "decision", "enforcement", "why", "instead", "refuses", "permits")


def parse_fence(fence: Fence) -> tuple[dict[str, Any], dict[str, int]]:
    """The fields a block sets, and the line of each.

    Raises:
        ProtocolError: for anything the schema does not know, with the line.
    """
    data = _load(fence)
    lines = _lines(fence)
    values: dict[str, Any] = {}
    places: dict[str, int] = {}
    for table, content in data.items():
        place = lines.get((table, None), lines.get(("", table), fence.line))
        if table == "layers":
            values["layers"], places["layers"] = _layers(content, place), place
        elif table == _INVENTORY:
            place = min(_rows(fence, _INVENTORY_TABLE), default=place)
            values["inventory"], places["inventory"] = _inventory(content, place), place
        elif table in RECOVERY_TABLES:
            if "recovery" not in values:
                place = min(_rows(fence, _RECOVERY_TABLE), default=place)
                values["recovery"], places["recovery"] = _recovery(data, place), place
        elif table == _RULE:
            values["rules"], places["rules"] = _rules(content, _rows(fence, _RULE_TABLE), place), place
        elif table in SCHEMA and isinstance(content, dict):
            for key, value in content.items():
                line = lines.get((table, key), place)
                field, parsed = _one(table, key, value, line)
                values[field], places[field] = parsed, line
        elif table in SCHEMA:
            raise ProtocolError(f"Line {place}: {table} is a table.", hint=f"Write [{table}] and its keys below.")
        else:
            known = ", ".join([*SCHEMA, "layers", _INVENTORY, *RECOVERY_TABLES, _RULE])
            raise ProtocolError(f"Line {place}: [{table}] is unknown.", hint=f"Known are {known}.")
    return values, places


def _load(fence: Fence) -> dict[str, Any]:
    try:
        fence.body.encode()
        return tomllib.loads(fence.body + "\n")
    except UnicodeEncodeError as error:
        line = fence.line + 1 + fence.body.count("\n", 0, error.start)
        raise ProtocolError(f"Line {line}: the block is not UTF-8.", hint="Save the file as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        # Numbers too long and arrays too deep are no TOMLDecodeError.
        place = _PLACE.search(str(error))
        last = fence.line + fence.body.count("\n") + 1
        line = fence.line if place is None else fence.line + int(place[1]) if place[1] else last
        column = f", column {place[2]}" if place and place[2] else ""
        text = _PLACE.sub("", str(error)).rstrip(".")
        raise ProtocolError(f"Line {line}{column}: {text}.", hint="The block is TOML.") from error


def _one(table: str, key: str, value: Any, line: int) -> tuple[str, Any]:
    if key not in SCHEMA[table]:
        raise ProtocolError(f"Line {line}: [{table}] has no key {key}.", hint=f"It has {', '.join(SCHEMA[table])}.")
    field, check = SCHEMA[table][key]
    try:
        return field, check(value)
    except (ValueError, InvalidInputError) as error:
        raise ProtocolError(f"Line {line}: {key} {error}.", hint="Correct the line.") from error


def _layers(content: Any, line: int) -> dict[str, tuple[str, ...]]:
    if not isinstance(content, dict):
        raise ProtocolError(f"Line {line}: [layers] is a table.", hint='For example bronze = ["bronze/**"].')
    try:
        return {name: _patterns(patterns) for name, patterns in content.items()}
    except (ValueError, InvalidInputError) as error:
        raise ProtocolError(f"Line {line}: a layer {error}.", hint="Correct the line.") from error


def _rules(content: Any, lines: Sequence[int], place: int) -> tuple[RuleSpec, ...]:
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        raise ProtocolError(f"Line {place}: rules are written [[rule]].", hint="Use two brackets.")
    rules: list[RuleSpec] = []
    for number, one in enumerate(content):
        line = lines[number] if number < len(lines) else place
        rule = _rule(one, line)
        if any(rule.id == other.id for other in rules):
            raise ProtocolError(f"Line {line}: there is a second rule {rule.id}.", hint="Give it an id of its own.")
        rules.append(rule)
    return tuple(rules)


def _rule(one: dict[str, Any], line: int) -> RuleSpec:
    unknown = sorted(set(one) - set(_RULE_KEYS))
    missing = sorted({"id", "effect", "decision", "why", "instead"} - set(one))
    if unknown or missing:
        what = f"has no key {unknown[0]}" if unknown else f"lacks {missing[0]}"
        raise ProtocolError(f"Line {line}: a [[rule]] {what}.", hint=f"It has {', '.join(_RULE_KEYS)}.")
    try:
        return RuleSpec(
            id=_text(one["id"]),
            effect=_choice(one["effect"], tuple(EFFECTS)),
            decision=_choice(one["decision"], STRICTNESS),  # type: ignore[arg-type]
            enforcement=_choice(one.get("enforcement", "active"), ("active", "evaluate")),  # type: ignore[arg-type]
            why=_text(one["why"]),
            instead=_text(one["instead"]),
            refuses=_texts(one.get("refuses", [])),
            permits=_texts(one.get("permits", [])),
        )
    except ValueError as error:
        name = one.get("id", "?")
        raise ProtocolError(f"Line {line}: rule {name}: {error}.", hint="Correct the line.") from error


def _choice(value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    return str(value)


def _lines(fence: Fence) -> dict[tuple[str, str | None], int]:
    """Where each table and key stands; the first of several."""
    places: dict[tuple[str, str | None], int] = {}
    table = ""
    for number, text in enumerate(fence.body.split("\n"), start=fence.line + 1):
        if match := _TABLE.match(text):
            table = match[2]
            places.setdefault((table, None), number)
        elif match := _KEY.match(text):
            places.setdefault((table, match[1]), number)
    return places


def _rows(fence: Fence, table: re.Pattern[str]) -> list[int]:
    """Where the headers of a table stand."""
    rows = enumerate(fence.body.split("\n"), start=fence.line + 1)
    return [number for number, text in rows if table.match(text)]


def _recovery(data: Mapping[str, Any], line: int) -> RecoverySettings:
    try:
        return read_recovery({name: data[name] for name in RECOVERY_TABLES if name in data})
    except (ValueError, InvalidInputError) as error:
        why = str(error).rstrip(".")
        raise ProtocolError(f"Line {line}: {why}.", hint="Correct the block.") from error


def _inventory(content: Any, line: int) -> InventorySettings:
    try:
        return read_settings(content)
    except (ValueError, InvalidInputError) as error:
        why = str(error).rstrip(".")
        raise ProtocolError(f"Line {line}: [inventory] {why}.", hint="Correct the block.") from error
