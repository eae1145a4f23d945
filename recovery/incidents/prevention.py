"""Proposals: a check, a rule or a trigger that would have caught it, in the protocol's own words."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...core.errors import InvalidInputError
from ...core.recovery import RecoverySettings
from ...core.text import clean
from ...policies.protocol.examples import check_examples
from ...policies.protocol.fence import Fence, parse_fence
from ...policies.protocol.model import Protocol

KINDS = ("check", "rule", "trigger")
"""What may be proposed; prose is none of it, for nothing would enforce it."""

MAX_PROPOSALS = 10
_MAX_TEXT = 4000
_FORM = (
    "Give one [[check]], [[rule]] or [[trigger]] block as TOML, such as "
    '\'[[check]]\\nname = "tests"\\nrun = "python -m pytest"\'.'
)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One block a human may copy into the protocol.

    Attributes:
        kind: one of `KINDS`.
        name: its name or id.
        toml: the block, as it reads.
        replaces: whether the protocol in force has one of that kind and name.
    """

    kind: str
    name: str
    toml: str
    replaces: bool = False


def proposals(texts: Sequence[str], hide: Callable[[str], str], protocol: Protocol) -> list[Proposal]:
    """The proposals in some texts, each read as the protocol reads its block; examples of rules have to hold.

    Args:
        texts: one block each.
        hide: takes secrets out.
        protocol: in force.

    Raises:
        InvalidInputError: naming the item and what is wrong with it.
    """
    if len(texts) > MAX_PROPOSALS:
        raise InvalidInputError(
            f"There are {len(texts)} prevention items, at most {MAX_PROPOSALS} are taken.",
            hint="Keep those that matter.",
        )
    found: list[Proposal] = []
    for number, text in enumerate(texts, start=1):
        one = _proposal(number, hide(clean(text.strip(), limit=_MAX_TEXT)), protocol)
        if any((one.kind, one.name) == (other.kind, other.name) for other in found):
            raise InvalidInputError(
                f"prevention item {number}: there is a second {one.kind} {one.name}.", hint="Give each its own name."
            )
        found.append(one)
    return found


def _proposal(number: int, text: str, protocol: Protocol) -> Proposal:
    try:
        values, _ = parse_fence(Fence(line=0, body=text))
        rules = values.get("rules", ())
        check_examples(rules)
    except InvalidInputError as error:
        raise InvalidInputError(f"prevention item {number}: {error}", hint=_FORM) from error
    recovery = values.get("recovery")
    rows = [("rule", one.id) for one in rules]
    if recovery is not None:
        rows += [("check", one.name) for one in recovery.checks]
        rows += [("trigger", one.id) for one in recovery.triggers]
    others = set(values) - {"rules", "recovery"}
    if len(rows) != 1 or others or (recovery is not None and not _only_rows(recovery)):
        raise InvalidInputError(
            f"prevention item {number} holds {len(rows)} blocks of {', '.join(KINDS)}, and must hold one, nothing "
            "else.",
            hint=_FORM,
        )
    kind, name = rows[0]
    return Proposal(kind=kind, name=name, toml=text, replaces=rows[0] in _standing(protocol))


def _only_rows(recovery: RecoverySettings) -> bool:
    """Whether nothing but checks and triggers is set."""
    return dataclasses.replace(recovery, checks=(), triggers=()) == RecoverySettings()


def _standing(protocol: Protocol) -> set[tuple[str, str]]:
    recovery = protocol.recovery
    return {
        *(("rule", one.id) for one in protocol.rules),
        *(("check", one.name) for one in recovery.checks),
        *(("trigger", one.id) for one in recovery.triggers),
    }
