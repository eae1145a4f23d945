"""Where in the tree a tool's commands are run, and which of several tools a project uses."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ..changes import Changes, Side, View


def directory(path: str) -> str:
    """The directory of a path; empty for the root."""
    return path.rpartition("/")[0]


def above(path: str) -> list[str]:
    """The directories that a path is in, the nearest first; the root, empty, is the last."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(len(parts), -1, -1)]


def joined(place: str, name: str) -> str:
    """A path in a directory."""
    return f"{place}/{name}" if place else name


def within(path: str, place: str) -> str:
    """A path as it is called from a directory above it; unchanged if it is not below that."""
    return path.removeprefix(f"{place}/") if place else path


def nearest(changes: Changes, path: str, names: Sequence[str]) -> str | None:
    """The nearest file of one of these names in a directory that a path is in, or None."""
    for view in (changes.after, changes.before):
        known = [found for name in names for found in view.by_name.get(name, ())]
        places = {directory(found): found for found in reversed(known)}
        for place in above(path):
            if place in places:
                return places[place]
    return None


def below(changes: Changes, path: str, names: Sequence[str]) -> str | None:
    """The file of one of these names that is nearest to a path, in whichever directory; None if there is none."""
    found = nearest(changes, path, names)
    if found is not None:
        return found
    own = above(path)[:-1]
    known = [one for name in names for one in changes.after.by_name.get(name, ())]
    shared = [one for one in known if any(f"{place}/" == one[: len(place) + 1] for place in own)]
    return min(shared, key=lambda one: (one.count("/"), one), default=None)


def siblings(view: View, path: str, endings: tuple[str, ...]) -> list[str]:
    """The names of the files next to a path that end like this, sorted."""
    return sorted(name for name in view.by_folder.get(directory(path), ()) if name.endswith(endings))


def dependencies(changes: Changes, path: str) -> tuple[str, set[str]]:
    """The nearest directory with a `package.json` above a path, and the packages that those above it name."""
    place, named = None, set[str]()
    for one in above(path):
        side = changes.after.read(joined(one, "package.json")) or changes.before.read(joined(one, "package.json"))
        if side is None:
            continue
        packages = _packages(side)
        if place is None or (not named and packages):
            place = one
        named |= packages
    return place or "", named


def _packages(side: Side) -> set[str]:
    return set(_named(side.text))


@lru_cache(maxsize=64)
def _named(text: str) -> Iterable[str]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(data, dict):
        return ()
    found: list[str] = []
    for key in ("dependencies", "devDependencies", "peerDependencies"):
        section = data.get(key)
        found += section if isinstance(section, dict) else ()
    return tuple(str(one) for one in found)
