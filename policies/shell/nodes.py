"""What a shell text is made of, apart from how it is written: commands, words and their parts."""

from typing import NamedTuple, TypeAlias

COMPUTED = "\0"
"""Stands in a word for what is not known before the command runs."""


def is_computed_name(word: str) -> bool:
    """Whether nothing tells which file a word names: `…`, but not `…/setup.py` nor `scripts/…`."""
    return word.startswith(COMPUTED) and COMPUTED in word.rpartition("/")[2]


class Text(NamedTuple):
    """Characters as they stand; unquoted ones can be file patterns and braces."""

    text: str
    quoted: bool = False


class Variable(NamedTuple):
    """`$name`, `${name[index]<operator><operand>}`; `operator` is empty for the plain value."""

    name: str
    quoted: bool = False
    subscript: str = ""
    operator: str = ""
    operand: "tuple[Part, ...]" = ()


class Substitution(NamedTuple):
    """Commands whose output stands here (`$(`), or whose pipe is named here (`<(`, `>(`)."""

    body: "Node"
    kind: str = "$("
    quoted: bool = False


class Unknown(NamedTuple):
    """Arithmetic and the like: what is substituted in it runs, what comes out is not known."""

    inner: "tuple[Part, ...]" = ()


Part: TypeAlias = Text | Variable | Substitution | Unknown


class Word(NamedTuple):
    """One word before expansion; the value of an assignment is not split."""

    parts: tuple[Part, ...]
    splits: bool = True


class Assignment(NamedTuple):
    """`name=value`, `name+=value`, `name=(…)`; an `index` is kept as written."""

    name: str
    value: Word | None
    array: tuple[Word, ...] | None = None
    appends: bool = False
    subscript: str = ""


class Redirect(NamedTuple):
    """`operator` as written; `<<` has the document as its word, `<<<` the string."""

    operator: str
    word: Word
    descriptor: str = ""


class Simple(NamedTuple):
    """A program with arguments, after assignments, with redirections."""

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()


class Sequence(NamedTuple):
    """One after the other, whatever joins them."""

    items: "tuple[Node, ...]"


class Pipeline(NamedTuple):
    """Each stage reads what the one before it prints."""

    stages: "tuple[Node, ...]"


class Group(NamedTuple):
    """`{ }`, `( )` and compound commands with redirections of their own."""

    body: "Node"
    subshell: bool = False
    redirects: tuple[Redirect, ...] = ()


class Branches(NamedTuple):
    """Any of the arms may run, or none: `if`, `case`."""

    first: "Node"
    arms: "tuple[Node, ...]"


class Loop(NamedTuple):
    """`for name in words` has words (None stands for the positional ones), the others a condition."""

    body: "Node"
    name: str = ""
    words: tuple[Word, ...] | None = ()
    condition: "Node | None" = None


class Function(NamedTuple):
    """A definition; it runs where it is called."""

    name: str
    body: "Node"


class Expression(NamedTuple):
    """`[[ ]]`, `(( ))`: only what is substituted in it runs."""

    inner: tuple[Part, ...]


Node: TypeAlias = Simple | Sequence | Pipeline | Group | Branches | Loop | Function | Expression
