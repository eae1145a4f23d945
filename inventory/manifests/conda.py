"""Conda environments, with what pip installs into them."""

import re
from collections.abc import Iterator

from .documents import yaml_of
from .model import Manifest, Requirement, named
from .python_specs import requirement

_SPEC = re.compile(r"(?:[\w.-]+::)?([\w.-]+)\s*([<>=!~].*)?$")


def _environment(_: str, text: str) -> Iterator[Requirement]:
    for one in yaml_of(text).get("dependencies"):
        found = _SPEC.match(one.text)
        if found and found[1] == "python":
            yield Requirement(name="python", spec=found[2] or "", kind="runtime", line=one.line)
        elif found and found[1] != "pip":
            yield Requirement(name=found[1], spec=(found[2] or "").strip(), line=one.line)
        for installed in one.get("pip"):
            if wanted := requirement(installed.text, line=installed.line):
                yield wanted


CONDA = Manifest(
    ecosystem="conda",
    claims=named("environment.yml", "environment.yaml", "conda.yaml", "conda.yml"),
    read=_environment,
)
