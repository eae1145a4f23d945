"""The data_migrate gem: Ruby files in `db/data`, with a history of their own.

Source: https://github.com/ilyakatz/data-migrate
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .model import History, Migration, Tool, Touched
from .rails import migrations
from .sides import Reading, touched
from .sqlfiles import Places

_CLAIMED = re.compile(r"(?:^|/)db/data/(?P<version>\d{14})_\w+\.rb$")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    match = _CLAIMED.search(side.path)
    if match is not None:
        yield from migrations(places, side, int(match["version"]), "migrate")


def _command(verb: str, migration: Migration) -> str:
    return f"bin/rails data:migrate:{verb} VERSION={migration.id}"


RAILS_DATA = Tool(
    name="rails_data",
    claims=_claims,
    read=_read,
    undo=partial(_command, "down"),
    apply=partial(_command, "up"),
    history=(History(table="data_migrations", columns=("version",), column="version"),),
)
