"""Rust: a crate is a tree of modules that its root declares file by file; paths walk that tree."""

import re
from collections.abc import Sequence

from ..model import Edge, Facts, Language, Name, Reference, Use
from .lexing import Text, decoded, find_uses, member, spans, word
from .rust_definitions import definitions
from .rust_paths import imported
from .rust_resolve import resolver

_SKIPPED = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|r(#*)\".*?\"\1|\"(?:\\.|[^\"\\])*+\"|'(?:\\[^'\n]*|[^'\\\n]|[\xc0-\xff][\x80-\xbf]+)'",
    re.DOTALL,
)
_INLINE = re.compile(rb"\bmod\s++(?:r#)?(\w+)\s*+\{")
_MOD = re.compile(rb"\bmod\s++(?:r#)?(\w+)\s*+;")
_PATH = re.compile(
    rb"#\[\s*+(?:cfg_attr\([^\"]*?,\s*+)?path\s*+=\s*+\"([^\"]+)\"\s*+\)?\]\s*+(?:#\[[^\]]*\]\s*+|pub(?:\([^)]*\))?\s*+)*\Z"
)
_USE = re.compile(rb"(?:\bpub(\s*+\([^)]*\))?\s++)?\buse\s++([^;]{1,5000}+);")
_EXTERN = re.compile(rb"(\bpub\s++)?\bextern\s++crate\s++(?:r#)?(\w+)(?:\s++as\s++(\w+))?\s*+;")
_INNER_PATH = re.compile(rb"(?<![\w:.$])((?:crate|self|super|[a-z_]\w*)(?:\s*+::\s*+\w+)+)")
_INCLUDE = re.compile(
    rb"\binclude(?:_str|_bytes)?!\s*+[(\[{]\s*+(?:concat!\s*+\(\s*+env!\(\"(CARGO_MANIFEST_DIR)\"\)\s*+,\s*+)?\"([^\"\n]+)\""
)
_OUTSIDE = frozenset({"std", "core", "alloc", "proc_macro", "test"})


def extract(data: bytes) -> Facts:
    """Declared modules, `use` trees, paths in the code, included files."""
    text = Text(data, _SKIPPED)
    inline = [(match.start(), end, decoded(match[1])) for match, end in spans(text.code, _INLINE.finditer(text.code))]
    return Facts((*_modules(text, inline), *_uses(text, inline), *_included(text)), problems=text.problems)


def _around(inline: list[tuple[int, int, str]], offset: int) -> tuple[str, ...]:
    """The inline modules around a place, outermost first."""
    return tuple(name for start, end, name in sorted(inline) if start < offset < end)


def _modules(text: Text, inline: list[tuple[int, int, str]]) -> list[Reference]:
    found = []
    for match in _MOD.finditer(text.code):
        name = "::".join((*_around(inline, match.start()), decoded(match[1])))
        before = text.data[max(0, match.start() - 400) : match.start()]
        placed = _PATH.search(before)
        target = f"mod {name}" + (f" = {decoded(placed[1])}" if placed else "")
        found.append(Reference("import", target, text.line(match.start()), (), decoded(match[1])))
    return found


def _uses(text: Text, inline: list[tuple[int, int, str]]) -> list[Reference]:
    """One reference for each module that is used, at its first place."""
    found: dict[tuple[str, str, str], tuple[int, dict[Name, None]]] = {}

    def add(kind: str, path: tuple[str, ...], local: str, offset: int) -> None:
        around = _around(inline, offset) if inline else ()
        if path[0] == "Self" or path[0] in _OUTSIDE:
            return
        path = _outward(path, around)
        name, module = (path[-1], path[:-1]) if len(path) > 1 else ("", path)
        key = (kind, "::".join(module), "" if name else local)
        names = found.setdefault(key, (text.line(offset), {}))[1]
        if name:
            names[Name(name, local)] = None

    for match in _USE.finditer(text.code):
        kind = "export" if match[0].startswith(b"pub") and not match[1] else "import"
        for path, local in imported(decoded(match[2])):
            add(kind, path, local, match.start(2))
    for match in _EXTERN.finditer(text.code):
        kind = "export" if match[1] else "import"
        add(kind, (decoded(match[2]),), decoded(match[3] or match[2]), match.start())
    code = _USE.sub(lambda match: b" " * len(match[0]), text.code)
    for match in _INNER_PATH.finditer(code):
        add("import", tuple(decoded(match[1]).replace(" ", "").split("::")), "", match.start())
    return [
        Reference(kind, module, line, tuple(names), local) for (kind, module, local), (line, names) in found.items()
    ]


def _outward(path: tuple[str, ...], around: tuple[str, ...]) -> tuple[str, ...]:
    """A path as seen from the file's own module, not from an inline one within it."""
    if not around or path[0] not in {"self", "super"}:
        return path
    rest = list(path)
    while rest and rest[0] in {"self", "super"}:
        if rest.pop(0) == "super":
            if not around:
                return ("super", *rest)
            around = around[:-1]
    return ("self", *around, *rest)


def _included(text: Text) -> list[Reference]:
    found = []
    for match in _INCLUDE.finditer(text.data):
        # In a comment nothing of it is left.
        if text.code[match.start() : match.start() + 7] == b"include":
            target = f"/{decoded(match[2]).lstrip('/')}" if match[1] else decoded(match[2])
            found.append(Reference("path", target, text.line(match.start())))
    return found


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> list[Use]:
    """Names that `use` binds, and the last part of a path."""
    text = Text(data, _SKIPPED)
    bound = {one.name: one.local for one in edge.names if one.local}
    wanted = {}
    for name in names:
        if "." in name:
            wanted[name] = member(name)
        else:
            through = word(name, rb"(?<=" + re.escape(edge.local.encode()) + rb"::)")
            bare = word(bound.get(name, name)) + rb"|" + word(name, rb"(?<=::)")
            wanted[name] = [(through if edge.local and not edge.names else bare, True)]
    return find_uses(text, wanted)


LANGUAGE = Language(
    name="rust",
    version=1,
    matches=lambda path: path.endswith(".rs"),
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
