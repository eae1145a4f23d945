"""What one file says of a feature flag, and which names are names of flags."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["defines", "types", "calls", "removes"]
"""`defines` gives a flag its default or its key, `types` only says that there is one; `removes` deletes its row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A flag in a file.

    Attributes:
        key: the flag's key.
        role: what the file does with it.
        line: from 1.
        default: its value as long as nobody sets it; None where nothing says.
        variable: the environment variable that sets it, where the file says.
        how: what says so, for people: `IFlagKey`, `posthog.isFeatureEnabled`, `features.yml`.
        provider: the service or library that is asked, where the call tells; see `flags_calls.PROVIDERS`.
        table: the database table it has a row in.
    """

    key: str
    role: Role
    line: int
    default: str | None = None
    variable: str = ""
    how: str = ""
    provider: str = ""
    table: str = ""


_STRENGTH: Mapping[Role, int] = {"defines": 2, "removes": 2, "types": 1, "calls": 0}
_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.:/-]{0,98}[A-Za-z0-9_])?")
# Files and declarations that list flags. "Feature" alone is a word of many trades.
FILE = re.compile(
    r"(?:^|/)(?:[\w-]*feature[-_.]?(?:flag|toggle|switch|gate)s?(?:[-_.](?:config|constants?|keys?|names?|types?))?|"
    r"[\w-]*(?:Feature|App|Ui|UI)(?:Flag|Toggle)s?|(?:admin|app|ui)?[-_]?flags?|experiment(?:s|al)?|toggles?|features|"
    r"[a-z]+Flags|flag[-_.]?(?:keys?|names?))\.\w+$|(?:^|/)(?:feature[-_]?)?flags?/(?:config|constants?|keys?|types?|index)\.\w+$"
)
DECLARED = re.compile(
    r"(?:(?:^|_|[a-z])(?:feature|app|ui|experiment(?:al)?|release|beta|local|admin|default|available)_?(?:flag|toggle|switch|gate)"
    r"(?:s|_?keys?|s?_?(?:values?|names?|maps?|config|defaults|constants?))?|^I?Flag_?(?:Keys?|Names?)|^IFlags|"
    r"^known_?flags|^experiments)$",
    re.IGNORECASE,
)
# Enough in a file that is named for flags.
DECLARED_THERE = re.compile(
    r"flags?$|toggles?$|^experiments?$|^I?Experimental(?:Options|Flags|Features)?$|^features?$|^I?flag|feature_?(?:key|name|id)s?$|^(?:default)?config$",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"(?:flag|toggle|switch|gate)$", re.IGNORECASE)


def is_key(name: str) -> bool:
    """Whether a text could be a flag's key."""
    return _KEY.fullmatch(name) is not None and not name.isdigit()


def lists_flags(path: str, name: str) -> bool:
    """Whether a declaration of this name, in this file, lists flags."""
    if DECLARED.search(name) is not None:
        return True
    return DECLARED_THERE.search(name) is not None and FILE.search(path) is not None


def is_singular(name: str) -> bool:
    """Whether a declaration's name speaks of one flag: its members are that flag's fields, not flags."""
    return _SINGLE.search(name) is not None


def collected(flags: Iterable[Flag]) -> dict[str, Flag]:
    """By key; the strongest role first, then what has a default, then the first line."""
    found: dict[str, Flag] = {}
    for flag in flags:
        if not is_key(flag.key):
            continue
        known = found.get(flag.key)
        if known is None or _rank(flag) > _rank(known):
            found[flag.key] = flag
    return found


def strength(role: Role) -> int:
    """How much a role says; more is stronger."""
    return _STRENGTH[role]


def _rank(flag: Flag) -> tuple[int, bool]:
    return (_STRENGTH[flag.role], flag.default is not None)
