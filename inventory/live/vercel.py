"""Vercel: names of a project's variables, by its command line tool.

Source: https://vercel.com/docs/cli/env
"""

import re

from .commands import run
from .probe import Connection, ProbeError
from .variables import Listed, variables_probe

_ROW = re.compile(r"^[ \t]*([A-Za-z_]\w*)[ \t]{2,}\S", re.MULTILINE)


def _read(connection: Connection) -> Listed:
    environment = connection.option("environment")
    said = run(connection, ["vercel", "env", "ls", *([environment] if environment else [])])
    # A table whose first row names its columns; where there are none, only the message that says so.
    names = _ROW.findall(said.text)
    if names[:1] != ["name"] and (said.text.strip() or "No Environment Variables found" not in said.notes):
        raise ProbeError("`vercel env ls` gave no table that is known")
    return Listed(values=dict.fromkeys(names[1:]))


VERCEL = variables_probe("vercel", _read)
