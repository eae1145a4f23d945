"""The built-in check `secrets`: what a state adds holds nothing that has the form of a secret."""

import time
from collections.abc import Sequence

from ...core.gate.trees import diff_trees
from ...core.ids import MaybeOid, Oid
from ...core.leaks import leaks
from ...core.recovery import CheckSpec
from ...core.secretforms import spans
from ...core.text import clean, show_path
from ...core.workspace import Workspace
from .results import CheckResult

SECRETS = CheckSpec(name="secrets", run="secrets")
"""A `[[check]]` that runs exactly this is the built-in one: no command, and nothing to trust."""

_SHOWN = 40


def is_built_in(spec: CheckSpec) -> bool:
    """Whether a check is this one."""
    return spec.run == SECRETS.run


def check_secrets(workspace: Workspace, old: MaybeOid, new: Oid, *, name: str = SECRETS.name) -> CheckResult:
    """What was added between two states has nothing with the form of a secret.

    Args:
        workspace: the repository.
        old: a commit or tree to compare with; None for an empty one.
        new: the commit or tree to look at.
        name: what the check is called.

    Returns:
        A check's result, with the places in its tail and no value.
    """
    began = time.monotonic()
    rows = diff_trees(workspace.repository.git, old or workspace.repository.empty_tree, new)
    places, unread = leaks(workspace, rows, spans)
    lines = [
        f"{show_path(one.path)}:{one.line}: " + (f"{clean(one.name, limit=60)} holds" if one.name else "holds")
        + " what has the form of a secret"
        for one in places[:_SHOWN]
    ]  # fmt: skip
    if len(places) > _SHOWN:
        lines.append(f"and {len(places) - _SHOWN} more")
    if unread:
        lines.append(f"Not looked at, for they are large: {', '.join(map(show_path, unread[:5]))}")
    return CheckResult(
        name=name,
        command="",
        status="failed" if places else "passed",
        seconds=round(time.monotonic() - began, 2),
        tail="\n".join(lines) or f"Nothing with the form of a secret since {_shown(old)}.",
    )


def _shown(old: MaybeOid) -> str:
    return "the beginning" if old is None else old[:7]


def with_secrets(checks: Sequence[CheckSpec], names: Sequence[str] | None) -> list[CheckSpec]:
    """The checks, and this one if it is named and none of them has its name."""
    named = names is not None and SECRETS.name in names
    return [*checks, SECRETS] if named and SECRETS.name not in {one.name for one in checks} else list(checks)
