"""The base of all that can be recorded."""

from ..records import dataclass


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events; the kind on disk is the class name in snake case."""
