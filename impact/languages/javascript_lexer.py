"""Where a place in JavaScript is code, and where it is text: strings, comments, templates, regular expressions."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

COMMENT = rb"(?://[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)"
# A match up to a place must not take a comment for ended because it ends there.
_ENDED_COMMENT = rb"(?://[^\n]*+(?=\n)|/\*(?:[^*]++|\*(?!/))*+\*/)"
STRING = rb"""(?:"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+')"""
GAP = rb"(?:\s++|" + COMMENT + rb")*+"


def _template(depth: int) -> bytes:
    """A template whose `${}` hold templates to this depth."""
    inner = rb"|" + _template(depth - 1) if depth else b""
    within = rb"(?:[^`{}'\"/]++|" + STRING + rb"|" + COMMENT + rb"|/(?![/*])" + inner
    braces = rb"|\{(?:[^`{}'\"/]++|" + STRING + rb"|\{[^`{}'\"]*+\}" + inner + rb")*+\}"
    return rb"`(?:[^`\\$]++|\\.|\$(?!\{)|\$\{" + within + braces + rb")*+\})*+`"


# A class without an end would be read anew at every slash, so it has a longest.
_REGEX = rb"/(?![/*>])(?:[^/\\\[\n]++|\\.|\[(?:[^\]\\\n]|\\.){0,100}+\])++/"
# Whether a slash divides or opens a regular expression hangs on what stands before it; a lookbehind has one width, so
# these are the ways a formatter writes it. A slash that is neither is passed over.
_BEFORE_REGEX = rb"(?:(?<=return )|(?<=case )|(?<=typeof )|(?<=await )|(?<=else )|(?<= of )|(?<= in ))"
_DIVISION = rb"(?:(?<=[\w$)\]}\"'`])|(?<=[\w$)\]}\"'`] )|(?<=<))/(?![/*])"
_LONE_QUOTE = rb"(?:'(?=[^'\n]*+\n)|\"(?=[^\"\n]*+\n))"


@cache
def _patterns() -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Code up to a place, and a text that may reach over it; large, so they are made when they are needed."""
    template = _template(2)
    tokens = (STRING, template, _ENDED_COMMENT, _BEFORE_REGEX + _REGEX, _DIVISION, _REGEX, _LONE_QUOTE, rb"/(?![/*])")
    code = re.compile(rb"(?:[^'\"`/]++|" + rb"|".join(tokens) + rb")*+", re.DOTALL)
    return code, re.compile(rb"|".join((STRING, template, COMMENT)), re.DOTALL)


def places(data: bytes, start: int, wanted: Sequence[int]) -> Iterator[tuple[int, bool | None]]:
    """Each wanted place with whether it is code; None if that is not sure.

    `start` is a place that is code, and the wanted ones are in order, behind it. Every byte is read once: a match up
    to the wanted place ends there, unless a string, comment or template reaches over it.
    """
    code, reaching = _patterns()
    text_end = 0
    at = start
    for place in wanted:
        if place < text_end:
            yield place, None if _substituted(data, at, place) else False
            continue
        at = max(at, text_end)
        match = code.match(data, at, place)
        at = match.end() if match is not None else at
        if at == place:
            yield place, True
            continue
        text = reaching.match(data, at)
        if text is None or text.end() <= place:
            # Nothing closes what opens here, or it is too intricate: so is all behind it.
            yield from ((one, None) for one in wanted if one >= place)
            return
        text_end = text.end()
        yield place, None if _substituted(data, at, place) else False


def _substituted(data: bytes, start: int, place: int) -> bool:
    """Whether a place in a template that starts before it may be within `${}`."""
    return data[start : start + 1] == b"`" and data.rfind(b"${", start, place) > data.rfind(b"}", start, place)
