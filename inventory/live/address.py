"""Addresses of databases, as projects write them."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from .probe import Connection, ProbeError


@dataclass(frozen=True, kw_only=True)
class Address:
    """A database's address; its text never shows user or password.

    Attributes:
        host: name or directory of a socket; empty if none is given.
        port: 0 if none is given.
        user: decoded.
        password: decoded.
        database: decoded; empty if none is given.
        options: what stands behind `?`.
    """

    host: str = ""
    port: int = 0
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    database: str = ""
    options: dict[str, str] = field(default_factory=dict, repr=False)


def database_address(connection: Connection, schemes: tuple[str, ...]) -> Address:
    """The address a source names.

    Args:
        connection: of the source.
        schemes: the ones its driver speaks; `scheme+driver://` counts as `scheme://`.

    Raises:
        ProbeError: if it cannot be read, never saying what it is.
    """
    text = connection.address().value.strip()
    name = connection.source.url_env
    try:
        parts = urlsplit(text.removeprefix("jdbc:"))
        port = parts.port or 0
        host = parts.hostname or ""
    except ValueError:
        raise ProbeError(f"{name} is no address that can be read") from None
    if parts.scheme.partition("+")[0].lower() not in schemes:
        raise ProbeError(f"{name} does not begin with {' or '.join(f'{one}://' for one in schemes)}")
    options = dict(parse_qsl(parts.query))
    password = unquote(parts.password or options.get("password", ""))
    if password:
        connection.redactor.hide(password, name)
    return Address(
        host=unquote(host) or options.get("host", ""),
        port=port or int(options.get("port", "0") if options.get("port", "0").isdigit() else 0),
        user=unquote(parts.username or options.get("user", "")),
        password=password,
        database=unquote(parts.path.removeprefix("/")),
        options=options,
    )
