"""What the protocol's triggers do when one fires, and the warning when commits run ahead of the checks."""

from ..core.errors import SafeRollbackError
from ..core.snapshot.take import Label, take
from ..core.text import clean, plural
from ..core.verified import commits_since_green
from ..policies.triggers import Fired, new_ones, standing
from ..recovery.incidents.notify import notify
from .desk import Desk
from .plan_rollback import plan_rollback


def respond(desk: Desk) -> list[str]:
    """Act on triggers that fired since the last call; what was done, and stands in the next answer's notices.

    A trigger acts once until its figure sinks. What fails is told and does not undo what the call did.
    """
    session, triggers = desk.session, desk.protocol.recovery.triggers
    if session is None or not triggers:
        return []
    said = []
    for one in new_ones(desk.workspace, session, standing(desk.workspace, session, triggers)):
        done = [text for word in one.trigger.do if (text := _do(desk, word, one))]
        said.append(clean(" ".join([f"Trigger {one.text}", *done]), limit=1500))
    for text in said:
        desk.workspace.notice(text)
    return said


def _do(desk: Desk, word: str, fired: Fired) -> str:
    try:
        if word == "stop":
            return "No further commits until it sinks or a human lets the session go on."
        if word == "checkpoint":
            label = Label(reason="trigger", name=f"trigger {fired.trigger.id}", note=fired.text, pin=True)
            return f"Checkpoint {take(desk.workspace, desk.chain, desk.policy, label).id} was taken."
        if word == "notify":
            return _notified(desk, fired)
        plan = plan_rollback(desk, "session", f"trigger {fired.text}")
        return f"{plan.plan_id} proposes: {plan.assessment.advice}. {plan.assessment.next_step}"
    except SafeRollbackError as error:
        return f"{word} failed: {error}"


def _notified(desk: Desk, fired: Fired) -> str:
    tags = desk.protocol.recovery.incident.notify
    if not tags:
        return "Nobody is told: [incident] notify names no tag."
    session = desk.session
    assert session is not None
    title = f"safe-rollback: {fired.trigger.id} in session {session.id}"
    told = notify(desk.workspace, tags, title, fired.text, by="trigger")
    return "; ".join(f"{tag} {'was told' if ok else f'was not told: {detail}'}" for tag, ok, detail in told) + "."


def ahead_of_checks(desk: Desk) -> str:
    """The warning that commits run ahead of the last that passed its checks; empty if they do not."""
    session, head = desk.session, desk.head.oid
    if session is None or head is None or not desk.protocol.recovery.checks:
        return ""
    limit = desk.protocol.recovery.assess.commits_since_green
    count = commits_since_green(desk.workspace, head, since=session.base_commit)
    if count is None or count <= limit:
        return ""
    return f"{plural(count, 'commit')} since the last that passed its checks ({limit} are allowed): call verify."
