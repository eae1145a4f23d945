"""Text of others in Markdown is text: whatever it holds, it is no markup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from safe_rollback.recovery.incidents.texts import Safe, fenced, span
from tests.harness.sample import examples
from tests.recovery.incidents.kit import markup

SAFE = Safe(lambda text: text)
HOSTILE = [
    "<script>alert(1)</script> <b>x</b> <!-- c --> &lt; &copy;",
    "[click](http://example.com) ![i](http://example.com/x.png) <http://example.com>",
    "# heading\n## another\n===\n---\n***\n> quote\n- item\n+ item\n* item\n1. one\n2) two",
    "    indented\n\ttabbed\n```\nfence\n~~~\n| a | b |\n|---|---|",
    "[ref]: http://example.com\n[ref]",
    "*a* _b_ **c** `d` ~~e~~ \\* \\",
    "- [x] done\n:::note",
]
PIECES = st.sampled_from([*"`*_[]()<>#+-=!|~&\\:.@$1 \n\tab", "http://x.y", "www.x.y", "    ", "```", "<b>", "&amp;"])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_prose_has_no_markup(text: str) -> None:
    assert markup(SAFE.prose(text)) == []
    assert markup(f"Said: {SAFE.line(text)}") == []


@examples(100)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_prose_reads_as_it_was_and_has_no_markup(text: str) -> None:
    shown = SAFE.prose(text)
    assert markup(shown) == []
    parsed = MarkdownIt("commonmark").parse(shown)
    inner = [child for block in parsed if block.children for child in (*block.children, None)]
    said = "".join(child.content if child and child.type != "softbreak" else "\n" for child in inner)
    assert said.split() == text.split()


@examples(100)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_code_span_is_one_span_with_all_of_it(text: str) -> None:
    shown = SAFE.code(text)
    assert markup(f"- x {shown} y").count("code_inline") == 1
    (inline,) = [block for block in MarkdownIt("commonmark").parse(f"x {shown} y") if block.children]
    assert [child.content.split() for child in inline.children or () if child.type == "code_inline"] == [text.split()]


@pytest.mark.parametrize("text", ["see http://example.com", "www.example.com", "a@example.com", "mailto:a@b.c"])
def test_sites_that_link_bare_addresses_find_none(text: str) -> None:
    shown = SAFE.line(text)
    assert all(bare not in shown for bare in ("http:", "www.", "mailto:", "a@"))


def test_a_block_cannot_be_closed_from_inside() -> None:
    text = "a = 1\n```\n# Out\n````\n# Out"
    assert markup(fenced(text, "toml")) == ["fence"]


def test_secrets_are_hidden_before_anything_is_escaped() -> None:
    safe = Safe(lambda text: text.replace("pa_ss*word", "gone"))
    assert [safe.line("x pa_ss*word"), safe.prose("pa_ss*word"), safe.code("pa_ss*word")] == [
        "x gone",
        "gone",
        "`gone`",
    ]


def test_durations_are_said_in_two_units_and_unknown_ones_as_such() -> None:
    assert [span(one) for one in (None, 0, 59, 61, 3600, 90061)] == [
        "not known",
        "0 s",
        "59 s",
        "1 min 1 s",
        "1 h",
        "1 d 1 h",
    ]
