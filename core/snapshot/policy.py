"""What a capture takes beyond tracked and untracked files, and what it leaves out."""

from ..records import dataclass

SPECIAL = "not a file, directory or link"


@dataclass(frozen=True, kw_only=True)
class CapturePolicy:
    """The protocol's `[capture]` section.

    Attributes:
        ignored: patterns of ignored files to capture all the same.
        max_file: bytes; larger untracked and ignored files are skipped and named.
    """

    ignored: tuple[str, ...] = (".env*",)
    max_file: int = 50 << 20


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """Something that was not captured, and will therefore never be deleted.

    Attributes:
        path: relative to the worktree root.
        reason: why, in a few words.
        bytes: its size, 0 where that has no meaning.
    """

    path: str
    reason: str
    bytes: int
