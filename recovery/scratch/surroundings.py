"""The environment in which a check works on a scratch worktree and not, unnoticed, on the user's.

A Python environment in which the project is installed editable imports it from the user's worktree, wherever pytest
is started: what PYTHONPATH names comes before that.
"""

import ast
import glob
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence

from ...core.gate.environment import scrubbed

_MAPPING = re.compile(rb"^MAPPING(?:\s*:[^=\n]*)?\s*=\s*(\{[^{}]*\})", re.MULTILINE)
_CAP = 1 << 20
_SITES = ("lib/python*/site-packages", "lib/python*/dist-packages", "versions/*/lib/python*/site-packages")


def surroundings(root: str, directory: str, linked: Sequence[str]) -> dict[str, str]:
    """Variables to set on top of this process's.

    Args:
        root: the user's worktree.
        directory: the scratch worktree.
        linked: dependency folders that stand in both.
    """
    now = scrubbed()
    changed = {
        name: moved
        for name, value in now.items()
        if root in value and (moved := ":".join(_moved(part, root, directory) for part in value.split(":"))) != value
    }
    if any(os.path.exists(os.path.join(root, path, "pyvenv.cfg")) for path in linked):
        # `uv run` would install the project anew from here, into the user's environment behind the link.
        changed["UV_NO_SYNC"] = "1"
    paths = [os.path.join(directory, path) for path in _editable(root, linked, now)]
    paths = [path for path in dict.fromkeys(map(os.path.normpath, paths)) if os.path.isdir(path)]
    if paths:
        before = changed.get("PYTHONPATH", now.get("PYTHONPATH", ""))
        changed["PYTHONPATH"] = ":".join([*paths, *([before] if before else [])])
    return changed


def _moved(part: str, root: str, directory: str) -> str:
    """A path of the user's worktree as the one here, if that exists."""
    if part != root and not part.startswith(f"{root}/"):
        return part
    here = directory + part[len(root) :]
    return here if os.path.lexists(here) else part


def _editable(root: str, linked: Sequence[str], env: Mapping[str, str]) -> Iterator[str]:
    """Directories of the user's worktree that Python environments import from, relative to its root."""
    for site in sorted({os.path.realpath(one) for one in _sites(root, linked, env)}):
        for file in sorted(glob.glob(os.path.join(glob.escape(site), "*.pth"))):
            lines = os.fsdecode(_read(file)).splitlines()
            yield from _below(root, [line.strip() for line in lines if not line.startswith("import")])
        for file in sorted(glob.glob(os.path.join(glob.escape(site), "__editable__*_finder.py"))):
            yield from _below(root, _mapped(_read(file)))


def _sites(root: str, linked: Sequence[str], env: Mapping[str, str]) -> Iterator[str]:
    prefixes = [os.path.join(root, path) for path in linked]
    prefixes += [env[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if env.get(name)]
    prefixes.append(os.path.join(os.path.expanduser("~"), ".local"))
    for program in ("python3", "python"):
        found = shutil.which(program, path=env.get("PATH"))
        if found is not None:
            prefixes.append(os.path.dirname(os.path.dirname(found)))
    for prefix in dict.fromkeys(prefixes):
        for pattern in _SITES:
            yield from glob.glob(os.path.join(glob.escape(prefix), pattern))


def _mapped(code: bytes) -> list[str]:
    """Where the finder that setuptools writes takes packages from: the directories they are in."""
    found = _MAPPING.search(code)
    try:
        mapping = ast.literal_eval(os.fsdecode(found[1])) if found else {}
    except (ValueError, SyntaxError):
        return []
    return [
        os.path.dirname(path)
        for name, path in mapping.items()
        if isinstance(name, str) and isinstance(path, str) and os.path.basename(path).partition(".")[0] == name
    ]


def _below(root: str, paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        real = os.path.realpath(path) if os.path.isabs(path) else ""
        if real == root or real.startswith(f"{root}/"):
            yield os.path.relpath(real, root)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_CAP)
    except OSError:
        return b""
