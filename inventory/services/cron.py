"""Schedules: which jobs run by themselves, and when."""

import dataclasses
import hashlib
import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..changes import Side
from ..observed import secrets
from ..reading.expressions import Call, Expressions, expressions_of
from ..reading.hints import Hint
from ..reading.named import Fact
from ..reading.yaml import Scalar, scalars

if TYPE_CHECKING:
    from tree_sitter import Node

HINT = Hint(
    "cron schedul beat periodic recurring every repeat: add_job addinterval @interval runevery @daily @hourly",
    r"[cC]ron|CRON|[sS]chedul|SCHEDUL|BEAT|beat_|[pP]eriodic|[rR]ecurring|^\s*every\b|\.every\(['\"`]|every:|repeat:|"
    r"add_job|[jJ]obScheduler|addInterval|@Interval|set_schedule|runEvery|@daily|@hourly",
    re.MULTILINE,
)
"""What stands near a line that may be about a schedule."""
_SCRIPT = re.compile(
    r"(?:^|/)cron\.(?:hourly|daily|weekly|monthly)/[\w-]+$|"
    r"(?:^|/)(?:scripts?|bin)/(?:[\w-]*[-_])?cron(?:job)?s?(?:[-_][\w-]*)?(?:\.(?:ba)?sh)?$"
)
FILES = re.compile(
    r"(?:^|/)(?:schedule|schedules|sidekiq[\w.-]*|recurring[\w-]*|resque[\w-]*|cron[\w-]*|scheduler[\w-]*|good_job|clock|"
    r"render|serverless|crontab)\.ya?ml(?:\.erb)?$|(?:^|/)(?:vercel|now)\.json$|(?:^|/)wrangler\.(?:toml|jsonc?)$|"
    r"(?:^|/)netlify\.toml$|(?:^|/)crontab$|\.cron$|(?:^|/)config/schedule\.rb$|(?:^|/)fly\.toml$|(?:^|/)clock\.rb$|"
    r"(?:^|/)cron\.d/[\w-]+$|" + _SCRIPT.pattern
)
"""Files that are about schedules."""

_WHEN = ("cron", "every", "schedule", "interval", "at", "in", "rate")
_BEAT = re.compile(
    r"^(?:CELERY_?BEAT_?SCHEDULE|beat_schedule|CELERY_SCHEDULE|schedule_entries|RQ_CRON\w*|crontab_schedule|CRONJOBS|"
    r"cron_jobs|PERIODIC_TASKS)$",
    re.IGNORECASE,
)
_CRON = re.compile(
    r"@(?:yearly|monthly|weekly|daily|hourly|every \S+)|(?:[\d*/,?LW#A-Za-z-]+\s+){4,6}[\d*/,?LW#A-Za-z-]+"
)
_METHODS = re.compile(
    r"schedule|scheduleJob|every|upsertJobScheduler|addCron|addCronJob|addInterval|cron|repeatEvery|daily|hourly|"
    r"weekly|monthly|interval|runEvery|add_job|add_periodic_task|scheduled_job|scheduleTask|registerCron|AddFunc|"
    r"AddJob|perform_every|create|set_schedule|load_from_hash!?|createFunction|task|schedule_every|schedule_cron|"
    r"periodic_task|crontab|registerRepeatableJob|addRepeatable"
)
_RECEIVERS = re.compile(
    r"schedul|cron|agenda|queue|boss|jobs?$|inngest|\bevery|clockwork|periodic|sidekiq|celery|app$|huey|repeat|sender|"
    r"config|\bc$|dramatiq|worker|timer",
    re.IGNORECASE,
)
_TIMES = frozenset({"schedule", "every", "interval", "daily", "hourly", "weekly", "monthly", "runEvery", "cron"})
_DECORATED = frozenset({"Cron", "Interval", "Scheduled", "scheduled_job", "periodic_task", "crontab", "cron_schedule",
                        "QuartzJob", "TimerTrigger", "timer_trigger", "Schedule", "cron", "every", "repeat_every",
                        "db_periodic_task", "scheduled"})  # fmt: skip
