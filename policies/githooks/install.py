"""Puts the scripts in, in front of what stands there, and takes them out with nothing left behind."""

import contextlib
import os

from ...core.errors import DamagedError, InvalidInputError
from ...core.files import write_atomically
from ...core.text import show_path
from ...core.workspace import Workspace
from .installed import SETTING, Installed, common_hooks, forget, load, located, save, scope_of
from .scripts import HOOKS, SUFFIX

# Asked for by any commit, merge or checkout: a tool may add one of them to its directory later.
_PASSED_ON = (
    "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-merge-commit", "prepare-commit-msg", "post-commit",
    "pre-rebase", "post-checkout", "post-merge", "post-rewrite", "pre-auto-gc", "sendemail-validate",
)  # fmt: skip
# These change what git does by standing there at all, so they are passed on only if they stand now.
_IF_PRESENT = (
    "pre-receive", "update", "proc-receive", "post-receive", "post-update", "push-to-checkout", "post-index-change",
    "p4-changelist", "p4-prepare-changelist", "p4-post-changelist", "p4-pre-submit",
)  # fmt: skip
_RENAMED = ("", ".legacy", ".old")
"""What pre-commit and lefthook rename a hook with that stands where they put theirs."""


def install(workspace: Workspace) -> Installed:
    """Put the scripts in; an installation that is there already is made anew.

    Raises:
        InvalidInputError: if what stands there leaves no way in.
    """
    with workspace.repository_lock("install hooks"):
        if load(workspace) is not None:
            _take_out(workspace)
        scope = scope_of(workspace.configuration)
        if scope == "worktree":
            raise InvalidInputError(
                f"{SETTING} is set for this worktree only.",
                hint=f"Move it: git config --local {SETTING} <path>, and git config --worktree --unset {SETTING}.",
            )
        if scope or os.path.islink(common_hooks(workspace)):
            return _own(workspace, scope)
        return _beside(workspace)


def remove(workspace: Workspace) -> list[str]:
    """Take the scripts out and put back what was there; sentences about what a human has to look at.

    Raises:
        InvalidInputError: if none are installed.
    """
    with workspace.repository_lock("remove hooks"):
        if load(workspace) is None:
            raise InvalidInputError("No hooks of safe-rollback are installed here.", hint="There is nothing to do.")
        return _take_out(workspace)


def _beside(workspace: Workspace) -> Installed:
    folder = common_hooks(workspace)
    for name in HOOKS:
        if os.path.lexists(os.path.join(folder, name + SUFFIX)):
            raise InvalidInputError(
                f"{show_path(os.path.join(folder, name + SUFFIX))} stands there from before.",
                hint=f"It was the hook {name}. Move it back or away, then try again.",
            )
    installed = Installed(place="beside", names=HOOKS, made_folder=not os.path.isdir(folder))
    save(workspace, installed)
    os.makedirs(folder, exist_ok=True)
    for name in HOOKS:
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            os.rename(path, path + SUFFIX)
        write_atomically(path, installed.script(name), mode=0o755)
    return installed


def _own(workspace: Workspace, scope: str) -> Installed:
    value = workspace.configuration.get(SETTING) if scope else common_hooks(workspace)
    if not value:
        raise InvalidInputError(f"{SETTING} is empty.", hint=f"Remove it: git config --unset {SETTING}.")
    earlier = os.path.expanduser(value)
    there = [name for name in _IF_PRESENT if os.path.exists(os.path.join(located(workspace, earlier), name))]
    before = _config(workspace)
    shown = before.decode("latin-1")
    names = (*HOOKS, *_PASSED_ON, *there)
    installed = Installed(place="own", names=names, earlier=earlier, scope=scope, config_before=shown)
    save(workspace, installed)
    folder = installed.folder(workspace)
    os.makedirs(folder, exist_ok=True)
    for name in names:
        write_atomically(os.path.join(folder, name), installed.script(name), mode=0o755)
    workspace.repository.git.run("config", "--local", "--replace-all", SETTING, folder)
    installed = Installed(
        place="own",
        names=names,
        earlier=earlier,
        scope=scope,
        config_before=shown,
        config_after=_config(workspace).decode("latin-1"),
    )
    save(workspace, installed)
    return installed


def _take_out(workspace: Workspace) -> list[str]:
    installed = load(workspace)
    if installed is None:
        raise DamagedError("The record of the hooks does not read.", hint="Look at `safe-rollback hooks status`.")
    said = _out_of_own(workspace, installed) if installed.place == "own" else _out_of_shared(workspace, installed)
    forget(workspace)
    return said


def _out_of_shared(workspace: Workspace, installed: Installed) -> list[str]:
    folder, said = installed.folder(workspace), []
    for name in installed.names:
        before = os.path.join(folder, name + SUFFIX)
        places = [os.path.join(folder, name + suffix) for suffix in _RENAMED]
        ours = [path for path in places if _content(path) == installed.script(name)]
        for path in ours:
            os.unlink(path)
        # Where ours was renamed by another tool, the hook before ours goes where that tool would have put it.
        target = next((path for path in (*ours, places[0]) if not os.path.lexists(path)), None)
        if not os.path.lexists(before):
            if not ours and os.path.lexists(places[0]):
                said.append(f"{show_path(places[0])} is not ours any more; it stays.")
        elif target is not None:
            os.rename(before, target)
        else:
            said.append(f"{show_path(places[0])} is not ours any more; it stays, and so does {show_path(before)}.")
    if installed.made_folder:
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    return said


def _out_of_own(workspace: Workspace, installed: Installed) -> list[str]:
    folder, said = installed.folder(workspace), []
    now = _config(workspace)
    if installed.config_after and now == installed.config_after.encode("latin-1"):
        path = os.path.join(workspace.repository.common_dir, "config")
        write_atomically(path, installed.config_before.encode("latin-1"), mode=os.stat(path).st_mode & 0o7777)
    elif workspace.configuration.get(SETTING) != folder:
        said.append(f"{SETTING} does not name our hooks any more; it stays as it is.")
    elif installed.scope == "local":
        workspace.repository.git.run("config", "--local", SETTING, installed.earlier)
    else:
        workspace.repository.git.run("config", "--local", "--unset-all", SETTING)
    for name in installed.names:
        path = os.path.join(folder, name)
        if _content(path) == installed.script(name):
            os.unlink(path)
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        pass
    except OSError:
        said.append(f"{show_path(folder)} holds files that are not ours; they stay.")
    return said


def _config(workspace: Workspace) -> bytes:
    return _content(os.path.join(workspace.repository.common_dir, "config")) or b""


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, IsADirectoryError):
        return None
