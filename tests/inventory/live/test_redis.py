"""Redis is asked for real, by a user that may only SCAN, TTL and ask about the cluster."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pytest

from safe_rollback.inventory.live.redis import prefix_of
from safe_rollback.inventory.model import Item
from tests.inventory.live.kit import ask, item, one, prints
from tests.inventory.live.servers import needed, redis_login, refusing, silent
from tests.inventory.live.wire import redis_commands, relayed

CANARY = "canary-password-9012"


class Server:
    """A Redis with a user of its own, and keys under one prefix."""

    def __init__(self, login: dict[str, Any], client: Any, tag: str) -> None:
        self.login, self.client, self.tag = login, client, tag

    def url(self, port: int | None = None) -> str:
        return f"redis://{self.tag}:{CANARY}@{self.login['host']}:{port or self.login['port']}/{self.login['db']}"


@pytest.fixture
def server() -> Iterator[Server]:
    import redis

    login, tag = needed(redis_login()), f"safe-rollback-{os.urandom(4).hex()}"
    with contextlib.closing(redis.Redis(**login)) as client:
        rights = ["+scan", "+ttl", "+type", "+select", "+auth", "+cluster|info"]
        client.execute_command("ACL", "SETUSER", tag, "on", f">{CANARY}", "~*", *rights)
        found = Server(login, client, tag)
        try:
            yield found
        finally:
            client.execute_command("ACL", "DELUSER", tag)
            for key in client.scan_iter(match=f"*{tag}*"):
                client.delete(key)


def cache(name: str, change: Any = "added") -> Item:
    return item("caches", "cache key", name, change)


def asked(server: Server, wanted: Item, **more: Any) -> tuple[str, bool | None, str]:
    return one("redis", wanted, "/", {"REDIS_URL": server.url()}, url_env="REDIS_URL", **more)


def test_keys_are_counted_wherever_a_framework_put_the_prefix(server: Server) -> None:
    server.client.set(f"{server.tag}:user:1:profile", "a value", ex=100)
    server.client.set(f":1:{server.tag}:user:2:profile", "a value")
    state, clean, detail = asked(server, cache(f"{server.tag}:user:#{{id}}:profile"))
    assert (state, clean, detail) == ("present", False, "2 keys, 1 of 2 looked at never expires")
    assert asked(server, cache(f"{server.tag}:cart:{{id}}")) == ("absent", True, "no key")
    assert asked(server, cache(f"{server.tag}:user:", "removed"))[:2] == ("present", None)


def test_many_keys_are_gone_through_in_steps(server: Server) -> None:
    with server.client.pipeline() as pipe:
        for number in range(5000):
            pipe.set(f"{server.tag}:many:{number}", "x", ex=100)
        pipe.execute()
    assert asked(server, cache(f"{server.tag}:many:*"))[2] == "5000 keys, all of 50 looked at expire"


def test_a_prefix_with_signs_of_patterns_is_taken_as_it_is(server: Server) -> None:
    server.client.set(f"{server.tag}:a?b", "x")
    server.client.set(f"{server.tag}:axc", "x")
    wanted = cache("any").__class__(
        domain="caches", kind="cache key", name="any", change="added", details={"prefix": f"{server.tag}:a?b"}
    )
    assert asked(server, wanted)[2].startswith("1 key,")


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("user:{id}:profile", "user:"), ("views/%s/home", "views/"), ("user:#{user.id}", "user:"), ("u:${id}", "u:"),
        ("posts:*", "posts:"), ("plain", "plain"), ("cart:%d", "cart:"), ("{id}", ""), ("page:<slug>", "page:"),
    ],
)  # fmt: skip
def test_the_fixed_beginning_of_a_key(name: str, prefix: str) -> None:
    assert prefix_of(cache(name)) == prefix


def test_a_key_without_a_fixed_beginning_is_unknown(server: Server) -> None:
    assert asked(server, cache("{id}")) == ("unknown", None, "its key has no fixed beginning to look for")


def test_only_scan_and_ttl_are_sent_never_keys_or_a_read_of_a_value(server: Server) -> None:
    server.client.set(f"{server.tag}:k", "a value")
    with relayed(server.login["host"], server.login["port"]) as wire:
        said, _ = ask("redis", [cache(f"{server.tag}:k")], "/", {"R": server.url(wire.port)}, url_env="R")
    assert said[0] is not None and said[0].state == "present"
    assert set(redis_commands(bytes(wire.sent))) <= {"AUTH", "SELECT", "SCAN", "TTL", "CLUSTER"}
    assert prints("redis", "/", {"R": server.url()}, url_env="R") == {}


def test_a_user_without_the_right_to_scan_is_unknown(server: Server) -> None:
    server.client.execute_command("ACL", "SETUSER", server.tag, "-scan")
    (live,), unknowns = ask("redis", [cache("absent:key")], "/", {"R": server.url()}, url_env="R")
    assert live is not None and live.clean is None and "no permissions" in unknowns[0]


def test_out_of_time_is_unknown_not_absent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safe_rollback.inventory.live.redis._MAX_KEYS", 0)
    state, clean, detail = asked(server, cache(f"{server.tag}:none:"))
    assert (state, clean) == ("unknown", None) and "none seen so far" in detail


def test_what_does_not_answer_is_unknown(server: Server) -> None:
    wanted = [cache("some:key")]
    with refusing() as port:
        (live,), unknowns = ask("redis", wanted, "/", {"R": server.url(port)}, url_env="R")
    assert live is not None and live.clean is None and "refused" in unknowns[0]
    with silent() as port:
        (live,), unknowns = ask("redis", wanted, "/", {"R": server.url(port)}, url_env="R", seconds=1)
    assert live is not None and live.clean is None and "did not answer in time" in unknowns[0]
    wrong = server.url().replace(CANARY, "another-canary-3456")
    (live,), unknowns = ask("redis", wanted, "/", {"R": wrong}, url_env="R")
    assert live is not None and live.clean is None and "another-canary" not in f"{unknowns} {live}"
