"""Reads a shell text: tree-sitter's tree becomes the nodes of `nodes`, a plain line needs no tree at all."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ...core.late import late
from .heredocs import MARK, lift
from .nodes import (
    Assignment,
    Branches,
    Expression,
    Function,
    Group,
    Loop,
    Node,
    Part,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    Text,
    Unknown,
    Word,
)
from .parser import GUARDED, Unreadable, armoured, parse, plain
from .words import MAX_DEPTH, WordReader, joined, source_of

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

_MAX_DOCUMENTS = 1000
_PLAIN_WORD = late(r"[\w./:@%+,\-^=~]+")
_RESERVED = frozenset(
    {
        "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function",
        "select", "time", "coproc", "in", "export", "declare", "typeset", "local", "readonly", "unset",
    }
)  # fmt: skip
_DOCUMENT = late(f"{MARK}(\\d+){MARK}")


def read(text: str) -> Node:
    """The commands of a shell text.

    Raises:
        Unreadable: it does not parse, or it is too much.
    """
    # What marks a here-document in `lift` must not come from the text itself.
    return _plain(text) or _Reader().text(text.replace(MARK, "\ufffd"))


def _plain(text: str) -> Node | None:
    """A line of words without anything the shell would treat specially."""
    words = text.split(" ")
    if not all(not word or _PLAIN_WORD.fullmatch(word) for word in words):
        return None
    words = [word for word in words if word]
    if not words or words[0] in _RESERVED or any("=" in word and word[0] != "-" for word in words):
        return None
    return Simple(tuple(Word((Text(word),)) for word in words))


class _Reader(WordReader):
    """One text with the texts inside it: documents and back-quoted commands."""

    def text(self, text: str) -> Node:
        """A text as a sequence."""
        lifted = lift(text, self.documents)
        if len(self.documents) > _MAX_DOCUMENTS:
            raise Unreadable("holds too many here-documents")
        root = parse(armoured(lifted))
        if root.has_error:
            raise Unreadable("does not parse")
        return self.sequence(root.children)

    def node(self, tree: "Tree") -> Node:
        self.count()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("is nested too deeply")
        convert = _CONVERTERS.get(tree.type)
        if convert is None:
            raise Unreadable("does not parse")
        node = convert(self, tree)
        self.depth -= 1
        return node

    def sequence(self, trees: "list[Tree]") -> Node:
        items = tuple(self.node(one) for one in trees if one.is_named and one.type != "comment")
        return items[0] if len(items) == 1 else Sequence(items)

    # Statements

    def command(self, tree: "Tree") -> Node:
        assignments: list[Assignment] = []
        words: list[tuple[Part, ...]] = []
        unsplit: set[int] = set()
        here: list[Redirect] = []
        end = -1
        for one in tree.children:
            self.count()
            kind = one.type
            if kind == "variable_assignment":
                if words:
                    unsplit.add(len(words))
                    words.append(self.assignment_word(one))
                else:
                    assignments.append(self.assign(one))
            elif kind.endswith("redirect"):
                redirect, more = self.redirect(one)
                here.append(redirect)
                words += more
            elif kind == "subscript" and not words:
                words.append((Text(source_of(one)),))
            else:
                parts = self.parts(one, quoted=False)
                if one.start_byte == end and words:
                    words[-1] = joined(words[-1], parts)
                else:
                    words.append(parts)
            end = one.end_byte
        built = tuple(Word(parts, index not in unsplit) for index, parts in enumerate(words))
        return Simple(built, tuple(assignments), tuple(here))

    def bare_assignment(self, tree: "Tree") -> Node:
        return Simple((), (self.assign(tree),))

    def bare_assignments(self, tree: "Tree") -> Node:
        return Simple((), tuple(self.assign(one) for one in tree.named_children))

    def assign(self, tree: "Tree") -> Assignment:
        name, value = tree.child_by_field_name("name"), tree.child_by_field_name("value")
        appends = any(one.type == "+=" for one in tree.children)
        written, _, index = ("" if name is None else source_of(name)).partition("[")
        if value is not None and value.type == "array":
            words = tuple(Word(self.parts(one, quoted=False)) for one in value.named_children)
            return Assignment(written, None, words, appends)
        parts = () if value is None else self.parts(value, quoted=False)
        return Assignment(written, Word(parts, splits=False), None, appends, index.rstrip("]"))

    def assignment_word(self, tree: "Tree") -> tuple[Part, ...]:
        """An assignment among a command's arguments: `export X=1`, `env X=1 git`."""
        value = tree.child_by_field_name("value")
        if value is None:
            return (Text(source_of(tree)),)
        head = plain((tree.text or b"")[: value.start_byte - tree.start_byte])
        if value.type == "array":
            inner = [part for one in value.named_children for part in self.parts(one, quoted=False)]
            return (Text(head), Unknown(tuple(inner)))
        return (Text(head), *self.parts(value, quoted=False))

    def redirected(self, tree: "Tree") -> Node:
        body = tree.child_by_field_name("body")
        redirects: list[Redirect] = []
        more: list[tuple[Part, ...]] = []
        for one in tree.children:
            if one.type.endswith("redirect"):
                redirect, words = self.redirect(one)
                redirects.append(redirect)
                more += words
        if body is None:
            return Simple(tuple(Word(parts) for parts in more), (), tuple(redirects))
        return _attach(self.node(body), tuple(redirects), tuple(Word(parts) for parts in more))

    def redirect(self, tree: "Tree") -> tuple[Redirect, list[tuple[Part, ...]]]:
        """A redirection, and the words behind its target, which belong to the command."""
        if tree.type == "heredoc_redirect":
            raise Unreadable("does not parse")
        operator, descriptor = "", ""
        words: list[tuple[Part, ...]] = []
        end = -1
        for one in tree.children:
            self.count()
            if one.type == "file_descriptor":
                descriptor = source_of(one)
            elif not operator and not one.is_named:
                operator = one.type
            else:
                parts = self.parts(one, quoted=False)
                if one.start_byte == end and words:
                    words[-1] = joined(words[-1], parts)
                else:
                    words.append(parts)
                end = one.end_byte
        target = words[0] if words else ()
        first = target[0] if target else None
        if isinstance(first, Text) and (match := _DOCUMENT.fullmatch(first.text)):
            target, operator = self.document(self.documents[int(match[1])]), "<<"
        return Redirect(operator, Word(target), descriptor), words[1:]

    def pipeline(self, tree: "Tree") -> Node:
        stages = [self.node(one) for one in tree.children if one.is_named and one.type != "comment"]
        return _piped(stages)

    def inner(self, tree: "Tree") -> Node:
        return self.sequence(tree.children)

    def subshell(self, tree: "Tree") -> Node:
        return Group(self.sequence(tree.children), subshell=True)

    def compound(self, tree: "Tree") -> Node:
        if tree.children and tree.children[0].type == "((":
            return self._doubled(tree)
        return self.sequence(tree.children)

    def _doubled(self, tree: "Tree") -> Node:
        """`(( ))` is arithmetic; to a shell that has none, two subshells."""
        inner = source_of(tree)[2:-2]
        if GUARDED.search(inner) is None:
            return self.expression(tree)
        return Sequence((self.expression(tree), Group(self.text(inner), subshell=True)))

    def expression(self, tree: "Tree") -> Node:
        return Expression(tuple(self.inside(tree)))

    def conditional(self, tree: "Tree") -> Node:
        condition = [one for index, one in enumerate(tree.children) if _field(tree, index) == "condition"]
        first = self.sequence(condition)
        arms: list[Node] = []
        own = [
            one
            for index, one in enumerate(tree.children)
            if _field(tree, index) != "condition" and one.type not in ("elif_clause", "else_clause")
        ]
        arms.append(self.sequence(own))
        arms += [self.sequence(one.children) for one in tree.children if one.type in ("elif_clause", "else_clause")]
        return Branches(first, tuple(arms))

    def cases(self, tree: "Tree") -> Node:
        value = tree.child_by_field_name("value")
        first = Expression(() if value is None else self.parts(value, quoted=False))
        arms = []
        for item in tree.children:
            if item.type == "case_item":
                body = [one for index, one in enumerate(item.children) if _field(item, index) != "value"]
                arms.append(self.sequence(body))
        return Branches(first, tuple(arms))

    def each(self, tree: "Tree") -> Node:
        name, body = tree.child_by_field_name("variable"), tree.child_by_field_name("body")
        values = [one for index, one in enumerate(tree.children) if _field(tree, index) == "value"]
        words = tuple(Word(self.parts(one, quoted=False)) for one in values)
        listed = any(one.type == "in" for one in tree.children)
        inner = self.node(body) if body is not None else Sequence(())
        return Loop(inner, "" if name is None else source_of(name), words if listed else None)

    def repeated(self, tree: "Tree") -> Node:
        condition = [one for index, one in enumerate(tree.children) if _field(tree, index) == "condition"]
        body = tree.child_by_field_name("body")
        inner = self.node(body) if body is not None else Sequence(())
        return Loop(inner, condition=self.sequence(condition))

    def counting(self, tree: "Tree") -> Node:
        body = tree.child_by_field_name("body")
        head = [part for one in tree.named_children if one != body for part in self.inside(one)]
        inner = self.node(body) if body is not None else Sequence(())
        name = next((source_of(one) for one in _walk(tree) if one.type == "variable_name"), "")
        return Loop(inner, name, (Word((Unknown(tuple(head)),)),))

    def function(self, tree: "Tree") -> Node:
        name, body = tree.child_by_field_name("name"), tree.child_by_field_name("body")
        inner = self.node(body) if body is not None else Sequence(())
        redirects = [self.redirect(one)[0] for one in tree.children if one.type.endswith("redirect")]
        if redirects:
            inner = Group(inner, redirects=tuple(redirects))
        return Function("" if name is None else source_of(name), inner)


