"""Checks the examples of a project's rules when the protocol loads."""

from collections.abc import Sequence

from ..shell.analysis import analyse
from .fence import ProtocolError
from .model import RuleSpec


def check_examples(rules: Sequence[RuleSpec]) -> None:
    """Every `refuses` example has the rule's effect, no `permits` example has it.

    Raises:
        ProtocolError: naming the rule and the example.
    """
    for rule in rules:
        for command in rule.refuses:
            if not _matches(rule, command):
                raise ProtocolError(
                    f"Rule {rule.id} does not match its own example {command!r}: that has "
                    f"{', '.join(sorted({one.effect for one in analyse(command)}))}, not {rule.effect}.",
                    hint="Correct the effect or the example.",
                )
        for command in rule.permits:
            if _matches(rule, command):
                raise ProtocolError(
                    f"Rule {rule.id} matches {command!r}, which it lists under permits.",
                    hint="Correct the effect or the example.",
                )


def _matches(rule: RuleSpec, command: str) -> bool:
    return any(effect.effect == rule.effect for effect in analyse(command))
