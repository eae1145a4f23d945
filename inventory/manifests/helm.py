"""Helm: the charts that a chart depends on, and Chart.lock."""

from collections.abc import Iterator, Mapping

from .documents import yaml_of
from .model import Asking, Lock, Manifest, Requirement, named


def _chart(_: str, text: str) -> Iterator[Requirement]:
    for one in yaml_of(text).get("dependencies"):
        # A chart of the same repository comes from no other one.
        if (name := one.get("name").text) and not one.get("repository").text.startswith("file:"):
            yield Requirement(name=name, spec=one.get("version").text, line=one.get("name").line)


def _lock(text: str, _: Asking) -> Mapping[str, str]:
    return {one.get("name").text: one.get("version").text for one in yaml_of(text).get("dependencies")}


CHART = Manifest(ecosystem="helm", claims=named("Chart.yaml", "requirements.yaml"), read=_chart)
CHART_LOCK = Lock(ecosystem="helm", names=frozenset({"Chart.lock", "requirements.lock"}), resolved=_lock)
