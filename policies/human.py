"""What only a human gives: trust in exact commands, and grants for one thing once.

Both live in the user's own state directory: a repository, even one unpacked with its .git,
brings none. Only the command line on a terminal writes them.
"""

import hashlib
import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..core.clock import stamp
from ..core.files import canonical_json, read_json, write_atomically
from ..core.gate.refs import read_head
from ..core.ledger.events import CommandTrusted, GrantMinted, GrantUsed
from ..core.lock import locked
from ..core.workspace import Workspace

# Where the shell does more than start one program, quotes decide what it does.
_SHELL = re.compile(r"[|&;<>()$`*?\[{~\n#]")


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


def _folder(workspace: Workspace) -> str:
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):  # a relative one, which XDG says to ignore, would lie in the repository
        base = os.path.join(os.path.expanduser("~"), ".local", "state")
    key = hashlib.sha256(os.fsencode(workspace.repository.common_dir)).hexdigest()[:16]
    return os.path.join(base, "safe-rollback", key)


def _load(workspace: Workspace, name: str) -> dict[str, Any]:
    data = read_json(os.path.join(_folder(workspace), name))
    return data if isinstance(data, dict) else {}


def _save(workspace: Workspace, name: str, data: dict[str, Any]) -> None:
    os.makedirs(_folder(workspace), mode=0o700, exist_ok=True)
    write_atomically(os.path.join(_folder(workspace), name), canonical_json(data).encode())


def trusted(workspace: Workspace) -> frozenset[str]:
    """Texts a human trusted in this repository."""
    texts = _load(workspace, "trust.json").get("texts")
    # A damaged record trusts nothing: a human can always trust again.
    return frozenset(one for one in texts if isinstance(one, str)) if isinstance(texts, list) else frozenset()


def trust(workspace: Workspace, texts: Iterable[str]) -> None:
    """Record a human's trust in exact texts."""
    new = list(texts)
    with locked(os.path.join(_folder(workspace), "lock"), "trust"):
        known = trusted(workspace)
        _save(workspace, "trust.json", {"root": workspace.root, "texts": sorted({*known, *new})})
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
    with locked(os.path.join(_folder(workspace), "lock"), "grant"):
        known = {name: asdict(one) for name, one in _grants(workspace).items()}
        _save(workspace, "grants.json", {**known, grant.id: asdict(grant)})
    with workspace.repository_lock("grant"):
        workspace.ledger.append(GrantMinted(grant=grant.id, kind=kind, subject=subject))
    return grant


def _grants(workspace: Workspace) -> dict[str, Grant]:
    """Every grant on record that is whole."""
    names = {field.name for field in fields(Grant)}
    return {
        name: Grant(**values)
        for name, values in _load(workspace, "grants.json").items()
        if isinstance(values, dict) and set(values) == names and values["id"] == name
    }


def granted(workspace: Workspace, kind: str, subject: str) -> Grant | None:
    """The grant for a thing, if a human gave one; it stays until `spend`."""
    head = read_head(workspace.repository).oid
    for grant in _grants(workspace).values():
        fits = (grant.kind, grant.subject, grant.directory) == (kind, subject, workspace.root)
        if fits and (kind != "command" or grant.head == head):
            return grant
    return None


def command_subject(line: str) -> str:
    """A command line as grants name it: one command in its plainest quotes, anything else as it stands.

    Raises:
        ValueError: if a quote is not closed.
    """
    words = shlex.split(line)
    return line.strip() if _SHELL.search(line) else shlex.join(words)


def spend(workspace: Workspace, kind: str, subject: str, session: str | None) -> Grant | None:
    """Use up the grant for a thing, if a human gave one; it is gone afterwards."""
    with locked(os.path.join(_folder(workspace), "lock"), "grant"):
        grant = granted(workspace, kind, subject)
        if grant is None:
            return None
        left = {name: asdict(one) for name, one in _grants(workspace).items() if name != grant.id}
        _save(workspace, "grants.json", left)
    with workspace.repository_lock("grant"):
        workspace.ledger.append(GrantUsed(grant=grant.id, session=session))
    return grant
