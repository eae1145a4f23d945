"""The guard in front of an agent's own tools: judges, takes the checkpoints, records the actions.

It answers one event of a client at a time and keeps nothing between them but what
`core.actions` writes down. What fails in it is raised: the hook then refuses, for a command
must not run unprotected.
"""

import contextlib
import os
import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..core.ledger.events import CommandRefused
from ..core.records import dataclass
from ..core.session import Session, active_session, chain
from ..core.text import clean
from ..core.workspace import Workspace
from .briefing import briefing, reminder
from .commands import Losses, decide, unheld
from .effects import Effect, Stake, Verdict
from .gitcontext import context_of
from .hook import WHOLE_FILE_TOOLS, HookAnswer, HookEvent
from .human import command_subject, spend
from .protocol.force import in_force
from .protocol.model import STRICTNESS, Protocol
from .rules import RULES, Situation
from .shell.analysis import analyse
from .shell.context import NOWHERE, Context
from .shell.places import replaced, written

if TYPE_CHECKING:
    from ..core.snapshot.checkpoint import Checkpoint

PASS = HookAnswer()
# What a single file can break; how many there may be is counted when they are committed.
_OF_ONE_FILE = frozenset({"protected-paths", "declared-paths", "layers-per-session", "sensitive-paths"})
_MAX_COMMAND = 2000
_MAX_REASON = 4000
_MAX_TYPED = 200


def answer(event: HookEvent, workspace: Workspace | None, settled: Callable[[], None] | None = None) -> HookAnswer:
    """What the guard says to one event.

    Args:
        event: what happens.
        workspace: the worktree it happens in; None outside of a repository.
        settled: called as soon as nothing but a failure can change the answer, which is to pass, and
            whatever comes next has to wait for what is still to be done.

    Raises:
        SafeRollbackError: if it cannot do what it has to; the caller refuses then.
    """
    if workspace is None:
        return _without_repository(event)
    if workspace.interrupted:
        from ..core.transition.recover import recover  # rarely needed, and slow to load

        with workspace.worktree_lock("recover"):
            recover(workspace)
    if event.moment == "before":
        return PASS if event.kind == "read" else _before(event, workspace)
    if event.moment == "after":
        if event.kind != "read":
            from ..core.actions import finish

            policy = in_force(workspace, active_session(workspace)).protocol.capture
            with workspace.worktree_lock("after an action"):
                if settled is not None:
                    settled()
                call = event.call or _anonymous(event, workspace)
                finish(workspace, policy, call, event.agent, event.exit_code)
        return PASS
    return _between(event, workspace)


def _without_repository(event: HookEvent) -> HookAnswer:
    """No checkpoint is possible here: only what no state could excuse is refused."""
    if event.moment != "before" or event.kind not in ("shell", "write"):
        return PASS
    verdict = decide(_effects(event, NOWHERE), Protocol(), losses=lambda _: ())
    return PASS if verdict.decision == "allow" else _said(verdict)


@dataclass(frozen=True)
class _Judged:
    verdict: Verdict
    subject: str


def _before(event: HookEvent, workspace: Workspace) -> HookAnswer:
    session = active_session(workspace)
    protocol = in_force(workspace, session).protocol
    root = os.path.realpath(workspace.root)
    cwd = os.path.realpath(event.cwd)
    inside = os.path.commonpath([root, cwd]) == root
    context = context_of(workspace, os.path.relpath(cwd, root) if inside else "")
    if not inside:
        context = context.elsewhere()
    effects, places = _effects(event, context), _places(event.paths, cwd, root)
    verdict = decide(effects, protocol, context.branch, losses=_losses(workspace, protocol, session), held=True)
    verdict = _stricter(verdict, _scope(event, effects, protocol, session, context, root))
    if verdict.decision != "refuse":
        verdict = _stricter(verdict, _brought(workspace, effects, protocol))
    if verdict.decision != "refuse":
        verdict = _stricter(verdict, _stopped(workspace, effects, protocol, session))
    subject = event.command or f"{event.tool} {' '.join(event.paths)}".strip()
    refused = verdict.decision == "refuse"
    if refused and not _granted(workspace, subject, session):
        return _refused(event, workspace, session, subject, verdict)
    # An action without files is a shell's, which may have changed anything: one that only writes elsewhere is none.
    elsewhere = event.kind == "write" and event.paths and not places
    if elsewhere or all(effect.effect == "state.read" for effect in effects):
        return _said(verdict) if verdict.decision == "ask" else PASS
    from ..core.actions import abandon, begin

    with workspace.worktree_lock("before an action"):
        action, checkpoint = begin(
            workspace,
            protocol.capture,
            call=event.call or _anonymous(event, workspace),
            agent=event.agent,
            tool=event.tool,
            command=_shown(workspace, subject),
            effects=sorted({effect.effect for effect in effects}),
            paths=places,
        )
        lost = None if refused else unheld(effects, _losses(workspace, protocol, session, checkpoint))
        if lost is not None and not _granted(workspace, subject, session):
            abandon(workspace, action)
            return _refused(event, workspace, session, subject, lost)
    return _said(verdict) if verdict.decision == "ask" else PASS


