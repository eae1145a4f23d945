"""Single named files that no checkpoint holds: a human's stay, an agent's own and what tools make again may go."""

import os
from collections.abc import Iterator

import pytest

from safe_rollback.core.actions import under_way
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.check_command import check_command
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.policies.near import Agent

_PROTOCOL = '```toml safe-rollback\n[capture]\nmax_file = "1 KiB"\n```\n'
_IGNORED = "data/\n*.key\nbuild/\n*.log\n.env*\nforced.txt\nempty.dat\n"


@pytest.fixture
def timed(repo: Repo) -> Iterator[Workspace]:
    """With the machine's clock: what an agent wrote is told by the files' times."""
    opened = open_workspace(repo.root)
    yield opened
    opened.close()


@pytest.fixture
def agent(repo: Repo, timed: Workspace) -> Agent:
    """In a session, among a human's files of every kind."""
    repo.commit("Rules", {".gitignore": _IGNORED, "CLAUDE.md": _PROTOCOL})
    repo.write("forced.txt", "tracked all the same\n")
    repo.git("add", "-f", "forced.txt")
    repo.commit("Forced")
    files = {
        "data/collected.csv": "months of it\n",
        "local.key": "secret\n",
        "build/app.o": "object\n",
        "run.log": "log\n",
        ".env": "TOKEN=1\n",
        "data/.env": "TOKEN=1\n",
        "big.bin": "x" * 2000,
        "small.bin": "x\n",
        "empty.dat": "",
    }
    for path, text in files.items():
        repo.write(path, text)
    repo.write("README.md", "the human's\n" * 200)
    os.symlink("local.key", repo.path("link.key"))
    start_session(Desk(timed), "A task", create_branch=True)
    return Agent(repo, timed)


LOSING = [
    "rm local.key",
    "rm -f local.key",
    "rm -rf local.key",
    "rm data/collected.csv",
    "rm notes.txt data/collected.csv",
    "unlink local.key",
    "cd data && rm collected.csv",
    "sh -c 'rm \"$1\"' _ local.key",
    "find . -name '*.key' -exec rm {} +",
    'find . -name local.key | while read f; do rm "$f"; done',
    "python3 -c \"import os; os.remove('local.key')\"",
    "node -e \"fs.unlinkSync('local.key')\"",
    "echo 1 > local.key",
    "echo 1 >| local.key",
    "echo 1 &> local.key",
    "cat README.md > local.key",
    "echo 1 > link.key",
    "> local.key",
    ": > local.key",
    "tee local.key < README.md",
    "truncate -s 0 local.key",
    "dd if=/dev/zero of=local.key count=1",
    "cp README.md local.key",
    "mv README.md local.key",
    "install -m 600 README.md local.key",
    "ln -sf README.md local.key",
    "mv local.key /tmp/",
    "curl -o local.key https://example.org/x",
    "wget -O local.key https://example.org/x",
    "shred local.key",
    "python3 -c \"open('local.key', 'w').write('x')\"",
    "python3 -c \"from pathlib import Path; Path('local.key').write_text('x')\"",
    "node -e \"fs.writeFileSync('local.key', 'x')\"",
    'perl -e \'open(F, ">", "local.key")\'',
    "php -r \"file_put_contents('local.key', 'x');\"",
    "ruby -e \"File.write('local.key', 'x')\"",
    "mv local.key other.key && rm other.key",
    "mv local.key a.key; mv a.key b.key; echo 1 > b.key",
    "mkdir t && mv local.key t/ && rm -rf t",
    "false && mv local.key other.key; echo 1 > local.key",
    "mv local.key other.key && cp README.md other.key",
    "python3 -c \"import os; os.rename('local.key', 'x.key'); os.remove('x.key')\"",
    "rm data/.env",
    "rm big.bin",
    "echo 1 > big.bin",
    "cp small.bin big.bin",
    "truncate -s 10 big.bin",
    "bash -c 'rm big.bin'",
]


def test_what_no_checkpoint_holds_and_the_agent_did_not_write_stays(agent: Agent) -> None:
    said = {command: agent.ask(command) for command in LOSING}
    assert [command for command, one in said.items() if one.decision != "deny"] == []
    assert [command for command, one in said.items() if "Instead:" not in one.reason] == []


EVERYDAY = [
    "echo 1 >> local.key",
    "tee -a local.key < README.md",
    "echo 1 >> big.bin",
    "python3 -c \"open('local.key', 'a').write('x')\"",
    "node -e \"fs.appendFileSync('local.key', 'x')\"",
    "node -e \"fs.writeFileSync('local.key', 'x', {flag: 'a'})\"",
    "php -r \"file_put_contents('local.key', 'x', FILE_APPEND);\"",
    "curl -C - -o big.bin https://example.org/x",
    "truncate -s +10 local.key",
    "sed -i s/a/b/ local.key",
    "chmod 600 local.key",
    "touch local.key",
    "cat local.key > copy.txt",
    "cp local.key /tmp/",
    "mv local.key other.key",
    "mv small.bin other.bin && rm other.bin",
    "mkdir t && mv small.bin t/ && rm t/small.bin",
    "rm build/app.o",
    "echo 1 > build/app.o",
    "rm run.log",
    "rm -f run.log build/app.o",
    "rm .env",
    "echo TOKEN=2 > .env",
    "cp README.md .env",
    "rm forced.txt",
    "echo 1 > forced.txt",
    "rm empty.dat",
    "echo 1 > empty.dat",
    "rm link.key",
    "rm nothing.key",
    "echo 1 > new.key",
    "rm small.bin",
    "echo 1 > small.bin",
    "rm README.md",
    "echo 1 > README.md",
    "echo 1 > /tmp/local.key",
    "rm /tmp/local.key",
    "rm -f src/app.py notes.txt",
]


