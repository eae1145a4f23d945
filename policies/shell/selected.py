"""Commands that print names of files, and what deleting all they print would be."""

import os
import re
from collections.abc import Sequence

from .expand import Field

DELETERS = frozenset({"rm", "unlink", "rmdir", "shred", "srm", "rimraf", "trash", "truncate"})
_FINDS = frozenset({"find", "gfind"})
_GREPS = frozenset({"grep", "egrep", "fgrep", "rg", "ag", "ack"})
# Of these, the ones that pass hidden files by.
_SPARE_HIDDEN = frozenset({"rg", "ag", "ack"})
_HIDDEN = (".git", ".claude", ".codex", ".gemini", ".cursor", ".opencode", ".mcp.json")
_GREP_VALUES = frozenset({"-e", "-f", "-g", "-t", "-T", "-A", "-B", "-C", "-m", "--include", "--exclude"})
# What these print is part of what they read.
_FILTERS = frozenset({"sort", "uniq", "head", "tail", "tac", "shuf", "cat"})
_PRINTERS = _FINDS | _GREPS | _FILTERS | {"git", "ls"}


def selection(name: str, fields: Sequence[Field], before: Sequence[Field]) -> Sequence[Field]:
    """The command that printed the names of files which a command's output holds; empty where it holds others.

    Args:
        name: the program.
        fields: program and arguments.
        before: the selection that comes in on its input.
    """
    if name not in _PRINTERS:
        return ()
    words = [one.text for one in fields]
    if name in _FINDS or (name == "git" and _lists(words)):
        return fields
    if name == "ls":
        plain = not _option(words, "aAflR", "--all", "--almost-all", "--recursive")
        return fields if plain and all(one.wild for one in _operands(fields)) else ()
    if name in _GREPS:
        if _prints_names(words):
            return fields
        return before if len(_grepped(fields)) == 1 and not _option(words, "oc", "--only-matching", "--count") else ()
    numbers = all(re.fullmatch(r"[+-]?\d+", one.text) for one in _operands(fields))
    return before if name in _FILTERS and numbers else ()


def deleting(found: Sequence[Field], program: Sequence[str]) -> list[Field]:
    """The command that does what `found | xargs program` does.

    Args:
        found: what `selection` answered.
        program: one of `DELETERS` with its arguments, `{}` for a name.
    """
    words = [one.text for one in found]
    name = os.path.basename(words[0]).lower()
    action = [Field(word) for word in ("-exec", *program, "+")]
    if name in _FINDS:
        return [*found, *action]
    if name == "ls":
        return [Field("rm"), Field("-rf"), Field("--"), *(_operands(found) or [Field("*", wild=True)])]
    if name in _GREPS:
        starts = _grepped(found)[1:] or [Field(".")]
        spared = [word for one in _HIDDEN for word in ("-not", "-name", one)] if name in _SPARE_HIDDEN else []
        return [Field("find"), *starts, *map(Field, spared), *action]
    others = words[1] == "ls-files" and _option(words, "o", "--others")
    # What stands before `--` may be commits, in a diff.
    given = found[words.index("--") + 1 :] if "--" in words else _operands(found)[1:] if words[1] != "diff" else ()
    paths = given or [Field(".")]
    return [*map(Field, ("git", *(("clean", "-fd") if others else ("rm", "-rf")), "--")), *paths]


def _lists(words: Sequence[str]) -> bool:
    return words[1:2] == ["ls-files"] or (words[1:2] == ["diff"] and "--name-only" in words)


def _operands(fields: Sequence[Field]) -> list[Field]:
    return [one for one in fields[1:] if not one.text.startswith("-")]


def _grepped(fields: Sequence[Field]) -> list[Field]:
    """The pattern and the paths of a search."""
    found: list[Field] = []
    for position, one in enumerate(fields[1:], start=1):
        before = fields[position - 1].text
        if before in ("-e", "-f") or (not one.text.startswith("-") and before not in _GREP_VALUES):
            found.append(one)
    return found


def _prints_names(words: Sequence[str]) -> bool:
    return _option(words, "lL", "--files-with-matches", "--files-without-match", "--files", "--name-only")


def _option(words: Sequence[str], letters: str, *names: str) -> bool:
    return any(one in names or re.fullmatch(rf"-[A-Za-z]*[{letters}][A-Za-z]*", one) for one in words[1:])
