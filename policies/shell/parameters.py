"""The value of a variable and what the operators of `${…}` make of it."""

import fnmatch
import re

from .nodes import COMPUTED, Variable
from .state import State

# What these have almost everywhere, where neither the line nor the environment says anything else.
_USUAL = {"SHELL": "/bin/sh", "BASH": "/bin/bash", "TMPDIR": "/tmp"}  # noqa: S108
_DEFAULTS = frozenset({":-", "-", ":=", "=", ":?", "?"})


def operate(part: Variable, operand: str, state: State) -> str | list[str]:
    """What `$name` or `${name…}` becomes; NULs where it is not known.

    Args:
        part: the variable as written.
        operand: what follows the operator, expanded.
        state: the shell.
    """
    operator = part.operator
    if operator == "!":
        target = _value(part, state)
        known = _value(Variable(target), state) if isinstance(target, str) and target.isidentifier() else None
        return COMPUTED if known is None else known
    value = _value(part, state)
    if operator == "":
        whole = part.quoted and "*" in (part.name, part.subscript)
        if isinstance(value, list) and whole:
            return state.variables.get("IFS", " ")[:1].join(value)
        return COMPUTED if value is None else value
    if operator in _DEFAULTS:
        return _or_default(part, value, operand, state)
    if operator in (":+", "+"):
        return operand if value is None or value or operator == "+" else ""
    if isinstance(value, list) and operator == ":" and re.fullmatch(r"\s*\d{1,4}", operand):
        # `${@:2}`; of an array the first is 0.
        first = int(operand) if part.name.isidentifier() else max(int(operand) - 1, 0)
        return value[first:]
    if not isinstance(value, str) or COMPUTED in value or COMPUTED in operand:
        return COMPUTED
    return _changed(operator, value, operand)


def _or_default(part: Variable, value: str | list[str] | None, operand: str, state: State) -> str | list[str]:
    if value is None:
        # Nothing here gave it a value: the default is what a reader expects, unless something computed was put in.
        if part.name in state.computed:
            return COMPUTED
        value = ""
    chosen = operand if not value or value == [""] else value
    if part.operator in (":=", "=") and isinstance(chosen, str):
        state.assign(part.name, chosen)
    return chosen


def _value(part: Variable, state: State) -> str | list[str] | None:
    name = part.name
    if name in ("@", "*"):
        return state.positional
    if name == "0":
        return state.name
    if name == "#" and state.positional is not None and COMPUTED not in state.positional:
        return str(len(state.positional))
    if name.isdigit():
        if state.positional is None:
            return None
        if int(name[:4]) <= len(state.positional):
            return state.positional[int(name) - 1]
        # A stream gives as many as it likes.
        return None if state.context.fed and COMPUTED in state.positional else ""
    if name in state.arrays:
        return _element(state.arrays[name], part.subscript)
    if name in state.variables:
        return state.variables[name]
    if name in _USUAL and name not in state.computed:
        return _USUAL[name]
    if name == "IFS":
        return " \t\n"
    if name == "PWD" and state.directory is not None and state.context.root is not None:
        return state.absolute(".")
    return None


def _element(values: list[str], index: str) -> str | list[str]:
    if index in ("@", "*"):
        return list(values)
    if index == "":
        return values[0] if values else ""
    number = int(index) if re.fullmatch(r"-?\d{1,6}", index) else None
    if number is None:
        return COMPUTED
    return values[number] if -len(values) <= number < len(values) else ""


def _changed(operator: str, value: str, operand: str) -> str:
    if operator in ("^^", ",,"):
        return value.upper() if operator == "^^" else value.lower()
    if operator in ("^", ","):
        return (value[:1].upper() if operator == "^" else value[:1].lower()) + value[1:]
    if operator in (":", "::"):
        return _cut(value, operand)
    if operator in ("#", "##", "%", "%%"):
        return _stripped(operator, value, operand) if operand or operator != "#" else str(len(value))
    pattern, _, replacement = operand.partition("/")
    if operator in ("/", "//") and pattern and not re.search(r"[*?\[\\]", pattern):
        return value.replace(pattern, replacement, 1 if operator == "/" else -1)
    return COMPUTED


def _cut(value: str, operand: str) -> str:
    match = re.fullmatch(r"\s*(-?\d{1,6})(?::(-?\d{1,6}))?", operand)
    if match is None:
        return COMPUTED
    start = int(match[1])
    rest = value[start:] if start < 0 or start <= len(value) else ""
    if match[2] is None:
        return rest
    return rest[: int(match[2])]


def _stripped(operator: str, value: str, pattern: str) -> str:
    lengths = range(len(value) + 1) if len(value) < 500 and len(pattern) < 100 else ()
    front = operator[0] == "#"
    order = lengths if len(operator) == 1 else reversed(lengths)
    if not lengths:
        return COMPUTED
    for length in order:
        piece = value[:length] if front else value[len(value) - length :]
        if fnmatch.fnmatchcase(piece, pattern):
            return value[length:] if front else value[: len(value) - length]
    return value
