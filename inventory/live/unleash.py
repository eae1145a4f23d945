"""Unleash: flags of a project, by the admin API.

Source: https://docs.getunleash.io/reference/api/unleash/get-features
"""

from urllib.parse import quote

from .flags import Flags, flags_probe
from .http import Api, rows
from .probe import Connection, ProbeError


def _read(connection: Connection) -> Flags:
    address = connection.address()
    api = Api(connection, address, {"Authorization": connection.token(address)})
    project = connection.option("project", "default")
    found: dict[str, dict[str, str]] = {}
    for flag in rows(api.object(f"api/admin/projects/{quote(project, safe='')}/features"), "features"):
        where = {
            str(one.get("name", "")): "on" if one.get("enabled") else "off" for one in rows(flag, "environments")
        }
        found[str(flag.get("name", ""))] = where
    # A project that does not exist has no flags either (seen in 7.5).
    if not found and project not in [one.get("id") for one in rows(api.object("api/admin/projects"), "projects")]:
        raise ProbeError(f"there is no project {project}")
    return found


UNLEASH = flags_probe("unleash", _read)
