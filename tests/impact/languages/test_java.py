"""Java files: one row for each rule of the language."""

import pytest

from safe_rollback.impact.languages.java import LANGUAGE
from safe_rollback.impact.model import Edge, Name
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import arrows, edges, unresolved

LIB = {
    "lib/src/com/lib/Foo.java": "package com.lib;\npublic class Foo { static int bar; class In {} }",
    "lib/src/com/lib/Two.java": "package com.lib;\ninterface Two {}",
    "lib/src/com/lib/Near.java": "package com.lib;\nclass Near {}",
    "app/Near.java": "package app;\nclass Near {}",
}
FOO = "lib/src/com/lib/Foo.java"

STATEMENTS = {
    "an import": ("import com.lib.Foo;", [f"2 -import-> {FOO} (Foo)"]),
    "a nested type": ("import com.lib.Foo.In;", [f"2 -import-> {FOO} (Foo.In)"]),
    "a static import": ("import static com.lib.Foo.bar;", [f"2 -import-> {FOO} (Foo.bar)"]),
    "all static members": ("import static com.lib.Foo.*;", [f"2 -import-> {FOO} (*)"]),
    "a package: what is used of it": ("import com.lib.*;\nclass A { Foo x; }", [f"2 -import-> {FOO} (Foo)"]),
    "a package: its own come first": ("import com.lib.*;\nclass A { Near x; }", ["1 -import-> app/Near.java (Near)"]),
    "the own package": ("class A extends Near {}", ["1 -import-> app/Near.java (Near)"]),
    "an annotation of the own package": ("@Near class A {}", ["1 -import-> app/Near.java (Near)"]),
    "a full name in the code": ("class A { com.lib.Foo x; }", [f"2 -import-> {FOO} (Foo)"]),
    "an import hides the own package": ("import x.y.Near;\nclass A { Near n; }", []),
    "an own type hides the package's": ("class A { Near n; class Near {} }", []),
    "a member": ("class A { int x = y.Near; }", []),
    "in a string": ('class A { String x = "Near"; }', []),
    "in a text block": ('class A { String x = """\n"Near\n"""; }', []),
    "in a comment": ("/** Near */ class A {} // Near", []),
    "out of the tree": ("import java.util.List;\nimport org.other.Foo;", []),
    "carriage returns": ("import com.lib.Foo;\r\nclass A {}\r\n", [f"2 -import-> {FOO} (Foo)"]),
    "a syntax error elsewhere": ("import com.lib.Foo;\nclass A {{ (", [f"2 -import-> {FOO} (Foo)"]),
}


@pytest.mark.parametrize("row", STATEMENTS)
def test_types_are_found_by_their_package(row: str) -> None:
    text, expected = STATEMENTS[row]
    assert arrows({**LIB, "app/A.java": f"package app;\n{text}"}, LANGUAGE) == [
        f"app/A.java:{one}" for one in expected
    ]


def test_a_type_that_two_files_declare_leaves_a_choice() -> None:
    tree = {
        "a/X.java": "package p;\nclass X {}",
        "b/X.java": "package p;\nclass X {}",
        "Y.java": "package q;\nimport p.X;",
    }
    assert [(one.target, one.confidence) for one in edges(tree, LANGUAGE)] == [
        ("a/X.java", "likely"),
        ("b/X.java", "likely"),
    ]


def test_without_a_package_only_the_folder_is_near() -> None:
    tree = {"a/X.java": "class X {}", "b/Y.java": "class Y { X x; }", "a/Z.java": "class Z { X x; }"}
    assert arrows(tree, LANGUAGE) == ["a/Z.java:1 -import-> a/X.java (X)"]


def test_a_test_tests_the_type_of_its_name() -> None:
    tree = {
        "main/X.java": "package p;\nclass X {}",
        "test/XTest.java": "package p;\nimport org.junit.Test;\nclass XTest {}",
    }
    assert arrows(tree, LANGUAGE) == ["test/XTest.java:1 -test-> main/X.java"]


