"""Names that code says as literals, in every language there is a grammar for."""

import re
import time

import pytest

from safe_rollback.core.gate.objects import Entry
from safe_rollback.core.ids import Oid
from safe_rollback.inventory.changes import Contents, Side, Spans
from safe_rollback.inventory.reading.calls import Code, Use, code


class _Said(Contents):
    """The content of one file that is in no repository."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def of(self, name: Oid) -> bytes:
        return self._data


def parsed(path: str, data: bytes, spans: Spans | None = None) -> Code | None:
    """A text as the code of a file."""
    return code(Side(path, Entry(mode="100644", oid=Oid("0" * 40)), _Said(data), spans))


OWNER = re.compile(r"env|Feature$|^x\.y$")


def uses(path: str, text: str) -> list[Use]:
    source = parsed(path, text.encode())
    assert source is not None
    return source.uses


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.ts", "f<T>('x', 1)", [("call", "f", "x")]),
        ("a.ts", "process.env['Y']; process.env?.['Z']",
         [("index", "process.env", "Y"), ("index", "process.env", "Z")]),
        ("a.mjs", "f(`y`); f(`a${b}`); a?.b?.('o')", [("call", "f", "y"), ("call", "a?.b", "o")]),
        ("a.tsx", "<A b={useFlag('k')} />", [("call", "useFlag", "k")]),
        ("a.ts", "'IN' in process.env", [("contains", "process.env", "IN")]),
        ("a.ts", "new F('k'); newRelic('l')", [("call", "F", "k"), ("call", "newRelic", "l")]),
        ("a.py", "env(\n  'M',\n)", [("call", "env", "M")]),
        ("a.py", "f(u'x'); f(r'''t'''); f(f'a{b}'); f('a' 'b')", [("call", "f", "x"), ("call", "f", "t")]),
        ("a.py", "'Q' not in os.environ", [("contains", "os.environ", "Q")]),
        ("a.py", "@flag('d')\ndef f(): ...", [("call", "flag", "d")]),
        ("a.rb", "A::B.c?(:z)\nf 'x'", [("call", "A::B.c?", "z"), ("call", "f", "x")]),
        ("Gemfile", "gem 'a' if ENV['X'] || ENV.fetch('Y') { 1 }",
         [("call", "gem", "a"), ("index", "ENV", "X"), ("call", "ENV.fetch", "Y")]),
        ("a.go", 'package a\nvar _, _ = os.Getenv("X"), m[`k`]', [("call", "os.Getenv", "X"), ("index", "m", "k")]),
        ("a.rs", 'fn f() { std::env::var("X"); env!("Y"); }',
         [("call", "std::env::var", "X"), ("call", "env!", "Y")]),
        ("A.java", 'class A { @Value("${X}") String x = System.getenv("Y"); }',
         [("call", "@Value", "${X}"), ("call", "System.getenv", "Y")]),
        ("a.php", "<?php env('X'); $_ENV[\"Y\"]; A::b('d'); $a->b('c'); f(\"a$b\");",
         [("call", "env", "X"), ("index", "$_ENV", "Y"), ("call", "A::b", "d"), ("call", "$a->b", "c")]),
        ("a.cs", 'class A { object x = c["Y"], y = a.B<int>("c"), z = f(@"v"); }',
         [("index", "c", "Y"), ("call", "a.B", "c"), ("call", "f", "v")]),
        ("a.exs", 'System.fetch_env!("Z")\nF.enabled?(:x)',
         [("call", "System.fetch_env!", "Z"), ("call", "F.enabled?", "x")]),
        ("a.vue", "<template>f('no')</template>\n<script setup>\nf('x')\n</script>", [("call", "f", "x")]),
        ("a.astro", "---\nf('x')\n---\n<a/>", [("call", "f", "x")]),
        ("a.html.erb", "<p>f('no')</p><% if ENV['X'] %><%= f('y') -%><%# f('no') %>",
         [("index", "ENV", "X"), ("call", "f", "y")]),
        ("a.haml", "- if ENV['X']\n  %p= f('y')\n  %p f('no')", [("index", "ENV", "X"), ("call", "f", "y")]),
    ],
)  # fmt: skip
def test_a_name_is_said_with_a_call_or_an_index(path: str, text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(use.form, use.of, use.name) for use in uses(path, text)] == expected


def test_lines_positions_and_keywords_are_known() -> None:
    found = uses("a.py", "a\nf(\n  1,\n  'x',\n  key='y')\n")
    assert [(use.name, use.line, use.position, use.keyword) for use in found] == [("x", 4, 1, ""), ("y", 5, 0, "key")]
    (use,) = uses("a.rb", "a\nf(key: 'v')")
    assert (use.line, use.keyword) == (2, "key")
    (use,) = uses("a.vue", "<template>\n</template>\n<script>\n f('x')\n</script>")
    assert use.line == 4


def test_the_other_arguments_are_at_hand() -> None:
    source = parsed("a.ts", b"load('A', [1, 2])")
    assert source is not None
    assert source.arguments(source.uses[0]) == ["'A'", "[1, 2]"]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.ts", "a = process.env.X; b = a?.env?.Y; c = other.Z", ["X", "Y"]),
        ("a.ts", "const { A, B: b, C = 1, D: { no } = {} } = process.env; const { E } = other", ["A", "B", "C", "D"]),
        ("a.ts", "import.meta.env.VITE_X", ["VITE_X"]),
        ("a.py", "x.y.Z + y.W", ["Z"]),
        ("a.rb", "Mastodon::Feature.a_enabled?", ["a_enabled?"]),
        ("a.go", "package a\nvar _ = env.X", ["X"]),
        ("a.rs", "fn f() { env.x; }", []),
    ],
)
def test_members_are_read_of_their_owner(path: str, text: str, expected: list[str]) -> None:
    source = parsed(path, text.encode())
    assert source is not None
    # `process.env` is itself a member of `process`, which is not asked for.
    assert [use.name for use in source.members(OWNER)] == expected


def test_what_is_set_is_told_from_what_is_read() -> None:
    source = parsed("a.ts", b"process.env.A = 1; x = process.env.B; delete process.env.C; process.env['D'] = 1")
    assert source is not None
    assert {use.name: use.written for use in [*source.members(OWNER), *source.uses]} == {
        "A": True, "B": False, "C": True, "D": True,
    }  # fmt: skip
    assert [use.written for use in uses("a.rb", "ENV['A'] = 1\nENV['B'] ||= 1\nx = ENV['C']")] == [True, False, False]
    assert [use.written for use in uses("a.py", "e['A'] = 1\ndel e['B']\ne['C']")] == [True, True, False]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ts", "f('x'," * 50_000),
        ("a.ts", "a.b" + ".c" * 50_000 + "('x')"),
        ("a.ts", "f(" + "'x'," * 50_000 + ")"),
        ("a.py", "(" * 100_000),
        ("a.rb", "f 'x', " * 30_000),
        ("a.vue", "<script>" * 100_000),
        ("a.erb", "<%" * 300_000),
        ("a.haml", ("%p" * 200 + "\n") * 1_000),
        ("a.php", "f('x')"),
        ("a.py", "\ufffd\0'"),
        ("a.ts", ""),
        ("a.ts", "f('x'"),
        ("a.cs", 'c["a"]\r\n'),
    ],
)
def test_odd_texts_are_neither_errors_nor_slow(path: str, text: str) -> None:
    start = time.process_time()
    source = parsed(path, text.encode())
    if source is not None:
        assert len(source.uses) + len(list(source.members(OWNER))) >= 0
    assert time.process_time() - start < 5


@pytest.mark.parametrize("path", ["a.md", "Makefile", "no", "a.kt"])
def test_without_a_grammar_there_is_no_code(path: str) -> None:
    assert parsed(path, b"f('x')") is None
