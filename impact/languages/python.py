"""Python: imports, what is loaded by name, and the tests of a module."""

from ..model import Language
from .python_definitions import definitions
from .python_resolve import resolver
from .python_scan import extract
from .python_uses import uses, uses_through


def _matches(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


LANGUAGE = Language(
    name="python",
    version=3,
    matches=_matches,
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
    uses_through=uses_through,
    takes_names=True,
    gathers=lambda path: path.endswith("__init__.py"),
)
