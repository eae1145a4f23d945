"""Which nodes of which grammar call something, name something, or say something."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_DEPTH = 6
_ECMASCRIPT = (
    "call_expression new_expression",
    "variable_declarator assignment_expression pair method_definition function_declaration",
)
# What calls something, and what gives a name a value, by grammar.
NODES: Mapping[str, tuple[str, str]] = {
    "ruby": ("call", "assignment operator_assignment pair method singleton_method"),
    "python": ("call", "assignment pair function_definition"),
    "javascript": (_ECMASCRIPT[0], f"{_ECMASCRIPT[1]} field_definition"),
    "typescript": (_ECMASCRIPT[0], f"{_ECMASCRIPT[1]} public_field_definition enum_assignment"),
    "tsx": (_ECMASCRIPT[0], f"{_ECMASCRIPT[1]} public_field_definition enum_assignment"),
    "go": (
        "call_expression",
        "short_var_declaration assignment_statement const_spec var_spec function_declaration method_declaration",
    ),
    "php": ("function_call_expression scoped_call_expression member_call_expression object_creation_expression",
            "assignment_expression const_element method_declaration function_definition array_element_initializer"),
    "java": ("method_invocation object_creation_expression annotation", "variable_declarator assignment_expression"),
    "csharp": ("invocation_expression object_creation_expression attribute",
               "variable_declarator assignment_expression"),
    "elixir": ("call", ""),
}  # fmt: skip
ARGUMENTS = frozenset({"argument_list", "arguments", "annotation_argument_list", "attribute_argument_list"})
STRINGS = frozenset(
    {"string", "template_string", "interpreted_string_literal", "raw_string_literal", "encapsed_string",
     "string_literal", "chained_string", "concatenated_string", "verbatim_string_literal",
     "interpolated_string_expression", "heredoc_body"}
)  # fmt: skip
CONTENT = frozenset(
    {"string_content", "string_fragment", "interpreted_string_literal_content", "raw_string_literal_content",
     "string_literal_content", "escape_sequence", "string_value", "quoted_content"}
)  # fmt: skip
COMPUTED = frozenset({"interpolation", "template_substitution", "variable_name", "member_access_expression"})
NAMES = frozenset(
    {"identifier", "constant", "property_identifier", "instance_variable", "shorthand_property_identifier",
     "field_identifier", "private_property_identifier", "class_variable", "name"}
)  # fmt: skip
MEMBERS = frozenset(
    {"member_expression", "attribute", "scope_resolution", "selector_expression", "field_access",
     "member_access_expression", "class_constant_access_expression", "subscript_expression"}
)  # fmt: skip
LISTS = frozenset({"array", "list", "tuple", "array_creation_expression"})
FUNCTIONS = frozenset(
    {"method", "singleton_method", "function_definition", "function_declaration", "method_definition",
     "method_declaration", "arrow_function", "function_expression", "lambda"}
)  # fmt: skip
HOLDERS = frozenset({"pair", "class", "module", "class_definition", "class_declaration", "variable_declarator",
                      *FUNCTIONS})  # fmt: skip
_BODIES = frozenset({"statement_block", "block", "body_statement", "compound_statement", "do_block", "block_body"})
# Statements within which a function may return.
_WITHIN = re.compile(r"block|body|clause|statement|^if$|^unless$|^case$|^when$|^then$|^else$|^begin$|^rescue$")
PAIRS = frozenset({"pair", "keyword_argument", "keyed_element"})


def returned(function: "Node", depth: int = 0) -> "Node | None":
    """The expression that a function returns last."""
    body = function.child_by_field_name("body")
    if body is None or depth > 2:
        return None
    if body.type not in _BODIES:
        # `id => `user:${id}``, and a function that returns a function.
        return returned(body, depth + 1) if body.type in FUNCTIONS else body
    found = _return_in(body, 0)
    if found is not None:
        value = found.named_children[0] if found.named_children else None
        return value.named_children[0] if value is not None and value.type == "argument_list" else value
    if function.type in ("method", "singleton_method") and body.named_children:
        last = body.named_children[-1]
        # `@key ||= "…"`
        return last.child_by_field_name("right") if last.type == "operator_assignment" else last
    return None


def _return_in(node: "Node", depth: int) -> "Node | None":
    """The last return statement among statements."""
    for child in reversed(node.named_children):
        if child.type in ("return_statement", "return"):
            return child
        if depth < _MAX_DEPTH and _WITHIN.search(child.type) and child.type != "expression_statement":
            found = _return_in(child, depth + 1)
            if found is not None:
                return found
    return None
