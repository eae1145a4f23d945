"""Files that set or show variables and are neither code nor YAML: .env and its kin, Dockerfiles, TOML, Procfiles."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from ..reading.dotenv import settings
from .facts import Fact, Role, is_pinned, is_shouted

_DOTENV = re.compile(
    r"(?:^|/)(?:\.env(?:rc|[._-][\w.-]+)?|\.flaskenv|env\.(?:example|sample|template|dist|default|local)|environment|"
    r"[\w.-]+\.env(?:[._-][\w.-]+)?|\.kamal/secrets[\w.-]*)$"
)
_NOT_DOTENV = re.compile(
    r"\.(?:[cm]?[jt]sx?|json|md|mdx|py|rb|go|rs|ya?ml|sh|bash|vault|enc|encrypted|gpg|keys|html|vue|php)$"
)
_EXAMPLE = re.compile(r"example|sample|template|(?:^|[._-])(?:dist|defaults?|tpl|tmpl)(?:[._-]|$)", re.IGNORECASE)
_DOCKERFILE = re.compile(
    r"(?:^|/)(?:Dockerfile|Containerfile)[\w.-]*$|\.(?:dockerfile|containerfile)$", re.IGNORECASE
)
_INSTRUCTION = re.compile(r"[ \t]*(ENV|ARG)[ \t]+(.*)", re.IGNORECASE | re.DOTALL)
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?:[^\s\\]|\\.)*)", re.DOTALL)
_PROCESS = re.compile(r"[\w-]+:[ \t]*(.*)")
_PREFIX = re.compile(r"(?:env[ \t]+)?((?:[A-Z_][A-Z0-9_]*=\S*[ \t]+)+)")
_TOML = {
    "fly": (("env",),),
    "netlify": (("build", "environment"), ("context", "*", "environment"), ("template", "environment")),
    "wrangler": (("vars",), ("env", "*", "vars")),
    "nixpacks": (("variables",),),
}
_TOML_NAME = re.compile(r"(?:^|/)(fly|netlify|wrangler|nixpacks)[\w.-]*\.toml$")
_FROM_ENV = re.compile(r"\benv\(([A-Z_][A-Z0-9_]*)\)")


def claims(path: str) -> bool:
    """Whether a file may set or name variables."""
    name = path.rpartition("/")[2]
    return _is_dotenv(path) or bool(_DOCKERFILE.search(path)) or name == "Procfile" or bool(_TOML_NAME.search(path))


def facts(path: str, text: str) -> tuple[list[Fact], str]:
    """The variables of a file, and why it could not be read, if it could not."""
    name = path.rpartition("/")[2]
    if _is_dotenv(path):
        role: Role = "example" if _EXAMPLE.search(name) else "sets"
        return [
            Fact(name=one.name, role="example" if one.commented else role, line=one.line, value=one.value, how=name)
            for one in settings(text)
            if name != "environment" or is_shouted(one.name)
        ], ""
    if _DOCKERFILE.search(path):
        return list(_dockerfile(text)), ""
    if name == "Procfile":
        return list(_procfile(text)), ""
    return _toml(path, text)


def _is_dotenv(path: str) -> bool:
    return _DOTENV.search(path) is not None and _NOT_DOTENV.search(path) is None


def _dockerfile(text: str) -> Iterator[Fact]:
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        start, line = number + 1, lines[number]
        number += 1
        while line.rstrip().endswith("\\") and number < len(lines):
            following = lines[number]
            number += 1
            # Comments stand between the lines of an instruction.
            line = line.rstrip()[:-1] + "\n" + ("\\" if following.lstrip().startswith("#") else following)
        match = _INSTRUCTION.fullmatch(line)
        if match is None:
            continue
        what, rest = match[1].upper(), match[2]
        pairs = [(one[1], one[2], rest.count("\n", 0, one.start())) for one in _ASSIGNED.finditer(rest)]
        if not pairs and rest.split():
            name, _, value = rest.strip().partition(" ")
            pairs = [(name, value, 0)]
        for name, value, below in pairs:
            # What an image is made of is a dependency: another version of it is no other value.
            pinned = what == "ARG" and is_pinned(name)
            yield Fact(
                name=name,
                role="sets" if what == "ENV" else "build",
                line=start + below,
                value=None if pinned else value.strip("\"' "),
                how=f"Dockerfile {what}",
            )


def _procfile(text: str) -> Iterator[Fact]:
    for number, line in enumerate(text.splitlines(), 1):
        process = _PROCESS.match(line)
        prefix = process and _PREFIX.match(process[1])
        for one in _ASSIGNED.finditer(prefix[1]) if prefix else ():
            yield Fact(name=one[1], role="sets", line=number, value=one[2].strip("\"'"), how="Procfile")


def _toml(path: str, text: str) -> tuple[list[Fact], str]:
    match = _TOML_NAME.search(path)
    platform = match[1] if match else ""
    name = path.rpartition("/")[2]
    found = [
        Fact(name=one[1], role="read", line=text.count("\n", 0, one.start()) + 1, how=name)
        for one in _FROM_ENV.finditer(text)
    ]
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return found, str(error)
    lines = text.splitlines()
    for pattern in _TOML.get(platform, ()):
        for table in _tables(data, pattern):
            for key, value in table.items():
                if not isinstance(value, dict):
                    line = next(
                        (at for at, one in enumerate(lines, 1) if one.strip().strip("\"'").startswith(key)), 0
                    )
                    found.append(
                        Fact(name=key, role="sets", line=line, value=str(value), how=name, platform=platform)
                    )
    return found, ""


def _tables(data: dict[str, Any], pattern: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    if not pattern:
        yield data
        return
    for key, value in data.items():
        if pattern[0] in ("*", key) and isinstance(value, dict):
            yield from _tables(value, pattern[1:])
