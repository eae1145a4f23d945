"""Decides about a command by its effects: built-in rules, then the project's own; the strictest wins."""

from collections.abc import Callable, Sequence

from ..core.records import dataclass
from ..core.text import clean
from .effects import DESTRUCTIVE, EFFECTS, EVERY_BRANCH, Effect, Stake, Verdict
from .protocol.model import STRICTNESS, Decision, Protocol
from .rules.branch_required import protected_by

# What to do instead of each destructive effect: a refusal without a way on is routed around.
_INSTEAD: dict[str, str] = {
    "worktree.discard": "Use restore_checkpoint (with paths for single files): it plans first, keeps what was "
    "never captured and can be undone.",
    "worktree.delete": "Delete your own files by name, or commit or ask the human to commit first; "
    "restore_checkpoint removes what came after a checkpoint.",
    "index.discard": "Use run_git restore --staged <path>, or restore_checkpoint.",
    "stash.drop": "Leave the stash; checkpoint keeps a state under a name without touching anything.",
    "ref.rewrite": "Use plan_rollback and safe_revert: they add a revert and rewrite nothing.",
    "ref.delete": "Use plan_rollback with the branch as target: it archives the branch, then deletes it.",
    "history.rewrite": "Add a commit; end_session can squash the session into one. Merge instead of rebasing.",
    "history.prune": "Leave unreachable objects alone; retention is `safe-rollback prune`.",
    "remote.rewrite": "Push a new branch; to take published commits back use plan_rollback and push the revert.",
    "remote.delete": "Ask a human to delete it on the remote.",
    "hooks.bypass": "Let the hooks run and mend what they report.",
    "guard.tamper": "Leave git's and safe-rollback's own files alone; a human changes settings of the client, "
    "hooks and rules.",
    "outside.delete": "Delete single files by name; for more, ask the human. Temporary directories are free.",
}
_SHOWN, _EVIDENCE = 5, 20


_UNHELD = (
    "Write to a new file, append with >>, or edit it in place; to have it in checkpoints, the human names it under "
    "[capture] ignored, or raises [capture] max_file, in CLAUDE.md. Ask the human before it goes."
)

Losses = Callable[[Stake], Sequence[str]]
"""What of a human's uncommitted content an effect would take, as paths; see `policies.stakes`."""


@dataclass(frozen=True, kw_only=True)
class _Opinion:
    decision: str
    rule: str
    why: str
    evidence: Sequence[str]
    instead: str


def decide(
    effects: Sequence[Effect],
    protocol: Protocol,
    branch: str | None = None,
    *,
    unknown: Decision = "allow",
    losses: Losses | None = None,
    held: bool = False,
) -> Verdict:
    """What the policy says about a command.

    Args:
        effects: what the command would do.
        protocol: the rules in force.
        branch: the current branch, short.
        unknown: what holds at least for effects that cannot be known.
        losses: says what is at stake; without it, everything is.
        held: leave out whether a checkpoint holds the named files; the caller asks `unheld` when one is taken.
    """
    opinions: list[_Opinion] = []
    reported: list[str] = []
    for effect in effects:
        opinions += _destructive(effect, losses)
        opinions += _protected(effect, protocol, branch)
        if effect.effect == "unknown":
            opinions.append(_computed(effect) if effect.computed else _unknown(effect, unknown))
        for rule in protocol.rules:
            if rule.effect != effect.effect:
                continue
            if rule.enforcement == "evaluate":
                reported.append(f"{rule.id}: {rule.decision} ({rule.why})")
                continue
            evidence = [f"{effect.span}: {effect.effect}, {effect.why}"]
            opinions.append(_opinion(rule.decision, rule.id, rule.why, evidence, rule.instead))
    if losses is not None and not held and all(one.decision != "refuse" for one in opinions):
        opinions += _unheld(effects, losses)
    strictest = max(opinions, key=lambda one: STRICTNESS.index(one.decision), default=None)
    if strictest is None or strictest.decision == "allow":
        return Verdict(decision="allow", effects=effects, reported=reported)
    return _verdict(strictest, effects, reported)


def unheld(effects: Sequence[Effect], losses: Losses) -> Verdict | None:
    """The refusal of a command that would take what no checkpoint holds, if this one would."""
    found = _unheld(effects, losses)
    return _verdict(found[0], effects, []) if found else None


