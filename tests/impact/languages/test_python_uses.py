"""Where a Python file uses names of another: sure where the language's rules say so, else the word alone."""

import pytest

from safe_rollback.impact.languages.python import LANGUAGE
from safe_rollback.impact.model import Edge, Name
from tests.impact.tree import edges

TREE = {"m.py": "", "pkg/__init__.py": "", "pkg/m.py": ""}

RULES = {
    "the import itself": ("from m import f", ["f"], ["f 1 sure"]),
    "a call": ("from m import f\nf()", ["f"], ["f 1 sure", "f 2 sure"]),
    "under another name": ("from m import f as g\ng()\nf()", ["f"], ["f 1 sure", "f 2 sure"]),
    "only names that are asked about": ("from m import f, g\nf()\ng()", ["g"], ["g 1 sure", "g 3 sure"]),
    "not another import of the same word": ("from m import f\nfrom n import f", ["f"], ["f 1 sure"]),
    "in brackets": ("from m import (\n    f,\n    g,\n)", ["g"], ["g 3 sure"]),
    "not an attribute of something": ("from m import f\nx.f()", ["f"], ["f 1 sure"]),
    "not an argument's name": ("from m import f\nx(f=1)", ["f"], ["f 1 sure"]),
    "not in a string or comment": ("from m import f\n'f'  # f", ["f"], ["f 1 sure"]),
    "not a parameter": ("from m import f\ndef g(f):\n    return f", ["f"], ["f 1 sure"]),
    "not a local variable": ("from m import f\ndef g():\n    f = 1\n    return f", ["f"], ["f 1 sure"]),
    "a default is read outside": ("from m import f\ndef g(f=f): ...", ["f"], ["f 1 sure", "f 2 sure"]),
    "in a nested function": ("from m import f\ndef g():\n    return lambda: f", ["f"], ["f 1 sure", "f 3 sure"]),
    "a lazy import counts in its function": (
        "def g():\n    from m import f\n    f()\ndef h():\n    f()",
        ["f"],
        ["f 2 sure", "f 3 sure"],
    ),
    "in a type that is text": ("from m import A\ndef g(x: 'A'): ...", ["A"], ["A 1 sure", "A 2 sure"]),
    "a module's attribute": ("import m\nm.f()", ["f"], ["f 2 sure"]),
    "a module's attribute by a longer name": ("import pkg.m\npkg.m.f()\npkg.f", ["f"], ["f 2 sure"]),
    "a module under another name": ("from pkg import m as n\nn.f()\nm.f()", ["f"], ["f 2 sure"]),
    "a module's name is not its attribute": ("import m\nx.m.f()", ["f"], []),
    "everything imported": ("from m import *\nf()", ["f"], ["f 2 unsure"]),
    "a class's member": ("from m import A\nA.x", ["A.x"], ["A.x 2 sure"]),
    "a module's class's member": ("import m\nm.A.x", ["A.x"], ["A.x 2 sure"]),
    "made and asked": ("from m import A\nA().x", ["A.x"], ["A.x 2 sure"]),
    "an instance": ("from m import A\ndef f():\n    a = A()\n    a.x", ["A.x"], ["A.x 4 sure"]),
    "an awaited instance": (
        "from m import A\nasync def f():\n    a = await A()\n    a.x",
        ["A.x"],
        ["A.x 4 sure"],
    ),
    "an instance in a with": ("from m import A\nwith A() as a:\n    a.x", ["A.x"], ["A.x 3 sure"]),
    "an annotated parameter": ("from m import A\ndef f(a: A):\n    a.x", ["A.x"], ["A.x 3 sure"]),
    "an optional parameter": ("from m import A\ndef f(a: A | None = None):\n    a.x", ["A.x"], ["A.x 3 sure"]),
    "a wrapped parameter": ("from m import A\ndef f(a: Optional[A]):\n    a.x", ["A.x"], ["A.x 3 sure"]),
    "a list is not its items": ("from m import A\ndef f(a: list[A]):\n    a.x", ["A.x"], ["A.x 3 unsure"]),
    "an annotated variable": ("from m import A\na: A = f()\na.x", ["A.x"], ["A.x 3 sure"]),
    "an attribute of self": (
        "from m import A\nclass B:\n    def f(self):\n        self.a = A()\n    def g(self):\n        self.a.x",
        ["A.x"],
        ["A.x 6 sure"],
    ),
    "self in a subclass": ("from m import A\nclass B(A):\n    def g(self):\n        self.x", ["A.x"], ["A.x 4 sure"]),
    "super in a subclass": (
        "from m import A\nclass B(A):\n    def x(self):\n        super().x()\n        self.x()",
        ["A.x"],
        ["A.x 3 unsure", "A.x 4 sure"],
    ),
    "self in another class": ("from m import A\nclass B:\n    def g(self):\n        self.x", ["A.x"], []),
    "a module is no instance": ("from m import A\nimport n\nn.x", ["A.x"], []),
    "an unknown receiver": ("from m import A\ny.x", ["A.x"], ["A.x 2 unsure"]),
    "a class that is not imported": ("from m import f\ny.x", ["A.x"], []),
    "making calls __init__": ("from m import A\nA(1)", ["A.__init__"], ["A.__init__ 2 sure"]),
    "a field given by name": ("from m import A\nA(x=1)", ["A.x"], ["A.x 2 sure"]),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_use_is_found(rule: str) -> None:
    source, names, expected = RULES[rule]
    [edge] = [one for one in edges({**TREE, "main.py": source}, LANGUAGE) if one.target.endswith("m.py")]
    assert _uses(source, edge, names) == expected


def test_what_a_test_replaces_by_text_is_unsure() -> None:
    edge = Edge("t.py", "m.py", "load", 1)
    assert _uses("def test(): patch('m.A.get')", edge, ["A", "A.get", "B"]) == ["A 1 unsure", "A.get 1 unsure"]


def test_a_file_too_large_to_parse_counts_words_of_what_it_imports() -> None:
    edge = Edge("a.py", "m.py", "import", 1, (Name("f", "g"), Name("A", "A")))
    source = "from m import f as g, A\ng()\nf()\nh()\na.x\n" + "#" * 1_600_000
    assert _uses(source, edge, ["f", "h", "A.x"]) == ["A.x 5 unsure", "f 1 unsure", "f 2 unsure"]


def test_no_name_has_more_than_twenty_uses() -> None:
    edge = Edge("a.py", "m.py", "import", 1, (Name("f", "f"),))
    assert len(_uses("from m import f\n" + "f()\n" * 50, edge, ["f"])) == 20


@pytest.mark.parametrize("data", [b"\0", b"\xff f", b"def f(", b"(" * 5000 + b"f", b""])
def test_odd_bytes_never_raise(data: bytes) -> None:
    assert LANGUAGE.uses is not None
    LANGUAGE.uses(data, Edge("a.py", "m.py", "import", 7, (Name("f", "f"),), "m"), ["f", "A.x"])


def _uses(source: str, edge: Edge, names: list[str]) -> list[str]:
    assert LANGUAGE.uses is not None
    found = LANGUAGE.uses(source.encode(), edge, names)
    return [
        f"{one.name} {one.line} {'sure' if one.sure else 'unsure'}"
        for one in sorted(found, key=lambda u: (u.name, u.line))
    ]
