"""Rust files: one row for each rule of the language."""

import pytest

from safe_rollback.impact.languages.rust import LANGUAGE
from safe_rollback.impact.languages.rust_paths import imported
from safe_rollback.impact.model import Edge, Name
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import arrows, edges, unresolved

CARGO = {"Cargo.toml": '[package]\nname = "my-app"\n[dependencies]\nother-lib = { path = "other" }\n'}
TREES = {
    "a module beside the root": ({"src/lib.rs": "mod a;", "src/a.rs": ""}, ["src/lib.rs:1 -import-> src/a.rs"]),
    "a module in its folder": (
        {"src/lib.rs": "pub mod a;", "src/a/mod.rs": ""},
        ["src/lib.rs:1 -import-> src/a/mod.rs"],
    ),
    "a module of a module": (
        {"src/lib.rs": "mod a;", "src/a.rs": "mod b;", "src/a/b.rs": ""},
        ["src/a.rs:1 -import-> src/a/b.rs", "src/lib.rs:1 -import-> src/a.rs"],
    ),
    "a module within an inline one": (
        {"src/lib.rs": "mod a { mod b; }", "src/a/b.rs": ""},
        ["src/lib.rs:1 -import-> src/a/b.rs"],
    ),
    "a module by path": (
        {"src/lib.rs": '#[path = "x/y.rs"]\npub(crate) mod a;', "src/x/y.rs": ""},
        ["src/lib.rs:2 -import-> src/x/y.rs"],
    ),
    "in a comment": ({"src/lib.rs": "// mod a;\n/* mod a; */", "src/a.rs": ""}, []),
    "in a raw string": ({"src/lib.rs": 'const X: &str = r#"" mod a; "#;', "src/a.rs": ""}, []),
    "after a lifetime": (
        {"src/lib.rs": "fn f<'a>(x: &'a str) {}\nmod a;", "src/a.rs": ""},
        ["src/lib.rs:2 -import-> src/a.rs"],
    ),
    "use from the crate": (
        {"src/lib.rs": "mod a;\nmod b;", "src/a.rs": "use crate::b::{X, Y as Z};", "src/b.rs": ""},
        [
            "src/a.rs:1 -import-> src/b.rs (X, Y)",
            "src/lib.rs:1 -import-> src/a.rs",
            "src/lib.rs:2 -import-> src/b.rs",
        ],
    ),
    "use of a module": (
        {"src/lib.rs": "mod a;", "src/a.rs": "use crate::b;"},
        ["src/a.rs:1 -import-> src/lib.rs (b)", "src/lib.rs:1 -import-> src/a.rs"],
    ),
    "super": (
        {"src/lib.rs": "mod a;", "src/a.rs": "use super::X;"},
        ["src/a.rs:1 -import-> src/lib.rs (X)", "src/lib.rs:1 -import-> src/a.rs"],
    ),
    "super in an inline module is the file itself": (
        {"src/lib.rs": "mod a;", "src/a.rs": "mod tests { use super::*; }"},
        ["src/lib.rs:1 -import-> src/a.rs"],
    ),
    "twice super in an inline module": (
        {"src/lib.rs": "mod a;", "src/a.rs": "mod tests { use super::super::X; }"},
        ["src/a.rs:1 -import-> src/lib.rs (X)", "src/lib.rs:1 -import-> src/a.rs"],
    ),
    "self": (
        {"src/lib.rs": "mod a;\nuse self::a::X;", "src/a.rs": ""},
        ["src/lib.rs:1 -import-> src/a.rs", "src/lib.rs:2 -import-> src/a.rs (X)"],
    ),
    "a child without self": (
        {"src/lib.rs": "mod a;\nuse a::X;", "src/a.rs": ""},
        ["src/lib.rs:1 -import-> src/a.rs", "src/lib.rs:2 -import-> src/a.rs (X)"],
    ),
    "passed on": (
        {"src/lib.rs": "mod a;\npub use a::X;", "src/a.rs": ""},
        ["src/lib.rs:1 -import-> src/a.rs", "src/lib.rs:2 -export-> src/a.rs (X)"],
    ),
    "passed on within the crate alone": (
        {"src/lib.rs": "mod a;\npub(crate) use a::X;", "src/a.rs": ""},
        ["src/lib.rs:1 -import-> src/a.rs", "src/lib.rs:2 -import-> src/a.rs (X)"],
    ),
    "a path in the code": (
        {"src/lib.rs": "mod a;\nfn f() { a::g(); }", "src/a.rs": ""},
        ["src/lib.rs:1 -import-> src/a.rs", "src/lib.rs:2 -import-> src/a.rs (g)"],
    ),
    "a path to a type's function": (
        {"src/lib.rs": "mod a;\nfn f() { a::T::new(); }", "src/a.rs": ""},
        ["src/lib.rs:1 -import-> src/a.rs", "src/lib.rs:2 -import-> src/a.rs (T)"],
    ),
    "another package of the workspace": (
        {
            "src/main.rs": "use other_lib::X;",
            "other/Cargo.toml": '[package]\nname = "other-lib"',
            "other/src/lib.rs": "",
        },
        ["src/main.rs:1 -import-> other/src/lib.rs (X)"],
    ),
    "a package under another name": (
        {
            "Cargo.toml": '[package]\nname="a"\n[dependencies]\nshort = { package = "other-lib", path = "other" }',
            "src/main.rs": "use short::X;",
            "other/Cargo.toml": '[package]\nname = "other-lib"',
            "other/src/lib.rs": "",
        },
        ["src/main.rs:1 -import-> other/src/lib.rs (X)"],
    ),
    "a package that is not asked for": (
        {"src/main.rs": "use third::X;", "t/Cargo.toml": '[package]\nname = "third"', "t/src/lib.rs": ""},
        [],
    ),
    "its own library": (
        {"src/lib.rs": "", "src/main.rs": "use my_app::X;", "tests/t.rs": "use my_app::Y;"},
        ["src/main.rs:1 -import-> src/lib.rs (X)", "tests/t.rs:1 -import-> src/lib.rs (Y)"],
    ),
    "a module of a test": (
        {"tests/t.rs": "mod common;", "tests/common/mod.rs": ""},
        ["tests/t.rs:1 -import-> tests/common/mod.rs"],
    ),
    "the standard library": ({"src/lib.rs": "use std::io::Read; fn f() { core::mem::swap(); }"}, []),
    "an included file": (
        {"src/lib.rs": 'const X: &str = include_str!("../a.txt");', "a.txt": ""},
        ["src/lib.rs:1 -path-> a.txt"],
    ),
    "an included file by the manifest": (
        {"src/lib.rs": 'include!(concat!(env!("CARGO_MANIFEST_DIR"), "/a.rs"));', "a.rs": ""},
        ["src/lib.rs:1 -path-> a.rs"],
    ),
    "a cycle of modules": (
        {"src/lib.rs": "mod a;", "src/a.rs": '#[path = "lib.rs"]\nmod b;'},
        ["src/a.rs:2 -import-> src/lib.rs", "src/lib.rs:1 -import-> src/a.rs"],
    ),
    "a syntax error elsewhere": (
        {"src/lib.rs": "fn f( {{\nmod a;", "src/a.rs": ""},
        ["src/lib.rs:2 -import-> src/a.rs"],
    ),
}


