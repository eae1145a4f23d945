"""GET requests for JSON: to one host, limited in time and size, with nothing of a token shown."""

import http.client
import ipaddress
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import urlencode, urljoin, urlsplit

from ...core.text import one_line
from .probe import Connection, ProbeError, Secret

_MAX_BYTES = 16 << 20
_CHUNK = 1 << 16
_MAX_REDIRECTS = 3
_MAX_PAGES = 200
_REASONS = {
    401: "it does not accept the token",
    403: "the token may not read this",
    407: "a proxy asks for a password",
    429: "it asks to be asked less often: try again later",
}


class MissingError(ProbeError):
    """There is nothing at an address (404)."""


class Api:
    """A provider's API, asked by GET.

    Args:
        connection: of the source.
        address: where it is; `https`, or `http` on this machine or if the source says `insecure = "yes"`.
        headers: of every request.

    Raises:
        ProbeError: if the address cannot be used.
    """

    def __init__(self, connection: Connection, address: Secret, headers: Mapping[str, str] | None = None) -> None:
        self._connection = connection
        self._base = address.value.rstrip("/") + "/"
        self._headers = {"Accept": "application/json", "User-Agent": "safe-rollback", **(headers or {})}
        name = connection.source.url_env or "the address"
        try:
            parts = urlsplit(self._base)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise ProbeError(f"{name} is no address that can be read") from None
        if parts.scheme not in ("https", "http") or not host:
            raise ProbeError(f"{name} does not begin with https://")
        if parts.username or parts.password:
            raise ProbeError(f"{name} has a user or password in it: use token_env")
        local = is_local(host)
        if parts.scheme == "http" and not local and connection.option("insecure") != "yes":
            raise ProbeError(f'{name} is not https: set the option insecure = "yes" if it has to be')
        for value in self._headers.values():
            if "\n" in value or "\r" in value or not value.isascii():
                raise ProbeError("the token has characters that no token has")
        handlers: list[urllib.request.BaseHandler] = [_SameHost(origin(self._base))]
        # What is on this machine is not asked through a proxy.
        handlers += [urllib.request.ProxyHandler({})] if local else []
        self._opener = urllib.request.build_opener(*handlers)

    def get(self, path: str, **query: object) -> Any:
        """What an address answers.

        Args:
            path: from the base address, or a whole address of the same host.
            query: parameters; None leaves one out.

        Raises:
            MissingError: if there is nothing (404).
            ProbeError: for every other answer than JSON.
        """
        address = urljoin(self._base, path.lstrip("/") if "://" not in path else path)
        if origin(address) != origin(self._base):
            raise ProbeError("it names a page of another host, which is not followed")
        given = {name: value for name, value in query.items() if value is not None}
        if given:
            address += ("&" if "?" in address else "?") + urlencode(given)
        request = urllib.request.Request(address, headers=self._headers)  # noqa: S310
        try:
            with self._opener.open(request, timeout=self._connection.seconds) as answer:
                data = self._read(answer)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                why = "there is nothing at that address: check it, and the options of the source"
                raise MissingError(why) from None
            if 300 <= error.code < 400:
                raise ProbeError("it sends us to another host, which is not followed") from None
            raise ProbeError(_REASONS.get(error.code, f"it answers with status {error.code}")) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ProbeError(_why(error)) from None
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise ProbeError("its answer is no JSON") from None

    def object(self, path: str, **query: object) -> dict[str, Any]:
        """An answer that is an object.

        Raises:
            ProbeError: as `get`, and if it is none.
        """
        found = self.get(path, **query)
        if not isinstance(found, dict):
            raise ProbeError("its answer is not as expected")
        return found

    def _read(self, answer: IO[bytes]) -> bytes:
        data = bytearray()
        while chunk := answer.read(_CHUNK):
            data += chunk
            if len(data) > _MAX_BYTES:
                raise ProbeError("its answer is too large")
            # A server that sends a byte now and then must not hold us.
            _ = self._connection.seconds
        return bytes(data)


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows redirects on the same host only: the token goes nowhere else."""

    max_redirections = _MAX_REDIRECTS

    def __init__(self, allowed: tuple[str, str, int | None]) -> None:
        self._allowed = allowed

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The request to follow with; None makes an error of the redirect."""
        if origin(newurl) != self._allowed:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def pages() -> Iterator[int]:
    """Numbers of pages, as far as they are read.

    Raises:
        ProbeError: after the last of them.
    """
    yield from range(_MAX_PAGES)
    raise ProbeError(f"it has more than {_MAX_PAGES} pages")


def rows(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects in an answer.

    Raises:
        ProbeError: if it is none.
    """
    value = found.get(name)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ProbeError("its answer is not as expected")
    return value


def origin(address: str) -> tuple[str, str, int | None]:
    """Scheme, host and port."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
        return parts.scheme, (parts.hostname or "").lower(), port
    except ValueError:
        return "", "", None


def is_local(host: str) -> bool:
    """Whether a host is this machine, by its name alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _why(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError | socket.timeout) or "timed out" in str(reason):
        return "it did not answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return f"cannot connect: {one_line(reason.strerror)}"
    return f"cannot connect: {one_line(str(reason)) or type(error).__name__}"
