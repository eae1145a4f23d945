"""The catalogue's pattern language: how the words of a command are described, and what is captured from them.

A pattern is a list of elements, the program first. They read like a usage line:

- `add|set`: one of these words. `{name}`: any one word, captured. Both together: `deployment/{name}`.
- `{name:word}`: letters, digits, `_`, `.` and `-` only. `{name:add|set}`: one of these words. `{value!}`: a secret,
  hidden wherever it would show.
- `*` within an element: anything. A backslash takes the next character as it is.
- `[…]` within an element, or around a whole one: may be absent. `(a|b)/{name}`: alternatives within one.
- `…...` at an element's end: once or more often, and each makes an item of its own. `...` alone: any words; `!...`:
  any words, all of them secret; `$`: no further word.
- `-a|--app {app}`: an option that has to be there, with its value; `[-a|--app {app}]`: that may be there;
  `!--list`, `!status|list`: an option, a word that must not be there. An option without a value has none.
- `<< flush*`: what it is fed.

Words behind the last element do not matter, nor do options that no element names.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

_CAPTURE = re.compile(r"\{(?P<name>[a-z_]+)(?::(?P<kind>[^{}!]+))?(?P<secret>!)?\}")
_SYNTAX = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|", "*": ".*?"}
# `alembic downgrade -1`, `git log -5`: a number is no option.
_NUMBER = re.compile(r"-\d+")
_PIECE = re.compile(r"\\.|.", re.DOTALL)
REST = "rest"
"""What the secret words are called that `!...` stands for, a number behind it."""
FED = "<<"
"""Stands as an option for the text that a command is fed."""
_DRY = frozenset({"--help", "--dry-run", "--dryrun", "--what-if", "--check-only"})


@dataclass(frozen=True, kw_only=True)
class Element:
    """A word or an option of a pattern.

    Attributes:
        shape: what a word, or an option's value, looks like; None for an option without a value.
        options: the option's names; empty for a word.
        required: whether it has to be there.
        absent: whether it must not be there.
        repeats: whether each further one makes an item of its own.
        skips: whether it is any number of words.
        ends: whether it is the end of the words.
        captures: what it captures.
        secrets: those of them that are hidden.
    """

    shape: re.Pattern[str] | None = None
    options: Sequence[str] = ()
    required: bool = True
    absent: bool = False
    repeats: bool = False
    skips: bool = False
    ends: bool = False
    captures: Sequence[str] = ()
    secrets: Collection[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A compiled pattern.

    Attributes:
        programs: names of the program.
        words: elements for words, in order.
        options: elements for options.
        absent: shapes of words that must not be there.
        values: names of options that take a value, as far as the pattern says.
    """

    programs: Sequence[str]
    words: Sequence[Element]
    options: Sequence[Element]
    absent: Sequence[re.Pattern[str]] = ()
    values: Collection[str] = field(default_factory=frozenset)

    @property
    def captures(self) -> set[str]:
        """What it captures."""
        return {name for one in (*self.words, *self.options) for name in one.captures}

    @property
    def secrets(self) -> set[str]:
        """What it captures and hides."""
        return {name for one in (*self.words, *self.options) for name in one.secrets}


Captures = Mapping[str, str]


def compiled(elements: Sequence[str]) -> Pattern:
    """The pattern that elements describe.

    Raises:
        ValueError: they are none.
    """
    if not elements:
        raise ValueError("A pattern needs a program.")
    words, options, absent = list[Element](), list[Element](), list[re.Pattern[str]]()
    for text in elements[1:]:
        one = _element(text)
        if one.absent and one.shape and not one.options:
            absent.append(one.shape)
        else:
            (options if one.options else words).append(one)
    if sum(one.repeats for one in (*words, *options)) > 1:
        raise ValueError("Only one element of a pattern can repeat.")
    values = frozenset(name for one in options if one.shape is not None for name in one.options)
    return Pattern(programs=elements[0].split("|"), words=words, options=options, absent=absent, values=values)


def _element(text: str) -> Element:
    if text in ("...", "!..."):
        return Element(skips=True, secrets=frozenset({REST}) if text[0] == "!" else frozenset())
    if text == "$":
        return Element(ends=True)
    absent, text = text.startswith("!"), text.removeprefix("!")
    repeats = text.endswith("...")
    text = text.removesuffix("...")
    required = not (text.startswith("[") and text.endswith("]") and _closes(text))
    text = text if required else text[1:-1]
    names, _, value = text.partition(" ")
    if not text.startswith(("-", FED)):
        names, value = "", text
    captures = [found["name"] for found in _CAPTURE.finditer(value)]
    return Element(
        shape=shape(value) if value else None,
        options=tuple(names.split("|")) if names else (),
        required=required and not absent,
        absent=absent,
        repeats=repeats,
        captures=captures,
        secrets=frozenset(found["name"] for found in _CAPTURE.finditer(value) if found["secret"]),
    )


