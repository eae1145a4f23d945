"""Integrations: which services a target began or ceased to use, by their packages, their hosts, and their folders."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from ..changes import Changes, Side
from ..model import Change
from ..reading.named import Fact, is_told
from .table import PROVIDERS

MANIFESTS = re.compile(
    r"(?:^|/)(?:package\.json|Gemfile|requirements[\w.-]*\.(?:txt|in)|pyproject\.toml|Pipfile|setup\.(?:py|cfg)|go\.mod|"
    r"composer\.json|mix\.exs|Cargo\.toml|[\w.-]+\.gemspec)$"
)
_HOST = re.compile(
    r"(?:https?|wss?):(?:\\?/){2}(?:[^/\s\"'`@]*@)?(?:(?:<%=[^%>\n]{1,80}%>|[$#]?\{[^{}\n]{1,80}\}|%s|\$\w{1,40})[.-])?"
    r"((?:[\w-]+\.)+[a-z]{2,})(?:\\?/([\w./-]*))?",
    re.IGNORECASE,
)
_OPEN_HOST = re.compile(
    r"^(?:api|graph|hooks|webhooks?|oauth2?|accounts|login|auth|gateway|rest|sandbox-api|connect|ingest|eu|us)[\d-]*\."
)
_PATH_OF_API = re.compile(r"(?:^|/)(?:api|oauth2?|rest|graphql|webhooks?|v\d+(?:\.\d+)?)(?:/|$)")
# Sites that tell of interfaces.
_DOCUMENTS = re.compile(
    r"^(?:docs?|developers?|help|support|guides?|learn|community|blog)[\d-]*\.|readthedocs|[.]docs?\.", re.IGNORECASE
)
_NOT_HOSTS = re.compile(
    r"(?:^|\.)(?:example|test|invalid|localhost|local|internal)(?:\.|$)|example\.(?:com|org|net)$|w3\.org$|schema\.org$|"
    r"json-schema\.org|github\.io$|(?<!^raw)\.githubusercontent\.com$|shields\.io$|npmjs\.(?:com|org)$|rubygems\.org$|pypi\.org$|"
    r"wikipedia\.org$|mozilla\.org$|stackoverflow\.com$|medium\.com$|youtube\.com$|mycompany|yourdomain|acme\.|"
    r"\.(?:svc|lan|home|corp|intranet)$|"
    r"opensource\.org$|apache\.org$|ietf\.org$|unpkg\.com$|jsdelivr\.net$|docker\.(?:com|io)$|gravatar\.com$",
    re.IGNORECASE,
)
# By the owner of an action, or by owner and name: whom it tells something.
_ACTIONS = {
    "codecov": "codecov", "coverallsapp": "coveralls", "paambaati/codeclimate-action": "codeclimate",
    "getsentry": "sentry", "slackapi": "slack", "8398a7/action-slack": "slack", "rtcamp/action-slack-notify": "slack",
    "aws-actions": "aws", "azure": "azure", "google-github-actions": "google", "cloudflare": "cloudflare",
    "netlify": "netlify", "nwtgck/actions-netlify": "netlify", "amondnet/vercel-action": "vercel",
    "superfly": "fly.io", "akhileshns/heroku-deploy": "heroku", "chromaui": "chromatic", "percy": "percy",
    "sonarsource": "sonarcloud", "snyk": "snyk", "fossas": "fossa", "depot": "depot", "datadog": "datadog",
    "firebaseextended": "firebase", "crowdin": "crowdin", "argos-ci": "argos", "codspeedhq": "codspeed",
    "appleboy/telegram-action": "telegram", "codacy": "codacy",
    "launchdarkly": "launchdarkly", "newrelic": "newrelic", "honeycombio": "honeycomb", "bundlewatch": "bundlewatch",
    "stripe": "stripe", "linear": "linear", "supabase": "supabase",
}  # fmt: skip
_VERSION = re.compile(r"(?:^|/)(v\d+(?:\.\d+)?|\d{4}-\d{2}(?:-\d{2})?)(?:/|$)")
_GENERIC = frozenset(
    {"com", "co", "net", "org", "io", "app", "dev", "ai", "cloud", "me", "uk", "eu", "us", "in", "api"}
)
_FOLDERS = re.compile(
    r"(?:^|/)(?:integrations?|addons?|plugins|providers|gateways|connectors|crms?|channels?|transports|third[_-]?party|"
    r"service[_-]?providers|adapters|marketplace|apps|app-store)/([a-z][\w.-]{2,30})(?:/|\.\w+$)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:[-_]?(?:definition|service|plugin|provider|integration|adapter|gateway|client|controller|job|processor|addon|"
    r"channel|transport|connector|concern|helpers?|builder|setup|config))+$",
    re.IGNORECASE,
)
# What people see of an integration, not what speaks to it.
_SHOWN = re.compile(
    r"\.(?:vue|svelte|scss|css|svg|png|jpe?g|gif|html|erb|haml|json|snap|po|md|mdx|txt)$|/components?/|app/javascript/|/frontend/|/static/|/public/"
)
_NOT_PROVIDERS = frozenset(
    {"utils", "util", "base", "lib", "libs", "common", "types", "type", "tests", "test", "components",
     "component", "helpers", "helper", "services", "service", "hooks", "index", "api", "shared", "core",
     "constants", "config", "models", "model", "views", "view", "controllers", "interface", "interfaces",
     "schema", "schemas", "main", "server", "client", "web", "docs", "dashboard", "frontend", "backend",
     "widget", "sdk", "ui", "styles", "assets", "icons", "locales", "locale", "i18n", "email", "emails",
     "management", "migrations", "graphql", "webhook", "webhooks", "oauth", "local", "default", "example",
     "template", "templates", "list", "edit", "new", "settings", "page", "pages", "layout", "actions", "action",
     "mutations", "queries", "errors", "error", "manager", "registry", "factory", "abstract", "error_codes",
     "tasks", "task", "invoice_gateway", "sample", "dummy", "mock", "fake", "remix", "openpage-api", "storybook",
     "messages", "message", "build", "create", "get", "make", "storage", "file", "memory", "remote", "queue",
     "cache", "log", "logger", "console", "metrics", "integration", "validate", "normalize", "setup", "payment",
     "payments", "user", "account", "accounts", "inbox"}
)  # fmt: skip
REGISTRY = re.compile(
    r"(?:^|/)(?:config/)?(?:integrations?|addons)(?:/apps)?\.ya?ml$|(?:^|/)integration/apps\.ya?ml$"
)


def facts(side: Side) -> list[Fact]:
    """The services that a file speaks of."""
    if MANIFESTS.search(side.path):
        return [_fact(name, line, details={"word": package}) for name, line, package in _packages(side)]
    found = list(_hosts(side))
    if REGISTRY.search(side.path):
        for number, text in enumerate(side.lines, 1):
            key = re.match(r"([a-z][\w-]+):\s*$", text)
            if key:
                found.append(_fact(key[1], number))
    return found


def _fact(
    name: str, line: int, value: str = "", *, details: Mapping[str, str] | None = None, sure: bool = True
) -> Fact:
    return Fact(kind="integration", name=name, line=line, value=value, details=details or {}, sure=sure)


USES = re.compile(r"\buses:\s*['\"]?([\w.-]+/[\w./-]+)")
"""An action that a workflow runs."""


_BELOW = 8
_REGISTRY_KEY = re.compile(r"^\s*registry:\s*['\"]?([^\s'\"]+)")
_REGISTRIES = (
    ("docker.io", "docker hub"), ("ghcr.io", "github container registry"), ("amazonaws.com", "aws"),
    ("azurecr.io", "azure"), ("gcr.io", "google"), ("pkg.dev", "google"), ("digitalocean.com", "digitalocean"),
    ("quay.io", "quay"), ("gitlab.com", "gitlab"),
)  # fmt: skip


def _registry(below: Sequence[str]) -> str:
    """Where images are pushed, from the lines below the step that signs in."""
    for text in below:
        if re.match(r"\s*-\s", text):
            break
        if match := _REGISTRY_KEY.match(text):
            host = match[1].partition("/")[0]
            return next((name for end, name in _REGISTRIES if host.endswith(end)), "container registry")
    return "docker hub"


def of_workflows(side: Side) -> list[Fact]:
    """The services that a workflow's actions speak to."""
    found = []
    for number, text in enumerate(side.lines, 1):
        action = None if text.lstrip().startswith("#") else USES.search(text)
        if action and action[1].lower().startswith("docker/login-action"):
            found.append(_fact(_registry(side.lines[number : number + _BELOW]), number, details={"word": action[1]}))
            continue
        owner, _, rest = (
            action[1].lower().partition("/") if action and "#" not in text[: action.start()] else ("", "", "")
        )
        name = _ACTIONS.get(f"{owner}/{rest.partition('/')[0]}") or _ACTIONS.get(owner)
        if name and action:
            found.append(_fact(name, number, details={"word": action[1]}))
    return found


