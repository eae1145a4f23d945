"""`trust` and `grant`: only a person at a terminal, who sees exactly what is trusted, can give them."""

import hashlib
import os

import pytest

from safe_rollback.core.ledger.events import ProtocolAccepted
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import spend, trusted
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.scope_check import scope_check
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.harness.terminal import on_terminal, without_terminal

REFUSED, UNCHANGED, USAGE = 3, 4, 2


def write(repo: Repo, max_files: int, gates: str = '"pytest -x"') -> None:
    repo.write(
        "CLAUDE.md",
        f"```toml safe-rollback\n[session]\nmax_files = {max_files}\n[on_session_end]\nrun = [{gates}]\n```\n",
    )


def files(folder: str) -> dict[str, bytes]:
    found = {}
    for inner, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(inner, name), "rb") as file:
                found[os.path.join(inner, name)] = file.read()
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        ["trust"],
        ["grant", "--command", "git push --force"],
        ["grant", "--gate", "pytest -x"],
        ["grant", "--sensitive", "2026-03-04-001"],
        ["grant", "--plan", "abc"],
    ],
)
def test_without_a_terminal_nothing_is_given(repo: Repo, workspace: Workspace, arguments: list[str]) -> None:
    write(repo, 5)
    start_session(Desk(workspace), "A task")
    ended = without_terminal(repo.root, *arguments, stdin="yes\ny\n0000\n" * 50)
    assert ended.code == REFUSED
    assert "run it yourself on a terminal" in ended.shown
    assert trusted(workspace) == frozenset()
    assert not any(name.endswith(("grants.json", "trust.json")) for name in files(os.environ["HOME"]))


def test_a_person_trusts_the_exact_text_they_were_shown(repo: Repo, workspace: Workspace) -> None:
    write(repo, 5, '"pytest -x", "ruff [bold]check .[/]"')
    ended = on_terminal(repo.root, "trust")
    assert ended.code == 0, ended.shown
    assert "  pytest -x\n" in ended.shown and "  ruff [bold]check .[/]\n" in ended.shown
    assert trusted(workspace) == {"pytest -x", "ruff [bold]check .[/]"}
    again = on_terminal(repo.root, "trust")
    assert (again.code, "Nothing waits" in again.shown) == (0, True)


HOOK = "#!/bin/sh\n# [bold]x[/] \x1b[2K \u202e\nmake lint"


def test_a_hook_is_shown_with_its_path_and_its_text(repo: Repo, workspace: Workspace) -> None:
    repo.write(".git/hooks/pre-commit", HOOK + "\n", 0o755)
    ended = on_terminal(repo.root, "trust")
    assert ended.code == 0, ended.shown
    assert "  .git/hooks/pre-commit:\n" in ended.shown
    assert "    | #!/bin/sh\n    | # [bold]x[/] \ufffd[2K \ufffd\n    | make lint\n" in ended.shown
    assert "\x1b[2K" not in ended.shown and "\u202e" not in ended.shown
    digest = hashlib.sha256(f"{HOOK}\n".encode()).hexdigest()
    assert trusted(workspace) == {f"hook pre-commit sha256:{digest}"}
    assert f"sha256:{digest}" in ended.shown


def test_what_of_a_hook_is_not_shown_is_said(repo: Repo) -> None:
    long = "#!/bin/sh\n" + "".join(f"echo {number}\n" for number in range(250)) + "x" * 3000 + "\n"
    repo.write(".git/hooks/pre-commit", long, 0o755)
    repo.write(".git/hooks/pre-push", b"\x7fELF\0\0rest", 0o755)
    repo.write(".git/hooks/post-merge", "#!/bin/sh\n" + "y" * 3000, 0o755)
    repo.write(".git/hooks/post-commit", b"#!/bin/sh\nhidden\0after\xff\n", 0o755)
    shown = on_terminal(repo.root, "trust", answer=lambda _: "no").shown
    assert "| echo 198\n" in shown and "echo 199" not in shown
    assert "… 52 more lines, read .git/hooks/pre-commit\n" in shown
    assert ".git/hooks/pre-push: an ELF program, 10 bytes\n" in shown
    assert "1000 more characters, read the file" in shown
    assert "| hidden\ufffdafter\\xff\n" in shown, "the shell reads past a NUL"


