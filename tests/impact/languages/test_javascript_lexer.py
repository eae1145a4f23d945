"""Where a place in JavaScript is code, as far as it can be known without a parser."""

import pytest

from safe_rollback.impact.languages.javascript_lexer import places

# Every `@` is asked about.
CODE = {
    "nothing else": "a @",
    "after a string": "'a\\'b' + \"c'\" @",
    "after a template": "`a ${b} \\` c` @",
    "after a template in a template": "`a ${b(`c ${d}`)} e` @",
    "after braces in a substitution": "`${a.map(b => { return c })}` @",
    "after comments": "/* ' */ // `\n @",
    "after a regular expression": "a = /['\"`]/ @",
    "after a class with a slash": "a = /[/']/ @",
    "after a regular expression that is returned": "return /'`/ @",
    "after a division": "a / 'b/' @",
    "after a closing tag": "<p>a</p> @",
    "after an empty tag": "<p a={b} /> @ <q/> @",
    "after an apostrophe between tags": "<p>don't</p>\n @",
}
TEXT = {
    "a string": "'a @ b'",
    "a line comment": "// a @ `b`\n",
    "a block comment": "/* a\n @ */",
    "a template": "`a\n @ b`",
    "behind a substitution": "`${a} @ b`",
    "a template in a substitution": "a(`${b} @`)",
}


def verdicts(text: str) -> set[bool | None]:
    data = text.encode()
    return {verdict for _, verdict in places(data, 0, [at for at, one in enumerate(text) if one == "@"])}


@pytest.mark.parametrize("text", CODE.values(), ids=CODE.keys())
def test_it_is_code(text: str) -> None:
    assert verdicts(text) == {True}


@pytest.mark.parametrize("text", TEXT.values(), ids=TEXT.keys())
def test_it_is_text(text: str) -> None:
    assert verdicts(text) == {False}


@pytest.mark.parametrize("text", ["`a @", "`${a @ } ${b @}`", "`${`${`${`${a}`}`}`}` @", "/* @"])
def test_it_is_not_known(text: str) -> None:
    assert verdicts(text) == {None}


def test_code_goes_on_behind_a_text() -> None:
    data = b"a('@', @, `@`, @)"
    wanted = [at for at, one in enumerate(data) if one == ord("@")]
    assert [verdict for _, verdict in places(data, 0, wanted)] == [False, True, False, True]
