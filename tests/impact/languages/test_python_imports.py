"""What Python files import: one row for each rule of the language."""

import pytest

from safe_rollback.impact.languages.python import LANGUAGE
from tests.impact.tree import arrows, edges, unresolved

PACKAGE = {"pkg/__init__.py": "", "pkg/a.py": "", "pkg/b.py": "", "pkg/sub/__init__.py": "", "pkg/sub/c.py": ""}

STATEMENTS = {
    "import of a package": ("import pkg", ["1 -import-> pkg/__init__.py"]),
    "import of a module": ("import pkg.a", ["1 -import-> pkg/a.py"]),
    "import under another name": ("import pkg.a as x", ["1 -import-> pkg/a.py"]),
    "several in one import": ("import os, pkg.a,pkg.b", ["1 -import-> pkg/a.py", "1 -import-> pkg/b.py"]),
    "a name in a module above": ("import pkg.a.Thing", ["1 -import-> pkg/a.py"]),
    "from a package, a module": ("from pkg import a", ["1 -import-> pkg/a.py"]),
    "from a package, a name": ("from pkg import Thing", ["1 -import-> pkg/__init__.py (Thing)"]),
    "from a package, both": (
        "from pkg import Thing, a",
        ["1 -import-> pkg/__init__.py (Thing)", "1 -import-> pkg/a.py"],
    ),
    "from a module": ("from pkg.a import x as y, z", ["1 -import-> pkg/a.py (x, z)"]),
    "everything": ("from pkg.a import *", ["1 -import-> pkg/a.py (*)"]),
    "in brackets": ("from pkg.a import (\n    x,\n    y,\n)", ["1 -import-> pkg/a.py (x, y)"]),
    "in brackets with comments": (
        "from pkg.a import (  # one (two)\n    x,  # three)\n    # four\n    y as z\n)",
        ["1 -import-> pkg/a.py (x, y)"],
    ),
    "brackets without a blank": ("from pkg.a import(x)", ["1 -import-> pkg/a.py (x)"]),
    "continued before the names": ("from pkg.a import \\\n    x, \\\n    y", ["1 -import-> pkg/a.py (x, y)"]),
    "continued before import": ("from pkg.a \\\n    import x", ["1 -import-> pkg/a.py (x)"]),
    "import alone continued": ("from pkg.a \\\nimport x", ["1 -import-> pkg/a.py (x)"]),
    "continued import": ("import \\\n    pkg.a", ["1 -import-> pkg/a.py"]),
    "continued, then brackets": ("from pkg.a import \\\n    (x,\n     y)", ["1 -import-> pkg/a.py (x, y)"]),
    "semicolons": ("import pkg.a; import pkg.b", ["1 -import-> pkg/a.py", "1 -import-> pkg/b.py"]),
    "after a statement": ("x = 1; from pkg.a import y", ["1 -import-> pkg/a.py (y)"]),
    "after a colon": (
        "try: import pkg.a\nexcept ImportError: from pkg import b",
        ["1 -import-> pkg/a.py", "2 -import-> pkg/b.py"],
    ),
    "tabs": ("import\tpkg.a\nfrom\tpkg.b\timport\tx", ["1 -import-> pkg/a.py", "2 -import-> pkg/b.py (x)"]),
    "carriage returns": ("import os\r\nimport pkg.a\r\n", ["2 -import-> pkg/a.py"]),
    "old line ends": ("import os\rimport pkg.a\r", ["2 -import-> pkg/a.py"]),
    "a byte order mark": ("\ufeffimport pkg.a", ["1 -import-> pkg/a.py"]),
    "a syntax error elsewhere": ("def f(:\nimport pkg.a\n)))", ["2 -import-> pkg/a.py"]),
    "newer syntax": ("type X[T] = list[T]\nimport pkg.a\nprint(f'{x['a']}')", ["2 -import-> pkg/a.py"]),
    "in a try block": ("try:\n    import pkg.a\nexcept E:\n    pass", ["2 -import-> pkg/a.py"]),
    "in a class": ("class A:\n    import pkg.a", ["2 -import-> pkg/a.py"]),
    "in a function": ("def f():\n    import pkg.a", ["2 -lazy-> pkg/a.py"]),
    "in an async function": ("async def f():\n    import pkg.a", ["2 -lazy-> pkg/a.py"]),
    "in a block of a method": (
        "class A:\n    def f(self,\n          x):\n        if x:\n            import pkg.a",
        ["5 -lazy-> pkg/a.py"],
    ),
    "after a signature of several lines": ("def f(\n    x,\n) -> int:\n    import pkg.a", ["4 -lazy-> pkg/a.py"]),
    "after text at the margin": ('def f():\n    x = """\nif text:\n"""\n    import pkg.a', ["5 -lazy-> pkg/a.py"]),
    "after a comment at the margin": ("def f():\n# note\n    import pkg.a", ["3 -lazy-> pkg/a.py"]),
    "after a function": ("def f():\n    pass\nif x:\n    import pkg.a", ["4 -import-> pkg/a.py"]),
    "function on one line": ("def f(): import pkg.a", ["1 -lazy-> pkg/a.py"]),
    "for types": ("if TYPE_CHECKING:\n    import pkg.a", ["2 -type-> pkg/a.py"]),
    "for types, by module": ("if typing.TYPE_CHECKING:\n    from pkg import a", ["2 -type-> pkg/a.py"]),
    "for types, on one line": ("if TYPE_CHECKING: import pkg.a", ["1 -type-> pkg/a.py"]),
    "not for types": (
        "if TYPE_CHECKING:\n    import pkg.a\nelse:\n    import pkg.b",
        ["2 -type-> pkg/a.py", "4 -import-> pkg/b.py"],
    ),
    "unless for types": ("if not TYPE_CHECKING:\n    import pkg.a", ["2 -import-> pkg/a.py"]),
    "second in one block": ("def f():\n    import os\n    import pkg.a", ["3 -lazy-> pkg/a.py"]),
    "after one that is deeper": (
        "if x:\n    def f():\n        import os\n    import pkg.a",
        ["4 -import-> pkg/a.py"],
    ),
    "in a docstring": ('"""Say:\n\nimport pkg.a\n"""', []),
    "after a docstring": ('"""Doc."""\nimport pkg.a', ["2 -import-> pkg/a.py"]),
    "after quotes in a comment": ('# """\nimport pkg.a', ["2 -import-> pkg/a.py"]),
    "after quotes in a string": ('x = \'"""\'\nimport pkg.a', ["2 -import-> pkg/a.py"]),
    "after an escaped end": ('x = """\n\\"""\nimport pkg.b\n"""\nimport pkg.a', ["5 -import-> pkg/a.py"]),
    "between other quotes": ("x = '''\n\"\"\"\nimport pkg.b\n'''\nimport pkg.a", ["5 -import-> pkg/a.py"]),
    "in a continued string": ('x = "a \\\nimport pkg.a"', []),
    "in a short string": ('x = "a; import pkg.a"', []),
    "in a comment": ("x = 1  # then: import pkg.a", []),
    "a comment that ends in a backslash": ("# a \\\nimport pkg.a", ["2 -import-> pkg/a.py"]),
    "an exception's cause": ("raise X \\\n    from pkg", []),
    "a longer word": ("importer = 1\nfrom_x = 2\nimport_a = 3", []),
    "the standard library": ("import os, sys", []),
    "names beyond ASCII": ("from pkg.a import größe", ["1 -import-> pkg/a.py (größe)"]),
}


