"""Files that mention, in any language, a distinctive name that a change makes vanish."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.gate.objects import Entry
from .declared import declared_words, is_distinctive, line_naming, lines_with, parameters, telling_name
from .dependents import Dependent, Via
from .graph import Graph, Listed
from .library import Library
from .mentions import mentions
from .words import word_set

_MOST_FILES = 20
_MOST_WORDS = 40
_LARGEST = 200_000


def mentioned(library: Library, before: Graph, changes: Mapping[str, Entry | None]) -> list[Dependent]:
    """Who mentions what vanishes; weak evidence, but for every kind of file.

    Args:
        library: reads trees.
        before: today's graph.
        changes: by path the entry after the change, None where the file goes.
    """
    gone: dict[str, str] = {}
    for path in changes:
        if changes[path] is None and (name := telling_name(path)) is not None:
            gone[name] = path
    for word, path in _vanishing(library, before, changes).items():
        gone.setdefault(word, path)
    arguments = {word: said for word, said in _arguments(library, before, changes).items() if word not in gone}
    found: dict[str, list[Via]] = {}
    wanted = sorted({**gone, **arguments}, key=lambda word: (-len(word), word))[:_MOST_WORDS]
    for path, first, word in mentions(library, before.listed, wanted, without=changes, most=_MOST_FILES):
        line = first
        if word in arguments:
            line = _passes(library, before.listed[path], word, arguments[word].functions)
            if not line:
                continue
        text = library.line(before, path, line)
        target = gone[word] if word in gone else arguments[word].path
        via = Via(source=path, target=target, line=line, kind="mention", names=(word,), text=text)
        found.setdefault(path, []).append(via)
    return [Dependent(path=path, tier="likely", via=via, distance=1, changes=False) for path, via in found.items()]


def _is_python(one: Listed) -> bool:
    return one.language is not None and one.language.name == "python"


@dataclass(frozen=True)
class _Argument:
    """A parameter that goes: a file that has it, and the functions there, by the names they are called by."""

    path: str
    functions: frozenset[bytes]


def _arguments(library: Library, before: Graph, changes: Mapping[str, Entry | None]) -> dict[str, _Argument]:
    """Distinctive parameters that functions of changed files have now and none of them will."""
    now = {path: one for path in changes if (one := before.listed.get(path)) is not None and _is_python(one)}
    after = [one for one in library.with_changes({}, changes).values() if _is_python(one)]
    stays = {name for one in after for name in _parameters(library, one)}
    found: dict[str, _Argument] = {}
    for path, one in now.items():
        for name, functions in _parameters(library, one).items():
            if name not in stays and is_distinctive(name):
                found.setdefault(name, _Argument(path, functions))
    return found


def _parameters(library: Library, one: Listed) -> dict[str, frozenset[bytes]]:
    """The parameters of a file's functions, each with the names those are called by: a class, for its `__init__`."""
    found: dict[str, set[bytes]] = {}
    for said in library.definitions([one]).values():
        for name in said:
            owner, _, own = name.name.rpartition(".")
            called = owner.rpartition(".")[2] if own in ("__init__", "__new__") else own
            for parameter in parameters(name.signature) if name.kind == "function" else ():
                found.setdefault(parameter, set()).add(called.encode("utf-8", "replace"))
    return {name: frozenset(functions) for name, functions in found.items()}


def _passes(library: Library, one: Listed, word: str, functions: frozenset[bytes]) -> int:
    """The line in which a file passes an argument by a name to one of some functions; 0 if it does not.

    A variable may be called the same, and other functions have such a parameter too.
    """
    if not _is_python(one):
        return 0
    data = library.text(one)
    return line_naming(data, word) if functions & word_set(data) else 0


def _vanishing(library: Library, before: Graph, changes: Mapping[str, Entry | None]) -> dict[str, str]:
    """Distinctive words that files declare now and none of the changed ones will, with the first file."""
    now = {path: one for path in changes if (one := before.listed.get(path)) is not None and one.size <= _LARGEST}
    after = library.with_changes({}, changes)
    library.fetch([*now.values(), *after.values()])
    library.definitions([*now.values(), *after.values()])
    found: dict[bytes, str] = {}
    for path, one in now.items():
        for word in library.undeclared(one, after.get(path)):
            found.setdefault(word, path)
    index = library.index(after)
    for one in after.values():
        for word in index.of(one.blob) & found.keys():
            if any(word in declared_words(line) for line in lines_with(library.text(one), word)):
                del found[word]
    return {word.decode("ascii"): path for word, path in found.items()}
