"""Git commands that change files, the index or the worktree."""

from collections.abc import Sequence

from ..effects import Effect
from .context import Context
from .handlers import NO_VALUES, Handler, found
from .options import Parsed, Takes
from .pathspecs import discards, from_commit, given, stake


def _reset(parsed: Parsed, context: Context) -> list[Effect]:
    commit, paths = _revision_and_paths(parsed, context)
    if parsed.on("--hard"):
        effects = found("worktree.discard", "--hard overwrites uncommitted changes")
        return effects + (found("ref.rewrite", "and moves the branch", [commit]) if commit else [])
    if parsed.on("--merge"):
        return found("worktree.discard", "--merge overwrites staged changes")
    if commit and commit not in ("HEAD", "@") and not paths:
        return found("ref.rewrite", "it moves the branch off its commits", [commit])
    return found("file.write", "it unstages; files stay", paths)


def _revision_and_paths(parsed: Parsed, context: Context) -> tuple[str, list[str]]:
    words = list(parsed.words)
    if words and (parsed.dashes or context.is_revision is None or context.is_revision(words[0])):
        return words[0], [*words[1:], *parsed.paths]
    return "", [*words, *parsed.paths]


def _clean(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("-n", "--dry-run"):
        return found("state.read", "a dry run")
    forced = parsed.on("-f", "--force") or context.may_be_off("clean.requireforce", default=True)
    if forced or parsed.on("-i", "--interactive"):
        specs, only = given(parsed), parsed.on("-X")
        at = stake(specs, context, tracked=False, untracked=not only, ignored=only or parsed.on("-x"))
        return found("worktree.delete", "it deletes untracked files", specs, stake=at)
    return found("state.read", "without -f it refuses to delete")


def _checkout(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("-f", "--force"):
        return found("worktree.discard", "-f overwrites uncommitted changes")
    if parsed.on("-B"):
        return _forced_branch(parsed.value("-B"), "-B moves an existing branch", context)
    if parsed.on("-p", "--patch", "--ours", "--theirs", "--pathspec-from-file", "--overlay", "--no-overlay"):
        return _checkout_some(parsed, context)
    if parsed.on("-b", "--orphan"):
        name = parsed.value("-b", "--orphan")
        return found("ref.update", "it creates a branch", [name or ""]) + found("head.move", "and switches to it")
    if parsed.dashes and parsed.paths:
        other = from_commit(parsed.words[0] if parsed.words else None)
        return discards("checkout -- overwrites files", parsed.paths, context, untracked=other)
    if len(parsed.words) > 1:
        return _checkout_words(parsed.words, context)
    moves = found("head.move", "it switches, keeping local changes", parsed.words)
    if not parsed.words or parsed.dashes or parsed.words == ["-"] or parsed.on("-t", "--track"):
        return moves
    word = parsed.words[0]
    if _looks_like_path(word):
        return discards("checkout of a path overwrites it", parsed.words, context)
    if context.fed and "\0" in word:
        return moves + discards("checkout of paths overwrites files, and a stream says which", ["."], context)
    if context.is_revision is None or "\0" in word:
        return moves + found("unknown", "whether that is a branch or a path cannot be told", parsed.words)
    if context.is_revision(word) or (context.is_remote_branch is not None and context.is_remote_branch(word)):
        return moves
    return discards("checkout of a path overwrites it", parsed.words, context)


def _checkout_words(words: Sequence[str], context: Context) -> list[Effect]:
    """`checkout <rev> <paths>`, or `checkout <paths>`: the first word is a path unless it is known as a commit."""
    first, *rest = words
    named = context.is_revision is None or context.is_revision(first) or "\0" in first
    specs = rest if named and context.is_revision is not None else list(words)
    return discards("checkout of paths overwrites files", specs, context, untracked=named and from_commit(first))


def _checkout_some(parsed: Parsed, context: Context) -> list[Effect]:
    """Hunks or sides of files, picked by hand or listed in a file."""
    specs = given(parsed)
    first = specs[0] if parsed.words and not parsed.on("--pathspec-from-file") else None
    named = first is not None and context.is_revision is not None and context.is_revision(first)
    if named:
        specs = specs[1:]
    return discards("it overwrites files", specs, context, untracked=named and from_commit(first))


def _looks_like_path(word: str) -> bool:
    return word in (".", "..") or word.startswith((":", "./", "../", "/")) or any(char in word for char in "*?[")


def _forced_branch(name: str | None, why: str, context: Context) -> list[Effect]:
    """`checkout -B` and kin: a branch that is new takes nothing."""
    if name is None or not context.lacks_branch(name):
        return found("ref.rewrite", why, [name or ""])
    return found("ref.update", "it creates a branch", [name]) + found("head.move", "and switches to it")


def _switch(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("-f", "--force", "--discard-changes"):
        return found("worktree.discard", "it overwrites uncommitted changes")
    if parsed.on("-C", "--force-create"):
        return _forced_branch(parsed.value("-C", "--force-create"), "-C moves an existing branch", context)
    if parsed.on("-c", "--create", "--orphan"):
        name = parsed.value("-c", "--create", "--orphan")
        return found("ref.update", "it creates a branch", [name or ""]) + found("head.move", "and switches to it")
    return found("head.move", "it switches, keeping local changes", parsed.words)


def _restore(parsed: Parsed, context: Context) -> list[Effect]:
    staged, worktree = parsed.on("-S", "--staged"), parsed.on("-W", "--worktree")
    paths = [*parsed.words, *parsed.paths]
    if not paths and not parsed.on("-p", "--patch", "--pathspec-from-file"):
        return found("state.read", "it names no path")
    if not (worktree or staged) and parsed.on("--no-staged", "--no-worktree"):
        return found("state.read", "it has nothing to restore, and git says so")
    if worktree or not staged:
        other = from_commit(parsed.value("-s", "--source"))
        effects = discards("restore overwrites files", given(parsed), context, untracked=other)
        if staged and not other:
            why = "restore deletes what was added and never committed"
            effects += discards(why, given(parsed), context, untracked=True)
        return effects
    return found("file.write", "it unstages; files stay", paths)


_STASH_ADVICE = "Use run_git stash -u, which leaves ignored files where they are, or ask a human to run it."


def _stash(parsed: Parsed, _: Context) -> list[Effect]:
    action = parsed.words[0] if parsed.words else "push"
    if action in ("drop", "clear"):
        return found("stash.drop", f"stash {action} deletes stashed changes")
    if action in ("list", "show"):
        return found("state.read", "it only looks")
    if parsed.on("-a", "--all"):
        return found("unknown", "it moves ignored files away, which a checkpoint may not hold", instead=_STASH_ADVICE)
    return found("file.write", f"stash {action} moves changes; the checkpoint before keeps them")


def _read_tree(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.on("-n", "--dry-run"):
        return found("state.read", "a dry run")
    if parsed.on("-u", "--reset"):
        return found("worktree.discard", "it overwrites files")
    return found("index.discard", "it overwrites what is staged")


def _update_index(parsed: Parsed, _: Context) -> list[Effect]:
    refreshes = all(option in ("-q", "--refresh", "--really-refresh", "--unmerged") for option in parsed.options)
    if refreshes and parsed.on("--refresh", "--really-refresh") and not (parsed.words or parsed.paths):
        return found("file.write", "it refreshes the index")
    return found("index.discard", "it changes the index behind git's back", parsed.words)


def _rm(parsed: Parsed, context: Context) -> list[Effect]:
    paths = [*parsed.words, *parsed.paths]
    if parsed.on("-n", "--dry-run"):
        return found("state.read", "a dry run")
    if parsed.on("-f", "--force") and not parsed.on("--cached"):
        return discards("-f deletes files with uncommitted changes", given(parsed), context)
    return found("file.write", "git itself refuses to lose changes here", paths)


def _mv(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("-f", "--force"):
        target = [*parsed.words, *parsed.paths][-1:]
        return discards("-f overwrites the target", target, context, untracked=True)
    return found("file.write", "it renames", parsed.words)


def _worktree(parsed: Parsed, context: Context) -> list[Effect]:
    action = parsed.words[0] if parsed.words else "list"
    if action == "remove" and parsed.on("-f", "--force"):
        return found("worktree.delete", "--force deletes a worktree with what is uncommitted there", parsed.words[1:])
    if action == "list":
        return found("state.read", "it lists")
    name = parsed.value("-B")
    if action == "add" and parsed.on("-B") and not (name and context.lacks_branch(name)):
        return found("ref.rewrite", "-B moves an existing branch", [name or ""])
    return found("file.write", "git itself refuses to lose changes here", parsed.words[1:])


def _submodule(parsed: Parsed, _: Context) -> list[Effect]:
    action = parsed.words[0] if parsed.words else "status"
    if action == "deinit" or (action == "update" and parsed.on("-f", "--force")):
        return found("worktree.discard", f"submodule {action} discards what a submodule holds", parsed.words[1:])
    if action in ("status", "summary", "foreach"):
        return found("state.read", "it runs in each submodule" if action == "foreach" else "it only looks")
    return found("file.write", "it changes submodules", parsed.words[1:])


def _sparse_checkout(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.words[:1] in (["list"], ["check-rules"]):
        return found("state.read", "it only looks")
    return found("worktree.discard", "it deletes ignored files of the directories it leaves out", parsed.words[1:])


def _apply(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("--stat", "--numstat", "--summary", "--check") and not parsed.on("--apply"):
        return found("state.read", "it only looks")
    if parsed.on("--unsafe-paths"):
        return found("guard.tamper", "--unsafe-paths lets a patch write anywhere", parsed.words)
    if parsed.on("-R", "--reverse") and not parsed.on("--cached"):
        # `git diff | git apply -R` is the way to discard everything without a trace.
        at = stake(["."] if context.root is None else [context.root], context)
        return found("worktree.discard", "-R takes changes out of files", parsed.words, stake=at)
    return found("file.write", "it changes files as a patch says", parsed.words)


def _checkout_index(parsed: Parsed, context: Context) -> list[Effect]:
    if not parsed.on("-f", "--force"):
        return found("file.write", "without -f it leaves files that are there", parsed.words)
    if parsed.on("-a", "--all", "--stdin"):
        return found("worktree.discard", "it overwrites files")
    return discards("it overwrites files", given(parsed), context, untracked=True)


HANDLERS: dict[str, tuple[Takes, Handler]] = {
    "apply": (Takes(short="pC", long=("directory", "exclude", "include")), _apply),
    "checkout": (
        Takes(
            short="bBU",
            long=("orphan", "conflict", "unified", "inter-hunk-context", "pathspec-from-file"),
        ),
        _checkout,
    ),
    "checkout-index": (Takes(long=("prefix", "stage")), _checkout_index),
    "clean": (Takes(short="e", long=("exclude",)), _clean),
    "mv": (NO_VALUES, _mv),
    "read-tree": (Takes(long=("prefix", "exclude-per-directory", "index-output")), _read_tree),
    "reset": (Takes(short="U", long=("pathspec-from-file", "unified")), _reset),
    "restore": (
        Takes(short="sU", long=("source", "conflict", "unified", "inter-hunk-context", "pathspec-from-file")),
        _restore,
    ),
    "rm": (Takes(long=("pathspec-from-file",)), _rm),
    "sparse-checkout": (NO_VALUES, _sparse_checkout),
    "stash": (Takes(short="m", long=("message", "pathspec-from-file")), _stash),
    "submodule": (Takes(short="b", long=("branch", "depth", "reference", "name", "jobs")), _submodule),
    "switch": (Takes(short="cC", long=("create", "force-create", "orphan", "conflict")), _switch),
    "update-index": (Takes(long=("cacheinfo", "chmod", "index-version")), _update_index),
    "worktree": (Takes(short="bB", long=("reason", "expire")), _worktree),
}
