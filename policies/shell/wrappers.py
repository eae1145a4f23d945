"""Programs that start the program named among their arguments: one table of their options."""

import shlex
from collections.abc import Sequence

from ...core.records import dataclass
from .nodes import COMPUTED


@dataclass(frozen=True, kw_only=True)
class Wrapper:
    """How a wrapper's arguments read.

    Attributes:
        values: options that take the next word.
        skip: words of its own before the program.
        line: options whose value is a shell line it runs.
        directory: options that name the directory to run in.
        moves: whether the program runs in a place that is not known, such as another root.
        assigns: whether `name=value` may stand before the program.
        joins: whether the words are joined to a shell line.
    """

    values: tuple[str, ...] = ()
    skip: int = 0
    line: tuple[str, ...] = ()
    directory: tuple[str, ...] = ()
    moves: bool = False
    assigns: bool = False
    joins: bool = False


@dataclass(frozen=True, kw_only=True)
class Unwrapped:
    """What a wrapper runs: assignments, a program with arguments, or a shell line; and where."""

    assignments: Sequence[str] = ()
    words: Sequence[str] = ()
    offset: int = 0
    line: str | None = None
    directory: str | None = None
    moves: bool = False


_SUDO = Wrapper(
    values=("-u", "-g", "-h", "-p", "-C", "-R", "-T", "-r", "-t", "-U", "--user", "--group", "--host", "--prompt"),
    directory=("-D", "--chdir"),
    assigns=True,
)
_SWITCH_USER = Wrapper(values=("-s", "--shell", "-g", "--group", "-G", "-w"), line=("-c", "--command"), skip=1)

WRAPPERS: dict[str, Wrapper] = {
    "builtin": Wrapper(),
    "caffeinate": Wrapper(values=("-t", "-w")),
    "ccache": Wrapper(),
    "chronic": Wrapper(),
    "chroot": Wrapper(skip=1, moves=True),
    "chrt": Wrapper(values=("-T", "-P", "-D"), skip=1),
    "command": Wrapper(),
    "coproc": Wrapper(),
    "cross-env": Wrapper(assigns=True),
    "cross-env-shell": Wrapper(assigns=True, joins=True),
    "dbus-run-session": Wrapper(values=("--config-file",)),
    "doas": Wrapper(values=("-u", "-C"), assigns=True),
    "eatmydata": Wrapper(),
    "entr": Wrapper(line=("-s",)),
    "env": Wrapper(values=("-u", "--unset", "-a", "--argv0", "-P"), directory=("-C", "--chdir"), assigns=True),
    "exec": Wrapper(values=("-a",)),
    "faketime": Wrapper(skip=1),
    "fakeroot": Wrapper(values=("-l", "-s", "-i", "-b", "--lib", "--faked")),
    "firejail": Wrapper(),
    "flock": Wrapper(values=("-w", "--wait", "--timeout", "-E"), skip=1, line=("-c", "--command")),
    "gosu": Wrapper(skip=1),
    "gtime": Wrapper(values=("-f", "-o", "--format", "--output")),
    "gtimeout": Wrapper(values=("-k", "-s", "--signal", "--kill-after"), skip=1),
    "ionice": Wrapper(values=("-c", "-n", "-p", "--class", "--classdata")),
    "ltrace": Wrapper(values=("-e", "-o", "-s", "-u", "-p")),
    "nice": Wrapper(values=("-n", "--adjustment")),
    "nocache": Wrapper(),
    "nohup": Wrapper(),
    "noglob": Wrapper(),
    "nocorrect": Wrapper(),
    "nsenter": Wrapper(values=("-t", "--target"), moves=True),
    "pkexec": Wrapper(values=("--user",)),
    "prlimit": Wrapper(values=("-p", "--pid")),
    "proxychains": Wrapper(values=("-f",)),
    "proxychains4": Wrapper(values=("-f",)),
    "rlwrap": Wrapper(values=("-f", "-H", "-s")),
    "runuser": _SWITCH_USER,
    "script": Wrapper(values=("-I", "-O", "-B", "-T", "-m", "-o", "-E"), skip=1, line=("-c", "--command")),
    "setarch": Wrapper(skip=1),
    "setpriv": Wrapper(values=("--reuid", "--regid", "--groups")),
    "setsid": Wrapper(),
    "softlimit": Wrapper(values=("-m", "-d", "-s", "-l", "-a", "-o", "-p", "-f", "-c", "-t", "-r")),
    "stdbuf": Wrapper(values=("-i", "-o", "-e", "--input", "--output", "--error")),
    "strace": Wrapper(values=("-e", "-o", "-s", "-u", "-p", "-P", "-E", "-a", "-b", "-O", "-S", "-I")),
    "su-exec": Wrapper(skip=1),
    "su": _SWITCH_USER,
    "sudo": _SUDO,
    "systemd-inhibit": Wrapper(values=("--what", "--who", "--why", "--mode")),
    "systemd-run": Wrapper(values=("-p", "--property", "-u", "--unit", "-E", "--setenv", "-M"), directory=("-d",)),
    "taskset": Wrapper(skip=1),
    "time": Wrapper(values=("-f", "-o", "--format", "--output")),
    "timeout": Wrapper(values=("-k", "-s", "--signal", "--kill-after"), skip=1),
    "torsocks": Wrapper(),
    "trickle": Wrapper(values=("-d", "-u", "-w", "-t")),
    "ts": Wrapper(values=("-L", "-N", "-D")),
    "unbuffer": Wrapper(),
    "unshare": Wrapper(values=("-S", "-G", "-R", "-w"), moves=True),
    "watch": Wrapper(values=("-n", "--interval", "-q", "--equexit"), joins=True),
    "xvfb-run": Wrapper(values=("-n", "-s", "-e", "-f", "-p", "-w")),
}


