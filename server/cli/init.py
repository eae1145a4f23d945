"""`init`: registers the server for a project and writes the session protocol."""

import json as jsonlib
import os
import shutil
from typing import Annotated, Any

import typer

from ...core.errors import InvalidInputError
from ...core.gate.refs import read_head
from ...core.workspace import Workspace
from ...policies.protocol.fence import find_fence
from ...policies.protocol.model import Protocol
from ...policies.protocol.reading import SOURCES
from ..clients.client import HOOK_PROGRAM
from .changes import Change, agreed, present, read_file, write_changes
from .common import Json, Root, Yes, say, show, workspace
from .registration import NAMES, chosen, plan_clients

REGISTRATION = ".mcp.json"
COMMAND = "safe-rollback"
SERVER = {"command": COMMAND, "args": ["serve"]}

NOTHING = "Nothing to do: the server is registered and the protocol stands."
NOTHING_CLIENT = "Nothing to do: server and hooks are registered."
NOTHING_LEFT = "Nothing to do: there is nothing of ours."
NEXT = "commit, and restart your client here."

SECTION = """\
## Safe rollback

This project is guarded by the MCP server `rollback` (safe-rollback).

- Call `start_session` before the first change, and `end_session` when the task is done.
- Run git through `run_git`. Never use `git reset --hard`, `git checkout -- <path>`, `git clean` or a forced push.
- Take a `checkpoint` before anything risky. Ask `scope_check` before a change grows.
- To take something back: `plan_rollback`, then `safe_revert` with the plan's digest; `undo` takes that back.

```toml safe-rollback
[session]
branch = "feature/session-{date}-{n:03}"
checkpoint_every = "15m"
# max_files = 5

[protect]
branches = [%s]
# paths = [".github/**"]
# sensitive = ["**/auth/**"]

[on_session_end]
# Run by end_session, after `safe-rollback trust` on a terminal.
run = []
```
"""


Clients = Annotated[
    list[str] | None,
    typer.Option("--client", help=f"Register server and hooks with a client; repeat it. One of {NAMES}."),
]
Remove = Annotated[bool, typer.Option("--remove", help="Take out what --client put in, to the byte.")]


def init(
    client: Clients = None, remove: Remove = False, yes: Yes = False, root: Root = ".", json: Json = False
) -> None:
    """Register the server in .mcp.json and write the protocol into CLAUDE.md.

    With --client: register the server and the guard's hooks in that client's project files.
    Shows every line first and asks. What is there stays: an entry or a block that exists is
    never changed.
    """
    if remove and not client:
        raise InvalidInputError("Nothing is named to take out.", hint=f"Add --client with one of {NAMES}.")
    here = workspace(root)
    changes, notes = plan_clients(here.root, chosen(client), remove=remove) if client else plan(here)
    for command in (COMMAND, *((HOOK_PROGRAM,) if client else ())):
        if not remove and shutil.which(command) is None:
            notes.append(f"{command} is not on PATH; a client could not start it. Install it with pipx, for example.")
    if not json:
        present(changes, notes)
    written = bool(changes) and agreed(yes, json)
    if written:
        write_changes(here.root, changes)
    data = {"written": written, "files": [one.data() for one in changes], "notes": notes}

    def human() -> None:
        if not changes:
            say(NOTHING_LEFT if remove else NOTHING_CLIENT if client else NOTHING)
        elif written:
            names = " and ".join(one.path for one in changes)
            done = "Taken out of" if remove else "Written:"
            say(f"[green]{done}[/] {names}. Look at the {'change' if client else 'rules'}, {NEXT}")
        else:
            say("Nothing was written. To write it, call this again with --yes.")

    show(data, json, human)


def plan(here: Workspace) -> tuple[list[Change], list[str]]:
    """What is missing, and what is there already.

    Raises:
        InvalidInputError: if a file that would be added to does not read.
    """
    changes, notes = [], []
    registration = _registration(here.root)
    if registration is None:
        notes.append(f"{REGISTRATION} has an entry `rollback` already; it stays.")
    else:
        changes.append(registration)
    section = _section(here)
    if isinstance(section, str):
        notes.append(section)
    else:
        changes.append(section)
    return changes, notes


def _registration(root: str) -> Change | None:
    before = read_file(root, REGISTRATION)
    try:
        data: Any = {} if before is None else jsonlib.loads(before)
        servers = data.setdefault("mcpServers", {})
        if "rollback" in servers:
            return None
        servers["rollback"] = SERVER
    except (ValueError, AttributeError, TypeError) as error:
        raise InvalidInputError(
            f"{REGISTRATION} is not what clients read: {error}.", hint="Mend it, then call init again."
        ) from error
    text = jsonlib.dumps(data, indent=_indent(before), ensure_ascii=False) + "\n"
    return Change(path=REGISTRATION, before=before, after=text.encode())


def _indent(text: bytes | None) -> str | int:
    """The file's own indentation, so that the difference is the entry alone."""
    for line in (text or b"").decode("utf-8", "replace").splitlines():
        blank = line[: len(line) - len(line.lstrip())]
        if blank:
            return blank
    return 2


def _section(here: Workspace) -> Change | str:
    """The block to add, or why there is none to add."""
    for name in SOURCES:
        before = read_file(here.root, name) if os.path.lexists(os.path.join(here.root, name)) else None
        if before is not None and find_fence(before.decode("utf-8", "replace")) is not None:
            return f"{name} has a protocol block already; it stays."
    name = next((one for one in SOURCES[:2] if os.path.lexists(os.path.join(here.root, one))), SOURCES[0])
    before = read_file(here.root, name)
    current = read_head(here.repository).short
    branches = [*Protocol().branches]
    if current is not None and current not in branches and here.configuration.get("init.defaultbranch") == current:
        branches.append(current)
    section = SECTION % ", ".join(f'"{branch}"' for branch in branches)
    old = (before or b"").decode("utf-8", "surrogateescape")
    end = "\r\n" if "\r\n" in old else "\n"
    gap = "" if not old else "\n" if old.endswith("\n") else "\n\n"
    added = (gap + section).replace("\n", end)
    return Change(path=name, before=before, after=(old + added).encode("utf-8", "surrogateescape"))
