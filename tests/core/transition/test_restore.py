"""restore_checkpoint: a plan changes nothing, a stale plan does nothing, paths are taken literally."""

import os
from collections.abc import Callable

import pytest

from safe_rollback.core.errors import (
    BusyError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StateMovedError,
)
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from tests.core.transition.kit import actions, keep, plan_restore, refused, restore, take_back
from tests.harness.repo import Repo


def work(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "feature")
    repo.write("src/app.py", "mine\n")
    repo.write("notes/a.txt", "a\n")
    repo.write("notes/deep/b.txt", "b\n")
    repo.write("staged.txt", "staged\n")
    repo.git("add", "staged.txt")


def mess(repo: Repo) -> None:
    repo.write("src/app.py", "the agent's\n")
    repo.remove("notes/a.txt")
    repo.write("notes/deep/b.txt", "changed\n")
    repo.write("notes/new.txt", "made later\n")
    repo.write("README.md", "changed\n")
    repo.git("rm", "-q", "-f", "--cached", "staged.txt")
    repo.commit("The agent's", {"agent.txt": "x\n"})


def test_planning_changes_nothing_and_the_same_state_gives_the_same_plan(repo: Repo, workspace: Workspace) -> None:
    work(repo)
    mine = keep(workspace)
    mess(repo)
    before = repo.state()
    first, second = plan_restore(workspace, mine), plan_restore(workspace, mine)
    assert repo.state() == before
    assert first == second
    assert actions(first) == {
        "README.md": "replace",
        "agent.txt": "delete",
        "notes/a.txt": "create",
        "notes/deep/b.txt": "replace",
        "notes/new.txt": "delete",
        "src/app.py": "replace",
        "refs/heads/feature": "move",
        ".git/index": "replace",
    }


def _edit(repo: Repo) -> None:
    repo.write("src/app.py", "edited by hand meanwhile\n")


def _in_the_way(repo: Repo) -> None:
    repo.write("notes/a.txt", "made by hand meanwhile\n")


def _other_file(repo: Repo) -> None:
    repo.write("unrelated.txt", "made by hand meanwhile\n")


def _branch(repo: Repo) -> None:
    repo.git("commit", "-q", "--allow-empty", "-m", "By hand")


def _switched(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "elsewhere")


def _staged(repo: Repo) -> None:
    repo.git("add", "src/app.py")


def _in_progress(repo: Repo) -> None:
    with open(repo.path(".git/CHERRY_PICK_HEAD"), "w") as file:
        file.write(repo.head() + "\n")


@pytest.mark.parametrize("move", [_edit, _in_the_way, _other_file, _branch, _switched, _staged, _in_progress])
def test_a_plan_whose_state_moved_does_nothing(
    repo: Repo, workspace: Workspace, move: Callable[[Repo], None]
) -> None:
    work(repo)
    mine = keep(workspace)
    mess(repo)
    digest = plan_restore(workspace, mine).digest
    move(repo)
    refused(repo, StateMovedError, restore_checkpoint, Desk(workspace), mine, [], digest)


def test_a_plan_survives_git_status(repo: Repo, workspace: Workspace) -> None:
    work(repo)
    whole = repo.state()
    mine = keep(workspace)
    repo.write("src/app.py", "the agent's\n")
    digest = plan_restore(workspace, mine).digest
    os.utime(repo.path("README.md"), (1, 1))
    repo.git("status")
    assert restore_checkpoint(Desk(workspace), mine, digest=digest).verified
    assert repo.state() == whole


def test_a_digest_of_other_paths_does_nothing(repo: Repo, workspace: Workspace) -> None:
    work(repo)
    mine = keep(workspace)
    mess(repo)
    digest = plan_restore(workspace, mine, "notes").digest
    refused(repo, StateMovedError, restore_checkpoint, Desk(workspace), mine, [], digest)


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("src/app.py", {"src/app.py": "replace"}),
        ("./notes//deep/", {"notes/deep/b.txt": "replace"}),
        ("notes", {"notes/a.txt": "create", "notes/deep/b.txt": "replace", "notes/new.txt": "delete"}),
        ("notes/a.txt", {"notes/a.txt": "create"}),
        ("notes/new.txt", {"notes/new.txt": "delete"}),
        ("bin", {}),
    ],
)
def test_a_restore_by_path_touches_that_path_alone(
    repo: Repo, workspace: Workspace, path: str, changed: dict[str, str]
) -> None:
    work(repo)
    whole, mine = repo.state(), keep(workspace)
    mess(repo)
    messy = repo.state()
    assert actions(plan_restore(workspace, mine, path)) == changed
    restore(workspace, mine, path)
    wanted = {**messy.files}
    for name in map(os.fsencode, changed):
        wanted.pop(name, None)
        if name in whole.files:
            wanted[name] = whole.files[name]
    now = repo.state()
    assert now.files == wanted
    assert (now.index, now.head, now.refs, now.in_progress) == (messy.index, messy.head, messy.refs, {})
    take_back(workspace)
    assert repo.state() == messy