def of_folders(changes: Changes) -> list[tuple[Change, str, Fact, str]]:
    """Services whose first or last file below a folder of integrations the target added or removed.

    Returns:
        What happened, the commit, the fact, and the path.
    """
    seen: set[str] = set()
    moved: list[tuple[Change, str, Fact, str]] = []
    for delta in changes.deltas:
        if (delta.old is None) == (delta.new is None) or not is_told(delta.path):
            continue
        found = _FOLDERS.search(delta.path)
        if found is None or _SHOWN.search(delta.path):
            continue
        stem, dot, _ = found[1].partition(".")
        name = _ROLE.sub("", stem)
        known = re.sub(r"[^a-z0-9]", "", name.lower()) in _plain_names()
        if (dot or found.end() == len(delta.path)) and not known and name == stem:
            # A file, not a folder: its name has to say that it is one of them.
            continue
        folder = delta.path[: found.end(1)]
        if len(name) < 3 or name.lower() in _NOT_PROVIDERS or name.startswith("base") or folder in seen:
            continue
        seen.add(folder)
        before = any(path.startswith((f"{folder}/", f"{folder}.")) or path == folder for path in changes.before.files)
        after = any(path.startswith((f"{folder}/", f"{folder}.")) or path == folder for path in changes.after.files)
        if before != after:
            moved.append(("added" if after else "removed", delta.commit, _fact(name, 1, sure=known), delta.path))
    done = {(change, fact.name) for change, _, fact, _ in moved}
    # What came elsewhere as it went here has moved.
    return [one for one in moved if len({change for change, name in done if name == one[2].name}) == 1]


