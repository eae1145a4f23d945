"""Counts of tests from JUnit XML, as pytest, jest-junit, surefire, go-junit-report, node and others write it.

The file comes from code that is checked, so nothing in it is believed but its elements: a document type, and with
it every entity, is refused, and size and number are bounded.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from ...core.errors import InvalidInputError
from ...core.globs import matches
from .results import Counts

MAX_BYTES = 64 << 20
_MAX_FILES = 5000
_CHUNK = 1 << 16
_OUTCOMES = {"failure": "failed", "error": "errors", "skipped": "skipped"}
_NOT_RUN = frozenset({"notrun", "skipped", "disabled", "suppressed"})


class _RefusedError(Exception):
    """The file is not one that is read."""


@dataclass
class _Reading:
    """Elements as they come."""

    open: list[str] = field(default_factory=list)
    outcome: str = ""
    cases: dict[str, int] = field(default_factory=dict)
    suites: list[dict[str, str]] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "testcase":
            not_run = {attributes.get("status", "").lower(), attributes.get("result", "").lower()} & _NOT_RUN
            self.outcome = "skipped" if not_run else "passed"
        elif name in _OUTCOMES and self.open[-1:] == ["testcase"]:
            # Of several the worst: a test may fail, and break again when it is taken down.
            order = ("passed", "skipped", "failed", "errors")
            self.outcome = max(self.outcome, _OUTCOMES[name], key=order.index)
        elif name in ("failure", "error") and self.open[-1:] == ["testsuite"]:
            self._count("errors")  # the suite itself
        elif name == "testsuite":
            self.suites.append(attributes)
        self.open.append(name)

    def end(self, name: str) -> None:
        self.open.pop()
        if name == "testcase":
            self._count(self.outcome)

    def _count(self, outcome: str) -> None:
        self.cases[outcome] = self.cases.get(outcome, 0) + 1

    def counts(self) -> Counts | None:
        """By the tests; by what the suites say of themselves, if no test is listed."""
        if self.cases:
            return Counts(**self.cases)
        if not any("tests" in one for one in self.suites):
            return None
        total, failed, errors, skipped = (
            sum(int(one[key]) for one in self.suites if one.get(key, "").isdigit())
            for key in ("tests", "failures", "errors", "skipped")
        )
        return Counts(passed=max(total - failed - errors - skipped, 0), failed=failed, errors=errors, skipped=skipped)


def read_junit(path: str) -> Counts | None:
    """What one file says; None if it is missing, no such file, larger than `MAX_BYTES`, or has a document type."""
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.StartDoctypeDeclHandler = _refuse
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            left = MAX_BYTES
            while chunk := file.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    return None
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except (OSError, expat.ExpatError, _RefusedError):
        return None
    return reading.counts()


def _refuse(*_: object) -> None:
    raise _RefusedError


def junit_files(directory: str, path: str) -> dict[str, tuple[int, int, int]]:
    """The files a path names, each with what tells whether it was written since.

    Args:
        directory: where the check runs; nothing outside is looked at.
        path: from there: a file, a directory of XML files, or a pattern such as `target/surefire-reports/*.xml`.
    """
    folder, _, name = path.rpartition("/")
    top = os.path.realpath(directory)
    if any(one in "*?[" for one in path):
        candidates = _matching(top, path)
    elif os.path.isdir(os.path.join(top, path)):
        candidates = [os.path.join(path, one) for one in _names(os.path.join(top, path)) if one.endswith(".xml")]
    else:
        candidates = [os.path.join(folder, name)]
    found = {}
    for one in candidates[:_MAX_FILES]:
        absolute = os.path.join(top, one)
        if os.path.realpath(absolute) != os.path.normpath(absolute) or not absolute.startswith(f"{top}/"):
            continue
        try:
            info = os.stat(absolute, follow_symlinks=False)
        except OSError:
            continue
        found[absolute] = (info.st_ino, info.st_mtime_ns, info.st_size)
    return found


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _matching(top: str, pattern: str) -> list[str]:
    found: list[str] = []
    fixed: list[str] = []
    for name in pattern.split("/")[:-1]:
        if any(one in "*?[\\" for one in name):
            break
        fixed.append(name)
    for folder, folders, names in os.walk(os.path.join(top, *fixed)):
        folders[:] = [one for one in folders if one not in (".git", "node_modules")]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), top)
            try:
                if matches(path, pattern):
                    found.append(path)
            except InvalidInputError:
                return []
        if len(found) > _MAX_FILES:
            break
    return sorted(found)


def junit_counts(paths: Sequence[str]) -> Counts | None:
    """What several files say together; None if none of them says anything."""
    found = [counts for path in paths if (counts := read_junit(path)) is not None]
    return sum(found, Counts()) if found else None