_NO_NAMES = frozenset({"object", "hash", "arrow_function", "function_expression"})
# What an object that was passed in is called is not said by what this file calls the same.
_OF_ANOTHER = re.compile(r"(?!this\.|self\.)([a-z]\w*)\.(?:id|name|key|jobId)$")
_TASKS = frozenset({"identifier", "attribute", "member_expression", "call", "call_expression"})
_DURATION = re.compile(
    r"(?:crontab|(?:datetime\.)?timedelta|schedule|\w*(?:Milliseconds|ToSeconds|ms))\(|\d[\d_]*$|"
    r"\d+\.(?:second|minute|hour|day|week)"
)
_WHENEVER = frozenset({"rake", "runner", "command", "job", "script", "sidekiq"})


def facts(side: Side) -> list[Fact]:
    """The scheduled jobs of a file."""
    name = side.path.rpartition("/")[2]
    if name in ("vercel.json", "now.json"):
        return list(_vercel(side))
    if name.endswith((".toml", ".jsonc")) or name == "wrangler.json":
        return list(_triggers(side))
    if name.endswith((".yml", ".yaml", ".yml.erb", ".yaml.erb")):
        return list(_yaml(side)) if FILES.search(side.path) else []
    if name == "crontab" or name.endswith(".cron") or "/cron.d/" in f"/{side.path}":
        return list(_crontab(side))
    if _SCRIPT.search(side.path) and side.text.startswith("#!"):
        # A script for cron: what calls it, and how often, stands on a machine.
        return [_fact(name, 1, "")]
    said = expressions_of(side) if HINT.search(side.text) else None
    if said is None:
        return []
    if said.tree.grammar == "ruby":
        return [*_ruby(side, said), *_called(side, said)]
    found = [*_called(side, said), *_beats(said)]
    return [*found, *_objects(said)]


def _fact(name: str, line: int, value: str) -> Fact:
    return Fact(kind="cron", name=name, line=line, value=re.sub(r"\s+", " ", value).strip())


# Files


def _yaml(side: Side) -> Iterator[Fact]:
    found = scalars(side.text)
    groups: dict[tuple[int, tuple[str | int, ...]], list[Scalar]] = {}
    for one in found:
        at = next((at for at, part in enumerate(one.path) if part in _WHEN and at), None)
        if at is not None:
            groups.setdefault((one.document, one.path[:at]), []).append(one)
    for (document, above), rows in groups.items():
        siblings = {
            str(one.path[len(above)]): one.value
            for one in found
            if one.document == document and one.path[: len(above)] == above and len(one.path) == len(above) + 1
        }
        if not _is_job(siblings, rows, side.path):
            continue
        key = next((part for part in reversed(above) if isinstance(part, str)), "")
        listed = bool(above) and isinstance(above[-1], int)
        name = siblings.get("name") or siblings.get("url") or siblings.get("description") or key if listed else key
        when = ", ".join(f"{one.path[len(above)]} {one.value}" for one in rows)
        rest = ", ".join(
            f"{key} {siblings[key]}" for key in ("class", "queue", "args", "task", "command") if key in siblings
        )
        if name:
            yield _fact(name, rows[0].line, f"{when}, {rest}".strip(", "))


def _is_job(siblings: Mapping[str, str], rows: list[Scalar], path: str) -> bool:
    if path.endswith(("serverless.yml", "serverless.yaml")):
        return any(re.search(r"rate\(|cron\(", one.value) for one in rows)
    if re.search(r"(?:^|/)render\.ya?ml$", path):
        return siblings.get("type") == "cron" or any(_CRON.search(one.value) for one in rows)
    keys = {str(one.path[-1]) for one in rows} | set(siblings)
    return bool(keys & {"cron", "every", "class", "url", "schedule", "interval", "command", "job_class"})


def _vercel(side: Side) -> Iterator[Fact]:
    try:
        data = json.loads(side.text)
    except ValueError:
        return
    for row in data.get("crons") or () if isinstance(data, dict) else ():
        path = row.get("path") if isinstance(row, dict) else None
        if isinstance(path, str):
            line = next((at for at, text in enumerate(side.lines, 1) if path in text), 1)
            yield _fact(path, line, str(row.get("schedule", "")))


