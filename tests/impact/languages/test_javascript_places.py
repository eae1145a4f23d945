"""JavaScript and TypeScript: which file of the tree a specifier means."""

import json
from collections.abc import Mapping

import pytest

from safe_rollback.impact.languages.javascript import LANGUAGE
from tests.impact.tree import arrows, edges, unresolved


def manifest(**fields: object) -> str:
    return json.dumps(fields)


# Files of the tree, the file that asks, what it asks for, and the files that are meant: sure, then likely ones.
PLACES: Mapping[str, tuple[dict[str, str], str, str, list[str]]] = {
    "as it stands": ({"x.css": ""}, "m.ts", "./x.css", ["x.css"]),
    "a query is no part": ({"x.svg": ""}, "m.ts", "./x.svg?raw", ["x.svg"]),
    "TypeScript first from TypeScript": ({"x.ts": "", "x.js": ""}, "m.ts", "./x", ["x.ts"]),
    "JavaScript first from JavaScript": ({"x.ts": "", "x.js": ""}, "m.js", "./x", ["x.js"]),
    "x.js is how x.ts is written": ({"x.ts": "", "x.js": ""}, "m.ts", "./x.js", ["x.ts"]),
    "x.js itself from JavaScript": ({"x.ts": "", "x.js": ""}, "m.js", "./x.js", ["x.js"]),
    "x.js that is only x.tsx": ({"x.tsx": ""}, "m.js", "./x.js", ["x.tsx"]),
    "x.mjs is x.mts": ({"x.mts": ""}, "m.ts", "./x.mjs", ["x.mts"]),
    "declarations and their script": ({"x.d.ts": "", "x.js": ""}, "m.ts", "./x", ["x.d.ts", "x.js?"]),
    "declarations of a style": ({"x.css.d.ts": ""}, "m.ts", "./x.css", ["x.css.d.ts"]),
    "a file before a folder": ({"x.ts": "", "x/index.ts": ""}, "m.ts", "./x", ["x.ts"]),
    "a folder by its slash": ({"x.ts": "", "x/index.ts": ""}, "m.ts", "./x/", ["x/index.ts"]),
    "a folder's index": ({"a/x/index.tsx": ""}, "a/m.ts", "./x", ["a/x/index.tsx"]),
    "the folder itself": ({"a/index.ts": ""}, "a/m.ts", ".", ["a/index.ts"]),
    "the folder above": ({"index.ts": ""}, "a/m.ts", "..", ["index.ts"]),
    "a folder's manifest": ({"x/package.json": manifest(main="q.js"), "x/q.js": ""}, "m.js", "./x", ["x/q.js"]),
    "a component": ({"X.vue": ""}, "m.ts", "./X.vue", ["X.vue"]),
    "built out of src": ({"package.json": "{}", "src/x.ts": ""}, "bin/m.js", "../dist/x.js", ["src/x.ts?"]),
    "paths": (
        {"tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}', "src/x.ts": ""},
        "src/m.ts",
        "@/x",
        ["src/x.ts"],
    ),
    "paths with comments and commas": (
        {"tsconfig.json": '{/* a */"compilerOptions": {"paths": {"~/*": ["./src/*",],},}, // "b"\n}', "src/x.ts": ""},
        "src/m.ts",
        "~/x",
        ["src/x.ts"],
    ),
    "the longest pattern": (
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"p/*": ["./a/*"], "p/q/*": ["./b/*"]}}}',
            "a/q/x.ts": "",
            "b/x.ts": "",
        },
        "m.ts",
        "p/q/x",
        ["b/x.ts"],
    ),
    "the next target": (
        {"tsconfig.json": '{"compilerOptions": {"paths": {"p/*": ["./a/*", "./b/*"]}}}', "b/x.ts": ""},
        "m.ts",
        "p/x",
        ["b/x.ts"],
    ),
    "baseUrl": (
        {"tsconfig.json": '{"compilerOptions": {"baseUrl": "src"}}', "src/x.ts": ""},
        "m.ts",
        "x",
        ["src/x.ts"],
    ),
    "paths from baseUrl": (
        {"tsconfig.json": '{"compilerOptions": {"baseUrl": "src", "paths": {"p": ["x"]}}}', "src/x.ts": ""},
        "m.ts",
        "p",
        ["src/x.ts"],
    ),
    "extends": (
        {
            "base/tsconfig.json": '{"compilerOptions": {"paths": {"p": ["./x"]}}}',
            "a/tsconfig.json": '{"extends": "../base/tsconfig"}',
            "base/x.ts": "",
        },
        "a/m.ts",
        "p",
        ["base/x.ts"],
    ),
    "references": (
        {
            "tsconfig.json": '{"files": [], "references": [{"path": "./tsconfig.app.json"}]}',
            "tsconfig.app.json": '{"compilerOptions": {"paths": {"p": ["./x"]}}}',
            "x.ts": "",
        },
        "m.ts",
        "p",
        ["x.ts"],
    ),
    "the nearest config": (
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"p": ["./x"]}}}',
            "a/tsconfig.json": '{"compilerOptions": {"paths": {"p": ["./x"]}}}',
            "x.ts": "",
            "a/x.ts": "",
        },
        "a/b/m.ts",
        "p",
        ["a/x.ts"],
    ),
    "rootDirs": (
        {"tsconfig.json": '{"compilerOptions": {"rootDirs": ["src", "gen"]}}', "gen/a/x.ts": ""},
        "src/a/m.ts",
        "./x",
        ["gen/a/x.ts"],
    ),
    "jsconfig": ({"jsconfig.json": '{"compilerOptions": {"baseUrl": "."}}', "a/x.js": ""}, "m.js", "a/x", ["a/x.js"]),
    "what @/ customarily is": ({"package.json": "{}", "src/x.ts": ""}, "src/a/m.ts", "@/x", ["src/x.ts?"]),
    "a kept node_modules": ({"node_modules/q/index.js": ""}, "a/m.js", "q", ["node_modules/q/index.js"]),
}
WORKSPACE = {"package.json": manifest(workspaces=["packages/*"]), "packages/b/package.json": manifest(name="b")}


