"""Where Python's modules stand in a tree: roots, packages without a file of their own, stubs and tests."""

import pytest

from safe_rollback.impact.languages.python import LANGUAGE
from tests.impact.tree import arrows

EMPTY = ""
PACKAGE_DIR = '[tool.setuptools.package-dir]\n"app" = "source/app"\n"app.core" = "core"\n'

TREES = {
    "a folder src": (
        {"src/app/__init__.py": EMPTY, "src/app/x.py": EMPTY, "tests/run.py": "import app.x"},
        ["tests/run.py:1 -import-> src/app/x.py"],
    ),
    "a package without a file of its own": (
        {"ns/a/__init__.py": EMPTY, "main.py": "from ns import a\nfrom ns.a import X"},
        ["main.py:1 -import-> ns/a/__init__.py", "main.py:2 -import-> ns/a/__init__.py (X)"],
    ),
    "a part of a package without a file of its own": (
        {"pkg/__init__.py": EMPTY, "pkg/ns/a.py": EMPTY, "main.py": "from pkg.ns import a"},
        ["main.py:1 -import-> pkg/ns/a.py"],
    ),
    "the nearest root first": (
        {"lib.py": EMPTY, "one/lib.py": EMPTY, "one/main.py": "import lib", "main.py": "import lib"},
        ["main.py:1 -import-> lib.py", "one/main.py:1 -import-> one/lib.py"],
    ),
    "a project in a folder": (
        {
            "one/pyproject.toml": EMPTY,
            "one/app/__init__.py": EMPTY,
            "one/app/x.py": "import app.y",
            "one/app/y.py": "",
        },
        ["one/app/x.py:1 -import-> one/app/y.py"],
    ),
    "a project in a folder that looks like a package": (
        {"one/setup.py": EMPTY, "one/__init__.py": EMPTY, "one/app/__init__.py": EMPTY, "one/run.py": "import app"},
        ["one/run.py:1 -import-> one/app/__init__.py"],
    ),
    "another project's package": (
        {"one/src/a/__init__.py": EMPTY, "two/src/b/__init__.py": "import a", "one/pyproject.toml": EMPTY},
        ["two/src/b/__init__.py:1 -import-> one/src/a/__init__.py"],
    ),
    "a name in two other projects": (
        {"one/a/__init__.py": EMPTY, "two/a/__init__.py": EMPTY, "three/b.py": "import a"},
        [],
    ),
    "the standard library before far folders": (
        {"one/json/__init__.py": EMPTY, "two/b.py": "import json"},
        [],
    ),
    "no import of neighbours inside a package": (
        {"pkg/__init__.py": EMPTY, "pkg/redis.py": EMPTY, "pkg/cache.py": "import redis"},
        [],
    ),
    "a whole tree that is a package": (
        {"__init__.py": EMPTY, "app/__init__.py": EMPTY, "main.py": "import app", "app/x.py": "from .. import main"},
        ["app/x.py:1 -import-> main.py", "main.py:1 -import-> app/__init__.py"],
    ),
    "folders of other names": (
        {
            "pyproject.toml": PACKAGE_DIR,
            "source/app/__init__.py": EMPTY,
            "core/__init__.py": EMPTY,
            "core/x.py": EMPTY,
            "tests/t.py": "from app.core import x",
        },
        ["tests/t.py:1 -import-> core/x.py"],
    ),
    "folders of other names, although nothing has the first": (
        {"pyproject.toml": PACKAGE_DIR, "core/x.py": EMPTY, "t.py": "import app.core.x"},
        ["t.py:1 -import-> core/x.py"],
    ),
    "a package before a module of its name": (
        {"a.py": EMPTY, "a/__init__.py": EMPTY, "main.py": "import a"},
        ["main.py:1 -import-> a/__init__.py"],
    ),
    "a stub beside its module": (
        {"a.py": EMPTY, "a.pyi": EMPTY, "main.py": "import a"},
        ["main.py:1 -import-> a.py", "main.py:1 -import-> a.pyi"],
    ),
    "a stub alone": ({"a.pyi": EMPTY, "main.py": "import a"}, ["main.py:1 -import-> a.pyi"]),
    "a cycle": (
        {"a.py": "import b", "b.py": "import a"},
        ["a.py:1 -import-> b.py", "b.py:1 -import-> a.py"],
    ),
    "a broken project file": (
        {"pyproject.toml": "[[", "a.py": EMPTY, "main.py": "import a"},
        ["main.py:1 -import-> a.py"],
    ),
}


