"""Reads a manifest's or a lock file's text with its own reader, and says in a line each what it asks for."""

from collections.abc import Mapping

from safe_rollback.inventory.manifests.asking import lock_of, manifest_of
from safe_rollback.inventory.manifests.lines import line_of
from safe_rollback.inventory.manifests.model import folded


def asked(path: str, text: str) -> list[str]:
    """`line kind name spec (group)` of each requirement; the kind only where it is no package."""
    manifest = manifest_of(path)
    assert manifest is not None, path
    rows = []
    for one in manifest.read(path, text):
        words = [str(line_of(text.splitlines(), one)), "" if one.kind == "package" else one.kind, one.name, one.spec]
        rows.append(" ".join([word for word in words if word] + ([f"({one.group})"] if one.group else [])))
    return rows


def resolved(path: str, text: str, wanted: Mapping[str, str] | None = None) -> dict[str, str]:
    """The versions of direct dependencies, where the manifests ask for `wanted` (name → spec)."""
    lock = lock_of(path)
    assert lock is not None and lock.resolved is not None, path
    names = {folded(lock.ecosystem, name): frozenset({spec}) for name, spec in (wanted or {}).items()}
    return dict(lock.resolved(text, lambda: names))
