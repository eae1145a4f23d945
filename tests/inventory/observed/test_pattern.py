"""The pattern language of the catalogue."""

import pytest

from safe_rollback.inventory.observed.pattern import compiled, matched, told_apart
from safe_rollback.inventory.observed.template import captures_of, filled, quoted


def captured(pattern: list[str], words: str, values: tuple[str, ...] = (), **options: bool) -> list[dict[str, str]]:
    made = compiled(["x", *pattern])
    return [dict(one) for one in matched(made, told_apart(words.split(), {*values, *made.values}), **options)]


@pytest.mark.parametrize(
    ("pattern", "words", "found"),
    [
        (["env", "add"], "env add", [{}]),
        (["env", "add"], "env rm", []),
        (["add|set", "{a}"], "set k", [{"a": "k"}]),
        (["add", "{a}", "[{b}]"], "add k", [{"a": "k"}]),
        (["add", "{a}", "[{b}]"], "add k v more", [{"a": "k", "b": "v"}]),
        (["[new]", "{a}"], "new k", [{"a": "k"}]),
        (["[new]", "{a}"], "k", [{"a": "k"}]),
        (["deployment|deploy/{a}"], "deploy/web", [{"a": "web"}]),
        (["(a|b)-{c:x|y}"], "b-y", [{"c": "y"}]),
        (["{a}[@{v}]"], "@s/p@1.2", [{"a": "@s/p", "v": "1.2"}]),
        (["{a}[@{v}]"], "@s/p", [{"a": "@s/p"}]),
        (["{a:word}*"], "requests>=2", [{"a": "requests"}]),
        (["{k}={v!}..."], "A=1 B=2", [{"k": "A", "v": "1"}, {"k": "B", "v": "2"}]),
        (["set", "{k}={v!}...", "[-a|--app {app}]"], "set A=1 -a s", [{"app": "s", "k": "A", "v": "1"}]),
        (["...", "up"], "-d sqlite f up", [{}]),
        (["...", "{h}:{p}", "$"], "a b:c", [{"h": "b", "p": "c"}]),
        (["...", "{h}:{p}", "$"], "b:c a", []),
        (["k", "!..."], "k v w", [{"rest0": "v", "rest1": "w"}]),
        (["up", "$"], "up now", []),
        (["up", "!status"], "up status", []),
        (["rm", "--force"], "rm --force", [{}]),
        (["rm", "--force"], "rm", []),
        (["rm", "!--force|-f"], "rm -f", []),
        (["rm", "-n|--name {n}"], "rm --name=k", [{"n": "k"}]),
        (["rm", "-n|--name {n}"], "rm -n k", [{"n": "k"}]),
        (["rm", "-n|--name {n}"], "rm -nk", [{"n": "k"}]),
        (["rm", "-n|--name {n}"], "rm", []),
        (["--lit {k}={v!}..."], "--lit a=1 --lit b=2", [{"k": "a", "v": "1"}, {"k": "b", "v": "2"}]),
        (["-d {a:word}.json"], "-d x.json", [{"a": "x"}]),
        (["a", "{b}"], "a -- --c", [{"b": "--c"}]),
        (["to", "{n}"], "to -1", [{"n": "-1"}]),
        (["say", r"x\({a:word}\)"], "say x(y)", [{"a": "y"}]),
    ],
)
def test_patterns(pattern: list[str], words: str, found: list[dict[str, str]]) -> None:
    assert captured(pattern, words) == found


def test_unknown_options_are_passed_over() -> None:
    assert captured(["env", "add", "{a}"], "env --token t add -y k --x=y", ("--token",)) == [{"a": "k"}]


def test_case_can_be_the_same() -> None:
    assert captured(["FLUSHALL"], "flushall", fold=True) == [{}]
    assert captured(["FLUSHALL"], "flushall") == []


@pytest.mark.parametrize("elements", [[], ["x", "{a}...", "{b}..."], ["x", "(a"]])
def test_what_is_no_pattern_is_an_error(elements: list[str]) -> None:
    with pytest.raises(ValueError):
        compiled(elements)


@pytest.mark.parametrize(
    ("template", "captures", "text"),
    [
        ("rm {a}", {"a": "k"}, "rm k"),
        ("rm {a}[ {b}]", {"a": "k"}, "rm k"),
        ("rm {a}[ -e {b}]", {"a": "k", "b": "p"}, "rm k -e p"),
        ("rm {a}", {}, None),
        ('set "${OLD_VALUE:?}" {a}', {"a": "k"}, 'set "${OLD_VALUE:?}" k'),
        ("jq '.[].url' {a}", {"a": "k"}, "jq '.[].url' k"),
        ("{a}", {"a": "[{b}]"}, "[{b}]"),
    ],
)
def test_templates(template: str, captures: dict[str, str], text: str | None) -> None:
    assert filled(template, captures) == text


def test_captures_of_a_template() -> None:
    assert captures_of('a {b}[ {c}] "${OLD:?}"') == {"b", "c"}


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("a b", "'a b'"),
        ("$APP", '"$APP"'),
        ("x-${APP}/y", '"x-${APP}/y"'),
        ("$(rm x)", "'$(rm x)'"),
        ("a;b", "'a;b'"),
    ],
)
def test_words_are_quoted_and_variables_stay(word: str, text: str) -> None:
    assert quoted(word) == text