@pytest.mark.parametrize("rule", TREES)
def test_a_module_is_found_in_its_tree(rule: str) -> None:
    tree, expected = TREES[rule]
    assert arrows(tree, LANGUAGE) == expected


TEST = "def test_it(): ..."
TESTS = {
    "by its beginning": ({"app/foo.py": EMPTY, "t/test_foo.py": TEST}, ["t/test_foo.py:1 -test-> app/foo.py"]),
    "by its end": ({"app/foo.py": EMPTY, "t/foo_test.py": TEST}, ["t/foo_test.py:1 -test-> app/foo.py"]),
    "not if it says so": (
        {"foo.py": EMPTY, "test_foo.py": f"import foo\n{TEST}"},
        ["test_foo.py:1 -import-> foo.py"],
    ),
    "not if two could be meant": ({"a/foo.py": EMPTY, "b/foo.py": EMPTY, "t/test_foo.py": TEST}, []),
    "fixtures, although somebody imports what is called so": (
        {"a/__init__.py": EMPTY, "a/conftest.py": "import conftest", "a/test_x.py": TEST},
        ["a/test_x.py:1 -load-> a/conftest.py"],
    ),
    "fixtures": (
        {"conftest.py": EMPTY, "t/conftest.py": "import pytest", "t/u/test_x.py": TEST, "t/help.py": TEST},
        ["t/conftest.py:1 -load-> conftest.py", "t/u/test_x.py:1 -load-> t/conftest.py"],
    ),
}


@pytest.mark.parametrize("rule", TESTS)
def test_a_test_needs_what_its_path_says(rule: str) -> None:
    tree, expected = TESTS[rule]
    assert arrows(tree, LANGUAGE) == expected


APP = {"app/__init__.py": EMPTY, "app/urls.py": EMPTY, "app/views.py": EMPTY, "polls/__init__.py": EMPTY}
LOADS = {
    "import_module": ('import importlib\nimportlib.import_module("app.urls")', ["2 -load-> app/urls.py"]),
    "__import__": ('__import__("app.views")', ["1 -load-> app/views.py"]),
    "Django's include": ('from django.urls import include\ninclude("app.urls")', ["2 -load-> app/urls.py"]),
    "installed apps": (
        'INSTALLED_APPS = [\n    "django.contrib.auth",\n    "polls",\n    "app",\n]',
        ["3 -load-> polls/__init__.py", "4 -load-> app/__init__.py"],
    ),
    "middleware": ('MIDDLEWARE = ["app.views.Middle"]', ["1 -load-> app/views.py"]),
    "the settings' module": (
        'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.views")',
        ["2 -load-> app/views.py"],
    ),
    "what a test replaces": ('def test(): mock.patch("app.views.View.get")', ["1 -load-> app/views.py"]),
    "plugins of pytest": ('# tests\npytest_plugins = ["app.views"]', ["2 -load-> app/views.py"]),
    "entry points": (
        'from setuptools import setup\nsetup(entry_points={"console_scripts": ["run = app.views:main"]})',
        ["2 -load-> app/views.py"],
    ),
    "celery's modules": (
        'from celery import Celery\nCelery("x", include=["app.views"])',
        ["2 -load-> app/views.py"],
    ),
    "a host's name": ('MIDDLEWARE = []\nHOST = "app.example.org"', []),
    "a text anywhere else": ('x = "app.views"', []),
}


@pytest.mark.parametrize("rule", LOADS)
def test_a_module_named_as_text_is_loaded(rule: str) -> None:
    source, expected = LOADS[rule]
    assert arrows({**APP, "main.py": source}, LANGUAGE) == [f"main.py:{one}" for one in expected]