def member(
    tree: dict[str, str], expected: list[str], specifier: str = "q", asker: str = "packages/b/m.ts"
) -> tuple[dict[str, str], str, str, list[str]]:
    """A tree with a workspace of which `packages/q` is a member."""
    return {**WORKSPACE, **{f"packages/q/{path}": text for path, text in tree.items()}}, asker, specifier, expected


PACKAGES = {
    "main": member({"package.json": manifest(name="q", main="x.js"), "x.js": ""}, ["packages/q/x.js"]),
    "index": member({"package.json": manifest(name="q"), "index.ts": ""}, ["packages/q/index.ts"]),
    "types and main": member(
        {"package.json": manifest(name="q", main="x.js", types="t.d.ts"), "x.js": "", "t.d.ts": ""},
        ["packages/q/t.d.ts", "packages/q/x.js?"],
    ),
    "a path within": member({"package.json": manifest(name="q"), "a/x.ts": ""}, ["packages/q/a/x.ts"], "q/a/x"),
    "with a scope": member({"package.json": manifest(name="@s/q"), "x.ts": ""}, ["packages/q/x.ts"], "@s/q/x"),
    "exports": member(
        {"package.json": manifest(name="q", main="y.js", exports={".": "./x.js"}), "x.js": "", "y.js": ""},
        ["packages/q/x.js"],
    ),
    "exports without subpaths": member(
        {"package.json": manifest(name="q", exports={"default": "./x.js"}), "x.js": ""}, ["packages/q/x.js"]
    ),
    "a subpath": member(
        {"package.json": manifest(name="q", exports={"./a": {"node": {"default": "./x.js"}}}), "x.js": ""},
        ["packages/q/x.js"],
        "q/a",
    ),
    "a pattern": member(
        {"package.json": manifest(name="q", exports={"./a/*": "./lib/*.js"}), "lib/x.js": ""},
        ["packages/q/lib/x.js"],
        "q/a/x",
    ),
    "the condition of who asks": member(
        {
            "package.json": manifest(name="q", exports={"import": "./x.mjs", "require": "./x.cjs"}),
            "x.mjs": "",
            "x.cjs": "",
        },
        ["packages/q/x.cjs"],
        asker="packages/b/m.cjs",
    ),
    "any condition from types": member(
        {
            "package.json": manifest(name="q", exports={"import": "./x.mjs", "require": "./x.cjs"}),
            "x.mjs": "",
            "x.cjs": "",
        },
        ["packages/q/x.mjs", "packages/q/x.cjs?"],
    ),
    "built out of src": member(
        {"package.json": manifest(name="q", main="dist/x.js"), "src/x.ts": ""}, ["packages/q/src/x.ts?"]
    ),
    "a member of pnpm": (
        {
            "pnpm-workspace.yaml": "packages:\n  - 'libs/**' # all\n  - '!libs/old/**'\ncatalog:\n  - other/*\n",
            "libs/a/q/package.json": manifest(name="q"),
            "libs/a/q/index.ts": "",
        },
        "m.ts",
        "q",
        ["libs/a/q/index.ts"],
    ),
    "not a member of pnpm": (
        {
            "pnpm-workspace.yaml": "packages:\n  - libs/**\n  - '!libs/old/**'\n",
            "libs/old/q/package.json": manifest(name="q"),
            "libs/old/q/index.ts": "",
        },
        "m.ts",
        "q",
        [],
    ),
    "the workspaces of yarn": (
        {
            "package.json": manifest(workspaces={"packages": ["libs/*"]}),
            "libs/q/package.json": manifest(name="q"),
            "libs/q/index.ts": "",
        },
        "m.ts",
        "q",
        ["libs/q/index.ts"],
    ),
    "no member": ({"fixtures/q/package.json": manifest(name="q"), "fixtures/q/index.ts": ""}, "m.ts", "q", []),
    "a link": (
        {
            "a/package.json": manifest(name="a", dependencies={"q": "file:../q"}),
            "q/package.json": manifest(name="q"),
            "q/index.js": "",
        },
        "a/m.js",
        "q",
        ["q/index.js"],
    ),
    "itself by its name": ({"package.json": manifest(name="q"), "x.ts": ""}, "a/m.ts", "q/x", ["x.ts"]),
    "imports": (
        {"package.json": manifest(imports={"#a/*": "./src/*.ts"}), "src/x.ts": ""},
        "m.ts",
        "#a/x",
        ["src/x.ts"],
    ),
}


