"""C# files and projects: one row for each rule of the language."""

import pytest

from safe_rollback.impact.languages.csharp import LANGUAGE
from safe_rollback.impact.model import Edge, Name
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import arrows, edges, unresolved

LIB = {
    "Lib/Foo.cs": "namespace Lib.Core;\npublic class Foo<T> : Base { public class In {} }",
    "Lib/Marks.cs": "namespace Lib.Core { public class MarkAttribute {} public enum Kind { Big } }",
    "Lib/More.cs": "namespace Lib.Core;\npublic static class More {\n static int Extra(this string x) => 1;\n}",
    "App/Near.cs": "namespace App;\ninternal record struct Near(int X);",
    "App/Sub/Deep.cs": "namespace App.Sub;\npublic delegate void Deep(int x);",
}

STATEMENTS = {
    "what is used of a namespace": (
        "using Lib.Core;\nnamespace App;\nclass A : Foo<int> {}",
        ["1 -import-> Lib/Foo.cs (Foo)"],
    ),
    "nothing of it": ("using Lib.Core;\nnamespace App;\nclass A {}", []),
    "an attribute": ("using Lib.Core;\nnamespace App;\n[Mark] class A {}", ["1 -import-> Lib/Marks.cs (Mark)"]),
    "an extension": ("using Lib.Core;\nclass A { int x = y.Extra(); }", ["1 -import-> Lib/More.cs (More.Extra)"]),
    "static": ("using static Lib.Core.More;\nclass A {}", ["1 -import-> Lib/More.cs (*)"]),
    "under another name": ("using F = Lib.Core.Foo<int>;\nclass A {}", ["1 -import-> Lib/Foo.cs (Foo)"]),
    "by its full name": ("namespace App;\nclass A { Lib.Core.Foo<int> x; }", ["1 -import-> Lib/Foo.cs (Foo)"]),
    "the own namespace": ("namespace App;\nclass A { Near x; }", ["1 -import-> App/Near.cs (Near)"]),
    "a namespace around": ("namespace App.Sub.Inner { class A { Near x; } }", ["1 -import-> App/Near.cs (Near)"]),
    "a namespace below, by a part of its name": (
        "namespace App;\nclass A { Sub.Deep x; }",
        ["1 -import-> App/Sub/Deep.cs (Deep)"],
    ),
    "using a part of a name": (
        "namespace App {\n using Sub;\n class A { Deep x; }\n}",
        ["2 -import-> App/Sub/Deep.cs (Deep)"],
    ),
    "a namespace that is not opened": ("namespace Other;\nclass A { Near x; }", []),
    "a member": ("namespace App;\nclass A { int x = y.Near; }", []),
    "using for a resource": (
        "namespace App;\nclass A { void f() { using var x = new Near(); } }",
        ["1 -import-> App/Near.cs (Near)"],
    ),
    "in a string": ('namespace App;\nclass A { string x = "Near"; }', []),
    "in a raw string": ('namespace App;\nclass A { string x = """\nNear "Near"\n"""; }', []),
    "in a verbatim string": (
        'namespace App;\nclass A { string x = @"\\"; Near y; }',
        ["1 -import-> App/Near.cs (Near)"],
    ),
    "in a hole of a string": (
        'namespace App;\nclass A { string x = $"a {Near.X} b"; }',
        ["1 -import-> App/Near.cs (Near)"],
    ),
    "in a comment": ("namespace App;\n/* Near */ class A {} // Near", []),
    "in a region's name": ("namespace App;\n#region Near\nclass A {}\n#endregion", []),
    "a byte order mark": ("\ufeffnamespace App;\nclass A { Near x; }", ["1 -import-> App/Near.cs (Near)"]),
    "carriage returns": ("using Lib.Core;\r\nclass A : Foo<int> {}\r\n", ["1 -import-> Lib/Foo.cs (Foo)"]),
    "a syntax error elsewhere": ("using Lib.Core;\nclass A : Foo<int> {{ (", ["1 -import-> Lib/Foo.cs (Foo)"]),
}


@pytest.mark.parametrize("row", STATEMENTS)
def test_types_are_found_by_namespace(row: str) -> None:
    text, expected = STATEMENTS[row]
    assert arrows({**LIB, "App/A.cs": text}, LANGUAGE) == [f"App/A.cs:{one}" for one in expected]


GLOBALS = {
    "a file": {"App/G.cs": "global using Lib.Core;"},
    "the project": {"App/App.csproj": '<Project><ItemGroup><Using Include="Lib.Core" /></ItemGroup></Project>'},
}


@pytest.mark.parametrize("row", GLOBALS)
def test_a_namespace_may_be_opened_for_a_whole_project(row: str) -> None:
    tree = {
        **LIB,
        "App/App.csproj": "<Project/>",
        **GLOBALS[row],
        "App/A.cs": "class A : Foo<int> {}",
        "B.cs": "class B : Foo<int> {}",
    }
    assert arrows(tree, LANGUAGE) == ["App/A.cs:1 -import-> Lib/Foo.cs (Foo)"]


def test_of_a_type_in_parts_the_file_of_its_name_is_sure() -> None:
    tree = {
        "P/P.cs": "partial class P {}",
        "P/P.More.cs": "partial class P {}",
        "P/U.cs": "class U { P p; }",
    }
    assert [(one.source, one.target, one.confidence) for one in edges(tree, LANGUAGE)] == [
        ("P/P.More.cs", "P/P.cs", "sure"),
        ("P/P.cs", "P/P.More.cs", "likely"),
        ("P/U.cs", "P/P.More.cs", "likely"),
        ("P/U.cs", "P/P.cs", "sure"),
    ]


