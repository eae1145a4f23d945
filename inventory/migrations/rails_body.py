"""What the methods of a Rails migration do: forwards, backwards, and what Rails makes of `change`."""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .embedded import operation
from .model import Down, Operation
from .own_tables import on_own_tables
from .rails_commands import COMMANDS, Given
from .rails_direct import DIRECT, with_table
from .ruby import Call, Class, Env, Source

if TYPE_CHECKING:
    from tree_sitter import Node

Way = Literal["up", "down", "both"]
"""When code runs: when the migration is applied, when it is taken back, or in `change`, which serves for both."""

_DEEP = 12
_WRAPPERS = re.compile(
    r"^(?:safety_assured|say_with_time|suppress_messages|transaction|ddl_transaction|with_lock_retries|with_lock|tap|then"
    r"|each|each_with_index|each_slice|each_value|each_pair|each_key|each_batch|each_batch_range|find_each|find_in_batches"
    r"|in_batches|in_groups_of|times|upto|step|map|flat_map|filter_map|select|loop|unscoped|no_touching|with_connection|uncached"
    r"|without_\w+|with_\w+|silence\w*|disable_\w+|in_\w+)$"
)
_CONNECTION = re.compile(
    r"^(?:self|DB|(?:.*[.:])?(?:connection|conn|lease_connection)|helpers?|MiniSqlMultisite\w*|Migration::\w+(?:::\w+)*)$"
)
_WRITES = re.compile(
    r"^(?:update(?:_all|_columns?|_attributes?|_counters)?!?|save!?|create!?|insert(?:_all)?!?|upsert(?:_all)?"
    r"|touch(?:_all)?|first_or_create!?|find_or_create_by!?|create_or_find_by!?|find_or_initialize_by|increment!|decrement!|toggle!"
    r"|(?:in|de)crement_counter|reset_counters|reset_pk_sequence!|import!?)$"
)
_DELETES = re.compile(r"^(?:delete(?:_all|_by)?|destroy(?:_all|_by)?!?|truncate\w*|purge\w*)$")
_QUIET = re.compile(
    r".*\?$|^(?:reset_column_information|say|puts|p|pp|print|warn|sleep|require\w*|include|extend|info|debug|error"
    r"|lock_timeout|set_lock_timeout|statement_timeout|begin_db_transaction|commit_db_transaction|disable_ddl_transaction!|private"
    r"|public|where|find|find_by!?|pluck|count|sum|first|last|order|limit|joins|includes|group|to_a|exists|all|new|freeze|now"
    r"|ids|reload|load|load_schema!?|clear_cache!?|schema_cache|reconnect!|reset!|abort|exit|lock|announce|write|attr_\w+"
    r"|set_\w+|current|default_scopes?|table_name=?|inheritance_column=?|quote\w*|unscope|find_by_sql|present|minimum|maximum)$"
)
_REFUSED = re.compile(
    r"IrreversibleMigration|NotImplemented|cannot be (?:undone|reversed|rolled back)|irreversible", re.IGNORECASE
)
_INSIDE = frozenset({
    "body_statement", "block_body", "then", "else", "elsif", "ensure", "rescue", "begin", "begin_block", "do", "if",
    "unless", "if_modifier", "unless_modifier", "rescue_modifier", "while", "until", "while_modifier",
    "until_modifier", "case", "when", "parenthesized_statements",
    "binary", "conditional", "return", "argument_list", "in_clause", "case_match", "for",
    "unary", "interpolation", "await",
})  # fmt: skip
_ALWAYS = frozenset({
    "transaction", "safety_assured", "say_with_time", "suppress_messages", "reversible", "up", "down", "up_only"
})  # fmt: skip
_UNLESS = ("if", "unless", "if_modifier", "unless_modifier", "elsif", "conditional", "case")
_THERE = re.compile(r"exists\?")


