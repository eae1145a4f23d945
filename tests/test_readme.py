"""The README is true: its commands run, its settings parse, its tables name what exists."""

import json
import os
import re
import shlex
import subprocess
import sys

import pytest

from safe_rollback.policies.protocol.fence import find_fence
from safe_rollback.policies.protocol.model import Protocol
from safe_rollback.policies.protocol.reading import parse
from safe_rollback.policies.protocol.recovering import TABLES
from safe_rollback.server.cli.common import EXIT_CODES
from safe_rollback.server.cli.init import COMMAND, SECTION, SERVER
from safe_rollback.tools import TOOLS
from tests.harness.repo import Repo
from tests.harness.server import call, connect

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Commands that .ci/run and .ci/wheel.py run; all others are run here.
RUN_BY_CI = {"make demo": ".ci/run", "make test": ".ci/run", "python3 -m pip install .": ".ci/wheel.py"}


def read(name: str) -> str:
    """A file of the repository."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def commands(kind: str = "sh") -> list[str]:
    """Every line of the README's blocks of a kind."""
    blocks = re.findall(rf"^```{kind}\n(.*?)^```", read("README.md"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def run(command: str, root: str) -> "subprocess.CompletedProcess[str]":
    """Run a `safe-rollback …` line of the README in a repository."""
    program, *arguments = shlex.split(command)
    assert program == "safe-rollback"
    argv = [sys.executable, "-m", "safe_rollback", *arguments]
    return subprocess.run(argv, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_every_command_is_run_somewhere() -> None:
    lines = commands()
    assert lines, "the README has no commands"
    for line in lines:
        known = line in RUN_BY_CI or line.startswith(("safe-rollback ", "claude mcp add rollback -- "))
        assert known, f"nobody runs: {line}"


def test_what_ci_runs_stands_in_its_scripts() -> None:
    assert "make demo\nmake test\nmake check\n" in read(".ci/run")
    assert '"-m", "pip", "install"' in read(".ci/wheel.py")


@pytest.mark.parametrize("command", [line for line in commands() if line.startswith("safe-rollback ")])
def test_command_runs(repo: Repo, command: str) -> None:
    done = run(command, repo.root)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.anyio
async def test_registered_command_serves(repo: Repo) -> None:
    (line,) = [line for line in commands() if line.startswith("claude ")]
    assert shlex.split(line.partition(" -- ")[2]) == [COMMAND, *SERVER["args"]]
    (block,) = re.findall(r"^```json\n(.*?)^```", read("README.md"), re.MULTILINE | re.DOTALL)
    assert json.loads(block)["mcpServers"]["rollback"] == SERVER
    async with connect(repo.root) as client:
        assert (await call(client, "start_session", task="as the README says"))["session_id"]


def test_tools_are_those_of_the_server() -> None:
    table = read("README.md").partition("| tool |")[2].partition("\n\n")[0]
    names = {
        name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    }
    assert names == {spec.name for spec in TOOLS}


def test_exit_codes_are_the_command_lines() -> None:
    def codes(text: str) -> list[str]:
        text = re.sub(r"\s+", " ", text)
        return re.findall(r"\b([0-5]) [a-z]+", text.partition("Exit codes: ")[2])

    assert codes(read("README.md"))[:6] == codes(EXIT_CODES) == list("012345")


def test_protocol_of_the_readme_is_enforced_in_full() -> None:
    (block,) = re.findall(r"^````markdown\n(.*?)^````", read("README.md"), re.MULTILINE | re.DOTALL)
    reading = parse(block, "CLAUDE.md")
    assert not reading.problems
    assert not reading.not_enforced
    assert (reading.protocol.max_files, reading.protocol.branches) == (5, ("main",))


def test_example_protocol_names_every_setting_and_is_enforced_in_full() -> None:
    text = read("CLAUDE.md.example")
    reading = parse(text, "CLAUDE.md")
    assert not reading.problems
    assert not reading.not_enforced
    fence = find_fence(text)
    assert fence is not None
    names = {"branches": "branches", "gates": "run", "rules": "[[rule]]", "recovery": "[[check]]"}
    for field in Protocol.__dataclass_fields__:
        assert names.get(field, field) in fence.body, f"CLAUDE.md.example does not show {field}"
    for table in TABLES:
        assert f"[{table}]" in fence.body, f"CLAUDE.md.example does not show [{table}]"


def test_block_that_init_writes_is_enforced_in_full() -> None:
    reading = parse(SECTION % '"main"', "CLAUDE.md")
    assert not reading.problems
    assert not reading.not_enforced
    assert reading.protocol.branches == ("main",)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/decisions/README.md"])
def test_files_that_are_named_exist(name: str) -> None:
    text = read(name)
    linked = [os.path.join(os.path.dirname(name), one) for one in re.findall(r"\]\(([^)#]+\.md)\)", text)]
    quoted = re.findall(r"`((?:docs|tests|\.ci|benchmarks)/[\w./-]*\w\.?\w*|[A-Z]+[\w.]*\.(?:md|example))`", text)
    for path in [*linked, *quoted]:
        assert os.path.exists(os.path.join(ROOT, path)), f"{name} names {path}"
