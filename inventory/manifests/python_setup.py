"""setuptools: setup.py, read without running it, and setup.cfg."""

import ast
import configparser
import warnings
from collections.abc import Iterator, Mapping

from .model import Manifest, Requirement, UnreadableError, named
from .python_specs import requirement, requirements

_LISTS = {"install_requires": "", "setup_requires": "build", "tests_require": "test"}


def _setup_py(_: str, text: str) -> Iterator[Requirement]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(str(error)) from error
    known = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _called(node.func) == "setup":
            yield from _arguments(node, known)


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _arguments(call: ast.Call, known: Mapping[str, ast.expr]) -> Iterator[Requirement]:
    for keyword in call.keywords:
        value = known.get(keyword.value.id, keyword.value) if isinstance(keyword.value, ast.Name) else keyword.value
        if keyword.arg in _LISTS:
            yield from _texts(value, _LISTS[keyword.arg], known)
        elif keyword.arg == "extras_require" and isinstance(value, ast.Dict):
            for key, listed in zip(value.keys, value.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield from _texts(listed, str(key.value), known)
        elif keyword.arg == "python_requires" and isinstance(value, ast.Constant):
            spec = "".join(str(value.value).split())
            yield Requirement(name="python", spec=spec, kind="runtime", line=value.lineno)


def _texts(value: ast.expr, group: str, known: Mapping[str, ast.expr]) -> Iterator[Requirement]:
    """The requirements among the strings of an expression, and of the module's values that it names."""
    named_there = [known[node.id] for node in ast.walk(value) if isinstance(node, ast.Name) and node.id in known]
    for node in (node for one in (value, *named_there) for node in ast.walk(one)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for text in node.value.splitlines():
                if found := requirement(text, group, line=node.lineno):
                    yield found


def _setup_cfg(_: str, text: str) -> Iterator[Requirement]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise UnreadableError(" ".join(str(error).split())) from error
    for option, group in _LISTS.items():
        listed = parser.get("options", option, fallback="").splitlines()
        yield from requirements(listed, group, option)
    if version := parser.get("options", "python_requires", fallback=""):
        spec = "".join(version.split())
        yield Requirement(name="python", spec=spec, kind="runtime", under="python_requires")
    if parser.has_section("options.extras_require"):
        for extra, listed_text in parser.items("options.extras_require"):
            yield from requirements(listed_text.splitlines(), extra, "[options.extras_require]")


SETUP_PY = Manifest(ecosystem="pypi", claims=named("setup.py"), read=_setup_py)
SETUP_CFG = Manifest(ecosystem="pypi", claims=named("setup.cfg"), read=_setup_cfg)
