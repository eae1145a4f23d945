"""C#: what project and solution files refer to by path."""

import re

from ..model import Facts, Reference
from .lexing import Text, decoded

_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_PATH = re.compile(
    rb"<(?:ProjectReference|Compile|EmbeddedResource|None|Content|AdditionalFiles)\s[^>]*?"
    rb"\b(?:Include|Update)\s*+=\s*+\"([^\"]+)\""
    rb"|<Import\s[^>]*?\bProject\s*+=\s*+\"([^\"]+)\""
    rb"|<(?:Project|File)\s[^>]*?\bPath\s*+=\s*+\"([^\"]+)\"",
)
_USING = re.compile(rb"<Using\s[^>]*?\bInclude\s*+=\s*+\"([\w.]+)\"")
_SOLUTION = re.compile(rb"^Project\([^)]*\)\s*+=\s*+\"[^\"]*\"\s*+,\s*+\"([^\"]+\.\w*proj)\"", re.MULTILINE)
_HERE = re.compile(r"\$\((?:MSBuildThisFileDirectory|MSBuildProjectDirectory|ProjectDir|SolutionDir)\)/?")


def project(data: bytes) -> Facts:
    """References of a `.csproj`, `.props`, `.slnx` or `.sln`, as paths with `/`; and its global `using`."""
    text = Text(data, _COMMENT)
    found = []
    for match in (*_PATH.finditer(text.code), *_SOLUTION.finditer(text.code)):
        values = next(one for one in match.groups() if one)
        for value in decoded(values).split(";"):
            target = _HERE.sub("", value.strip().replace("\\", "/"))
            if target:
                found.append(Reference("path", target, text.line(match.start())))
    found += [
        Reference("import", f"global {decoded(match[1])}.*", text.line(match.start()))
        for match in _USING.finditer(text.code)
    ]
    return Facts(tuple(found), problems=text.problems)
