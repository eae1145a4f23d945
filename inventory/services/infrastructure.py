"""Infrastructure in files: Terraform's resources, objects of Kubernetes, DNS, and files a provider takes whole."""

import hashlib
import re
from collections.abc import Iterator

from ...core.grammar import line as line_of
from ...core.grammar import parse, walk
from ..changes import Side
from ..reading.named import Fact
from ..reading.yaml import Scalar, scalars

_WHOLE = {
    "security rules": r"(?:firestore\.rules|storage\.rules|database\.rules\.json|firestore\.indexes\.json)$",
    "app configuration": r"shopify\.app(?:\.[\w-]+)?\.toml$|(?:^|/)slack[\w-]*manifest\.(?:ya?ml|json)$|"
    r"(?:^|/)(?:auth0|tenant)\.ya?ml$|(?:^|/)manifest\.slack\.\w+$",
    "association": r"(?:apple-app-site-association(?:\.json)?|assetlinks\.json)$",
    "dns": r"(?:dnsconfig\.js|octodns/.+\.ya?ml|[\w.-]+\.zone|zones/[\w.-]+\.(?:ya?ml|db))$",
    "monitors": r"(?:datadog|pagerduty|statuspage|grafana|alerts?|prometheus)/.+\.(?:ya?ml|json)$",
}
WHOLE = tuple((kind, re.compile(f"(?:^|/){pattern}")) for kind, pattern in _WHOLE.items())
"""Files that a provider is given as they are, by kind."""

_NOT_OBJECTS = frozenset(
    {"Kustomization", "List", "Config", "ClusterConfig", "KustomizeConfig", "EncryptionConfiguration"}
)


def facts(side: Side) -> list[Fact]:
    """What a file sets up at a provider."""
    if side.path.endswith((".tf", ".tf.json")):
        return list(_terraform(side))
    for kind, pattern in WHOLE:
        if pattern.search(side.path):
            return [Fact(kind=kind, name=side.path, line=1, value=side.entry.oid[:10])]
    if re.search(r"(?:^|/)CNAME$", side.path) and re.fullmatch(r"\s*[\w.-]+\.\w+\s*", side.text):
        return [Fact(kind="dns", name=side.text.strip(), line=1)]
    if side.path.endswith((".yml", ".yaml")) and "apiVersion:" in side.text and "kind:" in side.text:
        return list(_kubernetes(side))
    return []


def claims(path: str) -> bool:
    """Whether a path may be such a file."""
    return (
        path.endswith((".tf", ".tf.json", ".yml", ".yaml"))
        or path.rpartition("/")[2] == "CNAME"
        or any(pattern.search(path) for _, pattern in WHOLE)
    )


def _digest(text: str) -> str:
    return hashlib.sha256(re.sub(r"\s+", " ", text).encode("utf-8", "replace")).hexdigest()[:10]


def _terraform(side: Side) -> Iterator[Fact]:
    tree = parse("hcl", side.data or b"")
    if tree is None:
        return
    for node in walk(tree.root):
        if node.type != "block":
            continue
        words = [tree.text(child).strip('"') for child in node.children if child.type in ("identifier", "string_lit")]
        name = {("resource", 3): ".".join(words[1:]), ("module", 2): ".".join(words[:2])}.get(
            (words[0], len(words)) if words else ("", 0)
        )
        if name:
            yield Fact(kind="terraform resource", name=name, line=line_of(node), value=_digest(tree.text(node)),
                       details={"directory": side.path.rpartition("/")[0]})  # fmt: skip


def _kubernetes(side: Side) -> Iterator[Fact]:
    documents: dict[int, list[Scalar]] = {}
    for one in scalars(side.text):
        documents.setdefault(one.document, []).append(one)
    for rows in documents.values():
        values = {one.path: one.value for one in rows}
        kind, name = values.get(("kind",), ""), values.get(("metadata", "name"), "")
        if not kind or not values.get(("apiVersion",)) or kind in _NOT_OBJECTS or not re.fullmatch(r"[A-Z]\w+", kind):
            continue
        line = next((one.line for one in rows if one.path == ("kind",)), 1)
        if "{{" in name or not name:
            # A chart's template: its own name is only known when it is installed.
            name = re.sub(r"\.ya?ml$", "", side.path.rpartition("/")[2])
        details = {"path": side.path, "namespace": values.get(("metadata", "namespace"), ""), "object": kind}
        if kind == "CronJob":
            schedule = values.get(("spec", "schedule"), "")
            yield Fact(kind="cron", name=name, line=line, value=schedule, details=details)
        digest = _digest("\n".join(f"{one.path} {one.value}" for one in rows))
        yield Fact(kind="kubernetes object", name=f"{kind}/{name}", line=line, value=digest, details=details)