def test_what_a_checkpoint_holds_or_nothing_is_lost_of_may_change(agent: Agent) -> None:
    assert [command for command in EVERYDAY if agent.ask(command).decision != "pass"] == []


def test_the_refusal_names_the_file_and_a_way_on(agent: Agent, timed: Workspace) -> None:
    said = check_command(Desk(timed), "rm local.key")
    assert (said.verdict, said.rule) == ("refuse", "unheld-file")
    assert "local.key" in said.why
    assert "[capture] ignored" in said.instead


WRITTEN = [
    ("echo 1 > own.key", "own.key"),
    ("cp small.bin own.key", "own.key"),
    ("cat README.md | tee own.key", "own.key"),
    ("python3 -c \"open('own.key', 'w').write('x')\"", "own.key"),
    ("tar cf own.key src", "own.key"),
    ("mkdir -p data/own && echo 1 > data/own/x.csv", "data/own/x.csv"),
    ("head -c 2000 /dev/zero > own.bin", "own.bin"),
    ("dd if=/dev/zero of=own.bin bs=2000 count=1", "own.bin"),
]


@pytest.mark.parametrize(("written", "path"), WRITTEN)
def test_what_an_action_of_the_session_wrote_is_the_agents_own(
    agent: Agent, repo: Repo, written: str, path: str
) -> None:
    assert agent.run(written).decision == "pass"
    assert repo.exists(path)
    for then in ("rm {}", "echo 2 > {}", "truncate -s 1 {}", "cp README.md {}"):
        assert agent.ask(then.replace("{}", path)).decision == "pass", then


def test_what_a_tool_wrote_whole_is_the_agents_own(agent: Agent) -> None:
    assert agent.write("own.key", "x\n").decision == "pass"
    assert agent.run("rm own.key").decision == "pass"


@pytest.mark.parametrize(
    ("tool", "path", "decision"),
    [
        ("Write", "local.key", "deny"),
        ("Write", "link.key", "deny"),
        ("write_file", "data/collected.csv", "deny"),
        ("Write", "big.bin", "deny"),
        ("Edit", "local.key", "pass"),
        ("Write", ".env", "pass"),
        ("Write", "forced.txt", "pass"),
        ("Write", "README.md", "pass"),
        ("Write", "new.key", "pass"),
        ("Write", "build/app.o", "pass"),
    ],
)
def test_a_clients_tool_does_not_replace_what_no_checkpoint_holds(
    agent: Agent, tool: str, path: str, decision: str
) -> None:
    assert agent.ask_to_write(path, tool=tool).decision == decision


def test_a_command_refused_after_its_checkpoint_is_no_action(agent: Agent, timed: Workspace) -> None:
    assert agent.ask("rm local.key").decision == "deny"
    assert under_way(timed) == []


def test_what_a_human_changed_since_is_the_humans_again(agent: Agent, repo: Repo) -> None:
    agent.run("echo 1 > own.key")
    repo.write("own.key", "the human's\n")
    assert agent.ask("rm own.key").decision == "deny"


def test_a_name_does_not_make_a_humans_file_the_agents(agent: Agent) -> None:
    assert agent.run("mv local.key other.key").decision == "pass"
    assert agent.ask("rm other.key").decision == "deny"
    assert agent.run("ln other.key third.key").decision == "pass"
    assert agent.ask("echo 1 > third.key").decision == "deny"


def test_an_action_that_wrote_nothing_makes_nothing_the_agents(agent: Agent, repo: Repo) -> None:
    assert agent.run("false && echo 1 > later.key").decision == "pass"
    repo.write("later.key", "the human's\n")
    assert agent.ask("rm later.key").decision == "deny"


def test_another_sessions_files_are_not_this_ones(agent: Agent, timed: Workspace) -> None:
    agent.run("echo 1 > own.key")
    end_session(Desk(timed), "Done")
    start_session(Desk(timed), "Another task", create_branch=True)
    assert agent.ask("rm own.key").decision == "deny"


def test_one_look_is_enough_for_all_files_of_a_line(agent: Agent, timed: Workspace) -> None:
    assert agent.ask("rm small.bin README.md data/collected.csv").decision == "deny"
    assert agent.ask("for f in small.bin README.md notes.txt; do rm $f; done").decision == "pass"
