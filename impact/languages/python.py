"""Python: imports, what is loaded by name, and the tests of a module."""

from ..model import Language
from .python_definitions import definitions
from .python_resolve import resolver
from .python_scan import extract
from .python_uses import uses


def _matches(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


LANGUAGE = Language(
    name="python",
    version=2,
    matches=_matches,
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
