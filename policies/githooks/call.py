"""One run of a git hook, and what a hook has against it."""

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal
from typing import Protocol as Interface

from ...core.errors import InvalidInputError, SafeRollbackError
from ...core.ledger.events import CommandRefused
from ...core.records import dataclass
from ...core.session import Session, active_session
from ...core.text import show_path
from ...core.workspace import Workspace, open_workspace
from ..protocol.model import Protocol
from .who import agent_of

Binds = Literal["everyone", "grants", "agents", "nobody"]
EVERYONE: Binds = "everyone"
GRANTS: Binds = "grants"
AGENTS: Binds = "agents"


@dataclass(frozen=True, kw_only=True)
class GitHookAnswer:
    """What a hook ends with: its exit code, and what it says on standard error."""

    exit_code: int = 0
    stderr: str = ""


@dataclass(frozen=True, kw_only=True)
class Objection:
    """What a hook has against what git is about to do.

    Attributes:
        rule: the rule's id.
        binds: `everyone`; `grants` is everyone but who has a human's grant for the command; `agents`
            without such a grant, while a human is only told; `nobody` is only told.
        why: one sentence.
        evidence: paths or refs.
        instead: what an agent does instead.
        human: what a human does instead, if that is something else.
    """

    rule: str
    binds: Binds
    why: str
    evidence: Sequence[str]
    instead: str
    human: str = ""


class GitHook(Interface):
    """One of git's hooks."""

    @property
    def name(self) -> str:
        """As git names it."""
        ...

    def check(self, call: "Call") -> Iterable[Objection]:
        """Everything there is against it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Call:
    """One run of a hook; what it rests on is looked up when it is first needed.

    Attributes:
        name: the hook.
        args: its arguments.
        stdin: what git gave it to read.
        cwd: where git started it.
        environ: its environment; git says there which index and git directory it works with.
    """

    name: str
    args: Sequence[str]
    stdin: bytes
    cwd: str
    environ: Mapping[str, str]

    @cached_property
    def workspace(self) -> Workspace:
        """The worktree git works in.

        Raises:
            InvalidInputError: if that is not the one the hook stands in.
        """
        given = self.environ.get("GIT_DIR")
        git_dir = None if given is None else os.path.realpath(os.path.join(self.cwd, given))
        found = open_workspace(_root(self.cwd, git_dir))
        if git_dir is not None and git_dir != found.repository.git_dir:
            found.close()
            raise InvalidInputError(f"Git works with {show_path(git_dir)} here, which has no worktree of its own.")
        return found

    @cached_property
    def session(self) -> Session | None:
        """The session that runs here."""
        return active_session(self.workspace)

    @cached_property
    def protocol(self) -> Protocol:
        """The rules in force."""
        from ..protocol.force import in_force  # twice the cost of all else, and not every hook asks

        return in_force(self.workspace, self.session).protocol

    @cached_property
    def agent(self) -> str:
        """What shows that an agent started git; empty for a human."""
        return agent_of(self.environ, lambda: self.workspace)

    def path(self, name: str) -> str:
        """A path as git gave it, absolute."""
        return os.path.join(self.cwd, name)

    def lines(self) -> list[list[str]]:
        """Standard input, line by line, in words."""
        return [line.split(" ") for line in os.fsdecode(self.stdin).split("\n") if line]

    def record(self, rule: str, facts: Sequence[str]) -> None:
        """Note a refusal in the ledger; one that cannot be noted stands all the same."""
        with contextlib.suppress(SafeRollbackError), self.workspace.repository_lock("hook"):
            session = None if self.session is None else self.session.id
            command = f"{self.name}: {', '.join(facts)}"[:2000]
            self.workspace.ledger.append(CommandRefused(session=session, tool="git hook", command=command, rule=rule))

    def close(self) -> None:
        """Release the workspace, if it was opened."""
        if "workspace" in self.__dict__:
            self.workspace.close()


def _root(cwd: str, git_dir: str | None) -> str:
    """The worktree's top: hooks start there, but those of a push, which start in the git directory."""
    if git_dir is None:
        return cwd
    with contextlib.suppress(OSError), open(os.path.join(git_dir, "gitdir"), encoding="utf-8") as file:
        return os.path.dirname(file.read().rstrip("\n"))
    return os.path.dirname(git_dir) if os.path.basename(git_dir) == ".git" else cwd
