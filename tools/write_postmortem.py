"""write_postmortem: what happened from the records, why as far as it is known, and what would have caught it."""

import hashlib
from typing import Annotated

from pydantic import Field

from ..core.errors import ConflictError, InvalidInputError, Refusal
from ..core.globs import first_match
from ..core.ledger.recovery_events import PostmortemWritten
from ..core.text import clean, show_path
from ..core.transition.operation import Job, Performed
from ..recovery.incidents.case import case_of
from ..recovery.incidents.postmortem import Account, Said, account_of, compose, decision
from ..recovery.incidents.prevention import proposals
from ..recovery.incidents.texts import hiding
from ..recovery.incidents.timeline import DOCUMENT
from ..recovery.incidents.writing import Document, document_path, ours, read_documents, write_documents
from .desk import Desk
from .results import Result
from .scope import examine
from .spec import ToolSpec

_MAX_SHOWN = 20_000
_MAX_SAID = 8000
_MAX_ROWS = 30


class WritePostmortem(Result):
    """A post-mortem; operation_id is null if the file held it already."""

    path: str
    markdown: str
    operation_id: str | None
    notes: list[str]
    next_step: str


def write_postmortem(
    desk: Desk,
    incident_id: Annotated[str, Field(description="one of the three ids")] = "",
    operation_id: str = "",
    plan_id: str = "",
    root_cause: Annotated[str, Field(description="leave out if not known")] = "",
    contributing: list[str] = [],  # noqa: B006  pydantic copies it
    prevention: Annotated[
        list[str], Field(description="each one [[check]], [[rule]] or [[trigger]] of the protocol, as TOML")
    ] = [],  # noqa: B006
    detection: Annotated[str, Field(description="how it was noticed")] = "",
    append_to: Annotated[str, Field(description="also an entry in DECISIONS.md, say")] = "",
) -> WritePostmortem:
    """Write a post-mortem; see `SPEC.description`."""
    workspace = desk.workspace
    account = account_of(workspace, case_of(workspace, _wanted(incident_id, operation_id, plan_id)))
    hide = hiding(workspace)
    said = Said(
        root_cause=_cut(root_cause),
        contributing=[_cut(one) for one in contributing[:_MAX_ROWS]],
        detection=_cut(detection),
        prevention=proposals(prevention, hide, desk.protocol),
    )
    text = compose(workspace, account, said, hide)
    day = account.case.opened[:10]
    path = document_path(f"{desk.protocol.recovery.incident.directory}/{day}-{account.name}.md")
    log = document_path(append_to) if append_to else None
    _check_protected(desk, [one for one in (path, log) if one is not None])
    documents, notes = _documents(desk, path, text, log, decision(account, said, path, day, hide))
    done = write_documents(workspace, documents, _job(desk, account, path))
    if done is not None:
        _record(desk, account, path, text)
    return WritePostmortem(
        path=show_path(path),
        markdown=text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}\n… the rest is in the file",
        operation_id=None if done is None else done.operation,
        notes=[*notes, *_scope_notes(desk, [path, *([log] if log else [])])],
        next_step=_next(said, done),
    )


def _wanted(*given: str) -> str:
    named = [one for one in given if one]
    if len(named) != 1:
        raise InvalidInputError(
            f"{len(named)} ids were given.", hint="Give exactly one of incident_id, operation_id and plan_id."
        )
    return named[0]


def _cut(text: str) -> str:
    return clean(text, limit=_MAX_SAID)


def _check_protected(desk: Desk, paths: list[str]) -> None:
    """The tool writes nothing that the agent itself must not."""
    hit = [path for path in paths if first_match(path, desk.protocol.paths)]
    if hit:
        desk.refuse(
            "write_postmortem",
            " ".join(hit),
            Refusal(
                rule="protected-paths",
                why="The project protects these paths from sessions.",
                evidence=[show_path(path) for path in hit],
                instead="Name another file, or let a human write it.",
            ),
        )


def _documents(desk: Desk, path: str, text: str, log: str | None, entry: str) -> tuple[list[Document], list[str]]:
    """What is to be written, and notes on what is not."""
    workspace = desk.workspace
    found = read_documents(workspace, desk.policy, [path, *([log] if log else [])])
    old = found[path]
    if old is not None and not ours(workspace, path, old):
        raise ConflictError(
            f"{show_path(path)} is not as it was written: somebody edited it.",
            hint="Nothing was changed. Edit it by hand, or move it away and call again.",
        )
    documents, notes = [Document(path=path, before=old, after=text.encode())], list[str]()
    if old is not None:
        notes.append("It replaces the text written before, with what was said there.")
    if log is not None:
        before = found[log]
        known = before or b"# Decisions\n"
        title = entry.partition("\n")[0]
        if title.rpartition(" ")[2].encode() in known:
            notes.append(f"{show_path(log)} has an entry for it already; it was left as it is.")
        else:
            gap = b"\n" if known.endswith(b"\n") else b"\n\n"
            documents.append(Document(path=log, before=before, after=known + gap + entry.encode()))
    return documents, notes


def _job(desk: Desk, account: Account, path: str) -> Job:
    return Job(
        kind=DOCUMENT,
        summary=f"post-mortem of {account.name} in {show_path(path)}",
        chain=desk.chain,
        policy=desk.policy,
        session=desk.session.id if desk.session else None,
    )


def _record(desk: Desk, account: Account, path: str, text: str) -> None:
    case = account.case
    with desk.workspace.repository_lock("post-mortem"):
        desk.workspace.ledger.append(
            PostmortemWritten(
                incident=case.incident.id if case.incident else None,
                operation=case.operation.id if case.operation else None,
                path=path,
                digest=hashlib.sha256(text.encode()).hexdigest(),
            ),
            session=desk.session.id if desk.session else None,
        )


def _scope_notes(desk: Desk, paths: list[str]) -> list[str]:
    """What a running session's rules say about the files, which count as its changes."""
    if desk.session is None:
        return []
    against = [one for one in examine(desk, desk.session).violations if set(one.paths).intersection(paths)]
    return [
        f"Among the changes of session {desk.session.id} now: {', '.join(map(show_path, paths))}.",
        *(clean(f"{one.rule}: {one.why} {one.instead}", limit=500) for one in against),
    ]


def _next(said: Said, done: Performed | None) -> str:
    back = "" if done is None else f" undo with operation_id {done.operation} takes the file back."
    if said.prevention:
        return f"A human copies what they accept of the proposals into CLAUDE.md.{back}"
    return f"Propose in prevention what would have caught it: a check, a rule or a trigger.{back}"


SPEC = ToolSpec(
    name="write_postmortem",
    title="Write a post-mortem",
    description=(
        "Writes a Markdown post-mortem from the records: impact, timeline, time to detect and recover, what went "
        "well; causes as you say them. prevention items become proposals for a human. undo takes it back."
    ),
    run=write_postmortem,
)
