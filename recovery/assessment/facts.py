"""What an assessment is computed from: figures, each with where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Symptoms:
    """What is wrong, as far as it is known; None is not known, never zero.

    Attributes:
        checks_failing: checks that failed in the newest verification of HEAD.
        checks_run: how many ran in it.
        failing_tests_percent: failing tests of those that ran in it.
        commits_since_green: commits after the newest that passed its checks.
        error_rate_percent: as the caller gives it.
        slower_percent: as the caller gives it.
        secrets: places in what the target added that hold a secret, `path:line`.
    """

    checks_failing: int | None = None
    checks_run: int | None = None
    failing_tests_percent: float | None = None
    commits_since_green: int | None = None
    error_rate_percent: float | None = None
    slower_percent: float | None = None
    secrets: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a rollback would take and touch.

    Attributes:
        kind: of the selection: session, commit, commits, merge, range, checkpoint, paths, branch, agent or action.
        commits: that go.
        sessions: ids of sessions they were made in.
        kept: commits of others among them that stay.
        on_top: commits after the newest that goes, which stay.
        squash: whether it is the one commit a whole session became.
        files: that change.
        conflicts: paths that conflict.
        will_break: files that use what disappears.
        open_items: what is open beyond the code.
        irreversible: open items whose way back loses data or does not exist.
        breaking: the commit a search found to break a check, if it is among them.
        way: what to plan so that what needs it goes along; empty if nothing is known that would come out cleanly.
    """

    kind: str
    commits: int
    sessions: Sequence[str] = ()
    kept: int = 0
    on_top: int = 0
    squash: bool = False
    files: int = 0
    conflicts: int = 0
    will_break: int = 0
    open_items: int = 0
    irreversible: Sequence[str] = field(default=())
    breaking: str = ""
    way: str = ""
