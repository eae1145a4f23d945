"""A revert's tree is the tree real git comes to: ranges of every length, random histories, mixed authors."""

import os
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.core.workspace import Workspace, open_workspace
from tests.core.revert.kit import agent_commit, begin, made_up, numbered, plan, reverted_by_git, roll_back, tree
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo, make_repo
from tests.harness.sample import examples, sampled

_FILES = ("a.txt", "dir/b.txt", "dir/deep/c.txt")


def _history(repo: Repo, count: int, seed: int = 7) -> list[str]:
    """`count` commits that edit, add, delete and rename; the commits, oldest first."""
    choice = random.Random(seed)
    names = {name: {} for name in _FILES}  # type: dict[str, dict[int, str]]
    repo.commit("Seed", {name: numbered(30) for name in names})
    made = []
    for number in range(count):
        kind, files = choice.randrange(6), {}
        name = choice.choice(sorted(names))
        if kind == 0:
            new = f"new/{number}.txt"
            names[new] = {1: f"fresh {number}"}
            files[new] = numbered(30, names[new])
        elif kind == 1 and len(names) > 2:
            del names[name]
            files[name] = None
        elif kind == 2:
            repo.git("mv", name, f"moved-{number}.txt")
            names[f"moved-{number}.txt"] = names.pop(name)
        else:
            names[name][choice.randrange(1, 31)] = f"edit {number}"
            files[name] = numbered(30, names[name])
        made.append(repo.commit(f"Change {number}", files))
    return made


@pytest.mark.parametrize("length", sampled(range(1, 31), 4))
def test_a_range_at_the_tip_equals_git_revert_of_the_same_range(
    workspace: Workspace, repo: Repo, tmp_path: object, length: int
) -> None:
    repo.git("switch", "-q", "-c", "work")
    _history(repo, 30, seed=length)
    target = f"HEAD~{length}..HEAD"
    expected = reverted_by_git(repo, f"{tmp_path}/clone", "HEAD~%d..HEAD" % length)  # noqa: UP031
    assert expected is not None, "at the tip, git never conflicts"
    before = tree(repo, f"HEAD~{length}")
    assert expected == before
    if made_up(workspace, target, "per_commit").built.tree != expected:
        pytest.fail("commit by commit it comes to another tree")
    done = roll_back(workspace, target)
    assert tree(repo) == expected
    assert len(done.commits) == 1
    assert repo.git("status", "--porcelain") == ""


@dataclass(frozen=True)
class _Step:
    file: int
    line: int
    delete: bool


_STEPS = st.lists(
    st.builds(_Step, file=st.integers(0, 2), line=st.integers(0, 11), delete=st.booleans()), min_size=2, max_size=9
)


def _import(root: str, steps: list[_Step]) -> Repo:
    """The history as one `git fast-import`: line edits, and deletions of lines, with contents unique to each."""
    os.makedirs(root)
    repo = Repo(root)
    repo.git("init", "-q", "-b", "work")
    contents = [[f"file {n} line {k}" for k in range(24)] for n in range(3)]
    stream = []

    def put(message: str, files: list[int]) -> None:
        stream.append("commit refs/heads/work\ncommitter A <a@example.com> 1772359200 +0000\n")
        stream.append(f"data {len(message)}\n{message}\n")
        for one in files:
            text = "".join(f"{line}\n" for line in contents[one])
            stream.append(f"M 100644 inline f{one}.txt\ndata {len(text)}\n{text}\n")

    put("Seed", [0, 1, 2])
    for number, step in enumerate(steps):
        lines = contents[step.file]
        place = min(step.line * 2, len(lines) - 1)
        if step.delete and len(lines) > 4:
            del lines[place]
        else:
            lines[place] = f"file {step.file} edit {number}"
        put(f"Step {number}", [step.file])
    repo.git("fast-import", "--quiet", stdin="".join(stream).encode())
    repo.git("reset", "-q", "--hard")
    return repo


@examples(12)
@given(steps=_STEPS, data=st.data())
def test_of_a_random_history_it_equals_git_revert_or_changes_nothing(steps: list[_Step], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(steps) - 1))
    last = data.draw(st.integers(first + 1, len(steps)))
    home = os.environ["HOME"]
    with tempfile.TemporaryDirectory(dir=home) as folder:
        repo = _import(f"{folder}/repo", steps)
        older, newer = f"HEAD~{len(steps) - first}", f"HEAD~{len(steps) - last}"
        revisions = (repo.git("rev-parse", older), repo.git("rev-parse", newer))
        expected = reverted_by_git(repo, f"{folder}/clone", f"{revisions[0]}..{revisions[1]}")
        opened = open_workspace(repo.root, FixedClock())
        try:
            before = repo.state()
            if expected == tree(repo):
                return  # the history took it back itself; see test_already_reverted
            for commits in ("one", "per_commit"):
                planned = plan(opened, f"{older}..{newer}", commits)
                if expected is not None:
                    # One merge over the whole range sees less overlap than git's one after the other.
                    assert planned.prediction.clean
                    assert made_up(opened, f"{older}..{newer}", commits).built.tree == expected
                elif commits == "per_commit":
                    assert not planned.prediction.clean, "git conflicts, commit by commit"
                    assert planned.prediction.conflicts[0].hunks
            assert repo.state() == before
        finally:
            opened.close()


