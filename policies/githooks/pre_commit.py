"""pre-commit: an agent commits within its session's scope, and on a branch of its own."""

import os
from collections.abc import Iterator, Sequence

from ...core.gate.refs import read_head
from ...core.gate.runner import Git
from ...core.gate.trees import diff_index, diff_trees
from ..rules import RULES, Situation, Violation
from ..rules.branch_required import BranchRequired
from ..triggers import stopped
from .call import Call, Objection


class PreCommit:
    """Holds what the session would have committed against its rules."""

    name = "pre-commit"

    def check(self, call: Call) -> Iterator[Objection]:
        """Every rule this commit breaks; what a rule only asks about is named, for end_session asks."""
        session = call.session
        repository = call.workspace.repository
        head = read_head(repository)
        if session is None:
            # What a task may change is not known; where agents do not commit, is.
            if call.agent and head.short is not None:
                alone = Situation(protocol=call.protocol, changed=[], declared=(), layers=(), branch=head.short)
                yield from (_objection(one, []) for one in BranchRequired().check(alone))
            return
        git = _reading(call, repository.git)
        empty = repository.empty_tree
        start = empty if session.base_commit is None else f"{session.base_commit}^{{tree}}"
        before = empty if head.oid is None else f"{head.oid}^{{tree}}"
        known = {one.path: None for one in diff_trees(git, start, before)}
        would = [one.path for one in diff_index(git, start)]
        brought = _merged(call, git)
        now = {one.path for one in diff_index(git, before) if brought is None or one.path in brought}
        situation = Situation(
            protocol=call.protocol,
            # What was committed earlier comes first: a limit is then passed by what this commit adds.
            changed=[path for path in known if path in set(would)] + [path for path in would if path not in known],
            declared=session.paths,
            layers=session.layers,
            max_files=session.max_files,
            branch=head.short,
        )
        if call.agent and (refusal := stopped(call.workspace, session, call.protocol.recovery.triggers)) is not None:
            why = f"{refusal.why} {' '.join(refusal.evidence)}"
            yield Objection(rule=refusal.rule, binds="agents", why=why, evidence=[], instead=refusal.instead)
        for rule in RULES:
            for violation in rule.check(situation):
                if not violation.paths or now.intersection(violation.paths):
                    yield _objection(violation, [path for path in violation.paths if path in now])


def _reading(call: Call, git: Git) -> Git:
    """Git with the index of this commit: `commit -a` and `commit <path>` make one of their own."""
    index = call.environ.get("GIT_INDEX_FILE")
    return git if index is None else git.using(env={"GIT_INDEX_FILE": call.path(index)})


def _merged(call: Call, git: Git) -> set[str] | None:
    """In a merge, the paths that are not as one of the merged commits has them; None if it is none."""
    try:
        with open(os.path.join(call.workspace.repository.git_dir, "MERGE_HEAD"), encoding="ascii") as file:
            heads = file.read().split()
    except FileNotFoundError:
        return None
    differing = [{one.path for one in diff_index(git, head)} for head in heads]
    return set.intersection(*differing) if differing else None


def _objection(violation: Violation, paths: Sequence[str]) -> Objection:
    return Objection(
        rule=violation.rule,
        binds="agents" if violation.decision == "refuse" else "nobody",
        why=violation.why,
        evidence=paths,
        instead=f"{violation.instead} Nothing was committed; `git restore --staged <path>` takes a file out."
        if violation.decision == "refuse" and paths
        else violation.instead,
    )
