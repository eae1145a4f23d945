"""Package managers: dependencies, publishing, and the programs they start."""

from collections.abc import Sequence

from ..effects import Effect
from .command import Command, Program
from .outcome import Verbs, by_verb, outcome, reads
from .projectscripts import script_effects

_INSTALL = ("package.install", "it changes dependencies")
_PUBLISH = ("publish.release", "it publishes")
_WITHDRAW = ("publish.delete", "it withdraws what is published")
_LOOK = ("state.read", "it only looks")
_RUN = ("unknown", "it runs code of the project, which is not followed")
_WRITE = ("file.write", "it writes files of the project")
_CACHE = ("cache.purge", "it empties a cache")
_SETTING = ("service.change", "it changes settings outside the project")

_CHANGES = ("install", "i", "ci", "add", "remove", "rm", "r", "un", "uninstall", "update", "up", "upgrade", "dedupe",
            "prune", "rebuild", "link", "unlink", "audit fix", "fix", "lock", "sync", "require", "autoremove",
            "purge",
            "get", "import", "self-update", "reinstall", "tap", "untap", "full-upgrade", "dist-upgrade",
            "fetch")  # fmt: skip
_LOOKS = ("ls", "list", "view", "info", "show", "outdated", "audit", "why", "explain", "search", "freeze", "check",
"tree",
          "root", "bin", "prefix", "config", "config get", "config list", "whoami", "ping", "fund", "doctor", "debug",
          "index", "metadata", "pkgid", "deps", "leaves", "policy", "licenses", "diff", "env", "version", "vet",
          "doc",
          "hash", "inspect", "status", "describe", "depends", "showpkg")  # fmt: skip
_COMMON: Verbs = {
    **dict.fromkeys(_LOOKS, _LOOK),
    **dict.fromkeys(_CHANGES, _INSTALL),
    "publish": _PUBLISH,
    "unpublish": _WITHDRAW,
    "deprecate": _WITHDRAW,
    "yank": _WITHDRAW,
    "run": _RUN,
    "run-script": _RUN,
    "test": _RUN,
    "t": _RUN,
    "start": _RUN,
    "build": _RUN,
    "init": _WRITE,
    "new": _WRITE,
    "create": _RUN,
    "pack": _WRITE,
    "cache clean": _CACHE,
    "cache clear": _CACHE,
    "cache purge": _CACHE,
    "store prune": _CACHE,
    "config set": _SETTING,
    "config delete": _SETTING,
    "login": _SETTING,
    "logout": _SETTING,
    "dist-tag": _PUBLISH,
    "owner": _SETTING,
    "token": _SETTING,
    "access": _SETTING,
}
_CARGO: Verbs = {
    **_COMMON,
    **dict.fromkeys(("build", "b", "test", "bench", "r", "check", "c", "clippy", "doc", "nextest", "llvm-cov"), _RUN),
    **dict.fromkeys(("fmt", "fix"), _WRITE),
    "clean": ("file.write", "it deletes build output"),
}
_GO: Verbs = {
    **_COMMON,
    **dict.fromkeys(("generate", "tool"), _RUN),
    **dict.fromkeys(("fmt", "mod tidy", "mod init", "mod vendor", "mod edit", "work"), _WRITE),
    "mod download": _INSTALL,
    "clean": _CACHE,
}
# Words after which a manager starts a program, with the manager's own options in between.
_STARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "npm": (("exec",), ("x",)),
    "yarn": (("exec",), ("dlx",)),
    "pnpm": (("exec",), ("dlx",)),
    "bun": (("x",),),
    "npx": ((),),
    "bunx": ((),),
    "pnpx": ((),),
    "uv": (("run",), ("tool", "run")),
    "uvx": ((),),
    "pipx": (("run",),),
    "poetry": (("run",),),
    "pipenv": (("run",),),
    "pdm": (("run",),),
    "rye": (("run",),),
    "hatch": (("run",),),
    "conda": (("run",),),
    "mise": (("exec",), ("x",)),
    "asdf": (("exec",),),
    "bundle": (("exec",),),
    "composer": (("exec",),),
}
_OPTION_VALUES = ("-p", "--package", "--with", "--from", "--python", "-n", "--name", "--env-file", "--extra",
"--group",
                  "--directory", "--project", "-C", "--dir", "--prefix", "-w", "--workspace", "--filter",
                  "-F")  # fmt: skip


