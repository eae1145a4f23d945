"""Dockerfiles: what they copy, the variables they set, the scripts they run."""

import posixpath
import re
from collections.abc import Sequence

from ..model import Confidence, Definition, Edge, Facts, Files, Hit, Language, Reference, Resolved, Resolver, Use
from .environment import COMMON, Definers, reads_as_references, substituted
from .paths import MOST_OF_A_GLOB, Paths, words

_CONTINUED = re.compile(rb"\\[ \t]*\r?\n")
_STEP = re.compile(r"^[ \t]*(?:ONBUILD[ \t]+)?([A-Za-z]+)[ \t]+(.*)$")
_OPTION = re.compile(r"--[\w-]+(?:=\S+)?\s+")
_SETTING = re.compile(r"([A-Za-z_]\w*)\s*=")
_BIND = re.compile(r"--mount=\S*\bsource=([^,\s]+)")
_LISTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_MOST_STEPS = 5000


def _steps(data: bytes) -> list[tuple[str, str, int]]:
    """Instructions in capitals, what stands after them, their lines; a line that goes on is one."""
    out, line, waiting, first = list[tuple[str, str, int]](), 0, "", 1
    for raw in data.decode("utf-8", "replace").split("\n")[:_MOST_STEPS]:
        line += 1
        text = raw.strip()
        if text.startswith("#") or (not text and waiting):
            continue
        first = first if waiting else line
        if text.endswith("\\"):
            waiting += text[:-1] + " "
            continue
        match = _STEP.match(waiting + text)
        waiting = ""
        if match:
            out.append((match[1].upper(), match[2].strip(), first))
    return out


def extract(data: bytes) -> Facts:
    """Sources of COPY and ADD, words of commands that are paths, variables of ENV and ARG."""
    if b"\0" in data[:8192]:
        return Facts(problems=("not a text in an encoding that is read",))
    found, variables = dict[str, Reference](), dict[str, int]()
    for word, rest, line in _steps(data):
        if word in ("COPY", "ADD"):
            for one in _copied(rest):
                found.setdefault(f"copy:{one}", Reference("path", f"copy:{one}", line))
        elif word in ("ENV", "ARG"):
            for name in _set(word, rest):
                variables.setdefault(name, line)
        elif word in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"):
            for one in (*_BIND.findall(rest), *words(rest)):
                found.setdefault(one, Reference("path", one, line, confidence="likely"))
    reads = [(name, line) for name, line in substituted(data) if name not in variables]
    return Facts(
        (*found.values(), *reads_as_references(reads)), tuple(f"env:{one}" for one in variables if one not in COMMON)
    )


def _copied(rest: str) -> list[str]:
    """The sources of a COPY; none if they are of another stage, an address or given in place."""
    if "--from=" in rest or rest.startswith("<<"):
        return []
    rest = re.sub(r"^(?:--[\w-]+(?:=\S+)?\s+)+", "", rest)
    parts = _LISTED.findall(rest) if rest.startswith("[") else rest.split()
    return [one.strip("\"'") for one in parts[:-1] if "://" not in one and not one.startswith(("<<", "$"))]


def _set(word: str, rest: str) -> list[str]:
    named = _SETTING.findall(re.sub(r"\"[^\"]*\"|'[^']*'", "''", rest))
    if named and (word == "ARG" or "=" in rest.split(maxsplit=1)[0]):
        return named
    return rest.split()[:1]


def definitions(data: bytes) -> list[Definition]:
    """Variables and build arguments."""
    return [
        Definition(name, line, f"{word} {name}", "variable")
        for word, rest, line in _steps(data)
        if word in ("ENV", "ARG")
        for name in _set(word, rest)
    ]


def uses(data: bytes, _edge: Edge, names: Sequence[str]) -> list[Use]:
    """Where variables of another file are taken."""
    return [Use(name, line, sure=True) for name, line in substituted(data) if name in names]


def resolver(files: Files) -> Resolver:
    """Where copied paths lead: in the Dockerfile's folder, or in one above it, whichever the build starts in."""
    paths, variables = Paths(files), Definers(files)

    def resolve(path: str, reference: Reference) -> Resolved:
        if reference.kind == "env":
            return variables.resolve(path, reference)
        if not reference.target.startswith("copy:"):
            return paths.resolve(path, reference)
        return _sources(paths, files, path, reference.target.removeprefix("copy:").lstrip("/"))

    return resolve


def _sources(paths: Paths, files: Files, path: str, text: str) -> Resolved:
    """Files of a COPY. Where the build starts is not known: each folder above is looked in, and one hit is sure."""
    folder, found, large = posixpath.dirname(path), dict[str, None](), False
    if posixpath.normpath(text) == ".":
        return Resolved()  # everything: that says nothing about one file
    while True:
        full = posixpath.normpath(posixpath.join(folder, text))
        if full in files.paths:
            found[full] = None
        elif "*" in full:
            hits = paths.resolve(posixpath.join(folder, "x"), Reference("path", text, 1)).hits
            found |= dict.fromkeys(one.path for one in hits)
        else:
            below = paths.below(full)
            large = large or len(below) > MOST_OF_A_GLOB
            found |= dict.fromkeys(below if len(below) <= MOST_OF_A_GLOB else ())
        if not folder:
            break
        folder = posixpath.dirname(folder)
    sure: Confidence = "sure" if len(found) == 1 else "likely"
    why = f"{text} is a folder of more than {MOST_OF_A_GLOB} files" if large else f"there is no {text} to copy"
    known = bool(found) or (not large and any(one in text for one in "*$?["))
    return Resolved(tuple(Hit(one, confidence=sure) for one in found), "" if known else why)


def is_dockerfile(path: str) -> bool:
    """Whether a path is `Dockerfile`, `Dockerfile.dev`, `api.Dockerfile`, `Containerfile`."""
    name = path.rpartition("/")[2]
    return name.startswith(("Dockerfile", "Containerfile")) or name.lower().endswith(
        (".dockerfile", ".containerfile")
    )


LANGUAGE = Language(
    name="docker",
    version=1,
    matches=is_dockerfile,
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
