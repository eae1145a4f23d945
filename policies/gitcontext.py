"""What command analysis may ask about a workspace."""

import os
from collections.abc import Mapping
from functools import lru_cache

from ..core.errors import InvalidInputError
from ..core.gate.refs import head_branch, list_refs, resolve
from ..core.workspace import Workspace
from .packagejson import scripts_at
from .shell.context import Context

_KNOWN = ("HOME", "TMPDIR", "TMP", "TEMP", "USER")


def context_of(workspace: Workspace, directory: str = "", environ: Mapping[str, str] | None = None) -> Context:
    """Aliases, settings, revisions, files and the branch of a workspace.

    Args:
        workspace: the workspace.
        directory: where the command runs, from the root.
        environ: the environment it runs in, by default this process's.
    """
    variables = os.environ if environ is None else environ
    root, internals = os.path.realpath(workspace.root), os.path.realpath(workspace.repository.common_dir)

    def is_revision(word: str) -> bool:
        if word.startswith("-"):
            return False
        try:
            resolve(workspace.repository, word)
        except InvalidInputError:
            return False
        return True

    def is_remote_branch(word: str) -> bool:
        refs = list_refs(workspace.repository, "refs/remotes/")
        # refs/remotes/<remote>/<branch>; a remote's own name may hold slashes, a branch's may too.
        return any(ref.name.removeprefix("refs/remotes/").partition("/")[2] == word for ref in refs)

    def exists(path: str) -> bool:
        whole = os.path.join(root, path)
        real = os.path.realpath(whole)
        # A link that leads out of the worktree, or to git's own files, must not make either look new.
        led_away = not _is_below(root, real) or _is_below(internals, real)
        return led_away or os.path.lexists(whole)

    def holds_checkpoints(word: str) -> bool:
        try:
            revision = word if word == "--branches" else resolve(workspace.repository, word)
        except InvalidInputError:
            return False
        # Checkpoints have our identity and, unlike a revert made without a configured one, no trailer of ours.
        form = ("--committer=safe-rollback@localhost", "--format=x%(trailers:only,unfold,separator=%x2C)")
        lines = workspace.repository.git.out("log", *form, revision, "--not", "--remotes").splitlines()
        return any("Safe-Rollback-" not in line for line in lines)

    branch = head_branch(workspace.repository)
    known = Context(
        is_revision=is_revision,
        holds_checkpoints=holds_checkpoints,
        is_remote_branch=is_remote_branch,
        branch=None if branch is None else branch.removeprefix("refs/heads/"),
        root=root,
        directory=directory,
        exists=exists,
        is_directory=lambda path: os.path.isdir(path) and not os.path.islink(path),
        internals=_internals(workspace, internals),
        scripts=lru_cache(maxsize=8)(lambda place: scripts_at(root, place)),
        variables={
            **{name: variables[name] for name in _KNOWN if name in variables},
            "PWD": os.path.join(root, directory),
        },
    )
    return known.having((one.key.lower(), one.value) for one in workspace.configuration.settings)


def _internals(workspace: Workspace, common: str) -> list[str]:
    """Git's own directories, what stands in for them, and where the guard keeps what a human allowed."""
    found = [common, os.path.realpath(workspace.repository.git_dir), os.path.join(workspace.root, ".git")]
    hooks = workspace.configuration.get("core.hooksPath")
    if hooks:
        found.append(os.path.normpath(os.path.join(workspace.root, os.path.expanduser(hooks))))
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    found.append(os.path.join(state, "safe-rollback"))
    # The program itself; a development tree of it is an ordinary repository.
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if not _is_below(os.path.realpath(workspace.root), os.path.realpath(package)):
        found.append(package)
    return list(dict.fromkeys(found))


def _is_below(folder: str, path: str) -> bool:
    return os.path.commonpath([folder, path]) == folder