_CONVERTERS: "dict[str, Callable[[_Reader, Tree], Node]]" = {
    "program": _Reader.inner,
    "command": _Reader.command,
    "declaration_command": _Reader.command,
    "unset_command": _Reader.command,
    "variable_assignment": _Reader.bare_assignment,
    "variable_assignments": _Reader.bare_assignments,
    "redirected_statement": _Reader.redirected,
    "pipeline": _Reader.pipeline,
    "list": _Reader.inner,
    "negated_command": _Reader.inner,
    "subshell": _Reader.subshell,
    "compound_statement": _Reader.compound,
    "do_group": _Reader.inner,
    "test_command": _Reader.expression,
    "if_statement": _Reader.conditional,
    "case_statement": _Reader.cases,
    "for_statement": _Reader.each,
    "while_statement": _Reader.repeated,
    "c_style_for_statement": _Reader.counting,
    "function_definition": _Reader.function,
}


def _attach(node: Node, redirects: tuple[Redirect, ...], words: tuple[Word, ...]) -> Node:
    """A node with redirections: of a list or a pipeline only the last command has them."""
    if isinstance(node, Simple):
        return node._replace(words=node.words + words, redirects=node.redirects + redirects)
    if isinstance(node, Sequence) and node.items:
        return Sequence((*node.items[:-1], _attach(node.items[-1], redirects, words)))
    if isinstance(node, Pipeline):
        return Pipeline((*node.stages[:-1], _attach(node.stages[-1], redirects, words)))
    return Group(node, redirects=redirects)


def _piped(stages: list[Node]) -> Node:
    """The grammar binds `a | b && c` as `a | (b && c)`; the shell does not."""
    last = stages[-1]
    if isinstance(last, Sequence) and last.items:
        return Sequence((_piped([*stages[:-1], last.items[0]]), *last.items[1:]))
    return Pipeline(tuple(stages))


def _field(tree: "Tree", index: int) -> str | None:
    return tree.field_name_for_child(index)


def _walk(tree: "Tree") -> "Iterator[Tree]":
    for one in tree.named_children:
        yield one
        if one.type != "do_group":
            yield from _walk(one)
