"""Addresses that other systems call: webhooks, callbacks, redirects of OAuth, and routes that a schedule calls."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..changes import Side
from ..reading.expressions import Call, Expressions, expressions_of
from ..reading.hints import Hint
from ..reading.named import Fact

if TYPE_CHECKING:
    from tree_sitter import Node

WORDS = re.compile(
    r"web_?-?hook|callback|(?:^|[/_.:'\"-])hooks?(?:[/_.:'\"-]|$)|\bipn\b|oauth|(?:^|/)cron(?:/|$)|inbound|postback",
    re.IGNORECASE,
)
"""What the path or controller of such a route has."""

HINT = Hint(
    "hook callback ipn oauth /cron inbound postback",
    r"[\"'`/:][\w/:.<>{}-]*(?:web_?-?hook|callback|\bhooks?\b|\bipn\b|oauth|/cron\b|inbound|postback)",
    re.IGNORECASE,
)
"""What stands near a line that may be such a route."""

_IMPORT = re.compile(r"\b(?:from|import\s*\(?|require\s*\()\s*(['\"])[^'\"\n]*\1")

_ROUTES_FILE = re.compile(r"(?:^|/)config/routes(?:\.rb$|/.+\.rb$)|(?:^|/)routes\.rb$")
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "match", "all", "any", "options", "head"})
_RESOURCES = frozenset({"resources", "resource"})
_ROUTERS = re.compile(
    r"(?:^|\.)(?:app|router|route|routes|server|fastify|api|blueprint|bp|mux|e|r|g|group|hono|elysia|express\(\)|Route|"
    r"webhooks?|\w*[rR]outer|\w*Routes?|\w*_bp|\w*_blueprint|\w*[aA]pp|\w*Api|config)(?:\(\))?$"
)
_CALLERS = re.compile(
    r"axios|fetch|http|client|request|session|\bky\b|\bgot\b|supertest|faraday|agent|\bapi\b\.|page|browser",
    re.IGNORECASE,
)
_FUNCTIONS = frozenset(
    {"path", "re_path", "url", "add_route", "HandleFunc", "Handle", "handle", "mount", "forward", "live", "scope",
     "Map", "MapPost", "MapGet", "MapPut", "route", "use", "register"}
)  # fmt: skip
_DECORATORS = frozenset(
    {"Get", "Post", "Put", "Patch", "Delete", "All", "PostMapping", "GetMapping", "RequestMapping", "PutMapping",
     "HttpPost", "HttpGet", "Route", "Path"}
)  # fmt: skip
_CONTROLLERS = frozenset({"Controller", "RequestMapping", "Route", "RoutePrefix", "JsonController", "RestController"})
_FILE_ROUTES = (
    (re.compile(r"(?:^|/)app/(.*?)/?route\.[jt]sx?$"), "/"),
    (re.compile(r"(?:^|/)pages/(api/.+?)(?:/index)?\.[jt]sx?$"), "/"),
    (re.compile(r"(?:^|/)(?:src/)?routes/(.*?)/?\+server\.[jt]s$"), "/"),
    (re.compile(r"(?:^|/)server/(?:api|routes)/(.+?)(?:\.(?:get|post|put|delete))?\.[jt]s$"), "/"),
    (re.compile(r"(?:^|/)app/routes/(.+?)\.[jt]s$"), "."),
    (re.compile(r"(?:^|/)netlify/(?:edge-)?functions/(.+?)\.[jt]s$"), "/"),
    (re.compile(r"(?:^|/)supabase/functions/([^/]+)/index\.ts$"), "/"),
    (re.compile(r"^(?:apps/[\w-]+/)?(api/(?:[\w\[\]-]+/)*[\w\[\]-]+)\.(?:[jt]s|py|go)$"), "/"),
)
_INNER = re.compile(r"/(?:lib|libs|types?|utils?|helpers?|components?|schemas?|_[\w-]+)/")
_GROUP = re.compile(r"^\([^)]*\)$")
_OAUTH = re.compile(r"oauth|auth|sso|saml|openid|oidc|omniauth|connect|login", re.IGNORECASE)
_PATH = re.compile(r"[\w/:{}<>()\[\]?+*.^$\\@#|=%~-]*")


def hinted(text: str) -> bool:
    """Whether lines may be about such a route; where modules are imported from is no route."""
    return HINT.search(text) and HINT.search(_IMPORT.sub("", text))


def facts(side: Side) -> list[Fact]:
    """The routes of a file."""
    found = list(_of_path(side))
    said = expressions_of(side) if hinted(side.text) else None
    if said is None:
        return found
    if said.tree.grammar == "ruby":
        if _ROUTES_FILE.search(side.path) or "routes.draw" in side.text:
            found += _rails(said)
        return found
    return [*found, *_calls(said, said.tree.grammar)]


def claims(path: str) -> bool:
    """Whether a path is a route by itself."""
    return any(pattern.search(path) for pattern, _ in _FILE_ROUTES) and WORDS.search(path) is not None


def _of_path(side: Side) -> Iterator[Fact]:
    """Frameworks that make routes of files."""
    for pattern, separator in _FILE_ROUTES:
        found = pattern.search(side.path)
        if found is None:
            continue
        parts = [
            one for one in re.split(r"[/.]" if separator == "." else "/", found[1]) if one and not _GROUP.match(one)
        ]
        path = "/" + "/".join(one.rstrip("+") for one in parts)
        if side.path.startswith("supabase/functions/") or "/supabase/functions/" in side.path:
            path = f"/functions/v1{path}"
        if WORDS.search(path) and not _INNER.search(path):
            yield _fact(path, 1, "")
        return


def _fact(path: str, line: int, controller: str) -> Fact:
    kind = "webhook"
    if re.search(r"(?:^|/)cron(?:/|$)", path):
        kind = "cron"
    elif re.search(r"callback|redirect", path, re.IGNORECASE) and _OAUTH.search(f"{path} {controller}"):
        kind = "oauth redirect"
    return Fact(kind=kind, name=path, line=line, value=controller)


# Rails


def _rails(said: Expressions) -> Iterator[Fact]:
    for call in said.calls:
        if call.receiver or call.method not in _VERBS | _RESOURCES | {"mount", "devise_for", "use_doorkeeper"}:
            continue
        controller = " ".join(
            said.say(node) or said.shown(node)
            for name, node in call.keywords.items()
            if name in ("to", "controller", "controllers", "at", "via", "only")
        )
        names = [said.say(node) for node in call.arguments] or [None]
        if call.method == "mount":
            names = [said.say(call.keywords["at"])] if "at" in call.keywords else names
        # `post 'a' => 'b#c'`
        for key in call.node.named_children[-1].named_children if not call.arguments else ():
            if key.type == "pair" and len(key.named_children) == 2:
                names, controller = [said.say(key.named_children[0])], said.say(key.named_children[1]) or ""
                break
        for name in names:
            if name is None:
                continue
            path = _joined([*_prefixes(call.node, said), *_own(call, name, said)])
            if WORDS.search(path) or WORDS.search(controller):
                yield _fact(path, call.line, controller.strip())


def _own(call: Call, name: str, said: Expressions) -> list[str]:
    """A route's own part of its path."""
    given = call.keywords.get("path")
    return [(said.say(given) if given is not None else None) or name]


