"""rehearse_rollback: plays a rollback in a disposable copy, and says how long it takes and what it would leave."""

import dataclasses
import os
import time
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from ..core.errors import InvalidInputError, RefusedError, SafeRollbackError
from ..core.ids import oid
from ..core.redaction import salt_of
from ..core.text import plural, show_path
from ..inventory.live.ask import ask_live
from ..inventory.model import Item
from ..policies.human import trusted
from ..recovery.checks.results import CheckResult
from ..recovery.checks.run import run_checks
from ..recovery.checks.secrets import check_secrets, is_built_in, with_secrets
from ..recovery.checks.specs import checks_of, choose
from ..recovery.drills.copy import Copy, disposable
from ..recovery.drills.databases import Place, Rehearsed, commands_wanted, rehearse_downs
from ..recovery.drills.steps import Outcome, Record, Step, compare, last_drill
from ..recovery.scratch.links import link_folders, standing
from ..recovery.scratch.listing import list_tree
from ..recovery.scratch.surroundings import surroundings
from .blast_radius import blast_radius
from .desk import Desk
from .inventories import inventory_of
from .plan_rollback import PlanRollback, plan_rollback
from .reach import library_of
from .results import Part, Result
from .rollback_inventory import turn
from .safe_revert import SafeRevert, safe_revert
from .spec import ToolSpec
from .subject import subject_of

_REASON = "A drill: nothing of this leaves the copy."
# What a drill does by itself: the downs before, and the checks as steps of their own.
_PLAYED = ("down-before-code", "unverified")
_ASK_SECONDS = 20.0


class DrillStep(Part):
    """What was done, whether it went well, and how long it took."""

    name: str
    ok: bool
    seconds: float
    detail: str


class ComparedDrill(Part):
    """This drill beside the last one of the same target."""

    before: float
    now: float
    slower_by: float
    new_left_over: list[str]


class RehearseRollback(Result):
    """A drill; nothing has changed but the record of it."""

    target: str
    clean: bool
    steps: list[DrillStep]
    seconds_to_recover: float
    left_over: list[str]
    compared: ComparedDrill | None


def rehearse_rollback(
    desk: Desk, target: Annotated[str, Field(description="as in plan_rollback")] = "session"
) -> RehearseRollback:
    """Rehearse a rollback; see `SPEC.description`."""
    workspace = desk.workspace
    head, began = desk.head.oid, time.monotonic()
    desk.report(0, None, "copying the state of now")
    try:
        with disposable(workspace, desk.policy) as copy:
            place = copy.workspace.root
            record = Record(tidy=lambda text: workspace.redact(text.replace(place, workspace.root)))
            copied = time.monotonic() - began
            record.add(Step(name="copy the state of now", ok=True, seconds=copied, counts=False))
            _Drill(desk, copy, target, record).play()
    finally:
        library_of(workspace)  # what is known of the copy goes with it
    return _answer(desk, target, head, record)


def _answer(desk: Desk, target: str, head: str | None, record: Record) -> RehearseRollback:
    event = record.event(target, head)
    before = last_drill(desk.workspace, event.target)
    with desk.workspace.repository_lock("drill"):
        desk.workspace.ledger.append(event, session=desk.session.id if desk.session else None)
    compared = None if before is None else dataclasses.asdict(compare(before, event))
    return RehearseRollback(
        target=event.target,
        clean=event.clean,
        steps=[DrillStep.model_validate(dict(row)) for row in event.steps],
        seconds_to_recover=event.seconds,
        left_over=list(event.left_over),
        compared=None if compared is None else ComparedDrill.model_validate(compared),
    )


