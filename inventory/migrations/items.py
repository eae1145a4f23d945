"""Makes an item of a migration that a target touched."""

from collections.abc import Sequence

from ...core.text import one_line
from ..model import Confidence, Evidence, Item
from .loss import net
from .model import Migration, Tool, Touched
from .project import directory
from .verifying import verification
from .ways import Way, listed, way_of_added, way_of_edited, way_of_removed


def scope_of(tool: Tool, migration: Migration) -> str:
    """The tool and the directory of its migrations; not the directory that is the migration's own."""
    place = directory(migration.path)
    if migration.id and migration.id in place.rpartition("/")[2]:
        place = directory(place)
    return f"{tool.name} {place}".strip()


def item_of(tool: Tool, touched: Touched, *, born: bool, rank: int, confidence: Confidence = "high") -> Item:
    """The item of a migration.

    Args:
        tool: whose it is.
        touched: what a commit did to it.
        born: whether the target itself added it, then or before: it is taken back as a whole.
        rank: see `Item.rank`.
        confidence: see `Item.confidence`.
    """
    migration, way = touched.migration, _way(tool, touched, born=born)
    creates, drops = net(migration.up)
    return Item(
        domain="database",
        kind="migration",
        name=migration.id,
        scope=scope_of(tool, migration),
        change=touched.change,
        evidence=_evidence(touched),
        before="" if touched.change == "added" else _said(touched.was or migration, touched, old=True),
        after="" if touched.change == "removed" else _said(migration, touched, old=False),
        reversible=way.reversible,
        destructive=way.destructive,
        action=way.action,
        inverse=way.inverse,
        verify=verification(tool, migration, creates, drops, gone=way.when == "before code"),
        cautions=tuple(dict.fromkeys(way.cautions)),
        confidence=confidence,
        when=way.when,
        rank=rank,
        details={
            "tool": tool.name,
            "id": migration.id,
            "history": [
                {
                    "table": one.table,
                    "columns": list(one.columns),
                    "column": one.column,
                    "heads": one.heads,
                    "undone": one.undone,
                    "paths": one.paths,
                }
                for one in tool.history
            ],
            "creates": list(creates),
            "drops": list(drops),
            "path": migration.path,
            "effect": migration.effect,
            "down": migration.down,
            "names": dict(migration.names or {}),
            "rows": [list(one) for one in migration.rows],
        },
    )


def _way(tool: Tool, touched: Touched, *, born: bool) -> Way:
    if touched.change == "removed":
        return way_of_removed(tool, touched.migration)
    if touched.edited and not born and touched.was is not None:
        return way_of_edited(touched.migration, touched.was)
    return way_of_added(tool, touched.migration)


def _evidence(touched: Touched) -> Sequence[Evidence]:
    delta, migration = touched.delta, touched.migration
    side = delta.new or delta.old
    if side is None or side.path != migration.path:
        return (Evidence(path=delta.path, commit=delta.commit),)
    lines = side.lines

    def at(line: int, shown: bool) -> Evidence:
        text = lines[line - 1] if shown and 0 < line <= len(lines) else ""
        return Evidence(path=delta.path, line=line, commit=delta.commit, text=one_line(text))

    worst = next((one for one in migration.up if one.effect == migration.effect), None)
    found = [at(migration.line, True)]
    if worst is not None and worst.line and worst.line != migration.line:
        # The line of a change of rows may hold values; it is only pointed at.
        found.append(at(worst.line, worst.effect not in ("data", "unknown")))
    return tuple(found)


def _said(migration: Migration, touched: Touched, *, old: bool) -> str:
    """What it does, in a few words, and the object its file is."""
    side = touched.delta.old if old else touched.delta.new
    creates, drops = net(migration.up)
    words = [f"creates {listed(creates)}"] if creates else []
    words += [f"drops {listed(drops)}"] if drops else []
    # The text of a change of rows may hold values.
    said = "; ".join(words) or "; ".join(
        list(dict.fromkeys(one.text for one in migration.up if one.effect != "data"))[:3]
    )
    return f"{migration.effect}: {said or 'changes rows'}" + (f" [{side.entry.oid[:10]}]" if side else "")
