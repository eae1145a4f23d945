"""NuGet: project files, central package versions, packages.config, and packages.lock.json."""

import re
from collections.abc import Iterator, Mapping

from .documents import json_of, table, xml_of
from .model import Asking, Lock, Manifest, Requirement

_PATH = re.compile(
    r"(?:^|/)(?:[^/]+\.(?:cs|fs|vb)proj|Directory\.(?:Packages|Build)\.(?:props|targets)|packages\.config)$"
)
_PROPERTY = re.compile(r"\$\(([\w.]+)\)")


def _project(_: str, text: str) -> Iterator[Requirement]:
    project = xml_of(text)
    values = {one.tag: one.text.strip() for group in project.all("PropertyGroup") for one in group.children}

    def filled(version: str) -> str:
        return _PROPERTY.sub(lambda found: values.get(found[1], found[0]), version)

    for element in project.all("PackageReference", "PackageVersion", "GlobalPackageReference", "package"):
        given = element.attributes
        name = given.get("Include") or given.get("Update") or given.get("id")
        version = given.get("Version") or given.get("VersionOverride") or given.get("version")
        if name:
            spec = filled(version or element.child("Version"))
            yield Requirement(name=name, spec=spec, line=element.line)
    for element in project.all("TargetFramework", "TargetFrameworks"):
        yield Requirement(name="dotnet", spec=filled(element.text.strip()), kind="runtime", line=element.line)


def _lock(text: str, _: Asking) -> Mapping[str, str]:
    found: dict[str, set[str]] = {}
    for packages in table(json_of(text).get("dependencies")).values():
        for name, value in table(packages).items():
            entry = table(value)
            if entry.get("type") == "Direct":
                found.setdefault(name, set()).add(str(entry.get("resolved", "")))
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


NUGET = Manifest(ecosystem="nuget", claims=lambda path: _PATH.search(path) is not None, read=_project)
NUGET_LOCK = Lock(ecosystem="nuget", names=frozenset({"packages.lock.json"}), resolved=_lock)
