"""Heroku: config vars of an app, by its command line tool.

Source: https://devcenter.heroku.com/articles/heroku-cli-commands#heroku-config
"""

from .commands import run_json
from .probe import Connection, ProbeError
from .variables import Listed, variables_probe


def _read(connection: Connection) -> Listed:
    said = run_json(connection, ["heroku", "config", "--json", "--app", connection.needed("app")])
    if not isinstance(said, dict):
        raise ProbeError("`heroku config` gave no variables")
    return Listed(values={str(name): str(value) for name, value in said.items()})


HEROKU = variables_probe("heroku", _read)
