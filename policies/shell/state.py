"""What a shell knows while it runs a text: variables, functions, where it is."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...core.records import dataclass, field, replace
from .context import Context
from .nodes import COMPUTED, Node

if TYPE_CHECKING:
    from .expand import Field

MAX_LENGTH = 128 << 10
"""Longer texts are not known: doubling one a few times would fill the memory."""

_PARAMETERS = (*"0123456789", "@", "*")


@dataclass(kw_only=True)
class State:
    """A shell, changed by the commands it runs; a subshell has a copy.

    Attributes:
        context: the surroundings as they were at the start, with settings made since.
        variables: those whose values are known.
        computed: names that were given a value that is not known.
        arrays: array variables that are known.
        functions: bodies by name.
        aliases: the shell's, not git's.
        positional: `$1`, …; None if they are not known.
        files: contents of files that this text writes, as far as they are known; shared with subshells.
        found: the command whose output comes in here, if it prints names of files that `selected` can tell.
        streamed: variables and parameters whose values a stream gave, each with the `found` of that stream; under
            a NUL, what it put into the text itself.
        name: `$0`; None if it is not known.
        directory: where it is from the root; outside with leading `..`; None if that is not known.
    """

    context: Context
    variables: dict[str, str] = field(default_factory=dict)
    computed: set[str] = field(default_factory=set)
    arrays: dict[str, list[str]] = field(default_factory=dict)
    functions: dict[str, Node] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    positional: list[str] | None = None
    files: dict[str, str] = field(default_factory=dict)
    found: "Sequence[Field]" = ()
    streamed: "dict[str, Sequence[Field]]" = field(default_factory=dict)
    name: str | None = None
    directory: str | None = ""
    before: str | None = None
    _here: "tuple[Context, dict[str, str], str | None, Context] | None" = None

    @classmethod
    def of(cls, context: Context) -> "State":
        """A shell that has run nothing yet."""
        known = context.exists is not None or context.root is None
        directory = context.directory if known else None
        return cls(context=context, variables=dict(context.variables), directory=directory)

    def copy(self) -> "State":
        """A subshell."""
        return replace(
            self,
            variables=dict(self.variables),
            computed=set(self.computed),
            arrays=dict(self.arrays),
            functions=dict(self.functions),
            aliases=dict(self.aliases),
            streamed=dict(self.streamed),
        )

    def merge(self, other: "State") -> None:
        """Afterwards either may have happened: what differs is not known."""
        for name in {*self.variables, *other.variables}:
            if self.variables.get(name) != other.variables.get(name):
                self.forget(name)
        self.computed |= other.computed
        self.streamed = {**other.streamed, **self.streamed}
        for name in [name for name in self.arrays if self.arrays[name] != other.arrays.get(name)]:
            self.forget(name)
        self.functions = {**other.functions, **self.functions}
        self.aliases = {**other.aliases, **self.aliases}
        if self.directory != other.directory:
            self.directory = None

    def keep(self, inner: "State", given: set[str]) -> None:
        """Takes over what a command changed that had variables of its own before it."""
        self.directory, self.before = inner.directory, inner.before
        self.functions, self.aliases, self.positional = inner.functions, inner.aliases, inner.positional
        for name in (inner.variables.keys() | inner.computed) - given:
            self.assign(name, inner.variables.get(name, COMPUTED), inner.streamed.get(name))

    def assign(self, name: str, value: str, streamed: "Sequence[Field] | None" = None) -> None:
        """A variable's new value; with a NUL it is not known, and may come from a stream."""
        self.arrays.pop(name, None)
        self.streamed.pop(name, None)
        if COMPUTED in value or len(value) > MAX_LENGTH:
            self.variables.pop(name, None)
            self.computed.add(name)
            if streamed is not None:
                self.streamed[name] = streamed
        else:
            self.variables[name] = value
            self.computed.discard(name)

    def give(self, fields: "Sequence[Field]", text: "Field | None" = None) -> None:
        """Takes what a stream gave for the parameters, and for the text it runs."""
        computed = [one for one in fields if COMPUTED in one.text]
        for name in (*_PARAMETERS, COMPUTED) if text is not None else _PARAMETERS:
            self.streamed.pop(name, None)
        if computed and all(one.streamed is not None for one in computed):
            self.streamed.update(dict.fromkeys(_PARAMETERS, computed[0].streamed or ()))
        if text is not None and text.streamed is not None:
            self.streamed[COMPUTED] = text.streamed

    def forget(self, name: str) -> None:
        """A variable has a value that is not known."""
        self.assign(name, COMPUTED, self.streamed.get(name))

    def move(self, word: str | None) -> None:
        """`cd`; None is where the home directory or an unknown one is."""
        before = self.directory
        self.directory = None if word is None or COMPUTED in word else self._moved(word)
        self.before = before

    def _moved(self, word: str) -> str | None:
        if word == "~" or word.startswith("~/"):
            home = self.variables.get("HOME", "")
            if not home.startswith("/"):
                return None
            word = home + word[1:]
        root = self.context.root
        if (
            word.startswith("~")
            or (word.startswith("/") and root is None)
            or (self.directory is None and word[:1] != "/")
        ):
            return None
        if root is None:
            place = os.path.normpath(os.path.join(self.directory or "", word))
        else:
            place = os.path.relpath(os.path.join(root, self.directory or "", word), root)
        return "" if place == "." else place

    @property
    def outside(self) -> bool:
        """Whether it is certainly not in the worktree."""
        return self.directory is not None and self.directory.split("/", 1)[0] == ".."

    def here(self) -> Context:
        """The surroundings of a program that is started now."""
        known = self._here
        # Every program asks several times, and a copy costs as much as reading a short line.
        same = known is not None and known[0] is self.context and known[1] is self.variables
        if known is None or not same or known[2] != self.directory:
            here = replace(self.context, variables=self.variables)
            here = here.elsewhere() if self.directory is None else replace(here, directory=self.directory)
            known = self._here = (self.context, self.variables, self.directory, here)
        return known[3]

    def absolute(self, word: str) -> str:
        """A name for a file that is the same however it is written, as far as that is known."""
        root = self.context.root or "."
        if self.directory is None:
            return os.path.normpath(word)
        return os.path.normpath(os.path.join(root, self.directory, word))
