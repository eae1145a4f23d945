"""What expressions of a Python program stand for, as far as that can be known without running it."""

import ast
import base64
import binascii
import os
import re
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from ...core.late import late

MAX_TEXT = 1 << 17
_HIDDEN = "\ue000"
"""Stands in source text for what the shell computes; Python refuses a NUL there."""


class PathText(str):
    """The text of a `pathlib` path."""

    __slots__ = ()


class _Unknown:
    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN = _Unknown()
# Methods of strings whose result is no larger than what goes in.
_TEXT_METHODS = frozenset(
    {
        "split",
        "rsplit",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "encode",
        "decode",
        "removeprefix",
        "removesuffix",
        "splitlines",
        "partition",
    }
)
_FIELD = late(r"\{[^{}]*\}")


def hidden(source: str) -> str:
    """Source text in a form that parses."""
    return source.replace("\0", _HIDDEN)


def as_text(value: Any) -> str:
    """A value as a word of a command; a NUL for what is not known."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "\0"


class Values:
    """Names and what they stand for.

    Attributes:
        modules: names that stand for a module, function or class, with the full name of it.
        names: variables, with all values they may have.
        choice: which of several possible values of names is looked at.
    """

    def __init__(self) -> None:
        self.modules: dict[str, str] = {}
        self.names: dict[str, list[Any]] = {}
        self.choice = 0

    def copy(self) -> "Values":
        """The same, to be changed apart."""
        other = Values()
        other.modules, other.names, other.choice = dict(self.modules), dict(self.names), self.choice
        return other

    def bind(self, name: str, values: Sequence[Any], *, maybe: bool = False) -> None:
        """Give a name its possible values; `maybe` keeps those it has."""
        before = self.names.get(name, []) if maybe else []
        self.names[name] = [*before, *values][:64]
        self.modules.pop(name, None)

    def choices(self, node: ast.AST) -> int:
        """The most values that a name in an expression may have."""
        names = (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
        return max((len(self.names.get(name, ())) for name in names), default=1) or 1

    def dotted(self, node: ast.expr) -> str | None:
        """The full name of a function or module, such as `os.path.join`; None if it is no such thing."""
        if isinstance(node, ast.Name):
            return self.modules.get(node.id) or (None if node.id in self.names else node.id)
        if isinstance(node, ast.Attribute):
            before = self.dotted(node.value)
            return None if before is None else f"{before}.{node.attr}".replace(".__dict__", "")
        if isinstance(node, ast.Subscript):
            # `vars(os)["system"]`, `os.__dict__["system"]`.
            owner, key = node.value, self.value(node.slice)
            if isinstance(owner, ast.Call) and self.dotted(owner.func) == "vars" and owner.args:
                owner = owner.args[0]
            elif not (isinstance(owner, ast.Attribute) and owner.attr == "__dict__"):
                return None
            before = self.dotted(owner)
            return f"{before}.{key}".replace(".__dict__", "") if before and isinstance(key, str) else None
        return self._dotted_call(node) if isinstance(node, ast.Call) else None

    def _dotted_call(self, node: ast.Call) -> str | None:
        name = self.dotted(node.func)
        if name in ("__import__", "importlib.import_module", "builtins.__import__") and node.args:
            module = self.value(node.args[0])
            return module if isinstance(module, str) and "\0" not in module else None
        if name == "getattr" and len(node.args) > 1:
            before, key = self.dotted(node.args[0]), self.value(node.args[1])
            return f"{before}.{key}" if before and isinstance(key, str) and "\0" not in key else None
        return None

    def value(self, node: ast.expr) -> Any:
        """What an expression stands for, or `UNKNOWN`."""
        handler = _NODES.get(type(node))
        found = UNKNOWN if handler is None else handler(self, node)
        return UNKNOWN if isinstance(found, str | bytes | list) and len(found) > MAX_TEXT else found

    def of_constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, str):
            return node.value.replace(_HIDDEN, "\0")
        return node.value

    def of_name(self, node: ast.Name) -> Any:
        known = self.names.get(node.id)
        return known[min(self.choice, len(known) - 1)] if known else UNKNOWN

    def of_joined(self, node: ast.JoinedStr) -> str:
        parts = (one.value if isinstance(one, ast.FormattedValue) else one for one in node.values)
        return "".join(as_text(self.value(part)) for part in parts)

    def of_list(self, node: ast.List | ast.Tuple | ast.Set) -> list[Any]:
        found: list[Any] = []
        for one in node.elts:
            inner = self.value(one.value) if isinstance(one, ast.Starred) else None
            if isinstance(one, ast.Starred):
                found += inner if isinstance(inner, list) else ["\0"]
            else:
                found.append(self.value(one))
        return found

    def of_dict(self, node: ast.Dict) -> Any:
        keys = [UNKNOWN if key is None else self.value(key) for key in node.keys]
        pairs = zip(keys, node.values, strict=True)
        return {key: self.value(one) for key, one in pairs if isinstance(key, str | int)}

    def of_binary(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Div) and isinstance(left, PathText):
            return PathText(os.path.join(left, as_text(right)))
        if isinstance(node.op, ast.Add):
            if isinstance(left, list) and isinstance(right, list):
                return left + right
            if isinstance(left, list) or isinstance(right, list):
                return [
                    *(left if isinstance(left, list) else ["\0"]),
                    *(right if isinstance(right, list) else ["\0"]),
                ]
            if isinstance(left, str) or isinstance(right, str):
                return as_text(left) + as_text(right)
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            words = iter(right if isinstance(right, list) else [right])
            return re.sub(r"%[-\d.]*[a-z]", lambda _: as_text(next(words, UNKNOWN)), left)
        return UNKNOWN

    def of_subscript(self, node: ast.Subscript) -> Any:
        if self.dotted(node.value) == "os.environ":
            return "~" if self.value(node.slice) == "HOME" else UNKNOWN
        owner, key = self.value(node.value), self.value(node.slice)
        try:
            return owner[key] if isinstance(owner, list | dict) else UNKNOWN
        except (IndexError, KeyError, TypeError):
            return UNKNOWN

    def of_attribute(self, node: ast.Attribute) -> Any:
        if (name := self.dotted(node)) in _CONSTANTS:
            return _CONSTANTS[name or ""]
        owner = self.value(node.value)
        if isinstance(owner, PathText) and node.attr == "parent":
            return PathText(os.path.dirname(owner) or ".")
        return UNKNOWN

    def of_call(self, node: ast.Call) -> Any:
        arguments = self.of_list(ast.List(elts=node.args, ctx=ast.Load()))
        name = self.dotted(node.func)
        if name in _FUNCTIONS:
            return _FUNCTIONS[name or ""](arguments)
        if not isinstance(node.func, ast.Attribute):
            return UNKNOWN
        owner, method = self.value(node.func.value), node.func.attr
        if isinstance(owner, PathText):
            return _path_method(owner, method, arguments)
        if isinstance(owner, str) and method == "format":
            words = iter(arguments)
            return _FIELD.sub(lambda _: as_text(next(words, UNKNOWN)), owner)
        if isinstance(owner, str) and method == "join":
            return owner.join(map(as_text, arguments[0])) if arguments and isinstance(arguments[0], list) else "\0"
        if isinstance(owner, str | bytes) and method in _TEXT_METHODS and UNKNOWN not in arguments:
            try:
                found = getattr(owner, method)(*arguments)
            except (TypeError, ValueError, LookupError):
                return UNKNOWN
            return list(found) if isinstance(found, tuple) else found
        return UNKNOWN


def _path_method(owner: PathText, method: str, arguments: Sequence[Any]) -> Any:
    if method == "joinpath":
        return PathText(os.path.join(owner, *map(as_text, arguments)))
    if method in ("resolve", "absolute", "as_posix", "expanduser", "__str__"):
        return owner
    if method in ("glob", "rglob", "iterdir"):
        pattern = as_text(arguments[0]) if arguments else "*"
        return [PathText(os.path.join(owner, "**" if method == "rglob" else "", pattern))]
    return UNKNOWN


def _joined_path(arguments: Sequence[Any]) -> str:
    return os.path.join(*map(as_text, arguments)) if arguments else ""


def _path(arguments: Sequence[Any]) -> PathText:
    return PathText(_joined_path(arguments) or ".")


def _first(arguments: Sequence[Any]) -> Any:
    return arguments[0] if arguments else UNKNOWN


def _decoded(arguments: Sequence[Any]) -> Any:
    try:
        return base64.b64decode(arguments[0]) if arguments and isinstance(arguments[0], str | bytes) else UNKNOWN
    except (ValueError, binascii.Error):
        return UNKNOWN


def _split(arguments: Sequence[Any]) -> Any:
    try:
        return shlex.split(arguments[0]) if arguments and isinstance(arguments[0], str) else UNKNOWN
    except ValueError:
        return UNKNOWN


def _listed(arguments: Sequence[Any]) -> Any:
    return list(arguments[0]) if arguments and isinstance(arguments[0], list) else UNKNOWN


def _walked(arguments: Sequence[Any]) -> list[Any]:
    top = as_text(_first(arguments))
    return [[os.path.join(top, "**"), ["*"], ["*"]]]


def _entries(arguments: Sequence[Any]) -> list[Any]:
    return ["*"] if arguments else [PathText("*")]


_CONSTANTS: dict[str, Any] = {"sys.executable": "python3", "os.sep": "/", "os.curdir": ".", "os.pardir": ".."}
_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    **dict.fromkeys(("os.path.join", "posixpath.join"), _joined_path),
    **dict.fromkeys(("pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath"), _path),
    **dict.fromkeys(("os.path.abspath", "os.path.realpath", "os.path.expanduser", "os.path.normpath"), _first),
    **dict.fromkeys(("str", "os.fspath", "os.fsdecode", "os.path.expandvars"), _first),
    **dict.fromkeys(("os.getcwd", "pathlib.Path.cwd"), lambda _: PathText(".")),
    **dict.fromkeys(("pathlib.Path.home",), lambda _: PathText("~")),
    **dict.fromkeys(
        (
            "tempfile.mkdtemp",
            "tempfile.gettempdir",
            "tempfile.mktemp",
            "tempfile.TemporaryDirectory",
            "tempfile.NamedTemporaryFile",
        ),
        lambda _: "/tmp/\0",  # noqa: S108
    ),
    **dict.fromkeys(("glob.glob", "glob.iglob"), lambda arguments: [as_text(_first(arguments))]),
    **dict.fromkeys(("list", "tuple", "sorted", "set", "reversed"), _listed),
    **dict.fromkeys(("base64.b64decode", "base64.standard_b64decode", "base64.decodebytes"), _decoded),
    "os.listdir": _entries,
    "os.scandir": lambda arguments: [PathText(os.path.join(as_text(_first(arguments)) if arguments else ".", "*"))],
    "os.walk": _walked,
    "shlex.split": _split,
    "shlex.quote": _first,
    "os.getenv": lambda arguments: "~" if arguments[:1] == ["HOME"] else UNKNOWN,
    "os.path.dirname": lambda arguments: os.path.dirname(as_text(_first(arguments))),
}
_NODES: dict[type[ast.expr], Callable[[Values, Any], Any]] = {
    ast.Constant: Values.of_constant,
    ast.Name: Values.of_name,
    ast.JoinedStr: Values.of_joined,
    ast.List: Values.of_list,
    ast.Tuple: Values.of_list,
    ast.Set: Values.of_list,
    ast.Dict: Values.of_dict,
    ast.BinOp: Values.of_binary,
    ast.Subscript: Values.of_subscript,
    ast.Attribute: Values.of_attribute,
    ast.Call: Values.of_call,
    ast.NamedExpr: lambda values, node: values.value(node.value),
    ast.Await: lambda values, node: values.value(node.value),
}
