"""`trust`: a human accepts commands, repository code and a looser protocol."""

import os

from rich.markup import escape

from ...core.ledger.events import ProtocolAccepted
from ...core.text import clean, plural, show_path
from ...policies.human import trust as record_trust
from ...policies.human import trusted
from ...policies.protocol.reading import BUILT_IN
from ...policies.repocode import Hook, configured_code, standing_hooks
from ...recovery.checks.secrets import is_built_in
from ...recovery.checks.specs import checks_of
from .common import Json, Root, confirm_on_terminal, desk, say, show

_LINES = 200
_WIDTH = 2000


def trust(root: Root = ".", json: Json = False) -> None:
    """Show what waits for a human's trust, and record it (terminal only).

    Commands of the protocol, programs the repository makes git run, and rules that became
    looser. Each is shown; trust is in that exact text.
    """
    here = desk(root)
    known = trusted(here.workspace)
    # One reading for what is shown and what is accepted: the file may change meanwhile.
    reading = here.force.reading
    checks = [one for rules in (here.protocol, reading.protocol) for one in checks_of(rules) if not is_built_in(one)]
    wanted = dict.fromkeys(one.run for one in checks)
    commands = [one for one in wanted if one not in known]
    settings = [one for one in configured_code(here.workspace) if one not in known]
    hooks = [one for one in standing_hooks(here.workspace) if one.text not in known]
    code = [*settings, *(one.text for one in hooks)]
    waiting = list(here.force.waiting)
    data = {"commands": commands, "repository_code": code, "looser_rules": waiting}
    if json or not (commands or code or waiting):
        show(data, json, lambda: say("Nothing waits for trust."))
        return
    for title, rows in (
        ("Commands that end_session and verify will run", commands),
        ("Programs that this repository makes git run", settings),
        (
            "Rules that no file holds any more"
            if reading.source == BUILT_IN
            else f"Rules that {reading.source} loosens",
            waiting,
        ),
    ):
        if rows:
            say(f"[bold]{title}[/]")
            for row in rows:
                # Escaped: a control character could show the human another text than the one they trust.
                say(f"  {escape(show_path(row))}")
    if hooks:
        say("[bold]Hooks that this repository makes git run[/]")
        for hook in hooks:
            for line in _content(hook, here.workspace.root):
                say(f"  {escape(line)}")
    confirm_on_terminal("Trust")
    record_trust(here.workspace, [*commands, *code])
    if waiting:
        with here.workspace.repository_lock("trust"):
            accepted = ProtocolAccepted(digest=reading.protocol.digest(), protocol=reading.protocol.to_data())
            here.workspace.ledger.append(accepted)
    say("[green]Trusted.[/] A change of any of these texts asks again.")


def _content(hook: Hook, root: str) -> list[str]:
    """A hook's path and its content, the very bytes that the trust is in."""
    path = show_path(os.path.relpath(hook.path, root) if hook.path.startswith(f"{root}/") else hook.path)
    target = os.path.realpath(hook.path)
    link = f" (a link to {show_path(target)})" if os.path.islink(hook.path) else ""
    # A script may hold a NUL; the shell runs it all the same, so its text is shown.
    if b"\0" in hook.content and not hook.content.startswith(b"#!"):
        kind = "an ELF program" if hook.content.startswith(b"\x7fELF") else "a binary file"
        return [f"{path}{link}: {kind}, {plural(len(hook.content), 'byte')}", hook.text]
    lines = hook.content.decode("utf-8", "backslashreplace").removesuffix("\n").split("\n")
    shown = [f"  | {_line(line)}" for line in lines[:_LINES]]
    if len(lines) > _LINES:
        shown.append(f"  … {plural(len(lines) - _LINES, 'more line')}, read {path}")
    return [f"{path}{link}:", *shown, hook.text]


def _line(line: str) -> str:
    more = len(line) - _WIDTH
    return clean(line, limit=_WIDTH) + (f" {more} more characters, read the file" if more > 0 else "")
