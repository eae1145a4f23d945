"""Maven: pom.xml, with the properties that versions are written in."""

import re
from collections.abc import Iterator, Mapping

from .documents import xml_of
from .model import Manifest, Requirement

_PATH = re.compile(r"(?:^|/)(?:pom\.xml|[^/]+\.pom)$")
_PROPERTY = re.compile(r"\$\{([^{}]+)\}")
_RUNTIME = {"maven.compiler.release": "java", "java.version": "java", "maven.compiler.target": "java"}


def _pom(_: str, text: str) -> Iterator[Requirement]:
    project = xml_of(text)
    properties = {one.tag: one for holder in project.all("properties") for one in holder.children}
    values = {name: one.text.strip() for name, one in properties.items()}
    own = (
        project.child("groupId"),
        next((one.child("groupId") for one in project.children if one.tag == "parent"), ""),
    )
    for element in project.all("dependency", "plugin", "parent", "extension"):
        group = element.child("groupId") or ("org.apache.maven.plugins" if element.tag == "plugin" else "")
        name, version = element.child("artifactId"), _filled(element.child("version"), values)
        group = _filled(group, values)
        if not name or group in ("${project.groupId}", "${groupId}") or (group in own and "${project." in version):
            continue
        role = element.child("scope") if element.tag == "dependency" else element.tag
        role = "" if role in ("compile", "runtime") else role
        yield Requirement(name=f"{group}:{name}", spec=version, group=role, line=element.line)
    for key, runtime in _RUNTIME.items():
        if key in properties:
            yield Requirement(name=runtime, spec=values[key], kind="runtime", line=properties[key].line)
            return


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its properties in their places; one that is not known here stays as it is."""
    return _PROPERTY.sub(lambda found: values.get(found[1], found[0]), text)


POM = Manifest(ecosystem="maven", claims=lambda path: _PATH.search(path) is not None, read=_pom)
