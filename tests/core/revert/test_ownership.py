"""Which uncommitted content is the agent's own: what it made of nothing, of HEAD, or of its own."""

import os

import pytest

from safe_rollback.core.revert.ownership import agent_content
from safe_rollback.core.session import active_session
from safe_rollback.core.workspace import Workspace
from tests.core.revert.kit import begin
from tests.harness.agent import acting, begin_action, end_action, look
from tests.harness.repo import Repo


def own(workspace: Workspace) -> set[str]:
    """The paths whose content of this moment is the agent's."""
    content = agent_content(workspace, active_session(workspace))
    git, tree = workspace.repository.git, look(workspace).worktree
    found = set()
    for path, entry in content.items():
        line = git.out("ls-tree", tree, "--", path)
        now = None if not line else (line.split()[0], line.split()[2])
        if now == (None if entry is None else (entry.mode, entry.oid)):
            found.add(path)
    return found


@pytest.fixture(params=["in a session", "outside"])
def place(request: pytest.FixtureRequest, workspace: Workspace) -> str:
    if request.param == "in a session":
        begin(workspace)
    return str(request.param)


def test_what_it_creates_edits_and_deletes_of_committed_files_is_its_own(
    workspace: Workspace, repo: Repo, place: str
) -> None:
    with acting(workspace):
        repo.write("new.txt", "new\n")
        repo.write("src/app.py", "edited\n")
        repo.remove("README.md")
        os.chmod(repo.path("bin/run.sh"), 0o755)
    assert own(workspace) == {"new.txt", "src/app.py", "README.md", "bin/run.sh"}
    with acting(workspace):
        repo.write("new.txt", "newer\n")
    assert own(workspace) == {"new.txt", "src/app.py", "README.md", "bin/run.sh"}


def test_a_file_with_a_humans_uncommitted_lines_never_is(workspace: Workspace, repo: Repo, place: str) -> None:
    repo.write("src/app.py", "the human's\n")
    with acting(workspace):
        repo.write("src/app.py", "the human's\nand the agent's\n")
        repo.write("other.txt", "x\n")
    assert own(workspace) == {"other.txt"}
    with acting(workspace):
        repo.write("src/app.py", "all new\n")
    assert own(workspace) == {"other.txt"}


def test_what_a_human_edits_afterwards_is_the_agents_no_more(workspace: Workspace, repo: Repo, place: str) -> None:
    with acting(workspace):
        repo.write("a.txt", "a\n")
        repo.write("b.txt", "b\n")
    repo.write("a.txt", "a\nhuman\n")
    assert own(workspace) == {"b.txt"}
    with acting(workspace):
        repo.write("a.txt", "a\nhuman\nagent\n")
        repo.write("c.txt", "c\n")
    assert own(workspace) == {"b.txt", "c.txt"}


def test_what_equals_a_commit_again_can_become_its_own_again(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    repo.write("src/util.py", "human\n")
    with acting(workspace):
        repo.write("src/util.py", "mixed\n")
    repo.git("checkout", "-q", "src/util.py")
    with acting(workspace):
        repo.write("src/util.py", "agent\n")
    assert own(workspace) == {"src/util.py"}


def test_a_humans_bytes_stay_the_humans_wherever_the_agent_moves_them(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    repo.write("notes.txt", "precious\n")
    with acting(workspace):
        os.rename(repo.path("notes.txt"), repo.path("moved.txt"))
    assert "moved.txt" not in own(workspace)
    with acting(workspace):
        os.rename(repo.path("moved.txt"), repo.path("again.txt"))
        repo.write("copy.txt", "mine\n")
    assert own(workspace) & {"again.txt", "copy.txt"} == {"copy.txt"}


def test_what_comes_out_of_the_stash_is_not_the_agents(workspace: Workspace, repo: Repo) -> None:
    repo.write("src/app.py", "precious\n")
    repo.git("stash", "-q")
    begin(workspace)
    with acting(workspace):
        repo.git("stash", "pop", "-q")
        repo.write("x.txt", "x\n")
    assert "src/app.py" not in own(workspace)


def test_files_that_only_come_into_sight_are_not_its_own(workspace: Workspace, repo: Repo) -> None:
    repo.write("build/out.bin", "was ignored\n")
    begin(workspace)
    with acting(workspace):
        repo.write(".gitignore", "*.log\n")
        repo.write("made.txt", "x\n")
    assert own(workspace) == {".gitignore", "made.txt"}


def test_an_action_that_names_its_files_changes_no_other(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    with acting(workspace, paths=["a.txt"]):
        repo.write("a.txt", "agent\n")
        repo.write("b.txt", "saved by the human meanwhile\n")
    assert own(workspace) == {"a.txt"}


def test_of_actions_side_by_side_each_keeps_the_files_it_names(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    slow, edit = begin_action(workspace), begin_action(workspace)
    repo.write("edited.txt", "by the editor\n")
    end_action(workspace, edit, agent="one", paths=["edited.txt"], beside=[slow.id])
    assert own(workspace) == {"edited.txt"}
    repo.write("slow.txt", "by the shell\n")
    end_action(workspace, slow, agent="two", beside=[edit.id])
    assert own(workspace) == {"edited.txt", "slow.txt"}


def test_an_earlier_sessions_work_is_not_this_ones(workspace: Workspace, repo: Repo) -> None:
    with acting(workspace):
        repo.write("before.txt", "x\n")
    begin(workspace)
    with acting(workspace):
        repo.write("now.txt", "now\n")
        repo.write("before.txt", "y\n")
    assert own(workspace) == {"now.txt"}


@pytest.mark.parametrize("harm", [b"", b"{", b'{"format": 1}', b"\xff\xfe", b"[1]"])
def test_a_damaged_memory_is_made_again(workspace: Workspace, repo: Repo, harm: bytes) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("a.txt", "a\n")
    assert own(workspace) == {"a.txt"}
    with open(os.path.join(workspace.worktree_dir, "owned.json"), "wb") as file:
        file.write(harm)
    with acting(workspace):
        repo.write("b.txt", "b\n")
    assert own(workspace) == {"a.txt", "b.txt"}


def test_a_remembered_fold_starts_no_process_but_one_a_changed_tree(
    workspace: Workspace, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(workspace)
    for number in range(5):
        with acting(workspace):
            repo.write("a.txt", f"{number}\n")
    agent_content(workspace, active_session(workspace))
    with acting(workspace):
        repo.write("a.txt", "again\n")
    from safe_rollback.core.revert import ownership

    asked: list[tuple[str, str]] = []
    real = ownership.diff_trees
    monkeypatch.setattr(ownership, "diff_trees", lambda git, *trees: asked.append(trees) or real(git, *trees))
    agent_content(workspace, active_session(workspace))
    assert len(asked) == 1