@cache
def _plain_names() -> frozenset[str]:
    return frozenset(re.sub(r"[^a-z0-9]", "", name) for name in PROVIDERS)


# Packages


@cache
def _by_package() -> dict[str, str]:
    return {package.lower(): name for name, (_, packages) in PROVIDERS.items() for package in packages}


# Packages for signing in with a service: its name is theirs.
_SIGNS_IN = re.compile(r"(?:omniauth|passport)-(\w+?)(?:-?(?:oauth2?0?|graph|v\d|token|auth))*$")
_PROTOCOLS = frozenset(
    {"oauth", "oauth1", "oauth2", "openid", "openid_connect", "saml", "ldap", "cas", "jwt", "local", "http",
     "rails_csrf_protection", "multi_password", "identity", "shibboleth", "custom", "strategy", "magic", "anonymous"}
)  # fmt: skip


def provider_of(package: str) -> str | None:
    """The service that a package speaks to."""
    table = _by_package()
    package = package.lower()
    scope = package.partition("/")[0] + "/"
    known = table.get(package) or (table.get(scope) if package.startswith("@") else None)
    signs_in = None if known or len(package) > 80 else _SIGNS_IN.match(package)
    return signs_in[1] if signs_in and signs_in[1] not in _PROTOCOLS else known


_NAMED = (
    re.compile(r"^\s*gem\s+['\"]([\w.-]+)['\"]"),
    re.compile(r"^\s*['\"]?([A-Za-z][\w.-]*)(?:\[[^\]]*\])?['\"]?\s*(?:[=<>~!^]=?|@|\{|$|;|,)"),
    re.compile(r"^\s*\{:([a-z_]+),"),
    re.compile(r"^\s*\w*\.?add_(?:runtime_|development_)?dependency\s*\(?['\"]([\w.-]+)['\"]"),
    re.compile(r"^\s*['\"]([A-Za-z][\w.-]*)(?:\[[^\]]*\])?\s*[=<>~!^]"),
)


_MODULE = re.compile(r"^\s*(?:require\s+)?[\w.-]+\.\w+/([\w./-]+)\s+v\d")


def _module(text: str) -> tuple[str, str] | None:
    """The service that a line of go.mod is about: a part of the module's path is its name."""
    found = _MODULE.match(text)
    parts = found[1].split("/") if found else []
    return next(((part, found[1]) for part in parts if part in PROVIDERS), None) if found else None


