"""GrowthBook: features, by a secret key that may read.

Source: https://docs.growthbook.io/api/
"""

from .flags import Flags, flags_probe
from .http import Api, pages, rows
from .probe import Connection

_PAGE = 100


def _read(connection: Connection) -> Flags:
    address = connection.address("https://api.growthbook.io")
    api = Api(connection, address, {"Authorization": f"Bearer {connection.token(address)}"})
    found: dict[str, dict[str, str]] = {}
    for page in pages():
        answer = api.object("api/v1/features", limit=_PAGE, offset=page * _PAGE)
        for feature in rows(answer, "features"):
            environments = feature.get("environments")
            named = environments.items() if isinstance(environments, dict) else ()
            archived = bool(feature.get("archived"))
            found[str(feature.get("id", ""))] = {
                str(name): "on" if isinstance(one, dict) and one.get("enabled") and not archived else "off"
                for name, one in named
            }
        if not answer.get("hasMore"):
            break
    return found


GROWTHBOOK = flags_probe("growthbook", _read)
