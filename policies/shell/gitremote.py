"""Git commands that talk to a remote: what they publish, and which refs they move here."""

from collections.abc import Sequence

from ...core.ids import OURS
from ..effects import EVERY_BRANCH, Effect
from .context import OFF, Context
from .handlers import Handler, found
from .options import Parsed, Takes

_BRANCHES = "refs/heads/"
_TAGS = "refs/tags/"
TAG_ADVICE = "Leave the tag, or ask a human to delete it on a terminal."


def _push(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("-n", "--dry-run"):
        return found("state.read", "a dry run")
    remote, given = _addressed(parsed)
    remote = remote or _push_remote(context)
    effects: list[Effect] = []
    # --no-verify abbreviates to --no-v; it is no negation of an option that was on.
    if parsed.on("--no-verify"):
        effects += found("hooks.bypass", "--no-verify skips the pre-push hook")
    everything = parsed.on("--all", "--branches")
    refspecs = given or ([] if everything or parsed.on("--tags") else _of_remotes(context, remote, "push"))
    mirror = parsed.on("--mirror") or context.may_be_on(f"remote.{remote}.mirror".lower())
    if any("\0" in one for one in refspecs):
        effects += found("unknown", "what it publishes is computed")
    sources = [one.lstrip("+").partition(":")[0] for one in refspecs] or (["--branches"] if everything else ["HEAD"])
    hidden = context.holds_checkpoints is not None and any(context.holds_checkpoints(one) for one in sources if one)
    if mirror or hidden or any(_touches_ours(one) for one in refspecs):
        why = "it would publish checkpoints, secrets among them"
        effects += found("guard.tamper", why, [OURS], instead="Name the branch: run_git push <remote> <branch>.")
    targets = [_published(one, context) for one in refspecs]
    if parsed.on("-d", "--delete", "--prune") or any(
        one.lstrip("+").startswith(":") and len(one.lstrip("+")) > 1 for one in refspecs
    ):
        return effects + found("remote.delete", "it deletes what is published", targets)
    forced = parsed.on("-f", "--force") or any(option.startswith("--force-w") for option in parsed.options)
    if mirror or forced or any(one.startswith("+") or ":+" in one for one in refspecs):
        return effects + found("remote.rewrite", "it rewrites what is published", targets)
    if everything:
        targets = [EVERY_BRANCH]
    elif not targets and not parsed.on("--tags"):
        targets = _default_targets(context)
    return effects + found("remote.update", "it publishes", targets)


def _addressed(parsed: Parsed) -> tuple[str, list[str]]:
    """The remote a command names, if it does, and its refspecs."""
    words = [*parsed.words, *parsed.paths]
    return (words[0], words[1:]) if words else (parsed.value("--repo") or "", [])


def _push_remote(context: Context) -> str:
    return (
        context.value(f"branch.{context.branch}.pushremote".lower())
        or context.value("remote.pushdefault")
        or _own_remote(context)
    )


def _own_remote(context: Context) -> str:
    """The remote of the current branch, else the only one, else origin, as git chooses."""
    configured = context.value(f"branch.{context.branch}.remote".lower())
    names = {key.removeprefix("remote.").rpartition(".")[0] for key in context.settings if key.startswith("remote.")}
    names.discard("")
    return configured or (names.pop() if len(names) == 1 else "origin")


def _of_remotes(context: Context, remote: str, key: str) -> list[str]:
    """All values of a setting of one remote; of every remote if none is named."""
    if remote:
        return list(context.settings.get(f"remote.{remote}.{key}".lower(), ()))
    settings = context.settings.items()
    return [
        one for name, values in settings if name.startswith("remote.") and name.endswith(f".{key}") for one in values
    ]


def _touches_ours(refspec: str) -> bool:
    """Whether it takes our refs from here or, as `push .` can, writes them."""
    source, _, target = refspec.lstrip("+").partition(":")
    # `safe-rollback/x` is short for the full name.
    short = OURS.removeprefix("refs/")
    return any(_reaches(one, OURS) or one.lower().startswith(short) for one in (source, target) if one)


def _reaches(name: str, prefix: str) -> bool:
    """Whether a ref, or a pattern of refs, can be one below `prefix`."""
    # A file system without case finds refs/Safe-Rollback/ too.
    head, star, _ = name.lower().partition("*")
    return head.startswith(prefix) or (star != "" and prefix.startswith(head))


def _published(refspec: str, context: Context) -> str:
    whole = refspec.rpartition(":")[2].lstrip("+")
    name = whole.removeprefix("refs/").removeprefix("heads/")
    # A pattern of tags, or of other refs, reaches no branch; a short one may.
    pattern = "*" in whole and (_reaches(whole, _BRANCHES) or not whole.startswith("refs/"))
    if pattern or refspec.lstrip("+") == ":":
        return EVERY_BRANCH
    return context.branch or name if name in ("HEAD", "@") else name


def _default_targets(context: Context) -> list[str]:
    """Where a push without any refspec goes."""
    default = (context.value("push.default") or "simple").lower()
    if default == "matching":
        return [EVERY_BRANCH]
    upstream = context.value(f"branch.{context.branch}.merge".lower())
    if default in ("upstream", "tracking") and upstream:
        return [_published(upstream, context)]
    return [context.branch] if context.branch else []


def _fetch(parsed: Parsed, context: Context) -> list[Effect]:
    return fetch_effects(parsed, context) or found("ref.update", "it updates remote-tracking refs", parsed.words[:1])


def fetch_effects(parsed: Parsed, context: Context) -> list[Effect]:
    """What a fetch does to refs here, besides those that follow the remote."""
    remote, given = _addressed(parsed)
    several = parsed.on("--all", "--multiple", "-m") or f"remotes.{remote}".lower() in context.settings
    several = several or (not remote and context.may_be_on("fetch.all"))
    remote = "" if several else remote or _own_remote(context)
    if parsed.on("--stdin"):
        return found("unknown", "which refs it fetches comes from its input")
    return local_effects([*given, *parsed.all_values("--refmap")], remote, parsed, context)


def local_effects(refspecs: Sequence[str], remote: str, parsed: Parsed, context: Context) -> list[Effect]:
    """What refspecs, given and configured, do to refs here; `remote` is empty for every remote."""
    # What a human configured may move refs of its own kind, but branches and checkpoints are never its own.
    configured = [one for one in _of_remotes(context, remote, "fetch") if _moves(one, _BRANCHES) or _moves(one, OURS)]
    local = [one for one in [*refspecs, *configured] if (to := _moved(one)) and not to.startswith("refs/remotes/")]
    effects: list[Effect] = []
    if any(_moves(one, OURS) for one in local):
        effects += found("guard.tamper", "it moves safe-rollback's own refs", local)
    prunes = parsed.on("-p", "--prune") or ("--no-prune" not in parsed.options and _is_on(context, remote, "prune"))
    swept = [one for one in local if prunes and "*" in _moved(one)]
    tags = prunes and "--no-prune-tags" not in parsed.options and _is_on(context, remote, "prunetags")
    if tags or any(one == "-P" or one.startswith("--prune-") for one in parsed.options):
        effects += found("ref.delete", "it deletes tags that the remote lacks", [f"{_TAGS}*"], instead=TAG_ADVICE)
    elif swept:
        advice = TAG_ADVICE if all(_moved(one).startswith(_TAGS) for one in swept) else ""
        effects += found("ref.delete", "--prune deletes local refs that the remote lacks", swept, instead=advice)
    with_tags = parsed.on("-t", "--tags") or "--tags" in _of_remotes(context, remote, "tagopt") or "tag" in refspecs
    forced = parsed.on("-f", "--force") and (local or with_tags)
    if forced or any(one.startswith("+") for one in local):
        effects += found("ref.rewrite", "it moves local refs off their commits", local)
    elif parsed.on("-u", "--update-head-ok") and local:
        effects += found("ref.rewrite", "it moves the current branch without its files", local)
    branches = [f"{_BRANCHES}*" if "*" in _moved(one) else _moved(one) for one in local if _moves(one, _BRANCHES)]
    return effects + (found("ref.update", "it moves branches here", branches) if branches else [])


def _is_on(context: Context, remote: str, key: str) -> bool:
    own = [one.lower() not in OFF for one in _of_remotes(context, remote, key)]
    # A remote's own setting overrides the general one.
    return any(own) or (not (own and remote) and context.may_be_on(f"fetch.{key}"))


def _moved(refspec: str) -> str:
    """The full name of the ref that a fetch with this refspec moves here; empty if none."""
    name = refspec.partition(":")[2]
    if not name or name.startswith("refs/"):
        return name
    return f"refs/{name}" if name.startswith(("heads/", "tags/", "remotes/")) else _BRANCHES + name


def _moves(refspec: str, prefix: str) -> bool:
    return _reaches(_moved(refspec), prefix)


def _remote(parsed: Parsed, context: Context) -> list[Effect]:
    if not parsed.words or parsed.words[0] in ("show", "get-url"):
        return found("state.read", "it only looks")
    action, *names = parsed.words
    if action == "add" and parsed.on("--mirror"):
        return found("unknown", "a mirror decides which refs a fetch moves and a push publishes", names)
    if action in ("update", "prune"):
        # Only pruning can be switched on here; `-p` is `update`'s, `prune` prunes always.
        pruning = Parsed(options=["--prune"] if action == "prune" or parsed.on("-p", "--prune") else [])
        effects = local_effects([], names[0] if action == "prune" and names else "", pruning, context)
        return effects or found("ref.update", "it updates remote-tracking refs", names)
    if action in ("set-branches", "set-head"):
        return found("ref.update", "it updates remote-tracking refs", names)
    return found("file.write", "it changes which remotes there are", names)


FETCH_VALUES = (
    "depth",
    "shallow-since",
    "shallow-exclude",
    "upload-pack",
    "jobs",
    "deepen",
    "refmap",
    "negotiation-tip",
)
HANDLERS: dict[str, tuple[Takes, Handler]] = {
    "fetch": (Takes(short="jo", long=(*FETCH_VALUES, "server-option")), _fetch),
    "push": (Takes(short="o", long=("push-option", "repo", "receive-pack", "exec")), _push),
    "remote": (Takes(short="tm"), _remote),
}
