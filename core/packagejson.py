"""The scripts of a package.json, and which of them `npm run` and its like would start."""

import json
import shlex
from collections.abc import Mapping, Sequence

from .records import dataclass

FILE = "package.json"
MAX_BYTES = 1 << 20
"""A larger file is not read in passing."""

_VERBS = {
    "npm": ("run", "run-script", "rum", "urn"),
    "yarn": ("run",),
    "pnpm": ("run", "run-script"),
    "bun": ("run",),
}
# Words that start a script by themselves.
_NAMES = {
    "npm": {"test": "test", "tst": "test", "t": "test", "start": "start", "stop": "stop", "restart": "restart"},
    "pnpm": {"t": "test"},
}
# Managers that take any word that is no command of theirs for a script's name.
_OPEN = frozenset({"yarn", "pnpm", "bun"})
_OWN = frozenset(
    [
        "add",
        "audit",
        "bin",
        "bugs",
        "cache",
        "check",
        "ci",
        "clean",
        "config",
        "create",
        "dedupe",
        "deprecate",
        "dlx",
        "docs",
        "doctor",
        "env",
        "exec",
        "explain",
        "fetch",
        "fund",
        "global",
        "help",
        "hash",
        "i",
        "import",
        "info",
        "init",
        "install",
        "it",
        "link",
        "list",
        "login",
        "logout",
        "ls",
        "ll",
        "node",
        "npm",
        "outdated",
        "owner",
        "pack",
        "patch",
        "ping",
        "pkg",
        "plugin",
        "pm",
        "policies",
        "prefix",
        "prune",
        "publish",
        "rb",
        "rebuild",
        "remove",
        "repl",
        "rm",
        "root",
        "search",
        "server",
        "set",
        "setup",
        "show",
        "store",
        "tag",
        "team",
        "token",
        "un",
        "uninstall",
        "unlink",
        "unplug",
        "unpublish",
        "up",
        "update",
        "upgrade",
        "upgrade-interactive",
        "version",
        "versions",
        "view",
        "whoami",
        "why",
        "workspace",
        "workspaces",
        "x",
    ]
)
INSTALL = "install"
"""What installing what the file lists runs, in place of a script: those of its life cycle."""

_INSTALLS = frozenset({"install", "i", "ci", "clean-install", "install-clean"})
_LIFE_CYCLE = ("preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare")
_OWN_OF = {"bun": frozenset({"test", "build"})}
_DIRECTORY = ("--prefix", "-C", "--dir", "--cwd")
_VALUES = ("--loglevel", "--reporter", "--shell", "--script-shell", "--env-file", "--use-node-version")
# Several packages, or another one that is looked up by its name.
_OTHERS = ("-w", "--workspace", "--workspaces", "-ws", "-r", "--recursive", "--filter", "-F", "--filter-prod")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A script that is to be started.

    Attributes:
        name: the script's.
        directory: where the package is looked for, as the command names it; empty for where it runs.
        arguments: what the script is given besides.
    """

    name: str
    directory: str
    arguments: Sequence[str]


def asked(argv: Sequence[str]) -> Asked | None:
    """The script that a command would start; None if it starts none, or those of several packages."""
    manager = argv[0].rpartition("/")[2].lower() if argv else ""
    if manager not in _VERBS:
        return None
    directory, name, verb = "", "", ""
    words, arguments = list(argv[1:]), list[str]()
    while words:
        word = words.pop(0)
        option, equals, value = word.partition("=")
        if name and (word == "--" or manager != "npm"):
            # npm takes options for its own to this place, the others only before the name.
            arguments += [one for one in (word, *words) if one != "--"]
            break
        if option in _OTHERS:
            return None
        if option in _DIRECTORY and (equals or words):
            directory = value if equals else words.pop(0)
        elif word in _VALUES and words:
            words.pop(0)
        elif word.startswith("-"):
            continue
        elif name:
            arguments.append(word)
        elif not verb and word in _VERBS[manager]:
            verb = word
        else:
            name = word if verb else _named(manager, word)
            if not name and (word not in _INSTALLS or any(not one.startswith("-") for one in words)):
                return None
            name = name or INSTALL
    if not name and not verb and manager == "yarn" and all(one.startswith("-") for one in argv[1:]):
        name = "" if {"--help", "-h", "--version", "-v"} & set(argv[1:]) else INSTALL
    if name == INSTALL and not verb and "--ignore-scripts" in argv:
        return None  # a script that is named runs all the same
    return Asked(name=name, directory=directory, arguments=arguments) if name else None


def _named(manager: str, word: str) -> str:
    """The script that a word stands for without `run`; empty if it is a command of the manager."""
    if manager in _OPEN and word not in _OWN | _OWN_OF.get(manager, frozenset()):
        return _NAMES.get(manager, {}).get(word, word)
    return _NAMES.get(manager, {}).get(word, "")


def lines(scripts: Mapping[str, str], script: Asked) -> list[str]:
    """The shell lines that are run, in their order: what prepares it, the script with its arguments, what follows.

    An argument that is not known (it holds a NUL) stands as it is; the others are quoted.
    """
    if script.name == INSTALL and not script.arguments:
        return [line for name in _LIFE_CYCLE if (line := scripts.get(name, "").strip())]
    if script.name not in scripts:
        return []
    given = " ".join(word if "\0" in word else shlex.quote(word) for word in script.arguments)
    around = (scripts.get(f"pre{script.name}"), f"{scripts[script.name]} {given}", scripts.get(f"post{script.name}"))
    return [line.strip() for line in around if line and line.strip()]


def scripts_in(data: bytes) -> dict[str, str] | None:
    """The scripts of a package.json by their names; None if it does not read."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return None
    scripts = said.get("scripts") if isinstance(said, dict) else None
    if not isinstance(scripts, dict):
        return {}
    return {name: text for name, text in scripts.items() if isinstance(text, str)}
