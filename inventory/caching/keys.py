"""Keys under which code keeps values in a cache: what it reads, writes and deletes, and the names it has for keys."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..changes import Side
from ..reading.expressions import Call, Definition, Expressions, expressions_of
from ..reading.hints import Hint
from ..reading.named import Fact
from .in_code import ANY_REDIS, RULES, Rule

if TYPE_CHECKING:
    from tree_sitter import Node

HINT = Hint(
    "kv. rdb. lru keyv _lock key _mutex _prefix conn. pipe tag",
    r"\bkv\.|\brdb\.|LRU|\bKeyv|_lock\b|_KEYS?\b|_MUTEX\b|_key\b|Key\b|_PREFIX\b|\bconn\.|\bpipe\w*\.|\btags?\b",
    enough="cache redis alfred velma memoiz revalidatetag distributedmutex",
)
"""What stands near a line that may concern a key."""
WORDS = (
    b"cache",
    b"redis",
    b"alfred",
    b"memoiz",
    b"kv.",
    b"lru",
    b"keyv",
    b"valkey",
    b"distributedmutex",
    b"rdb.",
    b"revalidate",
)
"""What stands somewhere in a file that has keys, in lower case."""

_STRONG = re.compile(r"Rails\.cache|redis|\bcaches?\b|memcache|kredis|cacheKey|revalidateTag|\bkv\b", re.IGNORECASE)
_MAX_NAME = 160
_PLACEHOLDER = re.compile(r"#\{[^}]*\}|\$\{[^}]*\}|\{[^}]*\}|%<\w+>\w|%\(\w+\)\w|%[sdrxfv]\b")


MANY = re.compile(r"_multi$|_many$|^m[gs]et$|^del$|^unlink$|^many$|^tags$|^exists\??$")
_WRITES = re.compile(r"(?:p?set|write|add|put|getset|h?set|hmset|zadd|sadd)(?:ex|nx)?")
_ENCODINGS = frozenset(("hex", "base64", "base64url", "utf8", "utf-8", "latin1", "binary", "ascii"))
_EXPIRES = (
    "expires_in",
    "expire_in",
    "ex",
    "px",
    "timeout",
    "ttl",
    "EX",
    "PX",
    "maxAge",
    "max_age",
    "revalidate",
    "expires",
    "race_condition_ttl",
    "version",
)
_VIEW = re.compile(r"\.(?:erb|haml|slim|jbuilder|builder)$")
_FRAGMENT = re.compile(r"\{%-?\s*cache\s+(\S+)\s+['\"]?([\w.:-]+)")
# What a file calls its keys.
_KEY_NAME = re.compile(
    r"(?:cache|redis|lock|mutex|throttle|rate_?limit|memo)\w*(?:key|prefix|namespace|tag|name)s?$|key\w*cache|"
    r"^cache_?key(?:_?prefix)?$|cache_?(?:prefix|namespace)|_mutex$",
    re.IGNORECASE,
)
_ANY_KEY_NAME = re.compile(r"(?:_key|_KEY|Key|_PREFIX|_prefix|_set|_list)$")
_OTHER_KEYS = re.compile(
    r"api|secret|public|private|access|primary|foreign|i18n|translation|encrypt|sign|license|ssh|pgp|gpg|sort|"
    r"partition|label|title|session_?key|storage_?key|localstorage|query_?key|idempotency_?header|message",
    re.IGNORECASE,
)
KEY_FILE = re.compile(
    r"(?:redis|cache)[\w-]*keys?\.\w+$|keys?[\w-]*(?:redis|cache)\w*\.\w+$|(?:^|/)cache\.[jt]s$", re.IGNORECASE
)
"""Files whose constants and functions are keys."""
_EXPIRY_NAME = re.compile(
    r"^(?!raise_on)\w*(?:cache|redis)\w*_?(?:ttl|timeout|expir\w*|max_?age|seconds|duration|time|lifetime)$",
    re.IGNORECASE,
)
_VERSION_NAME = re.compile(
    r"cache_?\w*version|version\w*cache|^CACHE_NAME$|cache_?buster|cache_?suffix", re.IGNORECASE
)
_MEMOIZED = re.compile(
    r"^(?:memoizee?|pMemoize|memoizeAsync|lruMemoize|mem|LRUCache|LRU|QuickLRU|NodeCache|TTLCache|Keyv|ExpiryMap|TtlCache)$"
)


def facts(side: Side) -> list[Fact]:
    """The keys of a file of code or templates, its names for keys, and how long values are kept."""
    found = [
        _key(match[2], side.text.count("\n", 0, match.start()) + 1, value=f"expires {match[1]}")
        for match in _FRAGMENT.finditer(side.text)
    ]
    said = expressions_of(side) if HINT.search(side.text) else None
    if said is None:
        return found
    file = _File(side.path, side.text, said.tree.grammar, said)
    return [*found, *file.called(), *file.defined()]


_LINES = re.compile(r"^.*(?:cache|redis|alfred|\bconn\b|pipe|\br\b|with_\w*lock).*$", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class _File:
    """A file of code."""

    path: str
    text: str
    grammar: str
    said: Expressions

    @cached_property
    def strong(self) -> bool:
        """Whether the file is about caches at all."""
        return _STRONG.search(self.text) is not None

    def called(self) -> Iterator[Fact]:
        """Keys that are passed to calls."""
        rules = RULES.get(self.grammar, ())
        view = _VIEW.search(self.path) is not None
        speaks = re.search(r"redis|valkey|kredis", self.text, re.IGNORECASE) is not None
        for call in self.said.calls:
            if _MEMOIZED.search(call.callee):
                yield from self._memoized(call)
                continue
            if view and call.callee in ("cache", "cache_if", "cache_unless"):
                yield from self._keys(call, call.arguments[-1:] if call.callee != "cache" else call.arguments[:1])
                continue
            if call.callee == "cache_prefix" and call.block is not None:
                # What all keys of a class begin with: rails-settings-cached and others.
                yield Fact(kind="cache version", name=call.callee, line=call.line, value=self.said.shown(call.block))
                continue
            rule = next((one for one in rules if one.fits(call) and (speaks or not one.weak)), None)
            if rule is not None:
                yield from self._ruled(call, rule)

    def _ruled(self, call: Call, rule: Rule) -> Iterator[Fact]:
        named = self.said.keyword(call, "key", "key_prefix", "cacheNames", "value", "namespace", "keyName")
        taken = list(call.arguments[rule.position : rule.position + 1])
        if rule.receiver is None and call.method == "cache" and taken and taken[0].type != "array":
            # `cache(…)` is many things; Next's, and wrappers of it, take a list of key parts.
            return
        if call.method == "with_lock" and not (taken and "::" in self.said.shown(taken[0])):
            # A row's lock takes SQL, or nothing.
            return
        if (not taken and named is not None) or (named is not None and call.method.startswith("Cache")):
            taken = [named]
        if MANY.search(call.method):
            taken = list(call.arguments)
        found = list(self._keys(call, taken))
        yield from found
        tags = self.said.keyword(call, "tags")
        for name in self.said.each(tags):
            yield _key(name, call.line)
        if not found and taken and not rule.weak and rule.receiver is not None and self._may_be_key(call, taken[0]):
            # The key is computed elsewhere: that something is kept here has to do.
            yield Fact(kind="cache key", name=self.path, line=call.line, sure=False)

    def _may_be_key(self, call: Call, node: "Node") -> bool:
        """Whether a key whose text is not known is one of a shared cache, not of a map in memory."""
        if self.grammar in ("javascript", "typescript", "tsx"):
            return ANY_REDIS.search(call.receiver) is not None
        return node.type not in ("integer", "true", "false", "nil")

    def _keys(self, call: Call, nodes: "Sequence[Node]") -> Iterator[Fact]:
        value = ", ".join(self._value(call))
        for node in nodes:
            many = MANY.search(call.method) is not None
            single = self.said.say(node)
            for name in self.said.each(node) if many else [single] if single is not None else []:
                if _is_key(name):
                    yield _key(name, call.line, value=value)

    def _value(self, call: Call) -> Iterator[str]:
        """How long it is kept, and a digest of the block that makes it."""
        for name in _EXPIRES:
            node = self.said.keyword(call, name)
            if node is not None:
                yield f"{name} {self.said.shown(node)}"
        if _WRITES.fullmatch(call.method) and len(call.arguments) > 1:
            # Another value under the same key is what older code may not read.
            yield f"value {', '.join(self.said.shown(one) for one in call.arguments[1:])}"
        if call.block is not None and call.method in ("fetch", "cache", "cache!", "fetch_multi"):
            text = re.sub(r"\s+", "", self.said.tree.text(call.block))
            yield f"content {hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def _memoized(self, call: Call) -> Iterator[Fact]:
        """Values kept in memory, by the name they are assigned to."""
        for one in self.said.definitions:
            if one.held.id == call.node.id:
                yield Fact(kind="memoized value", name=one.name, line=call.line, value=", ".join(self._value(call)))

    def defined(self) -> Iterator[Fact]:
        """Names of keys, of versions, and of times."""
        file_of_keys = KEY_FILE.search(self.path) is not None
        for one in self.said.definitions:
            if _VERSION_NAME.search(one.name) and not one.returned:
                yield Fact(kind="cache version", name=one.name, line=one.line, value=self.said.shown(one.held))
            elif _EXPIRY_NAME.search(one.name) and not one.returned:
                yield Fact(kind="cache expiry", name=one.name, line=one.line, value=self.said.shown(one.held))
            elif self._names_key(one, file_of_keys):
                name = self.said.say(self.said.value(one))
                if name is not None and _is_key(name):
                    sure = file_of_keys or _KEY_NAME.search(one.name) is not None
                    yield _key(name, one.line, details={"constant": one.name}, sure=sure)

    def _names_key(self, one: Definition, file_of_keys: bool) -> bool:
        if one.held.type in ("identifier", "attribute", "member_expression", "constant", "simple_symbol"):
            return False
        if file_of_keys:
            return (
                one.returned
                or one.name.isupper()
                or "tag" in self.said.inside(one.node)
                or bool(_KEY_NAME.search(one.name))
            )
        if _OTHER_KEYS.search(one.name):
            return False
        if _KEY_NAME.search(one.name):
            return self.strong or re.search(r"cache|redis", one.name, re.IGNORECASE) is not None
        loose = one.node.type != "pair" and _ANY_KEY_NAME.search(one.name) is not None
        return loose and self.strong and one.name in self._passed

    @cached_property
    def _passed(self) -> set[str]:
        """The names on lines that speak of a cache."""
        return {word for line in _LINES.findall(self.text) for word in _WORD.findall(line)}


def pattern(name: str) -> str:
    """A key with a star for each placeholder."""
    return re.sub(r"\*+", "*", _PLACEHOLDER.sub("*", name))


def _is_key(name: str) -> bool:
    """Whether a text may be a key: it has letters that are not of a placeholder, and names no encoding of one."""
    return name not in _ENCODINGS and re.search(r"[A-Za-z]{2}", pattern(name)) is not None and len(name) < 400


def _key(
    name: str, line: int, *, value: str = "", details: Mapping[str, str] | None = None, sure: bool = True
) -> Fact:
    """A key; another name for a placeholder makes it no other key."""
    return Fact(
        kind="cache key", name=name[:_MAX_NAME], line=line, value=value, details=details or {}, sure=sure,
        same=pattern(name),
    )  # fmt: skip
