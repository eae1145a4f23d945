"""Poetry's, uv's, PDM's and Pipenv's lock files."""

import re
from collections.abc import Mapping

from .documents import json_of, table
from .model import Asking, Lock, folded

_NAME = re.compile(r'^name = "([^"\n]+)"', re.MULTILINE)
_VERSION = re.compile(r'^version = "([^"\n]+)"', re.MULTILINE)


def _packages(text: str, asked: Asking) -> Mapping[str, str]:
    wanted = asked()
    found: dict[str, set[str]] = {}
    for entry in text.split("[[package]]")[1:]:
        # Tables of the package follow; older versions of Poetry sort its own keys otherwise.
        head = entry.partition("\n[")[0]
        name, version = _NAME.search(head), _VERSION.search(head)
        if name and version and folded("pypi", name[1]) in wanted:
            found.setdefault(name[1], set()).add(version[1])
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def _pipfile_lock(text: str, asked: Asking) -> Mapping[str, str]:
    data, wanted = json_of(text), asked()
    found: dict[str, str] = {}
    for section in ("default", "develop"):
        for name, value in table(data.get(section)).items():
            entry = table(value)
            if folded("pypi", name) in wanted and (version := entry.get("version") or entry.get("ref")):
                found[name] = str(version).removeprefix("==")
    return found


PYTHON_LOCK = Lock(
    ecosystem="pypi",
    names=frozenset({"poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"}),
    resolved=_packages,
    manifests=("pyproject.toml",),
)
PIPFILE_LOCK = Lock(
    ecosystem="pypi", names=frozenset({"Pipfile.lock"}), resolved=_pipfile_lock, manifests=("Pipfile",)
)
