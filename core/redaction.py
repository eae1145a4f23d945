"""Secrets are never shown or logged: their values are replaced by a name and a salted hash."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterable, Sequence

from .dotenv import Variable, dotenv_values
from .files import make_private
from .late import late
from .secretforms import Span, is_secret_name, spans

__all__ = ["Redactor", "Variable", "dotenv_values", "hashed", "is_secret_name", "salt_of", "shown"]

_SALT_BYTES = 32
_MIN_LENGTH = 6
_MAX_VALUES = 4096
_MIN_LINE = 20
# What one replacement lays bare beside another is hidden by the next round.
_ROUNDS = 4

_MARK = late(r"<hidden(?: ([\w.-]{1,128}|private key))? #[0-9a-f]{8}>")
_TRIVIAL = late(
    r"true|false|enabled|disabled|optional|required|default|defaults|localhost|development|production|staging|"
    r"testing|preview|public|private|master|develop|release|version|verbose|warning|warnings|notice|critical|"
    r"username|password|passwd|secret|secrets|changeme|change-me|change_me|example|examples|postgres|"
    r"postgresql|mysql2|mariadb|sqlite|sqlite3|mongodb|redis-server|rabbitmq|memcached|elasticsearch|docker|"
    r"compose|kubernetes|vercel|netlify|heroku|github|gitlab|google|facebook|twitter|stripe|sendgrid|mailgun|"
    r"memory|filesystem|database|session|sessions|cookie|cookies|console|stdout|stderr|standard|us-east-1|"
    r"us-east-2|us-west-1|us-west-2|eu-west-1|eu-central-1|america|europe|english|utf-8|utf8mb4|127\.0\.0\.1|"
    r"0\.0\.0\.0|host\.docker\.internal|example\.com|localhost:3000|localhost:8080|undefined",
    re.IGNORECASE,
)
_NUMBER = late(r"[+-]?\d{1,9}(?:\.\d{1,6})?(?:ms|[smhdkKMG]i?B?)?")
_PLAIN_ADDRESS = late(r"(?:[a-z][a-z0-9+.-]{0,20}://)?(?:[a-z-]{1,40}\.){0,4}[a-z-]{1,40}(?::\d{1,5})?/?")
_PLAIN_PATH = late(r"(?:file:)?(?:\.{0,2}/)?(?:[a-z._-]{1,30}/){0,6}[a-z._-]{1,30}")
_PLAIN_WORD = late(r"[A-Za-z]{1,20}(?:[ ._-][A-Za-z]{1,20}){0,3}\d{0,2}")
# Variables whose value is shown everywhere: hiding it would hide the project's own name and hosts.
_OPEN_NAME = late(
    r"(?:^|_)(?:ENV|ENVIRONMENT|NAME|HOST|HOSTNAME|DOMAIN|PORT|LEVEL|REGION|ZONE|LOCALE|LANG|LANGUAGE|TZ|TIMEZONE|"
    r"DIR|DIRECTORY|PATH|FILE|URL|URI|ORIGIN|USER|USERNAME|DB|DATABASE|SCHEMA|DRIVER|ADAPTER|BACKEND|ENGINE|MODE|"
    r"TYPE|FORMAT|VERSION|PROVIDER|STORE|CHANNEL|CONNECTION|BUCKET|MODEL|THEME|TITLE|EMAIL|FROM|SENDER)$",
    re.IGNORECASE,
)


def salt_of(state_dir: str) -> bytes:
    """The salt of a state directory, made if there is none; mode 0600.

    Where it can be neither read nor kept, it is new each time: hashes are then comparable within one call only.
    """
    path = os.path.join(state_dir, "salt")
    for _ in range(2):
        try:
            with open(path, "rb") as file:
                salt = file.read(_SALT_BYTES + 1)
            if len(salt) == _SALT_BYTES:
                with contextlib.suppress(OSError):
                    os.chmod(path, 0o600)
                return salt
            # Damaged, and of no use to anyone.
            os.unlink(path)
        except FileNotFoundError:
            pass
        except OSError:
            break
        with contextlib.suppress(OSError):
            make_private(state_dir)
            _keep(path, os.urandom(_SALT_BYTES))
    return os.urandom(_SALT_BYTES)


def _keep(path: str, salt: bytes) -> None:
    """Write a salt, unless somebody else was faster; never seen in part."""
    temporary = f"{path}.{os.urandom(4).hex()}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(salt)
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)


def hashed(value: str, salt: bytes) -> str:
    """Eight hexadecimal digits, the same for the same value and salt, that tell nothing of it: HMAC-SHA-256."""
    return hmac.new(salt, value.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:8]


def shown(value: str, salt: bytes) -> str:
    """What stands for a value where its length may be known: `12 characters, #ab12cd34`."""
    return f"{len(value)} characters, #{hashed(value, salt)}"


class Redactor:
    """Hides secrets in texts: values that are known, and what has the form of one.

    A hidden one reads `<hidden NAME #ab12cd34>`, or `<hidden #ab12cd34>` where nothing names it. Hiding twice
    is hiding once. Takes time in proportion to the text and the number of values, and raises nothing.

    Args:
        salt: see `salt_of`.
        variables: whose values to hide, unless they say nothing (`true`, `localhost`, `5432`).
    """

    def __init__(self, salt: bytes, variables: Iterable[Variable] = ()) -> None:
        self._salt = salt
        self._names: dict[str, str] = {}
        for variable in variables:
            if is_hidden(variable.name, variable.value):
                self.hide(variable.value, variable.name)

    def hide(self, value: str, name: str = "") -> None:
        """Hide a value from now on, in the forms in which tools repeat it; one of fewer than 6 characters is not."""
        from urllib.parse import quote, quote_plus  # with ipaddress; most commands are judged without a secret

        forms = [value, *(line.strip() for line in value.splitlines() if len(line.strip()) >= _MIN_LINE)]
        for form in dict.fromkeys(forms):
            if len(form) < _MIN_LENGTH:
                continue
            raw = form.encode("utf-8", "surrogateescape")
            coded = (quote(raw, safe=""), quote_plus(raw), json.dumps(form)[1:-1], base64.b64encode(raw).decode())
            for one in (form, *coded):
                if len(self._names) < _MAX_VALUES:
                    self._names.setdefault(one, name)

    def redact(self, text: str) -> str:
        """A text with every secret in it hidden."""
        for _ in range(_ROUNDS):
            hidden = self._once(text)
            if hidden == text:
                return hidden
            text = hidden
        # Nothing known needs more rounds; what does is not shown at all.
        return text if self._once(text) == text else self._marked(text, "")

    def _once(self, text: str) -> str:
        found = list(_MARK.finditer(text))
        # A text may imitate a mark around a secret: ours never hold one.
        false = {name for name in {match[1] for match in found} if name and self._holds_known(name)}
        marks = [match.span() for match in found if match[1] not in false]
        out, position = [], 0
        for start, end in (*marks, (len(text), len(text))):
            out += [self._piece(text[position:start]), text[start:end]]
            position = end
        return "".join(out)

    def _piece(self, text: str) -> str:
        """A stretch without marks."""
        if len(text) < _MIN_LENGTH:
            return text
        found = sorted([*self._known(text), *spans(text)], key=lambda one: (one.start, -one.end))
        out, position = [], 0
        for span in _joined(found):
            out += [text[position : span.start], self._marked(text[span.start : span.end], span.name)]
            position = span.end
        return "".join([*out, text[position:]])

    def _holds_known(self, name: str) -> bool:
        return any(value in name for value in self._names)

    def _known(self, text: str) -> list[Span]:
        there = [value for value in self._names if value in text]
        if not there:
            return []
        longest_first = sorted(there, key=len, reverse=True)
        expression = re.compile("|".join(map(re.escape, longest_first)))
        return [Span(*match.span(), self._names[match[0]]) for match in expression.finditer(text)]

    def _marked(self, value: str, name: str) -> str:
        # What a text calls it may itself be a secret.
        named = "" if self._holds_known(name) else name
        safe = named if named == "private key" else re.sub(r"[^\w.-]", "", named)[:128]
        return f"<hidden{f' {safe}' if safe else ''} #{hashed(value, self._salt)}>"


def is_hidden(name: str, value: str) -> bool:
    """Whether the value of a variable is a secret to hide wherever it stands: in doubt it is."""
    if len(value) < _MIN_LENGTH or _TRIVIAL.fullmatch(value) or _NUMBER.fullmatch(value) or value[:2] == "${":
        return False
    if is_secret_name(name):
        return True
    plain = _PLAIN_ADDRESS.fullmatch(value) or _PLAIN_PATH.fullmatch(value)
    if plain and ("://" in value or value.startswith(("/", "./", "file:"))):
        return False
    mailbox = "@" in value and ":" not in value
    return not (_OPEN_NAME.search(name) and (plain or mailbox or _PLAIN_WORD.fullmatch(value)))


def _joined(found: Sequence[Span]) -> list[Span]:
    """Spans that overlap as one, with the first name among them; sorted by where they begin."""
    out: list[Span] = []
    for span in found:
        if out and span.start < out[-1].end:
            last = out[-1]
            out[-1] = Span(last.start, max(last.end, span.end), last.name or span.name)
        elif span.end > span.start:
            out.append(span)
    return out
