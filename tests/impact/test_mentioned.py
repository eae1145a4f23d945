"""Who mentions what vanishes: names that others can use, and keys of data; not what is nobody else's."""

import pytest

from safe_rollback.core.gate.objects import Entry
from safe_rollback.core.ids import oid
from safe_rollback.core.workspace import Workspace
from safe_rollback.impact.library import Library
from safe_rollback.impact.mentioned import mentioned
from tests.harness.repo import Repo

SAYS = "the words targetDir max_size_now clientRef client_ref and RoundingMode stand here\n"


@pytest.mark.parametrize(
    ("path", "before", "after", "words"),
    [
        # What others can use, and what data is keyed by.
        ("a.py", "def client_ref():\n    pass\n", "", {"client_ref"}),
        ("a.py", "class A:\n    def client_ref(self):\n        pass\n", "class A:\n    pass\n", {"client_ref"}),
        ("a.py", "class A:\n    def f(self):\n        self.client_ref = 1\n", "class A:\n    pass\n", {"client_ref"}),
        ("a.py", "max_size_now = 1\n", "", {"max_size_now"}),
        ("a.py", "def f():\n    return {'client_ref': 1}\n", "def f():\n    return {}\n", {"client_ref"}),
        ("a.ts", "export const clientRef = 1\n", "", {"clientRef"}),
        ("a.ts", "function f() { return {clientRef: 1} }\n", "function f() { return {} }\n", {"clientRef"}),
        ("a.yaml", "client_ref: 1\n", "", {"client_ref"}),
        ("a.sql", "select a as client_ref from b\n", "select a from b\n", {"client_ref"}),
        ("a.txt", "client_ref = 1\n", "", {"client_ref"}),
        # What is nobody else's.
        ("a.py", "def f():\n    client_ref = 1\n", "def f():\n    pass\n", set()),
        ("a.py", "def f():\n    client_ref: int = 1\n", "def f():\n    pass\n", set()),
        ("a.py", "f(max_size_now=1)\n", "f()\n", set()),
        ("a.py", "other.client_ref = 1\n", "", set()),
        ("a.py", "from b import RoundingMode\nx: RoundingMode = 1\n", "x = 1\n", set()),
        ("a.py", "if a != client_ref:\n    pass\n", "if a != client_ref and b:\n    pass\n", set()),
        ("a.ts", "function f() { const targetDir = 1 }\n", "function f() { }\n", set()),
    ],
)
def test_what_is_looked_for(
    repo: Repo, workspace: Workspace, path: str, before: str, after: str, words: set[str]
) -> None:
    repo.commit("Files", {path: before, "notes.md": SAYS})
    library = Library(workspace.repository)
    graph = library.graph(repo.git("rev-parse", "HEAD^{tree}"))
    entry = Entry(mode="100644", oid=oid(repo.git("hash-object", "-w", "--stdin", stdin=after.encode())))
    found = mentioned(library, graph, {path: entry})
    assert {name for one in found for via in one.via for name in via.names} == words
    assert all((one.path, one.tier) == ("notes.md", "likely") for one in found)


@pytest.mark.parametrize(
    ("before", "after", "user", "lines"),
    [
        ("def f(a, max_size_now=1): pass\n", "def f(a): pass\n", "f(1,\n  max_size_now=2)\n", [2]),
        ("class A:\n    def f(self, *, max_size_now): pass\n", "", "max_size_now = 1\na.f(max_size_now = 2)\n", [2]),
        ("def f(max_size_now): pass\n", "def f(b, max_size_now): pass\n", "f(max_size_now=2)\n", []),
        ("def f(max_size_now): pass\n", "def f(): pass\n", "max_size_now = 2\nif f(max_size_now == 2): pass\n", []),
        ("def f(size): pass\n", "def f(): pass\n", "f(size=2)\n", []),
    ],
)
def test_who_passes_an_argument_by_a_name_that_goes(
    repo: Repo, workspace: Workspace, before: str, after: str, user: str, lines: list[int]
) -> None:
    repo.commit("Files", {"a.py": before, "user.py": user, "notes.md": "f(1, max_size_now=2)\n"})
    library = Library(workspace.repository)
    graph = library.graph(repo.git("rev-parse", "HEAD^{tree}"))
    entry = Entry(mode="100644", oid=oid(repo.git("hash-object", "-w", "--stdin", stdin=after.encode())))
    found = mentioned(library, graph, {"a.py": entry})
    assert [(one.path, via.line) for one in found for via in one.via] == [("user.py", line) for line in lines]
