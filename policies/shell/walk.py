"""Runs a shell text over what is known, and collects what its commands would do."""

import os
import shlex
from collections.abc import Callable
from collections.abc import Sequence as Listing
from functools import partial

from ...core.records import replace
from ..effects import Effect
from .assigning import assign
from .builtins import BUILTINS, QUIET, Call
from .command import Command
from .context import Context
from .environment import assigned, foreign_settings
from .expand import Field, Runner, expand, text_of
from .flow import Flow, together
from .git import git_effects
from .gitread import prints_version
from .launchers import LAUNCHERS, SHELLS
from .named import named, named_by_wrapper
from .narrowing import narrowed
from .nodes import (
    COMPUTED,
    Assignment,
    Branches,
    Expression,
    Function,
    Group,
    Loop,
    Node,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    Substitution,
    Word,
)
from .outputs import printed
from .parser import Unreadable
from .programs import find_program
from .quotes import unclosed
from .redirections import Channels, channels_of, reads_file, written
from .runners import started
from .selected import selection
from .state import State
from .supplied import computed_program, computed_words, fed_by, steers_git
from .syntax import read
from .unread import fragments, refusal, unjudged
from .wrappers import WRAPPERS, unwrap

_MAX_DEPTH = 8
_MAX_NESTING = 70
_MAX_COMMANDS = 2000
_MAX_WORDS = 4000


