"""Whatever a provider answers but what was asked for is unknown, and the token goes to it alone."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.inventory.live.http import is_local, origin
from tests.inventory.live.kit import ask, item
from tests.inventory.live.provider import Answer, Provider
from tests.inventory.live.provider import provider as running
from tests.inventory.live.servers import refusing, silent

TOKEN = "canary-token-5678"
PATH = "/api/v1/features"
FEATURES = {"features": [], "hasMore": False}


def asked(url: str, *, seconds: float = 5.0, token: str = TOKEN, **options: str) -> list[str]:
    """Why GrowthBook, at an address, is unknown; empty if it is not."""
    environ = {"U": url, "T": token}
    wanted = [item("feature_flags", "flag", "a")]
    given = {"token_env": "T", **options}
    (live,), unknowns = ask("growthbook", wanted, "/", environ, url_env="U", options=given, seconds=seconds)
    assert live is not None and (live.clean is None) == bool(unknowns)
    assert TOKEN not in f"{live} {unknowns}"
    return [one.removeprefix("feature_flags: live: ") for one in unknowns]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (401, "it does not accept the token"),
        (403, "the token may not read this"),
        (404, "there is nothing at that address: check it, and the options of the source"),
        (429, "it asks to be asked less often: try again later"),
        (500, "it answers with status 500"),
        (503, "it answers with status 503"),
    ],
)
def test_refusals(provider: Provider, status: int, why: str) -> None:
    provider.routes[PATH] = Answer({"message": f"no {TOKEN}"}, status=status)
    assert asked(provider.url) == [why]


def test_a_redirect_to_another_host_is_not_followed(provider: Provider) -> None:
    with running() as other:
        other.routes[PATH] = Answer(FEATURES)
        for address in (
            f"{other.url}{PATH}",
            f"http://localhost:{other.url.rpartition(':')[2]}{PATH}",
            "file:///etc/passwd",
        ):
            provider.routes[PATH] = Answer({}, status=302, headers={"Location": address})
            assert asked(provider.url) == ["it sends us to another host, which is not followed"]
        assert not other.asked


def test_a_redirect_on_the_same_host_is_followed(provider: Provider) -> None:
    provider.routes[PATH] = Answer({}, status=307, headers={"Location": "/new"})
    provider.routes["/new"] = Answer(FEATURES)
    assert asked(provider.url) == []
    provider.routes["/new"] = Answer({}, status=307, headers={"Location": "/new"})
    assert asked(provider.url) and len(provider.asked) < 20


def test_time_is_limited_as_a_whole(provider: Provider) -> None:
    provider.routes[PATH] = Answer(FEATURES, seconds=3)
    assert asked(provider.url, seconds=0.5) == ["it did not answer in time"]
    with silent() as port:
        assert asked(f"http://127.0.0.1:{port}", seconds=0.5) == ["it did not answer in time"]


def test_pages_without_end_are_left(provider: Provider) -> None:
    provider.routes[PATH] = Answer({**FEATURES, "hasMore": True})
    assert asked(provider.url, seconds=20) == ["it has more than 200 pages"]


def test_size_is_limited(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safe_rollback.inventory.live.http._MAX_BYTES", 1000)
    provider.routes[PATH] = Answer({**FEATURES, "more": "x" * 1000})
    assert asked(provider.url) == ["its answer is too large"]


def test_nobody_there() -> None:
    with refusing() as port:
        assert asked(f"http://127.0.0.1:{port}") == ["cannot connect: Connection refused"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://flags.example.com", 'U is not https: set the option insecure = "yes" if it has to be'),
        ("ftp://127.0.0.1", "U does not begin with https://"),
        ("127.0.0.1:80", "U does not begin with https://"),
        ("https://user:pw@127.0.0.1", "U has a user or password in it: use token_env"),
        ("https://[::1", "U is no address that can be read"),
        ("https://127.0.0.1:port", "U is no address that can be read"),
    ],
)
def test_addresses_that_are_not_used(url: str, why: str) -> None:
    assert asked(url) == [why]


def test_a_token_cannot_add_a_header(provider: Provider) -> None:
    assert asked(provider.url, token=f"{TOKEN}\r\nX-Evil: 1") == ["the token has characters that no token has"]
    assert not provider.asked


def test_a_certificate_that_nobody_signed_is_not_trusted(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    argv += ["-keyout", str(key), "-out", str(certificate), "-days", "1", "-subj", "/CN=localhost"]
    argv += ["-addext", "subjectAltName=DNS:localhost"]
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate to offer")
    subprocess.run(argv, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                context.wrap_socket(client, server_side=True).close()

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        (why,) = asked(f"https://localhost:{server.getsockname()[1]}")
        thread.join(timeout=5)
    assert "certificate verify failed" in why


def test_a_token_of_the_server_goes_to_no_address_that_the_worktree_brings(
    tmp_path: Path, provider: Provider
) -> None:
    provider.routes[PATH] = Answer(FEATURES)
    wanted = [item("feature_flags", "flag", "a")]
    options = {"token_env": "T", "dotenv": ".env"}
    given: dict[str, Any] = {"url_env": "U", "options": options}
    (tmp_path / ".env").write_text(f"U={provider.url}\n")
    _, unknowns = ask("growthbook", wanted, str(tmp_path), {"T": TOKEN}, **given)
    assert "the address stands in the worktree, the token in the server's environment" in unknowns[0]
    assert not provider.asked
    (tmp_path / ".env").write_text(f"U={provider.url}\nT=own-token\n")
    assert not ask("growthbook", wanted, str(tmp_path), {}, **given)[1]
    assert provider.asked[0].headers["authorization"] == "Bearer own-token"
    (tmp_path / ".env").write_text("T=own-token\n")
    assert not ask("growthbook", wanted, str(tmp_path), {"U": provider.url}, **given)[1]


def test_a_dotenv_file_outside_of_the_worktree_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside").write_text("U=https://x\nT=t\n")
    (root / ".env").symlink_to(tmp_path / "outside")
    options = {"token_env": "T", "dotenv": ".env"}
    _, unknowns = ask("growthbook", [item("feature_flags", "flag", "a")], str(root), url_env="U", options=options)
    assert ".env leads outside of the worktree" in unknowns[0]


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("app.localhost", True), ("10.0.0.1", False),
     ("localhost.example.com", False), ("127.0.0.1.example.com", False)],
)  # fmt: skip
def test_which_hosts_are_this_machine(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_origins() -> None:
    assert origin("https://Example.com/x") == origin("https://example.com:443/y") != origin("http://example.com:443")
    assert origin("https://[::1") == ("", "", None)
