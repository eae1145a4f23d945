"""Images: the revision that the OCI label of one says it was built from.

Source: https://github.com/opencontainers/image-spec/blob/main/annotations.md
"""

from collections.abc import Mapping, Sequence

from ...core.text import one_line
from ..model import Item, Live
from .commands import run_json
from .probe import Connection, Probe, ProbeError, unknown

_REVISION = "org.opencontainers.image.revision"
_MIN_COMMIT = 7


def _answers(item: Item) -> bool:
    return item.domain == "artifacts" and item.kind == "image build"


def _read(connection: Connection) -> tuple[str, str]:
    """The image's id, and the revision in its label; empty if it has none."""
    image = connection.needed("image")
    if image.startswith("-"):
        raise ProbeError("the option image names no image")
    found = run_json(connection, ["docker", "image", "inspect", image])
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        raise ProbeError("`docker image inspect` gave no image")
    config = found[0].get("Config")
    labels = config.get("Labels") if isinstance(config, dict) else None
    revision = labels.get(_REVISION, "") if isinstance(labels, dict) else ""
    return one_line(str(found[0].get("Id", "")), limit=80), one_line(str(revision), limit=80)


def _ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    id_, revision = _read(connection)
    return {item.id: _live(connection, item, id_, revision) for item in items}


def _live(connection: Connection, item: Item, id_: str, revision: str) -> Live:
    if connection.recorded:
        same = connection.recorded.get("id") == id_
        detail = f"{id_[:19]}{f', built from {revision}' if revision else ''}"
        return Live(checked=True, state="same" if same else "changed", detail=detail, clean=same)
    if not revision:
        return unknown(f"the image has no label {_REVISION}", checked=True)
    commits = {one.commit for one in item.evidence if one.commit}
    newer = len(revision) >= _MIN_COMMIT and any(commit.startswith(revision) for commit in commits)
    detail = f"built from {revision}{', which is to be rolled back' if newer else ''}"
    return Live(checked=True, state="present", detail=detail, clean=False if newer else None)


def _fingerprint(connection: Connection) -> Mapping[str, str]:
    id_, revision = _read(connection)
    return {"id": id_, **({"revision": revision} if revision else {})}


DOCKER = Probe(kind="docker", domain="artifacts", answers=_answers, ask=_ask, fingerprint=_fingerprint)