def _triggers(side: Side) -> Iterator[Fact]:
    """Cloudflare's `[triggers] crons`, and schedules of Netlify's functions and Fly's machines."""
    try:
        text = re.sub(r"^\s*//.*$", "", side.text, flags=re.MULTILINE)
        data: Any = tomllib.loads(side.text) if side.path.endswith(".toml") else json.loads(text)
    except (tomllib.TOMLDecodeError, ValueError):
        return
    triggers = data.get("triggers") if isinstance(data, dict) else None
    for cron in triggers.get("crons") or () if isinstance(triggers, dict) else ():
        yield _fact(str(cron), _line(side, str(cron)), str(cron))
    functions = data.get("functions") if isinstance(data, dict) else None
    for name, row in functions.items() if isinstance(functions, dict) else ():
        if isinstance(row, dict) and "schedule" in row:
            yield _fact(name, _line(side, name), str(row["schedule"]))


def _line(side: Side, text: str) -> int:
    return next((at for at, line in enumerate(side.lines, 1) if text in line), 1)


def _crontab(side: Side) -> Iterator[Fact]:
    # What the system has names the user before the command.
    user = "/cron.d/" in f"/{side.path}"
    for number, line in enumerate(side.lines, 1):
        found = re.match(r"\s*(@\w+|(?:\S+\s+){4}\S+)\s+(\S.*)", line)
        if found and not line.lstrip().startswith("#") and _CRON.match(found[1]):
            words = _words(found[2])[1 if user else 0 :]
            kept = secrets.shown(words, words[0].rpartition("/")[2] if words else "", (), lambda _: "…")
            # A secret that was changed is another value; `without_digest` takes it out before it is shown.
            text = repr(words).encode("utf-8", "surrogateescape")
            digest = "" if kept == words else f" ({hashlib.sha256(text).hexdigest()[:16]})"
            name = " ".join(kept)[:120]
            if name:
                yield dataclasses.replace(_fact(name, number, f"{found[1]}{digest}"), shown=f"{found[1]} {name}")


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


# Ruby


def _ruby(side: Side, said: Expressions) -> Iterator[Fact]:
    for call in said.calls:
        if call.method == "every" and call.block is not None and not call.receiver:
            when = ", ".join(said.shown(one) for one in call.arguments)
            extra = ", ".join(f"{key} {said.shown(one)}" for key, one in call.keywords.items())
            for inner in said.calls:
                if inner.callee in _WHENEVER and call.node.start_byte < inner.node.start_byte < call.node.end_byte:
                    name = said.say(inner.arguments[0]) if inner.arguments else None
                    if name:
                        yield _fact(f"{inner.callee} {name}", inner.line, f"every {when} {extra}")
            if call.arguments and len(call.arguments) > 1 and (name := said.say(call.arguments[1])):
                yield _fact(name, call.line, f"every {said.shown(call.arguments[0])} {extra}")
        elif (
            call.callee in ("every", "daily", "cluster_concurrency")
            and call.block is None
            and "Scheduled" in side.text
        ):
            # A class that says itself how often it runs.
            owner = next(iter(said.inside(call.node)), "")
            if owner and call.callee != "cluster_concurrency":
                shown = [*call.arguments, *call.keywords.values()]
                yield _fact(owner, call.line, f"{call.callee} {', '.join(said.shown(one) for one in shown)}")
    for one in said.definitions:
        if one.name in ("cron", "recurring_schedule") and one.held.type == "hash":
            for key, value in said.pairs(one.held):
                if value.type == "hash":
                    yield _fact(key, one.line, said.shown(value))


# Calls, decorators and dictionaries


