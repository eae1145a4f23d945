"""PHP files: one row for each rule of the language."""

import json

import pytest

from safe_rollback.impact.languages.php import LANGUAGE
from safe_rollback.impact.model import Edge, Name
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import arrows, edges, unresolved

LIB = {
    "composer.json": json.dumps({"autoload": {"psr-4": {"Lib\\": "lib/"}}}),
    "lib/Foo.php": "<?php\nnamespace Lib;\nclass Foo {}",
    "lib/Sub/Bar.php": "<?php namespace Lib\\Sub; trait Bar {}",
    "lib/help.php": "<?php\nnamespace Lib;\nif (! function_exists('help')) {\n  function help() {}\n}",
    "lib/all.php": "<?php function everywhere() {}",
    "app/Near.php": "<?php namespace App; interface Near {}",
}

STATEMENTS = {
    "use": ("use Lib\\Foo;", ["2 -import-> lib/Foo.php (Foo)"]),
    "use with a name": ("use Lib\\Foo as X; new X;", ["2 -import-> lib/Foo.php (Foo)"]),
    "a leading backslash": ("use \\Lib\\Foo;", ["2 -import-> lib/Foo.php (Foo)"]),
    "several": (
        "use Lib\\Foo, Lib\\Sub\\Bar;",
        ["2 -import-> lib/Foo.php (Foo)", "2 -import-> lib/Sub/Bar.php (Bar)"],
    ),
    "a group": (
        "use Lib\\{Foo, Sub\\Bar as B};",
        ["2 -import-> lib/Foo.php (Foo)", "2 -import-> lib/Sub/Bar.php (Bar)"],
    ),
    "a function": ("use function Lib\\help;", ["2 -import-> lib/help.php (help)"]),
    "a constant": ("use const Lib\\FOO;", []),
    "case does not matter": ("use lib\\FOO;", ["2 -import-> lib/Foo.php (FOO)"]),
    "a full name in the code": ("new \\Lib\\Foo();", ["2 -import-> lib/Foo.php (Foo)"]),
    "a name below one that is bound": ("use Lib\\Sub;\nnew Sub\\Bar;", ["3 -import-> lib/Sub/Bar.php (Bar)"]),
    "a name below the namespace": ("new namespace\\Near;", ["2 -import-> app/Near.php (Near)"]),
    "the own namespace": ("class A implements Near {}", ["1 -import-> app/Near.php (Near)"]),
    "a type of a parameter": ("function f(Near $x): void {}", ["1 -import-> app/Near.php (Near)"]),
    "a class constant": ("f(Near::class);", ["1 -import-> app/Near.php (Near)"]),
    "an attribute": ("#[Near(1)]\nclass A {}", ["1 -import-> app/Near.php (Near)"]),
    "new with arguments": ("new Near(1);", ["1 -import-> app/Near.php (Near)"]),
    "a trait in a class": (
        "use Lib\\Sub\\Bar;\nclass A { use Bar; use Near; }",
        ["1 -import-> app/Near.php (Near)", "2 -import-> lib/Sub/Bar.php (Bar)"],
    ),
    "a closure's variables": ("$x = function () use ($Near) {};", []),
    "a function of no namespace": ("everywhere();", ["1 -import-> lib/all.php (everywhere)"]),
    "a method of that name": ("$x->everywhere(); X::everywhere();", []),
    "a function called like a class": ("Near();", []),
    "a method called like a class": ("$x->Near();", []),
    "in a string": ("$x = 'new \\Lib\\Foo';", []),
    "in a document": ("$x = <<<'END'\nnew \\Lib\\Foo\n  END;", []),
    "in a comment": ("// new Near\n# new Near\n/* new Near */", []),
    "outside of PHP": ("?> <p>new \\Lib\\Foo</p> <?php", []),
    "carriage returns": ("use Lib\\Foo;\r\n", ["2 -import-> lib/Foo.php (Foo)"]),
    "a syntax error elsewhere": ("use Lib\\Foo;\nclass {{ (", ["2 -import-> lib/Foo.php (Foo)"]),
    "a class of PHP": ("use Closure; new \\DateTime;", []),
}


@pytest.mark.parametrize("row", STATEMENTS)
def test_names_are_found_by_their_namespace(row: str) -> None:
    text, expected = STATEMENTS[row]
    found = arrows({**LIB, "app/A.php": f"<?php namespace App;\n{text}"}, LANGUAGE)
    assert found == [f"app/A.php:{one}" for one in expected]


def test_of_two_files_that_declare_a_class_composer_says_which() -> None:
    tree = {**LIB, "stubs/Foo.php": "<?php namespace Lib; class Foo {}", "a.php": "<?php use Lib\\Foo;"}
    assert [(one.target, one.confidence) for one in edges(tree, LANGUAGE) if one.source == "a.php"] == [
        ("lib/Foo.php", "sure")
    ]


def test_without_composer_two_files_leave_a_choice() -> None:
    tree = {"x.php": "<?php class Foo {}", "y.php": "<?php class Foo {}", "a.php": "<?php new Foo;"}
    assert [(one.target, one.confidence) for one in edges(tree, LANGUAGE)] == [
        ("x.php", "likely"),
        ("y.php", "likely"),
    ]


