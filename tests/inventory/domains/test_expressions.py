"""What expressions say, by language."""

import pytest

from safe_rollback.core.grammar import parse
from safe_rollback.inventory.reading.expressions import Expressions


def said(grammar: str, text: str, callee: str) -> str | None:
    """What the first argument of a call says."""
    tree = parse(grammar, text.encode())
    assert tree is not None
    expressions = Expressions(tree)
    call = next(one for one in expressions.calls if one.callee.endswith(callee))
    return expressions.say(call.arguments[0])


@pytest.mark.parametrize(
    ("grammar", "text", "name"),
    [
        ("ruby", "x.say('a')", "a"),
        ("ruby", 'x.say("a:#{b.id}")', "a:#{b.id}"),
        ("ruby", "x.say(:a)", "a"),
        ("ruby", "x.say(['a', b, 'c'])", "a/{b}/c"),
        ("ruby", "KEY = 'a'.freeze\nx.say(KEY)", "a"),
        ("ruby", "KEY = 'a'\nx.say(\"#{KEY}:#{b}\")", "a:#{b}"),
        ("ruby", "x.say(Other::KEY_NAME)", "KEY_NAME"),
        ("ruby", "x.say(format(Keys::LOCK, id: 1))", "LOCK"),
        ("ruby", "k = \"a:#{b}\"\nx.say(k)", "a:#{b}"),
        ("ruby", "x.say(key)\ndef key\n  @key ||= \"a:#{b}\"\nend", "a:#{b}"),
        ("ruby", "def key(b)\n  return \"a:#{b}\"\nend\nx.say(key(1))", "a:#{b}"),
        ("ruby", "x.say(ids.map { |id| \"a:#{id}\" })", "a:#{id}"),
        ("ruby", "k = 'first'\nx.say(k)\nk = 'second'", "first"),
        ("python", "x.say(f'a:{b}')", "a:{b}"),
        ("python", "x.say('a:%s' % b)", "a:%s"),
        ("python", "x.say('a:{}'.format(b))", "a:{}"),
        ("python", "PREFIX = 'a_'\nx.say(PREFIX + str(b))", "a_{str(b)}"),
        ("python", "def key(b):\n    if b:\n        return f'a:{b}'\nx.say(key(1))", "a:{b}"),
        ("typescript", "x.say(`a:${b}`)", "a:${b}"),
        ("typescript", "x.say<T>('a' + b)", "a{b}"),
        ("typescript", "const key = (b: string) => `a:${b}`;\nx.say(key('1'))", "a:${b}"),
        ("typescript", "x.say(makeCacheKey('a', b))", "a:{b}"),
        ("javascript", "x.say(Keys.LOCK)", "LOCK"),
        ("go", "package p\nfunc f() { x.say(fmt.Sprintf(\"a:%d\", b)) }", "a:%d"),
        ("java", "class A { void f() { x.say(\"a\" + b); } }", "a{b}"),
        ("php", "<?php x::say('a');", "a"),
        ("ruby", "x.say(b)", None),
        ("python", "x.say(1)", None),
        ("javascript", "x.say(() => 1)", None),
    ],
)  # fmt: skip
def test_say(grammar: str, text: str, name: str | None) -> None:
    assert said(grammar, text, "say") == name


@pytest.mark.parametrize(
    ("grammar", "text"),
    [("ruby", "a = a\nx.say(a)"), ("python", "a = a\nx.say(a)"),
     ("javascript", "const a = () => b(); const b = () => a(); x.say(a())"),
     ("ruby", "def a\n  a\nend\nx.say(a)")],
)  # fmt: skip
def test_what_says_itself_ends(grammar: str, text: str) -> None:
    assert said(grammar, text, "say") is None


def test_a_call_has_its_parts() -> None:
    tree = parse("ruby", b"Rails.cache.fetch('a', expires_in: 1.day) { b }")
    assert tree is not None
    (call,) = Expressions(tree).calls
    assert (call.receiver, call.method, list(call.keywords), call.block is not None) == (
        "Rails.cache", "fetch", ["expires_in"], True,
    )  # fmt: skip


def test_what_a_definition_stands_in() -> None:
    tree = parse("typescript", b"const cache = { tag: { byId(id) { return `a-${id}`; } } };")
    assert tree is not None
    expressions = Expressions(tree)
    one = next(one for one in expressions.definitions if one.name == "byId")
    assert expressions.inside(one.node) == ["tag", "cache"]
    assert expressions.say(expressions.value(one)) == "a-${id}"


@pytest.mark.parametrize(
    "grammar", ["ruby", "python", "javascript", "typescript", "tsx", "go", "php", "java", "csharp", "elixir", "rust"]
)
@pytest.mark.parametrize("text", [b"", b"(((", b"f(" * 3000 + b")" * 3000, b"\xff\xfe\0", b"x = \r\n y("])
def test_odd_text_raises_nothing(grammar: str, text: bytes) -> None:
    tree = parse(grammar, text)
    assert tree is not None
    expressions = Expressions(tree)
    for call in expressions.calls:
        for argument in call.arguments:
            expressions.say(argument)
    for one in expressions.definitions:
        expressions.say(expressions.value(one))