def _prefixes(node: "Node", said: Expressions) -> list[str]:
    """What the blocks around a route put in front of it, outermost first."""
    found: list[str] = []
    above, member = node.parent, False
    while above is not None:
        if above.type == "call":
            call = said.call(above)
            method = said.tree.text(above.child_by_field_name("method"))
            first = said.say(call.arguments[0]) if call is not None and call.arguments else None
            path = call.keywords.get("path") if call is not None else None
            given = said.say(path) if path is not None else None
            if method in ("member", "collection"):
                member = method == "member"
            elif method == "namespace" or method == "scope":
                found.insert(0, given if given is not None else first or "")
            elif method in _RESOURCES and first:
                nested = method == "resources"
                collection = not member and said.tree.text(node.child_by_field_name("method")) in _VERBS
                tail = "" if not nested else ":id" if member else "" if collection else f":{_singular(first)}_id"
                found[0:0] = [given or first, tail]
                node, member = above, False
        above = above.parent
    return found


def _singular(name: str) -> str:
    return name.removesuffix("s") if not name.endswith("ies") else name.removesuffix("ies") + "y"


def _joined(parts: list[str]) -> str:
    return "/" + "/".join(one.strip("/") for one in parts if one and one.strip("/"))


# Frameworks whose routes are calls and decorators


def _calls(said: Expressions, grammar: str) -> Iterator[Fact]:
    prefix = _controller_prefix(said)
    for call in said.calls:
        path = _path_of(call, said, grammar)
        if path is None:
            continue
        if call.callee in _DECORATORS and prefix:
            path = _joined([prefix, path])
        controller = said.shown(call.arguments[-1]) if len(call.arguments) > 1 else ""
        path = _plain(path)
        if WORDS.search(path) and len(path) < 200:
            yield _fact(path, call.line, controller[:80] if re.fullmatch(r"[\w.:\[\]]+", controller) else "")


def _path_of(call: Call, said: Expressions, grammar: str) -> str | None:
    """The path that a call gives a route; None if it is no route."""
    receiver, method = call.receiver, call.method
    if call.callee in _DECORATORS:
        return said.say(call.arguments[0]) if call.arguments else ""
    if _CALLERS.search(receiver):
        return None
    position = 0
    if method == "add_route" and len(call.arguments) > 1:
        position = 1
    elif method.lower() in _VERBS or method in _FUNCTIONS:
        elixir = grammar == "elixir" and not receiver
        python = grammar == "python" and not receiver and method in ("path", "re_path", "url")
        if not elixir and not python and not (receiver and _ROUTERS.search(receiver)) and method != "HandleFunc":
            if method == "route" and said.keyword(call, "path", "url") is not None:
                return said.say(said.keyword(call, "path", "url"))
            return None
    else:
        return None
    given = said.keyword(call, "path", "url") if method in ("route", "register") else None
    node = given if given is not None else call.arguments[position] if len(call.arguments) > position else None
    path = said.say(node)
    return path if path is not None and _PATH.fullmatch(path) else None


def _controller_prefix(said: Expressions) -> str:
    for call in said.calls:
        if call.callee in _CONTROLLERS and call.arguments:
            return said.say(call.arguments[0]) or ""
    return ""


def _plain(path: str) -> str:
    """A path without what only a regular expression has around it."""
    return "/" + re.sub(r"^\^|\$$|^r?/|/?\$$", "", path).strip("/")
