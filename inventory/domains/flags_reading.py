"""Reads the flags of a file, whatever kind of file it is."""

import re
from collections import Counter

from ..changes import Changes, Delta, Side
from ..generated import is_generated, is_vendored
from ..reading.calls import code, grammar_of
from . import flags_calls, flags_code, flags_data, flags_sql
from .environment_reading import is_test
from .flags_facts import FILE, Flag, collected

_WORDS = rb"feature|flag|toggle|variation|treatment|gate|waffle|experiment|unleash|isEnabled|is_enabled|isOn|is_on|IsOn|variant|" \
         rb"BooleanValue|boolean_value|Flipper|rollout|configcat|growthbook|statsig|Experiment"  # fmt: skip
_HINT = re.compile(_WORDS, re.IGNORECASE)
# A call or index that may ask for a flag, and the literal it may ask for.
_ASKED = re.compile(
    rb"[\w$]*(?:"
    + _WORDS
    + rb")[\w$]*(?:[?!]?\.\w+)?[?!]?\s*(?:<[^<>\n]{0,80}>)?[(\[ ]\s*(?:[^()'\"`\n]{0,80},\s*)?['\"`:]([\w.:/-]{2,})",
    re.IGNORECASE,
)
_MEMBER = re.compile(rb"(?:flags|Flags|Feature(?:Flags?)?)[?!]?\.(\w+)|\{([^{}]{0,2000})\}\s*=\s*use\w*Flags\w*\(")
_DECLARES = re.compile(
    rb"\b(?:const|let|var|type|interface|enum|class)\s+\w*(?:flag|toggle|experiments)|^\s*\w*(?:FLAG|TOGGLE|EXPERIMENTS)\w*\s*[=:]",
    re.IGNORECASE | re.MULTILINE,
)
WHERE = (
    *(f"*.{one}" for one in ("py", "js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx", "vue", "svelte", "rb", "rake", "erb", "haml")),
    *(f"*.{one}" for one in ("go", "rs", "java", "php", "cs", "ex", "exs", "sql", "slim")),
    *("*feature*.yml", "*feature*.yaml", "*flag*.yml", "*flag*.yaml", "*flag*.json", "*feature*.json", "*/site_settings.yml"),
    *("*feature_flags/*.yml", ":(exclude)*.test.*", ":(exclude)*.spec.*", ":(exclude)*_spec.rb", ":(exclude)*node_modules/*"),
    *(":(exclude)*vendor/*", ":(exclude)*locales/*", ":(exclude)*locale/*", ":(exclude)*.d.ts"),
)  # fmt: skip
"""Pathspecs of what may list or ask for flags."""


class Reader:
    """Reads files of a target, each content once.

    Args:
        changes: the target's.
        domain: whose it is to say what could not be read.
    """

    def __init__(self, changes: Changes, domain: str) -> None:
        """Nothing is read yet."""
        self._changes, self._domain = changes, domain
        self._known: dict[tuple[str, str], dict[str, Flag]] = {}

    def both(self, delta: Delta) -> tuple[dict[str, Flag], dict[str, Flag]]:
        """The flags before and after; two empty ones if they can be told to be the same without parsing."""
        if not is_read(delta.path):
            return {}, {}
        if grammar_of(delta.path) and not _lists(delta) and _asked(delta.old) == _asked(delta.new):
            return {}, {}
        old, new = self.of(delta.old), self.of(delta.new)
        removed = {key: flag for key, flag in new.items() if flag.role == "removes"}
        if delta.new is None:
            # A migration that is taken away takes nothing back by itself.
            old = {key: flag for key, flag in old.items() if flag.role != "removes"}
        return {**old, **removed}, {key: flag for key, flag in new.items() if key not in removed}

    def of(self, side: Side | None) -> dict[str, Flag]:
        """The flags of a file, by key."""
        if side is None or not side.text:
            return {}
        place = (side.path, side.entry.oid)
        if place not in self._known:
            self._known[place] = {} if is_generated(side) else collected(self._flags(side))
        return self._known[place]

    def elsewhere(self, side: Side | None, key: str) -> Flag | None:
        """What a file that mentions a key says of the flag; None if it is none there."""
        if side is None or not is_read(side.path):
            return None
        data = side.data or b""
        if grammar_of(side.path) and not _may_list(side) and key.encode() not in _asked(side):
            return None
        return self.of(side).get(key) if _HINT.search(data) or flags_data.claims(side.path) else None

    def _flags(self, side: Side) -> list[Flag]:
        if flags_data.claims(side.path):
            flags, why = flags_data.flags(side.path, side.text)
            if why:
                self._changes.unread(self._domain, side.path, why)
            return flags
        data = side.data or b""
        if side.path.endswith(".sql"):
            return flags_sql.in_script(side.text) if flags_sql.MAY.search(data) else []
        if not _HINT.search(data) and not FILE.search(side.path):
            return []
        source = code(side.path, data)
        if source is None:
            self._changes.unread(self._domain, side.path, "too large or too entangled to parse")
            return []
        found = [*flags_code.listed(side.path, source), *flags_calls.asked(source)]
        return [*found, *flags_sql.in_code(source)] if flags_sql.MAY.search(data) else found


def is_read(path: str) -> bool:
    """Whether the flags of a file count: it is no test, is not vendored, and its kind is known."""
    known = grammar_of(path) is not None or path.endswith(".sql") or flags_data.claims(path)
    return known and not is_vendored(path) and not is_test(path)


def _lists(delta: Delta) -> bool:
    return any(_may_list(side) for side in delta.sides)


def _may_list(side: Side) -> bool:
    data = side.data or b""
    return (
        FILE.search(side.path) is not None
        or _DECLARES.search(data) is not None
        or flags_sql.MAY.search(data) is not None
    )


def _asked(side: Side | None) -> Counter[bytes]:
    """What may be keys of flags that a file asks for."""
    data = side.data if side is not None else None
    if not data or not _HINT.search(data):
        return Counter()
    found = Counter(_ASKED.findall(data))
    for member, taken in _MEMBER.findall(data):
        found.update(re.findall(rb"\w+", taken) if taken else [member.removesuffix(b"_enabled"), member])
    return found
