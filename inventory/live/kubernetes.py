"""Kubernetes: the keys of a namespace's ConfigMaps and Secrets.

Source: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_get/
"""

import base64
import binascii
from typing import Any

from .commands import run_json
from .probe import Connection, ProbeError
from .variables import Listed, variables_probe


def _read(connection: Connection) -> Listed:
    values: dict[str, str | None] = {}
    missing = []
    for kind in ("configmaps", "secrets"):
        try:
            said = run_json(connection, _command(connection, kind))
        except ProbeError as error:
            # A role that may not read secrets still sees the rest.
            missing.append(f"{kind}: {error.why}")
            continue
        items = said.get("items") if isinstance(said, dict) else None
        if not isinstance(items, list):
            raise ProbeError("`kubectl get` gave no list")
        if kind == "configmaps" and not items:
            # Every namespace has one of its own, and one that does not exist is answered with an empty list.
            raise ProbeError("there is no such namespace, as far as its ConfigMaps tell: check the option namespace")
        for one in items:
            values.update(_keys(kind, one))
    if len(missing) == 2:
        raise ProbeError(missing[0])
    return Listed(values=values, missing="; ".join(missing))


def _command(connection: Connection, kind: str) -> list[str]:
    argv = ["kubectl", "get", kind, "-o", "json", f"--request-timeout={max(int(connection.seconds), 1)}s"]
    argv += [f"--context={connection.option('context')}"] if connection.option("context") else []
    argv += [f"--namespace={connection.option('namespace')}"] if connection.option("namespace") else []
    return argv


def _keys(kind: str, one: Any) -> dict[str, str | None]:
    data = one.get("data") if isinstance(one, dict) else None
    if not isinstance(data, dict):
        return {}
    return {str(name): _decoded(str(value)) if kind == "secrets" else str(value) for name, value in data.items()}


def _decoded(value: str) -> str | None:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return None


KUBERNETES = variables_probe("kubernetes", _read)
