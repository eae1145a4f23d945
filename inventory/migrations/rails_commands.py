"""What the commands of a Rails migration do, and whether Rails takes them back by itself.

Source: `ActiveRecord::Migration::CommandRecorder` of Rails 8, and the documentation of scenic and strong_migrations.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .embedded import COMPUTED, of_sql, operation
from .model import Effect, Operation
from .ruby import Call, Env, Source


@dataclass(frozen=True)
class Deed:
    """What one command does.

    Attributes:
        up: its operations.
        back: what takes it back; None if Rails refuses to.
    """

    up: Sequence[Operation]
    back: Sequence[Operation] | None


@dataclass(frozen=True, eq=False)
class Given:
    """A command's arguments, read.

    Attributes:
        source: the file.
        call: the command.
        env: what names stand for.
        table: the table, if it is called on one: `t.string :name` in `change_table :users`.
    """

    source: Source
    call: Call
    env: Env
    table: str = ""

    def text(self, place: int) -> str:
        """The text of an argument; `COMPUTED` if it cannot be told, or is absent."""
        found = self.source.text(self.call.args[place], self.env) if len(self.call.args) > place else None
        return COMPUTED if found is None else found

    def rest(self, start: int) -> list[str]:
        """The texts of the arguments from a place on, with those of lists among them."""
        return [text for one in self.call.args[start:] for text in self.source.texts(one, self.env)]

    def option(self, name: str) -> str:
        """What stands for an option: `false`, `nil`, a name; empty if it is not given."""
        node = self.call.options.get(name)
        if node is None:
            return ""
        return self.source.text(node, self.env) or self.source.word(node, self.env)

    def has(self, name: str) -> bool:
        """Whether an option is given."""
        return name in self.call.options

    def is_on(self, name: str) -> bool:
        """Whether an option is given and neither false nor nil."""
        return self.has(name) and self.option(name) not in ("false", "nil")

    def columns(self, place: int = 1) -> list[str]:
        """The columns of an index: at a place, or in the option `column`."""
        if len(self.call.args) > place:
            return self.source.texts(self.call.args[place], self.env)
        return self.source.texts(self.call.options.get("column"), self.env)

    def done(
        self,
        effect: Effect,
        back: Effect | None,
        *,
        creates: Sequence[str] = (),
        drops: Sequence[str] = (),
        objects: Sequence[str] = (),
    ) -> Deed:
        """A deed with one operation; `back` is the effect of its inverse, None if there is none."""
        name, line = self.call.name, self.call.line
        up = [operation(effect, name, line, creates=creates, drops=drops, objects=objects)]
        if back is None:
            return Deed(up, None)
        undo = operation(back, f"undo of {name}", line, creates=drops, drops=creates, objects=objects)
        return Deed(up, [undo])


Command = Callable[[Given], Deed]


def _create_table(given: Given) -> Deed:
    table = f"table {given.text(0)}"
    # With `force` one that is there already is dropped first.
    return given.done("destructive" if given.is_on("force") else "additive", "destructive", creates=[table])


def _join_table(given: Given) -> str:
    named = given.option("table_name")
    pair = sorted((given.text(0), given.text(1)))
    return f"table {named or (COMPUTED if COMPUTED in pair else '_'.join(pair))}"


def _drop_table(given: Given) -> Deed:
    tables = given.rest(0)
    described = given.call.block is not None or given.call.node.child_by_field_name("block") is not None
    described = described or bool(given.call.options.keys() - {"if_exists"})
    back: Effect | None = "additive" if described and len(tables) == 1 else None
    return given.done("destructive", back, drops=[f"table {one}" for one in tables] or [f"table {COMPUTED}"])


def _rename(kind: str, effect: Effect) -> Command:
    def command(given: Given) -> Deed:
        # An index is named by itself, a column with its table.
        prefix = f"{given.text(0)}." if kind == "column" else ""
        first = 0 if kind in ("table", "type") else 1
        new = given.text(first + 1)
        if new == COMPUTED:
            new = given.option("to") or COMPUTED
        names = [f"{kind} {prefix}{name}" for name in (given.text(first), new)]
        return given.done(effect, effect, drops=names[:1], creates=names[1:])

    return command


def _required(given: Given) -> bool:
    """Whether a column has to be given a value by those who insert."""
    return given.option("null") == "false" and (not given.has("default") or given.option("default") == "nil")


def add_column(given: Given) -> Deed:
    return _added(given, given.text(0), [given.text(1)])


def _add_columns(given: Given) -> Deed:
    return _added(given, given.text(0), given.rest(1))


def _added(given: Given, table: str, columns: Sequence[str]) -> Deed:
    effect: Effect = "restrictive" if _required(given) else "additive"
    names = [f"column {table}.{column}" for column in columns]
    return given.done(effect, "destructive", creates=names, objects=[f"table {table}"])


def _remove_column(given: Given) -> Deed:
    typed = len(given.call.args) > 2
    names = [f"column {given.text(0)}.{given.text(1)}"]
    return given.done("destructive", "additive" if typed else None, drops=names)


def _remove_columns(given: Given) -> Deed:
    names = [f"column {given.text(0)}.{column}" for column in given.rest(1)]
    return given.done("destructive", "additive" if given.has("type") else None, drops=names)


def _reference(given: Given) -> list[str]:
    names = []
    for name in given.rest(1):
        names.append(f"column {given.text(0)}.{name}_id")
        if given.is_on("polymorphic"):
            names.append(f"column {given.text(0)}.{name}_type")
    return names


def _add_reference(given: Given) -> Deed:
    tight = _required(given) or given.is_on("foreign_key")
    return given.done(
        "restrictive" if tight else "additive",
        "destructive",
        creates=_reference(given),
        objects=[f"table {given.text(0)}"],
    )


_STAMPS = ("created_at", "updated_at")


def _add_timestamps(given: Given) -> Deed:
    loose = given.option("null") == "true" or given.is_on("default")
    names = [f"column {given.text(0)}.{column}" for column in _STAMPS]
    return given.done(
        "additive" if loose else "restrictive", "destructive", creates=names, objects=[f"table {given.text(0)}"]
    )


def _remove_timestamps(given: Given) -> Deed:
    return given.done("destructive", "additive", drops=[f"column {given.text(0)}.{column}" for column in _STAMPS])


def _change_default(given: Given) -> Deed:
    back: Effect | None = "additive" if given.has("from") and given.has("to") else None
    value = (
        given.option("to")
        if given.has("to")
        else given.source.word(given.call.args[2], given.env)
        if len(given.call.args) > 2
        else ""
    )
    effect: Effect = "restrictive" if value == "nil" else "additive"
    if back and given.option("from") == "nil":
        back = "restrictive"
    return given.done(effect, back, objects=[_column(given)])


def _change_null(given: Given) -> Deed:
    word = given.source.word(given.call.args[2], given.env) if len(given.call.args) > 2 else ""
    effect, back = ("additive", "restrictive") if word == "true" else ("restrictive", "additive")
    return given.done(effect, back, objects=[_column(given)])  # type: ignore[arg-type]


def _column(given: Given) -> str:
    return f"column {given.text(0)}.{given.text(1)}"


def _index_name(given: Given) -> str:
    named = given.option("name")
    columns = given.columns()
    if named or not columns or COMPUTED in "".join((given.text(0), *columns)):
        return f"index {named or COMPUTED}"
    return f"index index_{given.text(0).replace('.', '_')}_on_{'_and_'.join(columns)}"


def add_index(given: Given) -> Deed:
    effect: Effect = "restrictive" if given.is_on("unique") else "additive"
    return given.done(effect, "additive", creates=[_index_name(given)], objects=[f"table {given.text(0)}"])


def remove_index(given: Given) -> Deed:
    back: Effect | None = "additive" if given.columns() else None
    if back and given.is_on("unique"):
        back = "restrictive"
    return given.done("additive", back, drops=[_index_name(given)], objects=[f"table {given.text(0)}"])


def _constraint(given: Given) -> list[str]:
    return [f"constraint {given.text(0)}.{given.option('name')}"] if given.has("name") else []


def add_constraint(given: Given) -> Deed:
    return given.done("restrictive", "additive", creates=_constraint(given), objects=[f"table {given.text(0)}"])


def _remove_constraint(given: Given) -> Deed:
    told = len(given.call.args) > 1 or given.has("to_table")
    return given.done(
        "additive",
        "restrictive" if told else None,
        drops=_constraint(given),
        objects=[f"table {given.text(0)}"],
    )


def _made(kind: str) -> Command:
    return lambda given: given.done("additive", "destructive", creates=[f"{kind} {given.text(0)}"])


def _gone(kind: str, *, needs: int = 0) -> Command:
    """Drops something; taken back if as many arguments as `needs` say how it was."""

    def command(given: Given) -> Deed:
        told = len(given.call.args) > needs
        return given.done("destructive", "additive" if told else None, drops=[f"{kind} {given.text(0)}"])

    return command


def _comment(given: Given) -> Deed:
    return given.done("additive", "additive" if given.has("from") and given.has("to") else None)


def touching(effect: Effect, back: Effect | None = None) -> Command:
    """Changes something that is there before and after."""

    def command(given: Given) -> Deed:
        column = len(given.call.args) > 1 and given.text(1) != COMPUTED
        return given.done(effect, back, objects=[_column(given) if column else f"table {given.text(0)}"])

    return command


def _rename_value(given: Given) -> Deed:
    told = given.has("from") and given.has("to")
    return given.done("destructive", "destructive" if told else None, objects=[f"type {given.text(0)}"])


def _drop_view(given: Given) -> Deed:
    back: Effect | None = "additive" if given.has("revert_to_version") else None
    return given.done("destructive", back, drops=[f"view {given.text(0)}"])


def _update_view(given: Given) -> Deed:
    back: Effect | None = "unknown" if given.has("revert_to_version") else None
    return given.done("unknown", back, objects=[f"view {given.text(0)}"])


def execute(given: Given) -> Deed:
    sql = given.source.text(given.call.args[0], given.env) if given.call.args else None
    return Deed(of_sql(sql, given.call.line), None)


COMMANDS: Mapping[str, Command] = {
    "create_table": _create_table,
    "create_join_table": lambda given: given.done("additive", "destructive", creates=[_join_table(given)]),
    "create_virtual_table": _made("table"),
    "drop_table": _drop_table,
    "drop_join_table": lambda given: given.done("destructive", "additive", drops=[_join_table(given)]),
    "drop_virtual_table": _gone("table", needs=2),
    "rename_table": _rename("table", "destructive"),
    "add_column": add_column,
    "add_columns": _add_columns,
    "remove_column": _remove_column,
    "remove_columns": _remove_columns,
    "rename_column": _rename("column", "destructive"),
    "change_column": touching("destructive"),
    "change_column_default": _change_default,
    "change_column_null": _change_null,
    "change_column_comment": _comment,
    "change_table_comment": _comment,
    "add_reference": _add_reference,
    "add_belongs_to": _add_reference,
    "remove_reference": lambda given: given.done("destructive", "additive", drops=_reference(given)),
    "remove_belongs_to": lambda given: given.done("destructive", "additive", drops=_reference(given)),
    "add_timestamps": _add_timestamps,
    "remove_timestamps": _remove_timestamps,
    "add_index": add_index,
    "remove_index": remove_index,
    "rename_index": _rename("index", "additive"),
    "enable_index": touching("additive", "additive"),
    "disable_index": touching("additive", "additive"),
    "add_foreign_key": add_constraint,
    "remove_foreign_key": _remove_constraint,
    "add_check_constraint": add_constraint,
    "remove_check_constraint": _remove_constraint,
    "add_exclusion_constraint": add_constraint,
    "remove_exclusion_constraint": _remove_constraint,
    "add_unique_constraint": add_constraint,
    "remove_unique_constraint": _remove_constraint,
    "create_enum": _made("type"),
    "drop_enum": _gone("type", needs=1),
    "rename_enum": _rename("type", "destructive"),
    "add_enum_value": lambda given: given.done("irreversible", None, objects=[f"type {given.text(0)}"]),
    "rename_enum_value": _rename_value,
    "create_schema": _made("schema"),
    "drop_schema": _gone("schema"),
    "enable_extension": _made("extension"),
    "disable_extension": _gone("extension"),
    "execute": execute,
    # scenic
    "create_view": _made("view"),
    "drop_view": _drop_view,
    "update_view": _update_view,
    "replace_view": _update_view,
}
"""What a migration may call by itself, and Rails records in `change`."""
