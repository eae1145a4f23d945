"""Git's own hooks: what they refuse, what they keep, and how their scripts come and go."""

from collections.abc import Mapping, Sequence

from ...core.errors import SafeRollbackError
from ...core.text import clean, show_path
from .call import AGENTS, EVERYONE, GRANTS, Call, GitHook, GitHookAnswer, Objection
from .commit_msg import CommitMsg
from .pre_commit import PreCommit
from .pre_push import PrePush
from .reference_transaction import ReferenceTransaction
from .scripts import REFUSED
from .who import is_granted, marker

GIT_HOOKS: tuple[GitHook, ...] = (PreCommit(), CommitMsg(), PrePush(), ReferenceTransaction())
"""Every hook of git's that has a part in this."""

_SHOWN = 5

__all__ = ["GIT_HOOKS", "GitHookAnswer", "run"]


def run(name: str, args: Sequence[str], stdin: bytes, cwd: str, environ: Mapping[str, str]) -> GitHookAnswer:
    """Answer one of git's hooks.

    What fails in here stops an agent and lets a human pass: nobody is locked out of their repository.

    Args:
        name: the hook, as git names it.
        args: its arguments.
        stdin: what git gave it to read.
        cwd: where git started it.
        environ: its environment.
    """
    hook = next((one for one in GIT_HOOKS if one.name == name), None)
    if hook is None:
        known = ", ".join(one.name for one in GIT_HOOKS)
        return GitHookAnswer(
            exit_code=2, stderr=f"safe-rollback: there is nothing to do in {name!r}, only in {known}.\n"
        )
    call = Call(name=name, args=args, stdin=stdin, cwd=cwd, environ=environ)
    try:
        return _judged(call, list(hook.check(call)))
    except SafeRollbackError as error:
        return _failed(call, str(error))
    except Exception as error:  # noqa: BLE001
        # An agent must not get past the rules by what breaks them.
        return _failed(call, f"{type(error).__name__}: {error}. This is a bug; `safe-rollback doctor` may say more.")
    finally:
        call.close()


def _judged(call: Call, objections: Sequence[Objection]) -> GitHookAnswer:
    if not objections:
        return GitHookAnswer()
    unless_granted = [one for one in objections if one.binds == GRANTS or (one.binds == AGENTS and call.agent)]
    binding = [one for one in objections if one.binds == EVERYONE]
    if unless_granted and not is_granted(call.environ, call.workspace):
        binding += unless_granted
    said = "".join(_text(one, "refuses" if one in binding else "would refuse an agent", call) for one in objections)
    if binding:
        call.record(binding[0].rule, _shown(binding[0].evidence))
    return GitHookAnswer(exit_code=REFUSED if binding else 0, stderr=said)


def _text(one: Objection, verb: str, call: Call) -> str:
    if one.binds == "nobody":
        verb = "notes"
    lines = [f"safe-rollback {verb} ({one.rule}): {one.why}", *(f"  {fact}" for fact in _shown(one.evidence))]
    if verb != "would refuse an agent":
        lines.append(f"Instead: {one.instead}" if call.agent or not one.human else f"Instead: {one.human}")
    return "".join(clean(line, limit=2000) + "\n" for line in lines)


def _shown(facts: Sequence[str]) -> list[str]:
    more = len(facts) - _SHOWN
    return [*map(show_path, facts[:_SHOWN]), *([f"… and {more} more"] if more > 0 else [])]


def _failed(call: Call, why: str) -> GitHookAnswer:
    agent = marker(call.environ)
    what = "so the agent's command is refused" if agent else "so nothing was checked"
    said = f"safe-rollback ({call.name}): {clean(why)} It cannot judge this, {what}.\n"
    return GitHookAnswer(exit_code=REFUSED if agent else 0, stderr=said)
