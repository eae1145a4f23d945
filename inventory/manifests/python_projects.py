"""Python projects: pyproject.toml (PEP 621, 735; Poetry, uv, PDM, Hatch) and Pipfile."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .documents import strings, table, toml_of
from .model import Manifest, Requirement, folded, named
from .python_specs import requirements


def _pyproject(_: str, text: str) -> Iterator[Requirement]:
    data = toml_of(text)
    project, tool = table(data.get("project")), table(data.get("tool"))
    own = _own_packages(table(tool.get("uv")))
    for found in _requirements(data, project, tool):
        if folded("pypi", found.name) not in own:
            yield found


def _own_packages(uv: dict[str, Any]) -> set[str]:
    """What uv takes from this repository."""
    sources = table(uv.get("sources")).items()
    return {folded("pypi", name) for name, source in sources if {"workspace", "path"} & table(source).keys()}


def _requirements(
    data: Mapping[str, Any], project: Mapping[str, Any], tool: Mapping[str, Any]
) -> Iterator[Requirement]:
    yield from requirements(strings(project.get("dependencies")), under="dependencies")
    for extra, listed in table(project.get("optional-dependencies")).items():
        yield from requirements(strings(listed), extra, extra)
    for group, listed in table(data.get("dependency-groups")).items():
        yield from requirements(strings(listed), group, group)
    yield from requirements(strings(table(data.get("build-system")).get("requires")), "build", "[build-system]")
    if isinstance(version := project.get("requires-python"), str):
        yield _python(version, "requires-python")
    yield from _poetry(table(tool.get("poetry")))
    yield from _uv(table(tool.get("uv")))
    for group, listed in table(table(tool.get("pdm")).get("dev-dependencies")).items():
        yield from requirements(strings(listed), group, "[tool.pdm")
    for group, environment in table(table(tool.get("hatch")).get("envs")).items():
        for section in ("dependencies", "extra-dependencies"):
            yield from requirements(strings(table(environment).get(section)), group, "[tool.hatch.envs")


def _python(version: str, under: str) -> Requirement:
    return Requirement(name="python", spec="".join(version.split()), kind="runtime", under=under)


def _uv(tool: dict[str, Any]) -> Iterator[Requirement]:
    yield from requirements(strings(tool.get("dev-dependencies")), "dev", "[tool.uv]")
    for section in ("override-dependencies", "constraint-dependencies"):
        yield from requirements(strings(tool.get(section)), "override", section)


def _poetry(tool: dict[str, Any]) -> Iterator[Requirement]:
    groups = {"": (table(tool.get("dependencies")), "[tool.poetry.dependencies]")}
    groups["dev"] = (table(tool.get("dev-dependencies")), "[tool.poetry.dev-dependencies]")
    for group, value in table(tool.get("group")).items():
        listed = {**groups.get(group, ({}, ""))[0], **table(table(value).get("dependencies"))}
        groups[group] = (listed, f"[tool.poetry.group.{group}.dependencies]")
    for group, (listed, under) in groups.items():
        for name, value in listed.items():
            if name == "python" and isinstance(value, str):
                yield _python(value, under)
            elif (spec := _spec(value)) is not None:
                yield Requirement(name=name, spec=spec, group=group, under=under)


def _spec(value: object) -> str | None:
    """Poetry's and Pipenv's ways to say a version; None for a package of this repository."""
    if isinstance(value, str):
        return "" if value == "*" else re.sub(r"\s*,\s*", ",", value.strip())
    if isinstance(value, list):
        return " | ".join(filter(None, map(_spec, value)))
    options = table(value)
    if "path" in options or "file" in options:
        return None
    remote = next((str(options[key]) for key in ("git", "url") if key in options), "")
    exact = [f"{key} {options[key]}" for key in ("rev", "ref", "tag", "branch") if key in options]
    return " ".join(filter(None, [_spec(options.get("version", "")) or "", remote, *exact]))


def _pipfile(_: str, text: str) -> Iterator[Requirement]:
    data = toml_of(text)
    for section, group in (("packages", ""), ("dev-packages", "dev")):
        for name, value in table(data.get(section)).items():
            if (spec := _spec(value)) is not None:
                yield Requirement(name=name, spec=spec, group=group, under=f"[{section}]")
    wanted = table(data.get("requires"))
    for key in ("python_full_version", "python_version"):
        if isinstance(version := wanted.get(key), str):
            yield _python(version, "[requires]")
            return


PYPROJECT = Manifest(ecosystem="pypi", claims=named("pyproject.toml"), read=_pyproject)
PIPFILE = Manifest(ecosystem="pypi", claims=named("Pipfile"), read=_pipfile)
