"""What the migration tools written in Python share: their files as syntax trees, strings, and calls in order."""

import ast
import hashlib
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice

from ..changes import Side
from .embedded import COMPUTED

Env = Mapping[str, ast.expr]
"""What a name stands for, where the code says so."""

Function = ast.FunctionDef | ast.AsyncFunctionDef

_MAX_DEPTH = 8
_MAX_LOOP = 100
_MAX_CALLS = 5_000


def parsed(side: Side) -> ast.Module | None:
    """A file's syntax tree; None if it is no Python that this interpreter reads."""
    return parsed_text(side.text)


@lru_cache(maxsize=256)
def parsed_text(text: str) -> ast.Module | None:
    """The same of a text."""
    return _parse(text)


def _parse(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        # Old escapes in strings make warnings, which concern the project and not us.
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text.removeprefix("\ufeff"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


class _Meaning(ast.NodeTransformer):
    """Takes out what changes nothing that a database sees: docstrings, imports, types, and what a tool names.

    Args:
        names: variables that do not matter.
        keywords: arguments that do not matter.
    """

    def __init__(self, names: frozenset[str], keywords: frozenset[str]) -> None:
        self._names, self._keywords = names, keywords

    def visit(self, node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.keyword) and node.arg in self._keywords:
            return None
        if isinstance(node, ast.Assign) and all(
            isinstance(one, ast.Name) and one.id in self._names for one in node.targets
        ):
            return None
        if isinstance(node, ast.Import | ast.ImportFrom):
            return None
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return None
        if isinstance(node, ast.AnnAssign):
            if node.value is None:
                return None
            node = ast.Assign(targets=[node.target], value=node.value)
        elif isinstance(node, ast.arg):
            node = ast.arg(arg=node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        return self.generic_visit(node)


def digest(side: Side, names: frozenset[str] = frozenset(), keywords: frozenset[str] = frozenset()) -> str:
    """Of what the code does: the same if only layout, comments, imports or types differ.

    Args:
        side: the file.
        names: variables that do not matter either.
        keywords: arguments that do not matter either.
    """
    return _digest(side.text, names, keywords)


@lru_cache(maxsize=256)
def _digest(text: str, names: frozenset[str], keywords: frozenset[str]) -> str:
    # Not the tree that `parsed_text` keeps: this one is changed.
    tree = _parse(text)
    if tree is not None:
        with suppress(RecursionError, MemoryError):
            text = ast.dump(_Meaning(names, keywords).visit(tree) or ast.Pass())
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def constants(body: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """What names are set to by the statements of a module or a class."""
    found: dict[str, ast.expr] = {}
    for statement in body:
        if isinstance(statement, ast.Assign):
            found.update((one.id, statement.value) for one in statement.targets if isinstance(one, ast.Name))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            found[statement.target.id] = statement.value
    return found


def functions(body: Sequence[ast.stmt]) -> dict[str, Function]:
    """The functions of a module or a class, by name."""
    return {one.name: one for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def resolved(node: ast.expr | None, env: Env) -> ast.expr | None:
    """What a name stands for; other expressions as they are."""
    for _ in range(_MAX_DEPTH):
        if not isinstance(node, ast.Name) or node.id not in env:
            break
        node = env[node.id]
    return node


def argument(call: ast.Call, position: int, keyword: str = "") -> ast.expr | None:
    """An argument of a call, by its place or its name."""
    for one in call.keywords:
        if keyword and one.arg == keyword:
            return one.value
    given = call.args[position] if 0 <= position < len(call.args) else None
    return None if isinstance(given, ast.Starred) else given


def dotted(node: ast.expr) -> list[str]:
    """`a.b.c` as its names; what is computed is an empty one."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "")
    return names[::-1]


def chain_root(node: ast.expr) -> str:
    """The name at the beginning of `a.b(c).d[e]()`; empty if it begins otherwise."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript | ast.Await):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


_PASSED_ON = frozenset({"text", "f", "dedent", "DDL", "SQL", "strip", "inline_literal", "literal_column", "cleandoc"})


def text_of(node: ast.expr | None, env: Env, depth: int = 0) -> str | None:
    """The string that an expression is, with `COMPUTED` for the parts that only running it would tell.

    None if it is no string at all.
    """
    node = resolved(node, env)
    if node is None or depth > _MAX_DEPTH:
        return None
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_part(one, env, depth) for one in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left, env, depth + 1), text_of(node.right, env, depth + 1)
        return None if left is None and right is None else f"{_known(left)}{_known(right)}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        left = text_of(node.left, env, depth + 1)
        return None if left is None else _filled(left, "%s", "%r", "%d")
    if isinstance(node, ast.Call):
        return _called(node, env, depth)
    return None


def _called(node: ast.Call, env: Env, depth: int) -> str | None:
    name = dotted(node.func)[-1]
    if name == "format" and isinstance(node.func, ast.Attribute):
        text = text_of(node.func.value, env, depth + 1)
        return None if text is None else _unbraced(text)
    if name == "strip" and isinstance(node.func, ast.Attribute):
        return text_of(node.func.value, env, depth + 1)
    if name in _PASSED_ON:
        return text_of(argument(node, 0, "text"), env, depth + 1)
    return None


def _part(node: ast.expr, env: Env, depth: int) -> str:
    if isinstance(node, ast.FormattedValue):
        return _known(text_of(node.value, env, depth + 1))
    return _known(text_of(node, env, depth + 1))


def _known(text: str | None) -> str:
    return COMPUTED if text is None else text


def _filled(text: str, *marks: str) -> str:
    for mark in marks:
        text = text.replace(mark, COMPUTED)
    return text


def _unbraced(text: str) -> str:
    """A text with what `str.format` fills in taken as computed."""
    out, rest = "", text.replace("{{", "\0").replace("}}", "\1")
    while "{" in rest:
        head, _, rest = rest.partition("{")
        out, rest = out + head + COMPUTED, rest.partition("}")[2]
    return (out + rest).replace("\0", "{").replace("\1", "}")


def texts_of(node: ast.expr | None, env: Env) -> list[str]:
    """The strings of a list or tuple, or the one string; nothing for what is neither."""
    node = resolved(node, env)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [text for one in node.elts if (text := text_of(one, env)) is not None]
    text = text_of(node, env)
    return [] if text is None else [text]


def is_false(node: ast.expr | None) -> bool:
    """Whether an expression is the constant False."""
    return isinstance(node, ast.Constant) and node.value is False


def is_true(node: ast.expr | None) -> bool:
    """Whether an expression is the constant True."""
    return isinstance(node, ast.Constant) and node.value is True


def is_none(node: ast.expr | None) -> bool:
    """Whether an expression is the constant None."""
    return isinstance(node, ast.Constant) and node.value is None


def raises(function: Function) -> bool:
    """Whether a function does nothing but raise."""
    first = next((one for one in function.body if not _is_idle(one)), None)
    return isinstance(first, ast.Raise)


def _is_idle(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass | ast.Import | ast.ImportFrom | ast.Global) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def foreign_names(tree: ast.Module) -> set[str]:
    """The names that a module imports from elsewhere in its project, or from what is not known here."""
    known = {*sys.stdlib_module_names, "alembic", "sqlalchemy", "django", "yoyo", "psycopg2", "psycopg"}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] not in known):
            found |= {one.asname or one.name for one in node.names}
    return found


class Calls:
    """The calls that code makes, in order, through the module's own functions and through loops over literals.

    Args:
        tree: the module.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._functions = functions(tree.body)
        self._constants = constants(tree.body)

    def of(self, function: Function) -> Iterator[tuple[ast.Call, Env]]:
        """The calls of a function, each with what names stand for there."""
        yield from islice(self._block(function.body, dict(self._constants), ()), _MAX_CALLS)

    def _block(
        self, body: Sequence[ast.stmt], env: dict[str, ast.expr], within: tuple[str, ...]
    ) -> Iterator[tuple[ast.Call, Env]]:
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if isinstance(statement, ast.For):
                yield from self._loop(statement, env, within)
                continue
            if isinstance(statement, ast.With | ast.AsyncWith):
                for item in statement.items:
                    if isinstance(item.optional_vars, ast.Name):
                        env[item.optional_vars.id] = item.context_expr
            yield from self._parts(statement, env, within)
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                env.update(constants([statement]))

    def _parts(
        self, statement: ast.AST, env: dict[str, ast.expr], within: tuple[str, ...]
    ) -> Iterator[tuple[ast.Call, Env]]:
        """The calls of a statement's own expressions, and of the blocks in it."""
        for _, value in ast.iter_fields(statement):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, ast.stmt):
                    yield from self._block([one], env, within)
                elif isinstance(one, ast.expr):
                    yield from self._expression(one, env, within)
                elif isinstance(one, ast.AST):
                    yield from self._parts(one, env, within)

    def _expression(
        self, node: ast.expr, env: dict[str, ast.expr], within: tuple[str, ...]
    ) -> Iterator[tuple[ast.Call, Env]]:
        calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
        for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            function = self._functions.get(name)
            if function is None or name in within or len(within) >= _MAX_DEPTH:
                yield call, dict(env)
            else:
                given = {
                    one.arg: resolved(value, env) for one, value in zip(function.args.args, call.args, strict=False)
                }
                given |= {one.arg: resolved(one.value, env) for one in call.keywords if one.arg}
                bound = {name: value for name, value in given.items() if value is not None}
                yield from self._block(function.body, {**self._constants, **bound}, (*within, name))

    def _loop(
        self, loop: ast.For, env: dict[str, ast.expr], within: tuple[str, ...]
    ) -> Iterator[tuple[ast.Call, Env]]:
        yield from self._expression(loop.iter, env, within)
        over = resolved(loop.iter, env)
        rounds = over.elts if isinstance(over, ast.List | ast.Tuple | ast.Set) else []
        bound = [one for one in (_bound(loop.target, value) for value in rounds) if one is not None]
        if not bound or len(bound) != len(rounds) or len(rounds) > _MAX_LOOP:
            bound = [{}]
        for names in bound:
            yield from self._block(loop.body, {**env, **names}, within)
        yield from self._block(loop.orelse, env, within)


def _bound(target: ast.expr, value: ast.expr) -> dict[str, ast.expr] | None:
    """What a loop's names stand for in one round."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple | ast.List):
        if len(target.elts) != len(value.elts):
            return None
        pairs = [(name, part) for name, part in zip(target.elts, value.elts, strict=True)]
        return {name.id: part for name, part in pairs if isinstance(name, ast.Name)}
    return None