def unwrap(name: str, words: Sequence[str]) -> Unwrapped:
    """What a wrapper runs.

    Args:
        name: a key of `WRAPPERS`.
        words: its arguments.
    """
    wrapper = WRAPPERS[name]
    position, skip = 0, wrapper.skip
    line: str | None = None
    directory: str | None = None
    assignments: list[str] = []
    while position < len(words):
        word = words[position]
        if word == "--":
            position += 1
            break
        if name in ("env", "su") and word == "-":
            position += 1
            continue
        if name == "env" and (split := _split_string(words, position)) is not None:
            return _again(name, split, assignments, directory)
        if len(word) > 1 and word[0] == "-":
            option, value, used = _option(word, words[position + 1 : position + 2], wrapper)
            if option in wrapper.line:
                line = value
            elif option in wrapper.directory:
                directory = value
            position += used
        elif wrapper.assigns and _is_assignment(word):
            assignments.append(word)
            position += 1
        elif skip and not (wrapper.line and line is not None):
            skip -= 1
            position += 1
        else:
            break
    while wrapper.assigns and position < len(words) and _is_assignment(words[position]):
        assignments.append(words[position])
        position += 1
    if 0 < position <= len(words) and words[position - 1] == "--" and line is None:
        position += skip
    rest = words[position:]
    if line is None and name in ("flock", "su", "runuser") and rest[:1] in (["-c"], ["--command"]):
        line = rest[1] if len(rest) > 1 else None
    if wrapper.joins and rest:
        line = " ".join(rest)
    offset = len(words) - len(rest)
    return Unwrapped(
        assignments=assignments, words=rest, offset=offset, line=line, directory=directory, moves=wrapper.moves
    )


def _again(name: str, words: Sequence[str], assignments: Sequence[str], directory: str | None) -> Unwrapped:
    inner = unwrap(name, words)
    return Unwrapped(
        assignments=[*assignments, *inner.assignments],
        words=inner.words,
        offset=-1,
        directory=inner.directory or directory,
    )


def _split_string(words: Sequence[str], position: int) -> list[str] | None:
    """`env -S 'program arguments'`, alone or in a cluster such as `-iS`."""
    word, rest = words[position], list(words[position + 1 :])
    if word.startswith("--split-string"):
        text = word.partition("=")[2] if "=" in word else (rest.pop(0) if rest else "")
    elif word[:1] == "-" and word[:2] != "--" and "S" in word and not set(word[1 : word.index("S")]) & set("uCa"):
        text = word[word.index("S") + 1 :] or (rest.pop(0) if rest else "")
    else:
        return None
    try:
        return [*shlex.split(text), *rest]
    except ValueError:
        return [COMPUTED, *rest]


def _option(word: str, following: Sequence[str], wrapper: Wrapper) -> tuple[str, str | None, int]:
    """An option's name, its value, and how many words it takes."""
    takes = (*wrapper.values, *wrapper.line, *wrapper.directory)
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        full = next((one for one in takes if one.startswith(name) and len(name) > 2), name)
        if equals or full not in takes:
            return full, value if equals else None, 1
        return full, following[0] if following else None, 2
    for position, letter in enumerate(word[1:], start=1):
        if f"-{letter}" in takes:
            attached = word[position + 1 :]
            if attached:
                return f"-{letter}", attached, 1
            return f"-{letter}", following[0] if following else None, 2
    return word, None, 1


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()
