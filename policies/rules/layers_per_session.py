"""A session stays within so many layers, and within those it declared."""

from collections.abc import Iterator

from ...core.text import plural
from .rule import Situation, Violation


class LayersPerSession:
    """Refuses the layer after the last one allowed, and layers that were not declared."""

    id = "layers-per-session"

    def check(self, situation: Situation) -> Iterator[Violation]:
        """One violation for each way of leaving the layers."""
        touched = situation.touched_layers
        limit = situation.protocol.max_layers
        if limit is not None and len(touched) > limit:
            beyond = touched[limit:]
            yield Violation(
                rule=self.id,
                decision="refuse",
                paths=[path for path in situation.changed if situation.layer(path) in beyond],
                why=f"The session touches the layers {', '.join(touched)}; at most {plural(limit, 'layer')} allowed.",
                instead="Put these files back with restore_checkpoint (paths), or change them in another session.",
            )
        foreign = [layer for layer in touched if situation.layers and layer not in situation.layers]
        if foreign:
            yield Violation(
                rule=self.id,
                decision="refuse",
                paths=[path for path in situation.changed if situation.layer(path) in foreign],
                why=f"The session declared {', '.join(situation.layers)} and touches {', '.join(foreign)}.",
                instead="Put them back with restore_checkpoint (paths), or start a session that declares them.",
            )
