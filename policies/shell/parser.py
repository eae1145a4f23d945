"""Starts tree-sitter: late, without its packages' own imports, and with an end to its patience."""

import re
import time
from _thread import RLock  # `threading` takes as long to load as a line takes to judge
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING, Any

from ...core.late import late

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

# Programs that a text which cannot be read must not name.
GUARDED = late(
    r"(?:^|[\s;&|(){}'\"`/=])(git|rm|rmdir|unlink|shred|truncate|dd|mkfs(?:\.\w+)?|find(?=\s.{0,300}\s-delete))(?=[\s;&|)'\"`-]|$)"
)
_SECONDS = 0.08
_LOADING = RLock()
_FOREIGN = late("[^\x01-\x7f]+")
_ARMOUR = late("(?:[\xc0-\xc7][\xe0-\xef])+")
# Recovery from errors takes quadratic time; below this even the worst of it is quick.
_SHORT = 1024


class Unreadable(Exception):  # noqa: N818
    """A text that does not parse, or not in time; the reason as the end of a sentence."""


def armoured(text: str) -> bytes:
    """A text as the parser can bear it: its scanner asks C's character tables, which end at U+00FF.

    Each byte that is not ASCII, and each NUL, becomes two letters. What they stand for is nothing to a shell.
    """
    if text.isascii() and "\0" not in text:
        return text.encode()
    return _FOREIGN.sub(_letters, text).encode()


def plain(source: bytes) -> str:
    """The text behind `armoured` bytes."""
    text = source.decode("utf-8", "replace")
    return text if text.isascii() else _ARMOUR.sub(_characters, text)


def _letters(match: re.Match[str]) -> str:
    # A NUL, the only ASCII character in here, travels as a byte that UTF-8 never has.
    source = match[0].encode("utf-8", "replace").replace(b"\0", b"\xff")
    return "".join(chr(0xC0 + (byte - 128) // 16) + chr(0xE0 + byte % 16) for byte in source)


def _characters(match: re.Match[str]) -> str:
    pairs = zip(match[0][::2], match[0][1::2], strict=True)
    source = bytes(128 + (ord(high) - 0xC0) * 16 + ord(low) - 0xE0 for high, low in pairs)
    return "\0".join(one.decode("utf-8", "replace") for one in source.split(b"\xff"))


def parse(source: bytes) -> "Node":
    """The syntax tree of a shell text, which has to be `armoured`.

    Raises:
        Unreadable: it takes too long.
    """
    parser = _parser()
    if len(source) <= _SHORT:
        return parser.parse(source).root_node
    end = time.monotonic() + _SECONDS

    def read(offset: int, _: Any) -> bytes:
        return source[offset : offset + 4096]

    def late(_: int, __: bool) -> bool:
        return time.monotonic() > end

    try:
        return parser.parse(read, progress_callback=late).root_node
    except ValueError:
        raise Unreadable("takes too long to parse") from None


def _parser() -> "Parser":
    """A new one: in one that two threads use, the process crashes."""
    language = _bash()
    parser: Parser = _binding("tree_sitter").Parser(language)
    return parser


def _bash() -> Any:
    # A cache lets several threads in at first: each would load the modules anew, and mix their types.
    with _LOADING:
        return _language()


@lru_cache(maxsize=1)
def _language() -> Any:
    return _binding("tree_sitter").Language(_binding("tree_sitter_bash").language())


@lru_cache(maxsize=2)
def _binding(package: str) -> Any:
    """The compiled half of a package: the other half imports `typing` and `importlib.resources`, twice its time."""
    found = PathFinder.find_spec(package)
    places = found.submodule_search_locations if found is not None else None
    spec = PathFinder.find_spec(f"{package}._binding", places) if places else None
    if spec is None or spec.loader is None:
        raise ImportError(f"{package} is not installed; install safe-rollback again", name=package)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
