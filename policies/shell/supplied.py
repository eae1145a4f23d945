"""Where a command takes what it does from something that is not written in it."""

import re
from collections.abc import Sequence

from .expand import Field
from .git import TABLE, global_options
from .gitread import READ_TAKES
from .nodes import COMPUTED, is_computed_name
from .options import parse

# Git commands whose first word says what is done, or decides between a file and a commit.
_VERBS = frozenset(
    {
        "bisect", "checkout", "clean", "config", "merge", "push", "rebase", "reflog", "remote", "reset",
        "sparse-checkout", "stash", "submodule", "worktree",
    }
)  # fmt: skip
# Of these, the ones whose first word says so whatever options stand before it.
_ALWAYS = frozenset({"reset", "stash", "worktree", "reflog", "sparse-checkout", "checkout"})
_TAKE_NAMES = frozenset({"checkout", "merge", "push"})


def computed_words(fields: Sequence[Field]) -> bool:
    """Whether a computed word can change what git does: an option, a subcommand, a path to work on."""
    values = False
    for field in fields:
        if field.text == "--" and not values:
            return False
        if COMPUTED in field.text and not values and not re.match(r"-(m|-message=|-format=|-pretty=)", field.text):
            return True
        if field.wild and field.text.startswith("-"):
            return True
        values = field.text in ("-m", "-am", "--message", "-F", "--file", "-C", "--author", "--date", "--grep")
    return False


def computed_program(word: str) -> bool:
    """Whether nothing tells which program a word names; `find -exec {}` names any file."""
    return COMPUTED in word.rpartition("/")[2] and ("/" not in word or is_computed_name(word.removeprefix("./")))


def fed_by(fields: Sequence[Field]) -> Sequence[Field] | None:
    """What selects the files that a command's words name; None if what is computed first comes from no stream."""
    computed = [one.streamed for one in fields if COMPUTED in one.text]
    if not computed or computed[0] is None:
        return None
    return computed[0] if all(one == computed[0] for one in computed) else ()


def steers_git(args: Sequence[str], *, looped: bool = False) -> bool:
    """Whether what is computed can choose what git does: a setting, the subcommand, its options or its verb.

    Args:
        args: the words after `git`.
        looped: whether a loop's variable is computed: whoever writes `git checkout "$x"` means a name.
    """
    options, position = global_options(args)
    if any(
        COMPUTED in name or (name in ("-c", "--config-env") and COMPUTED in _key(value)) for name, value in options
    ):
        return True
    name = "".join(args[position : position + 1])
    takes = TABLE[name][0] if name in TABLE else None
    if COMPUTED in name or takes is None or takes is READ_TAKES:
        return COMPUTED in name
    parsed = parse(args[position + 1 :], takes)
    if any(COMPUTED in option for option in parsed.options):
        return True
    first = "".join(parsed.words[:1])
    verbs = _VERBS - _TAKE_NAMES if looped else _VERBS
    return first.startswith(COMPUTED) and name in verbs and (name in _ALWAYS or not parsed.options)


def _key(text: str | None) -> str:
    return (text or "").partition("=")[0]