INCLUDES = {
    "beside the file": ("require __DIR__ . '/b.php';", [("p/b.php", "sure")]),
    "above the file": ("require_once(dirname(__DIR__) . '/c.php');", [("c.php", "sure")]),
    "two above": ("include dirname(__DIR__, 2) . '/c.php';", []),
    "the file's folder, as it was written": ('include dirname(__FILE__) . "/b.php";', [("p/b.php", "sure")]),
    "relative": ("include './b.php';", [("p/b.php", "sure")]),
    "plain": ("include 'b.php';", [("p/b.php", "sure")]),
    "from where the program started": ("include 'c.php';", [("c.php", "likely")]),
    "in the middle": ("$x = require __DIR__.'/b.php';", [("p/b.php", "sure")]),
    "in a comment": ("// require __DIR__ . '/b.php';", []),
    "a method of that name": ("$x->include('b.php');", []),
}


@pytest.mark.parametrize("row", INCLUDES)
def test_included_files_are_found_by_path(row: str) -> None:
    text, expected = INCLUDES[row]
    found = edges({"p/a.php": f"<?php\n{text}", "p/b.php": "", "c.php": ""}, LANGUAGE)
    assert [(one.target, one.confidence) for one in found] == expected


LOST = {
    "a class of a namespace": ("use Lib\\Gone;", ["no file declares Lib\\Gone"]),
    "a file": ("require __DIR__ . '/gone.php';", ["includes ./gone.php, which is not there"]),
    "a computed path": ("require $path;", ["includes a computed path"]),
    "a namespace itself": ("use Lib\\Sub;", []),
    "an installed file": ("require __DIR__ . '/vendor/autoload.php';", []),
    "an installed class": ("use Other\\Gone;", []),
}


@pytest.mark.parametrize("row", LOST)
def test_what_should_be_inside_and_is_not_there_says_so(row: str) -> None:
    text, expected = LOST[row]
    assert [why for _, why in unresolved({**LIB, "a.php": f"<?php\n{text}"}, LANGUAGE)] == expected


def test_a_test_tests_the_class_of_its_name() -> None:
    tree = {**LIB, "tests/FooTest.php": "<?php\nuse Lib\\Foo;\nclass FooTest {}"}
    assert "tests/FooTest.php:2 -test-> lib/Foo.php" in arrows(tree, LANGUAGE)


def test_classes_that_use_each_other_are_no_trouble() -> None:
    tree = {"a.php": "<?php class A extends B {}", "b.php": "<?php class B { function f(A $a) {} }"}
    assert arrows(tree, LANGUAGE) == ["a.php:1 -import-> b.php (B)", "b.php:1 -import-> a.php (A)"]


def test_a_composer_file_that_does_not_parse_is_no_trouble() -> None:
    assert arrows({"composer.json": "{", "a.php": "<?php new B;", "b.php": "<?php class B {}"}, LANGUAGE) == [
        "a.php:1 -import-> b.php (B)"
    ]


def test_a_file_provides_its_namespace_and_names() -> None:
    facts = LANGUAGE.extract(b"<?php namespace A\\B { class C { function m() {} } enum E {} function f() {} }")
    assert facts.provides == ("php:A\\B", "php:A\\B\\C", "php:A\\B\\E", "php:A\\B\\f()")


DEFINITIONS = {
    "function f(int $a,\n  $b = 1): ?X { }": [("f", "function f(int $a, $b = 1): ?X", "function")],
    "#[X]\nfinal class A extends B implements C { }": [("A", "final class A extends B implements C", "class")],
    "class A { public static function f(): void {} private function g() {} }": [
        ("A", "class A", "class"),
        ("A.f", "static function f(): void", "method"),
    ],
    "class A { const X = 1; protected ?int $y = 2; private $z; }": [
        ("A", "class A", "class"),
        ("A.X", "const X", "constant"),
        ("A.y", "?int $y", "property"),
    ],
    "namespace N { interface I { function f(); } }": [
        ("I", "interface I", "interface"),
        ("I.f", "function f()", "method"),
    ],
    "enum E: string { case A = 'a'; }": [("E", "enum E: string", "enum"), ("E.A", "case A = 'a'", "constant")],
}


@pytest.mark.parametrize("text", DEFINITIONS)
def test_definitions_have_their_headers(text: str) -> None:
    assert LANGUAGE.definitions is not None
    found = LANGUAGE.definitions(f"<?php\n{text}".encode())
    assert [(one.name, one.signature, one.kind) for one in found] == DEFINITIONS[text]


USES = {
    "a class": ((Name("Foo", "Foo"),), "Foo", "new Foo;\n$Foo;\n$x->Foo;", [(2, True)]),
    "a class under another name": ((Name("Foo", "X"),), "Foo", "new X;", [(2, True)]),
    "by its full name": ((Name("Foo"),), "Foo", "new \\Lib\\Foo;", [(2, True)]),
    "a static member": ((Name("Foo", "X"),), "Foo.bar", "X::bar();", [(2, True)]),
    "a member": ((Name("Foo", "Foo"),), "Foo.bar", "$x->bar();\nbar();", [(2, False)]),
    "in a string": ((Name("Foo", "Foo"),), "Foo", "f('Foo');", []),
}


@pytest.mark.parametrize("row", USES)
def test_uses_are_found_through_the_edge(row: str) -> None:
    names, name, text, expected = USES[row]
    assert LANGUAGE.uses is not None
    found = LANGUAGE.uses(f"<?php\n{text}".encode(), Edge("a", "b", "import", 1, names), [name])
    assert [(one.line, one.sure) for one in found] == expected


@pytest.mark.parametrize("row", TEXTS)
def test_no_text_is_too_strange(row: str) -> None:
    readings(LANGUAGE, b"<?php\n" + TEXTS[row])
