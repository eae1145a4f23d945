"""The rules through the tools: what counts as a change, and that end_session refuses what scope_check does."""

import os

import pytest

from safe_rollback.core.errors import RefusedError
from safe_rollback.core.session import active_session
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.scope_check import scope_check
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo

PROTOCOL = """\
## scope_management
- Maximum 5 files per session
- One layer per session
- Never touch `infra/**`

```toml safe-rollback
[layers]
bronze = ["bronze/**"]
silver = ["silver/**"]
```
"""


@pytest.fixture
def begun(repo: Repo, workspace: Workspace) -> Repo:
    repo.commit("Protocol", {"CLAUDE.md": PROTOCOL, "infra/main.tf": "a\n", "bronze/a.sql": "select 1\n"})
    repo.write("README.md", "the human's, uncommitted\n")
    repo.write("human.txt", "the human's, untracked\n")
    start_session(Desk(workspace), "A task")
    return repo


def counted(workspace: Workspace) -> dict[str, str]:
    return {one.path: one.status for one in scope_check(Desk(workspace)).files}


def refusal(workspace: Workspace) -> str:
    with pytest.raises(RefusedError) as caught:
        end_session(Desk(workspace), "done")
    assert active_session(workspace) is not None
    return caught.value.refusal.text()


def test_every_way_of_changing_a_file_counts_and_the_humans_do_not(begun: Repo, workspace: Workspace) -> None:
    begun.git("mv", "src/util.py", "src/tools.py")
    begun.remove("bin/run.sh")
    begun.write("src/new.py", "x = 1\n")
    begun.write("src/app.py", b"edited \xff\n")
    assert counted(workspace) == {
        "src/util.py": "deleted",
        "src/tools.py": "added",
        "bin/run.sh": "deleted",
        "src/new.py": "added",
        "src/app.py": "modified",
    }
    assert scope_check(Desk(workspace)).verdict == "within"
    begun.write("README.md", "and the agent's\n")
    assert counted(workspace)["README.md"] == "modified", "changed since"
    assert scope_check(Desk(workspace)).verdict == "refused"
    assert "files-per-session" in refusal(workspace)


def test_a_humans_file_counts_once_the_session_commits_it(begun: Repo, workspace: Workspace) -> None:
    begun.git("add", "human.txt")
    assert counted(workspace) == {}
    begun.git("commit", "-q", "-m", "Not mine")
    assert counted(workspace) == {"human.txt": "added"}


def test_permission_bits_and_links_count(begun: Repo, workspace: Workspace) -> None:
    begun.write("src/app.py", begun.read("src/app.py"), 0o755)
    begun.remove("src/util.py")
    begun.git("config", "core.symlinks", "true")
    os.symlink("app.py", begun.path("src/util.py"))
    assert counted(workspace) == {"src/app.py": "modified", "src/util.py": "modified"}


def test_what_was_committed_and_taken_back_no_longer_counts(begun: Repo, workspace: Workspace) -> None:
    commit = begun.commit("Wrong", {"a.txt": "a\n", "b.txt": "b\n"})
    assert len(counted(workspace)) == 2
    begun.git("revert", "--no-edit", commit)
    assert counted(workspace) == {}


def test_ignored_files_do_not_count(begun: Repo, workspace: Workspace) -> None:
    begun.write("build/out.o", "x\n")
    begun.write(".env", "KEY=1\n")
    begun.commit("Ignore", {".gitignore": "build/\n*.log\n.env\n"})
    assert counted(workspace) == {".gitignore": "modified"}


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ([f"{number}.txt" for number in range(6)], "files-per-session"),
        (["bronze/b.sql", "silver/b.sql"], "layers-per-session"),
        (["infra/main.tf"], "protected-paths"),
        (["infra/new/deep.tf"], "protected-paths"),
    ],
)
@pytest.mark.parametrize("committed", [True, False])
def test_end_session_refuses_what_scope_check_refuses_and_takes_nothing_away(
    begun: Repo, workspace: Workspace, files: list[str], rule: str, committed: bool
) -> None:
    if committed:
        begun.commit("Mine", dict.fromkeys(files, "mine\n"))
    else:
        for name in files:
            begun.write(name, "mine\n")
    before = begun.state()
    found = scope_check(Desk(workspace))
    assert (found.verdict, [one.rule for one in found.violations]) == ("refused", [rule])
    text = refusal(workspace)
    assert rule in text
    assert "safe-rollback grant --gate" in text and "restore_checkpoint" in text
    assert begun.state() == before


def test_deleting_a_protected_file_is_refused(begun: Repo, workspace: Workspace) -> None:
    begun.remove("infra/main.tf")
    assert [one.rule for one in scope_check(Desk(workspace)).violations] == ["protected-paths"]
    begun.write("infra/main.tf", "a\n")
    assert scope_check(Desk(workspace)).verdict == "within"


def test_renaming_a_protected_file_away_is_refused(begun: Repo, workspace: Workspace) -> None:
    begun.git("mv", "infra/main.tf", "main.tf")
    begun.commit("Moved")
    assert [one.rule for one in scope_check(Desk(workspace)).violations] == ["protected-paths"]


def test_moving_a_file_between_layers_touches_both(begun: Repo, workspace: Workspace) -> None:
    begun.git("mv", "bronze/a.sql", "silver-a.sql")
    assert scope_check(Desk(workspace)).verdict == "within"
    begun.write("silver/a.sql", "select 1\n")
    assert scope_check(Desk(workspace)).counts.layers == 2


def test_a_session_back_on_main_cannot_be_ended_there(begun: Repo, workspace: Workspace) -> None:
    begun.git("switch", "-q", "main")
    assert "session-branch" in refusal(workspace)
    begun.git("switch", "-q", "-")
    end_session(Desk(workspace), "done")
    assert active_session(workspace) is None


def test_a_sessions_protocol_is_its_own_even_when_it_edits_the_file(begun: Repo, workspace: Workspace) -> None:
    begun.write("CLAUDE.md", PROTOCOL.replace("Never touch", "Feel free to touch").replace("5 files", "50 files"))
    begun.write("infra/main.tf", "mine\n")
    found = scope_check(Desk(workspace))
    assert [one.rule for one in found.violations] == ["protected-paths"]
    assert found.counts.max_files == 5
    assert "paths loses infra/**" in " ".join(found.warnings)
