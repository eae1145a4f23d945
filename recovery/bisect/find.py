"""Finds the commit that broke a check: from a check and two ends to an answer, and its record."""

import contextlib
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ...core.errors import BusyError, InvalidInputError
from ...core.ids import Oid
from ...core.ledger.recovery_events import BreakingCommitFound
from ...core.recovery import CheckSpec, VerifySettings
from ...core.text import clean
from ...core.workspace import Workspace
from ..scratch.scratch import Scratch, open_scratch
from .graph import Graph
from .hunt import Hunted, Report, Step, hunt
from .probe import Recipe, ScratchBench
from .search import Found, Search, WrongEnd


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to search for.

    Attributes:
        graph: between which commits.
        good: the good end as it was named; `graph.good` may be where bad leaves its line.
        check: what is good where it passes.
        build: what has to pass before; where it does not, nothing can be said.
        settings: how scratch worktrees are made.
        workers: how many probes run at once; None for what `settings` say, or one more than there are cores.
        confirm: how often the verdicts that the answer rests on are asked for again.
    """

    graph: Graph
    good: Oid
    check: CheckSpec
    build: CheckSpec | None = None
    settings: VerifySettings
    workers: int | None = None
    confirm: int = 1


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The answer, and how it came about.

    Attributes:
        found: the answer.
        hunted: the probes.
        notes: what a reader has to know about the states that were probed.
    """

    found: Found
    hunted: Hunted
    notes: Sequence[str]


def find_breaking(
    workspace: Workspace, request: Request, *, allowed: Collection[str], session: str | None, report: Report
) -> Finding:
    """Search, and record what was found.

    Args:
        workspace: the repository; its worktree, index and refs stay as they are.
        request: what to search for.
        allowed: exact texts of commands that a human trusts; others are not run.
        session: whom the record is for.
        report: takes done, total and a phrase; what it raises ends the search.

    Raises:
        InvalidInputError: if an end is not what it is claimed to be.
        BusyError: if there is no scratch worktree to be had.
    """
    graph = request.graph
    # One more than there are cores: a check waits for disks and other processes part of its time.
    wanted = request.workers or request.settings.at_once or (os.cpu_count() or 1) + 1
    with _scratches(workspace, request.settings, min(wanted, len(graph.commits) + 1)) as scratches:
        recipe = Recipe(check=request.check, build=request.build, allowed=allowed)
        search = Search(graph, workers=len(scratches), confirm=request.confirm)
        hunted = hunt(search, [ScratchBench(one, recipe) for one in scratches], report)
        notes = list(dict.fromkeys(note for one in scratches for note in one.notes))
    if hunted.found is None:
        assert hunted.wrong is not None
        raise _wrong(workspace, hunted.wrong, request, hunted.steps)
    with workspace.repository_lock("find"):
        workspace.ledger.append(
            BreakingCommitFound(
                session=session,
                good=request.good,
                bad=graph.bad,
                check=workspace.redact(clean(request.check.name)),
                first_bad=hunted.found.first_bad,
                candidates=list(hunted.found.candidates),
                probes=len(hunted.steps),
                seconds=round(hunted.seconds, 2),
            ),
            session=session,
        )
    return Finding(found=hunted.found, hunted=hunted, notes=notes)


@contextlib.contextmanager
def _scratches(workspace: Workspace, settings: VerifySettings, wanted: int) -> Iterator[list[Scratch]]:
    """As many scratch worktrees as are free, at least one."""
    with contextlib.ExitStack() as opened:
        scratches = [opened.enter_context(open_scratch(workspace, settings))]
        with contextlib.suppress(BusyError):
            while len(scratches) < wanted:
                scratches.append(opened.enter_context(open_scratch(workspace, settings, seconds=0)))
        yield scratches


def _wrong(workspace: Workspace, wrong: WrongEnd, request: Request, steps: Sequence[Step]) -> InvalidInputError:
    """What to say about an end that is not what it was claimed to be."""
    said = next(one.outcome for one in reversed(steps) if one.commit == wrong.commit)
    short = wrong.commit[:12]
    last = workspace.redact(clean(said.output.strip().rpartition("\n")[2], limit=200))
    how = f"{said.why}: {last}" if last else said.why
    if wrong.verdict == "skip":
        return InvalidInputError(
            f"{'Bad' if wrong.commit == request.graph.bad else 'Good'} {short} cannot be tested ({how}).",
            hint="Name a commit that builds, or a check that works there.",
        )
    if wrong.commit == request.graph.bad:
        return InvalidInputError(
            f"Bad {short} passes: nothing is broken there.",
            hint="Only what is committed is probed. Name a commit that fails, or use a check that does.",
        )
    if wrong.commit == request.good:
        hint = "Name an older commit. If nothing ever passes, the check may need a build first."
        return InvalidInputError(f"Good {short} fails too ({how}).", hint=hint)
    return InvalidInputError(
        f"{short}, which good and bad both come from, fails too ({how}): bad was not broken, good was repaired.",
        hint="Name a good commit that bad comes from.",
    )