@pytest.mark.parametrize("row", TREES)
def test_paths_walk_the_tree_of_modules(row: str) -> None:
    tree, expected = TREES[row]
    assert arrows({**CARGO, **tree}, LANGUAGE) == expected


PATHS = {
    "a::b": [("a::b", "b")],
    "a::b as c": [("a::b", "c")],
    "a::{b, c as d}": [("a::b", "b"), ("a::c", "d")],
    "a::{self, b}": [("a", "a"), ("a::b", "b")],
    "a::{b::{c, d}, e}": [("a::b::c", "c"), ("a::b::d", "d"), ("a::e", "e")],
    "{a, b::*}": [("a", "a"), ("b::*", "")],
    "a::Trait as _": [("a::Trait", "")],
    "a::r#type": [("a::type", "type")],
    "a::{b,}": [("a::b", "b")],
}


@pytest.mark.parametrize("tree", PATHS)
def test_use_trees_are_unfolded(tree: str) -> None:
    assert [("::".join(path), local) for path, local in imported(tree)] == PATHS[tree]


LOST = {"a module": "mod gone;", "an included file": 'include_str!("gone.txt");'}


@pytest.mark.parametrize("row", LOST)
def test_what_should_be_inside_and_is_not_there_says_so(row: str) -> None:
    ((path, why),) = unresolved({**CARGO, "src/lib.rs": LOST[row]}, LANGUAGE)
    assert path == "src/lib.rs"
    assert "gone" in why


