"""Counts of tests from what test runners print at their end: one row each in one table."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from .results import Counts

Reads = Literal["last", "every", "whole"]

_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\))")
_NUMBERED = re.compile(r"(\d+) ([A-Za-z]+)")
_NAMED = re.compile(r"([A-Za-z]+)[:=] {0,9}(\d+)")
_GO_LINE = re.compile(r"^ *--- (PASS|FAIL|SKIP): |^FAIL\t[^\n]{1,500} \[(?:build|setup) failed\]$", re.MULTILINE)


def without_colours(text: str) -> str:
    """A text without the codes that only colour it."""
    return _COLOURS.sub("", text)


@dataclass(frozen=True, kw_only=True)
class Runner:
    """How one test runner sums up.

    Attributes:
        name: what people call it.
        pattern: a whole summary; anchored at line starts, so that no output makes it slow.
        counts: what a match and the whole output say; None if they leave something open.
        reads: `last` summary; or `every` one, added, where there is one for each part of a run; or the `whole`
            output. For these two nothing may have been cut off.
    """

    name: str
    pattern: re.Pattern[str]
    counts: Callable[[re.Match[str], str], Counts | None]
    reads: Reads = "last"

    def find(self, text: str, whole: bool) -> tuple[int, Counts] | None:
        """Where the last summary ends and what is counted; None if there is none, or not all are there."""
        matches = list(self.pattern.finditer(text))
        if not matches or (self.reads != "last" and not whole):
            return None
        found = [self.counts(one, text) for one in (matches if self.reads == "every" else matches[-1:])]
        counts = [one for one in found if one is not None]
        return (matches[-1].end(), sum(counts, Counts())) if len(counts) == len(found) else None


def summary_counts(output: str, *, whole: bool) -> Counts | None:
    """What the last summary of a known runner says.

    Args:
        output: what a check printed, or the end of it.
        whole: whether nothing was cut off.

    Returns:
        None if no known runner's summary is there: not known is never zero.
    """
    text = _ESCAPES.sub("", without_colours(output)).replace("\r\n", "\n")
    found = [result for runner in RUNNERS if (result := runner.find(text, whole)) is not None]
    return max(found, key=lambda one: one[0])[1] if found else None


def _numbers(text: str) -> Mapping[str, int]:
    """`3 passed, 1 failed` as values by word, the last of each; plurals as they stand."""
    return {word.lower(): int(number) for number, word in _NUMBERED.findall(text)}


def _fields(text: str) -> Mapping[str, int]:
    """`Errors: 1, Skipped: 2` as values by word."""
    return {word.lower(): int(number) for word, number in _NAMED.findall(text)}


def _of_total(total: int, *, failed: int = 0, errors: int = 0, skipped: int = 0) -> Counts:
    return Counts(passed=max(total - failed - errors - skipped, 0), failed=failed, errors=errors, skipped=skipped)


def _int(match: re.Match[str], group: str) -> int:
    return int(match[group] or 0)


def _named_groups(match: re.Match[str], _text: str) -> Counts:
    """Groups `total` or `passed`, and `failed`, `errors`, `skipped`, as far as the pattern has them."""
    groups = {name: int(value or 0) for name, value in match.groupdict().items()}
    total = groups.pop("total", None)
    return Counts(**groups) if total is None else _of_total(total, **groups)


def _pytest(match: re.Match[str], _text: str) -> Counts:
    said = _numbers(match["parts"])
    return Counts(
        passed=said.get("passed", 0) + said.get("xpassed", 0),
        failed=said.get("failed", 0),
        errors=said.get("error", 0) + said.get("errors", 0),
        skipped=said.get("skipped", 0) + said.get("xfailed", 0),
    )


def _unittest(match: re.Match[str], _text: str) -> Counts:
    text = match["parts"] or ""
    expected, unexpected = _after("expected failures=", text), _after("unexpected successes=", text)
    said = _fields(text.replace("expected failures", "").replace("unexpected successes", ""))
    return _of_total(
        int(match["total"]),
        failed=said.get("failures", 0) + unexpected,
        errors=said.get("errors", 0),
        skipped=said.get("skipped", 0) + expected,
    )


def _after(words: str, text: str) -> int:
    found = re.search(rf"(?<![a-z]){words}(\d+)", text)
    return int(found[1]) if found else 0


def _node(match: re.Match[str], _text: str) -> Counts:
    said = {word: int(number) for word, number in re.findall(r"([a-z]+) (\d+)", match[0])}
    return Counts(
        passed=said["pass"],
        failed=said["fail"] + said.get("cancelled", 0),
        skipped=said.get("skipped", 0) + said.get("todo", 0),
    )


def _jest(match: re.Match[str], text: str) -> Counts:
    said = _numbers(match[0])
    return Counts(
        passed=said.get("passed", 0),
        failed=said.get("failed", 0),
        errors=text.count("● Test suite failed to run\n"),
        skipped=said.get("skipped", 0) + said.get("todo", 0),
    )


def _vitest(match: re.Match[str], text: str) -> Counts:
    said = _numbers(match["parts"])
    suites = re.findall(r"Failed Suites (\d+) ", text)
    return Counts(
        passed=said.get("passed", 0),
        failed=said.get("failed", 0),
        errors=int(match["errors"] or 0) + (int(suites[-1]) if suites else 0),
        skipped=said.get("skipped", 0) + said.get("todo", 0),
    )


def _go(_match: re.Match[str], text: str) -> Counts | None:
    if "=== RUN   " not in text:
        return None  # without -v it names only what failed
    found = [one[1] or "broken" for one in _GO_LINE.finditer(text)]
    return Counts(
        passed=found.count("PASS"),
        failed=found.count("FAIL"),
        errors=found.count("broken"),
        skipped=found.count("SKIP"),
    )


def _nextest(match: re.Match[str], _text: str) -> Counts:
    said = _numbers(match["parts"])
    passed = said.get("passed", 0)
    return Counts(passed=passed, failed=int(match["total"]) - passed, skipped=said.get("skipped", 0))


def _rspec(match: re.Match[str], _text: str) -> Counts:
    counts = _of_total(int(match["total"]), failed=int(match["failed"]), skipped=_int(match, "skipped"))
    return counts + Counts(errors=_int(match, "outside"))


def _phpunit(match: re.Match[str], _text: str) -> Counts:
    said = _fields(match[0])
    return _of_total(
        said["tests"],
        failed=said.get("failures", 0),
        errors=said.get("errors", 0),
        skipped=said.get("skipped", 0) + said.get("incomplete", 0),
    )


def _pest(match: re.Match[str], _text: str) -> Counts:
    said = _numbers(match["parts"])
    return Counts(
        passed=said.get("passed", 0),
        failed=said.get("failed", 0),
        skipped=sum(said.get(word, 0) for word in ("skipped", "incomplete", "todo", "todos")),
    )


def _test_unit(match: re.Match[str], _text: str) -> Counts:
    said = _numbers(match[0])
    skipped = said["pendings"] + said["omissions"]
    return _of_total(said["tests"], failed=said["failures"], errors=said["errors"], skipped=skipped)


def _bun(match: re.Match[str], _text: str) -> Counts:
    said = _numbers(match[0])
    errors = said.get("error", 0) + said.get("errors", 0)
    return Counts(
        passed=said["pass"],
        failed=max(said.get("fail", 0) - errors, 0),  # bun counts a file that broke as a failure, too
        errors=errors,
        skipped=said.get("skip", 0) + said.get("todo", 0),
    )


def _row(
    name: str,
    pattern: str,
    counts: Callable[[re.Match[str], str], Counts | None] = _named_groups,
    *,
    reads: Reads = "last",
) -> Runner:
    return Runner(name=name, pattern=re.compile(pattern, re.MULTILINE), counts=counts, reads=reads)


RUNNERS: tuple[Runner, ...] = (
    _row(
        "pytest",
        r"^(?:=+ )?(?P<parts>(?:no tests (?:ran|collected)|\d+ (?:failed|passed|skipped|deselected|x?passed|xfailed|"
        r"warnings?|errors?|rerun))(?:, \d+ [a-z ]{1,30})*) in \d+\.\d+s(?: \([\d:, a-z]{1,40}\))?(?: =+)?$",
        _pytest,
    ),
    _row(
        "unittest",
        r"^Ran (?P<total>\d+) tests? in \d+\.\d+s\n\n(?:OK|FAILED|NO TESTS RAN)(?: \((?P<parts>[^)\n]{1,200})\))?$",
        _unittest,
    ),
    _row(
        "node --test",
        r"^(?P<mark>#|ℹ) tests \d+\n(?:(?P=mark) suites \d+\n)?(?P=mark) pass \d+\n(?P=mark) fail \d+"
        r"(?:\n(?P=mark) (?:cancelled|skipped|todo) \d+){1,3}$",
        _node,
    ),
    _row("jest", r"^Tests: +(?:\d+ [a-z]{1,20}, ){0,6}\d+ total$", _jest),
    _row(
        "vitest",
        r"^ *Test Files  [^\n]{1,300}\n *Tests  (?P<parts>[^\n]{1,300})"
        r"(?:\n *(?:Type )?Errors  (?P<errors>\d+) errors?)?$",
        _vitest,
    ),
    _row(
        "mocha",
        r"^  (?P<passed>\d+) passing \([^)\n]{1,20}\)"
        r"(?:\n  (?P<skipped>\d+) pending)?(?:\n  (?P<failed>\d+) failing)?$",
    ),
    _row("go test", r"^(?:ok  |FAIL|\?   )\t[^\n]{1,500}$", _go, reads="whole"),
    _row(
        "gotestsum",
        r"^DONE (?P<total>\d+) tests(?:, (?P<skipped>\d+) skipped)?(?:, (?P<failed>\d+) failures?)?"
        r"(?:, (?P<errors>\d+) errors?)? in [\d.]{1,20}s$",
    ),
    _row(
        "cargo test",
        r"^test result: (?:ok|FAILED)\. (?P<passed>\d+) passed; (?P<failed>\d+) failed; (?P<skipped>\d+) ignored;",
        reads="every",
    ),
    _row(
        "cargo nextest",
        r"^ +Summary \[ *[\d.]{1,20}s\] (?P<total>\d+)(?:/\d+)? tests? run: (?P<parts>[^\n]{1,200})$",
        _nextest,
    ),
    _row(
        "rspec",
        r"^(?P<total>\d+) examples?, (?P<failed>\d+) failures?(?:, (?P<skipped>\d+) pending)?"
        r"(?:, (?P<outside>\d+) errors? occurred outside of examples)?$",
        _rspec,
    ),
    _row(
        "minitest",
        r"^(?P<total>\d+) runs, \d+ assertions, "
        r"(?P<failed>\d+) failures, (?P<errors>\d+) errors, (?P<skipped>\d+) skips",
    ),
    _row(
        "test-unit",
        r"^\d+ tests, \d+ assertions, \d+ failures, \d+ errors, \d+ pendings, \d+ omissions, \d+ notifications$",
        _test_unit,
    ),
    _row("phpunit, all passed", r"^OK \((?P<total>\d+) tests?, \d+ assertions?\)$"),
    _row("phpunit", r"^Tests: \d+, Assertions: \d+(?:, [A-Za-z ]{1,40}: \d+){0,10}\.$", _phpunit),
    _row("pest", r"^  Tests:    (?P<parts>[^\n(]{1,200}) \(\d+ assertions?\)$", _pest),
    _row(
        "dotnet test",
        r"^(?:Passed|Failed|Skipped)! +- Failed: +(?P<failed>\d+), Passed: +(?P<passed>\d+), "
        r"Skipped: +(?P<skipped>\d+), Total: ",
        reads="every",
    ),
    _row(
        "dotnet test, terminal logger",
        r"^Test summary: total: (?P<total>\d+), failed: (?P<failed>\d+), succeeded: \d+, skipped: (?P<skipped>\d+),",
    ),
    _row(
        "vstest",
        r"^Total tests: (?P<total>\d+)(?:\n +Passed: \d+)?(?:\n +Failed: (?P<failed>\d+))?"
        r"(?:\n +Skipped: (?P<skipped>\d+))?$",
        reads="every",
    ),
    _row(
        "surefire",
        r"^(?:\[[A-Z]{1,10}\] )?Tests run: (?P<total>\d+), Failures: (?P<failed>\d+), Errors: (?P<errors>\d+), "
        r"Skipped: (?P<skipped>\d+)$",
        reads="every",
    ),
    _row(
        "gradle",
        r"^(?P<total>\d+) tests? completed, (?P<failed>\d+) failed(?:, (?P<skipped>\d+) skipped)?$",
        reads="every",
    ),
    _row("bun test", r"^ *\d+ pass\n(?: *\d+ [a-z() ]{1,40}\n){0,9}Ran \d+ tests? across \d+ files?\.", _bun),
    _row(
        "deno test",
        r"^(?:ok|FAILED) \| (?P<passed>\d+) passed(?: \(\d+ steps?\))? \| (?P<failed>\d+) failed(?: \(\d+ steps?\))?"
        r"(?: \| (?P<skipped>\d+) ignored)?",
    ),
)
"""In no order: the summary that ends last counts."""
