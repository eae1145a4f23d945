"""What the tests of command lines share: a repository as data, and a verdict as one line."""

from safe_rollback.core.globs import first_match
from safe_rollback.policies.commands import decide
from safe_rollback.policies.effects import Stake, Verdict
from safe_rollback.policies.protocol.model import Protocol
from safe_rollback.policies.shell.analysis import analyse
from safe_rollback.policies.shell.context import Context

REVISIONS = frozenset({"HEAD", "@", "main", "feature", "v1", "HEAD~1", "HEAD~3", "HEAD^", "origin/main", "abc1234"})

FILES = frozenset({"README.md", "notes.txt", "src", "src/app.py", "data/collected.csv", "local.key", "model.bin"})

HERE = Context(
    aliases={
        "co": "checkout",
        "undo": "reset --hard",
        "st": "status -sb",
        "nuke": "!git reset --hard && git clean -fdx",
        "deep": "undo",
        "loop": "loop2",
        "loop2": "loop",
        "spin": "!git spin",
        "wrong": 'commit -m "unclosed',
        "save": "!git add -A && git commit -m wip",
    },
    is_revision=lambda word: word.removeprefix("refs/heads/") in REVISIONS,
    is_remote_branch=lambda word: word == "elsewhere",
    branch="feature",
    root="/repo",
    exists=lambda path: path in FILES,
)
"""On `feature`, with some aliases; `src/app.py` and `README.md` are paths."""


def verdict(command: str, context: Context = HERE, protocol: Protocol | None = None) -> Verdict:
    """What the built-in policy says."""
    return decide(analyse(command, context), protocol or Protocol(), context.branch)


def effects(command: str, context: Context = HERE) -> set[str]:
    """The names of what a command does."""
    return {one.effect for one in analyse(command, context)}


EDITED, NEW = ("src/app.py", "README.md"), ("notes.txt",)
"""What a human left uncommitted: edits of tracked files, and a file that is not tracked."""

UNHELD = ("data/collected.csv", "local.key", "model.bin")
"""What no checkpoint holds: ignored files, and one that is too large."""


def losses(stake: Stake) -> list[str]:
    """What of it an effect would take."""
    if stake.unheld:
        return [path for path in UNHELD if path in stake.paths]
    there = [*(EDITED if stake.tracked else ()), *(NEW if stake.untracked else ())]
    there += UNHELD if stake.ignored else ()
    return [path for path in there if _reached(path, stake)]


def _reached(path: str, stake: Stake) -> bool:
    whole = any(one == "." or path == one or path.startswith(f"{one}/") for one in stake.paths)
    return whole or first_match(path, stake.patterns) is not None


def judged(command: str) -> Verdict:
    """What the policy says where only what a human left uncommitted is at stake."""
    return decide(analyse(command, HERE), Protocol(), HERE.branch, losses=losses)
