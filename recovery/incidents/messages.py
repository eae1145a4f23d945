"""Status messages from templates: built-in ones, and those of the protocol."""

import re
from collections.abc import Mapping

from ...core.errors import InvalidInputError
from ...core.text import clean

FIELDS = ("id", "title", "severity", "branch", "commit", "session", "elapsed", "next")
"""What a template may name in braces."""

BUILT_IN: Mapping[str, str] = {
    "investigating": (
        "We are looking into {title} ({severity}) on {branch}, {elapsed} after it was opened. The state is kept. "
        "Next: {next}"
    ),
    "identified": "The cause of {title} is identified: commit {commit}. Elapsed: {elapsed}. Next: {next}",
    "rolling_back": "We are rolling back for {title} ({severity}) on {branch}. Elapsed: {elapsed}. Next: {next}",
    "monitoring": "The rollback for {title} is done on {branch}; we are watching. Elapsed: {elapsed}. Next: {next}",
    "resolved": "{title} ({severity}) is resolved after {elapsed}. Next: {next}",
}

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def template(name: str, own: Mapping[str, str]) -> str:
    """The template of a name, the protocol's before the built-in.

    Raises:
        InvalidInputError: if there is none.
    """
    known = {**BUILT_IN, **own}
    if name not in known:
        raise InvalidInputError(
            f"There is no message {clean(name, limit=80)!r}.", hint=f"There are {', '.join(sorted(known))}."
        )
    return known[name]


def fill(text: str, values: Mapping[str, str]) -> str:
    """A template with its placeholders filled in; what is filled in is not looked at again.

    `{{` and `}}` stand for braces. Unlike `str.format` it reads no attributes, items or formats.

    Raises:
        InvalidInputError: for a placeholder it does not know, or a brace alone.
    """

    def one(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if match[1] not in values:
            raise InvalidInputError(
                f"A message template holds {clean(match[0], limit=80)}, which means nothing.",
                hint=f"It may hold {', '.join(f'{{{name}}}' for name in FIELDS)}, and {{{{ or }}}} for a brace.",
            )
        return values[match[1]]

    return _PART.sub(one, text)
