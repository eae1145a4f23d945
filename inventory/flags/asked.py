"""Flags that code asks for: by a kit's calls, and by helpers that are named for what they ask."""

import re
from collections.abc import Iterator

from ..reading.calls import Code, Use
from ..variables.facts import words
from .facts import Flag, is_key
from .kits import KITS, PROVIDERS, UNLEASH, Kit

# Named for what they ask, whatever they are built on: isFeatureEnabled, feature_enabled?, checkIfUserHasFeature …
_ASKS = re.compile(
    r"(?:^|[.:>])\w*(?:feature|flag|toggle)s?_?(?:flag|toggle)?s?_?(?:is_?)?(?:enabled|active|on|available|allowed|value)"
    r"\w*[?!]?$|"
    r"(?:^|[.:>])(?:check|has|is|use|get|require|eval|evaluate)\w*?(?:feature_?flag|ui_?flag|feature_?toggle)[?!]?$|"
    r"(?:^|[.:>])(?:check|has|is|use|get|require|eval|evaluate)_?(?:if_?)?(?:team|user|account|cloud|custom)?_?(?:has_?)?"
    r"(?:feature|flag|toggle)[?!]?$",
    re.IGNORECASE,
)
# What handles flags as things, or speaks of them in tests.
_NOT_ASKED = re.compile(
    r"(?:^|[.:>])(?:add|create|update|delete|set|archive|mock|render|expect|describe|track|log|save|find|load|fetch|list|new|make|"
    r"build|with|to|on|handle|emit|dispatch|register|stub|enable|disable)_?[A-Z_]\w*$|[sS]tore\.|[cC]ontroller\.",
)
_INDEXED = re.compile(r"(?:^|\.)(?:feature_?|ui_?|app_?)?flag(?:s|_?map)(?:\(\))?[?!]?$", re.IGNORECASE)
_MEMBERS = re.compile(
    r"(?:uiConfig[?!]?\.flags|(?:^|\.)feature_?flags|useFlags\(\)|useFlagMap\(\))[?!]?$", re.IGNORECASE
)
_METHODS = words(
    "map filter forEach find some every length keys values entries includes get has set reduce push data then"
)
_RUBY_OWNER = re.compile(r"(?:^|::)Feature(?:Flags?)?$")
_RUBY_MEMBER = re.compile(r"(\w+)_enabled\?")
_ECMASCRIPT = words("javascript typescript tsx")
_ELEMENT = re.compile(
    r"^<(?:\w+\.)?(?:PostHog|If|With|Show|When|Has|Use)?(?:Feature|Flag|Experiment)"
    r"(?:s|Flag|Toggle|Gate|Guard|Switch|Enabled|Disabled|On|Off|ged)*$"
)
_ATTRIBUTES = words("flag feature name flagKey featureKey flagName featureName featureFlag flagId")
# Functions that Unleash's package for Node exports: their names alone say too little.
_BARE = words("isEnabled getVariant")
_UNLEASH = re.compile(
    rb"(?:from|require\(|import\()\s*['\"](?:unleash-client|unleash-proxy-client|@unleash/[\w-]+)['\"/]"
)
_END = re.compile(r"[\w.:>?!$-]+$")


def asked(source: Code) -> Iterator[Flag]:
    """The flags that code asks for."""
    for use in source.uses:
        if use.written or not is_key(use.name):
            continue
        if use.form == "index" and _INDEXED.search(use.of):
            yield _flag(use)
        elif use.form == "element":
            if use.keyword in _ATTRIBUTES and _ELEMENT.search(use.of):
                yield _flag(use)
        elif use.form == "call":
            yield from _called(source, use)
    if source.grammar == "ruby":
        for use in source.members(_RUBY_OWNER):
            match = _RUBY_MEMBER.fullmatch(use.name)
            if match:
                yield Flag(key=match[1], role="calls", line=use.line, how=f"{use.of}.{use.name}")
    elif source.grammar in _ECMASCRIPT:
        for use in source.members(_MEMBERS):
            # In capitals it is a constant, whose value is the key.
            if not use.written and not use.name.isupper() and use.name not in _METHODS and not _is_call(use):
                yield _flag(use)


def _is_call(use: Use) -> bool:
    parent = use.place.parent
    return parent is not None and parent.type == "call_expression" and parent.children[0].id == use.place.id


def _called(source: Code, use: Use) -> Iterator[Flag]:
    kit = next((one for one in KITS if one.callee.search(use.of)), None)
    if kit is None and use.of in _BARE and _UNLEASH.search(source.tree.data):
        kit = UNLEASH
    if kit is not None:
        if use.of.endswith("useFeatureFlag") and use.name.isupper():
            # PostHog's own hook takes the constant's name, not the key.
            return
        at_place = (
            use.keyword in ("key", "flag_key", "flag", "name") if use.keyword else use.position in kit.positions
        )
        if at_place and not (kit.last and use.position == 0 and _another_follows(source, use)):
            yield _flag(use, kit)
    elif use.position <= 1 and not use.keyword and _ASKS.search(use.of) and not _NOT_ASKED.search(use.of):
        yield _flag(use)


def _another_follows(source: Code, use: Use) -> bool:
    arguments = source.arguments(use)
    return len(arguments) > 1 and arguments[1][:1] in ("'", '"', "`")


def _flag(use: Use, kit: Kit | None = None) -> Flag:
    end = _END.search(use.of)
    low = use.of.lower()
    return Flag(
        key=use.name,
        role="defines" if kit is not None and kit.defines else "calls",
        line=use.line,
        how=end[0] if end else use.of,
        provider=kit.provider if kit is not None else next((name for name in PROVIDERS if name in low), ""),
    )
