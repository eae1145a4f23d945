"""`[inventory]` of the protocol: declared artifacts, live systems to ask, the project's own detectors."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ...core import globs
from ...core.inventory import DOMAIN_NAMES, CustomDetector, InventorySettings, LiveSource
from ...core.late import late

_KEYS = ("artifacts", "live", "custom")
_SHORT = late(r"[a-z0-9][a-z0-9_-]{0,40}")
_LONGEST_PATTERN = 300

Row = TypeVar("Row")


def read_settings(content: Any) -> InventorySettings:
    """The settings a block gives.

    Raises:
        ValueError: for anything the schema does not know.
        InvalidInputError: if a pattern or a source cannot be used.
    """
    if not isinstance(content, dict):
        raise ValueError("is a table: write [inventory] and its keys below")
    _closed(content, _KEYS, "[inventory]")
    artifacts = content.get("artifacts", [])
    if not isinstance(artifacts, list) or not all(isinstance(one, str) for one in artifacts):
        raise ValueError('artifacts takes a list of texts, such as ["dist/**"]')
    globs.check(artifacts)
    live = _rows(content, "live", _live)
    custom = _rows(content, "custom", _custom)
    _distinct([one.name for one in live], "live source")
    _distinct([one.id for one in custom], "detector")
    return InventorySettings(artifacts=tuple(artifacts), live=live, custom=custom)


def _rows(content: Mapping[str, Any], key: str, read: Callable[[dict[str, Any]], Row]) -> tuple[Row, ...]:
    rows = content.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise ValueError(f"{key} is written [[inventory.{key}]]")
    return tuple(read(one) for one in rows)


def _live(row: dict[str, Any]) -> LiveSource:
    _closed(row, ("kind", "name", "url_env", "path", "options"), "[[inventory.live]]")
    options = row.get("options", {})
    texts = {key: row.get(key, "") for key in ("kind", "name", "url_env", "path")}
    if not all(isinstance(one, str) for one in texts.values()):
        raise ValueError("kind, name, url_env and path are texts")
    if not isinstance(options, dict) or not all(isinstance(one, str) for one in options.values()):
        raise ValueError('options takes texts, such as { schema = "public" }')
    source = LiveSource(**{**texts, "name": texts["name"] or texts["kind"]}, options=dict(options))
    source.check()
    return source


def _custom(row: dict[str, Any]) -> CustomDetector:
    _closed(row, ("id", "paths", "pattern", "domain", "action", "inverse", "verify"), "[[inventory.custom]]")
    paths = row.get("paths")
    if not isinstance(paths, list) or not paths or not all(isinstance(one, str) for one in paths):
        raise ValueError('paths takes a list of patterns, such as ["config/*.yml"]')
    globs.check(paths)
    pattern = row.get("pattern")
    if not isinstance(pattern, str) or not 0 < len(pattern) <= _LONGEST_PATTERN:
        raise ValueError(f"pattern takes a regular expression of at most {_LONGEST_PATTERN} characters")
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"pattern does not compile: {error}") from error
    domain = row.get("domain")
    if domain not in DOMAIN_NAMES:
        raise ValueError(f"domain {domain!r} is none of {', '.join(DOMAIN_NAMES)}")
    texts = {key: row.get(key, "") for key in ("action", "inverse", "verify")}
    if not texts["action"] or not all(isinstance(one, str) for one in texts.values()):
        raise ValueError("action says how it is taken back; {name} stands for what was found")
    return CustomDetector(id=_word(row, "id"), paths=tuple(paths), pattern=pattern, domain=domain, **texts)


def _word(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not _SHORT.fullmatch(value):
        raise ValueError(f"{key} takes a short name of lower-case letters, digits, - and _")
    return value


def _closed(given: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{what} has no key {unknown[0]}; it has {', '.join(known)}")


def _distinct(names: list[str], what: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"there is a second {what} {twice}")
