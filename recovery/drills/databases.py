"""The way back of migrations, run against databases that were set aside for it.

A source of `[[inventory.live]]` names the variable that holds its address. Where the environment also has that
variable with `_DRILL` at its end, that is the address of a database which may be lost. A command is run only if a
human trusted its exact text, with the variable replaced and those of all other sources taken away. Whether it really
went there, and not to the real database by a way of its own, is looked at afterwards: the real one is only read.
"""

import dataclasses
import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from ...core.dotenv import dotenv_values
from ...core.gate.environment import scrubbed
from ...core.gate.process import Completed, Limits, execute
from ...core.inventory import InventorySettings, LiveSource
from ...core.redaction import Redactor
from ...core.text import clean, one_line
from ...inventory.live.ask import ask_live
from ...inventory.live.probe import ELSEWHERE
from ...inventory.model import Item, Live
from .steps import Step

SUFFIX = "_DRILL"
KINDS = ("postgres", "mysql", "sqlite")
_PORTS = {"postgres": 5432, "mysql": 3306}
_HERE = ("localhost", "127.0.0.1", "::1")
_LIMITS = Limits(seconds=900, stdout=2000, stderr=2000, last=True)
_ASK_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where commands run.

    Attributes:
        root: the copy's worktree.
        original: the user's, which addresses of files may name.
        settings: which systems there are.
        environ: the server's own variables.
        extra: variables a command needs in the copy.
        allowed: exact texts that a human trusted.
        salt: of the hashes that stand for values.
    """

    root: str
    original: str
    settings: InventorySettings
    environ: Mapping[str, str]
    extra: Mapping[str, str]
    allowed: Collection[str]
    salt: bytes


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """One migration's way back.

    Attributes:
        item: the migration.
        step: what was done and how long it took.
        proven: whether its way back was run and did what it should.
        left: what is left to do about it; empty if nothing.
    """

    item: Item
    step: Step
    proven: bool
    left: str


@dataclass(frozen=True, kw_only=True)
class _Spare:
    """A database that may be lost; `real` if its address is that of the one that may not."""

    source: LiveSource
    root: str
    address: str
    real: bool = False

    def asked(self, place: Place, items: Sequence[Item]) -> tuple[dict[str, Live], str]:
        """What it says about items; and why it says nothing, if so."""
        environ = {**place.environ, self.source.url_env: self.address}
        answers, unknowns = ask_live(
            InventorySettings(live=(self.source,)), items, environ, self.root, salt=place.salt, seconds=_ASK_SECONDS
        )
        return answers, "; ".join(one.why for one in unknowns)


def rehearse_downs(place: Place, items: Sequence[Item], tell: Callable[[str], None]) -> list[Rehearsed]:
    """Run the way back of each migration against the spare database that has it, in the order given.

    Args:
        place: where.
        items: migrations, in the order of the way back.
        tell: takes a phrase before each.
    """
    home: dict[str, _Spare] = {}
    said: dict[str, str] = {}
    for spare in _spares(place):
        answers, why = spare.asked(place, items)
        why = "it names the real database" if spare.real else why
        for item_id, live in answers.items():
            if why:
                said[item_id] = f"not rehearsed: {spare.source.url_env}{SUFFIX}: {why}"
            elif live.state != ELSEWHERE:
                home.setdefault(item_id, spare)
    before = _real(place, items) if home else {}
    found = []
    for item in items:
        tell(f"down {item.name}")
        spare_of = home.get(item.id)
        if spare_of is None:
            found.append(_not(item, said.get(item.id) or _none(place)))
        else:
            found.append(_rehearse(place, item, spare_of))
    after = _real(place, items) if before else {}
    return [_told_on(one, before, after) for one in found]


def commands_wanted(place: Place, items: Sequence[Item]) -> list[str]:
    """Commands that would be run against spare databases if a human trusted them."""
    wanted: list[str] = []
    for spare in _spares(place):
        answers, why = ({}, "") if spare.real else spare.asked(place, items)
        for item in items:
            if not why and item.id in answers and answers[item.id].state != ELSEWHERE:
                again = item.inverse.command if answers[item.id].state == "not applied" else ""
                wanted += [one for one in (again, item.action.command) if one]
    return [one for one in dict.fromkeys(wanted) if one not in place.allowed]


def _spares(place: Place) -> list[_Spare]:
    found = []
    for source in place.settings.live:
        address = place.environ.get(f"{source.url_env}{SUFFIX}", "") if source.url_env else ""
        if source.kind in KINDS and address:
            spare = _spare(place, source, address)
            real = _real_addresses(place, source.url_env)
            same = any(_same(source.kind, place.original, address, one) for one in real)
            found.append(dataclasses.replace(spare, real=same))
    return found


def _real_addresses(place: Place, variable: str) -> list[str]:
    named = [one.value for one in dotenv_values(place.original) if one.name == variable]
    return [one for one in (place.environ.get(variable, ""), *named) if one]


def _same(kind: str, root: str, one: str, other: str) -> bool:
    """Whether two addresses lead to the same database, however they are written."""
    if kind == "sqlite":
        return os.path.realpath(os.path.join(root, _file(one))) == os.path.realpath(os.path.join(root, _file(other)))
    try:
        return _where(kind, one) == _where(kind, other)
    except ValueError:
        return True  # what cannot be read is not known to be another


def _where(kind: str, address: str) -> tuple[str, int, str]:
    """Host, port and database of a server's address."""
    parts = urlsplit(address.strip().removeprefix("jdbc:"))
    given = dict(parse_qsl(parts.query))
    host = unquote(parts.hostname or given.get("host", "localhost"))
    port = parts.port or int(given.get("port", _PORTS[kind]))
    return "localhost" if host in _HERE else host, port, unquote(parts.path.strip("/"))