def _refused(
    event: HookEvent, workspace: Workspace, session: Session | None, subject: str, verdict: Verdict
) -> HookAnswer:
    with workspace.repository_lock("refuse"):
        refused = CommandRefused(
            session=_id(session), tool=event.tool, command=_shown(workspace, subject), rule=verdict.rule
        )
        workspace.ledger.append(refused)
    return _said(verdict, event.command)


def _losses(
    workspace: Workspace, protocol: Protocol, session: Session | None, checkpoint: "Checkpoint | None" = None
) -> Losses:
    """What of a human's a command would take; the state is looked at only if one could."""
    known: list[Losses] = []

    def losses(stake: Stake) -> Sequence[str]:
        if not known:
            from .stakes import Stakes  # slow to load

            known.append(Stakes(workspace, protocol.capture, session, checkpoint).losses)
        return known[0](stake)

    return losses


def _shown(workspace: Workspace, subject: str) -> str:
    """What was asked for, as it may be written down: in checkpoints it travels to remotes."""
    return clean(workspace.redact(subject), limit=_MAX_COMMAND)


def _granted(workspace: Workspace, subject: str, session: Session | None) -> bool:
    with contextlib.suppress(ValueError):
        return spend(workspace, "command", command_subject(subject), _id(session)) is not None
    return False


def _effects(event: HookEvent, context: Context) -> list[Effect]:
    if event.kind == "shell":
        return analyse(event.command, context)
    if event.kind == "write":
        why = f"{event.tool} writes it"
        judged = replaced if event.tool.lower() in WHOLE_FILE_TOOLS else written
        found = [
            one
            for path in event.paths
            # A client's tool writes through a link.
            for word in dict.fromkeys((path, os.path.realpath(os.path.join(event.cwd, path))))
            for one in judged([word], context, span=f"{event.tool} {path}", why=why)
        ]
        return found or [Effect(effect="unknown", span=event.tool, why="it names no file")]
    return [Effect(effect="unknown", span=event.tool, why="what this tool does is not analysed")]


def _scope(
    event: HookEvent,
    effects: Sequence[Effect],
    protocol: Protocol,
    session: Session | None,
    context: Context,
    root: str,
) -> Verdict | None:
    """What the rules about a session's changes have against the files this would write."""
    if session is None:
        return None
    rules = _OF_ONE_FILE if event.kind == "write" else {"protected-paths"}
    touched = [path for effect in effects if effect.effect == "file.write" for path in effect.targets]
    places = _places(touched, root, root)
    situation = Situation(
        protocol=protocol, changed=places, declared=session.paths, layers=session.layers, branch=context.branch
    )
    found = [one for rule in RULES if rule.id in rules for one in rule.check(situation)]
    found.sort(key=lambda one: one.rule != "protected-paths")  # it says the most
    worst = max(found, key=lambda one: STRICTNESS.index(one.decision), default=None)
    if worst is None:
        return None
    return Verdict(
        decision=worst.decision,
        effects=effects,
        rule=worst.rule,
        why=f"{worst.why} This would change {', '.join(clean(path, limit=200) for path in worst.paths[:5])}.",
        evidence=list(worst.paths),
        instead="Leave the file as it is, or ask the human to make or allow the change.",
    )


