"""JavaScript and TypeScript: what a file says it needs, and where that leads."""

import pytest

from safe_rollback.impact.languages import language_of
from safe_rollback.impact.languages.javascript import LANGUAGE
from tests.impact.tree import arrows, edges

STATEMENTS = {
    "named": ('import { a, b as c } from "./x";', ["m.ts:1 -import-> x.ts (a, b)"]),
    "default": ('import x from "./x"', ["m.ts:1 -import-> x.ts (default)"]),
    "default and named": ("import x, {a} from './x'", ["m.ts:1 -import-> x.ts (default, a)"]),
    "a default called type": ("import type from './x'", ["m.ts:1 -import-> x.ts (default)"]),
    "namespace": ("import * as x from './x'", ["m.ts:1 -import-> x.ts"]),
    "side effect": ("import './x'", ["m.ts:1 -import-> x.ts"]),
    "types alone": ("import type { A } from './x'", ["m.ts:1 -type-> x.ts (A)"]),
    "each name a type": ("import { type A, type B } from './x'", ["m.ts:1 -type-> x.ts (A, B)"]),
    "one name a type": ("import { type A, b } from './x'", ["m.ts:1 -import-> x.ts (A, b)"]),
    "a name called type": ("import { type as t } from './x'", ["m.ts:1 -import-> x.ts (type)"]),
    "over several lines": ("import {\n  a, // one\n  b,\n} from './x'", ["m.ts:1 -import-> x.ts (a, b)"]),
    "attributes": ("import x from './x' with { type: 'ts' }", ["m.ts:1 -import-> x.ts (default)"]),
    "after others on a line": (
        "'use strict';import'./x';import{a}from'./y'",
        ["m.ts:1 -import-> x.ts", "m.ts:1 -import-> y.ts (a)"],
    ),
    "behind code": ("const q = 1\n\nimport { a } from './x'", ["m.ts:3 -import-> x.ts (a)"]),
    "with lines of Windows": (
        "import './y'\r\nimport { a } from './x'\r\n",
        ["m.ts:1 -import-> y.ts", "m.ts:2 -import-> x.ts (a)"],
    ),
    "behind a byte order mark": ("\ufeffimport './x'", ["m.ts:1 -import-> x.ts"]),
    "passing names on": ("export { a, b as c } from './x'", ["m.ts:1 -export-> x.ts (a, b)"]),
    "passing all on": ("export * from './x'", ["m.ts:1 -export-> x.ts (*)"]),
    "passing types on": ("export type { A } from './x'", ["m.ts:1 -export-> x.ts (A)"]),
    "passing all on as one": ("export * as x from './x'", ["m.ts:1 -export-> x.ts"]),
    "import equals": ("import x = require('./x')", ["m.ts:1 -import-> x.ts"]),
    "require": ("const x = require('./x')", ["m.ts:1 -import-> x.ts"]),
    "require taking names": ("const { a, b: c } = require('./x')", ["m.ts:1 -import-> x.ts (a, b)"]),
    "require of one name": ("const a = require('./x').a", ["m.ts:1 -import-> x.ts (a)"]),
    "require in a function": ("f(() => {\n  const x = require('./x')\n})", ["m.ts:2 -lazy-> x.ts"]),
    "require passed on": ("module.exports = require('./x')", ["m.ts:1 -export-> x.ts (*)"]),
    "require.resolve": ("q(require.resolve('./x'))", ["m.ts:1 -load-> x.ts"]),
    "dynamic import": ("const { a } = await import(/* chunk */ './x')", ["m.ts:1 -lazy-> x.ts (a)"]),
    "then": ("import('./x').then(({ a }) => a())", ["m.ts:1 -lazy-> x.ts (a)"]),
    "then of one name": ("lazy(() => import('./x').then((m) => m.A))", ["m.ts:1 -lazy-> x.ts (A)"]),
    "type of an import": ("let a: import('./x').A", ["m.ts:1 -type-> x.ts (A)"]),
    "typeof import": ("let a: typeof import('./x')", ["m.ts:1 -type-> x.ts"]),
    "reference path": ('/// <reference path="x.ts" />', ["m.ts:1 -type-> x.ts"]),
    "new URL": ("new Worker(new URL('./x.ts', import.meta.url))", ["m.ts:1 -load-> x.ts"]),
    "adding to a module": ("declare module './x' {}\ndeclare module '*.txt' {}", ["m.ts:1 -type-> x.ts"]),
    "a symbolic link": ("deep/z.ts", ["m.ts:1 -export-> deep/z.ts (*)"]),
    "jest.mock": ("jest.mock('./x', () => ({}))", ["m.ts:1 -load-> x.ts"]),
    "vi.importActual": ("await vi.importActual<X>('./x')", ["m.ts:1 -load-> x.ts"]),
    "glob": ("import.meta.glob('./*.txt')", ["m.ts:1 -load-> notes.txt"]),
    "template with a hole": ("await import(`./deep/${name}.ts`)", ["m.ts:1 -lazy-> deep/z.ts"]),
    "path of this folder": ("q(path.join(__dirname, 'notes.txt'))", ["m.ts:1 -path-> notes.txt"]),
    "in a substitution": ("const q = `${require('./x').a} b`", ["m.ts:1 -import-> x.ts (a)"]),
    "after a regular expression": ("const q = /[`'\"/]/.test(a)\nimport './x'", ["m.ts:2 -import-> x.ts"]),
    "after a division": ("const q = a / b; const r = c / `'`\nrequire('./x')", ["m.ts:2 -import-> x.ts"]),
    "after an apostrophe in JSX": ("const q = <p>don't</p>\nrequire('./x')", ["m.ts:2 -import-> x.ts"]),
    "after nested templates": ("const q = `${`${`${`${a}`}`}`}`\nrequire('./x')", ["m.ts:2 -import-> x.ts"]),
    "an error of syntax": (
        "import './x'\nclass { ( ]\nimport './y'",
        ["m.ts:1 -import-> x.ts", "m.ts:3 -import-> y.ts"],
    ),
}
NOTHING = {
    "a line comment": "q()\n// import './x'; `require('./x')`",
    "a block comment": "q()\n/*\nimport './x'\n*/",
    "a string": "q(\"import './x'\")",
    "a template": "q(`\nimport { a } from './x'\nrequire('./x')\n${b}\nimport './x'\n`)",
    "a template in a substitution": "q(`${`\nimport './x'\n`}`)",
    "a sentence in JSX": "const q = <p>\n  import a from './x'\n</p>",
    "a member called require": "q.require('./x'); q.import('./x')",
    "a longer word": "myrequire('./x'); $import('./x')",
    "an object's key": "q({ import: './x', from: './x', export: './x' })",
    "an export of its own": "const x = './x'\nexport { x }\nexport default './x'",
    "installed": "import a from 'x'; import b from '@scope/x'; import 'node:fs'; import 'https://x.dev/x.ts'",
    "something computed": "require(x); import(`${x}`)",
}
SURROUNDINGS = {
    "x.ts": "export const a = 1",
    "y.ts": "export const a = 1",
    "deep/z.ts": "",
    "notes.txt": "",
}


