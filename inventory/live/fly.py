"""Fly.io: names and digests of an app's secrets, by its command line tool.

Source: https://fly.io/docs/flyctl/secrets-list/
"""

import os

from .commands import installed, run_json
from .probe import Connection, ProbeError
from .variables import Listed, variables_probe


def _read(connection: Connection) -> Listed:
    program = os.path.basename(installed(connection, "fly", "flyctl"))
    app = connection.option("app")
    said = run_json(connection, [program, "secrets", "list", "--json", *(["--app", app] if app else [])])
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise ProbeError("`fly secrets list` gave no list")
    # Older versions write capitals.
    rows = [{key.lower(): value for key, value in one.items()} for one in said]
    return Listed(
        values={str(row.get("name", "")): None for row in rows},
        digests={str(row.get("name", "")): str(row["digest"]) for row in rows if row.get("digest")},
    )


FLY = variables_probe("fly", _read)
