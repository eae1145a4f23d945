"""JavaScript and TypeScript: names that others can use, and where they are used."""

import pytest

from safe_rollback.impact.languages.javascript_definitions import definitions
from safe_rollback.impact.languages.javascript_uses import uses
from safe_rollback.impact.model import Definition, Edge, Name

EXPORTS = {
    "function": (
        "export async function f<T>(a: T, b = 1): Promise<T> { return a }",
        ["f: async function f<T>(a: T, b = 1): Promise<T>"],
    ),
    "generator": ("export function* f(a) {}", ["f: function* f(a)"]),
    "overloads": ("export function f(a: A): A\nexport function f(a) {}", ["f: function f(a: A): A; function f(a)"]),
    "arrow": ("export const f = async (a: A): Promise<B> => { q() }", ["f: f = async (a: A): Promise<B>"]),
    "annotated": ("export const a: A = q()", ["a: a: A"]),
    "a literal": ("export const a = 1, b = 'c'", ["a: a: number", "b: b: string"]),
    "a call": ("export const a = make<A>(1, 2)", ["a: a = make<A>()"]),
    "destructured": ("export const { a, b: [c] } = q", ["a: a", "c: c"]),
    "let without value": ("export let a: A", ["a: a: A"]),
    "type": ("export type A = B | C", ["A: type A = B | C"]),
    "type with members": ("export type A = { b?: string }", ["A: type A", "A.b: b?: string"]),
    "interface": (
        "export interface A<T> extends B { c: T; d(e: E): void }",
        ["A: interface A<T> extends B", "A.c: c: T", "A.d: d(e: E): void"],
    ),
    "enum": ("export enum E { A = 1, B }", ["E: enum E", "E.A: A = 1", "E.B: B"]),
    "namespace": ("export namespace N { export const a = 1; const b = 2 }", ["N: namespace N", "N.a: N.a: number"]),
    "class": (
        """export class A<T> extends B {
  #h = 1; private p = 1; static s: S = 1
  constructor(private q: Q, public r: R) {}
  async m(a: T): Promise<void> { q() }
  get g(): G { return 1 }
  f = (a: A) => a
}""",
        [
            "A: class A<T> extends B constructor(private q: Q, public r: R)",
            "A.s: static s: S",
            "A.r: public r: R",
            "A.m: async m(a: T): Promise<void>",
            "A.g: get g(): G",
            "A.f: f = (a: A)",
        ],
    ),
    "abstract class": (
        "export abstract class A { abstract m(): void }",
        ["A: abstract class A", "A.m: abstract m(): void"],
    ),
    "an object": ("export const a = { b: 1, c(d) {}, e }", ["a: a", "a.c: c(d)", "a.b: b: number", "a.e: e"]),
    "default function": ("export default function f(a) {}", ["default: function f(a)"]),
    "default class": ("export default class A { m() {} }", ["default: class A", "default.m: m()"]),
    "default of a name": ("class A { m() {} }\nexport default A", ["default: class A", "default.m: m()"]),
    "default arrow": ("export default (a) => a", ["default: default = (a)"]),
    "a list": ("function f(a) {}\nconst b = 1\nexport { f, b as c }", ["f: function f(a)", "c: b: number"]),
    "not exported": ("function f(a) {}\nconst b = 1\nclass C {}", []),
    "declared": (
        "export declare function f(a: A): B\nexport declare const c: C",
        ["f: function f(a: A): B", "c: c: C"],
    ),
    "export equals": ("class A {}\nexport = A", ["default: class A"]),
    "passed on": ("export { a as b } from './x'", ["b: export { a as b } from './x'"]),
    "all passed on": ("export * from './x'", ["*: export * from './x'"]),
    "all passed on as one": ("export * as x from './x'", ["x: export * as x from './x'"]),
    "imported and passed on": ("import { a } from './x'\nexport { a }", ["a: a"]),
    "exports.x": ("exports.a = function (b) { q() }", ["a: a = function (b)"]),
    "exports of several": ("exports.a = exports.b = 1", ["a: a: number", "b: b: number"]),
    "module.exports of names": (
        "function f(a) {}\nmodule.exports = { f, g: f, h: 1, i(j) {} }",
        ["f: function f(a)", "g: function f(a)", "h: h: number", "i: i(j)"],
    ),
    "module.exports of one": ("class A { m() {} }\nmodule.exports = A", ["default: class A", "default.m: m()"]),
    "a method of a prototype": (
        "function A() {}\nA.prototype.m = function (a) {}\nmodule.exports = A",
        ["default: function A()", "default.m: A.m = function (a)"],
    ),
    "a comment is no part": (
        "export function f(\n  a: A, // first\n  /* second */ b: B,\n) {}",
        ["f: function f(a: A, b: B)"],
    ),
    "JSX": ("export const A = (p: P) => <q>{p}</q>", ["A: A = (p: P)"]),
    "a cast, which is no JSX": (
        "export const a = <A>q; export function f<T>(a: T) {}",
        ["a: a", "f: function f<T>(a: T)"],
    ),
    "a component": ("<template><q/></template>\n<script setup>\nconst a = 1\n</script>", ["default: component"]),
    "an error of syntax": ("export function f(a) {}\nclass {{\n", ["f: function f(a)"]),
}


