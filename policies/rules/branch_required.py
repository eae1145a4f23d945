"""A session works on a branch of its own."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from .rule import Situation, Violation


class BranchRequired:
    """Refuses work on a protected branch or a detached HEAD."""

    id = "branch-required"

    def check(self, situation: Situation) -> Iterator[Violation]:
        """One violation if the session stands where it must not."""
        protocol = situation.protocol
        if not protocol.require_branch:
            return
        if situation.branch is None:
            yield Violation(
                rule=self.id,
                decision="refuse",
                paths=(),
                why="HEAD is detached; commits made here belong to no branch.",
                instead="Switch to the session's branch with run_git switch.",
            )
        elif protected_by(situation.branch, protocol.branches):
            yield Violation(
                rule=self.id,
                decision="refuse",
                paths=(),
                why=f"{situation.branch} is protected; sessions work on a branch of their own.",
                instead="Call start_session with create_branch, or switch with run_git switch.",
            )


def protected_by(branch: str, patterns: tuple[str, ...]) -> str | None:
    """The pattern that protects a branch, or None; `main` does not protect `feature/main`."""
    return next((pattern for pattern in patterns if fnmatchcase(branch, pattern)), None)
