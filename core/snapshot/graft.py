"""Changes paths of a tree, reading and writing only the directories on the way."""

from collections.abc import Iterable, Mapping

from ..gate.objects import MODE_TREE, Entry, ObjectWriter
from ..gate.reader import ObjectReader
from ..ids import MaybeOid, Oid

_Changes = dict[str, "Entry | _Changes | None"]


def graft(reader: ObjectReader, writer: ObjectWriter, tree: Oid, changes: Mapping[str, Entry | None]) -> Oid:
    """A tree with some paths changed.

    Args:
        reader: reads the trees on the way.
        writer: takes the new ones.
        tree: where to start.
        changes: what each path becomes; None removes it. A directory left empty goes too.
    """
    if not changes:
        return tree
    nested: _Changes = {}
    # Removals first: a path below a removed file, or above removed ones, then wins.
    for path, entry in sorted(changes.items(), key=lambda change: change[1] is not None):
        *folders, name = path.split("/")
        level = nested
        for folder in folders:
            below = level.get(folder)
            if not isinstance(below, dict):
                below = level[folder] = {}
            level = below
        if entry is not None or not isinstance(level.get(name), dict):
            level[name] = entry
    return _apply(reader, writer, tree, nested) or writer.tree({})


def _apply(reader: ObjectReader, writer: ObjectWriter, tree: MaybeOid, changes: _Changes) -> MaybeOid:
    entries = {} if tree is None else reader.tree(tree)
    for name, change in changes.items():
        if isinstance(change, dict):
            known = entries.get(name)
            below = known.oid if known is not None and known.mode == MODE_TREE else None
            if below is None and known is not None and not _adds(change):
                continue  # a file stands where only removals were asked for
            result = _apply(reader, writer, below, change)
            entry = None if result is None else Entry(mode=MODE_TREE, oid=result)
        else:
            entry = change
        if entry is None:
            entries.pop(name, None)
        else:
            entries[name] = entry
    return writer.tree(entries) if entries else None


def present(reader: ObjectReader, tree: Oid, paths: Iterable[str]) -> set[str]:
    """Those of the paths that a tree has."""
    folders: dict[str, Mapping[str, Entry]] = {"": reader.tree(tree)}

    def listing(folder: str) -> Mapping[str, Entry]:
        if folder not in folders:
            above, _, name = folder.rpartition("/")
            entry = listing(above).get(name)
            folders[folder] = reader.tree(entry.oid) if entry is not None and entry.mode == MODE_TREE else {}
        return folders[folder]

    return {path for path in paths if path.rpartition("/")[2] in listing(path.rpartition("/")[0])}


def _adds(changes: _Changes) -> bool:
    return any(_adds(one) if isinstance(one, dict) else one is not None for one in changes.values())
