"""commit-msg: an agent's commit names its session, in a trailer that survives a cherry-pick."""

import os
from collections.abc import Iterator

from ...core.gate.runner import Git
from ...core.session import TRAILER
from ...core.workspace import Workspace
from .call import Call, Objection

_COMMENTS = ("core.commentchar", "core.commentstring")  # the second one since git 2.45


class CommitMsg:
    """Adds the session's trailer where there is none; has nothing against any message."""

    name = "commit-msg"

    def check(self, call: Call) -> Iterator[Objection]:
        """Nothing; the message in the file that the first argument names may have got a trailer."""
        if call.args and call.session is not None and call.agent:
            path = call.path(call.args[0])
            with open(path, "rb") as file:
                old = file.read()
            new = signed(call, old, call.session.id)
            if new != old:
                with open(path, "wb") as file:
                    file.write(new)
        yield from ()


def signed(call: Call, message: bytes, session: str) -> bytes:
    """The message with the trailer, as `git interpret-trailers` puts it; as it is if git would find it empty."""
    # No repository: what its configuration has to say about trailers may be a program to run.
    git = Git(git_dir=os.devnull, cwd=os.sep).using(settings=(_comments(call.workspace),))
    if not git.run("stripspace", "--strip-comments", stdin=message).stdout:
        return message
    trailer = ("--no-divider", "--if-exists", "doNothing", "--trailer", f"{TRAILER}: {session}")
    return git.run("interpret-trailers", *trailer, stdin=message).stdout


def _comments(workspace: Workspace) -> str:
    """The user's setting for what begins a comment; with `auto` git starts from its default."""
    settings = reversed(workspace.configuration.settings)
    found = next((one for one in settings if one.key.lower() in _COMMENTS and one.value != "auto"), None)
    return "core.commentChar=#" if found is None else f"{found.key}={found.value}"