def _packages(side: Side) -> Iterator[tuple[str, int, str]]:
    if side.path.endswith(".json"):
        try:
            data = json.loads(side.text)
        except ValueError:
            return
        for key in ("dependencies", "optionalDependencies", "require", "peerDependencies", "devDependencies"):
            row = data.get(key) if isinstance(data, dict) else None
            for package in row if isinstance(row, dict) else ():
                if provider := provider_of(package.rpartition("/")[2] if key == "require" else package):
                    line = next((at for at, text in enumerate(side.lines, 1) if f'"{package}"' in text), 1)
                    yield provider, line, package
        return
    for number, text in enumerate(side.lines, 1):
        if side.path.endswith("go.mod"):
            if module := _module(text):
                yield module[0], number, module[1]
            continue
        for pattern in _NAMED:
            found = pattern.match(text)
            if found and (provider := provider_of(found[1])):
                yield provider, number, found[1]
                break


# Hosts


@cache
def _by_host() -> list[tuple[str, str]]:
    pairs = [(host, name) for name, (hosts, _) in PROVIDERS.items() for host in hosts]
    # The longest first: graph.facebook.com before facebook.com.
    return sorted(pairs, key=lambda pair: -len(pair[0]))


@cache
def host_provider(host: str, path: str, *, asked: bool = False) -> tuple[str, bool] | None:
    """The service behind a host, and whether it is known; None for hosts that are links, not interfaces.

    Args:
        host: in any case.
        path: without the slash in front.
        asked: whether a request is made of it, so that it is no link.
    """
    host = host.lower()
    if _NOT_HOSTS.search(host):
        return None
    open_ = asked or _OPEN_HOST.search(host) is not None or _PATH_OF_API.search(path) is not None
    for known, name in _by_host():
        if host == known or host.endswith(f".{known}") or f"{host}/{path}".startswith(known):
            # A link to a service's site is no use of its interface.
            return (name, True) if open_ or (host == known and known.count(".") > 1) or _is_interface(host) else None
    if not open_ or _DOCUMENTS.search(host):
        return None
    above = host.split(".")[:-1]
    labels = [label for label in above if label not in _GENERIC and not _OPEN_HOST.search(f"{label}.")]
    return (labels[-1], False) if labels else None


def _is_interface(host: str) -> bool:
    return (
        re.search(r"amazonaws\.com$|googleapis\.com$|windows\.net$|ingest|sentry\.io$|hooks\.|api", host) is not None
    )


# A known service's host in quotes, without the scheme: of mail servers, clients that add it themselves.
BARE_HOST = re.compile(r"['\"]((?:smtp|api|mail|imap|hooks|ingest|relay|in|events)[\w-]*(?:\.[\w-]+)+)['\"]")


_AHEAD = 120
# What asks for the address that follows: it is no link.
_REQUEST = re.compile(
    r"\b(?:(?:fetch|axios|ky|got|urlopen|open_uri|file_get_contents)[ \t]{0,9}(?:<[^()<>]{0,60}>)?\(|"
    r"(?:axios|ky|got|requests|httpx|session|client|http|HTTParty|Faraday|RestClient|HTTP|Net::HTTP|URI|Typhoeus|Excon)"
    r"\.\w{1,30}(?:<[^()<>]{0,60}>)?(?:\(|[ \t]))\s{0,9}$"
)


def _hosts(side: Side) -> Iterator[Fact]:
    for number, text in enumerate(side.lines, 1):
        for bare in BARE_HOST.findall(text) if "." in text else ():
            known = next((name for host, name in _by_host() if bare == host or bare.endswith(f".{host}")), None)
            if known and not re.match(r"\s*(?:#|//|\*|<!--|--)", text):
                yield _fact(known, number, details={"word": bare})
        if ("://" not in text and ":\\/" not in text) or re.match(r"\s*(?:#|//|\*|<!--|--)", text):
            continue
        for found in _HOST.finditer(text):
            host, path = found[1], found[2] or ""
            provider, word = host_provider(host, path), {"word": host}
            ahead = text[max(found.start() - _AHEAD, 0) : found.start()].rstrip("\"'`")
            if provider is None and _REQUEST.search(ahead):
                # Links to it may stand elsewhere; they ask nothing of it.
                provider, word = host_provider(host, path, asked=True), {}
            if provider is not None:
                version = _VERSION.search(path)
                yield _fact(provider[0], number, version[1] if version else "", details=word, sure=provider[1])