@pytest.mark.parametrize("rule", STATEMENTS)
def test_a_statement_leads_to_the_files_it_imports(rule: str) -> None:
    source, expected = STATEMENTS[rule]
    found = arrows({**PACKAGE, "main.py": source}, LANGUAGE)
    assert found == [f"main.py:{one}" for one in expected]


RELATIVE = {
    "a sibling": ("pkg/b.py", "from .a import x", ["1 -import-> pkg/a.py (x)"]),
    "a sibling as a module": ("pkg/b.py", "from . import a", ["1 -import-> pkg/a.py"]),
    "without a blank": ("pkg/b.py", "from.a import x", ["1 -import-> pkg/a.py (x)"]),
    "dot and import": ("pkg/b.py", "from .import a", ["1 -import-> pkg/a.py"]),
    "one's own package": ("pkg/b.py", "from . import Thing", ["1 -import-> pkg/__init__.py (Thing)"]),
    "from above": ("pkg/sub/c.py", "from ..a import x", ["1 -import-> pkg/a.py (x)"]),
    "from a package's own file": ("pkg/sub/__init__.py", "from .c import x", ["1 -import-> pkg/sub/c.py (x)"]),
    "above a package's own file": ("pkg/sub/__init__.py", "from .. import a", ["1 -import-> pkg/a.py"]),
}