def test_what_should_be_inside_and_is_not_there_says_so() -> None:
    tree = {**LIB, "app/A.java": "package app;\nimport com.lib.Gone;\nimport com.other.Gone;"}
    assert unresolved(tree, LANGUAGE) == [("app/A.java", "no file of the package com.lib declares Gone")]


def test_packages_that_use_each_other_are_no_trouble() -> None:
    tree = {"A.java": "package a;\nimport b.B;\nclass A {}", "B.java": "package b;\nimport a.A;\nclass B {}"}
    assert arrows(tree, LANGUAGE) == ["A.java:2 -import-> B.java (B)", "B.java:2 -import-> A.java (A)"]


def test_a_file_provides_its_package_and_the_types_on_top() -> None:
    facts = LANGUAGE.extract(b"package p.q;\nclass A { class In {} }\nrecord R(int x) {}\n@interface N {}")
    assert facts.provides == ("java:p.q", "java:p.q.A", "java:p.q.N", "java:p.q.R")


DEFINITIONS = {
    "@X public class A<T> extends B implements C { }": [("A", "public class A<T> extends B implements C", "class")],
    "class A { @Override public int f(int a,\n String b) throws E { return 1; } }": [
        ("A", "class A", "class"),
        ("A.f", "public int f(int a, String b) throws E", "method"),
    ],
    "class A { private int x; int y = 1, z; private void f() {} }": [
        ("A", "class A", "class"),
        ("A.y", "int y", "field"),
        ("A.z", "int z", "field"),
    ],
    "enum E { A(1), B; int f() {} }": [
        ("E", "enum E", "enum"),
        ("E.A", "A(1)", "constant"),
        ("E.B", "B", "constant"),
        ("E.f", "int f()", "method"),
    ],
    "record R(int x) { R {} }": [("R", "record R(int x)", "record")],
    "interface I { int X = 1; void f(); }": [
        ("I", "interface I", "interface"),
        ("I.X", "int X", "constant"),
        ("I.f", "void f()", "method"),
    ],
    "class A { static class B { int c; } }": [
        ("A", "class A", "class"),
        ("A.B", "static class B", "class"),
        ("A.B.c", "int c", "field"),
    ],
    "class A { public A(int x) {} }": [("A", "class A", "class"), ("A.A", "public A(int x)", "constructor")],
}


@pytest.mark.parametrize("text", DEFINITIONS)
def test_definitions_have_their_headers(text: str) -> None:
    assert LANGUAGE.definitions is not None
    found = LANGUAGE.definitions(text.encode())
    assert [(one.name, one.signature, one.kind) for one in found] == DEFINITIONS[text]


USES = {
    "a type, not its import": ((Name("Foo", "Foo"),), "Foo", "import com.lib.Foo;\nFoo x;", [(2, True)]),
    "a member after its type": ((Name("Foo", "Foo"),), "Foo.bar", "Foo.bar();", [(1, True)]),
    "a member after anything": ((Name("Foo", "Foo"),), "Foo.bar", "x.bar();\nbar();", [(1, False)]),
    "a member that is imported": ((Name("Foo.bar", "bar"),), "Foo.bar", "bar();", [(1, True)]),
    "members that are all imported": ((Name("*"),), "Foo.bar", "bar();", [(1, False)]),
    "a nested type that is imported": ((Name("Foo.In", "In"),), "Foo.In", "In x;", [(1, True)]),
    "in a string": ((Name("Foo", "Foo"),), "Foo", 'f("Foo");', []),
}


@pytest.mark.parametrize("row", USES)
def test_uses_are_found_through_the_edge(row: str) -> None:
    names, name, text, expected = USES[row]
    assert LANGUAGE.uses is not None
    found = LANGUAGE.uses(text.encode(), Edge("a", "b", "import", 1, names), [name])
    assert [(one.line, one.sure) for one in found] == expected


@pytest.mark.parametrize("row", TEXTS)
def test_no_text_is_too_strange(row: str) -> None:
    readings(LANGUAGE, TEXTS[row])
