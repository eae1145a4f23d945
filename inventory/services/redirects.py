"""Redirects of OAuth that configuration and code name: providers accept only those that were registered with them."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from ..changes import Side
from ..reading.expressions import Expressions, expressions_of
from ..reading.hints import Hint
from ..reading.named import Fact
from ..reading.yaml import scalars

HINT = Hint(
    "redirect callback logout site_url",
    r"(?:redirect|callback|logout)s?_?-?(?:ur[il]|path|to)|site_url|callbacks\b|oauth_?callback",
    re.IGNORECASE,
)
"""What stands near a line that may name one."""

_NAME = re.compile(
    r"^(?:\w*_)?(?:redirect_?ur[il]s?|callback_?ur[il]s?|callback_?path|redirect_?to_?ur[il]|additional_redirect_urls|"
    r"valid_?redirect_?uris?|allowed_?callback_?urls?|callbacks|allowed_logout_urls|site_url|redirectUris|oauthCallbackUrl|"
    r"post_?logout_?redirect_?uris?|oauth_callback)$",
    re.IGNORECASE,
)
_VALUE = re.compile(r"(?:\w+:)?/{1,2}\S+|[#$]?\{.+|.*/\S*(?:callback|redirect|oauth|auth)\S*", re.IGNORECASE)


def facts(side: Side) -> list[Fact]:
    """The redirects of a file."""
    if not HINT.search(side.text):
        return []
    if side.path.endswith(".toml"):
        return list(_toml(side))
    if side.path.endswith((".yml", ".yaml", ".json")):
        return [
            _fact(one.value, one.line, one.key)
            for one in scalars(side.text)
            if _NAME.search(one.key) and _VALUE.fullmatch(one.value)
        ]
    said = expressions_of(side)
    return [] if said is None else list(_code(said))


def _fact(value: str, line: int, key: str) -> Fact:
    return Fact(kind="oauth redirect", name=value[:160], line=line, details={"key": key})


def _toml(side: Side) -> Iterator[Fact]:
    try:
        data = tomllib.loads(side.text)
    except tomllib.TOMLDecodeError:
        return
    for key, value in _leaves(data):
        if _NAME.search(key) and _VALUE.fullmatch(value):
            yield _fact(value, next((at for at, text in enumerate(side.lines, 1) if value in text), 1), key)


def _leaves(data: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > 12:
        return
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _leaves(value, name, depth + 1)
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value, key, depth + 1)
    elif isinstance(data, str):
        yield key, data


# In code, such names are also for where a person goes next.
_CALLED_BACK = re.compile(r"callback|oauth|redirect|return|complete", re.IGNORECASE)


def _code(said: Expressions) -> Iterator[Fact]:
    for one in said.definitions:
        if _NAME.search(one.name):
            value = said.say(said.value(one))
            if value and _VALUE.fullmatch(value) and _CALLED_BACK.search(value):
                yield _fact(value, one.line, one.name)
    for call in said.calls:
        for name, node in call.keywords.items():
            if _NAME.search(name) and (value := said.say(node)) and _CALLED_BACK.search(value):
                yield _fact(value, call.line, name)