def test_a_manifest_that_does_not_parse_leaves_modules() -> None:
    assert arrows({"Cargo.toml": "[[[", "src/lib.rs": "mod a;", "src/a.rs": ""}, LANGUAGE) == [
        "src/lib.rs:1 -import-> src/a.rs"
    ]


DEFINITIONS = {
    "pub fn f<T>(a: T,\n    b: u8) -> T { a }": [("f", "pub fn f<T>(a: T, b: u8) -> T", "function")],
    "struct S { pub a: u8, b: T }": [
        ("S", "struct S", "type"),
        ("S.a", "pub a: u8", "field"),
        ("S.b", "b: T", "field"),
    ],
    "enum E { A, B(u8) }": [("E", "enum E", "type"), ("E.A", "A", "variant"), ("E.B", "B(u8)", "variant")],
    "impl<T> S<T> { fn m(&self) {} }": [("S.m", "fn m(&self)", "method")],
    "impl Trait for S { fn m(&self) {} }": [("S.m", "fn m(&self)", "method")],
    "trait T: U { fn m(&self) -> u8; }": [("T", "trait T: U", "type"), ("T.m", "fn m(&self) -> u8", "method")],
    "pub const A: u8 = 1;": [("A", "pub const A: u8", "constant")],
    "type A = B<u8>;": [("A", "type A = B<u8>", "type")],
    "macro_rules! m { () => {} }": [("m", "macro_rules! m", "macro")],
    "pub use a::{B, c::D as E};": [("B", "pub use B", "reexport"), ("E", "pub use E", "reexport")],
    "mod inner { pub fn f() {} }": [("f", "pub fn f()", "function")],
}


@pytest.mark.parametrize("text", DEFINITIONS)
def test_definitions_have_their_headers(text: str) -> None:
    assert LANGUAGE.definitions is not None
    found = LANGUAGE.definitions(text.encode())
    assert [(one.name, one.signature, one.kind) for one in found] == DEFINITIONS[text]


USES = {
    "bound by use": (Edge("a", "b", "import", 1, (Name("X", "X"),)), "X", "let x = X::new();", [(1, True)]),
    "bound under another name": (Edge("a", "b", "import", 1, (Name("X", "Y"),)), "X", "f(Y);\nf(z::W);", [(1, True)]),
    "through the module": (Edge("a", "b", "import", 1, (), "m"), "X", "m::X;\nn::X;\nX;", [(1, True)]),
    "a method": (Edge("a", "b", "import", 1, (Name("X", "X"),)), "X.m", "x.m();\nm();", [(1, False)]),
    "a function of a type": (Edge("a", "b", "import", 1, (Name("X", "X"),)), "X.m", "X::m();", [(1, True)]),
    "in a comment": (Edge("a", "b", "import", 1, (Name("X", "X"),)), "X", "// X", []),
}


@pytest.mark.parametrize("row", USES)
def test_uses_are_found_through_the_edge(row: str) -> None:
    edge, name, text, expected = USES[row]
    assert LANGUAGE.uses is not None
    assert [(one.line, one.sure) for one in LANGUAGE.uses(text.encode(), edge, [name])] == expected


def test_a_module_and_a_function_may_have_one_name() -> None:
    tree = {
        **CARGO,
        "src/lib.rs": "mod a;\nmod b;",
        "src/b.rs": "use crate::a::sleep;",
        "src/a.rs": "mod sleep;\npub use sleep::sleep;",
        "src/a/sleep.rs": "",
    }
    found = [
        (one.target, [name.name for name in one.names]) for one in edges(tree, LANGUAGE) if one.source == "src/b.rs"
    ]
    assert found == [("src/a.rs", ["sleep"]), ("src/a/sleep.rs", [])]


@pytest.mark.parametrize("row", TEXTS)
def test_no_text_is_too_strange(row: str) -> None:
    readings(LANGUAGE, TEXTS[row])
