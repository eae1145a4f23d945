"""Liquibase: changesets in XML, YAML, JSON or SQL.

Source: https://docs.liquibase.com/concepts/changelogs/home.html and
https://docs.liquibase.com/workflows/liquibase-community/using-rollback.html
"""

import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .embedded import NOTHING, of_sql
from .liquibase_changes import QUIET, change
from .liquibase_files import Element, UnreadableError, read_changelog
from .model import Down, History, Migration, Operation, Tool, Touched
from .sides import Reading, touched
from .sqlfiles import Places

_CLAIMED = re.compile(r"\.(?:xml|ya?ml|json|sql)$")
_FOLDER = re.compile(r"change[-_.]?(?:log|set)|liquibase|migrat|/db/|^db/", re.IGNORECASE)
_MASTER = re.compile(r"(?:^|[-_.])(?:master|root|main)\.(?:xml|ya?ml|json)$")
_RESOURCES = re.compile(r"^(?:.*/)?(?:src/main/resources|resources|classpath)/")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None and _FOLDER.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, changes, Places(changes)))


def _migrations(changes: Changes, places: Places, side: Side) -> Iterable[Reading]:
    try:
        root = read_changelog(side.path, side.text)
    except UnreadableError as error:
        changes.unread("database", side.path, str(error))
        return
    if root is None:
        return
    master = _master(places, side.path)
    for place, element in enumerate(root.all("changeSet")):
        given = {**{one.name: one.text for one in element.children if one.text}, **element.attributes}
        file = given.get("logicalFilePath") or root.attributes.get("logicalFilePath") or _RESOURCES.sub("", side.path)
        up, down, undo = _changeset(element)
        yield Reading(
            migration=Migration(
                id=f"{file}::{given.get('id', '')}::{given.get('author', '')}",
                path=side.path,
                line=element.line,
                up=up or [NOTHING],
                down=down,
                undo=undo,
                order=(place,),
                names={"master": master},
            ),
            digest=hashlib.sha256(repr(_content(element)).encode("utf-8", "replace")).hexdigest(),
        )


def _master(places: Places, path: str) -> str:
    """The changelog that the commands are given: the one that includes the others, or the file itself."""
    files = (one for one in places.changes.after.files if _MASTER.search(one) and _FOLDER.search(one))
    shared = path.rpartition("/")[0].split("/")

    def far(one: str) -> tuple[int, str]:
        own = one.split("/")
        return (-next((n for n, pair in enumerate(zip(own, shared, strict=False)) if pair[0] != pair[1]), 99), one)

    return min(files, key=far, default=path)


def _content(element: Element) -> object:
    """What an element says, without where it stands."""
    text = " ".join(element.text.split())
    return (element.name, sorted(element.attributes.items()), text, [_content(one) for one in element.children])


def _changeset(element: Element) -> tuple[list[Operation], Down, list[Operation]]:
    """What a changeset does, whether it can be taken back, and what that does."""
    listed = [one for several in element.all("changes") for one in several.children]
    found = [change(one) for one in (*listed, *element.children) if one.name not in QUIET]
    up = [operation for one in found for operation in one.up]
    given = list(element.all("rollback"))
    if given:
        undo = [operation for one in given for operation in _rollback(one)]
        return up, ("works" if undo else "empty"), undo
    if any(one.back is None for one in found):
        return up, "missing", []
    return up, "inferred", [operation for one in reversed(found) for operation in one.back or ()]


def _rollback(element: Element) -> Iterator[Operation]:
    text = element.text or element.attributes.get("sql", "")
    if text and text.strip().lower() not in ("empty", "not required"):
        yield from of_sql(text, element.line)
    if "changeSetId" in element.attributes:
        yield Operation(effect="unknown", text="runs another changeset", line=element.line)
    for one in element.children:
        inner = one.children if one.name in ("", "changes") and one.children else [one]
        for each in inner:
            if each.name not in QUIET and not (each.name == "sql" and element.attributes.get("sql")):
                yield from of_sql(each.text, each.line) if not each.name and each.text else change(each).up


def _command(words: str, migration: Migration) -> str:
    master = (migration.names or {}).get("master") or migration.path
    return f"liquibase {words} --changelog-file={shlex.quote(master)}"


LIQUIBASE = Tool(
    name="liquibase",
    claims=_claims,
    read=_read,
    undo=partial(_command, "rollback-count --count=1"),
    apply=partial(_command, "update"),
    history=(
        History(
            table="databasechangelog",
            columns=("id", "author", "filename", "orderexecuted", "exectype", "md5sum"),
            column="filename || '::' || id || '::' || author",
            paths=True,
        ),
    ),
    note="`rollback-count` takes back the changesets that were run last, whichever those are: look at "
    "`liquibase rollback-count-sql` first. The name of the file in the history is as Liquibase was given it.",
)