@pytest.mark.parametrize(("text", "expected"), EXPORTS.values(), ids=EXPORTS.keys())
def test_definitions(text: str, expected: list[str]) -> None:
    found = [f"{one.name}: {one.signature}" for one in definitions(text.encode())]
    assert sorted(found) == sorted(expected)


def test_a_definition_says_where_and_what_it_is() -> None:
    text = b"\n\nexport class A {\n  m() {}\n}\nexport { q } from './x'"
    assert list(definitions(text)) == [
        Definition("A", 3, "class A", "class"),
        Definition("A.m", 4, "m()", "member"),
        Definition("q", 6, "export { q } from './x'", "reexport"),
    ]


def test_how_it_is_broken_into_lines_is_no_part_of_a_signature() -> None:
    [one] = definitions(b"export function f(a: A, b: B): C {}")
    [other] = definitions(b"export function f(\n  a: A,\n  b: B,\n): C {\n  return 1\n}")
    assert one.signature == other.signature


# What binds, what is asked for, and lines: those of sure uses, those of unsure ones.
NAMED = (Name("a", "a"),)
USES = {
    "a call": ("import { a } from './x'\nq(a())", NAMED, "", "a", [1, 2], []),
    "under another name": ("import { a as b } from './x'\nb(); a()", (Name("a", "b"),), "", "a", [1, 2], []),
    "as a type": ("import { a } from './x'\nlet b: a[]", NAMED, "", "a", [1, 2], []),
    "in JSX": ("import { A } from './x'\nq(<A b='c'></A>)", (Name("A", "A"),), "", "A", [1, 2], []),
    "in an object": ("import { a } from './x'\nq({ a })", NAMED, "", "a", [1, 2], []),
    "passed on later": ("import { a } from './x'\nexport { a }", NAMED, "", "a", [1, 2], []),
    "not as a member": ("import { a } from './x'\nq.a; q({ a: 1 })", NAMED, "", "a", [1], []),
    "not in text": ("import { a } from './x'\nq('a', `a`) // a\nq(<p>a</p>)", NAMED, "", "a", [1], []),
    "in a substitution": ("import { a } from './x'\nq(`${a}`)", NAMED, "", "a", [1, 2], []),
    "not a parameter": ("import { a } from './x'\nconst f = (a) => {\n  a\n}\na", NAMED, "", "a", [1, 5], []),
    "not a variable": ("import { a } from './x'\nfunction f() {\n  const { a } = q\n  a\n}", NAMED, "", "a", [1], []),
    "a default value is no parameter": (
        "import { a } from './x'\nfunction f(b = a) {\n  a\n}",
        NAMED,
        "",
        "a",
        [1, 2, 3],
        [],
    ),
    "a default value in a pattern": (
        "import { a } from './x'\nfunction f({ b = a }) {\n  a\n}",
        NAMED,
        "",
        "a",
        [1, 2, 3],
        [],
    ),
    "another name": ("import { a } from './x'\nb()", NAMED, "", "b", [], []),
    "default": ("import A from './x'\nA()", (Name("default", "A"),), "", "default", [1, 2], []),
    "of a namespace": ("import * as x from './x'\nx.a()\nx.b()\nx", (), "x", "a", [2], []),
    "a type of a namespace": ("import * as x from './x'\nlet b: x.a", (), "x", "a", [2], []),
    "JSX of a namespace": ("import * as x from './x'\nq(<x.A />)", (), "x", "A", [2], []),
    "taken from a namespace": ("import * as x from './x'\nconst { a: b } = x", (), "x", "a", [2], []),
    "default of a namespace": ("import * as x from './x'\nx.default()\nx()", (), "x", "default", [2], []),
    "of a required module": ("const x = require('./x')\nx.a()", (), "x", "a", [2], []),
    "a required module itself": ("const x = require('./x')\nx()", (), "x", "default", [1, 2], []),
    "required in a function": ("f(() => {\n  const { a } = require('./x')\n  a()\n})", NAMED, "", "a", [2, 3], []),
    "all passed on": ("export * from './x'", (Name("*"),), "", "a", [], [1]),
    "a static member": ("import { C } from './x'\nC.m()", (Name("C", "C"),), "", "C.m", [2], []),
    "a member of a parameter": (
        "import { C } from './x'\nconst f = (c: C) => c.m()",
        (Name("C", "C"),),
        "",
        "C.m",
        [2],
        [],
    ),
    "a member of a made one": (
        "import { C } from './x'\nconst c = new C()\nc.m()",
        (Name("C", "C"),),
        "",
        "C.m",
        [3],
        [],
    ),
    "a member of a field": (
        "import { C } from './x'\nclass D { c?: C | null; f() {\n this.c!.m() } }",
        (Name("C", "C"),),
        "",
        "C.m",
        [3],
        [],
    ),
    "a member that is inherited": (
        "import { C } from './x'\nclass D extends C { f() {\n this.m() } }",
        (Name("C", "C"),),
        "",
        "C.m",
        [3],
        [],
    ),
    "a member of who knows": ("import { C } from './x'\nq.m()", (Name("C", "C"),), "", "C.m", [], [2]),
    "a member of a list": (
        "import { C } from './x'\nconst f = (c: C[]) => c.m()",
        (Name("C", "C"),),
        "",
        "C.m",
        [],
        [2],
    ),
    "a member in a namespace": ("import * as x from './x'\nconst f = (c: x.C) => c.m()", (), "x", "C.m", [2], []),
    "a member of an enum": ("import { E } from './x'\nlet e: E.A", (Name("E", "E"),), "", "E.A", [2], []),
    "a word that is no member": ("import { C } from './x'\nm()", (Name("C", "C"),), "", "C.m", [], []),
    "in a template of Vue": (
        "<template><A/></template>\n<script>\nimport A from './x'\n</script>",
        (Name("default", "A"),),
        "",
        "default",
        [3],
        [1],
    ),
}


