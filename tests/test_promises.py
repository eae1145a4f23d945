"""Every promise names tests that exist."""

import ast
import os
import re

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def rows() -> list[tuple[str, list[str]]]:
    """Each promise with its proofs."""
    with open(os.path.join(ROOT, "tests", "promises.md"), encoding="utf-8") as file:
        cells = [line.strip("|\n ").split(" | ") for line in file if line.startswith("| ")]
    return [(row[0], re.findall(r"`(tests/[^`]+)`", row[-1])) for row in cells if row[0] != "promise"]


def functions_of(path: str) -> set[str]:
    """Names of the test functions of a file."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions) and node.name.startswith("test_")}


@pytest.mark.parametrize(("promise", "proofs"), rows(), ids=[row[0][:60] for row in rows()])
def test_promise_is_proven(promise: str, proofs: list[str]) -> None:
    assert proofs, f"nothing proves: {promise}"
    for proof in proofs:
        path, _, name = proof.partition("::")
        found = functions_of(path)
        assert found
        assert not name or name in found, f"{proof} is gone"


def test_all_five_promises_are_there() -> None:
    with open(os.path.join(ROOT, "tests", "promises.md"), encoding="utf-8") as file:
        assert re.findall(r"^## (\d)\.", file.read(), re.MULTILINE) == list("12345")
