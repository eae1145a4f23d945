"""Follows a Python program given on the command line to the commands it runs and the files it touches.

Loaded only when such a program is met: `ast` costs a hook milliseconds.
"""

import ast
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..effects import Effect
from .command import Command
from .outcome import outcome, reads
from .pycalls import METHODS, SINKS, UNFOLLOWED, Call
from .pyvalues import UNKNOWN, PathText, Values, as_text, hidden

_MAX_CALLS = 500
_MAX_DEPTH = 4
_POWERFUL = frozenset({"os", "subprocess", "shutil", "posix", "builtins", "pty"})


def python_effects(source: str, command: Command, *, depth: int = 0) -> list[Effect]:
    """What a Python program does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(hidden(source))
        reader = _Reader(command, depth)
        reader.read(tree.body)
        reader.uncalled()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return outcome(command, "unknown", "its Python code does not parse")
    foreign = sorted(name for name in reader.imported if name not in sys.stdlib_module_names)
    if foreign:
        reader.found += outcome(command, "unknown", f"it imports {', '.join(foreign[:3])}, which is not followed")
    return reader.found or reads(command, "its code only looks")


class _Reader(ast.NodeVisitor):
    def __init__(self, command: Command, depth: int) -> None:
        self.found: list[Effect] = []
        self.imported: set[str] = set()
        self._command, self._context, self._depth = command, command.context, depth
        self._values = Values()
        self._functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._called: set[str] = set()
        self._branches = 0
        self._left = _MAX_CALLS

    def read(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)

    def uncalled(self) -> None:
        """Functions that something other than a plain call may run: by their name, or from outside."""
        for name, function in list(self._functions.items()):
            if name not in self._called:
                self._enter(function, [], {})

    def visit_Import(self, node: ast.Import) -> None:
        for one in node.names:
            top = one.name.partition(".")[0]
            self.imported.add(top)
            self._values.modules[one.asname or top] = one.name if one.asname else top

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        self.imported.add(module.partition(".")[0])
        for one in node.names:
            self._values.modules[one.asname or one.name] = f"{module}.{one.name}"
            if one.name == "*" and module in ("os", "subprocess", "shutil", "pathlib"):
                prefix = f"{module}."
                known = [name for name in (*SINKS, "pathlib.Path") if name.startswith(prefix)]
                self._values.modules.update({name.removeprefix(prefix): name for name in known})

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._functions[node.name] = node
        for one in (*node.decorator_list, *node.args.defaults):
            self.visit(one)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for one in node.body:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                self._enter(one, [], {})
            else:
                self.visit(one)

    def visit_If(self, node: ast.If | ast.While | ast.Try) -> None:
        # Either way may be taken: names keep what they stood for before.
        self._branches += 1
        self.generic_visit(node)
        self._branches -= 1

    visit_While = visit_Try = visit_If  # noqa: N815

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._bind(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._bind(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            whole = ast.BinOp(left=ast.Name(id=node.target.id, ctx=ast.Load()), op=node.op, right=node.value)
            self._bind(node.target, whole)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self._bind(item.optional_vars, item.context_expr)
        self.read(node.body)

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._loop(node.target, node.iter)
        self._branches += 1
        self.read([*node.body, *node.orelse])
        self._branches -= 1

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        for one in node.generators:
            self.visit(one.iter)
            self._loop(one.target, one.iter)
            for test in one.ifs:
                self.visit(test)
        for inner in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.visit(inner)

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp  # noqa: N815

    def _loop(self, target: ast.expr, source: ast.expr) -> None:
        items = self._values.value(source)
        items = items if isinstance(items, list) else [UNKNOWN]
        if isinstance(target, ast.Name):
            self._values.bind(target.id, items or [UNKNOWN])
        elif isinstance(target, ast.Tuple | ast.List):
            for position, one in enumerate(target.elts):
                parts = [self._part(item, position) for item in items]
                if isinstance(one, ast.Name):
                    self._values.bind(one.id, parts)

    @staticmethod
    def _part(item: Any, position: int) -> Any:
        return item[position] if isinstance(item, list) and position < len(item) else UNKNOWN

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            name = self._values.dotted(value)
            known = [self._value(value, choice) for choice in range(self._values.choices(value))]
            self._values.bind(target.id, known, maybe=self._branches > 0)
            if name is not None and (name in SINKS or name.partition(".")[0] in self.imported) and known == [UNKNOWN]:
                self._values.modules[target.id] = name
        elif isinstance(target, ast.Tuple | ast.List):
            parts = self._values.value(value)
            for position, one in enumerate(target.elts):
                if isinstance(one, ast.Name):
                    self._values.bind(one.id, [self._part(parts, position)], maybe=self._branches > 0)

    def _value(self, node: ast.expr, choice: int) -> Any:
        self._values.choice = choice
        found = self._values.value(node)
        self._values.choice = 0
        return found

    def visit_Attribute(self, node: ast.Attribute) -> None:
        # A function that is handed on may be called with anything; `Call` does not come here for its own.
        if isinstance(node.ctx, ast.Load) and self._values.dotted(node) in SINKS:
            self._unknown(f"it hands {self._values.dotted(node)} on")
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and self._values.modules.get(node.id) in SINKS:
            self._unknown(f"it hands {self._values.modules[node.id]} on")

    def visit_Call(self, node: ast.Call) -> None:
        name = self._values.dotted(node.func)
        # What a method is called on may hold calls of its own.
        if isinstance(node.func, ast.Attribute) and name not in SINKS:
            self.visit(node.func.value)
        elif isinstance(node.func, ast.Call | ast.Subscript) and name is None:
            self.visit(node.func)
        mapped = name == "map" and bool(node.args) and self._values.dotted(node.args[0]) in SINKS
        for argument in (*node.args[mapped:], *(one.value for one in node.keywords)):
            self.visit(argument)
        self._left -= 1
        if self._left < 0:
            return self._unknown("it makes too many calls") if self._left == -1 else None
        if mapped:
            return self._mapped(node)
        if isinstance(node.func, ast.Name) and node.func.id in self._functions:
            return self._local(node, self._functions[node.func.id])
        return self._known(node, name)

    def _known(self, node: ast.Call, name: str | None) -> None:
        sink = SINKS.get(name or "")
        method = METHODS.get(node.func.attr) if sink is None and isinstance(node.func, ast.Attribute) else None
        if name == "getattr" and node.args and self._values.dotted(node.args[0]) in _POWERFUL:
            if self._values.dotted(node) is None:
                self._unknown("which function it takes is computed")
            return
        computed = isinstance(node.func, ast.Call) and self._values.dotted(node.func.func) == "getattr"
        if name in ("exec", "eval", "compile", "builtins.exec", "builtins.eval"):
            self._evaluated(node)
        elif (name in UNFOLLOWED and self._values.dotted(node) is None) or (computed and name is None):
            self._unknown(f"what {name or 'a computed function'} does is not followed")
        elif name in ("os.chdir", "contextlib.chdir"):
            self._change_directory(node)
        elif sink is not None or method is not None:
            seen: set[str] = set()
            for choice in range(self._values.choices(node)):
                call = self._call(node, choice)
                if repr((call.args, call.kwargs, call.owner)) in seen:
                    continue
                seen.add(repr((call.args, call.kwargs, call.owner)))
                if sink is not None:
                    self.found += sink(call)
                elif method is not None:
                    self.found += method(call)

    def _call(self, node: ast.Call, choice: int) -> Call:
        self._values.choice = choice
        owner = self._values.value(node.func.value) if isinstance(node.func, ast.Attribute) else UNKNOWN
        args = self._values.value(ast.List(elts=node.args, ctx=ast.Load()))
        kwargs = {one.arg: self._values.value(one.value) for one in node.keywords if one.arg is not None}
        self._values.choice = 0
        attributes = [one.attr for one in ast.walk(node.func) if isinstance(one, ast.Attribute)]
        return Call(
            command=self._command, context=self._context, owner=owner, args=args, kwargs=kwargs, chain=attributes
        )

    def _mapped(self, node: ast.Call) -> None:
        sink = SINKS[self._values.dotted(node.args[0]) or ""]
        items = self._values.value(node.args[1]) if len(node.args) > 1 else UNKNOWN
        for item in items if isinstance(items, list) else [UNKNOWN]:
            self.found += sink(
                Call(command=self._command, context=self._context, owner=UNKNOWN, args=[item], kwargs={}, chain=[])
            )

    def _local(self, node: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._called.add(function.name)
        for choice in range(self._values.choices(node)):
            call = self._call(node, choice)
            self._enter(function, call.args, call.kwargs)

    def _enter(
        self, function: ast.FunctionDef | ast.AsyncFunctionDef, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        if self._depth >= _MAX_DEPTH:
            return self._unknown("its functions call each other too deeply")
        outer, self._values = self._values, self._values.copy()
        self._depth += 1
        taken = [*function.args.posonlyargs, *function.args.args]
        defaults = dict(zip((one.arg for one in reversed(taken)), reversed(function.args.defaults), strict=False))
        for position, one in enumerate(taken):
            default = outer.value(defaults[one.arg]) if one.arg in defaults else UNKNOWN
            given = args[position] if position < len(args) else kwargs.get(one.arg, default)
            self._values.bind(one.arg, [given])
        if function.args.vararg is not None:
            self._values.bind(function.args.vararg.arg, [list(args[len(taken) :])])
        self.read(function.body)
        self._depth -= 1
        self._values = outer
        return None

    def _evaluated(self, node: ast.Call) -> None:
        source = self._values.value(node.args[0]) if node.args else UNKNOWN
        text = as_text(source)
        if isinstance(source, PathText) or "\0" in text or self._depth >= _MAX_DEPTH:
            return self._unknown("it runs code that is computed")
        inner = python_effects(text, self._command, depth=self._depth + 1)
        self.found += [one for one in inner if one.effect != "state.read"]
        return None

    def _change_directory(self, node: ast.Call) -> None:
        target = as_text(self._values.value(node.args[0])) if node.args else "\0"
        self._context = self._context.elsewhere() if "\0" in target else self._context.within(target)

    def _unknown(self, why: str) -> None:
        self.found += outcome(self._command, "unknown", why)
