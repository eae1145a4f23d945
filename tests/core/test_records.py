"""Our data classes behave as the standard library's do, and cost nothing until they are used."""

import copy
import dataclasses
import pickle
import re
import subprocess
import sys
from typing import Any, ClassVar

import pytest

from safe_rollback.core import late as late_module
from safe_rollback.core import records
from safe_rollback.core.late import late


def classes(module: Any) -> dict[str, Any]:
    """The same classes, made by our decorator or the standard library's."""

    @module.dataclass(frozen=True, kw_only=True)  # type: ignore[untyped-decorator]
    class Point:
        kind: ClassVar[str] = "point"
        x: int
        y: int = 2
        tags: list[str] = module.field(default_factory=list)

        @property
        def sum(self) -> int:
            return self.x + self.y

    @module.dataclass(frozen=True, kw_only=True)  # type: ignore[untyped-decorator]
    class Deep(Point):  # type: ignore[misc, valid-type]
        inner: Any = None
        hidden: int = module.field(default=0, repr=False, compare=False)

    @module.dataclass  # type: ignore[untyped-decorator]
    class Plain:
        a: int
        b: str = "b"
        c: dict[str, int] = module.field(default_factory=dict)
        made: list[int] = module.field(init=False, default_factory=list)

        def __post_init__(self) -> None:
            self.made.append(self.a)

    @module.dataclass(frozen=True)  # type: ignore[untyped-decorator]
    class Own:  # noqa: PLW1641
        a: int

        def __eq__(self, other: object) -> bool:
            return True

        def __repr__(self) -> str:
            return "own"

    return {"Point": Point, "Deep": Deep, "Plain": Plain, "Own": Own}


BOTH = (classes(records), classes(dataclasses))


def said(action: Any) -> str:
    """What an action comes to: its value, or its error; without what only names the place."""
    try:
        value = action()
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return re.sub(r"classes\.<locals>\.", "", repr(value))


@pytest.mark.parametrize(
    "action",
    [
        lambda c: c["Point"](x=1),
        lambda c: c["Point"](x=1, y=5, tags=["a"]),
        lambda c: c["Point"](1),
        lambda c: c["Point"](),
        lambda c: c["Point"](x=1, z=2),
        lambda c: c["Point"](x=1) == c["Point"](x=1),
        lambda c: c["Point"](x=1) == c["Deep"](x=1),
        lambda c: c["Point"](x=1) != c["Point"](x=2),
        lambda c: c["Point"](x=1) == 1,
        lambda c: hash(c["Point"](x=1)),
        lambda c: hash(c["Deep"](x=1, tags=())) == hash(c["Deep"](x=1, tags=(), hidden=3)),
        lambda c: hash(c["Plain"](1)),
        lambda c: setattr(c["Point"](x=1), "x", 2),
        lambda c: delattr(c["Point"](x=1), "x"),
        lambda c: setattr(c["Plain"](1), "a", 2),
        lambda c: c["Point"](x=1).tags is c["Point"](x=1).tags,
        lambda c: (c["Point"].kind, c["Point"].y, c["Point"](x=3).sum),
        lambda c: hasattr(c["Point"], "tags"),
        lambda c: c["Deep"](x=1, inner=c["Point"](x=2), hidden=7),
        lambda c: c["Deep"](x=1, hidden=7) == c["Deep"](x=1, hidden=8),
        lambda c: c["Plain"](1, "c"),
        lambda c: c["Plain"](1, made=[2]),
        lambda c: c["Own"](1) == c["Own"](2),
        lambda c: c["Own"](1),
        lambda c: hash(c["Own"](1)) == hash(c["Own"](1)),
        lambda c: dataclasses.asdict(c["Deep"](x=1, inner=[c["Point"](x=2)])),
        lambda c: dataclasses.replace(c["Deep"](x=1), y=9),
        lambda c: dataclasses.replace(c["Plain"](1), made=[]),
        lambda c: [(one.name, one.type, one.kw_only) for one in dataclasses.fields(c["Deep"])],
        lambda c: dataclasses.is_dataclass(c["Point"]) and dataclasses.is_dataclass(c["Point"](x=1)),
        lambda c: copy.deepcopy(c["Deep"](x=1, inner={"a": [1]})),
        lambda c: copy.copy(c["Plain"](1)),
    ],
)
def test_as_the_standard_library_does(action: Any) -> None:
    ours, theirs = (said(lambda made=made: action(made)) for made in BOTH)
    assert ours == theirs


@pytest.mark.parametrize("made", BOTH, ids=["ours", "theirs"])
def test_our_functions_take_either_kind(made: dict[str, Any]) -> None:
    deep = made["Deep"](x=1, tags=["a"], inner=({"k": made["Point"](x=2)}, {1, 2}))
    assert records.asdict(deep) == dataclasses.asdict(deep)
    assert records.asdict(deep)["tags"] is not deep.tags
    assert [one.name for one in records.fields(deep)] == ["x", "y", "tags", "inner", "hidden"]
    assert records.replace(deep, x=5) == dataclasses.replace(deep, x=5)
    with pytest.raises(TypeError):
        records.fields(1)


@records.dataclass(frozen=True, kw_only=True)
class Kept:
    """One that can be pickled: helpers are other processes."""

    a: int
    b: list[int] = records.field(default_factory=list)


def test_it_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(a=1, b=[2]))) == Kept(a=1, b=[2])


def test_a_pattern_is_compiled_when_it_is_used() -> None:
    broken: Any = late("(")
    with pytest.raises(re.error):
        broken.search("x")
    pattern = late(r"a(b)", re.IGNORECASE)
    assert pattern.search("xAB") and pattern.pattern == "a(b)" and pattern.findall("abAB") == ["b", "B"]
    assert copy.copy(pattern).fullmatch("ab")
    assert late_module.__all__ == ["late"]


def test_a_hook_that_judges_by_itself_loads_no_code_generators() -> None:
    program = (
        "import sys; from safe_rollback.policies.shell.analysis import analyse;"
        "from safe_rollback.policies.shell.context import NOWHERE; import safe_rollback.server.hookanswer;"
        "import safe_rollback.server.clients; analyse('git status && ls | head -3', NOWHERE);"
        "print(sorted({'dataclasses', 'inspect', 'ast', 'pydantic', 'tomllib', 'sqlite3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
