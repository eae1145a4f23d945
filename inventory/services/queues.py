"""Queues of jobs: they are in a store beside the code, and keep what was put into them."""

import re
from collections.abc import Iterator

from ..changes import Side
from ..reading.expressions import Call, Expressions, expressions_of
from ..reading.named import Fact
from ..variables.facts import words

HINT = re.compile(r"\b(?:Queue|Worker|FlowProducer|Bull|registerQueue|Processor)(?:<[^()<>]{0,80}>)?[ \t]{0,20}\(")
"""What stands near a line that may name a queue."""
_LIBRARIES = re.compile(
    r"['\"](?:@nestjs/bull(?:mq)?|bullmq|bull|bee-queue)['\"]|^[ \t]*(?:from rq import|import rq)\b", re.MULTILINE
)
_MAKES = words("Queue Worker FlowProducer Bull QueueEvents Processor")


def facts(side: Side) -> list[Fact]:
    """The queues that a file of code fills or works off."""
    said = expressions_of(side) if _LIBRARIES.search(side.text) else None
    return [] if said is None else list(_named(said))


def _named(said: Expressions) -> Iterator[Fact]:
    for call in said.calls:
        name = _name(said, call)
        if name:
            yield Fact(kind="queue", name=name, line=call.line)


def _name(said: Expressions, call: Call) -> str | None:
    if call.method == "registerQueue":
        options = dict(said.pairs(call.arguments[0])) if call.arguments else {}
        return said.say(options["name"]) if "name" in options else None
    return said.say(call.arguments[0]) if call.callee.split(".")[-1] in _MAKES and call.arguments else None
