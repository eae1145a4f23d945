"""Facts are kept by blob, and losing them costs time and nothing else."""

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

import pytest

from safe_rollback.core.gate.runner import Git
from safe_rollback.core.ids import Oid
from safe_rollback.impact import reading, store
from safe_rollback.impact.model import Definition, Facts, Name, Reference
from safe_rollback.impact.store import FILE, Store, decode, encode
from safe_rollback.impact.work import Reading, Said
from tests.harness.repo import Repo
from tests.impact.conftest import Trees
from tests.impact.toy import TOY

FACTS = Facts(
    references=(
        Reference("import", "a.b", 3, (Name("x", "y"), Name("*")), "b", "likely"),
        Reference("path", "é\udce9", 1),
    ),
    provides=("table:x",),
    problems=("line 2: odd",),
)
BLOB = Oid("1" * 40)
KEY = ("toy", BLOB)

pytestmark = pytest.mark.usefixtures("toy")


def test_facts_survive_the_way_to_disk_and_back(tmp_path: object) -> None:
    assert decode(encode(FACTS)) == FACTS
    kept = Store(str(tmp_path))
    kept.keep_facts({KEY: FACTS})
    assert Store(str(tmp_path)).facts([KEY, ("toy", Oid("2" * 40))]) == {KEY: FACTS}
    assert os.stat(os.path.join(str(tmp_path), FILE)).st_mode & 0o077 == 0


def test_facts_of_another_version_are_not_used(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(str(tmp_path)).keep_facts({KEY: FACTS})
    monkeypatch.setattr(store, "LANGUAGES", (replace(TOY, version=2),))
    assert Store(str(tmp_path)).facts([KEY]) == {}


def test_definitions_are_kept_too(tmp_path: object) -> None:
    made = (Definition("a.b", 3, "def b(x)", "function"),)
    Store(str(tmp_path)).keep_definitions({KEY: made})
    assert Store(str(tmp_path)).definitions([KEY]) == {KEY: made}
    assert Store(str(tmp_path)).facts([KEY]) == {}


@pytest.mark.parametrize("damage", [b"", b"no database" * 1000, None])
def test_a_database_that_is_damaged_or_gone_is_made_anew(tmp_path: object, damage: bytes | None) -> None:
    kept = Store(str(tmp_path))
    kept.keep_facts({KEY: FACTS})
    path = os.path.join(str(tmp_path), FILE)
    if damage is None:
        os.unlink(path)
    else:
        with open(path, "wb") as file:
            file.write(damage)
    assert kept.facts([KEY]) == {}
    kept.keep_facts({KEY: FACTS})
    assert kept.facts([KEY]) == {KEY: FACTS}


def test_a_database_somebody_holds_is_done_without(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store(str(tmp_path))
    kept.keep_facts({KEY: FACTS})
    holder = sqlite3.connect(os.path.join(str(tmp_path), FILE), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(store, "_PATIENCE", 0.01)
    assert kept.facts([KEY]) == {}
    kept.keep_facts({("toy", Oid("3" * 40)): FACTS})
    holder.close()
    assert kept.facts([KEY]) == {KEY: FACTS}


def test_the_rows_not_used_for_the_longest_time_go_first(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store(str(tmp_path))
    kept.keep_facts({("toy", Oid(f"{number:040x}")): FACTS for number in range(1000)})
    database = sqlite3.connect(os.path.join(str(tmp_path), FILE))
    database.execute("UPDATE said SET day = 1 WHERE blob < ?", (bytes.fromhex(f"{250:040x}"),))
    database.commit()
    database.close()
    monkeypatch.setattr(store, "MAX_BYTES", 1)
    kept.keep_facts({KEY: FACTS})
    left = {blob for _, blob in kept.facts([KEY, *(("toy", Oid(f"{number:040x}")) for number in range(1000))])}
    assert BLOB in left and Oid(f"{999:040x}") in left
    assert Oid(f"{0:040x}") not in left and len(left) <= 751


def test_a_blob_is_read_once(repo: Repo, trees: Trees, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit("Files", {f"f{number}.toy": f"need f{number + 1}.toy\n" for number in range(20)})
    first = trees.graph()
    asked: list[int] = []
    read = reading.said

    def counted(git: Git, share: Sequence[Reading]) -> Said:
        asked.append(len(share))
        return read(git, share)

    monkeypatch.setattr(reading, "said", counted)
    assert trees.graph().edges == first.edges
    assert asked == []
    repo.commit("One more", {"f3.toy": "need f9.toy\nsay more\n"})
    assert [edge.target for edge in trees.graph().edges["f3.toy"]] == ["f9.toy"]
    assert asked == [1]


def _many(folder: object) -> tuple[Store, list[tuple[str, Oid]]]:
    kept = Store(str(folder))
    keys = [("toy", Oid(f"{number:040x}")) for number in range(1000)]
    kept.keep_facts(dict.fromkeys(keys, FACTS))
    return kept, keys


def _overwrite(folder: object, blob: Oid) -> None:
    """The page of one blob: what opening looks at is whole."""
    path = os.path.join(str(folder), FILE)
    with open(path, "r+b") as file:
        file.seek(file.read().index(bytes.fromhex(blob)) // 4096 * 4096)
        file.write(b"\xff" * 4096)
    store._open(path).close()


def test_damage_that_shows_only_when_rows_are_read_costs_the_rows(tmp_path: object) -> None:
    kept, keys = _many(tmp_path)
    _overwrite(tmp_path, keys[500][1])
    assert len(kept.facts(keys)) < len(keys)
    kept.keep_facts(dict.fromkeys(keys, FACTS))
    assert len(kept.facts(keys)) == len(keys)


def test_damage_that_shows_only_when_rows_are_written_is_mended_too(tmp_path: object) -> None:
    kept, keys = _many(tmp_path)
    _overwrite(tmp_path, keys[500][1])
    for _ in range(2):  # the first finds the damage, the second a place
        kept.keep_facts(dict.fromkeys(keys, FACTS))
    assert len(kept.facts(keys)) == len(keys)


def test_a_database_somebody_takes_after_it_was_opened_is_done_without_and_stays(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Store(str(tmp_path))
    kept.keep_facts({KEY: FACTS})
    holder = sqlite3.connect(os.path.join(str(tmp_path), FILE), isolation_level=None)
    connect = store._open

    def opened(path: str) -> sqlite3.Connection:
        database = connect(path)
        holder.execute("BEGIN EXCLUSIVE")
        return database

    monkeypatch.setattr(store, "_PATIENCE", 0.01)
    with monkeypatch.context() as patched:
        patched.setattr(store, "_open", opened)
        assert kept.facts([KEY]) == {}
    holder.close()
    assert kept.facts([KEY]) == {KEY: FACTS}
