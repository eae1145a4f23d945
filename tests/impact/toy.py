"""A language small enough to see through: what a file needs, what it defines, what it says.

need a/b.toy: one, two as second     takes names
need a/b.toy                         takes the file, as `b`
pass a/b.toy: one                    takes a name and offers it itself
def one(x)                           defines a name
say one                              uses a name
broken                               does not read
"""

import re
from collections.abc import Sequence

from safe_rollback.impact.model import (
    Definition,
    Edge,
    Facts,
    Files,
    Hit,
    Language,
    Name,
    Reference,
    Resolved,
    Resolver,
    Use,
)

_NEED = re.compile(r"(need|pass) ([^:\s]+)(?:: (.+))?")
_DEF = re.compile(r"def (\w+)(.*)")


def lines(data: bytes) -> list[tuple[int, str]]:
    return list(enumerate(data.decode().splitlines(), 1))


def names(text: str | None) -> tuple[Name, ...]:
    pairs = [part.strip().split(" as ") for part in (text or "").split(",") if part.strip()]
    return tuple(Name(pair[0], pair[-1]) for pair in pairs)


def extract(data: bytes) -> Facts:
    found, problems = [], []
    for number, line in lines(data):
        if match := _NEED.fullmatch(line):
            kind = "export" if match[1] == "pass" else "import"
            found.append(Reference(kind, match[2], number, names(match[3])))
        if line == "broken":
            problems.append(f"line {number}: does not read")
    return Facts(tuple(found), (), tuple(problems))


def resolver(files: Files) -> Resolver:
    def resolve(path: str, one: Reference) -> Resolved:
        if one.target in files.paths:
            return Resolved((Hit(one.target, one.names, one.target.rpartition("/")[2].partition(".")[0]),))
        return Resolved(why="" if one.target.startswith("outside") else "there is no such file")

    return resolve


def definitions(data: bytes) -> Sequence[Definition]:
    found = []
    for number, line in lines(data):
        if match := _DEF.fullmatch(line):
            found.append(Definition(match[1], number, match[1] + match[2], "function"))
        if (match := _NEED.fullmatch(line)) and match[1] == "pass":
            found += [Definition(name.local, number, line, "reexport") for name in names(match[3])]
    return found


def uses(data: bytes, edge: Edge, asked: Sequence[str]) -> Sequence[Use]:
    local = {name.name: name.local for name in edge.names}
    found = []
    for number, line in lines(data):
        if number == edge.line:
            found += [Use(name, number, True) for name in asked if name in local]
        for name in asked:
            said = {f"say {local[name]}"} if name in local else {f"say {edge.local}.{name}"}
            if line in said:
                found.append(Use(name, number, True))
    return found


TOY = Language(
    name="toy",
    version=1,
    matches=lambda path: path.endswith(".toy"),
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
