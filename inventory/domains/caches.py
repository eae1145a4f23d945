"""Caches: keys that a target began or ceased to use, stores, service workers, and rules for what others keep."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..caching import config, keys
from ..changes import Changes, Delta, Side
from ..detector import Domain
from ..model import Item, Step
from ..observed.secrets import named
from ..reading.calls import grammar_of
from ..reading.named import Difference, Read, differences, is_told, speaks
from ..reading.windows import near

_NAME = "caches"
_QUEUES = "Queues (Sidekiq, BullMQ, Celery) are data, not cache: delete keys by name, never flush the store."
_UNREADABLE = (
    "Values that the newer code wrote may be unreadable to the older: purge before it runs, or bump a version."
)
_TIME = "What was kept for longer stays until its time is over, or it is purged."
_WORKER = (
    "Browsers that have the newer worker keep it, and what it keeps, until they fetch another: "
    "serve one that clears its caches."
)
_HTTP = "Browsers and networks keep what they have until its time is over; only a network's can be purged."
_STORE = "Another store begins empty, and holds what the former one lacks; sessions and locks in it are lost."
# Where code sets a header: what asks for it is not told by its name, as it is for rules of addresses.
_IN_FUNCTION = re.compile(r"\.\w+:\w+$")
_CONFIG = re.compile(
    r"(?:^|/)(?:vercel|now|firebase|staticwebapp\.config)\.json$|(?:^|/)netlify\.toml$|(?:^|/)_headers$|nginx|"
    r"\.conf(?:\.template|\.erb|\.j2)?$|(?:^|/)Caddyfile$|\.vcl$|\.htaccess$|"
    r"(?:^|/)(?:redis|valkey|memcached|cache)[\w-]*\.(?:yml|yaml|toml|json)$|(?:^|/)application\.(?:ya?ml|properties)$"
)


def detect(changes: Changes) -> Iterator[Item]:
    """One item for each key, store, worker and rule."""
    found = list(_without_moved(list(differences(changes, _readers, "caches")), changes))
    constants = _constants(changes, found)
    for one in found:
        yield _item(one, changes, constants)


def _without_moved(found: Sequence[Difference], changes: Changes) -> Iterator[Difference]:
    """The differences without rules in functions of files that went, and came the same in files that are new."""

    def moved(one: Difference) -> bool:
        if one.fact.kind != "http cache" or not _IN_FUNCTION.search(one.fact.name):
            return False
        other = changes.after if one.change == "removed" else changes.before
        return one.change != "changed" and not any(path in other.files for path in one.paths)

    gone, come = (
        Counter(one.fact.value for one in found if one.change == change and moved(one))
        for change in ("removed", "added")
    )
    left = {"removed": gone & come, "added": gone & come}
    for one in found:
        value = one.fact.value
        if moved(one) and left[one.change][value]:
            left[one.change][value] -= 1
        else:
            yield one


_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]{3,}(?=$|\{|/\{)")
_CODE = ("*.rb", "*.py", "*.ts", "*.tsx", "*.js", "*.mjs")
_MAX_FILES = 20


def _constants(changes: Changes, found: Sequence[Difference]) -> dict[str, str]:
    """What the constants say that keys are called by, as far as files of keys tell."""
    wanted = {
        match[0]
        for one in found
        if one.fact.kind == "cache key" and (match := _CONSTANT.match(one.fact.name)) and match.end() > 3
    }
    if not wanted:
        return {}
    said: dict[str, str] = {}
    for side in _defining(changes, wanted):
        for fact in keys.facts(side):
            constant = fact.details.get("constant")
            if constant in wanted and constant != fact.name:
                said.setdefault(constant, fact.name)
    return said


def _defining(changes: Changes, wanted: set[str]) -> Iterator[Side]:
    """The files that may say what constants are: those that are all keys, then others that give them a value."""
    paths = [path for path in changes.after.files if keys.KEY_FILE.search(path) and is_told(path)]
    mentioned = changes.after.mentions(wanted, _CODE)
    paths += [path for found in mentioned.values() for path in found[:_MAX_FILES] if is_told(path)]
    gives = re.compile(rf"\b(?:{'|'.join(sorted(wanted))})\b\s*(?::\s*\w+\s*)?=[^=]")
    for path in dict.fromkeys(paths):
        side = changes.after.read(path)
        if side is not None and gives.search(side.text):
            yield side


_TEMPLATES = (".html", ".jinja", ".jinja2", ".j2", ".twig", ".liquid")


def _readers(delta: Delta) -> Sequence[Read]:
    if not is_told(delta.path):
        return ()
    if config.WORKER.search(delta.path):
        return (config.facts,)
    if grammar_of(delta.path) is None and not _CONFIG.search(delta.path) and not delta.path.endswith(_TEMPLATES):
        return ()
    hinted = [one for one in (keys, config) if one.HINT.search(near(delta))]
    return [one.facts for one in hinted if any(speaks(side, one.WORDS) for side in delta.sides)]


def _item(found: Difference, changes: Changes, constants: Mapping[str, str]) -> Item:
    fact = found.fact
    name = _CONSTANT.sub(lambda found: constants.get(found[0], found[0]), fact.name, count=1)
    action, cautions, verify = _ADVICE[fact.kind](found)
    return Item(
        domain=_NAME,
        kind=fact.kind,
        name=named(name, changes.hide),
        change=found.change,
        evidence=[replace(one, text=named(one.text, changes.hide)) for one in found.evidence],
        before=named(found.before, changes.hide),
        after=named(found.after, changes.hide),
        reversible="no" if fact.kind == "cache key" else "yes",
        destructive=fact.kind in ("cache key", "cache version"),
        action=action,
        cautions=cautions,
        verify=verify,
        confidence="high" if fact.sure else "medium",
        details={**fact.details, "paths": list(found.paths)},
    )


_Advice = tuple[Step, list[str], str]


def _key(found: Difference) -> _Advice:
    glob = _glob(found.fact.name)
    verify = f"redis-cli --scan --pattern '{glob}' | head" if glob else ""
    if found.change == "removed":
        text = "Nothing: older code fills it again. What is left of it from before the target may be out of date."
    else:
        text = "Delete its keys once the older code runs, or bump a version that is part of them."
    return Step(text=text), [_UNREADABLE, _QUEUES], verify


def _glob(name: str) -> str:
    """A key as a pattern of redis: placeholders become stars; empty for what is only a file's name."""
    if "/" in name and "." in name.rpartition("/")[2]:
        return ""
    return keys.pattern(name).replace("'", "")


