"""One story, played for real: a scratch repository, the server over stdio, an SDK client, a human."""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from rich.markup import escape

from ..core.errors import GitError
from ..core.gate.environment import users
from ..core.gate.process import execute
from ..core.gate.runner import EXECUTABLE
from ..core.revert.attribution import OPERATION_TRAILER
from ..core.session import TRAILER
from ..core.text import plural

Say = Callable[[str], None]

_PROTOCOL = """\
# Shop

```toml safe-rollback
[session]
max_files = 5
max_layers = 1
[layers]
api = ["api/**"]
web = ["web/**"]
```
"""
_HUMANS_COMMITS = ("Speed up the price table", "Describe the checkout", "Rename a heading")
_AGENTS_COMMITS = (
    "Add a discount", "Apply it in the cart", "Log it", "Round it", "Test it", "Handle zero", "Tidy up",
)  # fmt: skip


class Demo:
    """Plays the story and counts broken promises.

    Args:
        root: an empty directory for the repository.
        home: an empty directory that stands for the user's home.
        say: prints one line.
    """

    def __init__(self, root: str, home: str, say: Say) -> None:
        self._root = root
        self._environment = users({"HOME": home, "GIT_CONFIG_NOSYSTEM": "1"})
        self._say = say
        self.broken: list[str] = []

    async def play(self) -> None:
        """The whole story."""
        self._history()
        self._chapter("A human's afternoon: edits that are in no commit yet")
        self._humans_edits()
        for line in self._git("status", "--short").splitlines():
            self._tell(line)
        parameters = StdioServerParameters(
            command=sys.executable,
            args=["-m", "safe_rollback", "serve", "--root", self._root],
            env={"HOME": self._environment["HOME"], "PATH": os.environ.get("PATH", os.defpath)},
            cwd=self._root,
        )
        with open(os.devnull, "w", encoding="utf-8") as quiet:
            async with Client(stdio_client(parameters, errlog=quiet)) as client:
                await self._session(client)
                await self._refusals(client)
                await self._rollback(client)

    async def _session(self, client: Client) -> None:
        self._chapter("An agent starts a session")
        before = self._humans_bytes()
        session = await self._ask(client, "start_session", task="Add discounts to the shop", layers=["api"])
        for line in session["protocol"]["enforced"]:
            self._tell(f"enforced, CLAUDE.md line {line['line']}: {line['text']}")
        self._tell(session["warnings"][-1])
        branch = self._git("symbolic-ref", "--short", "HEAD")
        self._promise(branch.startswith("feature/session-"), f"it works on a branch of its own, {branch}")
        self._promise(before == self._humans_bytes(), "the human's edits are untouched")
        self._chapter("The agent commits, the human commits in between")
        for number, subject in enumerate(_AGENTS_COMMITS):
            self._append(f"api/{('cart', 'price')[number % 2]}.py", f"# agent: {subject}\n")
            await self._ask(client, "run_git", args=["commit", "-q", "-m", subject, "--", "api"])
            if number % 2 == 1:
                self._replace("docs/page.html", number, f"<p>human: {number}</p>\n")
                self._git("commit", "-q", "-m", _HUMANS_COMMITS[number // 2], "--", "docs/page.html")
        self._replace("api/price.py", 1, "PRICE = 42  # the human is in the middle of this\n")
        self._log(len(_AGENTS_COMMITS) + len(_HUMANS_COMMITS))

    async def _refusals(self, client: Client) -> None:
        self._chapter("It goes wrong; the agent reaches for the hammer")
        before = self._everything()
        refusal = await self._ask(client, "run_git", args=["reset", "--hard", "HEAD~10"], refused=True)
        self._tell(f"git reset --hard HEAD~10 is refused by {refusal['rule']}: {refusal['why']}")
        self._tell(f"instead: {refusal['instead']}")
        self._promise(refusal.get("refused") is True, "reset --hard is refused, with what to do instead")
        paths = [f"api/{name}.py" for name in ("tax", "pay", "mail")] + ["web/cart.html"]
        scope = await self._ask(client, "scope_check", paths=paths)
        for one in scope["violations"]:
            self._tell(f"{one['rule']}: {one['why']}")
        rules = {one["rule"] for one in scope["violations"]}
        wanted = {"files-per-session", "layers-per-session"}
        self._promise(wanted <= rules, "too many files and a second layer are refused")
        self._promise(before == self._everything(), "nothing has moved")

    async def _rollback(self, client: Client) -> None:
        self._chapter("The rollback, planned first")
        wreck, humans = self._everything(), self._humans_bytes()
        diff = self._git("diff", "-U0")
        plan = await self._ask(client, "plan_rollback", target="session", reason="discounts were not wanted")
        files = ", ".join(plan["prediction"]["files"])
        self._tell(f"takes out {plural(len(plan['reverts']), 'commit')} of the agent in {files}")
        self._tell(f"keeps {plural(len(plan['keeps']), 'commit')} of the human")
        self._promise(plan["prediction"]["clean"], "the plan is clean")
        self._promise(wreck == self._everything(), "planning has changed nothing")
        done = await self._ask(client, "safe_revert", plan_id=plan["plan_id"], digest=plan["digest"])
        self._log(1)
        agents = [name for name in ("api/cart.py", "api/price.py") if b"agent" in self._read(name)]
        self._promise(not agents, "every line of the agent is out of the files")
        self._promise(
            self._read("docs/page.html").count(b"human:") == len(_HUMANS_COMMITS), "the human's commits stay"
        )
        self._promise(humans == self._humans_bytes(), "the human's uncommitted bytes stay")
        self._promise(
            _lines(diff) == _lines(self._git("diff", "-U0")), "git diff shows exactly the human's edits, as before"
        )
        reverted = self._everything()
        self._chapter("Changed your mind? Undo, and undo the undo")
        for state, text in ((wreck, "undo brings back every byte"), (reverted, "a second undo redoes the revert")):
            plan = await self._ask(client, "undo")
            done = await self._ask(client, "undo", digest=plan["plan"]["digest"])
            self._tell(f"{done['operation_id']}: {plural(plan['plan']['changes_total'], 'change')}")
            self._promise(state == self._everything(), text)
        ended = await self._ask(client, "end_session", summary="Discounts tried and taken out.")
        self._tell(f"session {ended['session_id']} is closed, its branch {ended['retained_branch']} stays")

    async def _ask(self, client: Client, tool: str, *, refused: bool = False, **arguments: Any) -> dict[str, Any]:
        result = await client.call_tool(tool, arguments)
        answer = dict(result.structured_content or {})
        if result.is_error != refused or answer.get("exit_code"):
            raise DemoError(f"{tool} answered: {answer}")
        return answer

    def _history(self) -> None:
        """A project with a past: ten commits on main."""
        self._git("init", "-q", "-b", "main")
        self._git("config", "user.name", "Hana Human")
        self._git("config", "user.email", "hana@example.com")
        self._write("CLAUDE.md", _PROTOCOL)
        self._write("docs/page.html", "".join(f"<p>{number}</p>\n" for number in range(12)))
        for number in range(10):
            self._write(f"api/{('cart', 'price')[number % 2]}.py", "".join(f"# {n}\n" for n in range(8 + number)))
            self._git("add", ".")
            self._git("commit", "-q", "-m", f"Step {number + 1}")

    def _humans_edits(self) -> None:
        self._replace("docs/page.html", 0, "<p>half a thought</p>\n")
        self._replace("CLAUDE.md", 0, "# The shop\n")
        self._git("add", "CLAUDE.md")
        self._write("notes.txt", "call the bank\r\nbuy milk\r\n")
        os.symlink("notes.txt", os.path.join(self._root, "today"))

    def _humans_bytes(self) -> list[bytes]:
        """What only the human has: edits, staged ones, untracked files."""
        lines = [line for line in self._read("docs/page.html").splitlines() if b"half a thought" in line]
        lines += [line for line in self._read("api/price.py").splitlines() if b"in the middle" in line]
        return [*lines, self._read("CLAUDE.md"), self._git("diff", "--cached").encode(), self._read("today")]

    def _everything(self) -> dict[str, bytes | str]:
        """Files, index, HEAD and branches, to compare byte by byte."""
        state: dict[str, bytes | str] = {}
        for folder, folders, names in os.walk(self._root):
            folders[:] = [name for name in folders if name != ".git"]
            state |= {os.path.join(folder, name): self._read(os.path.join(folder, name)) for name in names}
        state["index"] = self._git("ls-files", "--stage")
        state["refs"] = self._git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")
        state["HEAD"] = self._git("symbolic-ref", "HEAD")
        return state

    def _git(self, *args: str) -> str:
        done = execute([EXECUTABLE, *args], cwd=self._root, env=self._environment)
        if done.exit_code != 0:
            raise GitError(done.argv, done.exit_code, os.fsdecode(done.stderr))
        return os.fsdecode(done.stdout).rstrip("\n")

    def _read(self, name: str) -> bytes:
        with open(os.path.join(self._root, name), "rb") as file:
            return file.read()

    def _write(self, name: str, text: str) -> None:
        path = os.path.join(self._root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def _append(self, name: str, text: str) -> None:
        self._write(name, self._read(name).decode() + text)

    def _replace(self, name: str, number: int, line: str) -> None:
        lines = self._read(name).decode().splitlines(keepends=True)
        self._write(name, "".join([*lines[:number], line, *lines[number + 1 :]]))

    def _log(self, count: int) -> None:
        """The newest commits; their trailers tell whose they are."""
        form = "--format=%h%x09%(trailers:only,separator=%x20)%x09%s"
        for line in self._git("log", form, f"-{count}").splitlines():
            commit, trailers, subject = line.split("\t")
            revert, agent = (name in trailers for name in (OPERATION_TRAILER, TRAILER))
            self._tell(f"{commit} {'safe-rollback' if revert else 'agent' if agent else 'human'}: {subject}")

    def _tell(self, text: str) -> None:
        self._say(f"  {escape(text)}")

    def _chapter(self, title: str) -> None:
        self._say(f"\n[bold]{title}[/]")

    def _promise(self, kept: bool, text: str) -> None:
        self._say(f"  [green]✔[/] {text}" if kept else f"  [red]✘ {text}[/]")
        if not kept:
            self.broken.append(text)


class DemoError(Exception):
    """The story took a turn that no promise covers."""


def _lines(diff: str) -> list[str]:
    """Changed lines of a diff without their places, which a revert above them moves."""
    return [line for line in diff.splitlines() if line[:1] in "+-" or line.startswith("diff ")]


def _messages(group: BaseExceptionGroup[Exception]) -> list[str]:
    """Every error in nested groups: each task group wraps them once more."""
    return [
        text
        for one in group.exceptions
        for text in (_messages(one) if isinstance(one, BaseExceptionGroup) else [str(one)])
    ]


def play(say: Say) -> Sequence[str]:
    """Play the story in a directory that is removed afterwards; the promises that broke."""
    with tempfile.TemporaryDirectory(prefix="safe-rollback-demo-") as folder:
        root, home = os.path.join(folder, "shop"), os.path.join(folder, "home")
        os.mkdir(root)
        os.mkdir(home)
        demo = Demo(os.path.realpath(root), home, say)
        try:
            anyio.run(demo.play)
        except* (DemoError, GitError) as group:
            demo.broken += _messages(group)
        return demo.broken
