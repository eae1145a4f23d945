"""PostHog: flags of a project, by a personal API key.

Source: https://posthog.com/docs/api/feature-flags
"""

from urllib.parse import quote

from .flags import Flags, flags_probe
from .http import Api, pages, rows
from .probe import Connection

_PAGE = 100


def _read(connection: Connection) -> Flags:
    address = connection.address("https://us.posthog.com")
    api = Api(connection, address, {"Authorization": f"Bearer {connection.token(address)}"})
    project = quote(connection.needed("project"), safe="")
    found: dict[str, dict[str, str]] = {}
    for page in pages():
        answer = api.object(f"api/projects/{project}/feature_flags/", limit=_PAGE, offset=page * _PAGE)
        for flag in rows(answer, "results"):
            if not flag.get("deleted"):
                found[str(flag.get("key", ""))] = {"": "on" if flag.get("active") else "off"}
        if not answer.get("next"):
            break
    return found


POSTHOG = flags_probe("posthog", _read)
