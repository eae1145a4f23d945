"""What a repository could make git run, as exact texts a human can trust."""

import hashlib
import os
import re

from ..core.gate.config import Setting
from ..core.late import late
from ..core.records import dataclass
from ..core.workspace import Workspace
from .githooks.installed import Installed, called, hooks_in_use, is_ours, load, located
from .shell.settings import RUNS_PROGRAM

_HOOKS_PATH = "core.hookspath"
_HOOK_COMMAND = late(r"hook\..*\.command", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A hook that stands in the repository, read once: what is shown is what is trusted.

    Attributes:
        name: its event.
        path: where it stands, absolute.
        content: its bytes.
    """

    name: str
    path: str
    content: bytes

    @property
    def text(self) -> str:
        """What a human's trust is in: `hook <name> sha256:<content>`."""
        return f"hook {self.name} sha256:{hashlib.sha256(self.content).hexdigest()}"


def configured_code(workspace: Workspace) -> list[str]:
    """Settings of the repository's own configuration that make git run a program, as `key=value`."""
    found = []
    for one in workspace.configuration.from_repository():
        runs = RUNS_PROGRAM.fullmatch(one.key) or _HOOK_COMMAND.fullmatch(one.key)
        alias = one.key.lower().startswith("alias.") and one.value.startswith("!")
        harmless = one.key.lower() == "core.fsmonitor" and one.value.lower() in ("true", "false")
        if (runs or alias) and not harmless:
            found.append(f"{one.key}={one.value}")
    return found


def hooks(workspace: Workspace) -> list[str]:
    """Hooks that stand in the repository, as texts a human can trust."""
    return [one.text for one in standing_hooks(workspace)]


def standing_hooks(workspace: Workspace) -> list[Hook]:
    """Hooks that stand in the repository and that git would run.

    A hooks directory that the user's own configuration names is the user's, and not listed.
    """
    setting = next(
        (one for one in reversed(workspace.configuration.settings) if one.key.lower() == _HOOKS_PATH), None
    )
    if setting is not None and _is_users(setting):
        return []
    folder, installed = hooks_in_use(workspace), load(workspace)
    found = _standing(folder, installed)
    if installed is not None and installed.place == "own" and folder == installed.folder(workspace):
        # Ours call those of the directory that was in use before; the record does not say whose that is.
        users = {os.path.expanduser(one.value) for one in workspace.configuration.settings if _is_users(one)}
        if installed.earlier not in users:
            found += _standing(located(workspace, installed.earlier), None)
    return found


def _is_users(setting: Setting) -> bool:
    return setting.key.lower() == _HOOKS_PATH and setting.scope not in ("local", "worktree")


def _standing(folder: str, installed: Installed | None) -> list[Hook]:
    found = []
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    for name in names:
        path = os.path.join(folder, name)
        if name.endswith(".sample") or not os.path.isfile(path) or not os.access(path, os.X_OK):
            continue
        with open(path, "rb") as file:
            content = file.read()
        if not is_ours(installed, name, content):
            # One that made room for ours is the same text as before.
            found.append(Hook(name=called(name), path=path, content=content))
    return found
