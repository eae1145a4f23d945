"""Whether the installed scripts still run: other tools put theirs in the same place."""

import os
import shutil
from collections.abc import Iterator
from typing import Literal

from ...core.records import dataclass
from ...core.text import show_path
from ...core.workspace import Workspace
from .installed import SETTING, Installed, hooks_in_use, load
from .scripts import HOOKS, PROGRAM

_AGAIN = "Run `safe-rollback hooks install` again: it goes in front of what stands there."


@dataclass(frozen=True, kw_only=True)
class HookState:
    """One hook of ours, or what is wrong with all of them.

    Attributes:
        name: the hook; `core.hooksPath` or the program if it is about all.
        state: `active` runs; `bypassed`, `missing`, `replaced` and `changed` do not.
        detail: what was found.
        instead: what to do.
    """

    name: str
    state: Literal["active", "bypassed", "missing", "replaced", "changed"]
    detail: str
    instead: str = ""


def status(workspace: Workspace) -> list[HookState]:
    """What git would run; empty if nothing was installed."""
    installed = load(workspace)
    return [] if installed is None else [*_all(workspace, installed), *_each(workspace, installed)]


def _all(workspace: Workspace, installed: Installed) -> Iterator[HookState]:
    folder, used = installed.folder(workspace), hooks_in_use(workspace)
    if os.path.realpath(folder) != os.path.realpath(used):
        yield HookState(
            name=SETTING,
            state="bypassed",
            detail=f"git takes hooks from {show_path(used)} now, so ours do not run",
            instead=_AGAIN,
        )
    if shutil.which(PROGRAM) is None:
        yield HookState(
            name=PROGRAM,
            state="missing",
            detail="it is not on PATH, so nothing is checked",
            instead="Install safe-rollback where every shell finds it, with pipx for example.",
        )


def _each(workspace: Workspace, installed: Installed) -> Iterator[HookState]:
    folder = installed.folder(workspace)
    for name in HOOKS:
        path = os.path.join(folder, name)
        content, script = _read(path), installed.script(name)
        if content == script:
            if os.access(path, os.X_OK):
                yield HookState(name=name, state="active", detail=show_path(path))
            else:
                yield HookState(name=name, state="changed", detail="it cannot be executed", instead=_AGAIN)
        elif content is None:
            yield HookState(name=name, state="missing", detail=f"{show_path(path)} is gone", instead=_AGAIN)
        elif _read(f"{path}.legacy") == script and b"pre-commit" in content:
            yield HookState(
                name=name, state="active", detail=f"{show_path(path)}.legacy, which pre-commit calls first"
            )
        elif _read(f"{path}.old") == script:
            detail = f"another tool renamed ours to {name}.old, which nothing calls"
            yield HookState(name=name, state="replaced", detail=detail, instead=_AGAIN)
        else:
            detail = f"{show_path(path)} is not what was installed"
            yield HookState(name=name, state="changed", detail=detail, instead=_AGAIN)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
