"""Where Rails' Active Storage keeps files: the services of config/storage.yml."""

import hashlib
import re
from collections.abc import Iterator

from ..changes import Side
from ..reading.named import Fact
from ..reading.yaml import Scalar, scalars
from .providers import host_provider
from .setups import SET_UP

CLAIMS = re.compile(r"(?:^|/)config/storage(?:[./][\w-]+)?\.ya?ml$")
"""Which paths are such files."""
_PROVIDERS = {
    "s3": "aws", "gcs": "google", "azurestorage": "azure", "azureblob": "azure", "cloudinary": "cloudinary",
    "openstack": "openstack", "aliyun": "aliyun", "imgix": "imgix",
}  # fmt: skip
_TEMPLATE = re.compile(r"<%=[^%>]{1,200}%>[.-]?")
_HOST = re.compile(r"(?:https?://)?(?:[^/@\s]*@)?((?:[\w-]+\.)+[a-z]{2,})(?:[:/]|$)", re.IGNORECASE)
_LONGEST = 300


def facts(side: Side) -> list[Fact]:
    """The services of a file, but for disks; two sides are told apart by a hash, for options may be secrets."""
    services: dict[str | int, list[Scalar]] = {}
    for one in scalars(side.text):
        if len(one.path) > 1:
            services.setdefault(one.path[0], []).append(one)
    return [fact for rows in services.values() for fact in _fact(rows)]


def _fact(rows: list[Scalar]) -> Iterator[Fact]:
    options = {str(one.path[1]): one.value for one in rows if len(one.path) == 2}
    provider = _PROVIDERS.get(options.get("service", "").lower())
    if provider is None:
        return
    endpoint = _HOST.match(_TEMPLATE.sub("", options.get("endpoint", "")[:_LONGEST]))
    named = host_provider(endpoint[1], "", asked=True) if endpoint else None
    text = "\0".join(f"{one.path[1:]} {one.value}" for one in rows)
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    keeper = named[0] if named else provider
    yield Fact(
        kind="integration",
        name=f"{keeper} (storage service {rows[0].path[0]})",
        details={"keeper": keeper},
        line=rows[0].line,
        value=f"{SET_UP} ({digest}) with {', '.join(options)}",
        shown=f"{rows[0].path[0]}: service {options['service']}",
    )
