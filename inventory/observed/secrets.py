"""Shows a command without the secrets that its words may hold."""

import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence

from .template import quoted

MAX_SHOWN = 300
_MAX_WORD = 160

_NAMES = (
    r"pass(?:word|wd|phrase)?|pwd|token|secret|api[-_]?key|auth(?:orization)?|credential|private[-_]?key|"
    r"access[-_]?key|cookie|bearer|dsn|connection[-_]?string|signature|salt|otp"
)
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
_SECRET_OPTION = re.compile(rf"--?[\w-]*(?:{_NAMES})[\w-]*", re.IGNORECASE)
# Their values are a secret, or whole headers and bodies.
_OPTIONS = frozenset(
    {"--header", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "--form", "--body",
     "--body-data", "--post-data", "--variables", "--secret-string", "--value", "--string-value", "--from-literal",
     "--raw-field", "--field", "--secret-value", "--oauth2-bearer", "--pass", "--pat"}
)  # fmt: skip
_HTTP = frozenset({"-H", "-d", "-F", "-u", "-b", "-A"})
_MYSQL = frozenset({"-p"})
_BY_PROGRAM: Mapping[str, Collection[str]] = {
    "curl": {*_HTTP, "--user"},
    "http": {"-a"},
    "https": {"-a"},
    "xh": {"-a"},
    "gh": {"-f", "-b", "-F", "-H"},
    "ldcli": {"-d"},
    "stripe": {"-d"},
    "redis-cli": {"-a"},
    "valkey-cli": {"-a"},
    "sqlcmd": {"-P"},
    "mongosh": {"-p"},
    "mongo": {"-p"},
    "mongorestore": {"-p"},
    "mongoimport": {"-p"},
    "twine": {"-p"},
    "vsce": {"-p"},
    "ovsx": {"-p"},
    "poetry": {"-p"},
    "dotnet": {"-k"},
    "siggy": {"-k"},
    "statsig": {"-k"},
    "glab": {"-v"},
    "supabase": {"-p"},
    **dict.fromkeys(("mysql", "mysqladmin", "mysqldump", "mariadb", "mysqlimport"), _MYSQL),
}
# Their `-p` takes no next word: the password is attached, or asked for.
_ATTACHED_ONLY = frozenset({"mysql", "mysqladmin", "mysqldump", "mariadb", "mysqlimport"})
_ASSIGNED = re.compile(r"(--?[\w-]+=)?([A-Za-z_][\w.\[\]/-]*)(:?=@?)(.*)", re.DOTALL)
_HEADER = re.compile(r"([A-Za-z][\w-]*:)(?!//)(.+)", re.DOTALL)
_HARMLESS_NAME = re.compile(
    r"VERSION|STEP|N|CI|ENV|ENVIRONMENT|STAGE|LANG|PORT|DEBUG|PATH|SCOPE|TARGET|FLASK_APP|DJANGO_SETTINGS_MODULE|"
    r"PYTHONPATH|(?:RAILS|RACK|NODE|APP|MIX|FLASK|GO)_ENV|[a-z][a-z-]*"
)
_HARMLESS_VALUE = re.compile(r"|true|false|\d{1,4}|\$\w+|\$\{\w+\}", re.IGNORECASE)
_IN_URL = re.compile(r"(?<=://)([^/@\s:]*:)?([^/@\s]+)(?=@)")
_IN_QUERY = re.compile(rf"([?&][\w-]*(?:{_NAMES}|key|sig)[\w-]*=)([^&\s]+)", re.IGNORECASE)
_TOKENS = re.compile(
    r"(?:sk|rk|pk)_(?:live|test)_\w+|sk-[\w-]{16,}|whsec_\w+|gh[pousr]_\w{20,}|github_pat_\w+|glpat-[\w-]+|"
    r"xox[abeprs]-[\w-]+|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]+)?|SG\.[\w-]{16,}\.[\w-]+|AIza[\w-]{30,}|"
    r"npm_\w{20,}|hvs\.[\w-]+|dp\.[a-z]{2}\.\w+|pypi-[\w-]{20,}|shp(?:at|ss)_\w+|Bearer\s+\S+"
)
_RANDOM = re.compile(
    r"(?<![\w/:.-])(?=[\w+=-]*\d)(?=[\w+=-]*[a-z])(?=[\w+=-]*[A-Z])[\w+-]{28,}={0,2}(?![\w/])|"
    r"(?<![\w:/-])(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})(?![\w])"
)
_PEM = re.compile(r"-----BEGIN .*", re.DOTALL)
_SQL = re.compile(r"\b(?:insert|update|alter|create|set|identified|password|call|values|replace)\b", re.IGNORECASE)
_SQL_TEXT = re.compile(r"'((?:[^']|'')*)'")

