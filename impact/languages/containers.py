"""What compose files and workflows say with more than a path: builds, variables, local actions."""

import posixpath
import re

from ..model import Reference
from .environment import COMMON
from .values import Values, Where

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def scan(values: Values) -> tuple[list[Reference], set[Where], list[str]]:
    """References that take several values together, the places they took, and names of variables that are set."""
    scalars = {where: (text, line) for where, text, line in values.found}
    references, taken, variables = list[Reference](), set[Where](), dict[str, None]()
    for where, (text, line) in scalars.items():
        last = where[-1] if where else ""
        if last == "context" and where[-2:-1] == ("build",):
            dockerfile = scalars.get((*where[:-1], "dockerfile"), ("Dockerfile", 0))[0]
            references.append(_path(posixpath.join(text, dockerfile), line))
            taken |= {where, (*where[:-1], "dockerfile")}
        elif last == "build" and where[0:1] == ("services",) and len(where) == 3:
            references.append(_path(posixpath.join(text, "Dockerfile"), line))
            taken.add(where)
        elif last == "uses" and text.startswith("./"):
            references.append(Reference("path", f"action:{text}", line))
            taken.add(where)
        elif last == "$ref" or (last == "$schema" and not text.startswith("http")):
            references.append(_path(text.partition("#")[0], line))
            taken.add(where)
        if name := _variable(where, text):
            variables[name] = None
    for where, _ in values.keys:
        if len(where) > 1 and where[-2] in ("environment", "env") and _plain(where) and _NAME.match(str(where[-1])):
            variables[str(where[-1])] = None
    found = [one for one in references if one.target]
    return found, taken, [one for one in variables if one not in COMMON]


def _path(target: str, line: int) -> Reference:
    return Reference("path", posixpath.normpath(target) if target else "", line)


def _plain(where: Where) -> bool:
    """Whether `env` is the one of a service, a workflow, a job or a step."""
    return where[0] in (
        "services",
        "env",
        "jobs",
        "environment",
        "runs",
        "spec",
        "x-environment",
        "containers",
        "variables",
    )


def _variable(where: Where, text: str) -> str:
    """The variable of an item of `environment: [- NAME=value]`, or of `env: [- name: NAME]` in Kubernetes."""
    if len(where) > 1 and where[-2] == "environment" and isinstance(where[-1], int) and "=" in text:
        name = text.partition("=")[0]
        return name if _NAME.match(name) else ""
    if len(where) > 2 and where[-3] == "env" and where[-1] == "name" and isinstance(where[-2], int):
        return text if _NAME.match(text) else ""
    return ""
