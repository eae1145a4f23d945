"""The protocol in force: pinned at session start, tightened at once, loosened by a human."""

from collections.abc import Sequence

from ...core.ledger.events import ProtocolAccepted, ProtocolTightened, SessionStarted
from ...core.records import dataclass
from ...core.session import Session
from ...core.text import clean
from ...core.workspace import Workspace
from .combine import combine, show_field, unlike
from .model import RULE_OF_FIELD, Enforced, NotEnforced, Protocol, Reading, from_data
from .reading import BUILT_IN, read_protocol


@dataclass(frozen=True, kw_only=True)
class InForce:
    """What holds now.

    Attributes:
        protocol: the rules.
        reading: what the file says at this moment.
        source: where the rules stand; `pinned` if no file holds them any more.
        enforced: the lines that hold as written, and those of before that hold in spite of the file.
        not_enforced: the lines that do not, those that wait for a human among them.
        waiting: fields the file loosens, which wait for a human.
        warnings: sentences for whoever asked.
    """

    protocol: Protocol
    reading: Reading
    source: str
    enforced: Sequence[Enforced]
    not_enforced: Sequence[NotEnforced]
    waiting: Sequence[str]
    warnings: Sequence[str]


def in_force(workspace: Workspace, session: Session | None) -> InForce:
    """The rules that hold in a worktree; a stricter file becomes the new floor of a running session.

    Args:
        workspace: the worktree.
        session: the running session; None for what a new one would get.
    """
    reading = read_protocol(workspace.root)
    pinned = baseline(workspace, session)
    warnings = list(reading.problems)
    if reading.problems:
        protocol = pinned or Protocol()
        kept = "the last good protocol" if pinned else "the built-in protocol"
        holds = _names(protocol, unlike(protocol, Protocol()))
        warnings.append(f"{reading.source} cannot be used, so {kept} holds{holds}. Correct the line named above.")
        return _lines(protocol, reading, (), warnings)
    if pinned is None:
        return _lines(reading.protocol, reading, (), warnings)
    protocol, waiting = combine(pinned, reading.protocol)
    if waiting and not reading.enforced:
        source = "CLAUDE.md (or AGENTS.md)" if reading.source == BUILT_IN else reading.source
        warnings.append(
            f"{source} no longer holds a protocol; the last one still holds"
            f"{_names(protocol, unlike(protocol, reading.protocol))} "
            "until a human accepts the change with `safe-rollback trust`."
        )
    elif waiting:
        warnings.append(
            f"{reading.source} now asks for less than before ({'; '.join(waiting)}). The stricter rules hold "
            "until a human accepts the change with `safe-rollback trust`."
        )
    if session is not None and protocol.digest() != pinned.digest():
        with workspace.repository_lock("tighten"):
            tightened = ProtocolTightened(session=session.id, digest=protocol.digest(), protocol=protocol.to_data())
            workspace.ledger.append(tightened)
    return _lines(protocol, reading, waiting, warnings)


def _lines(protocol: Protocol, reading: Reading, waiting: Sequence[str], warnings: Sequence[str]) -> InForce:
    """What holds, line by line: a line that waits for a human is not enforced as it stands."""
    held = unlike(protocol, reading.protocol)
    enforced, not_enforced = [], list(reading.not_enforced)
    for one in reading.enforced:
        waits = [name for name in one.fields if name in held]
        if waits:
            now = " and ".join(show_field(protocol, name) for name in waits)
            text = f"{one.text} (waits for `safe-rollback trust`; {now} holds)"
            not_enforced.append(NotEnforced(line=one.line, text=text))
        else:
            enforced.append(one)
    kept = [
        Enforced(
            rule=RULE_OF_FIELD[name],
            line=0,
            text=clean(f"{name} = {show_field(protocol, name)} (from before, pinned)", limit=200),
            fields=(name,),
        )
        for name in held
    ]
    return InForce(
        protocol=protocol,
        reading=reading,
        source="pinned" if kept and not enforced and not reading.enforced else reading.source,
        enforced=[*kept, *enforced],
        not_enforced=sorted(not_enforced, key=lambda one: one.line),
        waiting=waiting,
        warnings=warnings,
    )


def _names(protocol: Protocol, fields: Sequence[str]) -> str:
    named = [f"{name} {show_field(protocol, name)}" for name in fields]
    return f" ({clean('; '.join(named))})" if named else ""


def baseline(workspace: Workspace, session: Session | None) -> Protocol | None:
    """What was pinned or accepted last: the floor below which no file goes by itself."""
    for record in workspace.ledger.records(SessionStarted, ProtocolTightened, ProtocolAccepted, newest_first=True):
        event = record.event
        if isinstance(event, ProtocolAccepted):
            return from_data(event.protocol)
        if isinstance(event, SessionStarted | ProtocolTightened) and (session is None or event.session == session.id):
            return from_data(event.protocol)
    return None
