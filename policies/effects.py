"""The closed vocabulary of what a command does. Rules stand over these, never over text."""

from collections.abc import Sequence

from ..core.records import dataclass

EFFECTS: dict[str, str] = {
    "state.read": "reads and changes nothing",
    "file.write": "writes, moves or deletes named files in the ordinary way",
    "commit": "adds a commit to the current branch",
    "ref.update": "creates, renames, forwards or removes refs without losing commits",
    "head.move": "switches to another branch or commit, keeping local changes",
    "remote.update": "publishes commits without rewriting any",
    "worktree.discard": "overwrites or deletes uncommitted changes of tracked files",
    "worktree.delete": "deletes files of the worktree, by directory, by pattern or unseen",
    "index.discard": "drops what is staged",
    "stash.drop": "deletes stashed changes",
    "ref.rewrite": "moves a branch or tag off commits it has",
    "ref.delete": "deletes a branch or tag, whether or not anything else has its commits",
    "history.rewrite": "replaces commits by others",
    "history.prune": "destroys objects or reflogs that recovery would need",
    "remote.rewrite": "rewrites what is published",
    "remote.delete": "deletes what is published",
    "hooks.bypass": "skips or disables hooks",
    "guard.tamper": "changes safe-rollback's own state, its hooks, or git's internals",
    "outside.write": "writes files outside the repository, which no checkpoint holds",
    "outside.delete": "deletes files outside the repository, by directory or pattern",
    "db.read": "reads a database",
    "db.migrate": "changes a database's schema by a migration tool",
    "db.write": "changes data or schema of a database",
    "db.drop": "drops or empties a database, schema or table",
    "env.set": "sets an environment variable or secret of a deployment",
    "env.unset": "removes an environment variable or secret of a deployment",
    "flag.set": "creates or changes a feature flag",
    "flag.delete": "deletes a feature flag",
    "deploy.run": "deploys, scales or changes running infrastructure",
    "deploy.delete": "takes down infrastructure or a deployment",
    "publish.release": "publishes a package, an image or a release",
    "publish.delete": "withdraws a package, an image or a release",
    "cache.purge": "empties a cache",
    "service.change": "starts, stops or reconfigures a service or a third party's settings",
    "package.install": "installs, updates or removes dependencies",
    "unknown": "cannot be known from the command",
}

DESTRUCTIVE = frozenset(
    {
        "worktree.discard",
        "worktree.delete",
        "index.discard",
        "stash.drop",
        "ref.rewrite",
        "ref.delete",
        "history.rewrite",
        "history.prune",
        "remote.rewrite",
        "remote.delete",
        "hooks.bypass",
        "guard.tamper",
        "outside.delete",
    }
)
"""Refused by the built-in rule; where an effect has a `stake`, only if something of a human's is in it.

`file.write` is none of them: with a `stake` it is refused if that holds what no checkpoint does.
"""

EVERY_BRANCH = "*"
"""A target that stands for all branches."""


@dataclass(frozen=True, kw_only=True)
class Stake:
    """The files an effect would take uncommitted content from.

    Attributes:
        paths: from the root of the worktree: files, or directories with all below; `.` is everything.
        patterns: as `core.globs` reads them, anchored at the root.
        tracked: whether it reaches edits of tracked files.
        untracked: whether it reaches files that are not tracked.
        ignored: whether it reaches ignored files, which a checkpoint may not hold.
        unheld: whether of `paths` only the files count that no checkpoint holds; the rest can be had back.
    """

    paths: Sequence[str] = ()
    patterns: Sequence[str] = ()
    tracked: bool = True
    untracked: bool = True
    ignored: bool = True
    unheld: bool = False


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One thing a command would do.

    Attributes:
        effect: a key of `EFFECTS`.
        targets: what it is done to: paths, refs, remotes; empty if everything or unknown.
            A branch that is moved is named in full, `refs/heads/main`.
        span: the words of the command that say so.
        why: what makes it so, one phrase.
        argv: the git subcommand and arguments behind it, if it is git's.
        instead: what to do instead, where the usual advice for the effect does not fit.
        stake: the files it could cost; None if a destructive effect is refused whatever the state.
            `file.write` has one where it replaces or deletes what stands there.
        computed: for `unknown`: whether a stream, or a value nobody can know, supplies what would run;
            for an effect on files: whether a stream supplies their whole names.
    """

    effect: str
    targets: Sequence[str] = ()
    span: str
    why: str
    argv: Sequence[str] = ()
    instead: str = ""
    stake: Stake | None = None
    computed: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the policy says about a command.

    Attributes:
        decision: allow, ask or refuse.
        effects: what the command would do.
        rule: the rule that decided; empty for an allow.
        why: its reason.
        evidence: facts behind it.
        instead: what to do.
        reported: rules in `evaluate` mode that would have decided otherwise.
    """

    decision: str
    effects: Sequence[Effect]
    rule: str = ""
    why: str = ""
    evidence: Sequence[str] = ()
    instead: str = ""
    reported: Sequence[str] = ()
