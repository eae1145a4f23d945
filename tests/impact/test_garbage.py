"""No search for cycles while much is made, and none over what stays; what is garbage goes in the end."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from safe_rollback.impact import garbage
from safe_rollback.impact.garbage import collect, uncollected


class Thing:
    """Refers to itself, if told to."""

    def __init__(self) -> None:
        self.itself: Thing | None = None


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()
    gc.collect()


def test_the_search_goes_on_afterwards_and_only_if_it_did_before() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_many_new_objects_are_put_aside_and_few_are_not() -> None:
    with uncollected():
        few = [[] for _ in range(10)]  # type: list[list[int]]
    assert gc.get_freeze_count() == 0 and few
    with uncollected():
        many = [[] for _ in range(2 * garbage._MANY)]  # type: list[list[int]]
    aside = gc.get_freeze_count()
    assert aside > garbage._MANY
    many.clear()
    assert gc.get_freeze_count() < aside - garbage._MANY, "what nobody refers to goes without a search"


@pytest.mark.parametrize("way", ["collect", "often"])
def test_garbage_that_was_put_aside_goes(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(garbage, "_MANY", 1000)
    with uncollected():
        one = Thing()
        one.itself, gone = one, weakref.ref(one)
        del one
        kept = [[] for _ in range(2000)]  # type: list[list[int]]
    if way == "collect":
        collect()
    else:
        for _ in range(garbage._PATIENT):
            with uncollected():
                kept += [[] for _ in range(2000)]
    assert gone() is None