def _interleaved(workspace: Workspace, repo: Repo, count: int) -> tuple[list[str], list[str]]:
    """Commits of an agent and of a human in turn, some in the same files; the two lists, oldest first."""
    shared: dict[int, str] = {}
    agents, humans = [], []
    for number in range(count):
        if number % 2 == 0:
            shared[number * 3 + 2] = f"agent {number}"
            files = {"src/shared.py": numbered(130, shared), f"agent/{number}.txt": f"agent {number}\n"}
            if number % 8 == 0:
                files.pop("src/shared.py")
                del shared[number * 3 + 2]
            agents.append(agent_commit(workspace, repo, f"Agent {number}", files))
        else:
            shared[number * 3 + 2] = f"human {number}"
            files = {"src/shared.py": numbered(130, shared)}
            if number % 3 == 0:
                files[f"human/{number}.txt"] = f"human {number}\n"
            humans.append(repo.commit(f"Human {number}", files))
    return agents, humans


def _text_of(diff: str) -> list[str]:
    """A diff without what a shift of lines changes: hunk positions and blob names."""
    return [
        "@@" if line.startswith("@@ ") else line for line in diff.splitlines() if not line.startswith("index ")
    ]  # fmt: skip


@pytest.mark.parametrize("commits", ["one", "per_commit"])
def test_forty_interleaved_commits_leave_and_nothing_of_the_human_moves(
    workspace: Workspace, repo: Repo, tmp_path: object, commits: str
) -> None:
    """The measure of the whole: exactly the agent's 20 go, as git would, under uncommitted edits of all kinds."""
    repo.git("switch", "-q", "-c", "work")
    repo.commit(
        "Before",
        {"src/shared.py": numbered(130), "win.txt": numbered(40, ending="\r\n"), "keep.txt": numbered(20)},
    )
    begin(workspace)
    agents, humans = _interleaved(workspace, repo, 38)
    agents.append(agent_commit(workspace, repo, "Agent win", {"win.txt": numbered(40, {5: "agent"}, "\r\n")}))
    humans.append(
        repo.commit("Human win", {"win.txt": numbered(40, {5: "agent", 20: "human"}, "\r\n"), "keep.txt": "kept\n"})
    )
    expected = reverted_by_git(repo, f"{tmp_path}/clone", *reversed(agents))
    assert expected is not None

    def edit(name: str, place: bytes, text: bytes) -> None:
        content = repo.read(name)
        assert place in content
        repo.write(name, content.replace(place, text))

    edit("src/shared.py", b"line 120\n", b"staged by hand\n")
    edit("win.txt", b"line 10\r\n", b"staged by hand\r\n")
    repo.write("staged-new.txt", "new and staged\n")
    repo.git("add", "src/shared.py", "win.txt", "staged-new.txt")
    edit("src/shared.py", b"line 125\n", b"not staged\nand one more\n")
    edit("win.txt", b"line 30\r\n", b"not staged\r\n")
    edit("staged-new.txt", b"new", b"newer")
    repo.write("agent/notes.txt", "untracked, in the agent's directory\n")
    repo.write("untracked.bin", b"\0\r\n\xff")
    repo.remove("bin/run.sh")
    unstaged, staged, status = repo.diff(), repo.diff("--cached"), repo.git("status", "--porcelain", "-uall")
    untracked = {name: repo.read(name) for name in ("agent/notes.txt", "untracked.bin")}

    before = repo.state()
    planned = plan(workspace, "session", commits)
    assert repo.state() == before
    assert {one.commit for one in planned.reverts} == set(agents)
    assert {one.commit for one in planned.keeps} == set(humans)
    done = roll_back(workspace, "session", commits)

    assert tree(repo) == expected
    assert len(done.commits) == (1 if commits == "one" else len(agents))
    assert _text_of(repo.diff()) == _text_of(unstaged)
    assert _text_of(repo.diff("--cached")) == _text_of(staged)
    assert repo.git("status", "--porcelain", "-uall") == status
    assert {name: repo.read(name) for name in untracked} == untracked
    head = repo.git("show", "HEAD:src/shared.py")
    assert "agent" not in head
    assert all(f"human {number}" in head for number in range(1, 38, 2))
    assert not repo.exists("agent/0.txt")
    assert repo.git("rev-list", "--count", f"{agents[0]}^..HEAD") == str(40 + len(done.commits))


def test_commits_the_session_took_back_itself_leave_nothing_to_do(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "One", {"one.txt": "one\n"})
    agent_commit(workspace, repo, "Back", {"one.txt": None})
    with pytest.raises(Exception, match="Nothing of the target is left"):
        plan(workspace, "session")


@pytest.fixture
def histories(tmp_path: object) -> Callable[[int], Repo]:
    """Repositories with random histories."""

    def make(seed: int) -> Repo:
        repo = make_repo(f"{tmp_path}/random-{seed}")
        repo.git("switch", "-q", "-c", "work")
        _history(repo, 12, seed)
        return repo

    return make


@pytest.mark.parametrize("seed", sampled(range(40), 3))
def test_in_the_middle_of_renames_and_deletions_it_agrees_with_git(
    histories: Callable[[int], Repo], tmp_path: object, seed: int
) -> None:
    repo = histories(seed)
    opened = open_workspace(repo.root, FixedClock())
    try:
        for position in (2, 5, 9):
            commit = repo.git("rev-parse", f"HEAD~{position}")
            expected = reverted_by_git(repo, f"{tmp_path}/clone-{position}", commit)
            if expected == tree(repo):
                continue
            made = made_up(opened, commit)
            if expected is None:
                assert made.draft.conflicts
            else:
                assert not made.draft.conflicts
                assert made.built.tree == expected
    finally:
        opened.close()
