"""JavaScript and TypeScript, and the scripts within Vue, Svelte and Astro components."""

from ..model import Language
from .javascript_definitions import definitions
from .javascript_resolve import resolver
from .javascript_scan import extract
from .javascript_uses import uses

_ENDINGS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".astro")


def _matches(path: str) -> bool:
    return path.endswith(_ENDINGS)


LANGUAGE = Language(
    name="javascript",
    version=1,
    matches=_matches,
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
"""One language for both: they import each other, and only the file's ending tells them apart."""