class _Drill:
    """One drill, from the plan to what is left over."""

    def __init__(self, desk: Desk, copy: Copy, target: str, record: Record) -> None:
        self._desk, self._copy, self._target, self._record = desk, copy, target, record
        self._environment: Mapping[str, str] = {}
        self._stood: Mapping[str, Mapping[str, int]] = {}

    def play(self) -> None:
        plan = self._plan("plan")
        self._reach()
        items = self._items()
        self._link()
        rehearsed = self._downs([one for one in items if _is_down(one)])
        if any(one.step.counts for one in rehearsed):
            plan = self._plan("plan again, after the downs")
        done = self._revert(plan) if plan.prediction.clean else None
        if done is not None:
            self._checks(done)
        self._look_at_links()
        told = {one.item.id for one in rehearsed}
        for item in items:
            if item.id not in told:
                step = turn(item)
                self._record.leave(f"{step.when}: {step.what}")

    def _there(self, answer: str | None = None) -> Desk:
        """A call of a tool in the copy; an answer given there spends nothing of the human's."""
        return Desk(self._copy.workspace, answer=answer)

    def _tell(self, what: str) -> None:
        self._desk.report(len(self._record.steps), None, what)

    def _plan(self, name: str) -> PlanRollback:
        self._tell(name)
        with self._record.step(name) as step:
            plan = plan_rollback(self._there(), self._target, _REASON)
            step.ok = plan.prediction.clean
            files = plural(plan.prediction.files_total, "file")
            step.detail = f"{plan.strategy.kind}: {plural(plan.reverts_total, 'commit')}, {files}"
        for conflict in plan.prediction.conflicts:
            self._record.leave(f"conflict: {conflict.path}: {conflict.why}")
        for blocked in plan.prediction.blocked:
            self._record.leave(f"in the way: {blocked.path}: {blocked.why}")
        return plan

    def _reach(self) -> None:
        self._tell("blast radius")
        with self._record.step("blast radius") as step:
            try:
                found = blast_radius(self._there(), self._target)
                step.detail = " ".join([found.estimate, *found.advice])
            except SafeRollbackError as error:
                # What was never merged, say, reaches nothing; anything else could not be told.
                step.ok, step.detail = isinstance(error, InvalidInputError), error.message

    def _items(self) -> list[Item]:
        """What is open beyond the code; the real systems are asked, which is all that is done to them."""
        self._tell("inventory")
        with self._record.step("inventory") as step:
            found = inventory_of(self._there(), subject_of(self._there(), self._target), live=False)
            live = self._live(found.items)
            items = [_as_live(one, live) for one in found.items]
            left = [one for one in items if one.state == "open" and one.domain != "code"]
            step.detail = f"{plural(len(left), 'item')} open, {plural(len(found.unknowns), 'unknown')}"
        return left

    def _live(self, items: Sequence[Item]) -> Mapping[str, Item]:
        workspace, settings = self._desk.workspace, self._desk.protocol.inventory
        if not settings.live:
            return {}
        salt = salt_of(workspace.state_dir)
        answers, _ = ask_live(settings, items, os.environ, workspace.root, salt=salt, seconds=_ASK_SECONDS)
        return {one.id: dataclasses.replace(one, live=answers[one.id]) for one in items if one.id in answers}

    def _link(self) -> None:
        """Dependency folders, as a check or a migration's tool needs them."""
        workspace, copy = self._desk.workspace, self._copy
        listing = list_tree(copy.workspace.repository.git, copy.checkpoint.worktree)
        linked = link_folders(workspace, self._desk.protocol.recovery.verify.link, listing, copy.workspace.root)
        self._environment = surroundings(workspace.root, copy.workspace.root, linked)
        self._stood = standing(workspace.root, linked)

    def _look_at_links(self) -> None:
        """Dependency folders are links into the user's: a command that installed something wrote there."""
        root = self._desk.workspace.root
        for path in self._stood:
            if standing(root, [path]) != {path: self._stood[path]}:
                why = f"{show_path(path)} changed while the drill ran: leave it out of [verify] link"
                self._record.add(Step(name="dependency folders", ok=False, detail=why, counts=False))
                self._record.leave(why)

    def _downs(self, items: Sequence[Item]) -> list[Rehearsed]:
        if not items:
            return []
        place = place_of(self._desk, self._copy.workspace.root, self._environment)
        found = rehearse_downs(place, items, self._tell)
        for one in found:
            self._record.add(one.step)
            if one.left:
                self._record.leave(one.left)
            if lost := _not_restored(one.item):
                self._record.leave(f"{one.item.kind} {one.item.name}: {lost}")
        return found

    def _revert(self, plan: PlanRollback) -> SafeRevert | None:
        self._tell("revert")
        try:
            with self._record.step("revert") as step:
                done = safe_revert(self._there(), plan.plan_id, plan.digest, verify=False)
                self._reverted(done, step)
        except RefusedError as error:
            self._need_human(error)
        except SafeRollbackError as error:
            self._failed(error)
            return None
        else:
            return done
        try:
            with self._record.step("revert") as step:
                done = safe_revert(self._there("accept"), plan.plan_id, plan.digest, verify=False)
                self._reverted(done, step)
        except SafeRollbackError as error:
            self._failed(error)
            return None
        return done

    def _need_human(self, error: RefusedError) -> None:
        rules = [rule for rule in error.refusal.rule.split(" and ") if rule not in _PLAYED]
        if rules:
            name = f"would need a human: {', '.join(rules)}"
            self._record.add(Step(name=name, ok=True, detail=error.refusal.why))
            self._record.leave(f"a human has to allow it: {', '.join(rules)}", human=True)

    def _reverted(self, done: SafeRevert, step: Outcome) -> None:
        step.ok = done.verification.as_planned
        step.detail = f"{plural(len(done.commits), 'commit')} on {done.branch or 'no branch'}"
        for path in done.verification.not_as_planned:
            self._record.leave(f"not as planned: {path}")

    def _failed(self, error: SafeRollbackError) -> None:
        self._record.add(Step(name="revert", ok=False, detail=str(error)))
        self._record.leave(f"the revert fails: {error.message}")

    def _checks(self, done: SafeRevert) -> None:
        """What safe_revert runs before the branch moves, over the commit it would move it to."""
        protocol, copy = self._desk.protocol, self._copy.workspace
        wanted = protocol.recovery.verify.before_revert
        names = [one.name for one in protocol.recovery.checks] if wanted is None else list(wanted)
        chosen = choose(with_secrets(checks_of(protocol), names), names)
        if not chosen or not done.commits:
            return
        commit = oid(done.commits[-1])
        self._copy.show(commit)
        found = run_checks(
            [one for one in chosen if not is_built_in(one)],
            copy.root,
            allowed=trusted(self._desk.workspace),
            at_once=protocol.recovery.verify.at_once,
            report=lambda _done, _all, what: self._tell(what),
            env=self._environment,
        )
        base = self._copy.checkpoint.head.oid
        found += [check_secrets(copy, base, commit, name=one.name) for one in chosen if is_built_in(one)]
        for result in found:
            self._checked(result)

    def _checked(self, result: CheckResult) -> None:
        detail = result.status if result.passed else f"{result.status}\n{result.tail}"
        name = f"check {show_path(result.name)}"
        self._record.add(Step(name=name, ok=result.passed, seconds=result.seconds, detail=detail))
        if not result.passed:
            hint = ": `safe-rollback trust`" if result.status == "untrusted" else ""
            self._record.leave(f"{name}: {result.status}{hint}")