@pytest.mark.parametrize(
    ("tree", "asker", "specifier", "expected"),
    [*PLACES.values(), *PACKAGES.values()],
    ids=[*PLACES, *(f"package: {one}" for one in PACKAGES)],
)
def test_where_it_leads(tree: dict[str, str], asker: str, specifier: str, expected: list[str]) -> None:
    found = edges({**tree, asker: f"import '{specifier}'"}, LANGUAGE)
    by_confidence = sorted(found, key=lambda one: one.confidence == "likely")
    assert [one.target + ("?" if one.confidence == "likely" else "") for one in by_confidence] == expected


UNKNOWN = {
    "no such file": ({}, "./x", "no file at a/x"),
    "out of the tree": ({}, "../../x", "../../x leads out of the tree"),
    "no such path of a tsconfig": (
        {"tsconfig.json": '{"compilerOptions": {"paths": {"p/*": ["./src/*"]}}}'},
        "p/x",
        "no file for p/x",
    ),
    "nothing in a member": (WORKSPACE, "b/x", "no file for b/x in packages/b"),
    "no such alias": ({}, "@/x", "no file for @/x"),
}


@pytest.mark.parametrize(("tree", "specifier", "why"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_looks_as_if_it_were_inside_says_why_it_is_not_found(
    tree: dict[str, str], specifier: str, why: str
) -> None:
    assert unresolved({**tree, "a/m.ts": f"import '{specifier}'"}, LANGUAGE) == [("a/m.ts", why)]


def test_an_installed_package_is_known_to_be_outside() -> None:
    assert unresolved({"m.ts": "import 'react'; import 'react/jsx-runtime'; import 'node:fs'"}, LANGUAGE) == []


def test_configs_that_extend_each_other_end() -> None:
    tree = {
        "tsconfig.json": '{"extends": "./tsconfig.b.json"}',
        "tsconfig.b.json": '{"extends": "./tsconfig.json", "compilerOptions": {"paths": {"p": ["./x"]}}}',
        "x.ts": "",
        "m.ts": "import 'p'",
    }
    assert arrows(tree, LANGUAGE) == ["m.ts:1 -import-> x.ts"]


def test_a_config_that_is_no_json_is_none() -> None:
    assert arrows({"tsconfig.json": "{", "package.json": "[", "x.ts": "", "m.ts": "import './x'"}, LANGUAGE) == [
        "m.ts:1 -import-> x.ts"
    ]


def test_the_same_name_means_what_is_said_nearest() -> None:
    def mapped(place: str) -> str:
        return json.dumps({"compilerOptions": {"paths": {"@/x": [f"./{place}"]}}})

    tree = {
        "tsconfig.json": mapped("top.ts"),
        "a/tsconfig.json": mapped("ours.ts"),
        "b/package.json": '{"name": "b"}',
        "top.ts": "",
        "a/ours.ts": "",
        **{f"{folder}/m.ts": "import '@/x'" for folder in ("a", "a/deep/er", "b", "b/deep", "c/d")},
    }
    assert arrows(tree, LANGUAGE) == [
        "a/deep/er/m.ts:1 -import-> a/ours.ts",
        "a/m.ts:1 -import-> a/ours.ts",
        "b/deep/m.ts:1 -import-> top.ts",
        "b/m.ts:1 -import-> top.ts",
        "c/d/m.ts:1 -import-> top.ts",
    ]


def test_packages_kept_in_the_tree_answer_for_what_is_beside_them() -> None:
    tree = {
        "a/node_modules/p/index.js": "",
        "node_modules/p/index.js": "",
        "a/b/c/m.js": "import 'p'",
        "d/m.js": "import 'p'",
    }
    assert arrows(tree, LANGUAGE) == [
        "a/b/c/m.js:1 -import-> a/node_modules/p/index.js",
        "d/m.js:1 -import-> node_modules/p/index.js",
    ]
