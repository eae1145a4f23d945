"""Reads the flags of a file, whatever kind of file it is."""

import re

from ..changes import Changes, Delta, Side
from ..generated import is_called_generated, is_vendored
from ..reading.calls import code, grammar_of
from ..reading.lines import changed_lines
from ..reading.once import OnceReader, searched
from ..reading.windows import surrounded
from ..variables.facts import words
from ..variables.reading import is_test
from . import asked as flags_calls
from . import data as flags_data
from . import declared as flags_code
from . import sql as flags_sql
from . import templates as flags_templates
from .facts import FILE, Flag, collected

# In lower case; what is asked for, or listed, stands near one of these.
_HINTS = tuple(
    word.encode()
    for word in words(
        "feature flag toggle variation treatment checkgate check_gate usegate waffle experiment isenabled is_enabled"
        " ison( isoff( is_on( is_off( variant( dynamicconfig booleanvalue stringvalue numbervalue objectvalue"
        " flipper boolean_value string_value rollout configcat getvalueasync _is_active"
    )
)
# A call or index that may ask for a flag, and the literal it may ask for.
_ASKED = re.compile(
    rb"(?:feature|flag|toggle|variation|treatment|gate|waffle|experiment|is_?enabled|is_?o(?:n|ff)|variant|dynamicconfig|"
    rb"(?:boolean|string|number|object)_?value|flipper|rollout|configcat|getvalueasync|_is_active)[\w$]*(?:[?!]?(?:[.]|::|->)\w+)?[?!]?"
    rb"\s*(?:<[^<>\n]{0,80}>)?[(\[ ]\s*(?:[^()'\"`\n]{0,80},\s*)?(?:\w+[:=]\s*)?['\"`:]([\w.:/-]{2,})",
    re.IGNORECASE,
)
_ALONE = re.compile(rb"^[ \t]*(?:['\"`][\w.:/-]{2,}['\"`]|:\w{2,}),?\s*\)?;?\s*$", re.MULTILINE)
_MEMBER = re.compile(rb"(?:flags|Flags|Feature(?:Flags?)?)[?!]?\.(\w+)|\{([^{}]{0,2000})\}\s*=\s*use\w*Flags\w*\(")
_CODE = words(
    "py js cjs mjs jsx ts cts mts tsx vue svelte rb rake erb haml slim go rs java php cs ex exs sql html djhtml j2"
)
_LISTS = words(
    "*feature*.yml *feature*.yaml *flag*.yml *flag*.yaml *flag*.json *feature*.json"
    " *settings.yml *feature_flags/*.yml"
)
_PASSED_OVER = words(
    "*.test.* *.spec.* *_spec.rb *.d.ts *node_modules/* *vendor/* *locales/* *locale/* *translations/*"
)
WHERE = searched(_CODE, _LISTS, _PASSED_OVER)
"""Pathspecs of what may list or ask for flags."""


class Reader(OnceReader[Flag]):
    """Reads files of a target, each content once.

    Args:
        changes: the target's.
        domain: whose it is to say what could not be read.
    """

    def __init__(self, changes: Changes, domain: str) -> None:
        """Nothing is read yet."""
        super().__init__(changes, domain, collected)

    def both(self, delta: Delta) -> tuple[dict[str, Flag], dict[str, Flag]]:
        """The flags before and after; two empty ones if they can be told to be the same without parsing."""
        if not is_read(delta.path):
            return {}, {}
        if _is_code(delta.path) and not _may_matter(delta):
            return {}, {}
        old, new = self.of_change(delta, literal=True)
        gone = {key: flag for key, flag in new.items() if flag.role == "removes"}
        fresh = {key: flag for key, flag in gone.items() if key not in old or old[key].role != "removes"}
        # A statement that deletes is about what was there before it; taken away, it brings nothing back.
        kept = {key: flag for key, flag in old.items() if flag.role != "removes"}
        return {**kept, **fresh}, {key: flag for key, flag in new.items() if key not in gone}

    def elsewhere(self, side: Side | None, key: str) -> Flag | None:
        """What a file that mentions a key says of the flag; None if it is none there."""
        if side is None or not is_read(side.path):
            return None
        if _is_code(side.path) and not _may_list(side) and key.encode() not in _asked(side.data or b""):
            return None
        return self.of(side).get(key)

    def _read(self, side: Side) -> list[Flag]:
        if flags_data.claims(side.path):
            flags, why = flags_data.flags(side.path, side.text)
            if why:
                self._unread(side, why)
            return flags
        if flags_templates.claims(side.path):
            return list(flags_templates.flags(side.text))
        if side.path.endswith(".sql"):
            return flags_sql.in_script(side.text) if flags_sql.may_say(side.low) else []
        if not _hints(side.low) and not FILE.search(side.path):
            return []
        source = code(side)
        if source is None:
            self._unread(side, "too large or too entangled to parse")
            return []
        found = [*flags_code.listed(side.path, source), *flags_calls.asked(source)]
        return [*found, *flags_sql.in_code(source)] if _may_say_sql(side) else found


def is_read(path: str) -> bool:
    """Whether the flags of a file count: it is no test, is not vendored, and its kind is known."""
    known = grammar_of(path) or path.endswith(".sql") or flags_data.claims(path) or flags_templates.claims(path)
    return bool(known) and not is_vendored(path) and not is_called_generated(path) and not is_test(path)


def _is_code(path: str) -> bool:
    return grammar_of(path) is not None and not flags_templates.claims(path)


def _may_matter(delta: Delta) -> bool:
    """Whether a change of code may change which flags it lists or asks for."""
    lines = changed_lines(delta)
    if not lines:
        return False
    if flags_code.may_list(delta.path, surrounded(delta).lower()) or any(_may_say_sql(side) for side in delta.sides):
        return True
    if _hints(lines.lower()) and _asked(lines):
        return True
    # The key may stand on a line of its own, below what it is passed to.
    return _ALONE.search(lines) is not None and any(_hints(side.low) for side in delta.sides)


def _may_list(side: Side) -> bool:
    return flags_code.may_list(side.path, side.low) or _may_say_sql(side)


def _may_say_sql(side: Side) -> bool:
    return flags_sql.may_say(side.low)


def _hints(low: bytes) -> bool:
    return any(word in low for word in _HINTS)


def _asked(data: bytes) -> set[bytes]:
    """What may be keys of flags that a text asks for."""
    found = set(_ASKED.findall(data))
    for member, taken in _MEMBER.findall(data):
        found.update(re.findall(rb"\w+", taken) if taken else [member.removesuffix(b"_enabled"), member])
    return found
