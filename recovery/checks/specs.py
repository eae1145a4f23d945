"""Which checks a protocol asks for."""

import dataclasses
from collections.abc import Sequence

from ...core.errors import InvalidInputError
from ...core.recovery import CheckSpec
from ...policies.protocol.model import Protocol


def checks_of(protocol: Protocol) -> list[CheckSpec]:
    """Every `[[check]]`, and those commands of `[on_session_end]` that are none; these are named by their text."""
    listed = list(protocol.recovery.checks)
    known = {one.run for one in listed}
    return listed + [CheckSpec(name=line, run=line) for line in dict.fromkeys(protocol.gates) if line not in known]


def gates_of(protocol: Protocol) -> list[CheckSpec]:
    """The commands of `[on_session_end]`, named by their text, under the limits of a `[[check]]` that is the same."""
    limits = {one.run: one for one in protocol.recovery.checks}
    plain = [limits.get(line, CheckSpec(name=line, run=line)) for line in protocol.gates]
    return [dataclasses.replace(one, name=one.run) for one in plain]


def choose(checks: Sequence[CheckSpec], names: Sequence[str] | None) -> list[CheckSpec]:
    """Those with these names, in the order of the names; all for None.

    Raises:
        InvalidInputError: if a name is none of them.
    """
    if names is None:
        return list(checks)
    known = {one.name: one for one in checks}
    missing = next((name for name in names if name not in known), None)
    if missing is not None:
        raise InvalidInputError(
            f"There is no check {missing!r}.",
            hint=f"There {'are' if len(known) > 1 else 'is'} {', '.join(known)}." if known else NO_CHECKS,
        )
    return [known[name] for name in dict.fromkeys(names)]


NO_CHECKS = 'The protocol in CLAUDE.md names none: add [[check]] with name = "tests" and run = "…".'
"""What to do where no check is configured."""
