"""Rust: the trees that `use` declarations write."""

import re
from collections.abc import Iterator

_PIECE = re.compile(r"::|[{},*]|\w+")


def imported(tree: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each path of a `use` tree, and what it is called here: `a::{b, c as d}` is `a::b` as b and `a::c` as d.

    `self` within braces is the path before them; `*` is called nothing; neither is `_`.
    """
    pieces = [one for one in _PIECE.findall(tree.replace("r#", "")) if one != "::"]
    open_: list[tuple[str, ...]] = []
    prefix: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    local = ""
    position = 0
    while position < len(pieces):
        piece = pieces[position]
        position += 1
        if piece == "{":
            open_.append(prefix)
            prefix = path
        elif piece in {",", "}"}:
            yield from _one(prefix, path, local)
            path, local = prefix, ""
            if piece == "}":
                prefix = open_.pop() if open_ else ()
                path = prefix
        elif piece == "as" and position < len(pieces):
            local = pieces[position]
            position += 1
        else:
            path = (*path, piece)
    yield from _one(prefix, path, local)


def _one(prefix: tuple[str, ...], path: tuple[str, ...], local: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if path == prefix:
        return
    if path[-1] == "self" and len(path) > 1:
        path = path[:-1]
    yield path, "" if (local or path[-1]) in {"*", "_"} else local or path[-1]
