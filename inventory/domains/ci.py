"""CI: workflows and bots, which act on their own as soon as the reverted files are pushed."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from ..changes import Changes, Delta, Side
from ..detector import Domain
from ..manifests.documents import Yaml, yaml_of
from ..manifests.lines import shown
from ..manifests.model import UnreadableError
from ..model import Change, Evidence, Item, Step
from .pipelines import System, system_of

_SECRET = re.compile(r"\bsecrets\.([A-Za-z_]\w*)")
_ACTS = re.compile(
    r"deploy|publish|release|\bpush\b.*\btrue|npm publish|twine upload|docker push|terraform apply|helm upgrade",
    re.IGNORECASE,
)
_GITLAB = re.compile(r"^\.gitlab-ci\.ya?ml$")
_RUNS = "Runs that are over cannot be taken back: look at what they deployed or published."


def _detect(changes: Changes) -> Iterator[Item]:
    included: tuple[str, ...] | None = None
    for delta in changes.deltas:
        system = system_of(delta.path)
        if system is None and delta.path.endswith((".yml", ".yaml")):
            included = _included(changes) if included is None else included
            if any(fnmatchcase(delta.path, pattern) for pattern in included):
                system = next(one for one in map(system_of, (".gitlab-ci.yml",)) if one)
        if system is not None:
            yield _item(delta, system, changes)


def _item(delta: Delta, system: System, changes: Changes) -> Item:
    bot = system.kind == "bot"
    cautions = _cautions(delta, changes) if not bot else ["Requests that it has opened stay open."]
    return Item(
        domain="ci",
        kind=system.kind,
        name=delta.path,
        change=_change(delta),
        before=delta.old.entry.oid[:10] if delta.old else "",
        after=delta.new.entry.oid[:10] if delta.new else "",
        evidence=_evidence(delta),
        reversible="yes",
        action=Step(text=f"The revert brings it back; {system.name} follows it once it is pushed."),
        inverse=Step(text="Undo the revert and push."),
        verify=system.check_for(delta.path),
        cautions=cautions,
        when="with code",
        details={"system": system.name, "secrets": sorted(_secrets(delta.new) | _secrets(delta.old))},
    )


def _change(delta: Delta) -> Change:
    if delta.old is None:
        return "added"
    return "removed" if delta.new is None else "changed"


def _evidence(delta: Delta) -> list[Evidence]:
    """The first line that differs, and where secrets come in that were not there."""
    side = delta.new or delta.old
    assert side is not None
    old = set(delta.old.lines) if delta.old and delta.new else set()
    rows = [(number, row) for number, row in enumerate(side.lines, 1) if row.strip() and row not in old]
    chosen = rows[:1] + [row for row in rows[1:] if _SECRET.search(row[1])][:3]
    return [
        Evidence(path=delta.path, line=number, commit=delta.commit, text=shown(row)) for number, row in chosen
    ] or [Evidence(path=delta.path, commit=delta.commit)]


def _secrets(side: Side | None) -> set[str]:
    return set(_SECRET.findall(side.text)) - {"GITHUB_TOKEN"} if side else set()


def _cautions(delta: Delta, changes: Changes) -> list[str]:
    old, new = _read(delta.old, changes), _read(delta.new, changes)
    found = []
    before, after = _triggers(old), _triggers(new)
    if before != after:
        found.append(
            f"What starts it changes: {', '.join(before) or 'nothing'} before, {', '.join(after) or 'nothing'} now."
        )
    if wanted := _secrets(delta.old) - _secrets(delta.new):
        found.append(
            f"The old one needs secrets that the new one does not: {', '.join(sorted(wanted))}. Are they still there?"
        )
    if unused := _secrets(delta.new) - _secrets(delta.old):
        found.append(f"Secrets that only the new one uses stay set: {', '.join(sorted(unused))}.")
    if any(one.startswith("schedule") for one in (*before, *after)):
        found.append("It runs on a schedule: that follows the default branch.")
    if any(side is not None and _ACTS.search(side.text) for side in (delta.old, delta.new)):
        found.append("It deploys or publishes: pushing the revert may start that.")
    if gone := _jobs(old) ^ _jobs(new):
        found.append(f"Branch protection may wait for jobs by name: {', '.join(sorted(gone)[:10])}.")
    return [*found, _RUNS]


def _read(side: Side | None, changes: Changes) -> Yaml:
    if side is None or not side.path.endswith((".yml", ".yaml")):
        return Yaml(None)
    try:
        return yaml_of(side.text)
    except UnreadableError as error:
        changes.unread("ci", side.path, f"it does not parse: {error}"[:300])
        return Yaml(None)


def _triggers(workflow: Yaml) -> list[str]:
    """A GitHub workflow's events; a schedule with its times."""
    on = workflow.get("on")
    times = [cron for one in on.get("schedule") if (cron := one.get("cron").text)]
    names = on.strings or [name for name, _ in on.items()]
    return [f"schedule {'; '.join(times)}" if name == "schedule" and times else name for name in names]


def _jobs(workflow: Yaml) -> set[str]:
    return {name for name, _ in workflow.get("jobs").items()}


def _included(changes: Changes) -> tuple[str, ...]:
    """What GitLab's file includes of this repository, as patterns."""
    found: list[str] = []
    for view in (changes.before, changes.after):
        side = view.read(".gitlab-ci.yml")
        include = _read(side, changes).get("include")
        for one in include if include.text == "" else ():
            found += [path.lstrip("/") for path in (one.text, one.get("local").text) if path]
        found += [include.text.lstrip("/")] if include.text else []
        found += [include.get("local").text.lstrip("/")] if include.get("local").text else []
    return tuple(dict.fromkeys(found))


CI = Domain(name="ci", detect=_detect)
