"""Lists of flags in YAML and JSON: feature files, flagd, GitLab's definitions, settings that are experiments."""

import re
from collections.abc import Iterator, Sequence

from ..reading.yaml import Reading, Scalar, read
from .facts import Flag, is_key

_ONE_EACH = re.compile(r"(?:^|/)(?:config/)?feature_flags/.+\.ya?ml$")
_LISTS = re.compile(
    r"(?:^|/)(?:[\w.-]*feature[-_.]?(?:flag|toggle)s?[\w-]*|features|flags|toggles|flagd?[\w.-]*|experiments|[\w-]+\.flagd)\.(?:ya?ml|json)$",
    re.IGNORECASE,
)
_SETTINGS = re.compile(r"(?:^|/)config/site_settings\.ya?ml$|(?:^|/)plugins/[^/]+/config/settings\.ya?ml$")
_NOT_THERE = re.compile(r"(?:^|/)(?:locales?|i18n|translations|lang|openapi|swagger|\.github)/", re.IGNORECASE)
_KEYS = ("name", "key", "slug", "id")
_DEFAULTS = (
    "enabled",
    "default",
    "default_enabled",
    "defaultValue",
    "default_value",
    "defaultVariant",
    "state",
    "value",
)
_WRAPS = frozenset(("flags", "features", "feature_flags", "featureFlags", "toggles", "experiments"))
_STAGES = frozenset(("default", "shared", "common", "development", "test", "staging", "production", "defaults"))
_SWITCH = re.compile(r"^(?:enable|use)_|_enabled$|(?:^|_)experimental(?:_|$)|_beta$|_feature_flag$")


def claims(path: str) -> bool:
    """Whether a file may list flags."""
    known = _ONE_EACH.search(path) or _LISTS.search(path) or _SETTINGS.search(path)
    return known is not None and not _NOT_THERE.search(path)


def flags(path: str, text: str) -> tuple[list[Flag], str]:
    """The flags of a file, and why it was read line by line, if it was."""
    reading = read(text)
    if _SETTINGS.search(path):
        return list(_settings(reading)), reading.why
    if _ONE_EACH.search(path) and any(one.path == ("name",) for one in reading.scalars):
        return list(_one(path, reading)), reading.why
    return list(_listed(path, reading)), reading.why


def _one(path: str, reading: Reading) -> Iterator[Flag]:
    values = {one.path: one for one in reading.scalars}
    default = next((values[(name,)].value for name in _DEFAULTS if (name,) in values), None)
    name = values[("name",)]
    yield Flag(key=name.value, role="defines", line=name.line, default=default, how=path.rpartition("/")[2])


def _listed(path: str, reading: Reading) -> Iterator[Flag]:
    how = path.rpartition("/")[2]
    entries: dict[tuple[str | int, ...], list[tuple[Sequence[str | int], Scalar]]] = {}
    for one in reading.scalars:
        start = 0
        while start < len(one.path) - 1 and (one.path[start] in _WRAPS or one.path[start] in _STAGES):
            start += 1
        entries.setdefault((one.document, *one.path[: start + 1]), []).append((one.path[start + 1 :], one))
    for place, found in entries.items():
        fields = {rest[0]: one for rest, one in found if len(rest) == 1}
        if "icon" in fields:
            # A page that shows what there is.
            continue
        rests = [rest for rest, _ in found]
        first = found[0][1]
        if isinstance(place[-1], int):
            named = next((fields[name] for name in _KEYS if name in fields), None)
            alone = first if rests == [()] else None
            if named is not None or alone is not None:
                held = named or first
                yield Flag(key=held.value, role="defines", line=held.line, default=_default(fields), how=how)
        elif is_key(str(place[-1])) and _is_flag(fields, rests, first):
            default = first.value if rests == [()] else _default(fields)
            yield Flag(key=str(place[-1]), role="defines", line=first.line, default=default, how=how)


def _is_flag(fields: dict[str | int, Scalar], rests: list[Sequence[str | int]], first: Scalar) -> bool:
    """Whether an entry of a mapping is a flag: a switch, or what has a switch."""
    if rests == [()]:
        return first.value.lower() in ("true", "false", "on", "off", "yes", "no", "enabled", "disabled")
    return any(name in fields for name in _DEFAULTS)


def _default(fields: dict[str | int, Scalar]) -> str | None:
    value = next((fields[name].value for name in _DEFAULTS if name in fields), None)
    if "deprecated" in fields and fields["deprecated"].value == "true":
        return f"{value}, deprecated"
    return value


def _settings(reading: Reading) -> Iterator[Flag]:
    """Settings of a site that switch a feature, an experiment or an upcoming change on."""
    upcoming = {one.path[:2] for one in reading.scalars if len(one.path) > 2 and one.path[2] == "upcoming_change"}
    values = {one.path: one.value for one in reading.scalars}
    seen = set[Sequence[str | int]]()
    for one in reading.scalars:
        place = one.path[:2]
        if len(place) < 2 or place in seen:
            continue
        seen.add(place)
        default = values.get((*place, "default"), values.get(place, ""))
        switch = default in ("true", "false") and _SWITCH.search(str(place[1])) is not None
        if switch or place in upcoming or place[0] == "experimental":
            yield Flag(key=str(place[1]), role="defines", line=one.line, default=default, how="site setting")
