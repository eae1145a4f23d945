"""Code: the commits themselves, which a revert takes back."""

from collections.abc import Iterator

from ..changes import Changes
from ..detector import Domain
from ..model import Evidence, Item, Step


def _detect(changes: Changes) -> Iterator[Item]:
    if not changes.deltas:
        return
    commits = list(dict.fromkeys(delta.commit for delta in changes.deltas if delta.commit))
    files = len({delta.path for delta in changes.deltas})
    counted = f"{len(commits)} commit{'s' * (len(commits) != 1)}, {files} file{'s' * (files != 1)}"
    first, last = changes.deltas[0].commit, changes.deltas[-1].commit
    yield Item(
        domain="code",
        kind="commits",
        name="worktree",
        change="changed",
        before=f"{first[:10]}^" if first else (changes.before.tree or "")[:10],
        after=last[:10] or (changes.after.tree or "")[:10],
        evidence=[Evidence(path=delta.path, commit=delta.commit) for delta in reversed(changes.deltas[-5:])],
        reversible="yes",
        action=Step(text=f"{counted}: plan_rollback, then safe_revert with the plan's digest."),
        inverse=Step(text="Revert the revert: undo the operation."),
        verify="git status --porcelain",
        cautions=["What is not committed is no part of it: a checkpoint has it."],
        when="with code",
        details={"commits": commits, "files": files},
    )


CODE = Domain(name="code", detect=_detect)
