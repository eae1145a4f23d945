"""Asks every configured source at the same time, and puts what they say together."""

import dataclasses
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from ...core.inventory import InventorySettings, LiveSource
from ...core.redaction import Redactor
from ...core.text import one_line
from ..model import Item, Live, Unknown
from . import PROBES
from .probe import ELSEWHERE, Connection, Probe, ProbeError

logger = logging.getLogger("safe_rollback")

SECONDS = 8.0
"""How long all sources together may take, unless told otherwise."""

_MAX_DETAIL = 500
_MAX_STATE = 300
_MAX_NAME = 80
_MAX_SOURCES = 32
_BUILT = LiveSource(kind="artifacts", name="artifacts")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class _Asked:
    """A source with its probe."""

    probe: Probe
    connection: Connection


def ask_live(
    settings: InventorySettings,
    items: Iterable[Item],
    environ: Mapping[str, str],
    root: str,
    *,
    salt: bytes,
    recorded: Mapping[str, Mapping[str, str]] | None = None,
    seconds: float = SECONDS,
) -> tuple[dict[str, Live], list[Unknown]]:
    """What the configured systems say about items, by their ids; nothing is changed anywhere.

    Args:
        settings: which systems there are.
        items: what they are asked about.
        environ: where addresses and tokens are looked up, beside dotenv files that sources name.
        root: the worktree's.
        salt: of `core.redaction.salt_of`: the one with which values in the items were hidden.
        recorded: `fingerprints` from before the target, by source; an item that is as recorded there is clean.
        seconds: for all of them together.

    Returns:
        What was said, each answer beginning with its source's name; items that no source knows about are left
        out. And what could not be asked, with the reason: such a source says `unknown` of its items too.
    """
    asked = list(items)
    sources = _sources(settings, environ, root, salt, recorded or {}, seconds)
    concerned = {
        index: [item for item in asked if one.probe.answers(item) and _under(one.connection.source, item)]
        for index, one in enumerate(sources)
    }

    def question(index: int) -> Callable[[], Mapping[str, Live]]:
        return lambda: sources[index].probe.ask(sources[index].connection, concerned[index])

    said = _all(sources, {index: question(index) for index, those in concerned.items() if those}, seconds)
    answers: dict[str, Live] = {}
    unknowns: list[Unknown] = []
    for index, answer in said.items():
        one = sources[index]
        if isinstance(answer, str):
            subject = one_line(one.connection.source.name, limit=_MAX_NAME)
            unknowns.append(Unknown(domain=one.probe.domain, subject=subject, why=answer))
            lives: Mapping[str, Live] = {item.id: Live(detail=answer) for item in concerned[index]}
        else:
            lives = answer
        for item_id, live in lives.items():
            shown = _shown(one.connection, live)
            answers[item_id] = merged(answers[item_id], shown) if item_id in answers else shown
    return answers, unknowns


def fingerprints(
    settings: InventorySettings,
    environ: Mapping[str, str],
    root: str,
    *,
    salt: bytes,
    seconds: float = SECONDS,
) -> dict[str, dict[str, str]]:
    """The state of what the configured systems know, for a checkpoint: source → thing → state or salted hash.

    A source that cannot tell has the single thing `unknown`, with the reason.
    """
    sources = _sources(settings, environ, root, salt, {}, seconds)

    def question(one: _Asked) -> Callable[[], Mapping[str, str]]:
        return lambda: one.probe.fingerprint(one.connection)

    said = _all(sources, {index: question(one) for index, one in enumerate(sources)}, seconds)
    found: dict[str, dict[str, str]] = {}
    for index, answer in said.items():
        connection = sources[index].connection
        things = {"unknown": answer} if isinstance(answer, str) else answer
        if things:
            found[connection.source.name] = {
                _safe(connection, thing, _MAX_STATE): _safe(connection, state, _MAX_STATE)
                for thing, state in things.items()
            }
    return found


def merged(first: Live, then: Live) -> Live:
    """What two systems say together: clean only if both are, and both know it."""
    if ELSEWHERE in (first.state, then.state):
        return then if first.state == ELSEWHERE else first
    worse = {False: 0, None: 1, True: 2}
    main, other = sorted((first, then), key=lambda one: worse[one.clean])
    state = main.state if main.state != "unknown" or main.clean is False else other.state
    return Live(
        checked=first.checked or then.checked, state=state, detail=f"{first.detail}; {then.detail}", clean=main.clean
    )


def _sources(
    settings: InventorySettings,
    environ: Mapping[str, str],
    root: str,
    salt: bytes,
    recorded: Mapping[str, Mapping[str, str]],
    seconds: float,
) -> list[_Asked]:
    probes = {probe.kind: probe for probe in PROBES}
    built = [_BUILT] if settings.artifacts else []
    deadline = time.monotonic() + seconds
    return [
        _Asked(
            probes[source.kind],
            Connection(
                source=source,
                root=root,
                environ=environ,
                deadline=deadline,
                salt=salt,
                redactor=Redactor(salt),
                artifacts=settings.artifacts,
                recorded=_usable(recorded.get(source.name, {})),
            ),
        )
        for source in (*settings.live[:_MAX_SOURCES], *built)
        if source.kind in probes
    ]


def _usable(recorded: Mapping[str, str]) -> Mapping[str, str]:
    """A fingerprint from before; none if the source could not tell then."""
    return {} if set(recorded) == {"unknown"} else recorded


def _under(source: LiveSource, item: Item) -> bool:
    """Whether an item is of the directory that a source is about."""
    folder = source.options.get("under", "").strip("/")
    if not folder:
        return True
    paths = [str(item.details.get("path") or ""), *(one.path for one in item.evidence)]
    return any(path == folder or path.startswith(f"{folder}/") for path in paths)


def _all(
    sources: Sequence[_Asked], questions: Mapping[int, Callable[[], _Answer]], seconds: float
) -> dict[int, _Answer | str]:
    """The answer to each question, or why there is none; in the order of the sources."""
    if not questions:
        return {}
    pool = ThreadPoolExecutor(max_workers=len(questions), thread_name_prefix="safe-rollback-live")
    futures: dict[int, Future[_Answer]] = {index: pool.submit(question) for index, question in questions.items()}
    # Every probe keeps its own time; who does not is not waited for.
    wait(futures.values(), timeout=seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    results: dict[int, _Answer | str] = {}
    for index, future in futures.items():
        why = _failure(sources[index].connection, future)
        results[index] = future.result() if why is None else why
    return results


def _failure(connection: Connection, future: Future[_Answer]) -> str | None:
    """Why there is no answer; None if there is one."""
    if not future.done() or future.cancelled():
        return "it did not answer in time"
    error = future.exception()
    if error is None:
        return None
    if isinstance(error, ProbeError):
        return _safe(connection, error.why, _MAX_DETAIL)
    # A fault of ours. Its text and its traceback could hold what the system said: only its kind is told.
    name = type(error).__name__
    logger.error("the probe of %s failed: %s", connection.source.kind, name)
    return f"the probe failed: {name}"


def _shown(connection: Connection, live: Live) -> Live:
    name = one_line(connection.source.name, limit=_MAX_NAME)
    return dataclasses.replace(live, detail=f"{name}: {_safe(connection, live.detail, _MAX_DETAIL)}")


def _safe(connection: Connection, text: str, limit: int) -> str:
    """Text of a system, on one line and with what is secret hidden."""
    return one_line(connection.redactor.redact(text), limit=limit)
