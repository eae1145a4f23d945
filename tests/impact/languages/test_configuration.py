"""YAML, TOML, INI and JSON: the paths they name, the variables they tie, the keys they define."""

import pytest

from safe_rollback.impact.languages.configuration import JSON, TOML, YAML
from safe_rollback.impact.model import Edge, Language
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import arrows, edges, unresolved

LANGUAGES = {"yaml": YAML, "toml": TOML, "json": JSON}
FILES = dict.fromkeys(("run.sh", "src/a.py", "src/b.py", "conf/x/a.txt", "conf/run.py", "README.md"), "")

PATHS = {
    "from one's own folder": ("conf/c.yml", "a: x/a.txt", ["conf/x/a.txt sure"]),
    "from the root": ("conf/c.yml", "a: src/a.py", ["src/a.py sure"]),
    "from a folder between": ("conf/x/c.yml", "a: run.py", ["conf/run.py likely"]),
    "with dots": ("conf/c.yml", "a: ../run.sh", ["run.sh sure"]),
    "a bare name of one's own folder": ("c.yml", "a: run.sh", ["run.sh sure"]),
    "a bare name of the root": ("conf/c.yml", "a: run.sh", ["run.sh likely"]),
    "from the root by a slash": ("conf/c.yml", "a: /src/a.py", ["src/a.py likely"]),
    "a word of a command": ("c.yml", "run: python src/a.py --fast", ["src/a.py likely"]),
    "in a block": ("c.yml", "run: |\n  cd .\n  python src/a.py\n", ["src/a.py likely"]),
    "in a list": ("c.yml", "a:\n  - src/a.py\n  - run.sh\n", ["run.sh sure", "src/a.py sure"]),
    "of an option": ("c.yml", "run: x --config=src/a.py", ["src/a.py likely"]),
    "a volume": ("c.yml", "volumes: ['./run.sh:/bin/run:ro']", ["run.sh likely"]),
    "a glob": ("c.yml", "a: src/*.py", ["src/a.py likely", "src/b.py likely"]),
    "a glob of everything says nothing": ("c.yml", "a: '**/*.py'", []),
    "a glob of many under the file's own folder": ("src/c.yml", "a: '*.py'", []),
    "an address": ("c.yml", "a: https://x.org/src/a.py", []),
    "a comment": ("c.yml", "a: b # src/a.py", []),
    "no file": ("c.yml", "a: src/none.py", []),
    "a quoted key": ("c.json", '{"x/y": {"b": ["src/a.py"]}}', ["src/a.py sure"]),
    "JSON with comments and a last comma": ("c.json", '{// no\n"a": "src/a.py", /* "run.sh" */}', ["src/a.py sure"]),
    "TOML": ("c.toml", '[tool.x]\nreadme = "README.md" # run.sh\n', ["README.md sure"]),
    "an array over lines": ("c.toml", 'a = [\n  "src/a.py",\n  "run.sh",\n]\n', ["run.sh sure", "src/a.py sure"]),
    "an inline table": ("c.toml", 'a = {path = "src/a.py"}', ["src/a.py sure"]),
    "INI": ("c.ini", "[a]\nscript = src/a.py ; no\n", ["src/a.py sure"]),
    "a broken file": ("c.json", '{"a": "src/a.py", "b": [', ["src/a.py sure"]),
}


@pytest.mark.parametrize(("path", "text", "expected"), PATHS.values(), ids=PATHS.keys())
def test_a_string_leads_to_the_file_whose_path_it_is(path: str, text: str, expected: list[str]) -> None:
    language = next(one for one in LANGUAGES.values() if one.matches(path))
    found = edges({**FILES, path: text}, language)
    assert sorted(f"{one.target} {one.confidence}" for one in found if one.kind == "path") == expected


TREES: dict[str, tuple[Language, dict[str, str], list[str]]] = {
    "a folder with a file of the same name": (
        JSON,
        {"a/tsconfig.json": '{"references": [{"path": "../b"}], "extends": "../base"}', "b/tsconfig.json": "{}"},
        ["a/tsconfig.json:1 -path-> b/tsconfig.json"],
    ),
    "tsconfig extends without a suffix": (
        JSON,
        {"tsconfig.json": '{"extends": "./base"}', "base.json": "{}"},
        ["tsconfig.json:1 -path-> base.json"],
    ),
    "a reference into another file": (
        JSON,
        {"a.json": '{"$ref": "./b.json#/definitions/x"}', "b.json": "{}"},
        ["a.json:1 -path-> b.json"],
    ),
    "a local action": (
        YAML,
        {".github/workflows/w.yml": "jobs:\n  a:\n    steps:\n    - uses: ./.github/x\n", ".github/x/action.yml": ""},
        [".github/workflows/w.yml:4 -path-> .github/x/action.yml"],
    ),
    "a build of compose": (
        YAML,
        {"compose.yml": "services:\n  a:\n    build: ./api\n", "api/Dockerfile": ""},
        ["compose.yml:3 -path-> api/Dockerfile"],
    ),
    "a build with context and file": (
        YAML,
        {
            "compose.yml": "services:\n  a:\n    build:\n      context: api\n      dockerfile: dev.Dockerfile\n",
            "api/dev.Dockerfile": "",
            "api/Dockerfile": "",
            "dev.Dockerfile": "",
        },
        ["compose.yml:4 -path-> api/dev.Dockerfile"],
    ),
    "a variable of another file": (
        YAML,
        {"a.yml": "services:\n  x:\n    environment:\n      API_URL: y\n", "b.yml": "\nurl: ${API_URL}\n"},
        ["b.yml:2 -env-> a.yml (API_URL)"],
    ),
    "a variable that every system has": (
        YAML,
        {"a.yml": "services:\n  x:\n    environment: ['PATH=/bin']\n", "b.yml": "url: ${PATH}\n"},
        [],
    ),
}


