"""What a secret looks like in a text: after a name that says so, in an address, or by its own form.

Every expression is bounded, so that a search takes time in proportion to the text, whatever stands in it.
"""

import re
from collections.abc import Iterator

from .late import late
from .records import dataclass

_SECRET_NAME = late(
    r"secret|token|passw(?:or)?d|passphrase|credential|apikey|hmac|salt|(?<![a-z])dsn(?![a-z])|"
    r"(?:api|access|private|signing|encryption|master|auth|account|license|client|webhook|jwt|session|service)[_-]?key|"
    r"key[_-]?base|connection[_-]?string|"
    # Words of their own, at the end of the name.
    r"(?:^|[_.-])(?:pass|pwd|pw|key|auth|pat)\d{0,3}$",
    re.IGNORECASE,
)
# What has such a word and is none: kinds of keys; names, places, lifetimes and counts of secrets.
_NO_SECRET = late(
    r"^(?:old)?pwd$|^key$|public[_-]?key|publishable|"
    r"(?:primary|foreign|cache|partition|sort|composite|unique|object|row|i18n|translation|hot|prop|react|group|order|"
    r"map|dict)[_-]?key$|(?:max|min|num|n|input|output|total|prompt|completion|used)[_-]?(?:\w{1,20}_)?tokens?$|"
    r"[_-]?(?:name|id|ids|file|path|dir|url|uri|host|port|ttl|age|expir\w*|expires_?in|lifetime|length|type|types|"
    r"count|limit|enabled|required|rotation|policy|field|header|prefix|format|algorithm|class|provider|size)$",
    re.IGNORECASE,
)

