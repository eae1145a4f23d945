"""`[[check]]`, `[verify]`, `[assess]`, `[[trigger]]`, `[authority]` and `[incident]` of the protocol."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ...core import globs
from ...core.late import late
from ...core.records import fields
from ...core.recovery import (
    LEVELS,
    METRICS,
    RESPONSES,
    CheckSpec,
    IncidentSettings,
    RecoverySettings,
    Thresholds,
    TriggerSpec,
    VerifySettings,
)
from .units import seconds, size

TABLES = ("check", "verify", "assess", "trigger", "authority", "incident")
"""Tables that make up the recovery settings."""

_SHORT = late(r"[a-z0-9][a-z0-9_-]{0,40}")
_ALLOWERS = ("agent", "human")
_MAX_TEMPLATE = 2000

Row = TypeVar("Row")


def read_recovery(tables: Mapping[str, Any]) -> RecoverySettings:
    """The settings that tables of a block give.

    Args:
        tables: those of `TABLES` that stand there.

    Raises:
        ValueError: for anything the schema does not know; the text begins with the table.
        InvalidInputError: if a pattern, a duration or a size cannot be used.
    """
    checks = _rows(tables, "check", _check)
    _distinct([one.name for one in checks], "check")
    triggers = _rows(tables, "trigger", _trigger)
    _distinct([one.id for one in triggers], "trigger")
    verify = _verify(_table(tables, "verify"))
    unknown = sorted({*(verify.before_revert or ())} - {one.name for one in checks})
    if unknown:
        raise ValueError(f"[verify] before_revert names {unknown[0]}, and there is no [[check]] of that name")
    return RecoverySettings(
        checks=checks,
        verify=verify,
        assess=_assess(_table(tables, "assess")),
        triggers=triggers,
        authority=_authority(_table(tables, "authority")),
        incident=_incident(_table(tables, "incident")),
    )


def _check(row: dict[str, Any]) -> CheckSpec:
    _closed(row, ("name", "run", "timeout", "memory", "junit"), "[[check]]")
    values: dict[str, Any] = {"name": _word(row, "name", "[[check]]"), "run": _line(row, "run", "[[check]]")}
    if "timeout" in row:
        values["timeout"] = seconds(_line(row, "timeout", "[[check]]"))
    if "memory" in row:
        values["memory"] = size(_line(row, "memory", "[[check]]"))
    if "junit" in row:
        values["junit"] = _inside(_line(row, "junit", "[[check]]"), "[[check]] junit")
    return CheckSpec(**values)


def _verify(row: dict[str, Any]) -> VerifySettings:
    _closed(row, ("link", "before_revert", "at_once"), "[verify]")
    values: dict[str, Any] = {}
    if "link" in row:
        values["link"] = tuple(_inside(one, "[verify] link") for one in _texts(row["link"], "[verify] link"))
    if "before_revert" in row:
        values["before_revert"] = _texts(row["before_revert"], "[verify] before_revert")
    if "at_once" in row:
        values["at_once"] = _whole(row["at_once"], "[verify] at_once")
    return VerifySettings(**values)


def _assess(row: dict[str, Any]) -> Thresholds:
    kinds = {one.name: one.type for one in fields(Thresholds)}
    _closed(row, tuple(kinds), "[assess]")
    counted = ("commits_since_green", "hold_commits")
    values: dict[str, Any] = {
        name: _whole(value, f"[assess] {name}") if name in counted else _percent(value, f"[assess] {name}")
        for name, value in row.items()
    }
    return Thresholds(**values)


def _trigger(row: dict[str, Any]) -> TriggerSpec:
    _closed(row, ("id", "metric", "above", "do", "why"), "[[trigger]]")
    name = _word(row, "id", "[[trigger]]")
    metric, above = row.get("metric"), row.get("above")
    if metric not in METRICS:
        raise ValueError(f"[[trigger]] {name}: metric {metric!r} is none of {', '.join(METRICS)}")
    if not isinstance(above, int | float) or isinstance(above, bool) or above < 0:
        raise ValueError(f"[[trigger]] {name}: above takes a number from 0")
    do = _texts(row.get("do"), f"[[trigger]] {name}: do")
    wrong = sorted(set(do) - set(RESPONSES))
    if wrong or not do:
        raise ValueError(f"[[trigger]] {name}: do takes some of {', '.join(RESPONSES)}")
    why = row.get("why", "")
    if not isinstance(why, str):
        raise ValueError(f"[[trigger]] {name}: why takes a text")
    return TriggerSpec(id=name, metric=metric, above=float(above), do=do, why=why)


def _authority(row: dict[str, Any]) -> dict[str, str]:
    _closed(row, LEVELS, "[authority]")
    for level, who in row.items():
        if who not in _ALLOWERS:
            raise ValueError(f"[authority] {level}: {who!r} is none of {', '.join(_ALLOWERS)}")
    return {**RecoverySettings().authority, **row}


def _incident(row: dict[str, Any]) -> IncidentSettings:
    _closed(row, ("directory", "logs", "notify", "messages"), "[incident]")
    values: dict[str, Any] = {}
    if "directory" in row:
        values["directory"] = _inside(_line(row, "directory", "[incident]"), "[incident] directory")
    if "logs" in row:
        values["logs"] = _texts(row["logs"], "[incident] logs")
        globs.check(values["logs"])
    if "notify" in row:
        values["notify"] = _texts(row["notify"], "[incident] notify")
    if "messages" in row:
        messages = row["messages"]
        whole = isinstance(messages, dict) and all(isinstance(one, str) for one in messages.values())
        if not whole or any(len(one) > _MAX_TEMPLATE for one in messages.values()):
            raise ValueError(f"[incident] messages takes texts of at most {_MAX_TEMPLATE} characters by name")
        values["messages"] = dict(messages)
    return IncidentSettings(**values)


def _table(tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    content = tables.get(name, {})
    if not isinstance(content, dict):
        raise ValueError(f"{name} is a table: write [{name}] and its keys below")
    return content


def _rows(tables: Mapping[str, Any], name: str, read: Callable[[dict[str, Any]], Row]) -> tuple[Row, ...]:
    rows = tables.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise ValueError(f"{name} is written [[{name}]]")
    return tuple(read(one) for one in rows)


def _closed(given: Mapping[str, Any], known: Sequence[str], what: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{what} has no key {unknown[0]}; it has {', '.join(known)}")


def _word(row: Mapping[str, Any], key: str, what: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not _SHORT.fullmatch(value):
        raise ValueError(f"{what} {key} takes a short name of lower-case letters, digits, - and _")
    return value


def _line(row: Mapping[str, Any], key: str, what: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError(f"{what} {key} takes a text")
    return value


def _texts(value: Any, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError(f'{what} takes a list of texts, such as ["a", "b"]')
    return tuple(value)


def _inside(path: str, what: str) -> str:
    parts = path.rstrip("/").split("/")
    if path.startswith("/") or any(part in ("", ".", "..", ".git") for part in parts):
        raise ValueError(f"{what} takes a path from the root, such as docs/incidents")
    return "/".join(parts)


def _whole(value: Any, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{what} takes a whole number from 1")
    return value


def _percent(value: Any, what: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 100:
        raise ValueError(f"{what} takes a share in percent, 0 to 100")
    return float(value)


def _distinct(names: list[str], what: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"there is a second {what} {twice}")