def _version(found: Difference) -> _Advice:
    text = (
        f"The revert brings {found.before or 'none'} back: what is kept under it may be out of date. "
        "Purge it, or go on to a version that was never used."
    )
    return Step(text=text), [_UNREADABLE, _QUEUES], ""


def _expiry(_: Difference) -> _Advice:
    return Step(text="The revert brings the time back for what is written from then on."), [_TIME], ""


def _store(_: Difference) -> _Advice:
    text = "The revert brings the store back; purge it if the newer code wrote to it, and the other one too."
    return Step(text=text), [_STORE, _QUEUES], ""


def _worker(_: Difference) -> _Advice:
    text = (
        "Deploy the older worker, with its file at the same address; do not delete the file, or the newer one stays."
    )
    return Step(text=text), [_WORKER], ""


def _http(_: Difference) -> _Advice:
    text = "Purge the network's cache for these addresses once the older code runs."
    return Step(text=text), [_HTTP], ""


def _memory(_: Difference) -> _Advice:
    return Step(text="Restart what runs: it is kept in memory."), [], ""


_ADVICE = {
    "cache key": _key,
    "cache version": _version,
    "cache expiry": _expiry,
    "cache store": _store,
    "service worker": _worker,
    "http cache": _http,
    "memoized value": _memory,
}

CACHES = Domain(name=_NAME, detect=detect)
