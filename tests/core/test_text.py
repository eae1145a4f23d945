"""Text that is safe to show, and paths that come back byte for byte."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.core.text import clean, one_line, plural, read_path, show_path

_HIDDEN = "\x00\x07\x1b\x7f\x85\x9b\r\u061c\u200b\u200d\u200e\u2028\u202e\u2066\u2069\ufeff\udc80\U000e0041"


@given(raw=st.binary(max_size=60).map(lambda data: data.replace(b"\0", b"")))
def test_any_path_comes_back_from_what_was_shown(raw: bytes) -> None:
    path = os.fsdecode(raw)
    shown = show_path(path)
    assert os.fsencode(read_path(shown)) == raw
    assert clean(shown, limit=1000) == shown and "\n" not in shown


@given(path=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_path_of_printable_or_hidden_characters_comes_back(path: str) -> None:
    assert read_path(show_path(path)) == path


@pytest.mark.parametrize("name", ["src/app.py", "naïve café.txt", "日本語/ファイル", "a b/c-d_e.f", "🎉.md"])
def test_ordinary_paths_are_shown_unchanged(name: str) -> None:
    assert show_path(name) == name


@pytest.mark.parametrize("char", _HIDDEN)
def test_nothing_that_hides_or_reorders_reaches_a_reader(char: str) -> None:
    assert char not in clean(f"a{char}b")
    assert char not in show_path(f"a{char}b")
    assert char not in one_line(f"a{char}b\nsecond")


def test_a_path_cannot_pretend_to_be_another_by_looking_escaped() -> None:
    assert show_path("a\\u202eb") != show_path("a\u202eb")
    assert show_path("a\\xffb") != show_path(os.fsdecode(b"a\xffb"))


def test_long_text_is_cut_and_says_so() -> None:
    assert clean("x" * 30, limit=10) == "x" * 10 + " …"
    assert one_line("\n\n first\n second") == "first"
    assert one_line("  \n ") == ""


def test_counts_read_as_english() -> None:
    assert [plural(count, "file") for count in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
