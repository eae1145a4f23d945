"""What is remembered of objects: bounded, the newest first, and gone when asked."""

from safe_rollback.core.remembered import Remembered, forget_all


def test_what_was_asked_for_last_stays() -> None:
    known = Remembered[str](2)
    known.put("a", "1")
    known.put("b", "2")
    assert known.get("a") == "1"
    known.put("c", "3")
    assert [known.get(one) for one in "abc"] == ["1", None, "3"]


def test_answers_count_by_their_weight_and_the_newest_always_stays() -> None:
    known = Remembered[str](5, len)
    known.put("a", "12")
    known.put("a", "123")  # in its place
    known.put("b", "12")
    assert known.get("a") == "123"
    known.put("c", "1")
    assert [known.get(one) for one in "abc"] == ["123", None, "1"]
    known.put("d", "far too long")
    assert [known.get(one) for one in "acd"] == [None, None, "far too long"]


def test_everything_can_be_forgotten() -> None:
    known = Remembered[str](5, len)
    known.put("a", "1234")
    forget_all()
    assert known.get("a") is None
    known.put("b", "1234")
    known.put("c", "1")
    assert known.get("b") == "1234"
