"""Go files: one row for each rule of the language."""

import pytest

from safe_rollback.impact.languages.go import LANGUAGE
from safe_rollback.impact.model import Edge, Name
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import arrows, edges, unresolved

LIB = {
    "go.mod": "module example.com/app\n",
    "lib/a.go": "package lib\n\nfunc A() {}\n\ntype T struct{}\n",
    "lib/b.go": "package lib\n\nconst B = 1\n\nfunc (t *T) Far() {}\n",
    "lib/a_test.go": "package lib\n\nfunc helper() {}\n",
    "odd/x.go": "package other\n\nfunc X() {}\n",
}

STATEMENTS = {
    "a name's file": ('import "example.com/app/lib"\nvar _ = lib.A', ["2 -import-> lib/a.go (A)"]),
    "two names, two files": (
        'import "example.com/app/lib"\nvar _ = lib.A(lib.B)',
        ["2 -import-> lib/a.go (A)", "2 -import-> lib/b.go (B)"],
    ),
    "a type brings methods of other files": (
        'import "example.com/app/lib"\nfunc f(t lib.T) { t.Far() }',
        ["2 -import-> lib/a.go (T)", "2 -import-> lib/b.go (T.Far)"],
    ),
    "in brackets": ('import (\n\t"fmt"\n\t"example.com/app/lib"\n)\nvar _ = lib.A', ["4 -import-> lib/a.go (A)"]),
    "after a comment in brackets": (
        'import (\n// ) "no"\n"example.com/app/lib" // "no"\n)\nvar _ = lib.A',
        ["4 -import-> lib/a.go (A)"],
    ),
    "raw strings": ("import `example.com/app/lib`\nvar _ = lib.A", ["2 -import-> lib/a.go (A)"]),
    "under another name": ('import l "example.com/app/lib"\nvar _ = l.A', ["2 -import-> lib/a.go (A)"]),
    "for its effects: every file but tests": (
        'import _ "example.com/app/lib"',
        ["2 -import-> lib/a.go", "2 -import-> lib/b.go"],
    ),
    "with a dot": ('import . "example.com/app/lib"\nvar _ = A', ["2 -import-> lib/a.go (A)"]),
    "nothing of it is known": (
        'import "example.com/app/lib"\n',
        ["2 -import-> lib/a.go", "2 -import-> lib/b.go"],
    ),
    "a package that is not called like its folder": (
        'import "example.com/app/odd"\nvar _ = other.X',
        ["2 -import-> odd/x.go"],
    ),
    "in a string": ('var s = `import "example.com/app/lib"`', []),
    "in a comment": ('/* import "example.com/app/lib" */', []),
    "the standard library": ('import "lib"\nvar _ = lib.A', []),
    "C": ('import "C"', []),
    "carriage returns": ('import "example.com/app/lib"\r\nvar _ = lib.A\r\n', ["2 -import-> lib/a.go (A)"]),
    "a syntax error elsewhere": ('import "example.com/app/lib"\nfunc ( { lib.A', ["2 -import-> lib/a.go (A)"]),
    "a field of that name is another's": (
        'import "example.com/app/lib"\nvar _ = lib.A(x.lib.B)',
        ["2 -import-> lib/a.go (A)"],
    ),
}


@pytest.mark.parametrize("row", STATEMENTS)
def test_an_import_leads_to_the_files_that_define_what_is_used(row: str) -> None:
    text, expected = STATEMENTS[row]
    found = arrows({**LIB, "main.go": f"package main\n{text}"}, LANGUAGE)
    assert [one for one in found if one.startswith("main.go:")] == [f"main.go:{one}" for one in expected]


PACKAGES = {
    "a function": ("func f() { Far() }", "func Far() {}"),
    "not exported": ("func f() { far() }", "func far() {}"),
    "a constant in brackets": ("var x = two", "const (\n\tone = iota\n\ttwo\n)"),
    "several in one": ("var x = two", "var one, two int"),
    "a variable in brackets": ("var x = two", "var (\n\tone = func() { a := 1 }\n\ttwo, three = 1, 2\n)"),
    "a type": ("func f(t far) {}", "type far struct{ x int }"),
    "a generic type": ("func f(t far[int]) {}", "type far[T any] struct{}"),
    "a type in brackets": ("func f(t far) {}", "type (\n\tnear struct {\n\t\tx int\n\t}\n\tfar int\n)"),
}


@pytest.mark.parametrize("row", PACKAGES)
def test_files_of_a_package_use_each_other_without_an_import(row: str) -> None:
    here, there = PACKAGES[row]
    found = edges({"p/a.go": f"package p\n{here}", "p/b.go": f"package p\n{there}"}, LANGUAGE)
    assert [(one.source, one.target, one.confidence) for one in found] == [("p/a.go", "p/b.go", "sure")]