@pytest.mark.parametrize(("text", "expected"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_statement(text: str, expected: list[str]) -> None:
    assert arrows({**SURROUNDINGS, "m.ts": text}, LANGUAGE) == expected


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING.keys())
def test_it_is_no_reference(text: str) -> None:
    assert arrows({**SURROUNDINGS, "m.ts": text}, LANGUAGE) == []


NAMES = {
    "import": ("import x, { a as b } from './x'", "", [("default", "x"), ("a", "b")]),
    "namespace": ("import * as x from './x'", "x", []),
    "passed on": ("export { a as b } from './x'", "", [("a", "b")]),
    "require": ("const x = require('./x')", "x", []),
    "require with names": ("const { a: b, ...rest } = require('./x')", "", [("a", "b"), ("*", "rest")]),
    "require of a member": ("const q = require('./x').a", "", [("a", "q")]),
    "awaited": ("const x = await import('./x')", "x", []),
    "then": ("import('./x').then(x => x)", "x", []),
    "side effect": ("import './x'", "", []),
}


@pytest.mark.parametrize(("text", "local", "names"), NAMES.values(), ids=NAMES.keys())
def test_what_is_bound(text: str, local: str, names: list[tuple[str, str]]) -> None:
    [edge] = edges({**SURROUNDINGS, "m.ts": text}, LANGUAGE)
    assert (edge.local, [(one.name, one.local) for one in edge.names]) == (local, names)


COMPONENTS = {
    "vue": ("<template>\n  import './y'\n</template>\n<script setup lang='ts'>\nimport './x'\n</script>", 5),
    "svelte": ("<script>\n  import './x'\n</script>\n<p>import './y'</p>", 2),
    "astro": ("---\nimport './x'\n---\n<p>import './y'</p>", 2),
}


@pytest.mark.parametrize(("ending", "text", "line"), [(one, *COMPONENTS[one]) for one in COMPONENTS], ids=COMPONENTS)
def test_scripts_of_a_component(ending: str, text: str, line: int) -> None:
    assert arrows({**SURROUNDINGS, f"m.{ending}": text}, LANGUAGE) == [f"m.{ending}:{line} -import-> x.ts"]


@pytest.mark.parametrize(
    "path", ["a.js", "a.jsx", "a.mjs", "a.cjs", "a.ts", "a.tsx", "a.mts", "a.cts", "a.d.ts", "a.vue"]
)
def test_its_files(path: str) -> None:
    assert LANGUAGE.matches(path)
    assert language_of(path) is LANGUAGE


@pytest.mark.parametrize("path", ["a.json", "a.css", "ts", "a.ts.snap"])
def test_not_its_files(path: str) -> None:
    assert not LANGUAGE.matches(path)


def test_bytes_that_are_no_text_are_a_problem() -> None:
    assert LANGUAGE.extract(b"G\0\0\x40import './x'").problems == ("not text",)


def test_utf_16_is_text() -> None:
    facts = LANGUAGE.extract("import './x'".encode("utf-16"))
    assert [one.target for one in facts.references] == ["./x"]


def test_another_encoding_does_not_hide_imports() -> None:
    facts = LANGUAGE.extract("// caf\xe9\nimport './x' // \xe9".encode("latin-1"))
    assert [(one.target, one.line) for one in facts.references] == [("./x", 2)]


def test_a_file_without_end_of_references_says_that_it_was_not_read_whole() -> None:
    facts = LANGUAGE.extract(b"q();" + b"require('./x');" * 10_001)
    assert len(facts.references) == 10_000
    assert facts.problems