def _started(command: Command) -> list[Effect] | None:
    """What the program it starts does; None if it starts none."""
    name = command.words[0].rpartition("/")[2].lower()
    words = _without_options(command.words[1:])
    for leading in _STARTS.get(name, ()):
        if tuple(words[: len(leading)]) != leading:
            continue
        argv = _without_options(words[len(leading) :])
        if name == "mise" and "--" in argv:
            # Tools to use stand before it.
            argv = argv[argv.index("--") + 1 :]
        if name in ("npm", "npx") and (asked := _line(command)) is not None:
            return command.line(asked, command.context)
        if not argv:
            return None
        return command.call([argv[0].partition("@")[0] or argv[0], *argv[1:]], command.context)
    return None


def _line(command: Command) -> str | None:
    """What `npm exec -c <line>` gives to a shell."""
    for at, word in enumerate(command.words[1:-1], start=1):
        if word in ("-c", "--call"):
            return command.words[at + 1]
        if not word.startswith("-") and word not in ("exec", "x"):
            return None
    return None


def _without_options(words: Sequence[str]) -> list[str]:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option == "--":
            break
        if option in _OPTION_VALUES and rest:
            rest.pop(0)
    return rest


def _manager(verbs: Verbs = _COMMON, otherwise: tuple[str, str] | None = None) -> Program:
    judge = by_verb(verbs, values=_OPTION_VALUES, otherwise=otherwise)

    def program(command: Command) -> list[Effect]:
        if len(command.words) == 1 and otherwise is None:
            return reads(command, "it shows help")
        if (released := _released(command)) is not None:
            return released
        started = _started(command)
        return [*judge(command), *script_effects(command)] if started is None else started

    return program


def _released(command: Command) -> list[Effect] | None:
    """`npm version patch` writes, commits and tags; None if it is something else."""
    words = _without_options(command.words[1:])
    asked = words[:1] == ["version"] and len(words) > 1 and not words[1].startswith("-")
    if not asked or command.words[0].rpartition("/")[2] not in ("npm", "yarn", "pnpm"):
        return None
    if "--no-git-tag-version" in command.words:
        return outcome(command, *_WRITE)
    commit = command.call(["git", "commit", "-m", words[1], "package.json"], command.context)
    return [*outcome(command, *_WRITE), *commit, *command.call(["git", "tag", "v"], command.context)]


def _yarn(command: Command) -> list[Effect]:
    # A bare `yarn` installs; a word it does not know is a script of the project.
    if len(command.words) == 1:
        return [*outcome(command, *_INSTALL), *script_effects(command)]
    return _manager(otherwise=_RUN)(command)


def _uv(command: Command) -> list[Effect]:
    if list(command.words[1:2]) == ["pip"]:
        return command.call(["pip", *command.words[2:]], command.context)
    return _manager({**_COMMON, "tool install": _INSTALL, "tool": _LOOK, "venv": _WRITE, "python": _INSTALL})(command)


_APT: Verbs = {**_COMMON, "clean": _CACHE, "autoclean": _CACHE}
PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(("npm", "pnpm", "bundle", "pdm", "rye", "hatch", "pipenv", "poetry", "composer", "pipx"),
    _manager()),
    "yarn": _yarn,
    **dict.fromkeys(("npx", "bunx", "pnpx", "uvx"), _manager(otherwise=_RUN)),
    "uv": _uv,
    **dict.fromkeys(("pip", "pip3", "pip2"), _manager({**_COMMON, "download": _INSTALL, "wheel": _WRITE})),
    **dict.fromkeys(("conda", "mamba", "micromamba"), _manager({**_COMMON, "clean": _CACHE, "activate": _LOOK})),
    "cargo": _manager(_CARGO),
    "go": _manager(_GO),
    "gem": _manager({**_COMMON, "push": _PUBLISH}),
    "twine": by_verb({"upload": _PUBLISH, "check": _LOOK}),
    "rustup": _manager({**_COMMON, "target": _INSTALL, "component": _INSTALL, "default": _INSTALL,
    "toolchain": _INSTALL}),
    "dotnet": _manager({**_COMMON, "nuget push": _PUBLISH, "nuget delete": _WITHDRAW, "restore": _INSTALL}),
    "flutter": _manager({**_COMMON, "pub": _INSTALL}),
    "corepack": _manager({"enable": _INSTALL, "prepare": _INSTALL, "use": _INSTALL}),
    **dict.fromkeys(("nvm", "pyenv", "rbenv", "asdf", "mise", "volta", "fnm"), _manager({**_COMMON, "use": _LOOK,
                    "global": _SETTING, "local": _WRITE})),
    **dict.fromkeys(("apt", "apt-get", "apt-cache", "dnf", "yum", "apk", "brew", "port", "zypper", "snap", "choco",
                     "winget", "scoop"), _manager(_APT)),
    "pacman": lambda command: outcome(command, *_INSTALL),
    "dpkg": lambda command: outcome(command,
    *(_LOOK if "-l" in command.words or "-L" in command.words else _INSTALL)),
}  # fmt: skip
"""Programs by name."""
