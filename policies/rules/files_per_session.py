"""A session changes at most so many files."""

from collections.abc import Iterator

from ...core.text import plural
from .rule import Situation, Violation


class FilesPerSession:
    """Refuses the file after the last one allowed."""

    id = "files-per-session"

    def check(self, situation: Situation) -> Iterator[Violation]:
        """One violation naming the files beyond the limit, in the order they were changed."""
        limit = situation.file_limit
        if limit is not None and len(situation.changed) > limit:
            yield Violation(
                rule=self.id,
                decision="refuse",
                paths=situation.changed[limit:],
                why=f"The session changes {plural(len(situation.changed), 'file')}; at most {limit} are allowed.",
                instead="Put a file back with restore_checkpoint (paths), or end this session and start another.",
            )