@dataclass(eq=False)
class Body:
    """What is known of a migration's methods.

    Args:
        source: the file.
        owner: the class.
    """

    source: Source
    owner: Class
    up: list[Operation] = field(default_factory=list)
    undo: list[Operation] = field(default_factory=list)
    refused: bool = False
    unsure: bool = False

    def read(self) -> tuple[list[Operation], Down, list[Operation]]:
        """What it does, whether it can be taken back, and what that does."""
        methods = self.owner.methods
        if "change" in methods:
            self._run(methods["change"], "both")
            down: Down = "inferred" if self.undo else "empty"
        else:
            if "up" in methods:
                self._run(methods["up"], "up")
            if "down" in methods:
                self._run(methods["down"], "down")
            # Without a `down` Rails removes the row and does nothing else.
            down = "works" if self.undo else "empty"
        if self.refused:
            return on_own_tables(self.up), "missing", []
        if self.unsure:
            down = "unknown"
        return on_own_tables(self.up), down, self.undo

    def _run(self, method: "Node", way: Way) -> None:
        body = method.child_by_field_name("body")
        if body is not None:
            self._visit(body, _Place(dict(self.owner.constants), way))

    def _visit(self, node: "Node", place: "_Place") -> None:
        if node.type in ("call", "identifier", "super"):
            self._call(node, place)
        elif node.type in ("assignment", "operator_assignment"):
            self._assign(node, place)
        elif node.type in _INSIDE:
            condition = node.child_by_field_name("condition") or (
                node.child_by_field_name("value") if node.type == "case" else None
            )
            inner = place
            if node.type in _UNLESS and condition is not None:
                # When Rails reverses `add_column … unless column_exists?`, the column is there: nothing is reversed.
                self.unsure |= place.way == "both" and bool(_THERE.search(self.source.tree.text(condition)))
                inner = dataclasses.replace(place, sure=False)
            for one in node.named_children:
                if condition is None or one.id != condition.id:
                    self._visit(one, inner)

    def _assign(self, node: "Node", place: "_Place") -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        if left.type in ("identifier", "constant") and node.type == "assignment":
            place.env[self.source.tree.text(left)] = right
        if right.type == "call":
            self._call(right, dataclasses.replace(place, used=True))

    def _call(self, node: "Node", place: "_Place") -> None:
        call = self.source.call(node, place.env)
        if call is None or place.depth > _DEEP:
            return
        for handle in (self._control, self._helper, self._command, self._model):
            if handle(call, place):
                return

    def _control(self, call: Call, place: "_Place") -> bool:
        """What decides when other code runs."""
        if call.name == "raise":
            said = bool(_REFUSED.search(self.source.tree.text(call.node)))
            if said and place.way == "down":
                self.refused |= place.sure
                self.unsure |= not place.sure
            return True
        if call.name == "reversible" and call.block is not None:
            self._visit(call.block, place.inside(call, directions=frozenset(call.parameters)))
            return True
        if call.name in ("up", "down") and call.receiver in place.directions and call.block is not None:
            self._within(call, place, "up" if call.name == "up" else "down")
            return True
        if call.name == "up_only":
            self._within(call, place, "up")
            return True
        if call.name == "revert":
            self._revert(call, place)
            return True
        return False

    def _within(self, call: Call, place: "_Place", way: Way) -> None:
        """Code of one direction; that of the other direction does not run in `up` or `down`."""
        if call.block is not None and place.way == "both":
            self._visit(call.block, dataclasses.replace(place.inside(call), way=way))
        elif call.block is not None and way == "up":
            self._visit(call.block, place.inside(call))

    def _revert(self, call: Call, place: "_Place") -> None:
        if call.block is None:
            self._add([operation("unknown", "revert of another migration", call.line)], None, place, recorded=True)
            return
        inner = Body(self.source, self.owner)
        inner._visit(call.block, dataclasses.replace(place.inside(call), way="both"))
        self.unsure |= inner.refused or inner.unsure
        self._add(inner.undo, inner.up, place, recorded=True)

    def _helper(self, call: Call, place: "_Place") -> bool:
        """A method of the migration itself."""
        method = self.owner.methods.get(call.name)
        if method is None or call.receiver not in ("", "self") or call.name in ("up", "down", "change"):
            return False
        parameters = method.child_by_field_name("parameters")
        named = [self.source.tree.text(one) for one in parameters.named_children] if parameters is not None else []
        env = {**self.owner.constants, **dict(zip(named, call.args, strict=False))}
        for one in parameters.named_children if parameters is not None else ():
            name = one.child_by_field_name("name")
            value = (
                call.options.get(self.source.tree.text(name)) or one.child_by_field_name("value") if name else None
            )
            if name is not None and value is not None:
                env[self.source.tree.text(name)] = value
        body = method.child_by_field_name("body")
        if body is not None:
            values = {key: self.source.resolved(value, place.env) or value for key, value in env.items()}
            self._visit(body, dataclasses.replace(place, env=values, depth=place.depth + 1))
        return True

    def _command(self, call: Call, place: "_Place") -> bool:
        given = Given(self.source, call, place.env)
        if call.receiver and call.receiver in place.tables:
            call = with_table(call, place.tables[call.receiver])
            given = Given(self.source, call, place.env)
        elif call.name == "change_table" and call.block is not None and call.args:
            inner = place.inside(call)
            tables = {**place.tables, **dict.fromkeys(call.parameters, call.args[0])}
            self._visit(call.block, dataclasses.replace(inner, tables=tables))
            return True
        own = not call.receiver or call.receiver == "self"
        if not own and not _CONNECTION.match(call.receiver):
            return False
        command = COMMANDS.get(call.name)
        if command is not None:
            deed = command(given)
            self._add(deed.up, deed.back, place, recorded=own)
            return True
        command = DIRECT.get(call.name)
        if command is not None:
            self._add(command(given).up, None, place, recorded=False)
        return command is not None

    def _model(self, call: Call, place: "_Place") -> bool:
        """Code of the application, or of a library."""
        used, place = place.used, dataclasses.replace(place, used=False)
        if _WRAPPERS.match(call.name) and call.block is not None:
            self._loop(call, place)
        elif _of_collection(call):
            pass
        elif call.receiver and _DELETES.match(call.name):
            self._add([operation("destructive", _shown(call), call.line)], None, place, recorded=False)
        elif call.receiver and _WRITES.match(call.name):
            self._add([operation("data", _shown(call), call.line)], None, place, recorded=False)
        elif call.block is not None:
            self._visit(call.block, place.inside(call))
        elif not (used or _QUIET.match(call.name) or call.node.type == "identifier" or "logger" in call.receiver):
            self._add([operation("unknown", _shown(call), call.line)], None, place, recorded=False)
        return True

    def _loop(self, call: Call, place: "_Place") -> None:
        """A block, once for each item of a list that is written out."""
        assert call.block is not None
        items = self.source.items(call.node.child_by_field_name("receiver"), place.env)
        inner = place.inside(call)
        if not items or not call.parameters or not call.name.startswith("each"):
            self._visit(call.block, inner)
            return
        for item in items:
            pair = [item.child_by_field_name(name) for name in ("key", "value")] if item.type == "pair" else []
            values = [one for one in pair if one is not None] or self.source.items(item, place.env) or [item]
            named = [name.strip("()") for one in call.parameters for name in one.split(",")]
            env = {**place.env, **dict(zip([name.strip() for name in named], values, strict=False))}
            self._visit(call.block, dataclasses.replace(inner, env=env))

    def _add(
        self, up: Sequence[Operation], back: Sequence[Operation] | None, place: "_Place", *, recorded: bool
    ) -> None:
        """Take up what a call does.

        Args:
            up: its operations.
            back: those of its inverse; None if it has none.
            place: when it runs.
            recorded: whether Rails records it in `change`; if not it runs again when that is taken back.
        """
        if place.way == "down":
            self.undo += up
            return
        self.up += up
        if place.way == "up" or (not recorded and all(one.effect == "additive" for one in up)):
            return
        if not recorded:
            self.unsure = True
        elif back is None:
            self.refused = True
        else:
            self.undo[:0] = back


