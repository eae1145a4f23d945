"""A real Unleash server: a flag that a command flipped is told as it was and is, and is open until it is back.

Needs Node, a directory with the npm package unleash-server (SAFE_ROLLBACK_UNLEASH), and PostgreSQL.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from safe_rollback.core.errors import RefusedError
from safe_rollback.core.ledger.events import ActionRecorded
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.close_item import close_item
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.rollback_inventory import Row, rollback_inventory
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.inventory.live.servers import needed, postgres_login

FOLDER = os.environ.get("SAFE_ROLLBACK_UNLEASH", "")
TOKEN = "*:*.unleash-insecure-admin-api-token"
NAME = f"safe_rollback_unleash_{os.getpid()}"
START = """
const given = JSON.parse(process.argv[1]);
require('unleash-server').start({
  db: given.db, server: { port: given.port, host: '127.0.0.1' }, authentication: {
    type: 'none',
    initApiTokens: [{ environment: '*', project: '*', secret: given.token, type: 'admin', tokenName: 'a' }],
  }, logLevel: 'fatal', versionCheck: { enable: false }, telemetry: false,
});
"""
RULES = """\
```toml safe-rollback
[[inventory.live]]
kind = "unleash"
name = "flags"
url_env = "FLAG_URL"
options = { token_env = "FLAG_TOKEN" }
```
"""

pytestmark = pytest.mark.skipif(
    not FOLDER or shutil.which("node") is None,
    reason="SAFE_ROLLBACK_UNLEASH names no directory with unleash-server, or there is no node",
)


class Unleash:
    """A running server.

    Args:
        url: its address.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, path: str, body: object = None) -> None:
        """Change something, as a person's or an agent's curl does."""
        data = json.dumps(body if body is not None else {}).encode()
        headers = {"Authorization": TOKEN, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=20):
            pass

    def flip(self, state: str) -> str:
        """Turn the flag on or off; the path that did it."""
        path = f"/api/admin/projects/default/features/new-checkout/environments/development/{state}"
        self.post(path)
        return path


@pytest.fixture(scope="module")
def unleash() -> Iterator[Unleash]:
    login = needed(postgres_login())
    if "host" not in login:
        pytest.skip("the test needs PostgreSQL over TCP")
    import pg8000.native

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with contextlib.ExitStack() as stack:
        admin = stack.enter_context(pg8000.native.Connection(**login))
        admin.run(f'CREATE DATABASE "{NAME}"')
        stack.callback(lambda: admin.run(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)'))
        db = {
            "user": login["user"], "password": login.get("password") or "x", "host": login["host"],
            "port": login["port"], "database": NAME, "ssl": False,
        }  # fmt: skip
        given = json.dumps({"db": db, "port": port, "token": TOKEN})
        server = subprocess.Popen(["node", "-e", START, given], cwd=FOLDER)
        stack.callback(server.wait, 30)
        stack.callback(server.kill)
        found = Unleash(f"http://127.0.0.1:{port}")
        until = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"{found.url}/health", timeout=5):
                    break
            except (urllib.error.URLError, OSError):
                assert server.poll() is None and time.monotonic() < until, "the server does not start"
                time.sleep(0.5)
        found.post("/api/admin/projects/default/features", {"name": "new-checkout", "type": "release"})
        yield found


def test_a_flag_flipped_by_a_command(
    repo: Repo, workspace: Workspace, unleash: Unleash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLAG_URL", unleash.url)
    monkeypatch.setenv("FLAG_TOKEN", TOKEN)
    repo.commit("Rules", {"CLAUDE.md": RULES})
    session = start_session(Desk(workspace), "Flip a flag", create_branch=True).session_id
    path = unleash.flip("on")
    with workspace.repository_lock("test"):
        done = ActionRecorded(
            session=session, worktree="main", tool="Bash", command=f"curl -X POST {unleash.url}{path}",
            effects=["flag.set"], before="x", after=None, commits=(), exit_code=0, action="act-00000001",
        )  # fmt: skip
        workspace.ledger.append(done, session=session)
    flag = _flag(workspace)
    assert "development off" in flag.before and "development on" in flag.after
    assert (flag.live.state, flag.state) == ("changed", "open")
    with pytest.raises(RefusedError) as refused:
        close_item(Desk(workspace), flag.id, "done", "it is off, surely")
    assert "development on" in refused.value.refusal.why
    unleash.flip("off")
    assert _flag(workspace).state == "done"
    assert close_item(Desk(workspace), flag.id, "done").outcome == "done"


def _flag(workspace: Workspace) -> Row:
    found = rollback_inventory(Desk(workspace), live=True)
    (flag,) = [row for one in found.domains for row in one.items if row.domain == "feature_flags"]
    assert flag.name == "new-checkout"
    return flag
