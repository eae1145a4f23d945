"""What an installation of the scripts looks like: where they stand, and what stood there before."""

import os
from typing import Literal

from ...core.files import canonical_json, read_json, write_atomically
from ...core.gate.config import Configuration
from ...core.records import asdict, dataclass, fields
from ...core.workspace import Workspace
from .scripts import SUFFIX, script

SETTING = "core.hooksPath"
_RECORD = "hooks.json"
_FOLDER = "hooks"


@dataclass(frozen=True, kw_only=True)
class Installed:
    """An installation.

    Attributes:
        place: `beside` if the scripts stand in the repository's own hooks directory; `own` if in a
            directory of ours, because a setting named another one, or the repository's is a link.
        names: the hooks with a script.
        earlier: for `own`, the directory whose hooks are called, as git reads it.
        scope: for `own`, where that was set: system, global or local; empty if nowhere.
        made_folder: whether the hooks directory was made for the scripts.
        config_before: for `own`, the repository's configuration before, as Latin-1 text.
        config_after: and with our setting.
    """

    place: Literal["beside", "own"]
    names: tuple[str, ...]
    earlier: str = ""
    scope: str = ""
    made_folder: bool = False
    config_before: str = ""
    config_after: str = ""

    def folder(self, workspace: Workspace) -> str:
        """Where the scripts stand."""
        if self.place == "own":
            return os.path.join(workspace.state_dir, _FOLDER)
        return common_hooks(workspace)

    def script(self, name: str) -> bytes:
        """What the script of a hook has to be."""
        return script(name, os.path.join(self.earlier, name) if self.place == "own" else None)


def common_hooks(workspace: Workspace) -> str:
    """The hooks directory git uses if no setting names another."""
    return os.path.join(workspace.repository.common_dir, "hooks")


def hooks_in_use(workspace: Workspace) -> str:
    """The directory git takes hooks from now, absolute."""
    value = workspace.configuration.get(SETTING)
    return common_hooks(workspace) if value is None else located(workspace, value)


def located(workspace: Workspace, value: str) -> str:
    """The directory a value of `core.hooksPath` names; a relative one lies in each worktree."""
    return os.path.join(workspace.root, os.path.expanduser(value))


def scope_of(configuration: Configuration) -> str:
    """Where `core.hooksPath` is set; empty if nowhere."""
    return next((one.scope for one in reversed(configuration.settings) if one.key.lower() == SETTING.lower()), "")


def load(workspace: Workspace) -> Installed | None:
    """The installation on record, if there is one."""
    data = read_json(os.path.join(workspace.state_dir, _RECORD))
    if not isinstance(data, dict) or set(data) != {one.name for one in fields(Installed)}:
        return None
    return Installed(**{**data, "names": tuple(data["names"])})


def save(workspace: Workspace, installed: Installed) -> None:
    """Record an installation."""
    data = canonical_json(asdict(installed)).encode()
    write_atomically(os.path.join(workspace.state_dir, _RECORD), data)


def forget(workspace: Workspace) -> None:
    """Drop the record."""
    os.unlink(os.path.join(workspace.state_dir, _RECORD))


def is_ours(installed: Installed | None, name: str, content: bytes) -> bool:
    """Whether a hook is exactly the script we would write; one of an installation, not one that looks like it."""
    name = name.removesuffix(".legacy")
    return installed is not None and name in installed.names and content == installed.script(name)


def called(name: str) -> str:
    """The hook's own name, where it was renamed to make room for ours."""
    return name.removesuffix(SUFFIX)
