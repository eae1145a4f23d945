"""Some paths no session changes."""

from collections.abc import Iterator

from ...core import globs
from .rule import Situation, Violation


class ProtectedPaths:
    """Refuses changes of `[protect] paths`."""

    id = "protected-paths"

    def check(self, situation: Situation) -> Iterator[Violation]:
        """One violation naming the protected paths."""
        hit = [path for path in situation.changed if globs.first_match(path, situation.protocol.paths)]
        if hit:
            yield Violation(
                rule=self.id,
                decision="refuse",
                paths=hit,
                why="The project protects these paths from sessions.",
                instead="Put them back with restore_checkpoint (paths) and ask a human to make the change.",
            )
