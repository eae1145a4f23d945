"""Takes a shell line apart into the simple commands it runs, as far as its text tells."""

import codecs
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.grammar import Tree, parse, walk
from .prefix import SHELLS, line_of

if TYPE_CHECKING:
    from tree_sitter import Node

TEXT, FILE, PIPE = "<<", "<", "|"
"""Words that stand in an argv before what a command is fed: a text, a file's name, or nothing that is known."""

_MAX_DEPTH = 4
_QUOTED = re.compile(r"\\(.)", re.DOTALL)
_IN_QUOTES = re.compile(r'\\([$`"\\\n])')
_JOINED = re.compile(r"\\\n")
_SAYS = frozenset({"echo", "printf"})


@dataclass(frozen=True)
class _Fed:
    """What a command reads: one of `TEXT`, `FILE`, `PIPE`, and which."""

    how: str
    what: str = ""

    @property
    def words(self) -> list[str]:
        return [self.how] if self.how == PIPE else [self.how, self.what]


def split(command: str) -> list[list[str]]:
    """The simple commands of a shell line, in the order of its text.

    `sh -c '…'`, `eval`, `ssh host '…'` and a shell that reads a here-document are followed; words before such a
    line (`docker compose exec web`) stand before each of its commands. Words with `$x` stay as they are written.
    What a command is fed stands at its end: `<<` and the text, `<` and the file, or `|`.

    Args:
        command: as it was given to a shell.
    """
    return _split(command, _MAX_DEPTH)


def stdin_of(argv: Sequence[str]) -> tuple[list[str], str, str]:
    """An argv of `split` without what it is fed; then how, one of the marks or empty, and the text or file."""
    words = list(argv)
    if words[-1:] == [PIPE]:
        return words[:-1], PIPE, ""
    if len(words) > 2 and words[-2] in (TEXT, FILE):
        return words[:-2], words[-2], words[-1]
    return words, "", ""


def _split(text: str, depth: int) -> list[list[str]]:
    tree = parse("bash", text.encode("utf-8", "surrogateescape"))
    if tree is None:
        return []
    found: list[list[str]] = []
    for node in walk(tree.root):
        if node.type == "command":
            fed = _fed(tree, node)
            found += _followed(_words(tree, node), fed, depth)
    if not found and tree.root.has_error:
        found = _plain(text)
    return found


def _followed(words: list[str], fed: _Fed | None, depth: int) -> Iterator[list[str]]:
    """A command, or those of the shell line it runs."""
    line = line_of(words)
    if line is None and fed is not None and fed.how == TEXT and words[:1] and words[0].rpartition("/")[2] in SHELLS:
        line = ([], fed.what)
    if line is None or depth == 0:
        if words:
            yield [*words, *(fed.words if fed else ())]
        return
    before, text = line
    for inner in _split(text, depth - 1):
        yield [*before, *inner]


def _plain(text: str) -> list[list[str]]:
    """Words of a line that no grammar reads."""
    try:
        return [words] if (words := shlex.split(text, comments=True)) else []
    except ValueError:
        return []


def _words(tree: Tree, node: "Node") -> list[str]:
    """The words of a command, assignments first; redirections are none."""
    found = []
    for child in node.children:
        if child.type == "command_name":
            found.append(_word(tree, child.children[0]) if child.children else tree.text(child))
        elif child.type == "variable_assignment" or (child.is_named and not child.type.endswith("_redirect")):
            found.append(_word(tree, child))
        elif not child.is_named and child.type not in ("", "<<<", "<", ">"):
            found.append(tree.text(child))
    return found


def _word(tree: Tree, node: "Node") -> str:
    """A word without its quotes; expansions as they are written."""
    text = tree.text(node)
    if node.type == "raw_string":
        return text[1:-1]
    if node.type == "ansi_c_string":
        return _escapes(text[2:-1])
    if node.type in ("string", "translated_string"):
        return _IN_QUOTES.sub(_literal, text[text.index('"') + 1 : -1])
    if node.type in ("concatenation", "variable_assignment"):
        return "".join(_word(tree, child) for child in node.children)
    if node.type == "word":
        return _QUOTED.sub(_literal, text)
    return text


def _literal(found: re.Match[str]) -> str:
    """What a backslash keeps; a line that it continues is joined."""
    return "" if found[1] == "\n" else found[1]


def _escapes(text: str) -> str:
    try:
        return codecs.decode(text.encode("latin-1", "backslashreplace"), "unicode_escape")
    except (UnicodeDecodeError, ValueError):
        return text


def _fed(tree: Tree, command: "Node") -> _Fed | None:
    """What a command reads."""
    for child in command.children:
        if child.type == "herestring_redirect" and child.children:
            return _Fed(TEXT, _word(tree, child.children[-1]))
    node, parent = command, command.parent
    while parent is not None and parent.type in (
        "redirected_statement",
        "pipeline",
        "heredoc_redirect",
        "negated_command",
    ):
        if parent.type == "redirected_statement" and _is_last(parent, node):
            for child in parent.children:
                if fed := _redirected(tree, child):
                    return fed
        if parent.type == "pipeline" and (before := _before(parent, node)) is not None:
            return _said(tree, before)
        if parent.type == "heredoc_redirect":
            # What follows a here-document's mark on its line stands inside of it: `psql <<EOF | cat`.
            return _Fed(PIPE) if any(child.type == "|" for child in parent.children) else None
        node, parent = parent, parent.parent
    return None


def _is_last(statement: "Node", node: "Node") -> bool:
    """Whether a redirection of a statement feeds what is at a node: of a pipeline it is its last command's."""
    return statement.children[0].end_byte >= node.end_byte


def _redirected(tree: Tree, node: "Node") -> _Fed | None:
    if node.type == "heredoc_redirect":
        body = next((tree.text(child) for child in node.children if child.type == "heredoc_body"), "")
        return _Fed(TEXT, body)
    if node.type == "herestring_redirect" and node.children:
        return _Fed(TEXT, _word(tree, node.children[-1]))
    if node.type == "file_redirect" and any(child.type == "<" for child in node.children):
        return _Fed(FILE, _word(tree, node.children[-1]))
    return None


def _before(pipeline: "Node", node: "Node") -> "Node | None":
    """The command that pipes into one of a pipeline; None for its first."""
    stages = [child for child in pipeline.children if child.is_named]
    at = next((at for at, one in enumerate(stages) if one.start_byte <= node.start_byte < one.end_byte), 0)
    return stages[at - 1] if at else None


def _said(tree: Tree, node: "Node") -> _Fed:
    """What a command that is piped on says, if it is `echo`, `printf` or `cat` of a file."""
    words = _words(tree, node) if node.type == "command" else []
    if words[:1] and words[0] in _SAYS:
        rest = [word for word in words[1:] if not re.fullmatch(r"-[neE]+", word)]
        return _Fed(TEXT, " ".join(rest)) if rest else _Fed(PIPE)
    if len(words) == 2 and words[0] == "cat" and not words[1].startswith("-"):
        return _Fed(FILE, words[1])
    return _Fed(PIPE)