def test_a_hook_that_is_a_link_names_what_it_links_to(repo: Repo) -> None:
    repo.write("tools/check", "#!/bin/sh\n", 0o755)
    os.symlink("../../tools/check", repo.path(".git/hooks/pre-commit"))
    shown = on_terminal(repo.root, "trust", answer=lambda _: "no").shown
    assert f".git/hooks/pre-commit (a link to {os.path.realpath(repo.root)}/tools/check):" in shown


@pytest.mark.parametrize("typed", ["", "yes", "y", "0", "zzzz"])
def test_without_the_code_nothing_is_trusted(repo: Repo, workspace: Workspace, typed: str) -> None:
    write(repo, 5)
    ended = on_terminal(repo.root, "trust", answer=lambda _: typed)
    assert ended.code == UNCHANGED, ended.shown
    assert "nothing was changed" in ended.shown
    assert trusted(workspace) == frozenset()


def test_a_command_cannot_hide_part_of_itself_from_the_person(repo: Repo, workspace: Workspace) -> None:
    write(repo, 5, r'"rm -rf ~ #\u001b[2K\u001b[1G pytest \u202e\u200b\nx"')
    ended = on_terminal(repo.root, "trust", answer=lambda _: "no")
    assert "rm -rf ~ #\\u001b[2K\\u001b[1G pytest \\u202e\\u200b\\u000ax" in ended.shown
    assert "\x1b[2K" not in ended.shown and "\u202e" not in ended.shown
    assert trusted(workspace) == frozenset()


def test_a_looser_protocol_holds_after_a_person_accepted_it(repo: Repo, workspace: Workspace) -> None:
    write(repo, 5)
    start_session(Desk(workspace), "A task")
    write(repo, 50)
    assert on_terminal(repo.root, "trust", answer=lambda _: "no").code == UNCHANGED
    assert scope_check(Desk(workspace)).counts.max_files == 5
    ended = on_terminal(repo.root, "trust")
    assert ended.code == 0, ended.shown
    assert "max_files 5 → 50" in ended.shown
    assert scope_check(Desk(workspace)).counts.max_files == 50
    assert len(list(workspace.ledger.records(ProtocolAccepted))) == 1


def test_a_check_that_the_file_no_longer_names_can_still_be_trusted(repo: Repo, workspace: Workspace) -> None:
    write(repo, 5)
    start_session(Desk(workspace), "A task")
    write(repo, 5, '"true"')
    shown = on_terminal(repo.root, "trust", answer=lambda _: "no").shown
    assert "  pytest -x\n" in shown and "  true\n" in shown
    assert "gates loses pytest -x" in shown


def test_a_grant_is_minted_for_what_was_shown_and_spent_once(repo: Repo, workspace: Workspace) -> None:
    ended = on_terminal(repo.root, "grant", "--command", "git  push   --force 'origin' feature")
    assert ended.code == 0, ended.shown
    assert "git push --force origin feature" in ended.shown and repo.root in ended.shown
    line = "git push --force origin feature"
    assert spend(workspace, "command", line, None) is not None
    assert spend(workspace, "command", line, None) is None


@pytest.mark.parametrize("arguments", [[], ["--gate", "a", "--plan", "b"]])
def test_a_grant_is_for_one_thing(repo: Repo, arguments: list[str]) -> None:
    assert on_terminal(repo.root, "grant", *arguments).code == USAGE


def test_what_waits_can_be_listed_without_a_terminal(repo: Repo, workspace: Workspace) -> None:
    write(repo, 5)
    ended = without_terminal(repo.root, "trust", "--json")
    assert ended.code == 0
    assert '"pytest -x"' in ended.shown
    assert trusted(workspace) == frozenset()
