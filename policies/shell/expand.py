"""Words as the shell expands them: braces, variables, substitutions, word splitting; patterns stay."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ...core.late import late
from .nodes import COMPUTED, Part, Substitution, Text, Unknown, Variable, Word
from .parameters import operate
from .state import MAX_LENGTH, State

Runner = Callable[[Substitution], str | None]
"""Runs a substitution; what it prints or the name of its pipe, None if that is not known."""

_WILD = late(r"[*?\[]")
_BRACES = late(r"\{(?:-?\d+\.\.-?\d+|[A-Za-z]\.\.[A-Za-z])(?:\.\.-?\d+)?\}|\{[^{}\s]*,[^{}\s]*\}")
_MAX_WORDS = 64
_SPACES = " \t\n"


class Field(NamedTuple):
    """A word after expansion; `wild` if the shell would match files with it.

    `streamed` is what selects the files that the word names, if it is computed and a stream gave it: empty
    where that is not known, None where no stream did.
    """

    text: str
    wild: bool = False
    streamed: "Sequence[Field] | None" = None


def expand(word: Word, state: State, run: Runner) -> list[Field]:
    """The words one word becomes, perhaps none."""
    first = word.parts[0] if len(word.parts) == 1 else None
    if isinstance(first, Text) and (first.quoted or "{" not in first.text) and COMPUTED not in first.text:
        return [Field(first.text, not first.quoted and bool(_WILD.search(first.text)))]
    if not word.splits:
        fields = [Field(text_of(word, state, run))]
    else:
        fields = [field for parts in _braces(word.parts) for field in _Splitter(state, run).fields(parts)]
    stream = stream_of(word, state)
    if stream is None:
        return fields
    return [_streamed(field, stream) if COMPUTED in field.text else field for field in fields]


def _streamed(field: Field, stream: Sequence[Field]) -> Field:
    return Field(found_name(field.text, stream), field.wild, stream)


def found_name(text: str, stream: Sequence[Field]) -> str:
    """A computed word: the name of a file, and no option or program, where it is known what selects it."""
    return f"./{COMPUTED}" if stream and text == COMPUTED else text


def stream_of(word: Word, state: State) -> Sequence[Field] | None:
    """What selects the files a word names, if a stream gave all that is computed in it."""
    if not state.streamed:
        return None
    names = [
        part.name if isinstance(part, Variable) else COMPUTED
        for part in word.parts
        if isinstance(part, Variable) or (isinstance(part, Text) and COMPUTED in part.text)
    ]
    known = [state.streamed[name] for name in names if name in state.streamed]
    return known[0] if known and len(known) == len(names) else None


def text_of(word: Word, state: State, run: Runner) -> str:
    """A word where the shell does not split: assignments, here-documents, targets."""
    pieces: list[str] = []
    length = 0
    for part in word.parts:
        value = value_of(part, state, run)
        pieces.append(" ".join(value) if isinstance(value, list) else value)
        length += len(pieces[-1])
        if length > MAX_LENGTH:
            return COMPUTED
    return "".join(pieces)


def value_of(part: Part, state: State, run: Runner) -> str | list[str]:
    """What a part becomes; a list for the parameters or an array as words of their own."""
    if isinstance(part, Text):
        return part.text
    if isinstance(part, Substitution):
        printed = run(part)
        return COMPUTED if printed is None else printed.rstrip("\n") if part.kind == "$(" else printed
    if isinstance(part, Unknown):
        for one in part.inner:
            value_of(one, state, run)
        return COMPUTED
    operand = text_of(Word(part.operand), state, run) if part.operand else ""
    return operate(part, operand, state)


class _Splitter:
    """Builds the fields of one word."""

    def __init__(self, state: State, run: Runner) -> None:
        self._state = state
        self._run = run
        self._done: list[Field] = []
        self._pieces: list[str] = []
        self._wild = False
        self._begun = False
        self._room = MAX_LENGTH

    def fields(self, parts: Sequence[Part]) -> list[Field]:
        for part in parts:
            value = value_of(part, self._state, self._run)
            self._room -= sum(map(len, value)) if isinstance(value, list) else len(value)
            if self._room < 0:
                return [Field(COMPUTED)]
            if isinstance(part, Text):
                self._add(value if isinstance(value, str) else "", quoted=part.quoted)
            elif isinstance(value, list):
                self._several(value, quoted=isinstance(part, Variable) and part.quoted)
            elif isinstance(part, Unknown) or part.quoted or (isinstance(part, Substitution) and part.kind != "$("):
                self._add(value, quoted=True)
            else:
                self._split(value)
        self._end()
        return self._done

    def _add(self, text: str, *, quoted: bool) -> None:
        self._pieces.append(text)
        self._begun = True
        self._wild = self._wild or (not quoted and bool(_WILD.search(text)))

    def _several(self, values: list[str], *, quoted: bool) -> None:
        for position, value in enumerate(values):
            if position:
                self._end()
            if quoted:
                self._add(value, quoted=True)
            else:
                self._split(value)

    def _split(self, value: str) -> None:
        separators = self._state.variables.get("IFS", _SPACES)
        if not separators:
            self._add(value, quoted=False)
            return
        pieces = re.split(f"[{re.escape(separators)}]+", value)
        for position, piece in enumerate(pieces):
            if position:
                self._end()
            if piece:
                self._add(piece, quoted=False)

    def _end(self) -> None:
        if self._begun:
            self._done.append(Field("".join(self._pieces), self._wild))
        self._pieces, self._wild, self._begun = [], False, False


def _braces(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    """The words that `{a,b}` and `{1..3}` make; other parts travel as one character each."""
    if not any(isinstance(part, Text) and not part.quoted and "{" in part.text for part in parts):
        yield parts
        return
    kept: list[Part] = []
    letters: list[str] = []
    for part in parts:
        if isinstance(part, Text) and not part.quoted:
            letters.append(part.text)
        else:
            letters.append(chr(0xF0000 + len(kept)))
            kept.append(part)
    words = _expanded("".join(letters))
    for word in words:
        pieces = re.split("([\U000f0000-\U000fffff])", word)
        yield tuple(
            kept[ord(piece) - 0xF0000] if len(piece) == 1 and 0 <= ord(piece) - 0xF0000 < len(kept) else Text(piece)
            for piece in pieces
            if piece
        ) or (Text(""),)


def _expanded(word: str) -> list[str]:
    """All words of a brace expansion, innermost first; too many are one that is not known."""
    words = [word]
    while True:
        following: list[str] = []
        for one in words:
            match = _BRACES.search(one)
            if match is None:
                following.append(one)
            else:
                head, tail = one[: match.start()], one[match.end() :]
                following += [f"{head}{choice}{tail}" for choice in _choices(match[0][1:-1])]
        if len(following) > _MAX_WORDS:
            return [COMPUTED]
        if following == words:
            return words
        words = following


def _choices(inner: str) -> list[str]:
    if "," in inner:
        return inner.split(",")
    first, last, *step = inner.split("..")
    if first.lstrip("-").isdigit():
        low, high = int(first), int(last)
        width = max(len(first), len(last)) if "0" in (first[:1], last[:1]) and max(len(first), len(last)) > 1 else 0
        show: Callable[[int], str] = lambda number: str(number).zfill(width)  # noqa: E731
    else:
        low, high, show = ord(first), ord(last), chr
    distance = max(1, abs(int(step[0]))) if step else 1
    numbers = range(low, high + 1, distance) if low <= high else range(low, high - 1, -distance)
    return [show(number) for number in numbers[: _MAX_WORDS + 1]]
