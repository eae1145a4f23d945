"""Changes of some paths a human has to see."""

from collections.abc import Iterator

from ...core import globs
from .rule import Situation, Violation


class SensitivePaths:
    """Asks a human about changes of `[protect] sensitive`, and names them in every report."""

    id = "sensitive-paths"

    def check(self, situation: Situation) -> Iterator[Violation]:
        """One violation naming the sensitive paths."""
        hit = [path for path in situation.changed if globs.first_match(path, situation.protocol.sensitive)]
        if hit:
            yield Violation(
                rule=self.id,
                decision="ask",
                paths=hit,
                why="The project marks these paths as security-sensitive.",
                instead="Ask a human to look at them; end_session asks too, or takes a `safe-rollback grant`.",
            )