def test_names_that_look_like_patterns_are_names(repo: Repo, workspace: Workspace) -> None:
    odd = ["*.txt", "a[b].txt", ":(glob)x.txt", "-rf", "!no", "sp ace"]
    for name in odd:
        repo.write(name, "mine\n")
    repo.write("plain.txt", "mine\n")
    mine = keep(workspace)
    for name in (*odd, "plain.txt"):
        repo.write(name, "theirs\n")
    for name in odd:
        assert actions(plan_restore(workspace, mine, name)) == {name: "replace"}
        restore(workspace, mine, name)
        assert repo.read(name) == b"mine\n"
    assert repo.read("plain.txt") == b"theirs\n"


def test_a_name_that_is_not_utf8_is_restored_by_the_name_the_plan_shows(repo: Repo, workspace: Workspace) -> None:
    repo.write(b"caf\xe9/\xff", "mine\n")
    mine = keep(workspace)
    repo.remove(b"caf\xe9/\xff")
    shown = next(iter(actions(plan_restore(workspace, mine))))
    assert shown == "caf\\xe9/\\xff"
    restore(workspace, mine, shown)
    assert repo.read(b"caf\xe9/\xff") == b"mine\n"


@pytest.mark.parametrize("path", ["src/ap.py", "nothing", "README.md/x", "*.py"])
def test_a_path_that_neither_side_has_is_an_error(repo: Repo, workspace: Workspace, path: str) -> None:
    mine = keep(workspace)
    error = refused(repo, NotFoundError, restore_checkpoint, Desk(workspace), mine, ["src", path])
    assert path in error.message


@pytest.mark.parametrize(
    "path", ["../x", "src/../../x", "/etc/passwd", ".git/config", "src/.git", ".GIT/config", "git~1/x", "a/.git. /x"]
)
def test_a_path_outside_or_inside_git_is_an_error(repo: Repo, workspace: Workspace, path: str) -> None:
    mine = keep(workspace)
    refused(repo, InvalidInputError, restore_checkpoint, Desk(workspace), mine, [path])


def test_what_the_checkpoint_never_captured_stays(repo: Repo, workspace: Workspace) -> None:
    repo.write("big.bin", b"\0" * (51 << 20))
    mine = keep(workspace)
    repo.write("build/out.o", "ignored\n")
    repo.write("late.log", "ignored\n")
    repo.write("src/app.py", "changed\n")
    restore(workspace, mine)
    files = repo.files()
    assert files[b"build/out.o"][2] == files[b"late.log"][2] == b"ignored\n"
    assert len(files[b"big.bin"][2]) == 51 << 20
    assert {one.path: one.why for one in plan_restore(workspace, mine).keeps} == {"big.bin": "was never captured"}


def test_files_the_target_ignores_stay_although_gitignore_was_deleted(repo: Repo, workspace: Workspace) -> None:
    repo.write("build/out.o", "takes an hour\n")
    mine = keep(workspace)
    repo.remove(".gitignore")
    plan = plan_restore(workspace, mine)
    assert actions(plan) == {".gitignore": "create"}
    assert [one.path for one in plan.keeps] == ["build/out.o"]
    restore(workspace, mine)
    assert repo.read("build/out.o") == b"takes an hour\n"


def test_captured_ignored_files_come_back(repo: Repo, workspace: Workspace) -> None:
    repo.write(".gitignore", ".env\n")
    repo.write(".env", "TOKEN=1\n", mode=0o600)
    whole, mine = repo.state(), keep(workspace)
    repo.git("clean", "-q", "-fdX")
    cleaned = repo.state()
    restore(workspace, mine)
    assert repo.state() == whole
    take_back(workspace)
    assert repo.state() == cleaned


def test_an_ignored_file_in_the_way_blocks_and_stays(repo: Repo, workspace: Workspace) -> None:
    repo.write("cache", "mine\n")
    mine = keep(workspace)
    repo.remove("cache")
    repo.write(".gitignore", "cache/\n")
    repo.write("cache/data", "nobody has a copy\n")
    os.symlink("/", repo.path("cache/link"))
    plan = plan_restore(workspace, mine)
    assert [one.path for one in plan.blocked] in (["cache/data"], ["cache/link"])
    error = refused(repo, ConflictError, restore_checkpoint, Desk(workspace), mine, [], plan.digest)
    assert "cache/" in error.message


