"""YAML as scalars with paths and lines, templates and all."""

import time

import pytest

from safe_rollback.inventory.reading.yaml import Path, at, read, scalars


def seen(text: str) -> list[tuple[Path, str, int]]:
    return [(one.path, one.value, one.line) for one in scalars(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb:\n  - x\n  - k: v\n", [(("a",), "1", 1), (("b", 0), "x", 3), (("b", 1, "k"), "v", 4)]),
        ("a: {}\nb: []\nc:\n", [(("a",), "", 1), (("b",), "", 2), (("c",), "", 3)]),
        ("a:\n  |\n  x\n  y\nb: 'q'\r\n", [(("a",), "x\ny\n", 1), (("b",), "q", 5)]),
        ("", []),
        ("- 1\n", [((0,), "1", 1)]),
        ("alone", [((), "alone", 1)]),
        ("a: \0b\n", [(("a",), "\ufffdb", 1)]),
        ("? [a]\n: b\n", [(("?", 0), "a", 1), (("?",), "b", 1)]),
    ],
)
def test_every_value_has_its_path_and_line(text: str, expected: list[tuple[Path, str, int]]) -> None:
    assert seen(text) == expected


def test_an_alias_stands_where_it_is_used_and_what_is_said_beats_what_is_merged() -> None:
    text = "base: &b\n  A: 1\n  B: 2\none:\n  <<: *b\n  B: 3\ntwo:\n  <<: [*b]\nthree: *b\n"
    found = {one.path: (one.value, one.line) for one in scalars(text)}
    assert found["one", "A"] == ("1", 2)
    assert found["one", "B"] == ("3", 6)
    assert found["two", "B"] == ("2", 3) == found["three", "B"]
    assert [path for path in found if "<<" in path] == []


def test_documents_are_counted() -> None:
    assert [(one.value, one.document) for one in scalars("---\na: 1\n---\na: 2\n")] == [("1", 0), ("2", 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{{- if .Values.on }}\nenv:\n  - name: {{ .Values.name }}\n    value: "{{ .x }}"\n{{- end }}\n',
            [(("env", 0, "name"), "{{ .Values.name }}", 3), (("env", 0, "value"), "{{ .x }}", 4)],
        ),
        (
            "<% if x %>\ntest:\n  url: <%= ENV.fetch('A') { 'b: c' } %>\n<% end %>\n",
            [(("test", "url"), "<%= ENV.fetch('A') { 'b: c' } %>", 3)],
        ),
        ("a: ${{ secrets.X }}\n", [(("a",), "${{ secrets.X }}", 1)]),
        ("a: {{ x\n  | y }}\nb: 1\n", [(("a",), "{{ x\n  | y }}", 1), (("b",), "1", 3)]),
        ("{{ key }}: 1\n", [(("{{ key }}",), "1", 1)]),
    ],
)
def test_templates_are_read_around(text: str, expected: list[tuple[Path, str, int]]) -> None:
    assert seen(text) == expected
    assert not read(text).why


def test_what_is_no_yaml_is_read_by_lines() -> None:
    reading = read('a: b: c\nenv:\n  - A=1\n  - name: B # x\n    value: "q # r"\nlast:\n- k: v\n  w: 2\n- x\n')
    assert "line 1" in reading.why
    assert [(one.path, one.value) for one in reading.scalars] == [
        (("a",), "b: c"),
        (("env", 0), "A=1"),
        (("env", 1, "name"), "B"),
        (("env", 1, "value"), "q # r"),
        (("last", 0, "k"), "v"),
        (("last", 0, "w"), "2"),
        (("last", 1), "x"),
    ]


def test_what_was_read_of_broken_json_is_kept() -> None:
    reading = read('{"env": ["A", "B"], "x": {"y": 1')
    assert reading.why
    assert [(one.path, one.value) for one in reading.scalars][:2] == [(("env", 0), "A"), (("env", 1), "B")]


def test_patterns_pick_by_path() -> None:
    found = scalars("services:\n  web:\n    environment:\n      A: 1\n  db:\n    environment: [B=2]\n")
    assert [one.value for one in at(found, "services", None, "environment", None)] == ["1", "B=2"]
    assert [one.key for one in at(found, "services", None, "environment", None)] == ["A", "environment"]


_BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{of}'] * 9)}]\n" for of, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "&a [*a]",
        _BOMB,
        "{{ a }}" * 20_000,
        "{{ " * 50_000,
        "a: *b",
        "\ud800: x",
        "- " * 5_000,
        "x" * 900_000,
        "a: b: c\n" + " " * 100_000,
        "a: b: c\n" + "- " * 50_000,
        "%YAML 9.9\n---\na: 1",
        "\t\ta: 1\n  b: [\n",
    ],
)
def test_odd_texts_are_neither_errors_nor_slow(text: str) -> None:
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 6