def use(text: str, names: tuple[Name, ...], local: str, asked: str, kind: str = "import") -> list[tuple[int, bool]]:
    line = next((number for number, one in enumerate(text.split("\n"), 1) if "./x" in one), 1)
    edge = Edge("m.ts", "x.ts", kind, line, names, local)
    return [(one.line, one.sure) for one in uses(text.encode(), edge, [asked])]


@pytest.mark.parametrize(("text", "names", "local", "asked", "sure", "unsure"), USES.values(), ids=USES.keys())
def test_uses(text: str, names: tuple[Name, ...], local: str, asked: str, sure: list[int], unsure: list[int]) -> None:
    found = use(text, names, local, asked)
    assert [line for line, certain in found if certain] == sure
    assert [line for line, certain in found if not certain] == unsure


def test_a_file_that_passes_a_name_on_uses_it_there_alone() -> None:
    text = "export { a } from './x'\nq.a; a()"
    assert use(text, NAMED, "", "a", "export") == [(1, True)]


def test_what_is_loaded_lazily_without_a_name_is_used_by_its_default() -> None:
    text = "const A = lazy(() => import('./x'))"
    assert use(text, (), "", "default", "lazy") == [(1, True)]
    assert use(text, (), "", "a", "lazy") == []


def test_at_most_twenty_uses_of_a_name() -> None:
    assert len(use("import { a } from './x'\n" + "a()\n" * 50, NAMED, "", "a")) == 20


def test_deeply_nested_code_is_read() -> None:
    text = "import { a } from './x'\n" + "(" * 3000 + "a" + ")" * 3000
    assert use(text, NAMED, "", "a") == [(1, True), (2, True)]
    assert list(definitions(b"a=" * 3000 + b"1")) == []
