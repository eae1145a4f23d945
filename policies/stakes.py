"""What of a human's uncommitted work a command would take."""

import os
from collections.abc import Collection, Sequence
from functools import cached_property

from ..core.gate.objects import Entry
from ..core.gate.trees import Difference, diff_trees
from ..core.globs import first_match
from ..core.ids import MaybeOid, Oid
from ..core.records import dataclass
from ..core.revert.ownership import agent_content
from ..core.session import Session
from ..core.snapshot.capture import capture, main_site
from ..core.snapshot.checkpoint import Checkpoint
from ..core.snapshot.policy import CapturePolicy, Skipped
from ..core.workspace import Workspace
from .effects import Stake
from .produced import Produced
from .unheld import made_again, unheld, unheld_by


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The state a command would run in, as a capture or a checkpoint has it.

    Attributes:
        tree: the worktree's files.
        staged: what the index holds.
        head: HEAD's commit.
        skipped: what was not captured.
        private: ignored files that were.
        nested: repositories inside, whose history is not captured.
    """

    tree: Oid
    staged: Oid
    head: MaybeOid
    skipped: Sequence[Skipped]
    private: Collection[str]
    nested: Sequence[str]


def standing_now(workspace: Workspace, policy: CapturePolicy) -> Standing:
    """The state of this moment, captured and not published.

    Raises:
        CaptureError: if part of the worktree cannot be read.
    """
    with workspace.worktree_lock("look"):
        snapshot = capture(workspace, policy)
    return Standing(
        tree=snapshot.tree,
        staged=snapshot.index.tree,
        head=snapshot.head.head.oid,
        skipped=snapshot.skipped,
        private=frozenset(snapshot.private),
        nested=[one.path for one in snapshot.nested],
    )


class Stakes:
    """Answers what is at stake, for one command.

    What a checkpoint holds counts if it is uncommitted and not the agent's own; `Stake.unheld` asks for the rest.

    Args:
        workspace: the worktree.
        policy: what checkpoints hold of ignored files.
        session: whose agent asks.
        checkpoint: one of this moment, if it was taken already: it tells what it does not hold.
    """

    def __init__(
        self,
        workspace: Workspace,
        policy: CapturePolicy,
        session: Session | None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self._workspace = workspace
        self._policy = policy
        self._session = session
        self._checkpoint = checkpoint

    @cached_property
    def _standing(self) -> Standing:
        return standing_now(self._workspace, self._policy)

    @cached_property
    def _uncommitted(self) -> list[Difference]:
        """What stands there and is neither committed nor the agent's own."""
        rows = diff_trees(self._workspace.repository.git, self._head, self._standing.tree)
        own = self._own
        return [row for row in rows if row.new is not None and not (row.path in own and own[row.path] == row.new)]

    @cached_property
    def _staged_only(self) -> list[str]:
        """Files whose content only the index has. What the agent last left otherwise, it staged itself."""
        git, staged = self._workspace.repository.git, self._standing.staged
        rows = [row for row in diff_trees(git, self._head, staged) if row.new is not None]
        if not rows:
            return []
        differs = {row.path for row in diff_trees(git, staged, self._standing.tree)}
        return [row.path for row in rows if row.path in differs and row.path not in self._own]

    @cached_property
    def _head(self) -> str:
        return self._workspace.writer.tree({}) if self._standing.head is None else f"{self._standing.head}^{{tree}}"

    @cached_property
    def _own(self) -> dict[str, Entry | None]:
        return agent_content(self._workspace, self._session)

    @cached_property
    def _produced(self) -> Produced:
        return Produced(self._workspace, self._session)

    def losses(self, stake: Stake) -> list[str]:
        """Paths of uncommitted content that is not the agent's own, which the effect would take."""
        if stake.unheld:
            return self._unheld(stake.paths)
        lost = [
            row.path
            for row in self._uncommitted
            if (stake.tracked if row.old is not None else stake.untracked) and _reaches(stake, row.path)
        ]
        if stake.tracked and not stake.untracked:
            # Git's commands that put tracked files back may put the index back with them.
            lost += [path for path in self._staged_only if _reaches(stake, path)]
        if stake.untracked:
            skipped = [one.path for one in self._standing.skipped if _reaches(stake, one.path)]
            lost += [path for path in skipped if not self._produced.wrote(path)]
            lost += [path for path in self._standing.nested if _reaches(stake, path)]
        if stake.ignored:
            lost += [path for path in self._ignored(stake) if path not in lost]
        return sorted(set(lost))

    def _ignored(self, stake: Stake) -> list[str]:
        """Ignored files that no checkpoint holds and no tool makes again."""
        files = [path for path in stake.paths if os.path.isfile(os.path.join(self._workspace.root, path))]
        folders = [path for path in stake.paths if path not in files]
        found = self._unheld(files)
        specs = [
            *(f":(top,literal){path}" for path in folders if path != "."),
            *(_glob(p) for p in stake.patterns),
        ]
        if not specs and not folders:
            return found
        if "." in folders:
            specs = []
        else:
            # Where all have a directory in common that is ignored, git trips over it: this one has none with them.
            specs.append(":(top,literal).git")
        site = main_site(self._workspace)
        argv = ("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", "--", *specs)
        held = self._standing.private
        below = [path for path in site.git.fields(*argv) if path not in held and not made_again(path)]
        return found + [path for path in below if not self._produced.wrote(path)]

    def _unheld(self, paths: Sequence[str]) -> list[str]:
        """Those of some files that no checkpoint holds and the agent did not write."""
        if self._checkpoint is not None:
            found = unheld_by(self._workspace, self._policy, paths, self._checkpoint)
        else:
            found = unheld(self._workspace, self._policy, paths, lambda: self._standing.private)
        return [path for path in found if not self._produced.wrote(path)]


def _reaches(stake: Stake, path: str) -> bool:
    for one in stake.paths:
        if one == "." or path == one or path.startswith(f"{one.rstrip('/')}/"):
            return True
        if one.startswith(f"{path}/"):
            return True  # a path below a nested repository or a link
    return first_match(path, stake.patterns) is not None


def _glob(pattern: str) -> str:
    return f":(top,glob){pattern.lstrip('/')}"
