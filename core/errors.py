"""Errors the user can act on, each with a hint; anything else is a bug and shows itself."""

from collections.abc import Sequence

from .records import dataclass


class SafeRollbackError(Exception):
    """Something the caller can act on.

    Args:
        message: what is wrong, one sentence.
        hint: what to do next; shown after the message.
    """

    code = "failed"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Message and hint in one line."""
        return self.message if self.hint is None else f"{self.message} {self.hint}"


class InvalidInputError(SafeRollbackError):
    """An argument cannot be used as given."""

    code = "invalid_input"


class NoWorktreeError(InvalidInputError):
    """A directory is in no worktree, as far as git can see."""


class NotFoundError(SafeRollbackError):
    """Something that was named does not exist."""

    code = "not_found"


class BusyError(SafeRollbackError):
    """Somebody else holds a lock; trying again later may succeed."""

    code = "busy"


class StateMovedError(SafeRollbackError):
    """Something changed between plan and execution; nothing was done."""

    code = "state_moved"


class ConflictError(SafeRollbackError):
    """Two sides changed the same thing; nothing was done."""

    code = "conflict"


class CaptureError(SafeRollbackError):
    """A checkpoint cannot be complete, so none was taken."""

    code = "capture_failed"


class DamagedError(SafeRollbackError):
    """State of ours does not verify."""

    code = "damaged"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a policy said no, and what to do instead.

    Attributes:
        rule: id of the rule that decided.
        why: one sentence a person understands.
        evidence: what the decision rests on, one fact each.
        instead: the tool or command to use.
    """

    rule: str
    why: str
    evidence: Sequence[str]
    instead: str

    def text(self) -> str:
        """The whole refusal, for a reader who sees only text."""
        facts = "".join(f"\n- {fact}" for fact in self.evidence)
        return (
            f"refused: true\nrule: {self.rule}\nwhy: {self.why}\nevidence:{facts or ' none'}\ninstead: {self.instead}"
        )


class RefusedError(SafeRollbackError):
    """A policy refused; carries the `Refusal`."""

    code = "refused"

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text())
        self.refusal = refusal


class GitError(SafeRollbackError):
    """A git command failed or broke a limit; carries the evidence.

    Args:
        argv: the command as it was started.
        exit_code: exit status; negative for a signal, None when a limit stopped it.
        stderr: what git said, decoded for reading.
    """

    code = "git_failed"

    def __init__(self, argv: Sequence[str], exit_code: int | None, stderr: str, *, hint: str | None = None):
        said = stderr.strip() or "(no message)"
        status = "was stopped" if exit_code is None else f"exited with {exit_code}"
        super().__init__(f"`{_shown(argv)}` {status}: {said}", hint=hint)
        self.argv = tuple(argv)
        self.exit_code = exit_code
        self.stderr = stderr


def _shown(argv: Sequence[str]) -> str:
    """The command without the hardening options, which would bury what failed."""
    words = list(argv)
    shown = ["git"]
    skip = False
    for position, word in enumerate(words[1:], start=1):
        if skip:
            skip = False
        elif word == "-c":
            skip = True
        elif not word.startswith("--"):
            return " ".join(shown + words[position:])[:300]
    return " ".join(shown)