def test_of_two_projects_with_one_type_the_own_is_meant() -> None:
    tree = {
        "A/A.csproj": "<Project/>",
        "A/X.cs": "class X {}",
        "A/U.cs": "class U { X x; }",
        "B/B.csproj": "<Project/>",
        "B/X.cs": "class X {}",
    }
    assert arrows(tree, LANGUAGE) == ["A/U.cs:1 -import-> A/X.cs (X)"]


PROJECTS = {
    "another project": ("a/A.csproj", '<ProjectReference Include="..\\b\\B.csproj" />', ["b/B.csproj"]),
    "an import": ("a/A.csproj", '<Import Project="$(MSBuildThisFileDirectory)../x.props" />', ["x.props"]),
    "compiled files": ("a/A.csproj", '<Compile Include="../b/*.cs" />', ["b/c.cs"]),
    "commented out": ("a/A.csproj", '<!-- <ProjectReference Include="../b/B.csproj" /> -->', []),
    "a solution of tags": ("s.slnx", '<Project Path="b/B.csproj" />', ["b/B.csproj"]),
}


@pytest.mark.parametrize("row", PROJECTS)
def test_projects_refer_to_each_other_by_path(row: str) -> None:
    path, text, expected = PROJECTS[row]
    tree = {"b/B.csproj": "<Project/>", "b/c.cs": "", "x.props": "<Project/>", path: f"<Project>\n{text}\n</Project>"}
    assert [(one.kind, one.line, one.target) for one in edges(tree, LANGUAGE)] == [
        ("path", 2, one) for one in expected
    ]


def test_a_solution_names_its_projects() -> None:
    text = 'Microsoft Visual Studio Solution File\nProject("{1}") = "B", "b\\B.csproj", "{2}"\n'
    assert arrows({"s.sln": text, "b/B.csproj": "<Project/>"}, LANGUAGE) == ["s.sln:2 -path-> b/B.csproj"]


LOST = {
    "a namespace": ("A.cs", "using Lib.Core.Gone;", "no file has the namespace Lib.Core.Gone"),
    "a type": ("A.cs", "using static Lib.Core.Gone;", "no file declares Lib.Core.Gone"),
    "a project": (
        "A.csproj",
        '<Project><ProjectReference Include="g.csproj"/>',
        "names g.csproj, which is not there",
    ),
    "a variable": ("A.csproj", '<Project><Import Project="$(X)/y"/>', "names $(X)/y, whose variables are not known"),
}


@pytest.mark.parametrize("row", LOST)
def test_what_should_be_inside_and_is_not_there_says_so(row: str) -> None:
    path, text, why = LOST[row]
    assert unresolved({**LIB, path: text}, LANGUAGE) == [(path, why)]


def test_types_that_use_each_other_are_no_trouble() -> None:
    tree = {"A.cs": "class A { B b; }", "B.cs": "class B { A a; }"}
    assert arrows(tree, LANGUAGE) == ["A.cs:1 -import-> B.cs (B)", "B.cs:1 -import-> A.cs (A)"]


def test_a_file_provides_its_namespace_types_and_extensions() -> None:
    text = (
        b"namespace N { class C<T> where T : class { class In {} } static class Xs { static void F(this C c) {} } }"
    )
    assert LANGUAGE.extract(text).provides == ("csharp:N", "csharp:N.C", "csharp:N.Xs", "csharp:this N.Xs.F")


DEFINITIONS = {
    "[X] public partial class A<T> : B where T : class { }": [
        ("A", "public partial class A<T> : B where T : class", "class")
    ],
    "class A { public int F(int a,\n int b = 1) => a; int g; private int h; }": [
        ("A", "class A", "class"),
        ("A.F", "public int F(int a, int b = 1)", "method"),
    ],
    "class A { public int X { get; set; } internal int y = 1, z; }": [
        ("A", "class A", "class"),
        ("A.X", "public int X", "property"),
        ("A.y", "internal int y", "field"),
        ("A.z", "internal int z", "field"),
    ],
    "partial class A { int x; }": [("A", "partial class A", "class"), ("A.x", "int x", "field")],
    "interface I { void F(); }": [("I", "interface I", "interface"), ("I.F", "void F()", "method")],
    "namespace N; enum E { A = 1, B }": [
        ("E", "enum E", "enum"),
        ("E.A", "A", "constant"),
        ("E.B", "B", "constant"),
    ],
    "public record P(int X);": [("P", "public record P(int X)", "record")],
}


@pytest.mark.parametrize("text", DEFINITIONS)
def test_definitions_have_their_headers(text: str) -> None:
    assert LANGUAGE.definitions is not None
    found = LANGUAGE.definitions(text.encode())
    assert [(one.name, one.signature, one.kind) for one in found] == DEFINITIONS[text]


def test_a_project_defines_no_names() -> None:
    assert LANGUAGE.definitions is not None
    assert LANGUAGE.definitions(b"<Project></Project>") == []


USES = {
    "a type": ((Name("Foo", "Foo"),), "Foo", "Foo x;\nFoos y;", [(1, True)]),
    "under another name": ((Name("Foo", "F"),), "Foo", "F x;", [(1, True)]),
    "an attribute": ((Name("Mark", "Mark"),), "MarkAttribute", "[Mark]", [(1, True)]),
    "a member after its type": ((Name("Foo", "Foo"),), "Foo.Bar", "Foo.Bar();", [(1, True)]),
    "a member after anything": ((Name("Foo", "Foo"),), "Foo.Bar", "x.Bar();\nBar();", [(1, False)]),
    "a member of an opened type": ((Name("*"),), "Foo.Bar", "Bar();", [(1, False)]),
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