@pytest.mark.parametrize("rule", RELATIVE)
def test_dots_count_from_the_file_s_own_package(rule: str) -> None:
    path, source, expected = RELATIVE[rule]
    assert arrows({**PACKAGE, path: source}, LANGUAGE) == [f"{path}:{one}" for one in expected]


def test_a_file_knows_what_it_calls_a_module() -> None:
    source = "import pkg.a\nimport pkg.b as b2\nfrom pkg.sub import c as c2\n"
    assert [one.local for one in edges({**PACKAGE, "main.py": source}, LANGUAGE)] == ["pkg.a", "b2", "c2"]


def test_a_file_knows_what_it_calls_a_name() -> None:
    [edge] = edges({**PACKAGE, "main.py": "from pkg.a import x as y, z"}, LANGUAGE)
    assert [(one.name, one.local) for one in edge.names] == [("x", "y"), ("z", "z")]


def test_a_relative_import_of_nothing_is_unresolved() -> None:
    assert unresolved({"pkg/__init__.py": "from .gone import x"}, LANGUAGE) == [
        ("pkg/__init__.py", "no module .gone here")
    ]


def test_a_missing_module_of_a_known_package_is_unresolved() -> None:
    tree = {**PACKAGE, "main.py": "from pkg.gone import x"}
    assert unresolved(tree, LANGUAGE) == [("main.py", "no module pkg.gone")]


def test_an_installed_package_is_not_unresolved() -> None:
    assert unresolved({**PACKAGE, "main.py": "import requests.adapters"}, LANGUAGE) == []


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0import a\0",
        b"\xff\xfe\xfd",
        b"import \xe9",
        b"from",
        b"import",
        b"from . import (",
        b'"""',
        b"import a \\",
    ],
)
def test_odd_bytes_never_raise(data: bytes) -> None:
    assert LANGUAGE.extract(data).problems == ()


def test_a_very_long_line_is_read_once() -> None:
    data = b"import a\nx = '" + b"import b; " * 100_000 + b"'\n"
    assert [one.target for one in LANGUAGE.extract(data).references] == ["a"]


def test_an_import_that_may_fail_is_not_sure() -> None:
    tree = {
        "fast.py": "def go(): ...\n",
        "sure.py": "from fast import go\n",
        "maybe.py": "try:\n    from fast import go\nexcept ImportError:\n    go = None\n",
        "other.py": "try:\n    from fast import go\nexcept ValueError:\n    raise\n",
        "late.py": "def f():\n    try:\n        import fast\n    except ModuleNotFoundError:\n        raise\n",
    }
    assert {one.source: one.confidence for one in edges(tree, LANGUAGE) if one.target == "fast.py"} == {
        "sure.py": "sure", "maybe.py": "likely", "other.py": "sure", "late.py": "likely"
    }  # fmt: skip
