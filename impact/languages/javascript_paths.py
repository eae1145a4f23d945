"""Which file of the tree a path without its extension means."""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator

from .javascript_configs import join

_TYPED = (".ts", ".tsx", ".d.ts", ".mts", ".cts", ".d.mts", ".d.cts")
_PLAIN = (".js", ".jsx", ".mjs", ".cjs")
_OTHERS = (".json", ".vue", ".svelte", ".astro", ".node", ".wasm")
_WRITTEN = re.compile(r"\.([cm]?)js(x?)$")
_DESCRIBED = re.compile(r"\.d\.([cm]?)ts$")


class Paths:
    """The paths of one tree, asked by what a specifier leaves of them."""

    def __init__(self, paths: Collection[str]) -> None:
        self.paths = paths
        self.folders = {folder for path in paths for folder in _above(path)}

    def find(self, base: str, typed: bool) -> str:
        """The file that a path means from a file with or without types; empty if there is none."""
        found = self.file(base, typed)
        if found or (base and base not in self.folders):
            return found
        return self._first(join(base, "index"), typed)

    def all(self, bases: Iterable[str], typed: bool) -> tuple[str, ...]:
        """The files that several paths mean, each once; declarations first only from a file with types."""
        found = dict.fromkeys(one for base in bases if (one := self.find(base, typed)))
        if typed:
            found.update(dict.fromkeys(one for path in tuple(found) if (one := self.written(path))))
        described = [one for one in found if _DESCRIBED.search(one)]
        plain = [one for one in found if one not in described]
        return tuple(described + plain if typed else plain + described)

    def file(self, base: str, typed: bool) -> str:
        """The file that a path means, if not a folder."""
        written = _WRITTEN.search(base)
        if typed and written is not None:
            # `./x.js` is how TypeScript writes the file that `x.ts` becomes.
            stem, letter = base[: written.start()], written[1]
            for ending in (f".{letter}ts", ".tsx" if not letter else ".mts", f".d.{letter}ts"):
                if stem + ending in self.paths:
                    return stem + ending
        if base in self.paths:
            return base
        found = self._first(base, typed)
        if not found and written is not None:
            stem = base[: written.start()]
            found = next((stem + one for one in _TYPED if stem + one in self.paths), "")
        if not found and "." in posixpath.basename(base):
            stem, ending = posixpath.splitext(base)
            found = next((one for one in (f"{base}.d.ts", f"{stem}.d{ending}.ts") if one in self.paths), "")
        return found

    def _first(self, stem: str, typed: bool) -> str:
        endings = (*_TYPED, *_PLAIN, *_OTHERS) if typed else (*_PLAIN, ".json", *_TYPED, *_OTHERS)
        return next((stem + one for one in endings if stem + one in self.paths), "")

    def written(self, path: str) -> str:
        """The script that a file of declarations describes; empty if there is none."""
        match = _DESCRIBED.search(path)
        if match is None:
            return ""
        stem = path[: match.start()]
        return next((stem + one for one in (f".{match[1]}js", ".jsx") if stem + one in self.paths), "")


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