NOT_PACKAGES = {
    "another package of the folder": ("package p_test\nvar x = far", "package p\nfunc far() {}"),
    "a field or method": ("package p\nvar x = y.far", "package p\nfunc far() {}"),
    "in a string": ('package p\nvar x = "far"', "package p\nfunc far() {}"),
    "a method is no name of its own": ("package p\nvar x = far", "package p\nfunc (T) far() {}"),
    "within a function": ("package p\nvar x = far", "package p\nfunc f() {\n\tvar far int\n}"),
    "an import's name": ('package p\nimport "x/far"\nvar x = far.Y', "package p\nfunc far() {}"),
}


@pytest.mark.parametrize("row", NOT_PACKAGES)
def test_the_same_word_need_not_be_the_same_name(row: str) -> None:
    here, there = NOT_PACKAGES[row]
    assert arrows({"p/a.go": here, "p/b.go": there}, LANGUAGE) == []


def test_files_for_different_systems_leave_a_choice() -> None:
    tree = {
        "a.go": "package p\nvar x = far",
        "b_linux.go": "package p\nvar far = 1",
        "b_windows.go": "package p\nvar far = 2",
    }
    assert [(one.target, one.confidence) for one in edges(tree, LANGUAGE)] == [
        ("b_linux.go", "likely"),
        ("b_windows.go", "likely"),
    ]


def test_tests_are_seen_by_tests_alone() -> None:
    tree = {
        "p/a.go": "package p\nvar x = helper",
        "p/a_test.go": "package p\nfunc helper() {}",
        "p/b_test.go": "package p\nvar y = helper",
    }
    assert arrows(tree, LANGUAGE) == ["p/b_test.go:1 -import-> p/a_test.go (helper)"]


def test_a_test_tests_the_file_of_its_name() -> None:
    tree = {"p/a.go": "package p", "p/a_test.go": 'package p\nimport "testing"'}
    assert arrows(tree, LANGUAGE) == ["p/a_test.go:1 -test-> p/a.go"]


MODULES = {
    "of its own": ({"m/go.mod": "module m.org/x"}, "m/main.go", "m.org/x/lib", "sure"),
    "replaced by a folder": (
        {"go.mod": "module a\nreplace (\n\tm.org/x v1.2.3 => ./m // here\n)", "m/go.mod": "module m.org/x"},
        "main.go",
        "m.org/x/lib",
        "sure",
    ),
    "of one workspace": (
        {"go.work": "go 1.22\nuse (\n\t./m\n\t.\n)", "go.mod": "module a", "m/go.mod": "module m.org/x"},
        "main.go",
        "m.org/x/lib",
        "sure",
    ),
    "in the tree, but maybe not this one": (
        {"go.mod": "module a", "m/go.mod": "module m.org/x"},
        "main.go",
        "m.org/x/lib",
        "likely",
    ),
    "vendored": ({"go.mod": "module a"}, "main.go", "m.org/x/lib", "sure"),
}


@pytest.mark.parametrize("row", MODULES)
def test_modules_are_found_by_go_mod_and_go_work(row: str) -> None:
    tree, source, path, confidence = MODULES[row]
    place = "vendor/m.org/x/lib/l.go" if row == "vendored" else "m/lib/l.go"
    found = edges(
        {**tree, source: f'package main\nimport "{path}"\nvar _ = lib.L', place: "package lib\nfunc L() {}"}, LANGUAGE
    )
    assert [(one.source, one.target, one.confidence) for one in found] == [(source, place, confidence)]


EMBEDDED = {
    "a file": ("//go:embed a.txt", ["p/a.txt"]),
    "a pattern": ("//go:embed *.txt", ["p/a.txt"]),
    "a folder without hidden files": ("//go:embed d", ["p/d/b.txt"]),
    "a folder with all": ("//go:embed all:d", ["p/d/.c", "p/d/b.txt"]),
    "several": ('//go:embed a.txt "d/b.txt"', ["p/a.txt", "p/d/b.txt"]),
    "not a directive": ("// go:embed a.txt", []),
}


@pytest.mark.parametrize("row", EMBEDDED)
def test_embedded_files_are_named_by_path(row: str) -> None:
    text, expected = EMBEDDED[row]
    tree = {"p/x.go": f"package p\n{text}\nvar x string", "p/a.txt": "", "p/d/b.txt": "", "p/d/.c": ""}
    assert [one.target for one in edges(tree, LANGUAGE)] == expected


LOST = {
    "a folder of the module": ('import "example.com/app/gone"', "example.com/app/gone"),
    "a name of a package": ('import "example.com/app/lib"\nvar _ = lib.Gone', "Gone"),
    "an embedded file": ("//go:embed gone.txt", "gone.txt"),
}


