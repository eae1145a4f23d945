"""Git commands that add, replace or destroy commits."""

from ..effects import Effect
from .context import Context
from .gitremote import FETCH_VALUES, fetch_effects
from .handlers import NO_VALUES, Handler, always, found
from .options import Parsed, Takes


def _commit(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.on("--dry-run"):
        return found("state.read", "a dry run")
    effects: list[Effect] = []
    if parsed.on("-n", "--no-verify"):
        effects += found("hooks.bypass", "--no-verify skips the commit hooks")
    if parsed.on("--amend"):
        return effects + found("history.rewrite", "--amend replaces the last commit")
    return effects + found("commit", "it adds a commit")


def _sequence(name: str) -> Handler:
    """merge, cherry-pick, revert, am: they add commits, and `--abort` takes the worktree back."""

    def handler(parsed: Parsed, _: Context) -> list[Effect]:
        if parsed.on("--abort"):
            return _abort(name)
        if parsed.on("--skip"):
            way = f"Resolve the conflict and use run_git {name} --continue. {_way_back(name)}"
            return found("worktree.discard", f"{name} --skip resets the worktree", instead=way)
        effects: list[Effect] = []
        # -n is --no-verify only here; elsewhere it means --no-commit or --no-stat.
        if parsed.on("--no-verify") or (name == "am" and parsed.on("-n")):
            effects += found("hooks.bypass", "--no-verify skips hooks")
        return effects + found("commit", "it adds commits", parsed.words)

    return handler


def _abort(name: str) -> list[Effect]:
    return found("worktree.discard", f"{name} --abort resets the worktree", instead=_way_back(name))


def _way_back(name: str) -> str:
    return (
        "To go back, use restore_checkpoint with the before_checkpoint_id of the run_git call that started "
        f"the {name}; list_checkpoints names it."
    )


def _rebase(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.on("--abort"):
        return _abort("rebase")
    if parsed.on("--show-current-patch"):
        return found("state.read", "it only looks")
    return found("history.rewrite", "rebase replaces commits by others", parsed.words)


def _pull(parsed: Parsed, context: Context) -> list[Effect]:
    effects = fetch_effects(parsed, context)
    if parsed.on("--no-verify"):
        effects += found("hooks.bypass", "--no-verify skips hooks")
    if _pull_rebases(parsed, context):
        return effects + found("history.rewrite", "it replaces commits by others, as `pull --rebase` does")
    if parsed.on("-f", "--force"):
        return effects + found("ref.rewrite", "--force moves refs off their commits")
    return effects + found("commit", "it fetches and merges", parsed.words)


def _pull_rebases(parsed: Parsed, context: Context) -> bool:
    if parsed.on("-r", "--rebase"):
        return parsed.value("-r", "--rebase") != "false"
    if parsed.on("--no-rebase", "--ff-only") or parsed.value("-r", "--rebase") is not None:
        return False
    key = f"branch.{context.branch}.rebase".lower()
    return context.may_be_on(key if key in context.settings else "pull.rebase")


def _gc(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.value("--prune") is not None or parsed.on("--cruft-expiration", "--expire-to"):
        return found("history.prune", "it destroys unreachable objects at once")
    return found("file.write", "it repacks")


def _reflog(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.words[:1] in (["expire"], ["delete"], ["drop"]):
        return found("history.prune", "it destroys reflog entries that recovery needs")
    return found("state.read", "it only looks")


def _prune(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.on("-n", "--dry-run"):
        return found("state.read", "a dry run")
    return found("history.prune", "it destroys unreachable objects")


def _replace(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.on("-l", "--list") or not (parsed.words or parsed.options):
        return found("state.read", "it lists")
    return found("history.rewrite", "it replaces objects by others", parsed.words)


def _repack(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.on("--cruft-expiration", "--expire-to", "--unpack-unreachable"):
        return found("history.prune", "it destroys unreachable objects")
    if parsed.on("-a", "-A") and parsed.on("-d"):
        return found("history.prune", "-a -d drops unreachable objects")
    return found("file.write", "it repacks")


def _bisect(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.words[:1] in (["log"], ["terms"]):
        return found("state.read", "it only looks")
    if parsed.words[:1] in (["view"], ["visualize"]):
        return found("unknown", "it opens a window")
    return found("head.move", "it switches between commits")


_MESSAGE = Takes(
    short="mFCct",
    attached="uS",
    long=(
        "message",
        "file",
        "author",
        "date",
        "template",
        "trailer",
        "fixup",
        "squash",
        "reuse-message",
        "reedit-message",
        "pathspec-from-file",
        "cleanup",
    ),
)
HANDLERS: dict[str, tuple[Takes, Handler]] = {
    "am": (
        Takes(short="pC", attached="S", long=("directory", "exclude", "include", "patch-format")),
        _sequence("am"),
    ),
    "bisect": (NO_VALUES, _bisect),
    "cherry-pick": (
        Takes(short="mX", attached="S", long=("strategy", "strategy-option", "mainline", "cleanup")),
        _sequence("cherry-pick"),
    ),
    "commit": (_MESSAGE, _commit),
    "filter-branch": (NO_VALUES, always("history.rewrite", "it replaces commits by others")),
    "filter-repo": (NO_VALUES, always("history.rewrite", "it replaces commits by others")),
    "gc": (NO_VALUES, _gc),
    "merge": (
        Takes(
            short="mFsX",
            attached="S",
            long=("message", "file", "strategy", "strategy-option", "into-name", "cleanup"),
        ),
        _sequence("merge"),
    ),
    "prune": (Takes(long=("expire",)), _prune),
    "pull": (Takes(short="sXjo", attached="rS", long=(*FETCH_VALUES, "strategy", "strategy-option")), _pull),
    "rebase": (Takes(short="xsXC", attached="rS", long=("exec", "onto", "strategy", "strategy-option")), _rebase),
    "reflog": (NO_VALUES, _reflog),
    "repack": (Takes(long=("window", "depth", "threads")), _repack),
    "replace": (Takes(long=("format",)), _replace),
    "revert": (
        Takes(short="mX", attached="S", long=("mainline", "strategy", "strategy-option", "cleanup")),
        _sequence("revert"),
    ),
}
