"""Terraform and OpenTofu: which resources the state holds, and, if asked for, whether a plan would change anything.

`state pull` starts no provider: what `.terraform` holds may have come with the repository. `plan` starts them, so
it runs only with the option `plan = "yes"`. Source: https://developer.hashicorp.com/terraform/cli/commands
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..model import Item, Live
from .commands import installed, run
from .probe import Connection, Probe, ProbeError, presence

_ADDRESS = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?[A-Za-z]\w*\.[\w-]+(?:\[[^\]]*\])?")
_ENVIRONMENT = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
_CHANGES = 2


def _answers(item: Item) -> bool:
    return item.domain == "third_party" and "terraform" in item.kind and _ADDRESS.fullmatch(item.name) is not None


def _program(connection: Connection) -> str:
    return os.path.basename(installed(connection, "terraform", "tofu"))


def _resources(connection: Connection) -> dict[str, str]:
    """Address without keys → the salted hash of its instances."""
    said = run(connection, [_program(connection), "state", "pull"], extra=_ENVIRONMENT).text
    if not said.strip():
        raise ProbeError("there is no state here: set path to the directory it is applied from")
    try:
        state = json.loads(said)
        return {_address(one): connection.hash(_instances(one)) for one in state.get("resources") or ()}
    except (ValueError, RecursionError, AttributeError, TypeError):
        raise ProbeError("its state is of a form that is not known") from None


def _address(resource: Mapping[str, Any]) -> str:
    data = "data." if resource.get("mode") == "data" else ""
    module = f"{resource['module']}." if resource.get("module") else ""
    return _plain(f"{module}{data}{resource.get('type')}.{resource.get('name')}")


def _instances(resource: Mapping[str, Any]) -> str:
    return json.dumps(resource.get("instances"), sort_keys=True)


def _plain(address: str) -> str:
    """An address without the keys of its instances."""
    return re.sub(r"\[[^\]]*\]", "", address)


def _ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    resources = _resources(connection)
    planned = _planned(connection) if connection.option("plan") == "yes" else ""
    return {item.id: _live(connection, item, resources, planned) for item in items}


def _live(connection: Connection, item: Item, resources: Mapping[str, str], planned: str) -> Live:
    address = _plain(item.name)
    now, before = resources.get(address, ""), connection.recorded.get(address, "")
    if connection.recorded:
        same = (f"#{now}" if now else "") == before
        detail = f"{'as recorded before' if same else 'another state than before'}{planned}"
        return Live(checked=True, state="same" if same else "changed", detail=detail, clean=same)
    return presence(item, bool(now), f"the state {'holds it' if now else 'does not hold it'}{planned}")


def _planned(connection: Connection) -> str:
    """What a plan says of the whole directory."""
    argv = [_program(connection), "plan", "-detailed-exitcode", "-lock=false", "-input=false", "-no-color"]
    code = run(connection, argv, ok=(0, _CHANGES), extra=_ENVIRONMENT).code
    return "; a plan of this directory would change something" if code == _CHANGES else "; a plan changes nothing"


def _fingerprint(connection: Connection) -> Mapping[str, str]:
    return {address: f"#{state}" for address, state in _resources(connection).items()}


TERRAFORM = Probe(kind="terraform", domain="third_party", answers=_answers, ask=_ask, fingerprint=_fingerprint)
