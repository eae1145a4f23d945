"""Go: packages are folders, modules are named by `go.mod`; files of a package use each other without imports."""

import re
from collections.abc import Sequence

from ..model import Confidence, Edge, Facts, Language, Name, Reference, Use
from .go_definitions import definitions
from .go_resolve import resolver
from .lexing import Text, blank, decoded, find_uses, flattened, member, word, words

_SKIPPED = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*+\"|`[^`]*`|'(?:\\.[^'\n]*|[^'\\\n])'", re.DOTALL
)
_COMMENT = re.compile(rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*+\"|`[^`]*`", re.DOTALL)
_PACKAGE = re.compile(rb"^[ \t]*package[ \t]+(\w+)", re.MULTILINE)
_BODY = re.compile(rb"^(?:func|var|const|type)\b", re.MULTILINE)
_IMPORTS = re.compile(rb"\bimport\b\s*+(?:\(([^)]*)|([\w.]*[ \t]*[\"`][^\"`\n]*[\"`]))")
_SPEC = re.compile(rb"(?:(?<![\w.])([\w.]++)[ \t]++)?[\"`]([^\"`\n]+)[\"`]")
_EMBED = re.compile(rb"^//go:embed[ \t]+([^\r\n]+)", re.MULTILINE)
_PATTERN = re.compile(rb"\"([^\"]+)\"|`([^`]+)`|(\S+)")
# A dot before a word makes it a member.
_WORD = re.compile(rb"\.?[A-Za-z_]\w*")
_SELECTED = re.compile(rb"([A-Za-z_](?<![\w.)\]][A-Za-z_])\w*)\.([A-Z]\w*)")
_BOUND = re.compile(
    rb"([A-Za-z_](?<![\w.][A-Za-z_])\w*)"
    rb"(?=(?:[ \t]*,[ \t]*\w+)*(?:[ \t]*:=|[ \t]+[*\[\]]*[\w.]+(?:\[[^\n\]]*\])?[ \t]*[,)\n=]))"
)
_FUNC = re.compile(rb"^func[ \t]+(\w+)", re.MULTILINE)
_METHOD = re.compile(rb"^func[ \t]*\([^)\n]*?(\w+)[ \t]*(?:\[[^\])\n]*\])?[ \t]*\)[ \t]*(\w+)", re.MULTILINE)
_LINE = re.compile(rb"^(?:var|const|type)[ \t]+(\w+(?:[ \t]*,[ \t]*\w+)*)", re.MULTILINE)
_BLOCK = re.compile(rb"^(?:var|const|type)[ \t]*\((.*?)^\)", re.MULTILINE | re.DOTALL)
_IN_BLOCK = re.compile(rb"^[ \t]*(\w+(?:[ \t]*,[ \t]*\w+)*)", re.MULTILINE)
_ANY = re.compile(rb"\w+")
_VERSION = re.compile(r"(?:/v\d+|\.v\d+)$")
_RESERVED_WORDS = b"""
    _ any append b bool break byte cap case chan close complex128 complex64 const continue copy default defer
    delete else err error fallthrough false float32 float64 for func go goto i if import init int int16 int32
    int64 int8 interface iota len main make map max min new nil ok package panic print println range recover
    return rune select string struct switch t true type uint uint16 uint32 uint64 uint8 uintptr var
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())


def extract(data: bytes) -> Facts:
    """Imports with the names used through them, the package's own names, embedded paths."""
    text = Text(data, _SKIPPED)
    package = _PACKAGE.search(text.code)
    if package is None:
        return Facts(problems=(*text.problems, "has no package clause"))
    name = decoded(package[1])
    own = _own(text.code)
    imports = _imports(text, package.end())
    bound = {one.encode() for spec in imports for one in ((spec.local,) if spec.local else _locals(spec.target))}
    used = words(_WORD, text.code, _RESERVED | own | bound)
    references = [
        Reference("import", ".", text.line(package.start(1)), tuple(Name(one, one) for one in used)),
        *imports,
        *_embedded(text),
    ]
    if any(one.target == "testing" for one in imports):
        references.append(Reference("test", "_test.go", text.line(package.start(1))))
    methods = {f"{decoded(kind)}.{decoded(method)}" for kind, method in _METHOD.findall(text.code)}
    provides = sorted(f"go:{name}.{one}" for one in {*map(decoded, own), *methods})
    return Facts(tuple(references), (f"go:{name}", *provides), text.problems)


def _own(code: bytes) -> frozenset[bytes]:
    """The names that stand at the top of a file; formatted code has only them at the beginning of a line."""
    names = set(_FUNC.findall(code))
    for line in _LINE.findall(code):
        names.update(_ANY.findall(line))
    for block in _BLOCK.findall(code):
        for line in _IN_BLOCK.findall(flattened(block)):
            names.update(_ANY.findall(line))
    return frozenset(names - {b"init", b"main", b"_"})


def _imports(text: Text, start: int) -> list[Reference]:
    body = _BODY.search(text.code, start)
    # Strings are what is looked for here, so only comments go.
    head = _COMMENT.sub(
        lambda match: blank(match) if match[0][:1] == b"/" else match[0], text.data[: body.start() if body else None]
    )
    selected: dict[str, set[str]] = {}
    for package, name in set(_SELECTED.findall(text.code)):
        selected.setdefault(decoded(package), set()).add(decoded(name))
    bound = set(_BOUND.findall(text.code, body.start())) if body else set()
    found = []
    for block in _IMPORTS.finditer(head, start):
        group = 1 if block[1] is not None else 2
        for spec in _SPEC.finditer(head, *block.span(group)):
            alias, path = decoded(spec[1] or b""), decoded(spec[2])
            if path == "C":
                continue
            line = text.line(spec.start(2))
            if alias == ".":
                found.append(Reference("import", path, line, (Name("*"),)))
                continue
            local = alias or next((one for one in _locals(path) if one in selected), "")
            names = tuple(Name(one) for one in sorted(selected.get(local, ())))
            # A variable of the package's name hides it: then not every selected name is the package's.
            confidence: Confidence = "likely" if local.encode() in bound else "sure"
            found.append(Reference("import", path, line, names, local, confidence))
    return found


def _locals(path: str) -> list[str]:
    """What a package is likely to be called: its own clause decides, which is in another file."""
    last = _VERSION.sub("", path).rpartition("/")[2]
    return [last, last.replace("-", "_"), last.replace("-", ""), *last.replace(".", "-").split("-")]


def _embedded(text: Text) -> list[Reference]:
    found = []
    for match in _EMBED.finditer(text.data):
        for quoted, raw, plain in _PATTERN.findall(match[1]):
            found.append(Reference("path", decoded(quoted or raw or plain), text.line(match.start())))
    return found


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> list[Use]:
    """`package.Name` through an import; the bare name within a package and after a dot import."""
    text = Text(data, _SKIPPED)
    wanted = {}
    for name in names:
        if "." in name:
            wanted[name] = member(name)
        elif edge.local:
            wanted[name] = [(word(f"{edge.local}.{name}", rb"(?<![\w.)\]])"), True)]
        else:
            wanted[name] = [(word(name), True)]
    return find_uses(text, wanted)


LANGUAGE = Language(
    name="go",
    version=1,
    matches=lambda path: path.endswith(".go"),
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