@dataclass(frozen=True, eq=False)
class _Place:
    """Where code stands.

    Attributes:
        env: what names stand for there.
        way: when it runs.
        sure: whether it runs in any case.
        used: whether its value is used.
        directions: names that `reversible` gives to its block.
        tables: names that `change_table` gives to its block, with their tables.
        depth: of methods that call each other.
    """

    env: "dict[str, Node]"
    way: Way
    sure: bool = True
    used: bool = False
    directions: frozenset[str] = frozenset()
    tables: Env = field(default_factory=dict)
    depth: int = 0

    def inside(self, call: Call, directions: frozenset[str] = frozenset()) -> "_Place":
        """Within a call's block."""
        sure = self.sure and call.name in _ALWAYS
        return dataclasses.replace(
            self,
            env=dict(self.env),
            sure=sure,
            used=False,
            directions=self.directions | directions,
            depth=self.depth + 1,
        )


def _of_collection(call: Call) -> bool:
    """Whether `delete` is an array's or a hash's: those are given what to take out, and are no models."""
    return call.name == "delete" and bool(call.args) and not call.receiver[:1].isupper()


def _shown(call: Call) -> str:
    """A call without its arguments, which may be data."""
    last = re.sub(r"\(.*|\s.*", "", call.receiver, flags=re.DOTALL)
    return f"{last}.{call.name}" if last else call.name
