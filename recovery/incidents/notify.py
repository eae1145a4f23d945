"""Tells people, through Apprise, at the addresses a human configured."""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence

from ...core.gate.environment import scrubbed
from ...core.gate.process import Limits, execute
from ...core.ledger.recovery_events import IncidentNoted
from ...core.text import clean, one_line
from ...core.workspace import Workspace
from .targets import Target, secrets_of, targets

SECONDS = 10.0
"""For all addresses together; what has not answered by then has failed."""

_SENDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sender.py")
_STARTUP = 5.0
_MAX_TAGS = 20
_MAX_BODY = 4000
_HIDDEN = re.compile(r"<hidden[^<>]{0,200}>")

Told = tuple[str, bool, str]
"""A tag, whether every address of it took the message, and what else there is to say."""


def notify(
    workspace: Workspace, tags: Sequence[str], title: str, body: str, *, incident: str = "", by: str = "agent"
) -> list[Told]:
    """Send a message to every address of some tags, and record how that went.

    Nothing is raised for a service that fails or an address that is missing, and it takes at most `SECONDS`
    and the start of a process. Both texts are redacted here, and cannot mention or link anything.

    Args:
        workspace: the repository whose targets are meant.
        tags: which ones. Whoever calls for an agent gives those of the protocol in force, no others.
        title: one line.
        body: the message.
        incident: what it is about, if it is about one; for the record.
        by: who asked, for the record.
    """
    wanted = list(dict.fromkeys(tags))[:_MAX_TAGS]
    known = [one for one in targets(workspace) if one.tag in wanted]
    answers = _sent(workspace, known, harmless(workspace, one_line(title)), harmless(workspace, body))
    told = [_told(tag, [answers[one] for one in known if one.tag == tag]) for tag in wanted]
    with workspace.repository_lock("notify"):
        for tag, ok, detail in told:
            said = f"sent to {tag}" if ok else f"not sent to {tag}: {detail}"
            text = clean(f"{said} ({one_line(workspace.redact(title), limit=100)})", limit=500)
            workspace.ledger.append(IncidentNoted(incident=incident, kind="notification", text=text, by=by))
    return told


def arrived(note: str) -> bool:
    """Whether the text of a `notification` note says that the message was taken."""
    return note.startswith("sent to ")


def harmless(workspace: Workspace, text: str) -> str:
    """A text as it goes out: no secret, no mention of people, no link, nothing a chat takes for markup."""
    safe = _HIDDEN.sub("(hidden)", clean(workspace.redact(text), limit=_MAX_BODY))
    for mark, stand_in in (("@", "＠"), ("<", "‹"), (">", "›"), ("](", "] ("), ("://", "[:]//")):
        safe = safe.replace(mark, stand_in)
    return re.sub(r"\bwww\.", "www[.]", safe, flags=re.IGNORECASE)


def _told(tag: str, answers: Sequence[tuple[bool, str]]) -> Told:
    if not answers:
        return tag, False, f"no target has this tag; a human adds one: safe-rollback notify add {tag} URL"
    failed = [detail for ok, detail in answers if not ok]
    return tag, not failed, "; ".join(failed) or f"{len(answers)} of {len(answers)} took it"


def _sent(workspace: Workspace, known: Sequence[Target], title: str, body: str) -> Mapping[Target, tuple[bool, str]]:
    """What each address answered."""
    if not known:
        return {}
    asked = {"urls": [one.url for one in known], "title": title, "body": body, "seconds": SECONDS}
    # Neither PYTHONPATH nor the directory it runs in adds modules: a repository may bring an `apprise.py`.
    done = execute(
        [sys.executable, "-E", "-P", _SENDER],
        cwd=os.sep,
        env=scrubbed(),
        stdin=json.dumps(asked).encode(),
        limits=Limits(seconds=SECONDS + _STARTUP, stdout=1 << 20),
    )
    silent = f"no answer within {SECONDS:.0f} s" if done.exit_code is None else "the sender could not run"
    answers = dict.fromkeys(known, (False, silent))
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        try:
            row = json.loads(line)
            target, ok, detail = known[int(row["index"])], row["ok"] is True, str(row["detail"])
        except (ValueError, KeyError, TypeError, IndexError):
            continue  # cut off when it was stopped
        answers[target] = (ok, _without(target.url, workspace.redact(one_line(detail))))
    return answers


def _without(url: str, detail: str) -> str:
    """What a service said, without any part of its address."""
    for part in secrets_of(url):
        detail = detail.replace(part, "…")
    return detail
