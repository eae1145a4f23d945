"""What the results of all tools share."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ..core.snapshot.policy import Skipped as CoreSkipped
from ..core.text import show_path

MAX_ROWS = 200
"""Rows of one list in an answer; the rest is counted. Clients put longer answers into a file."""


class Part(BaseModel):
    """A piece of a result; closed, so that a typing mistake fails a test."""

    model_config = ConfigDict(extra="forbid")


class Result(Part):
    """A tool's answer.

    Attributes:
        journal_head: hash of the ledger's newest record: a witness the client keeps.
        notices: what happened meanwhile that somebody has to know, such as a finished recovery.
    """

    journal_head: str = ""
    notices: list[str] = []


class Skipped(Part):
    """Something a checkpoint left out."""

    path: str
    reason: str
    bytes: int


class PathNote(Part):
    """A path and what is said about it."""

    path: str
    why: str


PathList = Annotated[list[str], Field(description="relative to the root")]


def show_skipped(skipped: Iterable[CoreSkipped]) -> list[Skipped]:
    """At most `MAX_ROWS` of what was left out."""
    return [Skipped(path=show_path(one.path), reason=one.reason, bytes=one.bytes) for one in list(skipped)[:MAX_ROWS]]


def show_paths(paths: Sequence[str]) -> list[str]:
    """At most `MAX_ROWS` paths, printable."""
    return [show_path(path) for path in paths[:MAX_ROWS]]
