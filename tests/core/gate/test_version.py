"""Which git this is, and what is known to be wrong with it."""

import os
import stat
from collections.abc import Iterator

import pytest

from safe_rollback.core.errors import SafeRollbackError
from safe_rollback.core.gate.version import git_version, known_problems, show


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    git_version.cache_clear()
    yield
    git_version.cache_clear()


def pretend(folder: str, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    path = os.path.join(folder, "git")
    with open(path, "w") as file:
        file.write(f"#!/bin/sh\nprintf '%s\\n' '{answer}'\n")
    os.chmod(path, stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("git version 2.39.5", (2, 39, 5)),
        ("git version 2.39.5 (Apple Git-154)", (2, 39, 5)),
        ("git version 2.55.0.rc1.12.gabcdef", (2, 55, 0)),
        ("git version 2.50.1.windows.1", (2, 50, 1)),
        ("git version 2.38.GIT", (2, 38, 0)),
        ("git version 3.0", (3, 0, 0)),
    ],
)
def test_a_version_is_read_as_git_and_its_vendors_print_it(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, answer: str, version: tuple[int, int, int]
) -> None:
    pretend(str(tmp_path), monkeypatch, answer)
    assert git_version() == version


@pytest.mark.parametrize("answer", ["git version 2.37.9", "git version 1.9.1", "no version at all", ""])
def test_a_git_that_will_not_do_is_refused_with_what_to_install(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    pretend(str(tmp_path), monkeypatch, answer)
    with pytest.raises(SafeRollbackError) as refused:
        git_version()
    assert "2.38" in (refused.value.hint or "")


def test_a_missing_git_is_said(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SafeRollbackError, match="not installed"):
        git_version()


_CLONE, _MODULE = "CVE-2024-32002", "CVE-2025-48384"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((2, 38, 9), {_CLONE, _MODULE}),
        ((2, 39, 3), {_CLONE, _MODULE}),
        ((2, 39, 4), {_MODULE}),
        ((2, 43, 6), {_MODULE}),
        ((2, 43, 7), set()),
        ((2, 45, 0), {_CLONE, _MODULE}),
        ((2, 45, 1), {_MODULE}),
        ((2, 46, 0), {_MODULE}),
        ((2, 46, 4), set()),
        ((2, 50, 0), {_MODULE}),
        ((2, 50, 1), set()),
        ((2, 51, 0), set()),
        ((3, 0, 0), set()),
    ],
)
def test_known_problems_end_with_the_release_that_fixed_them(
    version: tuple[int, int, int], expected: set[str]
) -> None:
    said = known_problems(version)
    assert {name for name in (_CLONE, _MODULE) if any(name in one for one in said)} == expected
    assert all(show(version) in one and "update git" in one for one in said) and len(said) == len(expected)
