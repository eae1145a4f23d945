"""Ids with types of their own, and the checks that keep anything else out."""

from typing import NewType

from .errors import InvalidInputError
from .late import late

OURS = "refs/safe-rollback/"
"""Everything we keep; hidden from branch and tag listings."""

Oid = NewType("Oid", str)
"""The full hexadecimal name of an object that exists: 40 digits (SHA-1) or 64 (SHA-256)."""

MaybeOid = Oid | None
"""An object name, or None where there may be none (an unborn branch)."""

SessionId = NewType("SessionId", str)
"""`2026-11-20-001`: the day and a counter."""

ChainId = NewType("ChainId", str)
"""A session id, or `at-<worktree>` for checkpoints taken outside any session."""

CheckpointId = NewType("CheckpointId", str)
"""`<chain>.<n>`, n counting from 1: `2026-11-20-001.4`."""

OperationId = NewType("OperationId", str)
"""`op-` and eight hexadecimal digits."""

ActionId = NewType("ActionId", str)
"""`act-` and eight hexadecimal digits."""

PlanId = NewType("PlanId", str)
"""`plan-` and eight hexadecimal digits."""

_OID = late(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CHAIN = late(rf"(?:{_DAY}-[0-9]{{3,9}}|at-[A-Za-z0-9._-]{{1,80}})\Z")
_SESSION = late(rf"{_DAY}-[0-9]{{3,9}}\Z")
_NUMBER = late(r"0*[1-9][0-9]{0,8}\Z")
_OPERATION = late(r"op-[0-9a-f]{8}\Z")
_ACTION = late(r"act-[0-9a-f]{8}\Z")
_PLAN = late(r"plan-[0-9a-f]{8}\Z")


def oid(text: str) -> Oid:
    """The object name in `text`.

    Raises:
        ValueError: if it is not a full object name; git printed something unexpected.
    """
    if not _OID.match(text):
        raise ValueError(f"not an object name: {text!r}")
    return Oid(text)


def session_id(text: str) -> SessionId:
    """A session id from a caller.

    Raises:
        InvalidInputError: if it does not look like one.
    """
    if not _SESSION.match(text):
        raise InvalidInputError(
            f"{text!r} is not a session id.",
            hint="It looks like 2026-11-20-001; `safe-rollback log` lists them.",
        )
    return SessionId(text)


def checkpoint_id(text: str) -> CheckpointId:
    """A checkpoint id from a caller.

    Raises:
        InvalidInputError: if it does not look like one.
    """
    chain, dot, number = text.rpartition(".")
    if not (dot and _CHAIN.match(chain) and _NUMBER.match(number)):
        raise InvalidInputError(
            f"{text!r} is not a checkpoint id.",
            hint="It looks like 2026-11-20-001.4; list_checkpoints names them.",
        )
    return CheckpointId(f"{chain}.{int(number)}")


def chain_of(checkpoint: CheckpointId) -> ChainId:
    """The chain a checkpoint belongs to."""
    return ChainId(checkpoint.rpartition(".")[0])


def operation_id(text: str) -> OperationId:
    """An operation id from a caller.

    Raises:
        InvalidInputError: if it does not look like one.
    """
    if not _OPERATION.match(text):
        raise InvalidInputError(
            f"{text!r} is not an operation id.",
            hint="It looks like op-1a2b3c4d; `safe-rollback log` lists them.",
        )
    return OperationId(text)


def action_id(text: str) -> ActionId:
    """An action id from a caller.

    Raises:
        InvalidInputError: if it does not look like one.
    """
    if not _ACTION.match(text):
        raise InvalidInputError(
            f"{text!r} is not an action id.", hint="It looks like act-1a2b3c4d; session_report lists them."
        )
    return ActionId(text)


def plan_id(text: str) -> PlanId:
    """A plan id from a caller.

    Raises:
        InvalidInputError: if it does not look like one.
    """
    if not _PLAN.match(text):
        raise InvalidInputError(
            f"{text!r} is not a plan id.", hint="It looks like plan-1a2b3c4d; plan_rollback returns one."
        )
    return PlanId(text)