@pytest.mark.parametrize("row", LOST)
def test_what_should_be_inside_and_is_not_there_says_so(row: str) -> None:
    text, name = LOST[row]
    ((path, why),) = unresolved({**LIB, "main.go": f"package main\n{text}"}, LANGUAGE)
    assert path == "main.go"
    assert name in why


def test_a_variable_that_hides_a_package_is_not_missed_there() -> None:
    text = 'package main\nimport "example.com/app/lib"\nfunc f(lib T) { lib.Gone() }\nvar _ = lib.A'
    assert unresolved({**LIB, "main.go": text}, LANGUAGE) == []


def test_packages_that_use_each_other_are_no_trouble() -> None:
    tree = {"a.go": "package p\nvar A = B", "b.go": "package p\nvar B = A"}
    assert arrows(tree, LANGUAGE) == ["a.go:1 -import-> b.go (B)", "b.go:1 -import-> a.go (A)"]


def test_a_file_provides_its_package_and_names() -> None:
    facts = LANGUAGE.extract(b"package p\nfunc F() {}\nfunc (s *S[T]) M() {}\nfunc init() {}\nvar x int")
    assert facts.provides == ("go:p", "go:p.F", "go:p.S.M", "go:p.x")


def test_a_file_without_a_package_is_a_problem() -> None:
    assert LANGUAGE.extract(b"{{ template }}").problems == ("has no package clause",)


DEFINITIONS = {
    "func F(a,\n\tb int) (x error) { return }": [("F", "func F(a, b int) (x error)", "function")],
    "func (s *S[T]) M(x T) {}": [("S.M", "func (s *S[T]) M(x T)", "method")],
    "type S struct {\n\tA, b int `tag`\n}": [
        ("S", "type S struct", "type"),
        ("S.A", "A int", "field"),
        ("S.b", "b int", "field"),
    ],
    "type I interface {\n\tM(x int) error\n}": [
        ("I", "type I interface", "type"),
        ("I.M", "M (x int) error", "method"),
    ],
    "type F func(int) string": [("F", "type F func(int) string", "type")],
    "const (\n\tA T = 1\n\tb = 2\n)": [("A", "const A T", "constant"), ("b", "const b", "constant")],
    "var x, y []int": [("x", "var x []int", "variable"), ("y", "var y []int", "variable")],
    "func init() {}": [],
}


@pytest.mark.parametrize("text", DEFINITIONS)
def test_definitions_have_their_headers(text: str) -> None:
    assert LANGUAGE.definitions is not None
    found = LANGUAGE.definitions(f"package p\n{text}".encode())
    assert [(one.name, one.signature, one.kind) for one in found] == DEFINITIONS[text]


USES = {
    "through the package": (Edge("a", "b", "import", 1, (Name("A"),), "lib"), "A", "x := lib.A\ny := A", [(2, True)]),
    "in the package": (Edge("a", "b", "import", 1, (Name("A", "A"),)), "A", "x := A\ny := lib.A", [(2, True)]),
    "a member": (Edge("a", "b", "import", 1, (), "lib"), "T.M", "x.M()\nM()", [(2, False)]),
    "a member after its type": (Edge("a", "b", "import", 1, (), "lib"), "T.M", "lib.T.M(x)", [(2, True)]),
    "in a string": (Edge("a", "b", "import", 1, (), "lib"), "A", '"lib.A"', []),
}


@pytest.mark.parametrize("row", USES)
def test_uses_are_found_through_the_edge(row: str) -> None:
    edge, name, text, expected = USES[row]
    assert LANGUAGE.uses is not None
    found = LANGUAGE.uses(f"package p\n{text}".encode(), edge, [name])
    assert [(one.line, one.sure) for one in found] == expected


def test_uses_of_a_name_come_to_an_end() -> None:
    assert LANGUAGE.uses is not None
    found = LANGUAGE.uses(b"package p\n" + b"lib.A\n" * 50, Edge("a", "b", "import", 1, (), "lib"), ["A"])
    assert [one.line for one in found] == list(range(2, 22))


@pytest.mark.parametrize("row", TEXTS)
def test_no_text_is_too_strange(row: str) -> None:
    readings(LANGUAGE, b"package p\n" + TEXTS[row])


def test_of_a_large_file_the_beginning_is_read() -> None:
    facts = LANGUAGE.extract(b'package p\nimport "m.org/x/lib"\n' + b"var x = 1;" * 500_000)
    assert facts.problems == ("only its first 2 MB were read",)
    assert "m.org/x/lib" in [one.target for one in facts.references]
