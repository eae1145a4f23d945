"""The help of every command: frozen, so that no change of it goes unnoticed.

A wanted change: `SAFE_ROLLBACK_RENEW=1 python -m pytest tests/server/cli/test_help.py`, then read the diff.
"""

import os

import pytest

from safe_rollback import __version__
from safe_rollback.server.cli import policy
from safe_rollback.server.cli.app import COMMANDS
from tests.server.cli.here import Cli

SNAPSHOT = os.path.join(os.path.dirname(__file__), "help.txt")
RENEW = "SAFE_ROLLBACK_RENEW"
PAGES = [
    [],
    *([command.__name__] for command in COMMANDS),
    ["policy"],
    *(["policy", str(one.callback.__name__)] for one in policy.app.registered_commands if one.callback),
]


def test_the_help_of_every_command_is_the_committed_one(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    shown = [(page, cli.plain(*page, "--help")) for page in PAGES]
    assert all(ran.code == 0 and not ran.err for _, ran in shown)
    now = "".join(f"$ safe-rollback {' '.join([*page, '--help'])}\n{ran.out.strip()}\n\n" for page, ran in shown)
    if os.environ.get(RENEW):
        with open(SNAPSHOT, "w", encoding="utf-8") as file:
            file.write(now)
    with open(SNAPSHOT, encoding="utf-8") as file:
        assert now == file.read(), f"the help changed; if that is wanted, run this file with {RENEW}=1 and commit"


def test_every_option_says_what_it_does(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for page in PAGES:
        text = cli.plain(*page, "--help").out
        bare = [line for line in text.splitlines() if line.startswith("  -") and len(line.split("  ")) < 3]
        assert bare == [], page


def test_without_arguments_the_help_is_shown(cli: Cli) -> None:
    ran = cli.plain()
    assert "Usage: safe-rollback" in ran.out + ran.err


def test_the_version_is_the_packages(cli: Cli) -> None:
    assert cli.plain("--version").out == f"safe-rollback {__version__}\n"
