"""Supabase: SQL files in `supabase/migrations`; nothing takes one back.

Source: https://supabase.com/docs/reference/cli/supabase-migration
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from ..changes import Changes, Delta, Side
from .model import History, Tool, Touched
from .sides import Reading, touched
from .sqlfiles import Script, reading

_CLAIMED = re.compile(r"(?P<project>(?:^|.*/))supabase/migrations/(?P<version>\d+)_[^/]*\.sql$")


def _claims(path: str) -> bool:
    return _CLAIMED.match(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, _migrations)


def _migrations(side: Side) -> Iterable[Reading]:
    match = _CLAIMED.match(side.path)
    if match is not None:
        project = match["project"].rstrip("/")
        version = match["version"]
        yield reading(side, version, Script(side.text), None, order=(version,), dialect="postgres", project=project)


SUPABASE = Tool(
    name="supabase",
    claims=_claims,
    read=_read,
    undo=lambda _: "",
    apply=lambda _: "supabase db push",
    history=(
        History(
            table="supabase_migrations.schema_migrations",
            columns=("version", "statements", "name"),
            column="version",
        ),
    ),
    note="`supabase migration repair --status reverted` edits the history only; it changes nothing in the schema.",
    down_in_file=False,
)