def _verdict(opinion: "_Opinion", effects: Sequence[Effect], reported: Sequence[str]) -> Verdict:
    return Verdict(
        decision=opinion.decision,
        effects=effects,
        rule=opinion.rule,
        why=opinion.why,
        evidence=opinion.evidence,
        instead=opinion.instead,
        reported=reported,
    )


def _opinion(decision: str, rule: str, why: str, evidence: Sequence[str], instead: str) -> _Opinion:
    return _Opinion(decision=decision, rule=rule, why=why, evidence=evidence, instead=instead)


def _destructive(effect: Effect, losses: Losses | None) -> list[_Opinion]:
    if effect.effect not in DESTRUCTIVE:
        return []
    instead = effect.instead or _INSTEAD[effect.effect]
    if effect.stake is None or losses is None:
        evidence = [f"{effect.effect}: {EFFECTS[effect.effect]}"]
        return [_opinion("refuse", "destructive-command", f"`{effect.span}`: {effect.why}.", evidence, instead)]
    lost = losses(effect.stake)
    if not lost:
        return []
    why = f"`{effect.span}`: {effect.why}, and would take uncommitted work that is not yours: {_listed(lost)}."
    return [_opinion("refuse", "uncommitted-work", why, [*lost[:_EVIDENCE]], instead)]


def _unheld(effects: Sequence[Effect], losses: Losses) -> list[_Opinion]:
    """Ordinary writing and deleting of named files: only what no checkpoint could bring back counts."""
    named = [(one, one.stake.paths) for one in effects if one.stake is not None and one.stake.unheld]
    if not named:
        return []
    # The state is asked once, however many files a line names.
    every = dict.fromkeys(path for _, paths in named for path in paths)
    lost = set(losses(Stake(paths=list(every), unheld=True)))
    for effect, paths in named:
        if gone := [path for path in paths if path in lost]:
            why = f"`{effect.span}`: {effect.why}, and no checkpoint holds what is not yours there: {_listed(gone)}."
            return [_opinion("refuse", "unheld-file", why, gone[:_EVIDENCE], _UNHELD)]
    return []


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(clean(path, limit=200) for path in paths[:_SHOWN]) + more


def _unknown(effect: Effect, decision: Decision) -> _Opinion:
    instead = effect.instead or (
        "Use git's own command without it, or ask a human to run "
        "`safe-rollback grant --command <the whole command>` on a terminal."
    )
    why = f"What `{effect.span}` does cannot be known: {effect.why}."
    return _opinion(decision, "unknown-effect", why, [f"unknown: {EFFECTS['unknown']}"], instead)


def _computed(effect: Effect) -> _Opinion:
    why = f"What `{effect.span}` would run is not written in it: {effect.why}."
    instead = "Write the command out, or put the code into a file the human can read and run that."
    return _opinion("refuse", "computed-code", why, [f"unknown: {EFFECTS['unknown']}"], instead)


def _protected(effect: Effect, protocol: Protocol, branch: str | None) -> list[_Opinion]:
    hit, does, instead = _reached(effect, protocol, branch)
    if not hit:
        return []
    why = f"`{effect.span}` {does} {', '.join(hit)}, which is protected."
    evidence = [f"[protect] branches: {', '.join(protocol.branches)}"]
    return [_opinion("refuse", "protected-branches", why, evidence, instead)]


def _reached(effect: Effect, protocol: Protocol, branch: str | None) -> tuple[list[str], str, str]:
    """Protected branches an effect reaches, how, and what to do instead."""
    if effect.effect == "commit" and protocol.require_branch and branch is not None:
        hit = [branch] if protected_by(branch, protocol.branches) else []
        return hit, "adds a commit to", "Call start_session, which makes a branch, or run_git switch -c <branch>."
    if effect.effect == "ref.update" and protocol.require_branch:
        instead = "Use run_git fetch <remote> without a destination and merge into the session's branch."
        return _moved(effect, protocol), "moves", instead
    if effect.effect == "remote.update":
        every = protocol.branches if EVERY_BRANCH in effect.targets else ()
        hit = [*every, *(name for name in effect.targets if protected_by(name, protocol.branches))]
        return hit, "publishes to", "Push the session's branch and open a pull request."
    return [], "", ""


def _moved(effect: Effect, protocol: Protocol) -> list[str]:
    """Protected branches that a command moves; one that exists is named in full, one it creates is not."""
    prefix = "refs/heads/"
    names = [name.removeprefix(prefix) for name in effect.targets if name.startswith(prefix)]
    every = protocol.branches if EVERY_BRANCH in names else ()
    return [*every, *(name for name in names if protected_by(name, protocol.branches))]
