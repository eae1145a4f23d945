"""Container images: what Dockerfiles build upon, and what Compose files run."""

import re
from collections.abc import Iterator, Mapping

from .documents import yaml_of
from .model import Manifest, Requirement

_DOCKERFILE = re.compile(r"(?:^|/)(?:Docker|Container)file(?:[.-][^/]+)?$|\.(?:docker|container)file$", re.IGNORECASE)
_COMPOSE = re.compile(r"(?:^|/)(?:[^/]*docker-compose[^/]*|compose(?:[.-][^/]*)?|[^/]+\.compose)\.ya?ml$")
_NOT_DOCKERFILE = (".md", ".mdx", ".dockerignore", ".sh", ".txt", ".yml", ".yaml", ".json")
_ARG = re.compile(r"ARG\s+(.+)", re.IGNORECASE)
_DEFAULT = re.compile(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S*)")
_FROM = re.compile(r"FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_COPY = re.compile(r"(?:COPY|ADD|RUN)\s+.*?(?:--from=|,from=)([^\s,]+)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^{}]*))?\})")

_UNFILLED = re.compile(r"\$\{[^{}]*\}")


def is_dockerfile(path: str) -> bool:
    """Whether a path is an image's recipe."""
    return _DOCKERFILE.search(path) is not None and not path.endswith(_NOT_DOCKERFILE)


def is_compose(path: str) -> bool:
    """Whether a path is a Compose file."""
    return _COMPOSE.search(path) is not None


def _dockerfile(_: str, text: str) -> Iterator[Requirement]:
    values: dict[str, str] = {}
    stages: set[str] = set()
    for number, row in enumerate(map(str.strip, text.splitlines()), 1):
        if found := _ARG.match(row):
            values |= {name: value.strip("\"'") for name, value in _DEFAULT.findall(found[1])}
        elif found := _FROM.match(row):
            if found[1].lower() not in stages:
                yield from _image(found[1], values, number)
            stages |= {found[2].lower()} if found[2] else set()
        elif (found := _COPY.match(row)) and not found[1].isdigit() and found[1].lower() not in stages:
            yield from _image(found[1], values, number)


def _image(reference: str, values: Mapping[str, str], line: int) -> Iterator[Requirement]:
    """An image's name without, and as spec with, its tag and digest."""
    filled = _VARIABLE.sub(lambda one: values.get(one[1] or one[2]) or one[3] or one[0], reference)
    # A variable that has no value here may have any sign in it.
    plain = _UNFILLED.sub(lambda one: "_" * len(one[0]), filled)
    end = plain.find("@") if "@" in plain else len(plain)
    # A colon before the last slash is the port of a registry.
    colon = plain.find(":", plain.rfind("/", 0, end) + 1, end)
    name, tag, digest = filled[: colon if colon >= 0 else end], filled[colon + 1 : end], filled[end + 1 :]
    tag = tag if colon >= 0 else ""
    if name and name != "scratch":
        spec = "@".join(filter(None, [tag, digest.removeprefix("sha256:")[:12]]))
        yield Requirement(name=name, spec=spec, kind="image", line=line)


def _compose(_: str, text: str) -> Iterator[Requirement]:
    for service in yaml_of(text).get("services").values():
        image = service.get("image")
        # With a recipe of its own the name is that of the image to make.
        if image.text and service.get("build").node is None:
            yield from _image(image.text, {}, image.line)


DOCKERFILE = Manifest(ecosystem="docker", claims=is_dockerfile, read=_dockerfile)
COMPOSE = Manifest(ecosystem="docker", claims=is_compose, read=_compose)
