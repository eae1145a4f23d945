"""Cloudflare: the DNS records of a zone.

Source: https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ..model import Item, Live
from .http import Api, pages, rows
from .probe import Connection, Probe, ProbeError, presence

_PAGE = 100
_TYPES = frozenset({"A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"})


def _answers(item: Item) -> bool:
    return item.domain == "third_party" and "dns" in item.kind.lower()


def _read(connection: Connection) -> list[dict[str, Any]]:
    address = connection.address("https://api.cloudflare.com/client/v4")
    api = Api(connection, address, {"Authorization": f"Bearer {connection.token(address)}"})
    zone = quote(connection.needed("zone"), safe="")
    found: list[dict[str, Any]] = []
    for page in pages():
        answer = api.object(f"zones/{zone}/dns_records", page=page + 1, per_page=_PAGE)
        if answer.get("success") is not True:
            raise ProbeError("it says that the request failed")
        records = rows(answer, "result")
        found += records
        info = answer.get("result_info")
        last = info.get("total_pages", 1) if isinstance(info, dict) else 1
        if not records or page + 1 >= int(last):
            break
    return found


def _ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    records = _read(connection)
    return {item.id: _live(item, records) for item in items}


def _live(item: Item, records: Sequence[Mapping[str, Any]]) -> Live:
    words = item.name.split()
    types = {word.upper() for word in words} & _TYPES
    name = next((word.lower().rstrip(".") for word in words if word.upper() not in _TYPES), "")
    there = [
        one
        for one in records
        if str(one.get("name", "")).lower() == name and (not types or str(one.get("type", "")).upper() in types)
    ]
    if not there:
        return presence(item, False, "there is no such record")
    return presence(item, True, ", ".join(f"{one.get('type')} {one.get('content')}" for one in there[:3]))


def _fingerprint(connection: Connection) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in _read(connection):
        key = f"{one.get('type')} {one.get('name')}"
        state = connection.hash(f"{one.get('content')} {one.get('proxied')} {one.get('ttl')} {one.get('priority')}")
        found[key] = " ".join(sorted([*found.get(key, "").split(), f"#{state}"]))
    return found


CLOUDFLARE = Probe(kind="cloudflare", domain="third_party", answers=_answers, ask=_ask, fingerprint=_fingerprint)
