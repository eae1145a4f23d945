"""What a rule about a session's changes sees and says."""

from collections.abc import Iterator, Sequence
from typing import Protocol as Interface

from ...core import globs
from ...core.records import dataclass
from ..protocol.model import Decision, Protocol

NO_LAYER = ""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A session and what it changes.

    Attributes:
        protocol: the rules in force.
        changed: paths the session has changed or would change.
        declared: path patterns the session declared; empty means all.
        layers: layers the session declared; empty means any.
        max_files: the session's own, tighter limit.
        branch: current branch, short; None when detached.
    """

    protocol: Protocol
    changed: Sequence[str]
    declared: Sequence[str] = ()
    layers: Sequence[str] = ()
    max_files: int | None = None
    branch: str | None = None

    def layer(self, path: str) -> str:
        """The layer of a path, the first that matches; empty if none does."""
        return next(
            (name for name, patterns in self.protocol.layers.items() if globs.first_match(path, patterns)),
            NO_LAYER,
        )

    @property
    def file_limit(self) -> int | None:
        """The tighter of the protocol's and the session's limit."""
        limits = [limit for limit in (self.protocol.max_files, self.max_files) if limit is not None]
        return min(limits) if limits else None

    @property
    def touched_layers(self) -> list[str]:
        """Layers of the changed paths, in order of first appearance."""
        return list(dict.fromkeys(layer for layer in map(self.layer, self.changed) if layer))


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What a rule has against a session's changes.

    Attributes:
        rule: the rule's id.
        decision: ask or refuse.
        paths: the paths it is about.
        why: one sentence.
        instead: what to do.
    """

    rule: str
    decision: Decision
    paths: Sequence[str]
    why: str
    instead: str


class Rule(Interface):
    """A rule about what a session changes."""

    id: str

    def check(self, situation: Situation) -> Iterator[Violation]:
        """Everything the rule has against a situation."""
        ...
