"""Runs tools in processes that are killed at a chosen step.

`python -m tests.harness.crash` imports everything once; each order (a line of JSON) is done in
a fork that counts its steps (renames, links, unlinks, directories, syncs, started programs)
and kills itself, as SIGKILL would, right before the n-th. Forking here keeps it out of the
test process, which has threads.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

_STEPS = ("rename", "replace", "link", "unlink", "mkdir", "rmdir", "symlink", "fsync", "fchmod", "ftruncate")


class Killer:
    """The test's end: gives orders.

    Args:
        process: the running driver.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(
        self, root: str, action: str, *, kill_at: int = 0, after_intent: bool = True, **more: Any
    ) -> dict[str, Any]:
        """Do one thing in a process of its own.

        Args:
            root: the worktree.
            action: a key of `ACTIONS`.
            kill_at: die before this step, counted from 1; 0 lives.
            after_intent: count only from the moment the intent stands.
            more: the action's arguments.

        Returns:
            killed, steps, notices, and error if the tool refused.
        """
        order = {"root": root, "action": action, "kill_at": kill_at, "after_intent": after_intent, **more}
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "crash" not in answer, answer["crash"]
        return answer


@contextlib.contextmanager
def killer() -> Iterator[Killer]:
    """A driver, for as long as it is needed."""
    argv = [sys.executable, "-m", "tests.harness.crash"]
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": top}
    with subprocess.Popen(argv, **pipes) as process:
        try:
            yield Killer(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def _restore(workspace: Any, order: dict[str, Any]) -> None:
    from safe_rollback.tools.desk import Desk
    from safe_rollback.tools.restore_checkpoint import restore_checkpoint

    plan = restore_checkpoint(Desk(workspace), order["checkpoint"]).plan
    restore_checkpoint(Desk(workspace), order["checkpoint"], digest=plan.digest)


def _undo(workspace: Any, _: dict[str, Any]) -> None:
    from safe_rollback.tools.desk import Desk
    from safe_rollback.tools.undo import undo

    undo(Desk(workspace), digest=undo(Desk(workspace)).plan.digest)


def _revert(workspace: Any, order: dict[str, Any]) -> None:
    from safe_rollback.tools.desk import Desk
    from safe_rollback.tools.plan_rollback import plan_rollback
    from safe_rollback.tools.safe_revert import safe_revert

    plan = plan_rollback(Desk(workspace), target=order["target"], reason="test")
    safe_revert(Desk(workspace), plan.plan_id, plan.digest)


def _recover(workspace: Any, _: dict[str, Any]) -> None:
    from safe_rollback.tools.desk import Desk

    Desk(workspace)


ACTIONS: dict[str, Callable[[Any, dict[str, Any]], None]] = {
    "restore": _restore,
    "undo": _undo,
    "revert": _revert,
    "recover": _recover,
}


class _Steps:
    """Counts the steps of this process and dies before one of them."""

    def __init__(self, kill_at: int, counting: bool) -> None:
        self.count = 0
        self._kill_at = kill_at
        self._counting = counting

    def install(self) -> None:
        for name in _STEPS:
            setattr(os, name, self._around(getattr(os, name)))
        subprocess.Popen.__init__ = self._around(subprocess.Popen.__init__)  # type: ignore[method-assign]

    def _around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            if self._counting:
                self.count += 1
                if self.count == self._kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)
            answer = function(*arguments, **named)
            if not self._counting and "/intents/" in str(arguments[-1]):
                self._counting = True
            return answer

        return step


def _do(order: dict[str, Any]) -> dict[str, Any]:
    from safe_rollback.core.errors import SafeRollbackError
    from safe_rollback.core.workspace import open_workspace

    workspace = open_workspace(order["root"])
    steps = _Steps(order["kill_at"], not order["after_intent"])
    steps.install()
    answer: dict[str, Any] = {"killed": False}
    try:
        ACTIONS[order["action"]](workspace, order)
    except SafeRollbackError as error:
        answer["error"] = str(error)
    return {**answer, "steps": steps.count, "notices": workspace.take_notices()}


def _child(order: dict[str, Any], pipe: int) -> None:
    try:
        answer = _do(order)
    except BaseException as error:  # noqa: BLE001  the parent shows it
        import traceback

        answer = {"crash": f"{error!r}\n{traceback.format_exc()}"}
    os.write(pipe, json.dumps(answer).encode())
    os._exit(0)


def main() -> None:
    """Do orders until there are none."""
    for name in ("restore_checkpoint", "undo", "safe_revert", "plan_rollback", "desk"):
        __import__(f"safe_rollback.tools.{name}")
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _child(order, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status)
        print(json.dumps({"killed": True}) if killed else said.decode(), flush=True)


if __name__ == "__main__":
    main()
