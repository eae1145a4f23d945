"""Generated files that are tracked: which path is one, what makes it, and where a whole directory counts as one."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..changes import Delta
from ..generated import is_vendored
from ..manifests.asking import lock_of, manifest_of


@dataclass(frozen=True, kw_only=True)
class Maker:
    """What makes a kind of generated file.

    Attributes:
        what: what the file is, for people.
        path: which paths are such files; a group named `root` is what one item stands for, the whole path if there
            is none.
        command: makes it again; empty where every project has its own.
        caution: what to know before.
        kind: of the items.
        confirm: whether a file that fits is one, from its text; None if its path says enough.
    """

    what: str
    path: re.Pattern[str]
    command: str = ""
    caution: str = ""
    kind: str = "generated file"
    confirm: Callable[[str], bool] | None = None


_HEAD = 1500
_GENERATORS = (
    "orval|openapi|swagger|protoc|graphql|prisma|kysely|drizzle|sqlc|tygo|quicktype|hey-api|kubb|speakeasy|mockgen|"
    "jooq|swig|thrift|antlr"
)
_MARK = re.compile(
    r"@generated\b|\bdo not (?:edit|modify|change)\b|\bauto-?generated\b|\bautomatically generated\b|"
    rf"\bcode generated\b|\bgenerated (?:by|from|with|using) (?:{_GENERATORS})",
    re.IGNORECASE,
)


def _path(*alternatives: str) -> re.Pattern[str]:
    """Paths that end with one of several patterns, each beginning with a name."""
    return re.compile("(?:^|/)(?:" + "|".join(alternatives) + ")$", re.IGNORECASE)


def _is_api(text: str) -> bool:
    return re.search(r"openapi|swagger|paths|type|properties", text[:100_000]) is not None


_SCHEMA_CAUTION = "Migrations write it: take the database back first, then dump, and compare with the reverted file."
_CLIENTS_CAUTION = "Clients that generate code from it do so again. If it is written by hand, the revert is all."
_WORKER_CAUTION = (
    "Browsers keep the newer one until they fetch it again: serve the old one at the same address, uncached."
)
_OUTPUT_CAUTION = "The revert brings the old files back; build again only if they do not fit the reverted sources."

MAKERS: tuple[Maker, ...] = (
    Maker(
        what="schema dump of Rails",
        path=_path(r"db/(?:\w+_)?(?:schema\.rb|structure\.sql)", r"db/(?:\w+_)?schema_cache\.(?:yml|dump)"),
        command="bin/rails db:schema:dump",
        caution=_SCHEMA_CAUTION,
    ),
    Maker(
        what="schema snapshot of Entity Framework",
        path=_path(r"[^/]*ModelSnapshot\.cs", r"[^/]+\.Designer\.cs"),
        caution=_SCHEMA_CAUTION,
    ),
    Maker(what="schema dump", path=_path(r"db/schema\.sql", r"schema-dump\.sql"), caution=_SCHEMA_CAUTION),
    Maker(
        what="GraphQL schema",
        path=_path(r"[\w.-]*schema(?:\.docs)?\.(?:graphqls?|gql)", r"introspection\.json", r"graphql\.schema\.json"),
        caution=_CLIENTS_CAUTION,
    ),
    Maker(
        what="OpenAPI description",
        path=_path(r"[\w.-]*(?:openapi|swagger)[\w.-]*\.(?:json|ya?ml)", r"swagger/(?:[^/]+/)*[^/]+\.(?:json|ya?ml)"),
        caution=_CLIENTS_CAUTION,
        confirm=_is_api,
    ),
    Maker(
        what="code from protocol buffers",
        path=_path(
            r"[^/]+\.pb(?:\.gw|\.validate)?\.(?:go|cc|h|dart|ts|js|swift|rb)",
            r"[^/]+_pb2(?:_grpc)?\.pyi?",
            r"[^/]+_pb\.(?:js|ts|d\.ts|rb)",
            r"[^/]+_grpc\.pb\.go",
        ),
        command="buf generate",
        caution="Without buf it is the project's own call of protoc.",
    ),
    Maker(
        what="service worker",
        path=_path(
            r"(?:sw|service[-_]?worker|firebase-messaging-sw|ngsw-worker|workbox-[\w-]+)\.[cm]?[jt]s(?:\.erb)?"
        ),
        caution=_WORKER_CAUTION,
        kind="service worker",
    ),
    Maker(what="build id of Next.js", path=_path(r"\.next/BUILD_ID"), command="next build"),
    Maker(
        what="build output that is tracked",
        path=re.compile(
            r"(?P<root>(?:^|.*?/)(?:dist|public/(?:packs(?:-test)?|vite(?:-dev|-test)?|build)|"
            r"static/(?:bundles|dist|build)|staticfiles|\.next|storybook-static))/.+$"
        ),
        caution=_OUTPUT_CAUTION,
    ),
    Maker(what="minified file", path=_path(r"[^/]+\.min\.(?:m?js|css)")),
    Maker(
        what="compiled translations",
        path=re.compile(r"(?P<root>(?:^|.*?/)(?:locales?|translations?|i18n))/.+\.mo$|\.mo$"),
        command="python manage.py compilemessages",
    ),
    Maker(
        what="generated code",
        path=re.compile(r"(?P<root>(?:^|.*?/)(?:__generated__|generated))/.+\.\w+$"),
        confirm=lambda text: _MARK.search(text[:_HEAD]) is not None,
    ),
    Maker(
        what="generated code",
        path=_path(
            r"[^/]+\.(?:generated|gen)\.(?:[cm]?[jt]sx?|d\.ts|go|rs|py|cs|graphql|json)",
            r"[^/]+\.g\.(?:dart|cs)",
            r"[^/]+\.freezed\.dart",
        ),
    ),
)
"""The first that fits a path has it."""

# Most paths fit none: asked at once. A search looks everywhere, so what only leads to a name is left out.
_ANY = re.compile(
    "|".join(maker.path.pattern.replace("?P<root>", "?:").replace("(?:^|.*?/)", "(?:^|/)") for maker in MAKERS),
    re.IGNORECASE,
)

BY_MARK = Maker(what="generated code", path=re.compile(""))
"""Files that say so themselves."""

_COMMENT = re.compile(r"^\s*(?://|/?\*|#|--|<!--|;|\"\"\"|%)")
_CODE = re.compile(
    r"\.(?:[cm]?[jt]sx?|vue|py|pyi|rb|rbi|go|rs|java|kt|cs|php|exs?|dart|swift|c|cc|h|hpp|sql|graphqls?|gql|proto|"
    r"prisma|s?css|scala)$"
)
# Where a generator writes all of a directory, that is one thing to make again.
_ROOT = re.compile(
    r"^(.*?(?:^|/)(?:__generated__|generated|gen|openapi|api-client|sorbet/rbi/\w+|rbi/\w+|graphql_types))/"
)
_CI = re.compile(r"(?:^|/)\.(?:github/workflows|gitlab|circleci)/")
_NOT = re.compile(r"(?:^|/)(?:migrations?|migrate|locales?|bin)/")


def maker_of(delta: Delta) -> tuple[Maker, str] | None:
    """What makes a file, and what the item is called; None if nobody generates it."""
    path = delta.path
    if is_vendored(path) or _CI.search(path):
        return None
    for maker in MAKERS if _ANY.search(path) else ():
        found = maker.path.search(path)
        if found and not _installs(path) and _is_confirmed(maker, delta):
            return maker, (found.groupdict().get("root") or path)
    if not _CODE.search(path) or _NOT.search(path) or _installs(path):
        return None
    if any(_says_so(side.text[:_HEAD]) for side in delta.sides):
        root = _ROOT.match(path)
        return BY_MARK, root[1] if root else path
    return None


def _is_confirmed(maker: Maker, delta: Delta) -> bool:
    return maker.confirm is None or any(maker.confirm(side.text) for side in delta.sides)


def _installs(path: str) -> bool:
    """Whether a path belongs to the dependencies: what installs packages, and what they resolved to."""
    return lock_of(path) is not None or manifest_of(path) is not None


def _says_so(head: str) -> bool:
    """Whether a comment among the first lines says that the file is generated."""
    low = head.lower()  # most files say nothing of the kind, and a search for all forms of it takes longer
    if ("generated" not in low and "do not" not in low) or _MARK.search(head) is None:
        return False
    return any(_COMMENT.match(row) and _MARK.search(row) for row in head.splitlines()[:10])
