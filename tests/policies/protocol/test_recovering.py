"""`[[check]]`, `[verify]`, `[assess]`, `[[trigger]]`, `[authority]` and `[incident]` of the protocol."""

import pytest

from safe_rollback.core.recovery import (
    CheckSpec,
    IncidentSettings,
    RecoverySettings,
    Thresholds,
    TriggerSpec,
    VerifySettings,
)
from safe_rollback.policies.protocol.model import from_data
from safe_rollback.policies.protocol.reading import parse

BLOCK = """\
```toml safe-rollback
[session]
max_files = 5
[[check]]
name = "tests"
run = "python -m pytest --junitxml={junit}"
timeout = "10m"
memory = "2 GiB"
[[check]]
name = "lint"
run = "ruff check ."
junit = "out/lint.xml"
[verify]
link = [".venv", "web/node_modules/"]
before_revert = ["tests"]
at_once = 3
[assess]
phase_failing_tests = 5
commits_since_green = 4
[[trigger]]
id = "too-long"
metric = "session_minutes"
above = 90
do = ["checkpoint", "stop"]
why = "Long sessions go wrong."
[authority]
component = "human"
[incident]
directory = "ops/incidents"
logs = ["logs/*.log"]
notify = ["team"]
messages = { resolved = "It is over: {id}" }
```
"""


def test_all_of_it_is_read_and_named_with_its_line() -> None:
    reading = parse(BLOCK, "CLAUDE.md")
    assert reading.problems == []
    assert reading.protocol.recovery == RecoverySettings(
        checks=(
            CheckSpec(name="tests", run="python -m pytest --junitxml={junit}", timeout=600, memory=2 << 30),
            CheckSpec(name="lint", run="ruff check .", junit="out/lint.xml"),
        ),
        verify=VerifySettings(link=(".venv", "web/node_modules"), before_revert=("tests",), at_once=3),
        assess=Thresholds(phase_failing_tests=5.0, commits_since_green=4),
        triggers=(
            TriggerSpec(
                id="too-long",
                metric="session_minutes",
                above=90.0,
                do=("checkpoint", "stop"),
                why="Long sessions go wrong.",
            ),
        ),
        authority={"component": "human", "phase": "agent", "project": "human"},
        incident=IncidentSettings(
            directory="ops/incidents",
            logs=("logs/*.log",),
            notify=("team",),
            messages={"resolved": "It is over: {id}"},
        ),
    )
    assert [(one.rule, one.line) for one in reading.enforced] == [("files-per-session", 3), ("recovery", 4)]
    assert from_data(reading.protocol.to_data()) == reading.protocol


def test_a_protocol_pinned_before_there_were_such_settings_still_reads() -> None:
    data = parse(BLOCK, "CLAUDE.md").protocol.to_data()
    del data["recovery"]
    assert from_data(data).recovery == RecoverySettings()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("[check]\nname = 'a'", "check is written [[check]]"),
        ("[[check]]\nname = 'a'", "[[check]] run takes a text"),
        ("[[check]]\nname = 'A b'\nrun = 'x'", "short name"),
        ("[[check]]\nname = 'a'\nrun = 'x'\ntimeout = 'soon'", "soon"),
        ("[[check]]\nname = 'a'\nrun = 'x'\nmemory = 'much'", "much"),
        ("[[check]]\nname = 'a'\nrun = 'x'\njunit = '../out.xml'", "a path from the root"),
        ("[[check]]\nname = 'a'\nrun = 'x'\n[[check]]\nname = 'a'\nrun = 'y'", "a second check a"),
        ("[[check]]\nname = 'a'\nrun = 'x'\nretries = 3", "has no key retries"),
        ("[verify]\nlink = ['/usr']", "a path from the root"),
        ("[verify]\nlink = ['.git/objects']", "a path from the root"),
        ("[verify]\nat_once = 0", "a whole number from 1"),
        ("[verify]\nbefore_revert = ['tests']", "there is no [[check]] of that name"),
        ("[assess]\nphase_failing_tests = 101", "0 to 100"),
        ("[assess]\ncommits_since_green = 0", "a whole number from 1"),
        ("[assess]\nseverity = 1", "has no key severity"),
        ("[[trigger]]\nid = 'a'\nmetric = 'mood'\nabove = 1\ndo = ['stop']", "is none of"),
        ("[[trigger]]\nid = 'a'\nmetric = 'session_files'\nabove = -1\ndo = ['stop']", "a number from 0"),
        ("[[trigger]]\nid = 'a'\nmetric = 'session_files'\nabove = 1\ndo = ['panic']", "takes some of stop"),
        ("[[trigger]]\nid = 'a'\nmetric = 'session_files'\nabove = 1\ndo = []", "takes some of stop"),
        ("[authority]\nphase = 'ceo'", "is none of agent, human"),
        ("[authority]\nteam = 'human'", "has no key team"),
        ("[incident]\ndirectory = '../elsewhere'", "a path from the root"),
        ("[incident]\nmessages = { a = 1 }", "takes texts"),
        ("[incident]\nnotify = 'team'", "takes a list of texts"),
    ],
)
def test_what_does_not_read_is_named_with_its_line(rows: str, says: str) -> None:
    reading = parse(f"```toml safe-rollback\n{rows}\n```\n", "CLAUDE.md")
    (problem,) = reading.problems
    assert says in problem
    assert problem.startswith("CLAUDE.md: Line 2")
