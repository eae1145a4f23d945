"""A session changes only what it declared."""

from collections.abc import Iterator

from ...core import globs
from .rule import Situation, Violation


class DeclaredPaths:
    """Refuses changes outside the patterns given to start_session."""

    id = "declared-paths"

    def check(self, situation: Situation) -> Iterator[Violation]:
        """One violation naming the paths outside."""
        if not situation.declared:
            return
        outside = [path for path in situation.changed if globs.first_match(path, situation.declared) is None]
        if outside:
            yield Violation(
                rule=self.id,
                decision="refuse",
                paths=outside,
                why=f"The session declared {', '.join(situation.declared)}.",
                instead="Put them back with restore_checkpoint (paths), or start a session that declares them.",
            )
