"""What is left out of a Python text changes nothing of what is asked about it."""

import pytest

from safe_rollback.core.grammar import parse
from safe_rollback.impact.languages import python_definitions, python_uses
from safe_rollback.impact.languages.python_outline import outline, parse_outline, without
from safe_rollback.impact.model import Edge, Name

LONG = "".join(f"    value_{number} = compute({number}, other={number})\n" for number in range(12))
DEEP = LONG.replace("    ", "        ")

# `BODY` stands for a dozen lines.
TEXTS = {
    "functions": ("import os\n\n\ndef one(a, b=2):\n    BODY\n\n\nasync def two():\n    BODY\n\nTHREE = 3\n"),
    "methods": (
        "class A:\n"
        "    def one(self):\n"
        "        BODY\n"
        "\n"
        "    two = 2\n"
        "\n"
        "    def three(self) -> int:\n"
        "        BODY\n"
        "\n"
        "\n"
        "class B(A):\n"
        "    @property\n"
        "    def four(self):\n"
        "        BODY\n"
    ),
    "given to self": (
        "class A:\n"
        "    def __init__(self):\n"
        "        BODY\n"
        "        self.given: int = 1\n"
        "        self.a, self.b = 1, 2\n"
    ),
    "global": ("def one():\n    global MADE\n    BODY\n    MADE = 1\n\n\nTWO = 2\n"),
    "header of many lines": (
        "def one(\n    a: int,\n    b: str = ')',\n) -> dict[\n    str, int\n]:\n    BODY\n\n\nTWO = 2\n"
    ),
    "one line": (
        "def one(): return 1\nclass A:\n    two = 2\n    def three(self): return 3\n    four = 4\n    BODY\n"
    ),
    "strings that stand further out": (
        'def one():\n    """\nclass No:\n    no = 1\n    """\n    BODY\n    x = """\ndef no():\n"""\n\n\nTWO = 2\n'
    ),
    "quotes in strings": (
        "def one():\n"
        '    a = \'"""\'\n'
        "    BODY\n"
        "\n"
        "\n"
        'TWO = \'"""\'\n'
        "\n"
        "\n"
        "def three():\n"
        '    b = \'"""\'\n'
        "    BODY\n"
        "\n"
        "\n"
        "FOUR = 4\n"
    ),
    "a statement that goes on": ('def one():\n    BODY\n    x = \\\n"""\ntext = 1\n"""\n\n\nTWO = 2\n'),
    "brackets that stand further out": ("def one():\n    BODY\n    x = [\n1, 2,\n]\n\n\nTWO = 2\n"),
    "comments that stand further out": ("def one():\n    BODY\n# class No:\n    BODY\n\n\nTWO = 2\n"),
    "nested": (
        "def one():\n"
        "    def two():\n"
        "        BODY\n"
        "\n"
        "    return two\n"
        "\n"
        "\n"
        "class A:\n"
        "    class B:\n"
        "        def c(self):\n"
        "            self.d = 1\n"
        "        BODY\n"
    ),
    "tabs": ("def one():\nTABS\n\nTWO = 2\n\n\ndef three():\n    BODY\n"),
    "windows": ("def one():\r\n    BODY\r\n\r\nTWO = 2\r\n"),
    "broken": ("def one(:\n    BODY\n\n\nTWO = 2\ndef (:\n"),
    "ends inside": ("def one():\n    BODY\n    x = '''"),
}


def written(text: str) -> bytes:
    """A text with its bodies."""
    tabs = LONG.replace("    ", "\t")
    text = text.replace("        BODY\n", DEEP).replace("    BODY\n", LONG).replace("TABS\n", tabs)
    return text.replace("    BODY\r\n", LONG.replace("\n", "\r\n")).encode()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_names_are_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(text)
    found = python_definitions.definitions(data)
    monkeypatch.setattr(python_definitions, "parse_outline", lambda whole, drop: parse("python", whole))
    assert found == python_definitions.definitions(data) and found


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_lines_stay_where_they_are(text: str) -> None:
    data = written(text)
    short = outline(data, lambda start, end: True)
    assert short.count(b"\n") == data.count(b"\n")
    tree = parse_outline(data, lambda start, end: True)
    assert tree is not None and (not tree.root.has_error or tree.data == data)


def test_most_of_a_text_goes() -> None:
    data = written(TEXTS["functions"])
    assert len(outline(data, lambda start, end: True)) < len(data) / 4
    assert outline(data, lambda start, end: False) == data
    assert b"value_7" not in outline(data, without(data, [b"value_99"]))
    assert b"value_7" in outline(data, without(data, [b"value_7"]))


USED = f"""from m import Thing, make as do, unused


def first():
{LONG}    do(1)


def second(do):
{LONG}    do(2)


def third():
    thing = Thing()
{LONG}    return thing.run(3)


class Sub(Thing):
    def fourth(self):
{DEEP}        return self.run(4)

    def fifth(self):
{DEEP}        return self.stop


def sixth(item):
    from other import item
{LONG}    item.run(6)
    (item
        .stop)
"""


@pytest.mark.parametrize(
    "names", [["make"], ["Thing"], ["Thing.run", "make"], ["Thing.stop", "Thing.__init__"], ["x"]]
)
def test_the_uses_are_the_same(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    edge = Edge("a.py", "m.py", "import", 1, (Name("Thing", "Thing"), Name("make", "do"), Name("unused", "unused")))
    found = python_uses.uses(USED.encode(), edge, names)
    monkeypatch.setattr(python_uses, "parse_outline", lambda whole, drop: parse("python", whole))
    assert found == python_uses.uses(USED.encode(), edge, names)
    assert bool(found) is (names != ["x"])


def test_several_edges_of_one_text_are_answered_as_each_alone() -> None:
    names = ["Thing", "Thing.run", "make", "unused", "x", "item"]
    asked = [
        (Edge("a.py", "m.py", "import", 1, (Name("Thing", "Thing"),)), names),
        (Edge("a.py", "m.py", "import", 1, (Name("make", "do"),)), names),
        (Edge("a.py", "m.py", "test", 1), names),
        (Edge("a.py", "m.py", "load", 1), names),
        (
            Edge(
                "a.py", "other.py", "lazy", USED[: USED.index("from other")].count("\n") + 1, (Name("item", "item"),)
            ),
            names,
        ),
    ]
    together = python_uses.uses_through(USED.encode(), asked)
    assert together == [python_uses.uses(USED.encode(), *one) for one in asked]
    assert [bool(one) for one in together] == [True, True, False, False, True]


def test_headers_without_end_cost_little() -> None:
    data = "".join(f"{' ' * depth}def f(\n" for depth in range(1500)).encode()
    assert outline(data, lambda start, end: True) == data
