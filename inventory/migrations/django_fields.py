"""What a Django field is in the database, and what altering it does there."""

import ast

from .embedded import operation
from .model import Effect, Operation
from .python import dotted, is_none, is_true, text_of

# Source: the fields' documentation; these change forms, queries and checks, never a column.
NOT_IN_DATABASE = frozenset(
    {
        "auto_now", "auto_now_add", "blank", "choices", "db_comment", "decoder", "default", "editable", "encoder",
        "error_messages", "formfield", "help_text", "limit_choices_to", "match", "on_delete", "parent_link", "path",
        "recursive", "related_name", "related_query_name", "serialize", "storage", "swappable", "unique_for_date",
        "unique_for_month", "unique_for_year", "unpack_ipv4", "upload_to", "validators", "verbose_name",
        "height_field", "width_field", "allow_unicode",
    }
)  # fmt: skip
_LENGTHS = frozenset({"max_length", "max_digits", "decimal_places"})
_KEYS = ("ForeignKey", "OneToOneField", "ParentalKey", "HierarchyForeignKey")
# Each holds all that those before it hold.
_WIDER = (
    ("SlugField", "CharField", "TextField"),
    ("EmailField", "CharField", "TextField"),
    ("URLField", "CharField", "TextField"),
    ("FileField", "CharField", "TextField"),
    ("ImageField", "FileField", "CharField"),
    ("SmallAutoField", "AutoField", "BigAutoField"),
    ("SmallIntegerField", "IntegerField", "BigIntegerField"),
    ("PositiveSmallIntegerField", "PositiveIntegerField", "PositiveBigIntegerField", "BigIntegerField"),
    ("PositiveIntegerField", "IntegerField", "BigIntegerField"),
)


def kind(field: ast.Call) -> str:
    """The class of a field."""
    return dotted(field.func)[-1]


def is_many(field: ast.Call | None) -> bool:
    """Whether a field is a table of its own and no column."""
    return field is not None and kind(field).endswith("ManyToManyField")


def has_own_table(field: ast.Call) -> bool:
    """Whether Django makes the table of a many-to-many field; with `through` a model does."""
    return "through" not in _given(field)


def column(field: ast.Call | None, name: str) -> str:
    """The column of a field."""
    if field is None:
        return name
    fixed = text_of(_given(field).get("db_column"), {})
    if fixed:
        return fixed
    return f"{name}_id" if kind(field).endswith(_KEYS) else name


def many_table(field: ast.Call, table: str, name: str) -> str:
    """The table of a many-to-many field."""
    return text_of(_given(field).get("db_table"), {}) or f"{table}_{name}"


def is_required(field: ast.Call) -> bool:
    """Whether older code, which does not name the column, fails to insert; Django drops a `default` again."""
    given = _given(field)
    unique = is_true(given.get("unique")) or kind(field).endswith("OneToOneField")
    return unique or not (
        is_true(given.get("null"))
        or "db_default" in given
        or kind(field) in ("GeneratedField", "AutoField", "BigAutoField")
    )


def altered(old: ast.Call | None, new: ast.Call | None, where: str, line: int) -> Operation:
    """What changing a field's definition does to its column.

    Args:
        old: how it was; None if that is not known.
        new: how it is.
        where: `table.column`.
        line: in the file.
    """
    objects = [f"column {where}"]
    if old is None or new is None:
        return operation("unknown", "alters", line, objects=objects)
    effect, what = _difference(old, new)
    return operation(effect, what, line, objects=objects)


def _difference(old: ast.Call, new: ast.Call) -> tuple[Effect, str]:
    was, now = _given(old), _given(new)
    if kind(old) != kind(new):
        for widening in _WIDER:
            if kind(old) in widening and kind(new) in widening:
                widens = widening.index(kind(old)) < widening.index(kind(new))
                return ("additive", "widens") if widens else ("destructive", "changes the type of")
        return "destructive", "changes the type of"
    if not is_true(now.get("null")) and is_true(was.get("null")):
        return "restrictive", "requires"
    if is_true(now.get("unique")) and not is_true(was.get("unique")):
        return "restrictive", "makes unique"
    if _dump(was.get("to")) != _dump(now.get("to")) and kind(new).endswith(_KEYS):
        return "restrictive", "references another table from"
    for name in _LENGTHS:
        before, after = _number(was.get(name)), _number(now.get(name))
        if before is not None and after is not None and after < before:
            return "restrictive", "shortens"
    differing = {name for name in {*was, *now} - {"to"} if _dump(was.get(name)) != _dump(now.get(name))}
    if differing <= NOT_IN_DATABASE and _positional(old) == _positional(new):
        return "additive", "changes only the model's description of"
    return "additive", "alters"


def _given(field: ast.Call) -> dict[str, ast.expr]:
    found = {one.arg: one.value for one in field.keywords if one.arg and not is_none(one.value)}
    if kind(field).endswith((*_KEYS, "ManyToManyField")) and field.args:
        found.setdefault("to", field.args[0])
    return found


def _positional(field: ast.Call) -> list[str]:
    return [_dump(one) for one in field.args]


def _dump(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        # Model references differ in case only for the eye.
        return node.value.lower()
    return "" if node is None else ast.dump(node)


def _number(node: ast.expr | None) -> int | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None
