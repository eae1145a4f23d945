"""What only a human gives: trust in exact commands, and grants for one thing once.

Both live in the user's own state directory: a repository, even one unpacked with its .git,
brings none. Only the command line on a terminal writes them.
"""

import shlex
from collections.abc import Iterable

from ..core.clock import stamp
from ..core.gate.refs import read_head
from ..core.late import late
from ..core.ledger.events import CommandTrusted, GrantMinted, GrantUsed
from ..core.records import asdict, dataclass, fields
from ..core.workspace import Workspace
from .userstate import load, locked_for, save

# Where the shell does more than start one program, quotes decide what it does.
_SHELL = late(r"[|&;<>()$`*?\[{~\n#]")


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One thing a human allowed once.

    Attributes:
        id: `grant-` and eight hexadecimal digits.
        kind: `command`, `gate`, `sensitive`, `plan` or `waive`.
        subject: the command line, the gate, the session, the plan's digest, or the item.
        directory: the worktree it holds in.
        head: the commit HEAD had; a command's grant ends when HEAD moves.
        minted: when.
    """

    id: str
    kind: str
    subject: str
    directory: str
    head: str | None
    minted: str


def trusted(workspace: Workspace) -> frozenset[str]:
    """Texts a human trusted in this repository."""
    texts = load(workspace, "trust.json").get("texts")
    # A damaged record trusts nothing: a human can always trust again.
    return frozenset(one for one in texts if isinstance(one, str)) if isinstance(texts, list) else frozenset()


def trust(workspace: Workspace, texts: Iterable[str]) -> None:
    """Record a human's trust in exact texts."""
    new = list(texts)
    with locked_for(workspace, "trust"):
        known = trusted(workspace)
        save(workspace, "trust.json", {"root": workspace.root, "texts": sorted({*known, *new})})
    with workspace.repository_lock("trust"):
        for text in new:
            workspace.ledger.append(CommandTrusted(text=text))


def mint(workspace: Workspace, kind: str, subject: str) -> Grant:
    """Record that a human allowed one thing once."""
    grant = Grant(
        id=f"grant-{workspace.clock.token()}",
        kind=kind,
        subject=subject,
        directory=workspace.root,
        head=read_head(workspace.repository).oid,
        minted=stamp(workspace.clock.now()),
    )
    with locked_for(workspace, "grant"):
        known = {name: asdict(one) for name, one in _grants(workspace).items()}
        save(workspace, "grants.json", {**known, grant.id: asdict(grant)})
    with workspace.repository_lock("grant"):
        workspace.ledger.append(GrantMinted(grant=grant.id, kind=kind, subject=subject))
    return grant


def _grants(workspace: Workspace) -> dict[str, Grant]:
    """Every grant on record that is whole."""
    names = {field.name for field in fields(Grant)}
    return {
        name: Grant(**values)
        for name, values in load(workspace, "grants.json").items()
        if isinstance(values, dict) and set(values) == names and values["id"] == name
    }


def granted(workspace: Workspace, kind: str, subject: str) -> Grant | None:
    """The newest grant for a thing, if a human gave one; it stays until `spend`."""
    head = read_head(workspace.repository).oid
    fitting = [
        grant
        for grant in _grants(workspace).values()
        if (grant.kind, grant.subject, grant.directory) == (kind, subject, workspace.root)
        and (kind != "command" or grant.head == head)
    ]
    return max(fitting, key=lambda grant: grant.minted, default=None)


def command_subject(line: str) -> str:
    """A command line as grants name it: one command in its plainest quotes, anything else as it stands.

    Raises:
        ValueError: if a quote is not closed.
    """
    words = shlex.split(line)
    return line.strip() if _SHELL.search(line) else shlex.join(words)


def spend(workspace: Workspace, kind: str, subject: str, session: str | None) -> Grant | None:
    """Use up the grant for a thing, if a human gave one; it is gone afterwards."""
    with locked_for(workspace, "grant"):
        grant = granted(workspace, kind, subject)
        if grant is None:
            return None
        left = {name: asdict(one) for name, one in _grants(workspace).items() if name != grant.id}
        save(workspace, "grants.json", left)
    with workspace.repository_lock("grant"):
        workspace.ledger.append(GrantUsed(grant=grant.id, session=session))
    return grant