def _called(side: Side, said: Expressions) -> Iterator[Fact]:
    for call in said.calls:
        above = call.node.parent
        decorates = above is not None and above.type in ("decorator", "decorated_definition")
        if call.method in _DECORATED and (decorates or call.node.type == "annotation"):
            named = said.keyword(call, "name", "id", "key")
            name = said.say(named) if named is not None else _below(call, said)
            yield _fact(name or side.path, call.line, ", ".join(said.shown(one) for one in call.arguments))
            continue
        if not _METHODS.fullmatch(call.method) or not _RECEIVERS.search(call.receiver or call.method):
            continue
        if call.method == "every" and call.block is not None:
            continue
        name = _job_name(call, said)
        when = _when(call, said)
        if name and when:
            yield _fact(name, call.line, when)


def _below(call: Call, said: Expressions) -> str:
    """The function that a decorator stands above."""
    above = call.node.parent
    for _ in range(3):
        if above is None:
            return ""
        inner = above.child_by_field_name("definition") or above.next_named_sibling
        name = inner.child_by_field_name("name") if inner is not None else above.child_by_field_name("name")
        if name is not None:
            return said.tree.text(name)
        above = above.parent
    return ""


def _job_name(call: Call, said: Expressions) -> str:
    named = said.keyword(call, "name", "id", "jobId", "key", "job_id")
    if named is not None and (name := _said(named, said)):
        return name
    for one in call.arguments:
        text = _said(one, said)
        if text and not _CRON.fullmatch(text) and not re.fullmatch(r"(?:cron|interval|date|[\d.]+\s*\w+)", text):
            return text
    task = next((one for one in reversed(call.arguments) if one.type in _TASKS), None)
    return said.shown(task) if task is not None else ""


def _said(node: "Node", said: Expressions) -> str | None:
    """What a node says as a name; None if it says none."""
    if node.type in _NO_NAMES:
        return None
    shown = said.shown(node)
    other = _OF_ANOTHER.match(shown)
    if other is None or any(one.name == other[1] for one in said.definitions):
        return said.say(node)
    return shown


def _when(call: Call, said: Expressions) -> str:
    """What says how often; empty if nothing does."""
    for key in ("cron", "pattern", "repeat", "every", "schedule", "run_every", "interval", "trigger", "crontab"):
        node = said.keyword(call, key)
        if node is not None:
            return f"{key} {said.shown(node)}"
    for one in call.arguments:
        text = said.say(one)
        if text and (_CRON.fullmatch(text) or re.fullmatch(r"every .+|\d+ (?:second|minute|hour|day|week)s?", text)):
            return text
        shown = said.shown(one)
        if _DURATION.match(shown):
            return shown
    if call.method in ("cron", "interval", "daily", "hourly", "weekly", "monthly", "add_job"):
        return ", ".join([*(said.shown(one) for one in call.arguments[1:]), *map(said.shown, call.keywords.values())])
    return ""


def _beats(said: Expressions) -> Iterator[Fact]:
    for one in said.definitions:
        if _BEAT.search(one.name):
            for key, value in said.pairs(one.held):
                yield _fact(key, said_line(value), said.shown(value))
        text = said.tree.text(one.node.child_by_field_name("left"))
        found = re.search(r"(\w+)\[['\"]([\w.-]+)['\"]\]$", text)
        if found and _BEAT.search(found[1]):
            yield _fact(found[2], one.line, said.shown(one.held))


def said_line(node: Any) -> int:
    """Where a node begins, from 1."""
    return int(node.start_point[0]) + 1


def _objects(said: Expressions) -> Iterator[Fact]:
    """`{ id: "job", cron: "0 3 * * *" }` and `{ name: "job", pattern: "…" }`, wherever they are passed."""
    for one in said.definitions:
        if one.name not in ("cron", "cronTime", "pattern", "schedule", "cronExpression") or one.node.type != "pair":
            continue
        text = said.say(one.held)
        if text is None or not _CRON.fullmatch(text):
            continue
        around = one.node.parent
        pairs = dict(said.pairs(around)) if around is not None else {}
        name = next((said.say(pairs[key]) for key in ("id", "name", "jobId", "path", "job") if key in pairs), None)
        name = name or next(iter(said.inside(one.node)), "")
        if name:
            yield _fact(name, one.line, text)
