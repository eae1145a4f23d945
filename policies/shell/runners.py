"""Programs that start another one behind a word of their own: `mise exec -- …`, `nix-shell --run '…'`."""

import os
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ...core.late import late
from .launchers import SHELLS


class Started(NamedTuple):
    """What a program starts: words from `position` on, and shell lines."""

    position: int | None = None
    lines: Sequence[str] = ()


# What follows `--`, or else the words of their own in front, is a command.
_AFTER_DASHES = frozenset(
    {
        "aws-vault", "chamber", "devbox", "direnv", "doppler", "dotenv", "dotenvx", "envchain", "infisical", "op",
        "teller", "watchexec", "with-contenv",
    }
)  # fmt: skip
_OWN_WORDS = {("direnv", "exec"): 2, ("devbox", "run"): 1}
_LINE_OPTIONS = {
    "nix-shell": ("--run", "--command"),
    "nodemon": ("--exec", "-x"),
    "hyperfine": ("--prepare", "-p", "--setup", "-s", "--cleanup", "-c", "--conclude"),
    "sg": ("-c",),
}
# All their plain words are lines.
_LINES = frozenset({"hyperfine", "concurrently"})
_PANES = late(r"new|new-session|neww|new-window|splitw|split-window|respawn-pane|respawn-window|run|run-shell")
_PANE_VALUES = ("-s", "-n", "-t", "-c", "-F", "-e", "-x", "-y", "-l", "-p", "-b", "-L", "-S", "-f")
# What these start runs on another machine, or in another root.
_ELSEWHERE = late(
    r"k|oc|crictl|ctr|lxc.*|incus|wsl|limactl|colima|adb|heroku|fly|flyctl|eb|railway|tsh|teleport|machinectl"
    r"|systemd-nspawn|distrobox|toolbox|flatpak|singularity|apptainer|ansible.*|salt.*|pssh|pdsh|dsh|devcontainer"
    r"|minikube|podman-compose|schroot|proot|bwrap|arch-chroot|qemu-.*|.*-ssh"
)

_DESTROYERS = frozenset({"dd", "find", "git", "rm", "shred", "truncate", "unlink", "xargs"})
_BEFORE = late(r"-.+|[\d.]+[smhd]?")


def started(name: str, words: Sequence[str]) -> Started:
    """What a program that is not analysed starts, as far as its words tell.

    Args:
        name: the program.
        words: the program and its arguments.
    """
    options = _LINE_OPTIONS.get(name, ())
    lines = [value for option, value in pairwise(words) if option in options]
    if name in _LINES:
        return Started(
            lines=[*lines, *(word for word in words[1:] if not word.startswith("-") and word not in lines)]
        )
    if name == "tmux":
        return Started(lines=_pane(words))
    if name in _AFTER_DASHES and "--" in words[:-1]:
        return Started(words.index("--") + 1)
    if own := _OWN_WORDS.get((name, "".join(words[1:2]))):
        return Started(1 + own) if len(words) > 1 + own else Started()
    if name == "nix":
        at = next((at for at, word in enumerate(words[:-1]) if word in ("-c", "--command")), None)
        return Started(None if at is None else at + 1)
    # A name with an equals sign is an assignment that went wrong: nothing has it.
    if lines or "=" in name or _ELSEWHERE.fullmatch(name):
        return Started(None, lines)
    code = _shell(words)
    return Started(_program(words) if code is None else code)


def _pane(words: Sequence[str]) -> list[str]:
    """`tmux new -d 'line'`; several words are joined."""
    at = next((at for at, word in enumerate(words[1:], start=1) if _PANES.fullmatch(word)), None)
    if at is None:
        return []
    rest = list(words[at + 1 :])
    while rest and rest[0].startswith("-"):
        del rest[: 2 if rest[0] in _PANE_VALUES else 1]
    return [" ".join(rest)] if rest else []


def _program(words: Sequence[str]) -> int | None:
    """Where an unknown program is given one that destroys, `retry -n 3 git …`, `tool -- rm …`."""
    for position, word in enumerate(words[1:-1], start=1):
        if os.path.basename(word) in _DESTROYERS:
            return position
        if word != "--" and not _BEFORE.fullmatch(word):
            return None
    return None


def _shell(words: Sequence[str]) -> int | None:
    """Where an unknown program is given a shell with code, `tool sh -c 'code'`."""
    for position in range(1, len(words) - 2):
        if os.path.basename(words[position]) in SHELLS and re.fullmatch(r"-[a-z]*c", words[position + 1]):
            return position
    return None