def _brought(workspace: Workspace, effects: Sequence[Effect], protocol: Protocol) -> Verdict | None:
    commands = [one.argv for one in effects if one.argv]
    if not commands:
        return None
    from .brought import INSTEAD, RULE, WHY, lost_to_git  # slow to load

    lost = [path for argv in commands for path in lost_to_git(workspace, protocol.capture, argv)]
    if not lost:
        return None
    return Verdict(decision="refuse", effects=effects, rule=RULE, why=WHY, evidence=lost[:20], instead=INSTEAD)


def _stopped(
    workspace: Workspace, effects: Sequence[Effect], protocol: Protocol, session: Session | None
) -> Verdict | None:
    """What the protocol's triggers have against a commit."""
    if not protocol.recovery.triggers or all(one.effect != "commit" for one in effects):
        return None
    from .triggers import stopped  # rarely needed

    refusal = stopped(workspace, session, protocol.recovery.triggers)
    if refusal is None:
        return None
    return Verdict(
        decision="refuse",
        effects=effects,
        rule=refusal.rule,
        why=f"{refusal.why} {' '.join(refusal.evidence)}",
        evidence=refusal.evidence,
        instead=refusal.instead,
    )


def _stricter(one: Verdict, other: Verdict | None) -> Verdict:
    if other is None or STRICTNESS.index(other.decision) <= STRICTNESS.index(one.decision):
        return one
    return other


def _said(verdict: Verdict, command: str = "") -> HookAnswer:
    parts = [f"safe-rollback {'refuses' if verdict.decision == 'refuse' else 'asks'} ({verdict.rule}): {verdict.why}"]
    if verdict.instead:
        parts.append(f"Instead: {verdict.instead}")
    if verdict.decision == "refuse" and verdict.rule != "guard":
        exact = shlex.quote(command) if _is_short(command) else "'<this very line>'"
        parts.append(f"A human may allow it once on a terminal: safe-rollback grant --command {exact}")
    reason = clean("\n".join(parts), limit=_MAX_REASON)
    return HookAnswer(decision="deny" if verdict.decision == "refuse" else "ask", reason=reason)


def _is_short(command: str) -> bool:
    """Whether a command can be shown as it is, to be typed again."""
    return 0 < len(command) <= _MAX_TYPED and command.isprintable()


def _between(event: HookEvent, workspace: Workspace) -> HookAnswer:
    """Events of the client's own life."""
    from ..core.actions import drop

    session = active_session(workspace)
    force = in_force(workspace, session)
    if event.moment == "session start":
        return HookAnswer(context=briefing(session, force))
    if event.moment == "stop":
        drop(workspace, event.agent)
        text = "" if event.again else reminder(workspace, session, force)
        return HookAnswer(decision="deny", reason=text) if text else PASS
    if event.moment in ("session end", "compact"):
        if event.moment == "session end":
            drop(workspace, event.agent)
        from ..core.snapshot.take import Label, take_or_newest

        take_or_newest(workspace, chain(workspace, session), force.protocol.capture, Label(reason=event.moment))
    return PASS


def _places(paths: Sequence[str], cwd: str, root: str) -> list[str]:
    """Paths from the root of those in the worktree; of a link, where it stands and what it leads to."""
    found = []
    for path in paths:
        whole = os.path.join(cwd, path)
        # A name that is not known before the command runs holds a NUL, and leads nowhere.
        real = os.path.realpath if "\0" not in whole else os.path.normpath
        stands = os.path.join(real(os.path.dirname(whole)), os.path.basename(whole))
        found += [os.path.relpath(one, root) for one in (stands, real(whole))]
    return [place for place in dict.fromkeys(found) if place != ".." and not place.startswith("../")]


def _anonymous(event: HookEvent, workspace: Workspace) -> str:
    """A name for a call of a client that gives none; it must be the same before and after.

    Equal calls may overlap, so they are numbered. The newest ends first: an older one may never
    end, and of two that overlap it does not matter which is which.
    """
    from ..core.actions import under_way

    name = f"{event.tool}\0{event.command}\0{' '.join(event.paths)}"
    calls = [one.call.rpartition("\0") for one in under_way(workspace) if one.agent == event.agent]
    newest = max((int(number) for known, _, number in calls if known == name), default=0)
    return f"{name}\0{newest + (event.moment == 'before')}"


def _id(session: Session | None) -> str | None:
    return None if session is None else session.id