def place_of(desk: Desk, root: str, extra: Mapping[str, str]) -> Place:
    """Where and with what commands for databases run."""
    return Place(
        root=root,
        original=desk.workspace.root,
        settings=desk.protocol.inventory,
        environ=os.environ,
        extra=extra,
        allowed=trusted(desk.workspace),
        salt=salt_of(desk.workspace.state_dir),
    )


def untrusted_downs(desk: Desk, target: str) -> list[str]:
    """Commands a drill would run against disposable databases if a human trusted them."""
    found = inventory_of(desk, subject_of(desk, target), live=False)
    items = [one for one in found.items if one.state == "open" and _is_down(one)]
    return commands_wanted(place_of(desk, desk.workspace.root, {}), items)


def _is_down(item: Item) -> bool:
    return item.domain == "database" and item.when == "before code" and item.change != "removed"


def _not_restored(item: Item) -> str:
    """What the way back of a migration does not bring back; empty if it brings back all."""
    made, gone = (", ".join(map(str, item.details.get(side) or ())) for side in ("creates", "drops"))
    if item.reversible == "lossy" and gone:
        return f"what it dropped ({gone}) comes back without its data"
    if item.reversible == "lossy" and made:
        return f"its way back drops {made}: what was written there since is lost"
    return "whether its way back undoes everything is not known" if item.reversible == "unknown" else ""


def _as_live(item: Item, known: Mapping[str, Item]) -> Item:
    """An item with what its real system says; one that is as it has to be needs nothing."""
    found = known.get(item.id, item)
    done = found.live.checked and found.live.clean and item.state == "open"
    return dataclasses.replace(found, state="done") if done else found


SPEC = ToolSpec(
    name="rehearse_rollback",
    title="Rehearse a rollback",
    description=(
        "Plays a rollback in a disposable copy of the repository: plan, downs (only on databases set aside for it), "
        "revert, the project's checks. Answers each step with its seconds, how long recovery takes, what would be "
        "left to do, and what changed since the last drill. Touches nothing of yours."
    ),
    run=rehearse_rollback,
    repeatable=True,
)
