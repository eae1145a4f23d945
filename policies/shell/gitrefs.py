"""Git commands that change refs here, and configuration."""

from ..effects import Effect
from .context import Context
from .gitremote import TAG_ADVICE
from .handlers import NO_VALUES, Handler, always, found
from .options import Parsed, Takes
from .settings import section_effect, setting_effect


def _branch(parsed: Parsed, context: Context) -> list[Effect]:
    forced = parsed.on("-f", "--force")
    if parsed.on("-D") or (parsed.on("-d", "--delete") and forced):
        return found("ref.delete", "it deletes a branch even if unmerged", parsed.words)
    if parsed.on("-M", "-C") or forced:
        return _forced(parsed, context)
    if parsed.on("-d", "--delete", "-m", "--move", "-c", "--copy"):
        # Named in full: a branch that stands is deleted, renamed or taken as a new name.
        names = parsed.words
        if parsed.on("-c", "--copy"):
            names = names[-1:]
        elif parsed.on("-m", "--move") and len(names) == 1 and context.branch is not None:
            names = [context.branch, *names]
        full = [f"refs/heads/{name}" for name in names]
        return found("ref.update", "git itself refuses to lose commits here", full)
    if parsed.on("-u", "--set-upstream-to", "--unset-upstream", "--edit-description"):
        return found("ref.update", "it changes what a branch follows", parsed.words)
    listing = ("-l", "--list", "-a", "--all", "-r", "--remotes", "--contains", "--merged", "--no-merged")
    if not parsed.words or parsed.on(*listing, "--show-current", "--points-at", "--no-contains"):
        return found("state.read", "it lists")
    return found("ref.update", "it creates a branch", parsed.words[:1])


def _forced(parsed: Parsed, context: Context) -> list[Effect]:
    """`branch -M`, `-C` and `-f`: only a branch that stands there already loses anything."""
    moves = parsed.on("-M", "-m", "--move")
    names = parsed.words[:1] if not (moves or parsed.on("-C", "-c", "--copy")) else parsed.words[-1:]
    same = moves and context.branch is not None and parsed.words == [context.branch]
    if not names or not (same or context.lacks_branch(names[0])):
        return found("ref.rewrite", "it overwrites an existing branch", parsed.words)
    if not moves:
        return found("ref.update", "it creates a branch", names)
    old = parsed.words[:1] if len(parsed.words) > 1 else [context.branch or ""]
    return found("ref.update", "it renames a branch", [f"refs/heads/{name}" for name in (*old, *names) if name])


def _tag(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.on("-d", "--delete"):
        return found("ref.delete", "it deletes a tag", parsed.words, instead=TAG_ADVICE)
    if parsed.on("-f", "--force"):
        return found("ref.rewrite", "it moves a tag", parsed.words)
    if not parsed.words or parsed.on("-l", "--list", "-n", "--contains", "--merged", "--points-at", "-v", "--verify"):
        return found("state.read", "it lists")
    return found("ref.update", "it creates a tag", parsed.words[:1])


def _update_ref(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.on("-d"):
        advice = TAG_ADVICE if parsed.words[:1] and parsed.words[0].startswith("refs/tags/") else ""
        return found("ref.delete", "it deletes a ref", parsed.words[:1], instead=advice)
    return found("ref.rewrite", "it moves refs without any check", parsed.words[:1])


def _symbolic_ref(parsed: Parsed, _: Context) -> list[Effect]:
    if len(parsed.words) > 1 or parsed.on("-d", "--delete"):
        return found("ref.rewrite", "it points HEAD elsewhere without the worktree", parsed.words)
    return found("state.read", "it only looks")


_CONFIG_READS = (
    "--get",
    "--get-all",
    "--get-regexp",
    "-l",
    "--list",
    "--get-urlmatch",
    "--get-color",
    "--get-colorbool",
)
_CONFIG_REMOVALS = ("--unset", "--unset-all", "--remove-section", "--rename-section")
_CONFIG_ACTIONS = ("list", "get", "set", "unset", "rename-section", "remove-section", "edit")


def _config(parsed: Parsed, _: Context) -> list[Effect]:
    """Both forms: `config <key> <value>` with options, and `config set <key> <value>` since git 2.46."""
    action = parsed.words[0] if parsed.words[:1] and parsed.words[0] in _CONFIG_ACTIONS else ""
    words = parsed.words[1:] if action else parsed.words
    if action in ("list", "get") or parsed.on(*_CONFIG_READS):
        return found("state.read", "it only looks")
    if action == "edit" or parsed.on("-e", "--edit"):
        return found("guard.tamper", "it opens git's own settings in an editor")
    changes = action != "" or len(words) > 1 or parsed.on(*_CONFIG_REMOVALS, "--add", "--replace-all")
    if not words or not changes:
        return found("state.read", "it only looks")
    whole_section = action.endswith("-section") or parsed.on("--remove-section", "--rename-section")
    dangerous = section_effect(words[0]) if whole_section else setting_effect(words[0], "")
    effects = [] if dangerous is None else [dangerous]
    if parsed.on("--global", "--system") or parsed.value("-f", "--file") is not None:
        effects += found("unknown", "it changes settings outside this repository", words[:1])
    return effects or found("file.write", "it changes configuration", words[:1])


def _notes(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.words[:1] in ([], ["list"], ["show"], ["get-ref"]):
        return found("state.read", "it only looks")
    return found("ref.update", "it changes notes", parsed.words)


HANDLERS: dict[str, tuple[Takes, Handler]] = {
    "branch": (Takes(short="u", long=("set-upstream-to", "sort", "format", "points-at")), _branch),
    "config": (Takes(short="f", long=("file", "type", "default", "blob", "value", "comment")), _config),
    "fast-import": (NO_VALUES, always("ref.rewrite", "its input moves refs")),
    "notes": (NO_VALUES, _notes),
    "symbolic-ref": (Takes(short="m"), _symbolic_ref),
    "tag": (Takes(short="mFu", long=("message", "file", "local-user", "sort", "format", "cleanup")), _tag),
    "update-ref": (Takes(short="m"), _update_ref),
}