def _closes(text: str) -> bool:
    """Whether the bracket at the beginning is closed at the end, not before."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if depth == 0:
            return at == len(text) - 1
    return False


def shape(text: str, anything: str = ".") -> re.Pattern[str]:
    """An element's word as a regular expression.

    Args:
        text: as described above.
        anything: what a capture's characters may be.

    Raises:
        ValueError: the brackets do not fit.
    """
    out, at = "", 0
    for found in _CAPTURE.finditer(text):
        out += _literal(text[at : found.start()])
        out, at = out + f"(?P<{found['name']}>{_inner(found, anything)})", found.end()
    out += _literal(text[at:])
    try:
        return re.compile(f"(?:{out})", re.DOTALL)
    except re.error as error:
        raise ValueError(f"{text!r} is no element: {error}") from error


def _inner(found: re.Match[str], anything: str) -> str:
    if found["kind"] == "word":
        return r"\w[\w.-]*"
    if found["kind"]:
        return "|".join(re.escape(one) for one in found["kind"].split("|"))
    if anything != ".":
        return f"{anything}+"
    return f"{anything}{'*?' if found['secret'] else '+?'}"


def _literal(text: str) -> str:
    pieces = _PIECE.findall(text)
    return "".join(_SYNTAX.get(one, re.escape(one.removeprefix("\\"))) for one in pieces)


@dataclass(frozen=True)
class Words:
    """A command's words, told apart.

    Attributes:
        operands: what is no option.
        options: options with their values, None where they have none, in order.
    """

    operands: Sequence[str]
    options: Sequence[tuple[str, str | None]]

    @property
    def is_dry(self) -> bool:
        """Whether it says that nothing is to be done."""
        return any(name in _DRY and value not in ("none", "false") for name, value in self.options)


def told_apart(words: Sequence[str], values: Collection[str], *, valued: bool = False) -> Words:
    """Options and operands of a command.

    Args:
        words: what stands behind the program.
        values: the options that take the next word; what is not among them takes none.
        valued: whether every long option takes one.
    """
    operands: list[str] = []
    options: list[tuple[str, str | None]] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            operands += words[at:]
            break
        if not word.startswith("-") or len(word) < 2 or _NUMBER.fullmatch(word):
            operands.append(word)
        elif word in values or (valued and word.startswith("--") and "=" not in word and at < len(words)):
            options.append((word, words[at] if at < len(words) else ""))
            at += 1
        elif word[1] != "-" and word[:2] in values and "=" not in word[:3]:
            options.append((word[:2], word[2:]))
        else:
            name, equals, value = word.partition("=")
            options.append((name, value if equals else None))
    return Words(operands, options)


def matched(pattern: Pattern, words: Words, *, fold: bool = False) -> list[Captures]:
    """What a pattern captures from a command, once for each thing it is about; empty if it does not fit.

    Args:
        pattern: for this program.
        words: its words.
        fold: whether upper and lower case are the same in operands.
    """
    base: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    for element in pattern.options:
        found = _option(element, words)
        if found is None:
            return []
        if element.repeats:
            rows += found
        elif found:
            base.update(found[-1])
    if any(_fullmatch(one, word, fold) for one in pattern.absent for word in words.operands):
        return []
    fitted = _fit(pattern.words, words.operands, fold)
    if fitted is None:
        return []
    taken, repeated = fitted
    base.update(taken)
    return [base | row for row in (*rows, *repeated)] or [base]


def _option(element: Element, words: Words) -> list[dict[str, str]] | None:
    """The captures of each place where an option stands; None if that does not fit."""
    given = [value for name, value in words.options if name in element.options]
    if element.absent:
        return None if given else []
    shape = element.shape
    if shape is None:
        return [] if given or not element.required else None
    found = [_captured(one) for value in given if (one := shape.fullmatch(value or ""))]
    return None if element.required and not found else found


_Fitted = tuple[dict[str, str], list[dict[str, str]]]


def _fit(elements: Sequence[Element], operands: Sequence[str], fold: bool) -> _Fitted | None:
    """How elements fit operands: what is captured once, and what each repetition captures."""
    if not elements:
        return {}, []
    element, rest = elements[0], elements[1:]
    if element.ends:
        return None if operands else ({}, [])
    if element.skips and element.secrets:
        return {f"{REST}{at}": word for at, word in enumerate(operands)}, []
    if element.skips:
        tails = (_fit(rest, operands[at:], fold) for at in range(len(operands) + 1))
        return next((one for one in tails if one is not None), None)
    assert element.shape is not None
    one = _fullmatch(element.shape, operands[0], fold) if operands else None
    if one is None:
        return None if element.required else _fit(rest, operands, fold)
    if element.repeats:
        rows = []
        for operand in operands:
            if (each := _fullmatch(element.shape, operand, fold)) is None:
                break
            rows.append(_captured(each))
        return {}, rows
    tail = _fit(rest, operands[1:], fold)
    if tail is None:
        return None if element.required else _fit(rest, operands, fold)
    return {**_captured(one), **tail[0]}, tail[1]


def _fullmatch(shape: re.Pattern[str], word: str, fold: bool) -> re.Match[str] | None:
    if not fold:
        return shape.fullmatch(word)
    return re.compile(shape.pattern, shape.flags | re.IGNORECASE).fullmatch(word)


def _captured(found: re.Match[str]) -> dict[str, str]:
    return {name: value for name, value in found.groupdict().items() if value is not None}