_ASSIGNED = late(
    r"(?<![\w$.-])(?P<flag>-{0,2})(?P<name>[A-Za-z_][\w.-]{0,127}+)"
    r"(?P<between>[\"']?[ \t]{0,8}(?:=>|:=|=|:)[ \t]{0,8})"
)
_FLAGGED = late(r"(?<![\w-])--(?P<name>[A-Za-z][\w-]{0,127}+)[ \t]{1,8}(?!-)")
_VALUE = late(
    r"""\$?"(?P<double>(?:\\.|[^"\\\n]){1,4096})" | \$?'(?P<single>(?:\\.|[^'\\\n]){1,4096})'
      | (?P<plain>(?:\\[^\n]|[^\s"'`;|&()<>,\\]){1,4096})""",
    re.VERBOSE,
)
_HEADER = late(
    r"\b(?:(?:proxy-)?authorization|(?:x-)?api-?key|x-auth-token|x-vault-token|private-token|"
    r"(?:set-)?cookie(?=:[ \t]{0,4}[\w-]{1,128}=))"
    r"""["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|token|digest|negotiate|apikey|api-key)[ \t]{1,4})?"""
    r"""(?P<value>[^\s"'`;]{1,8192}+(?:;[ \t][^\s"'`;]{1,4096}+){0,64})""",
    re.IGNORECASE,
)
_BEARER = late(r"\b[Bb]earer[ \t]{1,4}(?P<value>[\w.~+/=-]{8,8192}+)")
_ADDRESS = late(r"://(?P<user>[^\s/:@'\"<>]{0,256}+):(?P<value>[^\s/@'\"<>]{1,1024}+)@")
_USER_ONLY = late(r"://(?P<value>[^\s/:@'\"<>]{20,512}+)@")
# Programs that take a password behind a short option.
_OPTION = late(
    r"\b(?:(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mycli)\b[^\n|;&]{0,200}?[ \t]-p|"
    r"redis-cli\b[^\n|;&]{0,200}?[ \t]-a[ \t]{1,4}|sshpass[ \t]{1,4}-p[ \t]{0,4}|"
    r"curl\b[^\n|;&]{0,200}?[ \t](?:-u|--user)[ \t=]{0,4}[\"']?[^\s:\"']{0,128}:)(?P<value>[^\s'\"]{1,1024})"
)
_FORMS = late(
    r"(?<![A-Za-z0-9])(?:"
    r"gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|gl(?:pat|dt|rt|soat|ptt)-[\w-]{16,255}|"
    r"(?:sk|rk)_(?:live|test)_\w{8,255}|whsec_[\w+/=]{8,255}|"
    r"xox[abeoprs]-[\w-]{8,255}|xapp-[\w-]{8,255}|"
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}|AIza[\w-]{30,60}|ya29\.[\w-]{20,512}|GOCSPX-[\w-]{20,64}|"
    r"sk-(?:ant-|proj-|svcacct-|or-)?[\w-]{20,255}|hf_[A-Za-z0-9]{20,64}|gsk_[A-Za-z0-9]{20,64}|"
    r"npm_[A-Za-z0-9]{30,64}|pypi-[\w-]{32,512}|rubygems_[0-9a-f]{32,64}|dckr_pat_[\w-]{20,64}|"
    r"SG\.[\w-]{16,64}\.[\w-]{16,128}|key-[0-9a-f]{32}|dop_v1_[0-9a-f]{32,128}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|"
    r"(?:api|sdk|mob)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|ph[xs]_\w{20,128}|"
    r"sbp_[0-9a-f]{32,64}|sntry[su]_[\w+/=.-]{20,512}|dapi[0-9a-f]{32}|hv[sbr]\.[\w-]{20,255}|"
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,64}|eyJ[\w-]{8,4096}+\.[\w-]{8,8192}+\.[\w-]{0,2048}+|"
    r"(?<=hooks\.slack\.com/services/)[\w/]{20,128}|(?<=discord\.com/api/webhooks/)[\w/-]{20,160}"
    r")"
)
_KEY_BEGIN = late(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END, _DASHES = "-----END ", "-----"
_KEY_BODY = late(r"(?:[A-Za-z0-9+/=\s,:.-]|\\[nr])*+")

# References to a value elsewhere, and words for none.
_NO_VALUE = late(
    r"\$\{?\w+\}?|\$\{\w[^{}]{0,200}\}|\$\([^()]{0,200}\)|%\w+%|\$?\{\{[^{}]{0,200}\}\}|<[^<>]{0,200}>|"
    r"[*.•]+|[xX]{3,}|\d{1,3}"
)
# In code: a value taken from somewhere.
_TAKEN = late(
    r"(?:process\.env|import\.meta\.env|os\.environ|os|env|ENV|Deno|System|Rails|secrets|vars|var|data|local|module|"
    r"self|this|config|settings|options|params|props|args|kwargs|req|request|response|ctx|context)[.\[].*|[\w.]+\[.*",
    re.DOTALL,
)
_WORD = late(
    r"true|false|yes|no|on|off|null|none|nil|undefined|empty|string|str|int|number|boolean|bool|any|object|text|bytes|"
    r"optional|required|password|secret|token|bearer|basic|digest|varchar|changeme|example|enabled|disabled",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Span:
    """Where a secret stands in a text.

    Attributes:
        start: its first character.
        end: after its last.
        name: what it is called there; empty if nothing says.
    """

    start: int
    end: int
    name: str = ""


def is_secret_name(name: str) -> bool:
    """Whether a variable, option or field of this name holds a secret, as far as a name can say."""
    return bool(_SECRET_NAME.search(name)) and not _NO_SECRET.search(name)


def certain(text: str) -> Iterator[Span]:
    """Where a text holds what only a secret looks like: private keys, and the tokens of known issuers."""
    yield from _keys(text)
    for match in _FORMS.finditer(text):
        yield Span(*match.span())


def spans(text: str) -> Iterator[Span]:
    """Where secrets stand in a text, in no order; some overlap."""
    yield from certain(text)
    for expression in (_ADDRESS, _USER_ONLY) if "://" in text else ():
        for match in expression.finditer(text):
            yield Span(*match.span("value"))
    for expression in (_HEADER, _BEARER, _OPTION):
        for match in expression.finditer(text):
            value = match["value"]
            made_up = expression is not _BEARER or len(value) >= 20 or any(one.isdigit() for one in value)
            if made_up and not _NO_VALUE.fullmatch(value) and not _WORD.fullmatch(value):
                yield Span(*match.span("value"))
    yield from _assigned(text)


def _assigned(text: str) -> Iterator[Span]:
    """Values behind names that say secret: `NAME=…`, `"name": "…"`, `--name …`."""
    for expression in (_ASSIGNED, _FLAGGED):
        position = 0
        while match := expression.search(text, position):
            position = match.end("name")
            if not is_secret_name(match["name"]):
                continue
            value = _VALUE.match(text, match.end())
            if value is None:
                continue
            position = value.end()
            between = match["between"] if expression is _ASSIGNED else "="
            if _is_value(text, value, between):
                yield Span(*value.span(value.lastgroup or 0), match["name"])


def _is_value(text: str, match: re.Match[str], between: str) -> bool:
    value = match[match.lastgroup or 0]
    if _NO_VALUE.fullmatch(value) or _WORD.fullmatch(value):
        return False
    if match.lastgroup != "plain":
        return True
    if _TAKEN.fullmatch(value) or text[match.end() : match.end() + 1] == "(":
        return False
    if ":" not in between or ":=" in between or "=" in value:
        return True
    # `password: value` may be a sentence or a type: hidden if it looks made up, or is a line of its own.
    if len(value) < 6:
        return False
    made_up = any(one.isdigit() for one in value) and any(one.isalpha() for one in value)
    ends = text[match.end() : match.end() + 1] in ("", "\n", "\r")
    return made_up or (ends and not value[:1].isupper() and _begins_line(text, match.start()))


def _begins_line(text: str, position: int) -> bool:
    """Whether nothing but a name and a colon stands before a position in its line."""
    start = max(text.rfind("\n", 0, position) + 1, position - 200)
    return re.fullmatch(r"[ \t-]*[\w.\"'-]+[\"']?[ \t]*:[ \t]*", text[start:position]) is not None


def _keys(text: str) -> Iterator[Span]:
    """Private keys in PEM, whole or cut off."""
    position, ends = 0, True
    while match := _KEY_BEGIN.search(text, position):
        end = text.find(_KEY_END, match.end()) if ends else -1
        ends = end >= 0
        if ends:
            tail = text.find(_DASHES, end + len(_KEY_END), end + 80)
            end = tail + len(_DASHES) if tail >= 0 else end + len(_KEY_END)
        else:
            body = _KEY_BODY.match(text, match.end())
            end = body.end() if body else match.end()
        yield Span(match.start(), end, "private key")
        position = end