class Walk(Flow):
    """One analysis; counts the commands it follows, for aliases and loops can multiply them."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self._left = _MAX_COMMANDS
        self._words = _MAX_WORDS
        self._depth = 0
        self._nesting = 0
        self._pipes = 0
        self._looped = False
        self.found = ()

    # Texts

    def line(self, text: str, context: Context) -> list[Effect]:
        """What a shell line does, apart from the effects found so far."""
        return self._apart(lambda: self.run(text, State.of(context)))

    def run(self, text: str, state: State, stdin: str | None = None) -> str | None:
        """Runs a text in a shell; what it prints, None if that is not known."""
        if self._depth >= _MAX_DEPTH:
            self._unknown(text[:200], "commands are nested too deeply")
            self.effects += refusal(text, "is nested too deeply")
            return None
        self._depth += 1
        try:
            return self.node(read(text), state, stdin)
        except Unreadable as error:
            self._unreadable(text, str(error), state)
            return None
        finally:
            self._depth -= 1

    def _unreadable(self, text: str, why: str, state: State) -> None:
        """A text that cannot be read is refused if it names what the guard is there for."""
        self._unknown(text[:200], f"the line {why}")
        if quote := unclosed(text):
            # It is judged as it was meant.
            self.run(text + quote, state)
            return
        self.effects += refusal(text, why)
        for fragment in fragments(text):
            try:
                self.node(read(fragment), state.copy(), None)
            except Unreadable:
                continue

    def _apart(self, run: Callable[[], object]) -> list[Effect]:
        kept, self.effects = self.effects, []
        try:
            run()
            return self.effects
        finally:
            self.effects = kept

    def _unknown(self, span: str, why: str, *, computed: bool = False) -> None:
        self.effects.append(Effect(effect="unknown", span=_shown([span]), why=why, computed=computed))

    # Nodes

    def node(self, node: Node, state: State, stdin: str | None) -> str | None:
        """Runs a node; what it prints, None if that is not known."""
        if self._left < 0:
            return None
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            self._nesting -= 1
            raise Unreadable("is nested too deeply")
        try:
            return self._one(node, state, stdin)
        finally:
            self._nesting -= 1

    def _one(self, node: Node, state: State, stdin: str | None) -> str | None:
        if isinstance(node, Simple):
            return self._simple(node, state, stdin)
        if isinstance(node, Sequence):
            return together([self.node(one, state, stdin) for one in node.items])
        if isinstance(node, Pipeline):
            return self.pipeline(node, state, stdin)
        if isinstance(node, Group):
            inner = state.copy() if node.subshell else state
            channels = self._channels(node.redirects, state, stdin)
            kept, inner.found = state.found, () if reads_file(node.redirects) else state.found
            text = self.node(node.body, inner, channels.stdin)
            inner.found = kept
            self.effects += written(node.redirects, text, state, self._runner(state))
            return text if channels.printed else ""
        if isinstance(node, Branches):
            return self.branches(node, state, stdin)
        if isinstance(node, Loop):
            return self.loop(node, state, stdin)
        if isinstance(node, Function):
            state.functions[node.name] = node.body
            return ""
        return self._expression(node, state)

    def _expression(self, node: Expression, state: State) -> str:
        text_of(Word(node.inner), state, self._runner(state))
        return ""

    # Commands

    def _simple(self, node: Simple, state: State, stdin: str | None) -> str | None:
        self._left -= 1
        if self._left < 0:
            self._unknown("…", "it runs too many commands")
            self.effects.append(unjudged("…", "it runs more commands than can be followed"))
            return None
        fields = [field for word in node.words for field in self.fields(word, state)]
        texts = [field.text for field in fields]
        inner = state if not texts else self._surroundings(node.assignments, state)
        if not texts:
            self.effects += assign(node.assignments, state, self._runner(state), self.line)
        channels = self._channels(node.redirects, state, stdin)
        kept, inner.found = inner.found, () if reads_file(node.redirects) else inner.found
        text = self.command(fields, inner, channels.stdin) if texts else ""
        inner.found = kept
        if inner is not state:
            state.keep(inner, {one.name for one in node.assignments})
        self.effects += written(node.redirects, text, state, self._runner(state), restores=prints_version(texts))
        return text if channels.printed else ""

    def _surroundings(self, assignments: Listing[Assignment], state: State) -> State:
        """The shell while a command with assignments before it runs."""
        if not assignments:
            return state
        inner = state.copy()
        self.effects += assign(assignments, inner, self._runner(inner), self.line)
        return inner

    def command(self, fields: Listing[Field], state: State, stdin: str | None) -> str | None:
        """Runs a program with arguments; what it prints, None if that is not known."""
        self._words -= len(fields)
        self._nesting += 1
        try:
            if self._words < 0:
                raise Unreadable("has too many words to follow")
            if self._nesting > _MAX_NESTING:
                raise Unreadable("is nested too deeply")
            stream = None if state.context.fed else fed_by(fields)
            run = self._dispatched if stream is None else partial(self._fed, stream)
            return run(fields, state, stdin)
        finally:
            self._nesting -= 1

    def _fed(self, stream: Listing[Field], fields: Listing[Field], state: State, stdin: str | None) -> str | None:
        """The same for a command with words from a stream."""
        kept, state.found = state.found, stream
        state.context = replace(state.context, fed=True)
        self._looped = True
        try:
            return self._dispatched(fields, state, stdin)
        finally:
            self._looped = False
            state.found, state.context = kept, replace(state.context, fed=False)

    def _dispatched(self, fields: Listing[Field], state: State, stdin: str | None) -> str | None:
        words = [field.text for field in fields]
        name = _program(words[0])
        if words[0] in state.aliases:
            value = state.aliases[words[0]]
            inner = state.copy()
            del inner.aliases[words[0]]
            return self.run(" ".join([value, *map(shlex.quote, words[1:])]), inner, stdin)
        if words[0] in state.functions:
            return self._function(state.functions[words[0]], fields[1:], state, stdin)
        call = Call(
            name=name,
            words=words,
            fields=fields,
            state=state,
            stdin=stdin,
            run=self.run,
            start=self.command,
            line=self.line,
            emit=self.effects.append,
        )
        if name in BUILTINS:
            return BUILTINS[name](call)
        if name in LAUNCHERS or name in SHELLS:
            self.effects += named(name, words, state.here(), ())
            return (LAUNCHERS.get(name) or SHELLS[name])(call)
        if name in WRAPPERS:
            return self._wrapped(call)
        found = self._apart(lambda: self._program(call))
        self.effects += [*narrowed(found, call, self._judged), *named(name, words, state.here(), found)]
        self.found = selection(name, fields, state.found)
        return printed(name, words[1:], stdin, state)

    def _function(self, body: Node, args: Listing[Field], state: State, stdin: str | None) -> str | None:
        if self._depth >= _MAX_DEPTH:
            self._unknown("…", "commands are nested too deeply")
            return None
        kept, state.positional = (state.positional, state.streamed), [one.text for one in args]
        state.streamed = dict(state.streamed)
        state.give(args)
        self._depth += 1
        try:
            return self.node(body, state, stdin)
        finally:
            self._depth -= 1
            state.positional, state.streamed = kept

    def _judged(self, fields: Listing[Field], state: State) -> list[Effect]:
        return self._apart(lambda: self.command(fields, state, None))

    def _wrapped(self, call: Call) -> str | None:
        inner = unwrap(call.name, call.words[1:])
        self.effects += named_by_wrapper(call.name, call.words, inner, call.state.here())
        state = call.state.copy() if inner.assignments or inner.directory or inner.moves else call.state
        for word in inner.assignments:
            name, _, value = word.partition("=")
            state.assign(name, value)
        pairs = [(one.partition("=")[0], one.partition("=")[2]) for one in inner.assignments]
        self.effects += assigned(pairs, state, self.line)
        if inner.directory is not None:
            state.move(inner.directory)
        if inner.moves:
            state.directory = None
        if inner.line is not None:
            if inner.words and any(" " in word for word in inner.words):
                # Its shell takes such words apart again; as they were meant is judged too.
                self.command([Field(word) for word in inner.words], state.copy(), None)
            return self.run(inner.line, state.copy(), call.stdin)
        if not inner.words:
            self._reading(call)
            return "" if call.name in ("exec", "coproc") else None
        if call.name == "command" and any(word in ("-v", "-V") for word in call.words[1:2]):
            self._reading(call)
            return printed("command", call.words[1:], call.stdin, state)
        if call.name == "coproc" and inner.words[1:2] == ["{"]:
            return self.command(call.fields[3:], state, call.stdin) if len(call.fields) > 3 else ""
        fields = [Field(word) for word in inner.words] if inner.offset < 0 else call.fields[1 + inner.offset :]
        if call.name in ("command", "builtin", "env", "sudo") and inner.words[0] in {
            *state.functions,
            *state.aliases,
        }:
            state = state.copy()
            state.functions.pop(inner.words[0], None)
            state.aliases.pop(inner.words[0], None)
        return self.command(fields, state, call.stdin)

    def _program(self, call: Call) -> None:
        words, state = call.words, call.state
        context = state.here()
        if call.name == "git" or (call.name.startswith("git-") and find_program(call.name) is None):
            self._git(call, context.elsewhere() if state.outside else context)
            return
        content = state.files.get(state.absolute(words[0])) if "/" in words[0] else None
        if content is not None:
            self.run(content, state.copy(), call.stdin)
            return
        program = find_program(call.name)
        if program is None:
            if call.name in QUIET:
                self._reading(call)
                return
            known = call.name.strip(COMPUTED) and COMPUTED not in words[0]
            why = f"what {call.name[:80]} does is not analysed" if known else "the program is computed"
            self._unknown(" ".join(words), why, computed=context.fed and computed_program(words[0]))
            self._started(call)
            return
        command = Command(
            words=words,
            context=context,
            line=self.line,
            call=lambda inner, there: self._apart(lambda: self._called(inner, there)),
            patterns=frozenset(index for index, field in enumerate(call.fields) if field.wild),
            stdin=call.stdin,
        )
        self.effects += program(command)

    def _started(self, call: Call) -> None:
        what = started(call.name, call.words)
        if what.position is not None:
            self.command(call.fields[what.position :], call.state.copy(), None)
        for line in what.lines:
            self.run(line, call.state.copy())

    def _called(self, words: Listing[str], context: Context) -> None:
        if not words:
            return
        self._left -= 1
        if self._depth >= _MAX_DEPTH or self._left < 0:
            self._unknown(" ".join(words), "commands are nested too deeply")
            return
        self._depth += 1
        try:
            fields = [Field(word, streamed=() if context.fed and COMPUTED in word else None) for word in words]
            self.command(fields, State.of(context), None)
        finally:
            self._depth -= 1

    def _git(self, call: Call, context: Context) -> None:
        args = call.words[1:] if call.name == "git" else [call.name.removeprefix("git-"), *call.words[1:]]
        fields = call.fields[1:] if call.name == "git" else [Field(args[0]), *call.fields[1:]]
        if computed_words(fields):
            steers = context.fed and steers_git(args, looped=self._looped)
            why = "what git is to do is computed" if steers else "part of it is computed"
            self._unknown(" ".join(call.words), why, computed=steers)
        found = git_effects(args, context, self.line)
        self.effects += [*foreign_settings(" ".join(call.words), call.state, found), *found]

    def _reading(self, call: Call) -> None:
        self.effects.append(Effect(effect="state.read", span=_shown(call.words), why="it changes only the shell"))

    # Words and redirections

    def fields(self, word: Word, state: State) -> list[Field]:
        """The words one word becomes."""
        return expand(word, state, self._runner(state))

    def _channels(self, redirects: Listing[Redirect], state: State, stdin: str | None) -> Channels:
        channels = channels_of(redirects, state, stdin, self._runner(state))
        if channels.unended:
            self._unknown(channels.unended, "it holds a here-document without its end")
        return channels

    def _runner(self, state: State) -> Runner:
        return lambda part: self._substitution(part, state)

    def _substitution(self, part: Substitution, state: State) -> str | None:
        """Runs what stands in a substitution; its output, or the name of its pipe."""
        text = self.node(part.body, state.copy(), None)
        if part.kind == "$(":
            return text
        self._pipes += 1
        name = f"/dev/fd/{1000 + self._pipes}"
        if part.kind == "<(" and text is not None:
            state.files[name] = text
        return name


def _program(word: str) -> str:
    name = os.path.basename(word.replace("\\", "/")).lower()
    return name.removesuffix(".exe")


def _shown(words: Listing[str]) -> str:
    return " ".join(words).replace(COMPUTED, "…")[:200]
