"""Where code sets up what speaks to a service: other options there are another account, address or amount of data."""

import hashlib
import re
from collections.abc import Iterator
from functools import cache

from ..changes import Side
from ..reading.expressions import Call, Expressions, expressions_of
from ..reading.named import Fact
from ..variables.facts import words
from .table import PROVIDERS

_BEGINS = words("init initialize configure config setup start new client createClient create_client set_config")
_BETWEEN = re.compile(r"(?:client|rest|api|sdk|web|webclient|v\d+|config|configuration)", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:sdk|client|js|api|provider|server|browser)$")
_PARTS = re.compile(r"\.|::|->|\\")
_WITH = re.compile(r"^with([A-Z]\w+)Config$")
# Words that mean much else in code: what is called so is seldom the service.
_WORDS = words(
    "line square front segment linear plain scout apple teams mux box close daily heap courier knock loops matrix"
    " polar pusher persona monday replicate fal novu neon axiom crisp paddle unleash"
)
_COMMENT = re.compile(r"^[ \t]*(?:#|//|\*|/\*).*$", re.MULTILINE)
# The hash comes first, for long values are cut; of a second one the end may be.
_DIGEST = re.compile(r" \([0-9a-f]{16}\)| \([0-9a-f]*…?$")
_WHOLE_DIGEST = re.compile(r" \([0-9a-f]{16}\)")
_MAX_OPTIONS = 12
_KEY = re.compile(r"[A-Za-z_]\w{0,40}")
SET_UP = "set up"
"""Begins what is said of a set-up."""


@cache
def _names() -> dict[str, str]:
    """The services by the letters of their names."""
    return {re.sub(r"[^a-z0-9]", "", name): name for name in PROVIDERS if name not in _WORDS}


_WORDS_OF = re.compile(r"[a-z][a-z0-9]*")
_ENDS = ("", "sdk", "client", "js", "api", "provider", "server", "browser")


@cache
def _written() -> frozenset[str]:
    """How a name may stand in code, in lower case and without underscores."""
    ended = {f"{name}{end}" for name in _names() for end in _ENDS}
    return frozenset({*ended, *(f"{one}config" for one in ended), *(f"with{one}config" for one in ended)})


# What may be such a call, read without parsing; the first word names the service.
_CALL = re.compile(
    r"\b(?:with(?=[A-Z]\w+Config\b))?([A-Za-z_]\w*?)(?:Config\b)?(?:(?:\.|::|->)\w+){0,3}(?:"
    rf"(?:\.|::|->)(?:{'|'.join(sorted(_BEGINS))})\b|(?<=\w)\s*\()"
)


def hinted(text: str) -> bool:
    """Whether a text may set up a service."""
    # Most texts have no such word at all, and that is found out several times as fast.
    if _written().isdisjoint(_WORDS_OF.findall(text.lower().replace("_", ""))):
        return False
    return any(_named(word) for word in set(_CALL.findall(text)))


def facts(side: Side) -> list[Fact]:
    """The services that a file of code sets up, with their options."""
    said = expressions_of(side) if hinted(side.text) else None
    return [] if said is None else [_fact(said, call, name) for call, name in _setups(said)]


def _setups(said: Expressions) -> Iterator[tuple[Call, str]]:
    for call in said.calls:
        name = _service(call.callee)
        if name is not None:
            yield call, name


def _service(callee: str) -> str | None:
    """The service that a call sets up; None if it does something else."""
    parts = _PARTS.split(callee)
    wrapped = _WITH.fullmatch(parts[-1])
    if wrapped:
        return _named(wrapped[1])
    if len(parts) == 1:
        return _named(callee) if callee[:1].isupper() else None
    if not all(_BETWEEN.fullmatch(part) or _names_again(part, parts[0]) for part in parts[1:-1]):
        return None  # A class of the project's own, of what it has for the service.
    return _named(parts[0]) if parts[-1] in _BEGINS or _BETWEEN.fullmatch(parts[-1]) else None


def _names_again(part: str, first: str) -> bool:
    """Whether a part names the same service as the first: `Stripe::StripeClient.new`."""
    return _named(part) is not None and _named(part) == _named(first)


def _named(word: str) -> str | None:
    letters = re.sub(r"[^a-z0-9]", "", word.lower())
    return _names().get(letters) or _names().get(_SUFFIX.sub("", letters))


def _fact(said: Expressions, call: Call, name: str) -> Fact:
    options = list(call.keywords)
    for argument in call.arguments:
        options += [key for key, _ in said.pairs(argument)]
    listed = [key for key in dict.fromkeys(options) if _KEY.fullmatch(key)]
    shown = ", ".join(listed[:_MAX_OPTIONS]) + (", …" if len(listed) > _MAX_OPTIONS else "")
    # Options may be secrets: two sides are told apart by a hash, which `without_digest` takes out before it is shown.
    text = _COMMENT.sub("", said.tree.text(call.node))
    digest = hashlib.sha256("".join(text.split()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Fact(
        kind="integration",
        name=name,
        line=call.line,
        value=f"{SET_UP} ({digest}) with {shown or 'options'}",
        details={"word": call.callee},
        shown=f"{call.callee}(…)",
    )


def without_digest(value: str) -> str:
    """What is said of a set-up or a schedule, as it is shown."""
    cut = value.startswith(SET_UP) or f"; {SET_UP}" in value
    return (_DIGEST if cut else _WHOLE_DIGEST).sub("", value)
