"""Netlify: variables of a site, by its command line tool.

Source: https://cli.netlify.com/commands/env
"""

from .commands import run_json
from .probe import Connection, ProbeError
from .variables import Listed, variables_probe


def _read(connection: Connection) -> Listed:
    argv = ["netlify", "env:list", "--json", "--context", connection.option("context", "production")]
    argv += ["--site", connection.option("site")] if connection.option("site") else []
    said = run_json(connection, argv)
    if not isinstance(said, dict):
        raise ProbeError("`netlify env:list` gave no variables")
    # What is marked as a secret is shown as stars.
    shown = {name: value if isinstance(value, str) and value.strip("*") else None for name, value in said.items()}
    return Listed(values=shown)


NETLIFY = variables_probe("netlify", _read)
