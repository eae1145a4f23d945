"""What came of a check."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["passed", "failed", "timed out", "out of memory", "untrusted", "not run"]
"""`untrusted`: no human trusted that exact command. `not run`: it could not be started, or was called off."""

PASSED: Status = "passed"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Tests of one run; one that is expected to fail, or left for later, counts as skipped.

    Attributes:
        passed: that did.
        failed: whose assertions did not hold.
        errors: that broke otherwise, suites that could not be loaded among them.
        skipped: that were not run.
    """

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            passed=self.passed + other.passed,
            failed=self.failed + other.failed,
            errors=self.errors + other.errors,
            skipped=self.skipped + other.skipped,
        )


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """How a check went.

    Attributes:
        name: of the check.
        command: what was run, as a human trusts it; empty for a built-in check.
        status: see `Status`.
        exit_code: exit status, negative for a signal; None if it did not run or end.
        seconds: wall time.
        tests: how its tests went; None if nothing it said or wrote tells.
        tail: the last of its output, standard error included, made safe to show.
    """

    name: str
    command: str
    status: Status
    exit_code: int | None = None
    seconds: float = 0.0
    tests: Counts | None = None
    tail: str = ""

    @property
    def passed(self) -> bool:
        """Whether it did."""
        return self.status == PASSED

    def to_data(self) -> dict[str, Any]:
        """A row of `core.ledger.events.Verified`: without the tail, which may hold anything."""
        row = {
            "name": self.name,
            "command": self.command,
            "status": self.status,
            "exit_code": self.exit_code,
            "seconds": self.seconds,
        }
        return row if self.tests is None else {**row, "tests": asdict(self.tests)}
