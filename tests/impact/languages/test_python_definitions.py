"""The names a Python file offers, with the declarations callers rely on."""

import pytest

from safe_rollback.impact.languages.python_definitions import definitions

RULES = {
    "a function": (
        "def f(a, b: int = 3, *c, d=None, **e) -> str: ...",
        ["f: def f(a, b: int = …, *c, d=…, **e) -> str"],
    ),
    "an async function": ("async def f(): ...", ["f: async def f()"]),
    "a decorated function": ("@cached(3)\ndef f(): ...", ["f: @cached def f()"]),
    "a function over several lines": ("def f(\n    a,  # one\n    b,\n): ...", ["f: def f(a, b)"]),
    "newer syntax": ("def f[T: int](a: T, /, *, b): ...", ["f: def f[T: int](a: T, /, *, b)"]),
    "overloads": ("def f(a): ...\ndef f(b): ...", ["f: def f(a)", "f: def f(b)"]),
    "a class": ("class A(B, metaclass=M): ...", ["A: class A(B, metaclass=M)"]),
    "methods": ("class A:\n    @property\n    def m(self): ...", ["A: class A", "A.m: @property def m(self)"]),
    "attributes of a class": (
        "class A:\n    x: int = 3\n    y = f(1)",
        ["A: class A", "A.x: x: int = …", "A.y: y = f(…)"],
    ),
    "attributes of an instance": (
        "class A:\n    def __init__(self):\n        self.x = 1\n        self.y, z = 2, 3",
        ["A: class A", "A.__init__: def __init__(self)", "A.x: x = int", "A.y: y = …"],
    ),
    "a dataclass is made from its fields": (
        "@dataclass\nclass A:\n    x: int\n    y: str = ''",
        ["A: @dataclass class A", "A.__init__: (x: int, y: str = …)", "A.x: x: int", "A.y: y: str = …"],
    ),
    "constants": ("A = 1\nB: int = 2\nC, D = 3, 4", ["A: A = int", "B: B: int = …", "D: D = …", "C: C = …"]),
    "chained assignment": ("A = B = 1", ["B: B = …", "A: A = int"]),
    "a type alias": ("type A = int | str", ["A: type A = int | str"]),
    "exports": ('__all__ = ["b", "a"]', ["__all__: a b"]),
    "in blocks": (
        "try:\n    import a\nexcept E:\n    a = None\nif x:\n    def f(): ...",
        ["a: import a", "a: a = None", "f: def f()"],
    ),
    "bound by loops and with": ("for i in x: pass\nwith x as y: pass", ["i: i = …", "y: y = …"]),
    "bound from a function": ("def f():\n    global G\n    G = 1", ["f: def f()", "G: G = …"]),
    "passed on": (
        "from .a import b as c, d\nimport e.f\nfrom g import *",
        ["c: from .a import b as c", "d: from .a import d", "e: import e.f", "*: from g import *"],
    ),
    "made when it runs": ("def __getattr__(name): ...", ["__getattr__: def __getattr__(name)", "*: "]),
    "nothing of a function's inside": ("def f():\n    x = 1\n    class A: ...", ["f: def f()"]),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_file_offers(rule: str) -> None:
    source, expected = RULES[rule]
    found = [f"{one.name}: {one.signature}" for one in definitions(source.encode())]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(a=1): return 1", "def f(a=2): return 2"),
        ("def f(a, b): ...", "def f(\n    a,\n    b\n): ..."),
        ("LIMIT = 10", "LIMIT = 20"),
        ('X = f("a")', 'X = f("b")'),
    ],
)
def test_what_callers_do_not_see_changes_no_signature(before: str, after: str) -> None:
    assert [one.signature for one in definitions(before.encode())] == [
        one.signature for one in definitions(after.encode())
    ]


def test_names_that_are_passed_on_are_marked() -> None:
    assert [one.kind for one in definitions(b"from a import b\nx = 1")] == ["reexport", "variable"]


@pytest.mark.parametrize("data", [b"\0", b"\xff\xfe", b"def f(", b"class", b"(" * 5000, b"from . import"])
def test_odd_bytes_never_raise(data: bytes) -> None:
    definitions(data)
