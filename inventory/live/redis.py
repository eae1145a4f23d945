"""Redis and its kin: whether keys of a prefix are there; SCAN, TTL and TYPE only, never KEYS, never a value."""

import contextlib
import re
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...core.text import one_line, plural
from ..model import Item, Live
from .address import database_address
from .probe import Connection, Probe, ProbeError, unknown

if TYPE_CHECKING:
    from redis import Redis

_SCHEMES = ("redis", "rediss", "valkey", "valkeys", "unix")
_BATCH = 1000
_MAX_KEYS = 1_000_000
_MAX_SAMPLE = 50
_SHORTEST = 3
# Seconds kept for asking how long keys live.
_RESERVE = 0.3
# Where a key's pattern stops being text: `user:{id}`, `views/%s`, `#{id}`, `${id}`, `<id>`, `*`, `:id`.
_COMPUTED = re.compile(r"[#$]?\{|%[({sd\d]|<|\*|(?<=[:/]):\w|\[")
_GLOB = re.compile(r"([*?\[\]^\\-])")


def _answers(item: Item) -> bool:
    return item.domain == "caches" and item.kind == "cache key"


def prefix_of(item: Item) -> str:
    """What the keys of an item have in common: its detail `prefix`, or its name up to what is computed."""
    return str(item.details.get("prefix") or _COMPUTED.split(item.name, maxsplit=1)[0])


class _Counted:
    """What was seen of one prefix.

    Attributes:
        keys: how many.
        sample: some of them; never shown.
        complete: whether the whole database was gone through.
    """

    def __init__(self) -> None:
        self.keys = 0
        self.sample: list[bytes | str] = []
        self.complete = False


def _ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    prefixes = {item.id: prefix_of(item) for item in items}
    with _opened(connection) as client:
        alone = _alone(client)
        wanted = {one: _counted(client, connection, one) for one in {*prefixes.values()} if len(one) >= _SHORTEST}
        return {
            item.id: _live(client, item, wanted[prefixes[item.id]], alone=alone)
            if prefixes[item.id] in wanted
            else unknown("its key has no fixed beginning to look for")
            for item in items
        }


def _counted(client: "Redis", connection: Connection, prefix: str) -> _Counted:
    """Count the keys of a prefix. Frameworks put their own in front: it may stand anywhere in a key."""
    from redis.exceptions import RedisError

    match = "*" + _GLOB.sub(r"\\\1", prefix) + "*"
    counted, cursor, seen = _Counted(), 0, 0
    while seen < _MAX_KEYS and connection.deadline - time.monotonic() > _RESERVE:
        try:
            cursor, keys = client.scan(cursor=cursor, match=match, count=_BATCH)
        except (RedisError, OSError) as error:
            raise ProbeError(_why(error)) from None
        counted.keys += len(keys)
        counted.sample += keys[: _MAX_SAMPLE - len(counted.sample)]
        seen += _BATCH
        if cursor == 0:
            counted.complete = True
            break
    return counted


def _live(client: "Redis", item: Item, counted: _Counted, *, alone: bool) -> Live:
    if counted.keys:
        at_least = "" if counted.complete else "at least "
        detail = f"{at_least}{plural(counted.keys, 'key')}, {_lifetimes(client, counted.sample)}"
        return Live(checked=True, state="present", detail=detail, clean=None if item.change == "removed" else False)
    if not counted.complete:
        return unknown("too many keys to look at in the time given; none seen so far", checked=True)
    if not alone:
        return unknown("no key on this node, but it is one of a cluster: name each node as a source", checked=True)
    return Live(checked=True, state="absent", detail="no key", clean=True)


def _lifetimes(client: "Redis", sample: Sequence[bytes | str]) -> str:
    from redis.exceptions import RedisError

    forever = 0
    for key in sample:
        try:
            forever += client.ttl(key) == -1
        except RedisError:
            return "whether they expire may not be asked"
    if not forever:
        return f"all of {len(sample)} looked at expire"
    return f"{forever} of {len(sample)} looked at never {'expires' if forever == 1 else 'expire'}"


def _alone(client: "Redis") -> bool:
    """Whether it is no node of a cluster; a server that does not let us ask is taken as alone."""
    from redis.exceptions import RedisError, ResponseError

    try:
        said = client.execute_command("CLUSTER INFO")  # type: ignore[no-untyped-call]
    except ResponseError:
        return True
    except (RedisError, OSError) as error:
        raise ProbeError(_why(error)) from None
    return "cluster_known_nodes:1\r" in (said.decode() if isinstance(said, bytes) else str(said))


def _fingerprint(connection: Connection) -> Mapping[str, str]:  # noqa: ARG001
    # What is cached comes and goes by itself: there is nothing to compare later.
    return {}


@contextlib.contextmanager
def _opened(connection: Connection) -> Iterator["Redis"]:
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError
        from redis.retry import Retry
    except ImportError:
        raise ProbeError("the driver redis is not installed: install safe-rollback[live]") from None
    address = database_address(connection, _SCHEMES)
    scheme = connection.address().value.partition("://")[0].lower()
    given: dict[str, Any] = {
        "username": address.user or None,
        "password": address.password or None,
        "socket_timeout": connection.seconds,
        "socket_connect_timeout": connection.seconds,
        # A user with few rights may neither name the client nor change the protocol.
        "protocol": 2,
        "driver_info": None,
        "retry": Retry(NoBackoff(), 0),
    }
    if scheme == "unix":
        given |= {"unix_socket_path": f"/{address.database}", "db": int(address.options.get("db", "0"))}
    else:
        number = address.database or address.options.get("db", "0")
        if not number.isdigit():
            raise ProbeError(f"{connection.source.url_env} names no database by number")
        given |= {"host": address.host or "127.0.0.1", "port": address.port or 6379, "db": int(number)}
        if scheme in ("rediss", "valkeys"):
            lax = address.options.get("ssl_cert_reqs", "").lower() in ("none", "cert_none")
            given |= {"ssl": True, "ssl_cert_reqs": ssl.CERT_NONE if lax else ssl.CERT_REQUIRED}
            given |= {"ssl_check_hostname": False} if lax else {}
    client = Redis(**given)
    try:
        yield client
    finally:
        with contextlib.suppress(RedisError, OSError):
            client.close()


def _why(error: Exception) -> str:
    text = str(error)
    if "imed out" in text or "imeout" in text:
        return "it did not answer in time"
    return one_line(text)


REDIS = Probe(kind="redis", domain="caches", answers=_answers, ask=_ask, fingerprint=_fingerprint)
