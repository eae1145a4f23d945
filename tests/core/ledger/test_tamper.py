"""Whatever is changed in a ledger behind its back is found, and named."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from safe_rollback.core.errors import SafeRollbackError
from safe_rollback.core.ledger.events import CommandRefused, CommandTrusted, GateRun, LedgerRebuilt
from safe_rollback.core.ledger.store import FILE, Ledger, Record
from tests.core.ledger.support import SESSION, filled, sql
from tests.harness.clock import FixedClock
from tests.harness.sample import sampled

_COUNT = 6


def tampered(folder: str, column: str, seq: int, value: object) -> list[str]:
    """What verify says after one value was changed; the old one is put back."""
    ((old,),) = sql(folder, (f"SELECT {column} FROM events WHERE seq = ?", (seq,)))
    try:
        sql(folder, (f"UPDATE events SET {column} = ? WHERE seq = ?", (value, seq)))
        with closing(Ledger(folder, FixedClock())) as ledger:
            return ledger.verify()
    finally:
        sql(folder, (f"UPDATE events SET {column} = ? WHERE seq = ?", (old, seq)))


def test_every_single_changed_character_of_every_record_is_found(tmp_path: object) -> None:
    folder = str(tmp_path)
    ledger = filled(folder, _COUNT)
    records = ledger.records()
    cases = [
        (record.seq, column, position)
        for record in records
        for column in ("at", "kind", "session", "data", "prev", "hash")
        for position in range(len(getattr(record, column) or ""))
    ]
    for seq, column, position in sampled(cases, 250):
        text = getattr(records[seq - 1], column)
        changed = text[:position] + chr(ord(text[position]) ^ 1) + text[position + 1 :]
        assert any(f"ecord {seq} " in said for said in tampered(folder, column, seq, changed)), (
            seq,
            column,
            position,
        )
    assert tampered(folder, "session", 1, SESSION) and tampered(folder, "session", 2, None)
    assert ledger.verify() == []
    ledger.close()


def test_a_record_forged_with_a_hash_of_its_own_does_not_fit_the_next(tmp_path: object) -> None:
    ledger = filled(str(tmp_path), _COUNT)
    old = ledger.records()[2]
    forged = Record(**{**vars(old), "data": old.data.replace("passed", "failed")})
    digest = forged.expected_hash()
    sql(str(tmp_path), ("UPDATE events SET data = ?, hash = ? WHERE seq = 3", (forged.data, digest)))
    assert ledger.verify() == ["Record 4 does not follow record 3."]
    ledger.close()


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ((1,), ["Record 1 is missing."]),
        ((3,), ["Record 3 is missing."]),
        ((2, 3, 4), ["Records 2 to 4 are missing."]),
        ((2, 5), ["Record 2 is missing.", "Record 5 is missing."]),
    ],
)
def test_deleted_records_are_named(tmp_path: object, gone: tuple[int, ...], said: list[str]) -> None:
    ledger = filled(str(tmp_path), _COUNT)
    for seq in gone:
        sql(str(tmp_path), ("DELETE FROM events WHERE seq = ?", (seq,)))
    assert ledger.verify() == said
    ledger.close()


def test_a_deleted_end_is_missed_once_it_was_sealed_and_its_numbers_are_not_given_again(tmp_path: object) -> None:
    ledger = filled(str(tmp_path), _COUNT)
    ledger.mark_sealed(_COUNT)
    sql(str(tmp_path), ("DELETE FROM events WHERE seq > 4", ()))
    assert ledger.verify() == ["Records 5 to 6 are missing."]
    assert ledger.append(CommandTrusted(text="x")).seq == _COUNT + 1
    assert ledger.verify() == ["Records 5 to 6 are missing."]
    sql(str(tmp_path), ("DELETE FROM events", ()))
    assert ledger.verify() == ["Records 1 to 6 are missing."]
    ledger.close()


def test_records_in_another_order_are_found(tmp_path: object) -> None:
    ledger = filled(str(tmp_path), _COUNT)
    swap = [("UPDATE events SET seq = ? WHERE seq = ?", pair) for pair in ((100, 2), (2, 3), (3, 100))]
    sql(str(tmp_path), *swap)
    said = ledger.verify()
    assert {"Record 2 was changed.", "Record 3 was changed."} <= set(said)
    assert "Record 2 does not follow record 1." in said
    ledger.close()


def test_a_record_put_in_between_is_found(tmp_path: object) -> None:
    ledger = filled(str(tmp_path), _COUNT)
    first = ledger.records()[0]
    values = (_COUNT + 1, first.at, first.kind, first.session, first.data, first.prev, "f" * 64)
    sql(str(tmp_path), ("INSERT INTO events VALUES (?,?,?,?,?,?,?)", values))
    assert f"Record {_COUNT + 1} does not follow record {_COUNT}." in ledger.verify()
    ledger.close()


def answers(ledger: Ledger) -> list[object]:
    """What every kind of question answers: by position, by kind, by session."""
    return [
        ledger.records(),
        ledger.records(GateRun),
        ledger.records(CommandRefused),
        ledger.records(session=SESSION),
        ledger.records(CommandTrusted, newest_first=True, limit=1),
        ledger.sealed(),
        ledger.head(),
    ]


def test_no_flipped_bit_of_the_file_gives_a_wrong_answer_unnoticed(tmp_path: object) -> None:
    folder = str(tmp_path)
    ledger = filled(folder, 30)
    ledger.mark_sealed(30)
    expected = answers(ledger)
    ledger.close()
    path = os.path.join(folder, FILE)
    with open(path, "rb") as file:
        whole = file.read()
    used = [position for position in range(len(whole)) if whole[position]]
    noticed = 0
    for position in sampled(used, 400):
        for bit in (1, 128):
            with open(path, "wb") as file:
                file.write(whole[:position] + bytes([whole[position] ^ bit]) + whole[position + 1 :])
            try:
                with closing(Ledger(folder, FixedClock())) as ledger:
                    said = ledger.verify()
                    noticed += bool(said)
                    assert said or answers(ledger) == expected, (position, bit)
            except SafeRollbackError:
                noticed += 1
    assert noticed > 500


_DAMAGE: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("cut in the middle", lambda data: data[: len(data) // 2]),
    ("cut to one page", lambda data: data[:4096]),
    ("cut within the header", lambda data: data[:50]),
    ("zeros", lambda data: bytes(len(data))),
    ("text", lambda data: b"not a database at all\n" * 400),
    ("garbage after the header", lambda data: data[:100] + bytes(range(256)) * ((len(data) - 100) // 256)),
]


@pytest.mark.parametrize(("name", "damage"), _DAMAGE)
def test_a_damaged_file_is_never_read_as_a_shorter_ledger(
    tmp_path: object, name: str, damage: Callable[[bytes], bytes]
) -> None:
    folder = str(tmp_path)
    filled(folder, 60).close()
    path = os.path.join(folder, FILE)
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write(damage(data))
    with pytest.raises(SafeRollbackError) as failed, closing(Ledger(folder, FixedClock())) as ledger:
        assert ledger.verify() == [], "found"
        ledger.records()
    assert "doctor --repair" in str(failed.value)


def test_gaps_a_rebuild_named_are_known_and_no_others(tmp_path: object) -> None:
    folder = str(tmp_path)
    ledger = filled(folder, 12)
    sql(folder, ("DELETE FROM events WHERE seq IN (1, 2, 6)", ()))
    assert ledger.verify() == ["Records 1 to 2 are missing.", "Record 6 is missing."]
    ledger.append(LedgerRebuilt(reason="test", records=9, gaps=[(1, 2), (6, 6)]))
    assert ledger.verify() == []
    sql(folder, ("DELETE FROM events WHERE seq IN (5, 7, 8, 11)", ()))
    assert ledger.verify() == ["Record 5 is missing.", "Records 7 to 8 are missing.", "Record 11 is missing."]
    ledger.close()


def test_a_rebuild_cannot_excuse_what_is_lost_after_it(tmp_path: object) -> None:
    folder = str(tmp_path)
    ledger = filled(folder, 3)
    ledger.append(LedgerRebuilt(reason="test", records=3, gaps=[(5, 6)]))
    for text in "abcd":
        ledger.append(CommandTrusted(text=text))
    sql(folder, ("DELETE FROM events WHERE seq IN (5, 6)", ()))
    assert ledger.verify() == ["Records 5 to 6 are missing."]
    ledger.close()


def test_a_changed_record_of_a_rebuild_excuses_nothing(tmp_path: object) -> None:
    folder = str(tmp_path)
    ledger = filled(folder, 3)
    ledger.append(LedgerRebuilt(reason="test", records=3, gaps=[]))
    sql(
        folder,
        ("DELETE FROM events WHERE seq = 2", ()),
        ("""UPDATE events SET data = replace(data, '"gaps":[]', '"gaps":[[2,2]]')""", ()),
    )
    assert ledger.verify() == ["Record 2 is missing.", "Record 4 was changed."]
    ledger.close()


def test_an_interrupted_write_is_rolled_back_at_the_next_open(tmp_path: object) -> None:
    folder = str(tmp_path)
    ledger = filled(folder, 4)
    expected = answers(ledger)
    ledger.close()
    with closing(sqlite3.connect(os.path.join(folder, FILE), isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE events SET data = data || ? WHERE 1", ("x" * 20_000,))
        copies = {}
        for suffix in ("", "-journal"):
            with open(os.path.join(folder, FILE + suffix), "rb") as file:
                copies[suffix] = file.read()
        db.execute("ROLLBACK")
    for suffix, data in copies.items():
        with open(os.path.join(folder, FILE + suffix), "wb") as file:
            file.write(data)
    with closing(Ledger(folder, FixedClock())) as again:
        assert answers(again) == expected and again.verify() == []
