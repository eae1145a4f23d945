"""Composer: composer.json and composer.lock."""

from collections.abc import Iterator, Mapping

from .documents import json_of, table
from .model import Asking, Kind, Lock, Manifest, Requirement, folded, named

_GROUPS = {"require": "", "require-dev": "dev"}


def _composer_json(_: str, text: str) -> Iterator[Requirement]:
    data = json_of(text)
    for section, group in _GROUPS.items():
        for name, spec in table(data.get(section)).items():
            # `php`, `ext-gd` and `composer-runtime-api` are of the platform: no registry has them.
            kind: Kind = "package" if "/" in name else "runtime"
            yield Requirement(name=name, spec=str(spec), group=group, kind=kind, under=f'"{section}"')
    platform = table(table(data.get("config")).get("platform"))
    for name, version in platform.items():
        yield Requirement(name=name, spec=str(version), group="platform", kind="runtime", under='"platform"')


def _composer_lock(text: str, asked: Asking) -> Mapping[str, str]:
    data, wanted = json_of(text), asked()
    found: dict[str, str] = {}
    for section in ("packages", "packages-dev"):
        for entry in data.get(section) or ():
            package = table(entry)
            name = str(package.get("name", ""))
            if folded("packagist", name) in wanted:
                found[name] = str(package.get("version", ""))
    return found


COMPOSER_JSON = Manifest(ecosystem="packagist", claims=named("composer.json"), read=_composer_json)
COMPOSER_LOCK = Lock(
    ecosystem="packagist", names=frozenset({"composer.lock"}), resolved=_composer_lock, manifests=("composer.json",)
)
