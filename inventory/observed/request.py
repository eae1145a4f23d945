"""HTTP requests: which one a `curl` or `gh api` line sends, and whether it is one that the catalogue describes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .pattern import shape, told_apart

_READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_METHOD = re.compile(r"[A-Z]{3,7}")
_CURL_VALUES = frozenset(
    {"-X", "--request", "-H", "--header", "-d", "--data", "--data-raw", "--data-binary", "--data-urlencode",
     "--data-ascii", "--json", "-F", "--form", "-u", "--user", "-o", "--output", "-A", "--user-agent", "-e",
     "--referer", "-b", "--cookie", "-c", "--cookie-jar", "-T", "--upload-file", "--url", "-x", "--proxy",
     "-w", "--write-out", "--retry", "--max-time", "-m", "--connect-timeout", "--cacert", "--cert", "--key",
     "-E", "-K", "--config", "-D", "--dump-header", "--oauth2-bearer", "--resolve", "--form-string",
     "--url-query"}
)  # fmt: skip
_BODIES = frozenset(
    {"-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--data-ascii", "--json", "-F", "--form",
     "--form-string"}
)  # fmt: skip
_HTTPIE_VALUES = frozenset({"-a", "--auth", "-A", "--auth-type", "-s", "--session", "-o", "--output", "--timeout",
                            "--proxy", "--cert", "--verify", "--raw"})  # fmt: skip
_HTTPIE_BODY = re.compile(r"[\w.\[\]-]+(?::?=|@).*", re.DOTALL)
_WGET_VALUES = frozenset(
    {"--method", "--body-data", "--body-file", "--post-data", "--post-file", "--header", "-O", "-o"}
)
_GH_VALUES = frozenset(
    {"-X", "--method", "-f", "--raw-field", "-F", "--field", "-H", "--header", "--input", "-q", "--jq", "-t",
     "--template", "--hostname", "-p", "--preview", "--cache"}
)  # fmt: skip
HTTP_PROGRAMS = frozenset({"curl", "http", "https", "xh", "wget"})


@dataclass(frozen=True)
class Request:
    """A request: its method, and the host and path of its URL without a scheme, a query, or a password."""

    method: str
    target: str

    @property
    def reads(self) -> bool:
        """Whether its method changes nothing."""
        return self.method in _READS


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Requests that an entry is about.

    Attributes:
        methods: in upper case.
        target: what host and path look like.
        captures: what it captures.
    """

    methods: Sequence[str]
    target: re.Pattern[str]
    captures: set[str] = field(default_factory=set)


def endpoint(text: str) -> Endpoint:
    """`POST|PUT api.example.com/v1/{thing}[/{id}]`; a capture ends at a slash.

    Raises:
        ValueError: it is none.
    """
    methods, space, target = text.partition(" ")
    if not space or not all(_METHOD.fullmatch(one) for one in methods.split("|")):
        raise ValueError(f"{text!r} names no method.")
    compiled = shape(target, "[^/]")
    return Endpoint(methods=methods.split("|"), target=compiled, captures=set(compiled.groupindex))


def matched(endpoint: Endpoint, request: Request) -> Mapping[str, str] | None:
    """What an endpoint captures from a request; None if it is not about it."""
    if request.method not in endpoint.methods:
        return None
    found = endpoint.target.fullmatch(request.target)
    return None if found is None else {name: value for name, value in found.groupdict().items() if value is not None}


def request_of(program: str, words: Sequence[str]) -> Request | None:
    """The request that a command sends; None if it sends none, or its URL is not known."""
    if program == "curl":
        return _curl(words)
    if program == "wget":
        return _wget(words)
    if program == "gh" and list(words[:1]) == ["api"]:
        return _gh(words[1:])
    return _httpie(words) if program in HTTP_PROGRAMS else None


def _curl(words: Sequence[str]) -> Request | None:
    parsed = told_apart(words, _CURL_VALUES)
    given = dict(parsed.options)
    flags = "".join(name[1:] for name, value in parsed.options if value is None and re.fullmatch(r"-[a-zA-Z]+", name))
    # `-sX POST`: the value of the last letter of a cluster is read as an operand.
    operands = list(parsed.operands)
    method = given.get("-X") or given.get("--request") or ""
    if not method and flags.endswith("X") and operands:
        method = operands.pop(next((at for at, one in enumerate(operands) if _METHOD.fullmatch(one)), 0))
    if not method:
        sends = bool(_BODIES & given.keys()) or any(letter in flags for letter in "dF")
        puts = bool({"-T", "--upload-file"} & given.keys())
        gets = "G" in flags or "--get" in given
        method = "GET" if gets else "PUT" if puts else "POST" if sends else "HEAD" if "I" in flags else "GET"
    return _request(method, [given.get("--url") or "", *operands])


def _wget(words: Sequence[str]) -> Request | None:
    parsed = told_apart(words, _WGET_VALUES)
    given = dict(parsed.options)
    posts = {"--post-data", "--post-file", "--body-data", "--body-file"} & given.keys()
    return _request(given.get("--method") or ("POST" if posts else "GET"), parsed.operands)


def _httpie(words: Sequence[str]) -> Request | None:
    operands = list(told_apart(words, _HTTPIE_VALUES).operands)
    method = operands.pop(0) if operands and _METHOD.fullmatch(operands[0].upper()) and len(operands) > 1 else ""
    body = any(_HTTPIE_BODY.fullmatch(one) and "==" not in one for one in operands[1:])
    return _request(method or ("POST" if body else "GET"), operands[:1])


def _gh(words: Sequence[str]) -> Request | None:
    parsed = told_apart(words, _GH_VALUES)
    given = dict(parsed.options)
    sends = bool({"-f", "--raw-field", "-F", "--field", "--input"} & given.keys())
    method = given.get("-X") or given.get("--method") or ("POST" if sends else "GET")
    if not parsed.operands or parsed.operands[0] == "graphql":
        return None
    path = parsed.operands[0].removeprefix("https://api.github.com").lstrip("/")
    return _request(method, [f"{given.get('--hostname') or 'api.github.com'}/{path}"])


def _request(method: str, urls: Sequence[str]) -> Request | None:
    url = next((one for one in urls if "." in one or "/" in one or ":" in one), "")
    if not url:
        return None
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = parts.hostname or ""
    except ValueError:
        return None
    # A host in a variable, `$API/v1/x`, is kept as it is written.
    host = host if "$" not in parts.netloc else parts.netloc.rpartition("@")[2]
    return Request(method.upper(), f"{host}{parts.path.rstrip('/')}")
