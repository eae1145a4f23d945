"""Items, and one source that is asked about them."""

from collections.abc import Mapping, Sequence
from typing import Any

from safe_rollback.core.inventory import InventorySettings, LiveSource
from safe_rollback.inventory.live.ask import ask_live, fingerprints
from safe_rollback.inventory.model import Change, Evidence, Item, Live

SALT = b"the salt of these tests, 32 byte"

ALEMBIC = {
    "table": "alembic_version",
    "columns": ["version_num"],
    "column": "version_num",
    "heads": True,
    "undone": "",
}
DJANGO = {
    "table": "django_migrations",
    "columns": ["id", "app", "name", "applied"],
    "column": "app || '.' || name",
    "heads": False,
    "undone": "",
}
PRISMA = {
    "table": "_prisma_migrations",
    "columns": ["id", "checksum", "migration_name", "rolled_back_at"],
    "column": "migration_name",
    "heads": False,
    "undone": "rolled_back_at IS NOT NULL",
}
RAILS = {"table": "schema_migrations", "columns": ["version"], "column": "version", "heads": False, "undone": ""}


def migration(
    id_: str,
    history: Mapping[str, Any] | None,
    *,
    creates: Sequence[str] = (),
    drops: Sequence[str] = (),
    change: Change = "added",
    down: str = "works",
    path: str = "migrations/one.py",
    **more: Any,
) -> Item:
    """A migration of a tool with one history table."""
    details = {
        "tool": "a tool", "id": id_, "history": [history] if history else [], "creates": list(creates),
        "drops": list(drops), "path": path, "effect": "additive", "down": down, **more,
    }  # fmt: skip
    return Item(domain="database", kind="migration", name=id_, change=change, details=details)


def item(domain: str, kind: str, name: str, change: Change = "added", **more: Any) -> Item:
    """Any item."""
    return Item(domain=domain, kind=kind, name=name, change=change, **more)


def evidence(commit: str) -> Evidence:
    """A line of a commit."""
    return Evidence(path="a", line=1, commit=commit)


def settings(kind: str, **source: Any) -> InventorySettings:
    """Settings with one source, called `live`."""
    options = source.pop("options", {})
    return InventorySettings(live=(LiveSource(kind=kind, name="live", options=options, **source),))


def ask(
    kind: str,
    items: Sequence[Item],
    root: str,
    environ: Mapping[str, str] | None = None,
    *,
    recorded: Mapping[str, str] | None = None,
    seconds: float = 10.0,
    **source: Any,
) -> tuple[list[Live | None], list[str]]:
    """What one source says of each item, without its name; and why something is unknown."""
    given = settings(kind, **source)
    said, unknowns = ask_live(
        given, items, environ or {}, root, salt=SALT, recorded={"live": recorded or {}}, seconds=seconds
    )
    shown = [said.get(one.id) for one in items]
    return shown, [f"{one.domain}: {one.subject}: {one.why}" for one in unknowns]


def one(
    kind: str, item: Item, root: str, environ: Mapping[str, str] | None = None, **source: Any
) -> tuple[str, bool | None, str]:
    """State, whether it is clean, and the detail of what one source says of one item; it has to say something."""
    (live,), _ = ask(kind, [item], root, environ, **source)
    assert live is not None
    return live.state, live.clean, live.detail.removeprefix("live: ")


def prints(kind: str, root: str, environ: Mapping[str, str] | None = None, **source: Any) -> dict[str, str]:
    """The fingerprint of one source."""
    return fingerprints(settings(kind, **source), environ or {}, root, salt=SALT, seconds=10.0).get("live", {})
