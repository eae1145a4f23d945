"""Words an item for a variable: what was seen, what takes it back, what to know before."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..changes import Changes
from ..model import Change, Confidence, Evidence, Item, Reversible, Step, When
from ..reading.trail import Seen
from .facts import Fact, is_like_secret, is_plain

_MAX_TEXT = 200
_MAX_EVIDENCE = 5
_LOCKS = ("ENCRYPTION", "SALT", "SECRET_KEY_BASE", "MASTER_KEY", "SIGNING")
_PREFIXES = ("NEXT_PUBLIC_", "VITE_", "REACT_APP_", "PUBLIC_", "GATSBY_", "NUXT_PUBLIC_", "EXPO_PUBLIC_", "VUE_APP_")

Set = Callable[[str, str], str]
_SET: Mapping[str, Set] = {
    "fly": lambda name, value: f"fly secrets set {name}={value}",
    "heroku": lambda name, value: f"heroku config:set {name}={value}",
    "netlify": lambda name, value: f"netlify env:set {name} {value}",
    "vercel": lambda name, _: f"vercel env add {name}",
}
_UNSET: Mapping[str, str] = {
    "fly": "fly secrets unset {}",
    "heroku": "heroku config:unset {}",
    "netlify": "netlify env:unset {}",
    "vercel": "vercel env rm {}",
}
# Commands that list names without values.
_LIST: Mapping[str, str] = {"fly": "fly secrets list", "vercel": "vercel env ls"}


@dataclass(frozen=True, kw_only=True)
class Found:
    """A variable that a target touched.

    Attributes:
        name: the variable.
        change: what the target did to it.
        was: what the files that the target changed said of it before.
        now: what they say in the end.
        part: the directory of the part of the repository that it happened to, empty for what is at the root; None if
            it happened to the whole.
    """

    name: str
    change: Change
    was: Sequence[Seen[Fact]]
    now: Sequence[Seen[Fact]]
    part: str | None = None


def item(changes: Changes, found: Found) -> Item:
    """The item for a variable."""
    old, new = _strongest(found.was), _strongest(found.now)
    # What code takes where nobody sets it is not what somebody had set.
    values = [fact if fact and (fact.role != "read" or found.change == "changed") else None for fact in (old, new)]
    before, after = (_shown(changes, found.name, fact) for fact in values)
    facts = [seen.fact for seen in [*found.was, *found.now]]
    platform = next((fact.platform for fact in facts if fact.platform), "")
    action, inverse = _steps(found, platform, before, after)
    known = values[0] is not None and values[0].value is not None
    kept: Reversible = "yes" if found.change == "added" or known else "unknown"
    return Item(
        domain="environment",
        kind="variable",
        name=found.name,
        change=found.change,
        evidence=tuple(_evidence(found))[:_MAX_EVIDENCE],
        before=before,
        after=after,
        reversible=kept,
        action=action,
        inverse=inverse,
        verify=_LIST.get(platform) or f"printenv {found.name} >/dev/null && echo set || echo unset",
        cautions=tuple(_cautions(found, facts)),
        confidence=_confidence(facts),
        when=_when(found, facts),
        details={"files": sorted({seen.side.path for seen in [*found.was, *found.now]}), "platform": platform},
    )


def _strongest(said: Sequence[Seen[Fact]]) -> Fact | None:
    order = {"sets": 0, "example": 1, "build": 2, "read": 3}
    return min((seen.fact for seen in said), key=lambda fact: (order[fact.role], not fact.value), default=None)


def _shown(changes: Changes, name: str, fact: Fact | None) -> str:
    if fact is None or not fact.value:
        return ""
    return fact.value if is_plain(name, fact.value) else changes.hide(fact.value)


def _steps(found: Found, platform: str, before: str, after: str) -> tuple[Step, Step]:
    name = found.name
    why = ", if nothing reads it any more" if found.change == "removed" else " for the newer code"
    unset = Step(
        text=f"Unset {name} wherever it was set{why}: deployments, CI, people's own .env files.",
        command=_UNSET[platform].format(name) if platform else "",
    )
    if found.change == "added":
        return unset, _set(name, platform, after, f"Set {name} again before the newer code is deployed.")
    if found.change == "removed":
        text = f"Set {name} again, to what it was, before the older code starts: it reads it."
        return _set(name, platform, before, text), unset
    if all(seen.fact.role == "read" for seen in [*found.was, *found.now]):
        text = f"The revert brings back what holds where {name} is not set: see whether a deployment relies on it."
        return Step(text=text), Step(text="Undoing the revert brings the newer default back.")
    return (
        _set(name, platform, before, f"Give {name} the value it had before, where it is deployed."),
        _set(name, platform, after, f"Give {name} the newer value again."),
    )


def _set(name: str, platform: str, value: str, text: str) -> Step:
    setting = _SET.get(platform)
    # A hidden value is shown by its length and hash, which nobody can set.
    plain = value and is_plain(name, value)
    return Step(text=text, command=setting(name, shlex.quote(value)) if setting and plain else "")


def _evidence(found: Found) -> Iterator[Evidence]:
    said = found.was if found.change == "removed" else found.now or found.was
    for seen in sorted(said, key=lambda one: one.fact.role == "read"):
        lines, line = seen.side.lines, seen.fact.line
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        yield Evidence(path=seen.side.path, line=line, commit=seen.commit, text=_text(seen.fact, text))


def _text(fact: Fact, line: str) -> str:
    """The line, without what could be a secret."""
    if fact.how in ("shell", "export"):
        return f"{fact.how} {fact.name}"  # What else stands in a command line is nobody's business.
    if fact.role != "read":
        shown = not is_like_secret(fact.name) if fact.value is None else is_plain(fact.name, fact.value)
        return line[:_MAX_TEXT] if shown else fact.name
    # A default in code stands beside the name.
    hidden = is_like_secret(fact.name) or not (fact.value is None or is_plain(fact.name, fact.value))
    return f"{fact.how} {fact.name}" if hidden else line[:_MAX_TEXT]


def _cautions(found: Found, facts: Sequence[Fact]) -> Iterator[str]:
    name = found.name
    roles = {fact.role for fact in facts}
    if found.part is not None:
        words = {"added": "now has it", "removed": "has it no more", "changed": "declares it otherwise"}
        where = f"{found.part}/" if found.part else "what is at the root"
        yield f"Only {where} {words[found.change]}: other parts of the repository are as before."
    if roles == {"read"}:
        yield "Code reads it, and no file of the change declares it: look where the deployment gets it from."
    elif "example" in roles and "sets" not in roles:
        yield "Only an example declares it: the live value is not in git."
    if "build" in roles or name.startswith(_PREFIXES):
        yield "It is baked in when an image or bundle is built: rebuild, a restart is not enough."
    if found.change != "removed" and any(word in name for word in _LOCKS):
        yield "Keep a copy of its value: what was encrypted or signed with it cannot be read without it."
    elif found.change == "removed" and is_like_secret(name):
        yield "If its secret was revoked since, the older code needs a new one."


def _confidence(facts: Sequence[Fact]) -> Confidence:
    if any(fact.role != "read" for fact in facts):
        return "high"
    return "high" if any("env" in fact.how.lower() for fact in facts) else "medium"


def _when(found: Found, facts: Sequence[Fact]) -> When:
    if found.change == "removed":
        return "before code"
    roles = {fact.role for fact in facts}
    if found.change == "changed" and (roles & {"sets", "build"} or roles == {"read"}):
        return "with code"
    return "after code"
