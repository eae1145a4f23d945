"""What a Rails migration calls that runs at once, in whichever direction, and the methods of `change_table`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .rails_commands import (
    Command,
    Deed,
    Given,
    add_column,
    add_constraint,
    add_index,
    execute,
    remove_index,
    touching,
)
from .ruby import Call

if TYPE_CHECKING:
    from tree_sitter import Node


def _execute_drop(given: Given) -> Deed:
    """Discourse drops columns and tables in a later release than that which stops to use them."""
    columns = given.rest(1)
    drops = [f"column {given.text(0)}.{one}" for one in columns] or [f"table {given.text(0)}"]
    return given.done("destructive", None, drops=drops)


DIRECT: Mapping[str, Command] = {
    "validate_foreign_key": touching("additive"),
    "validate_check_constraint": touching("additive"),
    "validate_constraint": touching("additive"),
    "exec_query": execute,
    "exec_update": execute,
    "exec_delete": execute,
    "exec_insert": execute,
    "exec": execute,
    "query": execute,
    "query_single": execute,
    "query_hash": execute,
    "select_value": execute,
    "select_values": execute,
    "select_all": execute,
    "select_rows": execute,
    "select_one": execute,
    "execute_batch": execute,
    "execute_drop": _execute_drop,
    "mark_readonly": touching("restrictive"),
    "drop_readonly": touching("additive"),
    # Helpers that projects took over from one another.
    "add_concurrent_index": add_index,
    "remove_concurrent_index": remove_index,
    "add_concurrent_foreign_key": add_constraint,
    "add_column_with_default": add_column,
    "update_index": lambda given: given.done(
        "restrictive" if given.is_on("unique") else "additive",
        None,
        objects=[f"index {given.text(1)}", f"table {given.text(0)}"],
    ),
    "change_column_type_concurrently": touching("destructive"),
    "cleanup_concurrent_column_type_change": touching("additive"),
    "rename_column_concurrently": touching("additive"),
    "cleanup_concurrent_column_rename": touching("destructive"),
    "update_column_in_batches": touching("data"),
    "create_function": touching("unknown"),
    "drop_function": touching("unknown"),
    "update_function": touching("unknown"),
    "create_trigger": touching("unknown"),
    "drop_trigger": touching("unknown"),
}
"""What runs at once, in whichever direction."""

_ON_TABLE: Mapping[str, str] = {
    "column": "add_column",
    "index": "add_index",
    "references": "add_reference",
    "belongs_to": "add_reference",
    "timestamps": "add_timestamps",
    "remove": "remove_columns",
    "remove_references": "remove_reference",
    "remove_belongs_to": "remove_reference",
    "remove_timestamps": "remove_timestamps",
    "remove_index": "remove_index",
    "rename": "rename_column",
    "rename_index": "rename_index",
    "change": "change_column",
    "change_default": "change_column_default",
    "change_null": "change_column_null",
    "foreign_key": "add_foreign_key",
    "remove_foreign_key": "remove_foreign_key",
    "check_constraint": "add_check_constraint",
    "remove_check_constraint": "remove_check_constraint",
    "exclusion_constraint": "add_exclusion_constraint",
    "remove_exclusion_constraint": "remove_exclusion_constraint",
    "unique_constraint": "add_unique_constraint",
    "remove_unique_constraint": "remove_unique_constraint",
}


def on_table(method: str) -> str:
    """The command behind a method of `change_table`'s block; one that adds columns for the name of a type."""
    return _ON_TABLE.get(method, "add_columns")


def with_table(call: Call, table: "Node") -> Call:
    """A call of `change_table`'s block as the command it stands for."""
    return Call(on_table(call.name), "", [table, *call.args], call.options, call.block, call.parameters, call.node)
