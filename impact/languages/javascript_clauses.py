"""What an import, an export or a destructured `require` takes, and what it is called here."""

import re

from ..model import Name
from .javascript_lexer import COMMENT

_COMMENT = re.compile(COMMENT, re.DOTALL)
_NAMESPACE = re.compile(r"\*\s*+as\s++([^\s,{}]+)")
_BRACES = re.compile(r"\{([^}]*)\}?")
_AS = re.compile(r"\s++as\s++")
_TYPE = re.compile(r"type\s++(?!as\b(?!\s++as\b)|$)")
_WORD = re.compile(r"[\w$]+\Z")


def text_of(clause: bytes) -> str:
    """A clause without comments."""
    return _COMMENT.sub(b" ", clause).decode("utf-8", "replace").strip()


def import_clause(clause: str) -> tuple[tuple[Name, ...], str, bool]:
    """What stands between `import` and `from`: names, the whole's name, and whether only types are taken."""
    types = (
        clause.startswith("type") and clause[4:5] in (" ", "\n", "\t", "{", "*", "\r") and clause[4:].strip() != ""
    )
    if types and (clause[4:].lstrip().startswith(",") or clause.split() == ["type"]):
        types = False
    if types:
        clause = clause[4:].strip()
    for phase in ("defer ", "source "):
        clause = clause.removeprefix(phase)
    namespace = _NAMESPACE.search(clause)
    braces = _BRACES.search(clause)
    default = clause.split(",", 1)[0].strip() if clause[:1] not in ("{", "*") else ""
    names = [Name("default", default)] if _WORD.match(default) else []
    inner = _entries(braces[1]) if braces is not None else []
    names += [Name(name, local) for name, local, _ in inner]
    only_types = types or (bool(inner) and len(inner) == len(names) and all(flag for _, _, flag in inner))
    return tuple(names), namespace[1] if namespace is not None else "", only_types


def export_clause(clause: str) -> tuple[tuple[Name, ...], str, bool]:
    """What stands between `export` and `from`: `local` is what the name is passed on as."""
    types = clause.startswith("type") and clause[4:].lstrip()[:1] in ("{", "*")
    if types:
        clause = clause[4:].strip()
    if clause.startswith("{"):
        inner = _entries(clause.strip("{}"))
        only_types = types or (bool(inner) and all(flag for _, _, flag in inner))
        return tuple(Name(name, local) for name, local, _ in inner), "", only_types
    if clause.startswith("*"):
        namespace = _NAMESPACE.search(clause)
        return ((), namespace[1], types) if namespace is not None else ((Name("*"),), "", types)
    return (Name("default", clause),), "", types


def _entries(text: str) -> list[tuple[str, str, bool]]:
    found = []
    for raw in text.split(","):
        entry = raw.strip()
        types = _TYPE.match(entry)
        if types is not None:
            entry = entry[types.end() :]
        parts = [part.strip("'\" ") for part in _AS.split(entry)]
        if parts[0]:
            found.append((parts[0], parts[-1], types is not None))
    return found


def pattern_names(text: str) -> tuple[Name, ...]:
    """What `{a, b: c, d = 1}` takes; `...rest` takes all of them."""
    found = []
    for raw in text.strip("{} \n\r\t").split(","):
        entry = raw.split("=", 1)[0].strip()
        if entry.startswith("..."):
            found.append(Name("*", entry[3:].strip()))
            continue
        name, _, local = entry.partition(":")
        if _WORD.match(name.strip()):
            found.append(Name(name.strip(), local.strip() or name.strip()))
    return tuple(found)
