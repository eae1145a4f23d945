"""The index of words says what reading every file would."""

import random
import re

import pytest

from safe_rollback.core.ids import Oid
from safe_rollback.impact.words import LONGEST, WordIndex, is_binary, word_set, words_of

TEXTS = {
    "1": b"total_price = fetch(total)\n",
    "2": "größe total_price2 \N{SNOWMAN}total_price".encode(),
    "3": b"total-price total.price\n",
    "4": b"",
    "5": b"\0total_price",
    "6": b"x" * (LONGEST + 1) + b" y",
}


def blob(name: str) -> Oid:
    return Oid(name * 40)


@pytest.fixture
def index() -> WordIndex:
    found = WordIndex()
    found.add({blob(name): words_of(data) for name, data in TEXTS.items()})
    return found


@pytest.mark.parametrize(
    ("word", "held"),
    [
        ("total_price", "12"),
        ("total", "13"),
        ("price", "3"),
        ("total_price2", "2"),
        ("fetch", "1"),
        ("tota", ""),
        ("", ""),
        ("total.price", "3"),
        ("y", "6"),
        ("x" * (LONGEST + 1), ""),
    ],
)
def test_words_are_whole_ones_of_ascii(index: WordIndex, word: str, held: str) -> None:
    assert index.holding(word) == {blob(name) for name in held}


def test_the_words_of_one_blob(index: WordIndex) -> None:
    assert index.of(blob("1")) == {b"total_price", b"fetch", b"total"}
    assert index.of(blob("4")) == index.of(blob("5")) == index.of(blob("9")) == frozenset()
    assert blob("5") in index and blob("9") not in index


def test_words_are_those_between_everything_else() -> None:
    data = bytes(range(256)) * 3 + b"a_1 b"
    assert word_set(data) == set(re.findall(rb"[A-Za-z0-9_]+", data))


def test_what_is_added_bit_by_bit_is_found_as_what_is_added_at_once() -> None:
    chance = random.Random(3)
    texts = {
        Oid(f"{number:040x}"): b" ".join(b"w%d" % chance.randrange(50) for _ in range(9)) for number in range(60)
    }
    whole, parts = WordIndex(), WordIndex()
    whole.add({name: words_of(data) for name, data in texts.items()})
    for name, data in texts.items():
        parts.holding("w7")  # what was asked before does not hide what comes
        parts.add({name: words_of(data)})
        parts.add({name: words_of(data)})
    for number in range(50):
        expected = {name for name, data in texts.items() if b"w%d" % number in data.split()}
        assert parts.holding(f"w{number}") == whole.holding(f"w{number}") == expected


@pytest.mark.parametrize(
    ("path", "binary"), [("a/b.PNG", True), ("a.png.txt", False), ("png", False), ("x.so", True), ("x.svg", False)]
)
def test_some_names_tell_that_there_are_no_words(path: str, binary: bool) -> None:
    assert is_binary(path) is binary
