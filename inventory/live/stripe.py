"""Stripe: the webhook endpoints of an account.

Source: https://docs.stripe.com/api/webhook_endpoints/list
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..model import Item, Live
from .http import Api, pages, rows
from .probe import Connection, Probe, presence

_PAGE = 100
_ROUTE = re.compile(r"https?://\S+|/\S*")
# A part of a route that is filled in: `:id`, `[slug]`, `{id}`, `<int:id>`.
_FILLED = re.compile(r"[:\[{<].*")


def _answers(item: Item) -> bool:
    return item.domain == "third_party" and "webhook" in item.kind and "/" in item.name


def _read(connection: Connection) -> list[dict[str, Any]]:
    address = connection.address("https://api.stripe.com")
    api = Api(connection, address, {"Authorization": f"Bearer {connection.token(address)}"})
    found: list[dict[str, Any]] = []
    for _ in pages():
        after = found[-1].get("id") if found else None
        answer = api.object("v1/webhook_endpoints", limit=_PAGE, starting_after=after)
        endpoints = rows(answer, "data")
        found += endpoints
        if not endpoints or not answer.get("has_more"):
            break
    return found


def _ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    endpoints = _read(connection)
    return {item.id: _live(item, [one for one in endpoints if _is_for(one, item.name)]) for item in items}


def _is_for(endpoint: Mapping[str, Any], route: str) -> bool:
    """Whether an endpoint's address ends with a route, whose filled-in parts fit anything."""
    found = _ROUTE.search(route)
    asked = [part for part in urlsplit(found[0] if found else "").path.split("/") if part]
    there = [part for part in urlsplit(str(endpoint.get("url", ""))).path.split("/") if part][-len(asked) :]
    return len(asked) == len(there) > 0 and all(
        _FILLED.fullmatch(one) or one == other for one, other in zip(asked, there, strict=True)
    )


def _live(item: Item, endpoints: Sequence[Mapping[str, Any]]) -> Live:
    on = [one for one in endpoints if one.get("status") == "enabled"]
    if on:
        return presence(item, True, f"it calls this route: {_events(on[0])}")
    return presence(item, False, "its endpoint is disabled" if endpoints else "it has no endpoint for this route")


def _events(endpoint: Mapping[str, Any]) -> str:
    events = [str(one) for one in endpoint.get("enabled_events") or ()]
    return "every event" if events == ["*"] else ", ".join(events[:3]) + (" …" if len(events) > 3 else "")


def _fingerprint(connection: Connection) -> Mapping[str, str]:
    return {
        str(one.get("id", "")): (
            f"{one.get('status')}, {connection.hash(str(one.get('url', '')))}, "
            f"{connection.hash(' '.join(sorted(str(event) for event in one.get('enabled_events') or ())))}"
        )
        for one in _read(connection)
    }


STRIPE = Probe(kind="stripe", domain="third_party", answers=_answers, ask=_ask, fingerprint=_fingerprint)
