"""Reads the protocol of a worktree, and never falls back to nothing."""

import os
import stat
from collections.abc import Mapping
from typing import Any

from ...core import globs
from ...core.errors import InvalidInputError
from ...core.records import replace
from ...core.text import clean
from .combine import STRICTER
from .examples import check_examples
from .fence import find_fence, parse_fence, unmarked_blocks
from .markdown import split_lines
from .model import RULE_OF_FIELD, Enforced, NotEnforced, Protocol, Reading, check_template
from .sentences import read_sentences

SOURCES = ("CLAUDE.md", ".claude/CLAUDE.md", "AGENTS.md")
"""Where a protocol may stand; the first that says anything counts."""

BUILT_IN = "built-in"
_MAX_SIZE = 1 << 20


class _UnusableError(Exception):
    """A file that stands there and cannot be read as the project's text."""


def read_protocol(root: str) -> Reading:
    """The protocol of the worktree at `root`: the first file that has one, or the built-in.

    A file that cannot be used is reported in `problems`; whoever calls falls back to the
    last good protocol.
    """
    unusable: Reading | None = None
    unmarked: Reading | None = None
    for source in SOURCES:
        try:
            text = _read(root, source)
        except _UnusableError as error:
            # Another file may still say something; silence is no answer to this one.
            unusable = unusable or _built_in(source, [f"{source}: {error}"])
            continue
        if text is None:
            continue
        reading = parse(text, source)
        hints = sum(1 for _ in unmarked_blocks(text.removeprefix("\ufeff")))
        if reading.enforced or reading.problems or len(reading.not_enforced) > hints:
            return reading
        if hints:  # it may be an example; a protocol in another file counts
            unmarked = unmarked or reading
    return unusable or unmarked or _built_in(BUILT_IN, [])


def _built_in(source: str, problems: list[str]) -> Reading:
    return Reading(source=source, protocol=Protocol(), enforced=(), not_enforced=(), problems=problems)


def _read(root: str, source: str) -> str | None:
    """The text of a file, None if there is none; bytes that are not UTF-8 are kept as surrogates."""
    path = os.path.join(root, source)
    top = os.path.realpath(root)
    try:
        if os.path.commonpath([os.path.realpath(path), top]) != top:
            raise _UnusableError("it is a link out of the repository, which is not the project's text.")
        # A pipe of that name would block for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _UnusableError(f"it cannot be read: {error.strerror}.") from error
    with os.fdopen(handle, "rb") if stat.S_ISREG(os.fstat(handle).st_mode) else _not_a_file(handle) as file:
        data = file.read(_MAX_SIZE + 1)
    if len(data) > _MAX_SIZE:
        raise _UnusableError("it is larger than 1 MiB.")
    return data.decode("utf-8", "surrogateescape")


def _not_a_file(handle: int) -> Any:
    os.close(handle)
    raise _UnusableError("it is not a file.")


def parse(text: str, source: str) -> Reading:
    """The protocol in a Markdown text. One with problems enforces nothing: whoever asked keeps the last good one."""
    text = text.removeprefix("\ufeff")
    values: dict[str, Any] = {}
    places: dict[str, int] = {}
    problems: list[str] = []
    try:
        fence = find_fence(text)
        if fence is not None:
            values, places = parse_fence(fence)
            check_examples(values.get("rules", ()))
    except InvalidInputError as error:
        problems.append(f"{source}: {error}")
    lines = split_lines(text)
    enforced = [
        Enforced(
            rule=RULE_OF_FIELD[field], line=line, text=clean(lines[line - 1].strip(), limit=200), fields=(field,)
        )
        for field, line in places.items()
    ]
    not_enforced = [
        NotEnforced(
            line=line,
            text=f"{clean(table, limit=100)} (in a block without the word that counts: write ```toml safe-rollback)",
        )
        for line, table in unmarked_blocks(text)
    ]
    for sentence in read_sentences(text):
        shown = clean(sentence.text, limit=200)
        if not problems and _add(values, places, sentence.sets):
            rule = RULE_OF_FIELD[next(iter(sentence.sets))]
            enforced.append(Enforced(rule=rule, line=sentence.line, text=shown, fields=tuple(sentence.sets)))
        else:
            not_enforced.append(NotEnforced(line=sentence.line, text=shown))
    return Reading(
        source=source,
        protocol=Protocol() if problems else replace(Protocol(), **values),
        enforced=[] if problems else sorted(enforced, key=lambda one: one.line),
        not_enforced=sorted(not_enforced, key=lambda one: one.line),
        problems=problems,
    )


def _add(values: dict[str, Any], places: Mapping[str, int], sets: Mapping[str, Any]) -> bool:
    """Take what a sentence sets, unless the block says something else about it."""
    if not sets or any(field in places and not _says(values[field], value) for field, value in sets.items()):
        return False
    sets = {field: value for field, value in sets.items() if field not in places}
    try:
        _check(sets)
    except InvalidInputError:
        return False
    for field, value in sets.items():
        if field in values:
            values[field] = STRICTER[field](values[field], value)
        elif isinstance(value, tuple):
            # A sentence adds to what is built in; only the block, where all of it stands, replaces that.
            values[field] = STRICTER[field](getattr(Protocol(), field), value)
        else:
            values[field] = value
    return True


def _says(block: Any, sentence: Any) -> bool:
    """Whether the block holds what a sentence says."""
    return set(sentence) <= set(block) if isinstance(sentence, tuple) else bool(block == sentence)


def _check(sets: Mapping[str, Any]) -> None:
    for field, value in sets.items():
        if field == "branch":
            check_template(value)
        elif field in ("branches", "paths", "sensitive"):
            globs.check(value)
