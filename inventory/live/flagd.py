"""flagd: the flag definitions of OpenFeature, from a file or from where they are served.

Source: https://flagd.dev/reference/flag-definitions/
"""

import json
from typing import Any

from .flags import Flags, flags_probe
from .http import Api
from .probe import Connection, ProbeError, read_file

_MAX_BYTES = 16 << 20


def _read(connection: Connection) -> Flags:
    found = _definitions(connection)
    flags = found.get("flags") if isinstance(found, dict) else None
    if not isinstance(flags, dict):
        raise ProbeError("it holds no flags")
    return {
        str(key): {"": _state(one)} for key, one in flags.items() if isinstance(one, dict)
    }  # fmt: skip


def _definitions(connection: Connection) -> Any:
    if not connection.source.path:
        return Api(connection, connection.address()).object("")
    try:
        return json.loads(read_file(connection.path(), _MAX_BYTES))
    except (ValueError, RecursionError):
        raise ProbeError("it is no JSON") from None


def _state(flag: dict[str, Any]) -> str:
    if flag.get("state") != "ENABLED":
        return "off"
    variant = str(flag.get("defaultVariant", ""))
    variants = flag.get("variants")
    value = variants.get(variant) if isinstance(variants, dict) else None
    # Whoever is targeted may get another: `off` only where nobody is.
    if value is False and not flag.get("targeting"):
        return "off"
    return "on" if value is True else f"variant {variant}" if variant else "on"


FLAGD = flags_probe("flagd", _read)
