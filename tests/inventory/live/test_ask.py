"""Sources are asked at the same time, within one limit, and nothing of ours or theirs makes an item look clean."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.core.inventory import LIVE_KINDS, InventorySettings, LiveSource
from safe_rollback.inventory.live import PROBES
from safe_rollback.inventory.live import ask as asking
from safe_rollback.inventory.live.ask import ask_live, fingerprints, merged
from safe_rollback.inventory.live.probe import Connection, Probe, ProbeError
from safe_rollback.inventory.model import DOMAIN_NAMES, Item, Live
from tests.inventory.live.kit import SALT, evidence, item

CANARY = "canary-value-of-a-secret"


def test_every_kind_of_source_has_its_probe() -> None:
    kinds = [probe.kind for probe in PROBES]
    assert sorted(kinds) == sorted([*LIVE_KINDS, "artifacts"])
    assert {probe.domain for probe in PROBES} <= set(DOMAIN_NAMES)


def test_nothing_is_asked_that_is_not_configured() -> None:
    assert ask_live(InventorySettings(), [item("caches", "cache key", "a:b")], {}, "/", salt=SALT) == ({}, [])
    assert fingerprints(InventorySettings(), {}, "/", salt=SALT) == {}


def said(clean: bool | None, state: str = "present", detail: str = "d") -> Live:
    return Live(checked=True, state=state, detail=detail, clean=clean)


def fake(kind: str, answer: Any) -> Probe:
    def ask(connection: Connection, items: Any) -> dict[str, Live]:
        if callable(answer):
            answer(connection)
        return {one.id: answer for one in items}

    def fingerprint(connection: Connection) -> dict[str, str]:
        if callable(answer):
            answer(connection)
        return {"thing": answer.detail}

    return Probe(
        kind=kind, domain="caches", answers=lambda one: one.domain == "caches", ask=ask, fingerprint=fingerprint
    )


KEY = item("caches", "cache key", "a:b")


def with_probes(patch: pytest.MonkeyPatch, **answers: Any) -> InventorySettings:
    patch.setattr(asking, "PROBES", tuple(fake(kind, answer) for kind, answer in answers.items()))
    return InventorySettings(live=tuple(LiveSource(kind=kind, name=f"my {kind}") for kind in answers))


def ask(settings: InventorySettings, seconds: float = 5.0) -> tuple[Live, list[str]]:
    answers, unknowns = ask_live(settings, [KEY], {"SECRET_URL": CANARY}, "/", salt=SALT, seconds=seconds)
    return answers[KEY.id], [one.why for one in unknowns]


def test_two_systems_are_clean_only_together(monkeypatch: pytest.MonkeyPatch) -> None:
    live, unknowns = ask(with_probes(monkeypatch, one=said(True, "absent"), two=said(False)))
    assert (live.state, live.clean, live.detail) == ("present", False, "my one: d; my two: d") and not unknowns
    assert ask(with_probes(monkeypatch, one=said(True, "absent"), two=said(True, "absent")))[0].clean is True
    assert merged(said(True, "absent"), said(None, "unknown")).clean is None
    assert merged(said(None, "unknown"), said(True, "absent")).state == "absent"


def test_a_source_that_cannot_answer_makes_nothing_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Connection) -> None:
        raise ProbeError("it is away")

    live, unknowns = ask(with_probes(monkeypatch, one=said(True, "absent"), two=fail))
    assert live.clean is None and "my two: it is away" in live.detail and unknowns == ["it is away"]
    assert fingerprints(with_probes(monkeypatch, two=fail), {}, "/", salt=SALT) == {
        "my two": {"unknown": "it is away"}
    }


def test_a_fault_of_ours_is_told_by_its_kind_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Connection) -> None:
        raise ValueError(f"cannot read {CANARY}")

    with caplog.at_level(logging.DEBUG):
        live, unknowns = ask(with_probes(monkeypatch, one=fail))
    assert unknowns == ["the probe failed: ValueError"] and (live.checked, live.clean) == (False, None)
    assert CANARY not in caplog.text and "the probe of one failed: ValueError" in caplog.text
    assert not any(record.exc_info for record in caplog.records)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_who_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, gate: threading.Event) -> None:
    def hang(_: Connection) -> None:
        gate.wait(20)

    started = time.monotonic()
    live, unknowns = ask(with_probes(monkeypatch, one=hang, two=said(True, "absent")), seconds=0.5)
    assert time.monotonic() - started < 3
    assert unknowns == ["it did not answer in time"] and live.clean is None


def test_sources_are_asked_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(3)

    def meet(_: Connection) -> None:
        together.wait(5)
        raise ProbeError("met")

    kinds = dict.fromkeys(("one", "two", "three"), meet)
    settings = with_probes(monkeypatch, **kinds)
    _, unknowns = ask_live(settings, [KEY], {}, "/", salt=SALT, seconds=5)
    assert [one.why for one in unknowns] == ["met"] * 3


def test_what_a_system_says_is_shown_on_one_line_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "first \x1b[31m postgres://joe:hunter2@db/x \u202e\nsecond"
    live, _ = ask(with_probes(monkeypatch, one=said(None, detail=text)))
    assert "hunter2" not in live.detail and "second" not in live.detail
    assert "\x1b" not in live.detail and "\u202e" not in live.detail
    long, _ = ask(with_probes(monkeypatch, one=said(None, detail="x" * 10_000)))
    assert len(long.detail) < 600


def test_a_variable_that_was_looked_up_is_hidden_wherever_it_appears(monkeypatch: pytest.MonkeyPatch) -> None:
    def repeat(connection: Connection) -> None:
        raise ProbeError(f"no such host {connection.address().value}")

    monkeypatch.setattr(asking, "PROBES", (fake("one", repeat),))
    settings = InventorySettings(live=(LiveSource(kind="one", name="n", url_env="SECRET_URL"),))
    live, (why,) = ask(settings)
    assert CANARY not in f"{live}{why}" and why.startswith("no such host <hidden SECRET_URL #")


@pytest.mark.parametrize(
    ("paths", "asked"),
    [(["apps/api/db/1.sql"], True), (["apps/api"], True), (["apps/apish/1.sql"], False), ([], False)],
)
def test_a_source_of_a_directory_answers_for_it_alone(
    monkeypatch: pytest.MonkeyPatch, paths: list[str], asked: bool
) -> None:
    monkeypatch.setattr(asking, "PROBES", (fake("one", said(True)),))
    settings = InventorySettings(live=(LiveSource(kind="one", name="n", options={"under": "apps/api/"}),))
    one = Item(
        domain="caches",
        kind="k",
        name="n",
        change="added",
        evidence=[evidence("c").__class__(path=path) for path in paths],
    )
    assert bool(ask_live(settings, [one], {}, "/", salt=SALT)[0]) is asked


def test_a_record_of_what_could_not_be_told_is_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def look(connection: Connection) -> None:
        seen.append(dict(connection.recorded))
        raise ProbeError("x")

    settings = with_probes(monkeypatch, one=look)
    for recorded in ({"my one": {"unknown": "x"}}, {"my one": {"a": "on"}}, {}):
        ask_live(settings, [KEY], {}, "/", salt=SALT, recorded=recorded)
    assert seen == [{}, {"a": "on"}, {}]


def test_a_connection_does_not_show_what_it_holds(tmp_path: Path) -> None:
    from safe_rollback.core.redaction import Redactor

    source = LiveSource(kind="one", name="n", url_env="A")
    connection = Connection(
        source=source, root=str(tmp_path), environ={"A": CANARY}, deadline=time.monotonic() + 5, salt=b"s" * 32,
        redactor=Redactor(b"s"),
    )  # fmt: skip
    assert CANARY not in f"{connection!r} {connection.address()!r}"
