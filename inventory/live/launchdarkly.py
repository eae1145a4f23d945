"""LaunchDarkly: flags of a project, by an access token.

Source: https://launchdarkly.com/docs/api/feature-flags/get-feature-flags
"""

from urllib.parse import quote

from .flags import Flags, flags_probe
from .http import Api, pages, rows
from .probe import Connection

_PAGE = 100


def _read(connection: Connection) -> Flags:
    address = connection.address("https://app.launchdarkly.com")
    # Since 20240415, environments are named only where they are asked for.
    headers = {"Authorization": connection.token(address), "LD-API-Version": "20220603"}
    api = Api(connection, address, headers)
    project = quote(connection.needed("project"), safe="")
    found: dict[str, dict[str, str]] = {}
    for page in pages():
        answer = api.object(f"api/v2/flags/{project}", limit=_PAGE, offset=page * _PAGE, summary="true")
        flags = rows(answer, "items")
        for flag in flags:
            environments = flag.get("environments")
            named = environments.items() if isinstance(environments, dict) else ()
            found[str(flag.get("key", ""))] = {
                str(name): "on" if isinstance(one, dict) and one.get("on") else "off" for name, one in named
            }
        links = answer.get("_links")
        if not flags or not (isinstance(links, dict) and links.get("next")):
            break
    return found


LAUNCHDARKLY = flags_probe("launchdarkly", _read)
