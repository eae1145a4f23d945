"""Small files of our own: old or new, never a part; private; and JSON that is the same for the same value."""

import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.core.files import canonical_json, make_private, read_json, write_atomically

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=8) | st.just("\udcff"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def test_a_file_is_replaced_whole_and_is_for_its_owner(tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "f.json")
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    with open(path, "rb") as file:
        assert file.read() == b"two"
    assert os.listdir(str(tmp_path)) == ["f.json"] and stat.S_IMODE(os.stat(path).st_mode) == 0o600


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = os.path.join(str(tmp_path), "f.json")
    write_atomically(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(OSError, match="No space"):
            write_atomically(path, b"new")
    with open(path, "rb") as file:
        assert file.read() == b"old"
    assert os.listdir(str(tmp_path)) == ["f.json"]


def test_a_link_is_replaced_and_not_written_through(tmp_path: object) -> None:
    target, link = (os.path.join(str(tmp_path), name) for name in ("target", "link"))
    write_atomically(target, b"precious")
    os.symlink(target, link)
    write_atomically(link, b"ours")
    with open(target, "rb") as file:
        assert file.read() == b"precious"


def test_directories_are_made_private_all_the_way_down(tmp_path: object) -> None:
    before = os.umask(0)
    try:
        make_private(os.path.join(str(tmp_path), "a", "b", "c"))
        make_private(os.path.join(str(tmp_path), "a", "b", "c"))
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(os.stat(os.path.join(str(tmp_path), one)).st_mode) for one in ("a", "a/b", "a/b/c")]
    assert modes == [0o700] * 3


@given(value=_VALUES)
def test_canonical_json_is_ascii_reads_back_and_does_not_depend_on_order(value: object) -> None:
    text = canonical_json(value)
    assert text.isascii() and "\n" not in text and json.loads(text) == value
    if isinstance(value, dict):
        assert canonical_json(dict(reversed(value.items()))) == text


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", b"[1"])
def test_a_cache_that_does_not_read_is_no_cache(tmp_path: object, content: bytes | None) -> None:
    path = os.path.join(str(tmp_path), "cache")
    if content is not None:
        with open(path, "wb") as file:
            file.write(content)
    assert read_json(path) is None
