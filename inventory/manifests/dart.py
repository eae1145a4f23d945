"""Dart and Flutter: pubspec.yaml and pubspec.lock."""

from collections.abc import Iterator, Mapping

from .documents import Yaml, yaml_of
from .model import Asking, Lock, Manifest, Requirement, named

_GROUPS = {"dependencies": "", "dev_dependencies": "dev", "dependency_overrides": "override"}


def _pubspec(_: str, text: str) -> Iterator[Requirement]:
    data = yaml_of(text)
    for section, group in _GROUPS.items():
        for name, value in data.get(section).items():
            keys = dict(value.items())
            # An SDK's own packages and those of this repository come from no registry.
            if not {"sdk", "path"} & keys.keys():
                yield Requirement(name=name, spec=_spec(value, keys), group=group, line=value.line)
    for name, value in data.get("environment").items():
        runtime = "dart" if name == "sdk" else name
        yield Requirement(name=runtime, spec=value.text, kind="runtime", line=value.line)


def _spec(value: Yaml, keys: Mapping[str, Yaml]) -> str:
    git = keys.get("git", Yaml(None))
    parts = [value.text, keys.get("version", Yaml(None)).text, git.text, git.get("url").text, git.get("ref").text]
    return " ".join(filter(None, parts))


def _pubspec_lock(text: str, _: Asking) -> Mapping[str, str]:
    packages = yaml_of(text).get("packages").items()
    return {
        name: value.get("version").text
        for name, value in packages
        if value.get("dependency").text.startswith("direct")
    }


PUBSPEC = Manifest(ecosystem="pub", claims=named("pubspec.yaml"), read=_pubspec)
PUBSPEC_LOCK = Lock(
    ecosystem="pub", names=frozenset({"pubspec.lock"}), resolved=_pubspec_lock, manifests=("pubspec.yaml",)
)