def test_a_directory_and_a_file_change_places(repo: Repo, workspace: Workspace) -> None:
    repo.write("thing", "a file\n")
    repo.write("other/inside/x", "in a directory\n")
    whole, mine = repo.state(), keep(workspace)
    repo.remove("thing")
    repo.write("thing/inside/x", "in a directory\n")
    repo.remove("other/inside/x")
    os.rmdir(repo.path("other/inside"))
    os.rmdir(repo.path("other"))
    os.symlink("README.md", repo.path("other"))
    swapped = repo.state()
    restore(workspace, mine)
    assert repo.state() == whole
    take_back(workspace)
    assert repo.state() == swapped


def test_empty_directories_come_and_go(repo: Repo, workspace: Workspace) -> None:
    os.makedirs(repo.path("empty/a"))
    whole, mine = repo.state(), keep(workspace)
    repo.write("empty/a/file", "x\n")
    os.makedirs(repo.path("more/empty"))
    filled = repo.state()
    restore(workspace, mine)
    assert repo.state() == whole
    take_back(workspace)
    assert repo.state() == filled


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o444])
def test_permission_bits_come_back_with_the_content(repo: Repo, workspace: Workspace, mode: int) -> None:
    repo.write("key", "secret\n", mode=mode)
    whole, mine = repo.state(), keep(workspace)
    repo.remove("key")
    repo.write("key", "other\n", mode=0o666)
    changed = repo.state()
    operation = restore(workspace, mine).operation_id
    assert repo.state() == whole
    take_back(workspace, operation)
    assert repo.state() == changed
    take_back(workspace)
    assert repo.state() == whole


def test_a_checkpoint_of_another_worktree_is_refused(repo: Repo, workspace: Workspace) -> None:
    repo.git("worktree", "add", "-q", "../linked")
    linked = open_workspace(os.path.join(os.path.dirname(repo.root), "linked"))
    theirs = keep(linked)
    linked.close()
    refused(repo, InvalidInputError, restore_checkpoint, Desk(workspace), theirs)


def test_a_branch_checked_out_elsewhere_is_not_moved_under_it(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature")
    mine = keep(workspace)
    repo.commit("More", {"more.txt": "x\n"})
    repo.git("switch", "-q", "main")
    repo.git("worktree", "add", "-q", "../linked", "feature")
    plan = plan_restore(workspace, mine)
    assert [(one.path, "linked" in one.why) for one in plan.blocked] == [("refs/heads/feature", True)]
    refused(repo, ConflictError, restore_checkpoint, Desk(workspace), mine, [], plan.digest)


def test_commits_that_were_published_stay_on_their_branch(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature")
    mine = keep(workspace)
    repo.commit("Shared", {"shared.txt": "x\n"})
    repo.git("update-ref", "refs/remotes/origin/feature", "HEAD")
    plan = plan_restore(workspace, mine)
    assert "plan_rollback" in plan.blocked[0].why
    refused(repo, ConflictError, restore_checkpoint, Desk(workspace), mine, [], plan.digest)
    restore(workspace, mine, "shared.txt")
    assert not repo.exists("shared.txt")


def test_a_foreign_index_lock_stops_everything_and_stays(repo: Repo, workspace: Workspace) -> None:
    work(repo)
    mine = keep(workspace)
    mess(repo)
    digest = plan_restore(workspace, mine).digest
    lock = repo.path(".git/index.lock")
    with open(lock, "w") as file:
        file.write("another git")
    error = refused(repo, BusyError, restore_checkpoint, Desk(workspace), mine, [], digest)
    assert "index.lock" in str(error)
    with open(lock) as file:
        assert file.read() == "another git"
    os.unlink(lock)
    assert restore_checkpoint(Desk(workspace), mine, digest=digest).applied


def test_a_foreign_ref_lock_stops_everything_and_stays(repo: Repo, workspace: Workspace) -> None:
    work(repo)
    mine = keep(workspace)
    mess(repo)
    digest = plan_restore(workspace, mine).digest
    lock = repo.path(".git/refs/heads/feature.lock")
    with open(lock, "w"):
        pass
    refused(repo, BusyError, restore_checkpoint, Desk(workspace), mine, [], digest)
    assert os.path.exists(lock)
    os.unlink(lock)
    assert not os.path.exists(repo.path(".git/index.lock"))
    assert restore_checkpoint(Desk(workspace), mine, digest=digest).applied
