"""The demo tells the truth: it passes here, and it fails when a promise breaks."""

import json
import subprocess
import sys

import pytest

from safe_rollback.server import demo


def test_demo_keeps_every_promise(tmp_path: object) -> None:
    argv = [sys.executable, "-m", "safe_rollback", "demo", "--json"]
    done = subprocess.run(argv, cwd=str(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(done.stdout)
    assert data["broken"] == []
    assert sum("✔" in line for line in data["story"]) >= 12


def test_demo_notices_lost_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A revert that takes the human's lines along must not pass."""
    ask = demo.Demo._ask

    async def careless(self: demo.Demo, client: object, tool: str, **arguments: object) -> dict[str, object]:
        answer = await ask(self, client, tool, **arguments)
        if tool == "safe_revert":
            self._git("checkout", "-q", "--", ".")
        return answer

    monkeypatch.setattr(demo.Demo, "_ask", careless)
    broken = demo.play(lambda line: None)
    assert any("uncommitted bytes" in one for one in broken)
