"""The environment git runs in: nothing inherited that could redirect or run anything."""

import os
from collections.abc import Mapping

# Variables besides GIT_* that make git or its children run a program.
_RUNS_PROGRAMS = frozenset({"EDITOR", "VISUAL", "PAGER", "SSH_ASKPASS", "LESSOPEN", "LESSCLOSE"})

_SILENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_EDITOR": "false",
    "GIT_SEQUENCE_EDITOR": "false",
    "GIT_PAGER": "cat",
    "GIT_ADVICE": "0",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}

_HARDENED = {
    **_SILENT,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    # A plain `git status` rewrites the user's index otherwise.
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    # Empty: no transport at all, so a hostile URL or promisor remote cannot start one.
    "GIT_ALLOW_PROTOCOL": "",
}


def scrubbed(source: Mapping[str, str] | None = None) -> dict[str, str]:
    """`source` (default: this process's environment) without GIT_* and program-running variables.

    An inherited GIT_INDEX_FILE corrupted users' indexes in other tools; GIT_DIR disables
    git's own owner check.
    """
    variables = os.environ if source is None else source
    return {
        name: value for name, value in variables.items() if not name.startswith("GIT_") and name not in _RUNS_PROGRAMS
    }


def hardened(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for our own plumbing: no user or system configuration, no network, no prompts."""
    return {**scrubbed(), **_HARDENED, **(extra or {})}


def users(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a git command run on the user's behalf: their configuration, no prompts."""
    return {**scrubbed(), **_SILENT, **(extra or {})}


def scrub_process() -> None:
    """Remove GIT_* from this process too: GitPython reads some of it directly."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
