"""Looks through what starts a program: `npx`, `bundle exec`, `sudo`, `docker compose exec web`, `ssh host`."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .runners import RUNNERS, Runner

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "ash"})

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)
_VERSION = re.compile(r"(?<=.)@[^/@]*$")
_SHELL_CODE = re.compile(r"-[a-z]*c")
_MAX_RUNNERS = 6


# They run a file of the project, or of the environment, whose name says what it is.
_INTERPRETERS = re.compile(r"(?:python|php|ruby|node|pypy)[\d.]*")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program behind what starts it.

    Attributes:
        name: the last part of its path; of `python -m x` the module.
        words: its arguments.
        spelled: how it was started, its own name at the end: `npx prisma`, `python manage.py`.
        joined: how many words of `spelled` stand before what has to be one word, a shell line: `su deploy -c`; 0 if
            nothing has to.
        before: `name=value` words in front of all.
        assignments: all such words, those behind `env` or `ssh host` too.
    """

    name: str
    words: Sequence[str]
    spelled: Sequence[str]
    joined: int = 0
    before: Sequence[str] = ()
    assignments: Sequence[str] = ()


def programs_of(argv: Sequence[str], npm: Collection[str]) -> list[Program]:
    """The programs that an argv runs, one starting the next; the innermost first.

    Args:
        argv: words; what is fed is no part of it.
        npm: names of programs that `yarn x` and `pnpm x` are looked through for.
    """
    found: list[Program] = []
    start, before = _assigned(argv, 0)
    first, name, joined, assignments = start, "", 0, before
    while start < len(argv) and len(found) < _MAX_RUNNERS:
        name = name or argv[start].rpartition("/")[2]
        found.insert(
            0,
            Program(
                name=name, words=argv[start + 1 :], spelled=argv[first : start + 1], joined=joined,
                before=before, assignments=assignments,
            ),
        )  # fmt: skip
        inner = _inner(argv, start, name, npm)
        if inner is None:
            break
        start, more = _assigned(argv, inner.at)
        joined = start - first if inner.joins else joined
        name, assignments = inner.name, [*assignments, *more]
    return found


def line_of(argv: Sequence[str]) -> tuple[list[str], str] | None:
    """The shell line that an argv hands to a shell, `sh -c`, `eval`, `ssh host`; with what stands before it."""
    start, _ = _assigned(argv, 0)
    for _ in range(_MAX_RUNNERS):
        if start >= len(argv):
            return None
        name = argv[start].rpartition("/")[2]
        if name == "eval":
            return list(argv[:start]), " ".join(argv[start + 1 :])
        if name in SHELLS:
            code = next((at for at in range(start + 1, len(argv) - 1) if _SHELL_CODE.fullmatch(argv[at])), None)
            return None if code is None else (list(argv[:start]), argv[code + 1])
        inner = _inner(argv, start, name, frozenset())
        if inner is None or inner.name:
            return None
        if inner.line:
            rest = argv[inner.at : inner.at + 1] if inner.joins else argv[inner.at :]
            return (list(argv[: inner.at]), " ".join(rest)) if _is_line(rest) else None
        start, _ = _assigned(argv, inner.at)
    return None


def _is_line(words: Sequence[str]) -> bool:
    """Whether words that are joined for a shell are more than one plain command."""
    return any(re.search(r"[\s;&|]", word) for word in words)


@dataclass(frozen=True)
class _Inner:
    """What a runner starts.

    Attributes:
        at: where it stands.
        line: whether it is a shell line.
        joins: whether that has to be one word.
        name: the program's, where that is not the word itself.
    """

    at: int
    line: bool = False
    joins: bool = False
    name: str = ""


def _inner(argv: Sequence[str], start: int, name: str, npm: Collection[str]) -> _Inner | None:
    """What the program at a place starts; None if it starts no other."""
    if _INTERPRETERS.fullmatch(name):
        return _script(argv, start)
    for runner in RUNNERS.get(name, ()):
        at = _after(argv, start, runner)
        if at is None or at >= len(argv):
            continue
        program = argv[at].rpartition("/")[2]
        if runner.known and program not in npm:
            continue
        if runner.versions:
            plain = _VERSION.sub("", argv[at] if argv[at].startswith("@") else program)
            if plain != program:
                return _Inner(at, name=plain)
        joins = argv[at - 1] in runner.line_options
        return _Inner(at, line=runner.line or joins, joins=joins)
    return None


def _after(argv: Sequence[str], start: int, runner: Runner) -> int | None:
    """Where the words behind a runner's own begin; None if these are not there."""
    wanted, operands, at = list(runner.words), runner.operands, start + 1
    while at < len(argv):
        word = argv[at]
        if word in runner.asks:
            return None
        if word == "--":
            at += 1
            break
        if word in runner.line_options:
            # What stands before its value is all that its own words need.
            operands, at = 0, at + 1
            break
        if word.startswith("-") and len(word) > 1:
            at += 2 if word in runner.values else 1
        elif wanted:
            if word != wanted.pop(0):
                return None
            at += 1
        elif runner.assigns and _ASSIGNMENT.match(word):
            at += 1
        elif operands:
            operands -= 1
            at += 1
            # `kubectl exec pod -c app -- x`
            if argv[at : at + 1] and argv[at].startswith("-") and "--" in argv[at:]:
                at = argv.index("--", at) + 1
                break
        else:
            break
    return None if wanted or operands else at


def _script(argv: Sequence[str], start: int) -> _Inner | None:
    """`python -m module`, `php artisan`, `node node_modules/.bin/x`."""
    at = start + 1
    while at < len(argv) and argv[at].startswith("-"):
        if argv[at] == "-m" and at + 1 < len(argv):
            return _Inner(at + 1, name=argv[at + 1].removesuffix(".__main__"))
        if argv[at] in ("-c", "-e", "-r", "-"):
            return None
        at += 2 if argv[at] in ("-W", "-X", "-d") else 1
    return (
        _Inner(at, name=argv[at].rpartition("/")[2].removesuffix(".js").removesuffix(".cjs"))
        if at < len(argv)
        else None
    )


def _assigned(argv: Sequence[str], start: int) -> tuple[int, list[str]]:
    """Where assignments in front end, and which they are."""
    end = start
    while end < len(argv) and _ASSIGNMENT.match(argv[end]):
        end += 1
    return end, list(argv[start:end])
