"""What readers of syntax trees share."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...core.grammar import Tree, walk

if TYPE_CHECKING:
    from tree_sitter import Node


def digest(tree: Tree, nodes: Sequence["Node"]) -> str:
    """The same for code that differs in comments and layout only."""
    found = hashlib.sha256()
    for node in nodes:
        for one in walk(node):
            if one.child_count == 0 and "comment" not in one.type:
                found.update(tree.data[one.start_byte : one.end_byte].strip() + b"\0")
    return found.hexdigest()
