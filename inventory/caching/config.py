"""Where caches are configured: stores, service workers, and rules for what browsers and networks keep."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..changes import Side
from ..reading.expressions import Call, Definition, Expressions, expressions_of
from ..reading.hints import Hint
from ..reading.named import Fact
from ..reading.yaml import scalars

if TYPE_CHECKING:
    from tree_sitter import Node

HINT = Hint(
    "max-age maxage pwa expires dynamic",
    r"max-?[aA]ge|PWA|expires\s+\S+;|\bdynamic\b",
    enough="cache redis expires_ fresh_when stale? revalidate vary_by serviceworker workbox serwist surrogate",
)
"""What stands near a line that may configure a cache."""
WORDS = (
    b"cache",
    b"redis",
    b"memcache",
    b"expires",
    b"stale?",
    b"max-age",
    b"revalidate",
    b"vary_by",
    b"serviceworker",
    b"workbox",
    b"pwa",
    b"serwist",
    b"surrogate",
    b"dynamic",
)
"""What stands somewhere in a file that configures one, in lower case."""
WORKER = re.compile(
    r"(?:^|/)(?:sw|service[-_]?worker|ngsw-config|workbox-config|firebase-messaging-sw|worker-sw|pwa-sw)"
    r"(?:[.-][\w.-]+)?\.(?:[cm]?[jt]s|json)(?:\.erb)?$",
    re.IGNORECASE,
)
"""Files that are a service worker, or say what one keeps."""

_HEADERS_FILE = re.compile(r"(?:^|/)_headers$")
_NGINX = re.compile(
    r"nginx[^/]*(?:\.conf|\.template|\.erb)?$|/nginx/.*|\.conf(?:\.template|\.erb|\.j2)?$|(?:^|/)Caddyfile$|\.vcl$|\.htaccess$"
)
_NGINX_RULE = re.compile(
    r"^\s*(expires\s+[^;]+|add_header\s+[\"']?(?:Cache-Control|Expires|Surrogate-Control|Vary)[\"']?\s+[^;]+|"
    r"(?:proxy|fastcgi|uwsgi)_(?:cache\w*|no_cache)\s+[^;]+|etag\s+\w+|Header\s+\w+\s+Cache-Control.*|"
    r"Expires\w+\s+.*|header\s+\S*\s*Cache-Control.*|set\s+beresp\.(?:ttl|grace)\s*=[^;]+)",
    re.IGNORECASE,
)  # fmt: skip
_LOCATION = re.compile(r"^\s*(?:location|@?[\w.-]*\s*handle|server_name|sub)\s+(.+?)\s*\{?\s*$")
_SETTING = re.compile(
    r"(?:^|_)cache_?store$|^cache_?handler$|cacheHandlers?$|^redis_?config$|^cache_?config$|^session_store$|"
    r"^SESSION_ENGINE$|^CACHE_URL$|^CACHE_BACKEND$|cacheMaxMemorySize|^perform_caching$|^page_cache_directory$|^CACHEOPS\w*$",
    re.IGNORECASE,
)
_STORE_CALL = re.compile(
    r"(?:^|[.:])(?:createClient|Redis|IORedis|RedisClient|ConnectionPool|Cluster|from_url|RedisCacheStore|Keyv|"
    r"KeyvRedis|redisStore|createKeyv|Memcached|MemCacheStore|Dalli|CacheModule\.register(?:Async)?|session_store|"
    r"RedisStore|LockManager|NodeCache|buildStorage|StrictRedis)(?:\.new)?$"
)
_POOL = re.compile(r"ConnectionPool\S*\.new.*(?:Redis|Memcache|Dalli)|Redis::Namespace\.new")
_REDIS_FILE = re.compile(r"(?:^|/)(?:redis|valkey|memcached|cache)[\w-]*\.(?:yml|yaml|conf|toml|json)$")
_HTTP_CALLS = frozenset({"expires_in", "expires_now", "fresh_when", "stale?", "http_cache_forever", "no_store",
                         "caches_page", "cache_control", "cache_page", "never_cache", "patch_cache_control",
                         "patch_response_headers", "origin_cache", "http_cache", "cacheControl", "render_with_cache",
                         "cache_even_if_authenticated!", "vary_by"})  # fmt: skip
_HEADER = re.compile(r"^(?:Cache-Control|Surrogate-Control|CDN-Cache-Control|Vercel-CDN-Cache-Control|Surrogate-Key|"
                     r"Netlify-CDN-Cache-Control|Expires|ETag|Clear-Site-Data)$", re.IGNORECASE)  # fmt: skip
# As keys of objects, `expires` and `etag` are names for anything.
_LITERAL = re.compile(r"^(?:(?:\w+-)?Cache-Control|Surrogate-(?:Control|Key)|Clear-Site-Data)$", re.IGNORECASE)
_SET_HEADER = re.compile(
    r"(?:^|\.)(?:set|setHeader|header|append|headers\.set|setHeaders|add_header|response\.headers)$"
)
_SEGMENT_FILE = re.compile(r"(?:^|/)(?:page|layout|route)\.[jt]sx?$")
_SEGMENT = frozenset({"revalidate", "dynamic", "fetchCache"})
_CONTROLLER = re.compile(r"(?:^|/)app/(?:controllers|views)/(.+?)(?:_controller)?\.(?:rb|jbuilder|erb)$")
_PWA = re.compile(
    r"(?:withPWA(?:Init)?|VitePWA|withSerwist\w*|generateSW|injectManifest|precacheAndRoute|registerRoute|GenerateSW|"
    r"InjectManifest|serviceWorker\.register)$"
)


def facts(side: Side) -> list[Fact]:
    """The stores, workers and rules of a file."""
    if WORKER.search(side.path):
        return [Fact(kind="service worker", name=side.path, line=1, value=side.entry.oid[:10])]
    if not HINT.search(side.text):
        return []
    name = side.path.rpartition("/")[2]
    if name in ("vercel.json", "firebase.json", "now.json", "staticwebapp.config.json"):
        return list(_json_headers(side))
    if name == "netlify.toml":
        return list(_toml_headers(side))
    if _HEADERS_FILE.search(side.path):
        return list(_headers_file(side))
    if _NGINX.search(side.path):
        return list(_nginx(side))
    if _REDIS_FILE.search(side.path) and "lock" not in name:
        return [Fact(kind="cache store", name=side.path, line=1, value=side.entry.oid[:10])]
    if name in ("application.yml", "application.yaml", "application.properties"):
        return list(_spring(side))
    said = expressions_of(side)
    return [] if said is None else list(_code(side, said))


def _json_headers(side: Side) -> Iterator[Fact]:
    try:
        data = json.loads(side.text)
    except ValueError:
        return
    hosting = data.get("hosting") if isinstance(data, dict) else None
    rows = [data, *(hosting if isinstance(hosting, list) else [hosting])]
    for row in rows:
        for rule in _list(row, "headers") + _list(row, "routes"):
            source = str(rule.get("source") or rule.get("src") or rule.get("route") or rule.get("regex") or "")
            yield from _rule(side, source, rule.get("headers"))


def _list(row: Any, key: str) -> list[dict[str, Any]]:
    value = row.get(key) if isinstance(row, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _rule(side: Side, source: str, headers: Any) -> Iterator[Fact]:
    pairs = headers.items() if isinstance(headers, dict) else [
        (one.get("key"), one.get("value")) for one in headers or () if isinstance(one, dict)
    ]  # fmt: skip
    for key, value in pairs:
        if isinstance(key, str) and _HEADER.search(key):
            line = next((at for at, text in enumerate(side.lines, 1) if source and source in text), 1)
            yield Fact(kind="http cache", name=source or side.path, line=line, value=f"{key}: {value}")


def _toml_headers(side: Side) -> Iterator[Fact]:
    try:
        data = tomllib.loads(side.text)
    except tomllib.TOMLDecodeError:
        return
    for rule in _list(data, "headers"):
        yield from _rule(side, str(rule.get("for", "")), rule.get("values"))


def _headers_file(side: Side) -> Iterator[Fact]:
    source = ""
    for number, line in enumerate(side.lines, 1):
        if line[:1] not in (" ", "\t", "#", ""):
            source = line.strip()
        elif _HEADER.search(line.partition(":")[0].strip()):
            yield Fact(kind="http cache", name=source, line=number, value=line.strip())


def _nginx(side: Side) -> Iterator[Fact]:
    source = ""
    for number, line in enumerate(side.lines, 1):
        location = _LOCATION.match(line)
        if location:
            source = location[1]
        rule = _NGINX_RULE.match(line)
        if rule:
            yield Fact(kind="http cache", name=source or side.path, line=number, value=rule[1].strip())


def _spring(side: Side) -> Iterator[Fact]:
    if side.path.endswith(".properties"):
        for number, line in enumerate(side.lines, 1):
            if re.match(r"\s*spring\.(?:cache|redis|data\.redis)\.", line):
                yield Fact(kind="cache store", name=line.partition("=")[0].strip(), line=number, value=line.strip())
        return
    for one in scalars(side.text):
        name = ".".join(map(str, one.path))
        if re.match(r"spring\.(?:cache|redis|data\.redis)\.", name):
            yield Fact(kind="cache store", name=name, line=one.line, value=one.value)


def _code(side: Side, said: Expressions) -> Iterator[Fact]:
    for one in said.definitions:
        yield from _defined(side, said, one)
    for call in said.calls:
        yield from _called(side, said, call)
    yield from _literal_headers(side, said)


def _defined(side: Side, said: Expressions, one: Definition) -> Iterator[Fact]:
    if one.name == "CACHES":
        for alias, value in said.pairs(one.held):
            yield Fact(kind="cache store", name=f'CACHES["{alias}"]', line=one.line, value=said.shown(value))
        if one.held.type != "dictionary":
            yield Fact(kind="cache store", name="CACHES", line=one.line, value=said.shown(one.held))
    elif _SETTING.search(one.name) and not one.returned:
        yield Fact(
            kind="cache store", name=one.name, line=one.line, value=said.shown(one.held),
            details={"environment": _environment(side.path)},
        )  # fmt: skip
    elif _POOL.match(said.shown(one.held)):
        yield Fact(kind="cache store", name=one.name, line=one.line, value=said.shown(one.held), sure=False)
    elif one.name in _SEGMENT and _SEGMENT_FILE.search(side.path) and not said.inside(one.node)[1:]:
        shown = f"{one.name} {said.shown(one.held)}"
        yield Fact(kind="http cache", name=side.path, line=one.line, value=shown)


def _called(side: Side, said: Expressions, call: Call) -> Iterator[Fact]:
    if call.method in _HTTP_CALLS and (not call.receiver or call.receiver in ("self", "response", "request")):
        yield Fact(kind="http cache", name=_place(side, said, call), line=call.line, value=_shown_call(said, call))
    elif call.method in ("decorator", "method_decorator"):
        return
    elif _SET_HEADER.search(call.callee) and call.arguments:
        header = said.say(call.arguments[0])
        if header and _HEADER.search(header) and len(call.arguments) > 1:
            value = f"{header}: {said.shown(call.arguments[1])}"
            yield Fact(kind="http cache", name=_place(side, said, call), line=call.line, value=value)
    elif _PWA.search(call.callee):
        yield Fact(kind="service worker", name=side.path, line=call.line, value=_shown_call(said, call), sure=False)
    elif _STORE_CALL.search(call.callee) and re.search(r"redis|memcache|cache|keyv", call.callee, re.IGNORECASE):
        assigned = next((one.name for one in said.definitions if one.held.id == call.node.id), "")
        name = assigned or side.path
        yield Fact(kind="cache store", name=name, line=call.line, value=_shown_call(said, call), sure=False)


def _literal_headers(side: Side, said: Expressions) -> Iterator[Fact]:
    """`{ "Cache-Control": "…" }`, `{ key: "Cache-Control", value: "…" }`, `headers["Cache-Control"] = "…"`."""
    sources = [(one.line, said.say(said.value(one)) or "") for one in said.definitions if one.name == "source"]
    for one in said.definitions:
        if _LITERAL.search(one.name) or (one.name == "key" and _HEADER.search(said.say(said.value(one)) or "")):
            value = said.shown(one.held)
            if one.name == "key":
                after = next((d for d in said.definitions if d.name == "value" and d.line >= one.line), None)
                value = f"{said.say(said.value(one))}: {said.shown(after.held) if after is not None else ''}"
            source = next((text for at, text in reversed(sources) if at <= one.line and text), "")
            yield Fact(kind="http cache", name=source or _controller(side.path), line=one.line, value=value)
    for match in re.finditer(
        r"\[['\"](Cache-Control|Surrogate-Control|Expires)['\"]\]\s*=\s*(.+)", side.text, re.IGNORECASE
    ):
        line = side.text.count("\n", 0, match.start()) + 1
        yield Fact(kind="http cache", name=_controller(side.path), line=line, value=f"{match[1]}: {match[2].strip()}")


def _shown_call(said: Expressions, call: Call) -> str:
    parts = [said.shown(one) for one in call.arguments]
    parts += [f"{name} {said.shown(value)}" for name, value in call.keywords.items()]
    above = call.node.parent
    # `expires_in 3.minutes unless signed_in?`
    guarded = above is not None and above.type in ("if_modifier", "unless_modifier")
    guard = said.shown(above).removeprefix(said.shown(call.node)) if above is not None and guarded else ""
    return f"{call.method} {', '.join(parts)}{guard}".strip()


def _place(side: Side, said: Expressions, call: Call) -> str:
    """Where a rule is said: `statuses#show` of a controller, else the file and function."""
    function = _function(call.node, said)
    place = _controller(side.path)
    if place != side.path:
        return f"{place}#{function}" if function else place
    return f"{side.path}:{function}" if function else side.path


def _controller(path: str) -> str:
    found = _CONTROLLER.search(path)
    return found[1] if found else path


def _function(node: "Node", said: Expressions) -> str:
    """The function that a call stands in, or that a decorator stands above."""
    above = node.parent
    while above is not None:
        name = above.child_by_field_name("name")
        if above.type == "decorated_definition":
            inner = above.child_by_field_name("definition")
            name = inner.child_by_field_name("name") if inner is not None else None
        if name is not None and above.type in ("method", "singleton_method", "function_definition",
                                               "function_declaration", "method_definition", "decorated_definition",
                                               "variable_declarator"):  # fmt: skip
            return said.tree.text(name)
        above = above.parent
    return ""


def _environment(path: str) -> str:
    found = re.search(r"config/environments/(\w+)\.rb$", path)
    return found[1] if found else ""
