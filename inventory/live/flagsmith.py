"""Flagsmith: flags of the environment whose key is the token.

Source: https://docs.flagsmith.com/clients/rest
"""

from .flags import Flags, flags_probe
from .http import Api, rows
from .probe import Connection, ProbeError


def _read(connection: Connection) -> Flags:
    address = connection.address("https://edge.api.flagsmith.com")
    api = Api(connection, address, {"X-Environment-Key": connection.token(address)})
    found: dict[str, dict[str, str]] = {}
    for one in rows({"flags": api.get("api/v1/flags/")}, "flags"):
        feature = one.get("feature")
        if not isinstance(feature, dict):
            raise ProbeError("its answer is not as expected")
        found[str(feature.get("name", ""))] = {"": "on" if one.get("enabled") else "off"}
    return found


FLAGSMITH = flags_probe("flagsmith", _read)
