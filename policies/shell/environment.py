"""Variables that change what git and its hooks do."""

import re
import shlex
from collections.abc import Callable, Sequence

from ...core.late import late
from ..effects import Effect
from .context import Context
from .settings import setting_effect, shell_line
from .state import State

# What hook managers take for "off": husky, lefthook, pre-commit, overcommit.
_HOOK_SWITCHES = late(
    r"HUSKY=0|HUSKY_SKIP_HOOKS=.+|LEFTHOOK=(0|false)|PRE_COMMIT_ALLOW_NO_CONFIG=.+|SKIP=.+|OVERCOMMIT_DISABLE=.+"
)
_HARMLESS = late(
    r"GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)|GIT_TERMINAL_PROMPT|GIT_OPTIONAL_LOCKS|GIT_TRACE(_.*)?|GIT_PS1_.*"
)
# Their values are lines that git gives to a shell.
_LINES = late(r"GIT_(SSH_COMMAND|EXTERNAL_DIFF|EDITOR|SEQUENCE_EDITOR|PAGER|ASKPASS|PROXY_COMMAND)")
# What git and others start if nothing says otherwise; which editor it is does not matter.
_PROGRAMS = frozenset({"EDITOR", "VISUAL", "PAGER", "SSH_ASKPASS", "BROWSER", "LESSOPEN", "PROMPT_COMMAND"})
# Files of settings that git reads instead of the user's and the machine's.
_SETTINGS = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
_KEY, _VALUE = "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"


def assigned(
    pairs: Sequence[tuple[str, str]], state: State, line: Callable[[str, Context], list[Effect]]
) -> list[Effect]:
    """What giving variables values does; git settings among them become the shell's.

    Args:
        pairs: names and values; a NUL stands for what is not known.
        state: the shell, changed.
        line: analyses a shell line.
    """
    settings: list[tuple[str, str]] = []
    effects: list[Effect] = []
    values = dict(pairs)
    for name, value in pairs:
        span = f"{name}={value}".replace("\0", "…")[:200]
        if _HOOK_SWITCHES.fullmatch(f"{name}={value}"):
            effects.append(Effect(effect="hooks.bypass", span=span, why="it switches hooks off"))
        if _LINES.fullmatch(name) and "\0" not in value:
            effects += line(value, state.here())
        elif name in _PROGRAMS and "\0" not in value:
            effects += [one for one in line(value, state.here()) if one.effect not in ("unknown", "state.read")]
        if not name.startswith("GIT_") or _HARMLESS.fullmatch(name):
            continue
        effects.append(Effect(effect="unknown", span=span, why="it changes where or how git works"))
        if name.startswith(_KEY):
            following = values.get(_VALUE + name.removeprefix(_KEY))
            known = state.variables.get(_VALUE + name.removeprefix(_KEY), "\0")
            settings.append((value.lower(), known if following is None else following))
        elif name == "GIT_CONFIG_PARAMETERS":
            settings += _parameters(value)
        if name.startswith((_KEY, "GIT_CONFIG_PARAMETERS")) and _may_set_hooks(value):
            why = "it may change which hooks run"
            effects.append(Effect(effect="hooks.bypass", span=span, why=why))
    for key, value in settings:
        effect = setting_effect(key, f"{key}={value}".replace("\0", "…"))
        effects += [] if effect is None else [effect]
        if (run := shell_line(key, value)) is not None:
            effects += line(run, state.here())
    if settings:
        state.context = state.context.having(settings)
    return effects


def _may_set_hooks(value: str) -> bool:
    """Whether what is computed in a key may make it the one for hooks."""
    if "\0" not in value:
        return False
    key = value.partition("=")[0].strip("'").lower()
    return re.fullmatch(".*".join(map(re.escape, key.split("\0"))), "core.hookspath") is not None


def foreign_settings(span: str, state: State, found: Sequence[Effect]) -> list[Effect]:
    """What a git command does whose settings a line has led elsewhere before it.

    Args:
        span: the command.
        state: the shell.
        found: what the command does.
    """
    if all(one.effect == "state.read" for one in found):
        return []
    given = {name: state.variables.get(name, "\0") for name in _SETTINGS if name in state.variables}
    given |= dict.fromkeys((name for name in _SETTINGS if name in state.computed), "\0")
    if any(value not in ("", "/dev/null") for value in given.values()):
        why = "its settings come from a file that may name other hooks"
        return [Effect(effect="hooks.bypass", span=span.replace("\0", "…")[:200], why=why)]
    moved = "HOME" in state.computed or state.variables.get("HOME") != state.context.variables.get("HOME")
    if moved or "XDG_CONFIG_HOME" in state.variables:
        return [Effect(effect="unknown", span=span.replace("\0", "…")[:200], why="its settings come from elsewhere")]
    return []


def _parameters(text: str) -> list[tuple[str, str]]:
    """The settings in git's own variable: `'key=value'` and `'key'='value'`."""
    try:
        words = shlex.split(text)
    except ValueError:
        return []
    return [
        (key.lower(), value if equals else "true") for key, equals, value in (one.partition("=") for one in words)
    ]