def _spare(place: Place, source: LiveSource, address: str) -> _Spare:
    if source.kind != "sqlite":
        return _Spare(source=source, root=place.root, address=address)
    # A file of the worktree is copied: the drill changes nothing there, not even what may be lost.
    address = address.replace(f"{place.original}/", f"{place.root}/")
    path = _file(address)
    full = os.path.join(place.root, path)
    inside = full.startswith(f"{place.root}/")
    if inside and not os.path.exists(full):
        os.makedirs(os.path.dirname(full), exist_ok=True)
        original = os.path.join(place.original, os.path.relpath(full, place.root))
        if os.path.isfile(original):
            shutil.copy2(original, full)
    root = place.root if inside else os.path.dirname(full)
    plain = dataclasses.replace(source, path=os.path.relpath(full, root))
    return _Spare(source=plain, root=root, address=address)


def _file(address: str) -> str:
    """The path in an address of SQLite: three slashes stand before one from the root, four before an absolute one."""
    for scheme in ("sqlite3:", "sqlite:", "file:", "jdbc:sqlite:"):
        address = address.removeprefix(scheme)
    path = unquote(address.partition("?")[0])
    return path.removeprefix("//").removeprefix("/") if path.startswith("///") else path.removeprefix("//")


def _rehearse(place: Place, item: Item, spare: _Spare) -> Rehearsed:
    """Bring the spare database to where the migration is applied, and take it back there."""
    command = item.action.command
    if not command:
        return _not(item, f"no way back to run: {item.action.text}")
    if command not in place.allowed:
        return _not(item, f"not rehearsed: no human trusts `{command}`: safe-rollback drill --trust")
    if _state(place, item, spare).state == "not applied":
        again = item.inverse.command
        if not again or again not in place.allowed:
            return _not(item, "not rehearsed: the disposable database does not have it; apply it there first")
        done = _run(place, again, spare)
        if done.exit_code != 0:
            return _not(item, f"not rehearsed: applying it there failed: {_output(place, done, spare)}")
    done = _run(place, command, spare)
    live = _state(place, item, spare)
    well = done.exit_code == 0 and live.clean is not False
    ended = "no end within the time" if done.exit_code is None else f"exit {done.exit_code}"
    told = live.detail or "what it did could not be looked at"
    output = "" if well else f"; {_output(place, done, spare)}"
    return Rehearsed(
        item=item,
        step=Step(
            name=f"down {item.name}", ok=well, seconds=done.seconds, detail=f"`{command}`: {ended}; {told}{output}"
        ),
        proven=well,
        left="" if well else f"{item.kind} {item.name}: its way back does not work: {ended}, {told}",
    )


def _state(place: Place, item: Item, spare: _Spare) -> Live:
    return spare.asked(place, [item])[0].get(item.id, Live())


def _run(place: Place, command: str, spare: _Spare) -> Completed:
    """Run a trusted command; of all sources' addresses and tokens it has the spare one's alone."""
    kept = dict(scrubbed(place.environ))
    for source in place.settings.live:
        for name in (source.url_env, source.options.get("token_env", "")):
            kept.pop(name, None)
            kept.pop(f"{name}{SUFFIX}", None)
    env = {**kept, **place.extra, spare.source.url_env: spare.address}
    return execute(["/bin/sh", "-c", command], cwd=place.root, env=env, limits=_LIMITS)


def _output(place: Place, done: Completed, spare: _Spare) -> str:
    redactor = Redactor(place.salt)
    redactor.hide(spare.address, spare.source.url_env)
    return clean(redactor.redact(os.fsdecode(done.stdout + done.stderr).strip()), limit=1000)


def _not(item: Item, why: str) -> Rehearsed:
    step = Step(name=f"down {item.name}", ok=False, detail=why, counts=False)
    return Rehearsed(item=item, step=step, proven=False, left=f"{item.kind} {item.name}: {one_line(why, limit=400)}")


def _none(place: Place) -> str:
    names = [f"{one.url_env}{SUFFIX}" for one in place.settings.live if one.kind in KINDS and one.url_env]
    set_one = f" (set {' or '.join(names[:3])})" if names else ": [[inventory.live]] names no url_env of one"
    return f"not rehearsed: no disposable database{set_one}"


def _real(place: Place, items: Sequence[Item]) -> dict[str, Live]:
    """What the real databases say, which nothing here may change."""
    real = InventorySettings(live=tuple(one for one in place.settings.live if one.kind in KINDS))
    if not real.live:
        return {}
    return ask_live(real, items, place.environ, place.original, salt=place.salt, seconds=_ASK_SECONDS)[0]


def _told_on(one: Rehearsed, before: Mapping[str, Live], after: Mapping[str, Live]) -> Rehearsed:
    """A command that changed the real database did not use the variable it was given."""
    was, now = before.get(one.item.id), after.get(one.item.id)
    if was is None or now is None or not (was.checked and now.checked) or was.state == now.state:
        return one
    why = f"{one.item.kind} {one.item.name} was {was.state} in the real database and is {now.state} now"
    detail = f"{why}: the command does not use the variable. {one.step.detail}"
    return dataclasses.replace(
        one,
        step=dataclasses.replace(one.step, ok=False, detail=detail),
        proven=False,
        left=f"{why}: look at it at once",
    )
