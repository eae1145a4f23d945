"""Our own programs, and those that take them away: what an agent must leave to a human."""

import re
from collections.abc import Sequence

from ...core.late import late
from .outcome import plain_words

_NAME = late(r"(?:.*[/\0])?safe[-_.]rollback(?:-hook)?(?:\[[^]]*\])?(?:[=<>~!@].*)?", re.IGNORECASE)
_HELP = frozenset({"--help", "-h", "--version"})
_HUMANS = {
    "approve": "whether a rollback is allowed is a human's decision",
    "backup": "where checkpoints go is a human's decision",
    "find": "it runs a command that nothing judges; use find_breaking_commit",
    "grant": "whether a command is allowed is a human's decision",
    "prune": "it drops checkpoints",
    "trust": "what is trusted is a human's decision",
    "hooks remove": "it takes git's hooks out",
    "notify add": "who is told is a human's decision",
    "notify remove": "who is told is a human's decision",
    "notify test": "who is told is a human's decision",
}
_REMOVERS = frozenset(
    {
        "apt", "apt-get", "apk", "asdf", "brew", "bun", "cargo", "choco", "conda", "dnf", "mamba", "micromamba",
        "mise", "npm", "pacman", "pdm", "pip", "pip2", "pip3", "pipenv", "pipx", "pnpm", "poetry", "port", "rye",
        "scoop", "snap", "uv", "winget", "yarn", "yum", "zypper",
    }
)  # fmt: skip
_REMOVES = frozenset(
    {"uninstall", "uninstall-all", "remove", "rm", "un", "r", "purge", "autoremove", "unlink", "-R", "-Rs", "-Rns"}
)
_CLIENTS = frozenset({"claude", "codex", "gemini", "opencode", "cursor", "cursor-agent"})
_REGISTERS = frozenset({"add", "add-json", "disable", "remove", "reset-project-choices", "rm", "uninstall"})
_SERVER = late(r"(?:.*safe[-_]rollback.*|rollback)(?:@.*)?")
_PROCESSES = ("safe-rollback", "safe-rollback-hook", "safe_rollback")


def ends_guard(name: str, words: Sequence[str]) -> str | None:
    """Why a command disarms the guard, gives leave in a human's place or makes events up; None if it does not.

    Args:
        name: the program without its directory, in lower case.
        words: program and arguments.
    """
    if name == "safe-rollback-hook":
        return None if _HELP & set(words[1:]) else "only a client and git's hooks run it"
    if name == "safe-rollback":
        return _own(words)
    if name in _REMOVERS:
        first = plain_words(words[1:])[:3]
        removed = any(_NAME.fullmatch(word) for word in words[1:]) or "uninstall-all" in first
        gone = removed and _REMOVES & {*first, *words[1:2]}
        return "it removes the guard's programs" if gone else None
    if name in _CLIENTS:
        verbs = plain_words(words[1:])
        ours = any(_SERVER.fullmatch(word) for word in verbs[2:]) or "reset-project-choices" in verbs[1:2]
        registers = verbs[:1] in (["mcp"], ["plugin"], ["plugins"], ["extensions"]) and _REGISTERS & set(verbs[1:2])
        return "it takes the guard out of the client" if registers and ours else None
    return _stops(name, words) if name in ("kill", "pkill", "killall", "skill") else None


def _own(words: Sequence[str]) -> str | None:
    if _HELP & set(words[1:]):
        return None
    verbs = plain_words(words[1:])
    if verbs[:1] == ["answer-hook"]:
        return "only a client and git's hooks run it"
    if verbs[:1] == ["init"] and "--remove" in words:
        return "it takes the guard out of the client"
    if verbs[:1] == ["doctor"] and "--repair" in words:
        return "what is repaired is a human's decision"
    return _HUMANS.get("".join(verbs[:1])) or _HUMANS.get(" ".join(verbs[:2]))


def _stops(name: str, words: Sequence[str]) -> str | None:
    given = plain_words(words[1:], ("-s", "-n", "-u", "-U", "-g", "-P", "--signal", "--user"))
    if name == "kill":
        stops = any(_NAME.fullmatch(word) for word in given)
    elif name == "pkill" or {"-r", "--regexp"} & set(words):
        stops = any(names_processes(word) for word in given)
    else:
        stops = any(word in _PROCESSES for word in given)
    return "it stops the guard's own processes" if stops else None


def names_processes(pattern: str) -> bool:
    """Whether `pgrep` with a pattern finds the guard's own processes."""
    if re.search(r"safe.{0,3}rollback", pattern):
        return True
    try:
        return any(re.search(pattern, one) for one in _PROCESSES)
    except re.error:
        return True