@pytest.mark.parametrize(("language", "tree", "expected"), TREES.values(), ids=TREES.keys())
def test_values_that_mean_a_file(language: Language, tree: dict[str, str], expected: list[str]) -> None:
    assert arrows(tree, language) == expected


def test_a_local_action_that_is_gone_is_said() -> None:
    tree = {".github/workflows/w.yml": "jobs: {a: {uses: ./.github/workflows/x.yml}}"}
    assert unresolved(tree, YAML) == [
        (".github/workflows/w.yml", "there is no ./.github/workflows/x.yml in this tree")
    ]


KEYS = {
    "yaml": (
        b"a:\n  b: 1\n  c:\n  - d: x\ne: true\n'f g': [1]\nh: {i: text}\n",
        ["a: values", "a.b: number", "a.c: values", "e: truth", "f g: list", "h: values", "h.i: text"],
    ),
    "toml": (
        b'[a.b]\nc = 1\n"d.e" = "x"\n[f]\ng.h = true\n',
        ["a.b: values", "a.b.c: number", "a.b.d.e: text", "f: values", "f.g.h: truth"],
    ),
    "json": (
        b'{"a": {"b": {"c": {"d": {"e": 1}}}}, "f": null}',
        ["a: values", "a.b: values", "a.b.c: values", "a.b.c.d: values", "f: null"],
    ),
}


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_definitions_with_the_kind_of_their_value(name: str) -> None:
    data, expected = KEYS[name]
    read = LANGUAGES[name].definitions
    assert read is not None
    assert [one.signature for one in read(data)] == expected


def test_a_source_of_dbt_is_a_definition() -> None:
    assert YAML.definitions is not None
    data = b"sources:\n- name: raw\n  tables:\n  - name: orders\n"
    assert [(one.name, one.line) for one in YAML.definitions(data) if one.kind == "source"] == [("raw.orders", 4)]


def test_keys_are_used_where_their_last_part_is_quoted_and_never_surely() -> None:
    assert JSON.uses is not None
    found = JSON.uses(b'{"x": "timeout",\n "timeouts": 1}', Edge("a", "b", "path", 1), ["server.timeout"])
    assert [(one.name, one.line, one.sure) for one in found] == [("server.timeout", 1, False)]


LINES = {
    "sequences at the indent of their key": (b"a:\n- x/y\n- b: z/w\n", [2, 3]),
    "nested sequences": (b"a:\n  - - x/y\n    - z/w\n", [2, 3]),
    "documents": (b"a: x/y\n---\na: z/w\n", [1, 3]),
    "a flow over lines": (b"a: [x/y,\n  z/w]\n", [1, 2]),
    "tags and anchors": (b"a: !path &one x/y\nb: *one\nc: z/w\n", [1, 3]),
    "carriage returns": (b"a: x/y\r\nb: z/w\r\n", [1, 2]),
    "templates in it": (b"{{- if .x }}\na: x/y\n{{- end }}\nb: z/w\n", [2, 4]),
    "blocks": (b"a: |\n  x/y\n\n  z/w\nb: 1\n", [2, 4]),
    "a byte order mark": (b"\xef\xbb\xbfa: x/y\nb: z/w\n", [1, 2]),
}


@pytest.mark.parametrize(("data", "expected"), LINES.values(), ids=LINES.keys())
def test_yaml_values_have_their_lines(data: bytes, expected: list[int]) -> None:
    assert [one.line for one in YAML.extract(data).references] == expected


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("data", TEXTS.values(), ids=TEXTS.keys())
def test_no_text_makes_it_stumble(name: str, data: bytes) -> None:
    readings(LANGUAGES[name], data)


def test_a_large_file_is_data_and_that_is_said() -> None:
    assert YAML.extract(b"a: x/y\n" * 100_000).problems == (
        "larger than 500,000 bytes: taken for data, and not read",
    )


def test_of_large_json_only_strings_are_looked_at() -> None:
    data = b'["src/a.py", ' + b'"x", ' * 200_000 + b"1]"
    assert [one.target for one in JSON.extract(data).references] == ["src/a.py"]


def test_nesting_without_end_is_a_problem() -> None:
    assert "nested deeper" in JSON.extract(b"[" * 1000).problems[0]


def test_lock_files_belong_to_nobody() -> None:
    assert not any(one.matches("package-lock.json") for one in LANGUAGES.values())
    assert not any(one.matches("pnpm-lock.yaml") for one in LANGUAGES.values())
