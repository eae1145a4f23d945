"""What a tool works with during one call: the workspace, the session, the rules, the human."""

from collections.abc import Callable
from functools import cached_property
from typing import NoReturn

from ..core.errors import Refusal, RefusedError
from ..core.gate.refs import Head, read_head
from ..core.ids import ChainId
from ..core.ledger.events import CommandRefused, HumanAnswered
from ..core.session import Session, active_session, chain
from ..core.snapshot.policy import CapturePolicy
from ..core.transition.recover import recover
from ..core.workspace import Workspace
from ..policies.human import spend
from ..policies.protocol.force import InForce, in_force
from ..policies.protocol.model import Protocol
from ..policies.rules.branch_required import protected_by

Progress = Callable[[float, float | None, str], None]


class Desk:
    """One call of a tool.

    Args:
        workspace: the worktree.
        progress: takes done, total and a phrase while something long runs.
        answer: what a human answered to the tool's question through the client: accept,
            decline or cancel; None if nobody was asked.
    """

    def __init__(self, workspace: Workspace, *, progress: Progress | None = None, answer: str | None = None) -> None:
        self.workspace = workspace
        self.answer = answer
        self._progress = progress
        if workspace.interrupted:
            with workspace.worktree_lock("recover"):
                recover(workspace)

    @cached_property
    def session(self) -> Session | None:
        """The session that runs here."""
        return active_session(self.workspace)

    @cached_property
    def force(self) -> InForce:
        """The protocol in force."""
        return in_force(self.workspace, self.session)

    @property
    def protocol(self) -> Protocol:
        """Its rules."""
        return self.force.protocol

    @property
    def policy(self) -> CapturePolicy:
        """What checkpoints take."""
        return self.protocol.capture

    @property
    def chain(self) -> ChainId:
        """Where checkpoints go."""
        return chain(self.workspace, self.session)

    @cached_property
    def head(self) -> Head:
        """Where HEAD pointed when first asked."""
        return read_head(self.workspace.repository)

    def report(self, done: float, total: float | None, what: str) -> None:
        """Tell the client how far a long task is."""
        if self._progress is not None:
            self._progress(done, total, what)

    def branch_guard(self, branch: str, *, ours: bool = False) -> str | None:
        """Why a branch must not be moved back, or None.

        Where sessions may be squashed, what an operation of ours put there may go again (`ours`).
        """
        if ours and branch in self.protocol.squash_into:
            return None
        pattern = protected_by(branch, self.protocol.branches)
        return None if pattern is None else f"is protected ([protect] branches has {pattern})"

    def require_human(self, kind: str, subject: str, refusal: Refusal) -> None:
        """Go on only if a human agreed: through the client, or with a grant from a terminal.

        A human who declined is not overruled by a grant from before.

        Args:
            kind: of grant.
            subject: what it must be for.
            refusal: what to say if nobody agreed.

        Raises:
            RefusedError: if nobody did.
        """
        session = self.session.id if self.session else None
        if self.answer is not None:
            with self.workspace.repository_lock("answer"):
                self.workspace.ledger.append(HumanAnswered(question=f"{kind}: {subject}", answer=self.answer))
            if self.answer == "accept":
                return
        if self.answer != "decline" and spend(self.workspace, kind, subject, session) is not None:
            return
        self.refuse(kind, subject, refusal)

    def refuse(self, tool: str, command: str, refusal: Refusal) -> NoReturn:
        """Record a refusal and raise it.

        Raises:
            RefusedError: always.
        """
        session = self.session.id if self.session else None
        with self.workspace.repository_lock("refuse"):
            shown = self.workspace.redact(command[:2000])
            refused = CommandRefused(session=session, tool=tool, command=shown, rule=refusal.rule)
            self.workspace.ledger.append(refused)
        raise RefusedError(refusal)
