"""Who may allow a rollback: by level, as the protocol says; nothing an agent says changes it."""

import getpass
import os

from ..core.errors import Refusal
from ..core.ids import PlanId
from ..core.ledger.recovery_events import PlanAuthorized
from ..core.revert.plan import Rollback
from ..core.text import clean, plural, show_path
from ..recovery.assessment.severity import level_of
from .assess import reach_level
from .desk import Desk

_SHOWN = 10


def needs_human(desk: Desk, level: str) -> bool:
    """Whether the protocol leaves rollbacks of this level to a human."""
    return desk.protocol.recovery.authority[level] == "human"


def lacks_authority(desk: Desk, plan: PlanId, rollback: Rollback) -> Refusal | None:
    """Why a plan waits for a human; None if an agent may carry it out."""
    reach = reach_level(desk, rollback)
    level = level_of(reach)
    if not needs_human(desk, level):
        return None
    of = f" of sessions {', '.join(reach.sessions)}" if len(reach.sessions) > 1 else ""
    return Refusal(
        rule="authority",
        why=f"This rollback is of level {level}, which a human has to allow.",
        evidence=[f"[authority] {level} = human", f"takes out {plural(reach.commits, 'commit')}{of}"],
        instead=f"Show the plan to a human; `safe-rollback approve {plan}` on a terminal allows it once.",
    )


def impact_line(rollback: Rollback) -> str:
    """What a plan does, in a line, for the record and for the human who decides."""
    selection, files = rollback.selection, [show_path(one.path) for one in rollback.changed]
    named = ", ".join(files[:_SHOWN]) + (" …" if len(files) > _SHOWN else "")
    return clean(
        f"{selection.title}: {plural(len(selection.commits), 'commit')} go, {plural(len(files), 'file')} change"
        + (f" ({named})" if named else ""),
        limit=1000,
    )


def record_authority(desk: Desk, plan: PlanId, digest: str, rollback: Rollback, how: str, reason: str) -> None:
    """Write down who allowed a plan, what they were shown, and why."""
    with desk.workspace.repository_lock("authority"):
        desk.workspace.ledger.append(
            PlanAuthorized(
                plan_id=plan,
                digest=digest,
                level=level_of(reach_level(desk, rollback)),
                how=how,
                by=_user(),
                reason=desk.workspace.redact(clean(reason, limit=1000)),
                impact=impact_line(rollback),
            ),
            session=desk.session.id if desk.session else None,
        )


def _user() -> str:
    try:
        return clean(getpass.getuser(), limit=100)
    except (KeyError, OSError):  # no name for this number, as in some containers
        return str(os.getuid())