Hide = Callable[[str], str]


def shown(words: Sequence[str], program: str, secrets: Collection[str], hide: Hide) -> list[str]:
    """The words of a command, each secret replaced by what `hide` says of it.

    Args:
        words: all of them.
        program: the program's name, for options that mean a secret only to it.
        secrets: values that are known to be secret.
        hide: of `Changes`.
    """
    own = _BY_PROGRAM.get(program, ())
    found, secret_next = [], False
    for word in words:
        if secret_next and (word in secrets or not word.startswith("-") or len(word) < 2):
            found.append(_value(word, hide))
            secret_next = False
            continue
        found.append(_word(word, own, secrets, hide))
        takes_next = word in _OPTIONS or (word in own and program not in _ATTACHED_ONLY)
        secret_next = takes_next or (found[-1] == word and bool(_SECRET_OPTION.fullmatch(word)))
    return found


def runnable(words: Sequence[str], program: str, secrets: Collection[str], hide: Hide) -> list[str]:
    """Words for a shell line that can be run: quoted, and a variable to be set where a secret stood."""
    return [
        quoted(word) if kept == word else stand_in(word)
        for word, kept in zip(words, shown(words, program, secrets, hide), strict=True)
    ]


def stand_in(word: str) -> str:
    """What stands for a word that holds a secret: `TOKEN="${TOKEN:?}"`; the shell stops where it is not set."""
    if "://" in word.partition("=")[0]:
        return '"${URL:?}"'
    assigned = _ASSIGNED.fullmatch(word)
    if assigned and re.fullmatch(r"\w+", assigned[2]):
        return f'{assigned[1] or ""}{assigned[2]}{assigned[3]}"${{{assigned[2]}:?}}"'
    return '"${SECRET:?}"'


def line(words: Sequence[str], given: Sequence[str]) -> str:
    """Words as they are shown, as a line to read.

    Args:
        words: what is shown.
        given: the same words as they were.
    """
    text = " ".join(
        quoted(kept) if kept == word else f'"{kept}"' if shlex.quote(word) != word and " " in word else kept
        for kept, word in zip(words, given, strict=True)
    )
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def safe(text: str, hide: Hide) -> str:
    """A word or text without passwords in URLs, and without what looks like a token."""
    return _RANDOM.sub(lambda found: hide(found[0]), named(text, hide))


def named(text: str, hide: Hide) -> str:
    """A name or expression from code, without passwords in URLs and tokens of a known form."""
    text = _IN_URL.sub(lambda found: (found[1] or "") + hide(found[2]), text)
    text = _IN_QUERY.sub(lambda found: found[1] + hide(found[2]), text)
    text = _PEM.sub(lambda found: hide(found[0]), text)
    return _TOKENS.sub(lambda found: hide(found[0]), text)


def _word(word: str, own: Collection[str], secrets: Collection[str], hide: Hide) -> str:
    if word in secrets:
        return _value(word, hide)
    if word[:2] in own and len(word) > 2 and word[1] != "-":
        return word[:2] + hide(word[2:])
    if _SQL.search(word) and " " in word:
        word = _SQL_TEXT.sub(lambda found: f"'{hide(found[1])}'" if found[1] else found[0], word)
    option, equals, value = word.partition("=")
    if equals and option.startswith("-") and (option in _OPTIONS or _SECRET_OPTION.fullmatch(option)):
        return f"{option}={_value(value, hide)}"
    assigned = _ASSIGNED.fullmatch(word)
    if assigned and " " not in assigned[2]:
        prefix, name, sign, value = assigned.groups()
        known = _SECRET_NAME.search(name) or value in secrets
        if known or (not _HARMLESS_NAME.fullmatch(name) and not _HARMLESS_VALUE.fullmatch(value)):
            return f"{prefix or ''}{name}{sign}{_value(value, hide)}"
    header = _HEADER.fullmatch(word)
    if header and _SECRET_NAME.search(header[1]):
        return f"{header[1]}{hide(header[2])}"
    word = safe(word, hide)
    return word if len(word) <= _MAX_WORD else f"{word[: _MAX_WORD - 1]}…"


def _value(word: str, hide: Hide) -> str:
    """What is shown for a secret: a variable's name is none."""
    return word if _HARMLESS_VALUE.fullmatch(word) and word.startswith("$") else hide(word)
