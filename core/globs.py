r"""Path patterns with the meaning .gitignore gives them.

A pattern without a slash matches a name at any depth; with one it is anchored at the
root. `*` and `?` stay within one name, `**` spans directories, `\` takes the next
character as it is. Matching a directory matches everything below it; with a slash at its
end a pattern matches only that. There is no negation.

No pattern makes matching slow: what stands before a further star is matched at the first
place where it fits, and never tried again.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from .errors import InvalidInputError

_HINT = "Use paths relative to the root, such as src/** or *.md."
# Inside of a bracket expression, for the classes git knows; ASCII as there.
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-\/:-@\[-`{-\~",
    "space": r" \t-\r",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    names = _names(pattern)
    directory = pattern.endswith("/")
    if len(names) == 1 and "/" not in pattern.removesuffix("/"):
        names.insert(0, "**")
    tail = "/.*" if directory else "(?:/.*)?"
    if _spans(names[-1]):
        tail = "[^/]+/.*" if directory else ".+"
    out, group, anchored = "", list[str](), True
    for position, name in enumerate(names):
        if not _spans(name):
            group.append(_name(name, pattern))
        last = position == len(names) - 1
        if group and (last or _spans(name)):
            found = "/".join(group) + ("" if last and not _spans(name) else "/")
            # After a `**`: as few directories as possible. Further ones are for the next `**`.
            found = found if anchored else f"(?:[^/]+/)*?{found}"
            out, group = out + (found if last and not _spans(name) else f"(?>{found})"), []
        anchored = anchored and not _spans(name)
    return re.compile(out + tail, re.DOTALL)


def _names(pattern: str) -> list[str]:
    names = pattern.removeprefix("/").removesuffix("/").split("/")
    if "\0" in pattern or pattern.startswith("!") or {"", ".", ".."} & set(names):
        raise InvalidInputError(f"{pattern!r} is not a path pattern.", hint=_HINT)
    return names


def _spans(name: str) -> bool:
    """Whether a name of a pattern stands for any number of directories."""
    return len(name) > 1 and not name.strip("*")


def name_expression(pattern: str) -> str:
    """The regular expression for one name that a pattern without slashes stands for."""
    return _name(_names(pattern)[0], pattern)


def _name(name: str, pattern: str) -> str:
    """The expression for one name: what stands between stars, each at its first place but the last."""
    chunks, position = [""], 0
    while position < len(name):
        char = name[position]
        if char == "*":
            chunks.append("")
            position += 1
        elif char == "[":
            expression, position = _bracket(name, position + 1, pattern)
            chunks[-1] += expression
        elif char == "?":
            chunks[-1] += "[^/]"
            position += 1
        else:
            position += char == "\\"
            if position == len(name):
                raise InvalidInputError(f"{pattern!r} ends a name with a backslash.", hint="Write two for one.")
            chunks[-1] += re.escape(name[position])
            position += 1
    first, *rest = chunks
    if not rest:
        return first
    return first + "".join(f"(?>[^/]*?{one})" for one in rest[:-1] if one) + f"[^/]*{rest[-1]}"


def _bracket(name: str, start: int, pattern: str) -> tuple[str, int]:
    """The expression for what stands between brackets, and where it ends."""
    negated = name[start : start + 1] in ("!", "^")
    position = start = start + negated
    items, before = "", ""
    while name[position : position + 1] != "]" or position == start:
        char = name[position : position + 1]
        known = re.compile(r"\[:([a-z]*):\]").match(name, position)
        if known and known[1] in _CLASSES:
            items, before, position = items + _CLASSES[known[1]], "", known.end()
            continue
        ranged = char == "-" and before and name[position + 1 : position + 2] not in ("", "]")
        position += bool(ranged)
        position += name[position : position + 1] == "\\"
        char = name[position : position + 1]
        if not char or known:
            raise InvalidInputError(f"{pattern!r} has a bracket that does not end.", hint=r"Write \[ for a bracket.")
        if not ranged:
            items += re.escape(char)
        elif before <= char:
            items += f"{re.escape(before)}-{re.escape(char)}"
        before = "" if ranged else char
        position += 1
    return (f"[^/{items}]" if negated else f"(?!/)[{items}]"), position + 1


def check(patterns: Iterable[str]) -> None:
    """Compile every pattern.

    Raises:
        InvalidInputError: naming the first that cannot be used.
    """
    for pattern in patterns:
        _compiled(pattern)


def matches(path: str, pattern: str) -> bool:
    """Whether a path relative to the root matches."""
    return _compiled(pattern).fullmatch(path) is not None


def first_match(path: str, patterns: Sequence[str]) -> str | None:
    """The first pattern that matches, or None."""
    return next((pattern for pattern in patterns if matches(path, pattern)), None)


def literal_root(pattern: str) -> str:
    """The directories before the first wildcard of an anchored pattern; empty if it can match anywhere."""
    if "/" not in pattern.rstrip("/"):
        return ""
    names = pattern.strip("/").split("/")
    fixed = []
    for name in names[:-1]:
        if any(char in name for char in "*?[\\"):
            break
        fixed.append(name)
    return "/".join(fixed)
