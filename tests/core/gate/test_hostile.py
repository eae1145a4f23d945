"""A hostile repository's programs: none runs, whatever of ours looks at it or changes it."""

import os
import subprocess
from collections.abc import Callable
from contextlib import closing

import pytest

from safe_rollback.core.errors import DamagedError, InvalidInputError, NotFoundError
from safe_rollback.core.gate.gitpython import open_gitpython
from safe_rollback.core.gate.refs import resolve
from safe_rollback.core.health import examine
from safe_rollback.core.history import History
from safe_rollback.core.ids import Oid
from safe_rollback.core.lock import locked
from safe_rollback.core.rebuild import rebuild
from safe_rollback.core.retention import plan_pruning, prune
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.list_checkpoints import list_checkpoints
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.safe_revert import safe_revert
from safe_rollback.tools.scope_check import scope_check
from safe_rollback.tools.session_report import session_report
from safe_rollback.tools.start_session import start_session
from tests.core.gate.traps import Traps
from tests.core.transition.kit import keep, plan_restore, restore, take_back
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo


@pytest.fixture
def traps(repo: Repo, tmp_path: object) -> Traps:
    """Text and binary files with attributes, a signed stash, a partial clone's remote, and every trap armed."""
    repo.commit("files", {"a.txt": "one\ntwo\nthree\n", "b.bin": "b\n", "c.txt": "c\n"})
    repo.commit("more", {"a.txt": "one\ntwo\n3\n"})
    repo.write("a.txt", "stashed\n")
    repo.git("stash", "push", "-q")
    _sign(repo, "refs/stash")
    repo.commit("third", {"c.txt": "c2\n"})
    _sign(repo, "HEAD")
    traps = Traps(repo, os.path.join(str(tmp_path), "traps"))
    repo.write("a.txt", "edited by the human\n")
    repo.write("b.bin", "edited\n")
    repo.write("new.txt", "new\n")
    repo.commit("attributes", {".gitattributes": "*.txt text filter=canary diff=canary merge=canary ident\n"})
    traps.arm()
    traps.hush()
    return traps


def _sign(repo: Repo, name: str) -> None:
    """Give a commit a signature, so that whoever verifies it has to run the configured program."""
    raw = repo.git("cat-file", "commit", name)
    head, _, message = raw.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----"
    signed = repo.git(
        "hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{head}\n{signature}\n\n{message}\n".encode()
    )
    repo.git("update-ref", "--create-reflog", name, signed)


def test_the_traps_work(repo: Repo, traps: Traps) -> None:
    """Stock git runs them; otherwise the tests below could not fail."""
    env = {**os.environ, "GIT_EDITOR": "true", "GIT_TERMINAL_PROMPT": "0"}
    for argv in (["status"], ["diff"], ["add", "-A"], ["commit", "-m", "x"], ["log", "-g", "refs/stash"], ["st"]):
        subprocess.run(["git", *argv], cwd=repo.root, env=env, capture_output=True)
    expected = {"core.fsmonitor", "filter.canary.clean", "gpg.program", "alias.st", "hook-pre-commit"}
    assert expected <= traps.sung()


def _checkpoints(repo: Repo, workspace: Workspace) -> None:
    first = keep(workspace)
    repo.write("a.txt", "an agent was here\n")
    repo.remove("c.txt")
    keep(workspace)
    plan_restore(workspace, first)
    restore(workspace, first, "c.txt")
    restore(workspace, first)
    take_back(workspace)
    list_checkpoints(Desk(workspace))


def _session(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "hostile ground", create_branch=True)
    keep(workspace)
    scope_check(Desk(workspace))
    session_report(Desk(workspace))
    end_session(Desk(workspace), "done")


def _squash(repo: Repo, workspace: Workspace) -> None:
    repo.git("-c", "core.hooksPath=/dev/null", "branch", "target", "HEAD~2")
    start_session(Desk(workspace), "squash it", create_branch=True)
    end_session(Desk(workspace), "done", squash_into="target")


def _revert(repo: Repo, workspace: Workspace) -> None:
    plan = plan_rollback(Desk(workspace), "HEAD~1", "no good")
    assert plan.digest
    safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    take_back(workspace)


def _upkeep(repo: Repo, workspace: Workspace) -> None:
    keep(workspace)
    examine(workspace)
    clock = workspace.clock
    assert isinstance(clock, FixedClock)
    keep(workspace)
    clock.move(days=40)
    prune(workspace, 60, plan_pruning(workspace, 60).digest())
    rebuild(workspace, "test")


def _gitpython(repo: Repo, workspace: Workspace) -> None:
    head = Oid(repo.head())
    with History(workspace) as history:
        history.between(None, head)
        history.commit(head)
    with closing(open_gitpython(workspace.repository)) as python:
        python.git.log("-g", "refs/stash", "--format=%H")
        python.git.diff("HEAD~1", "HEAD", "--no-ext-diff", "--no-textconv")
        python.git.for_each_ref()
        assert python.commit(head).tree["a.txt"].data_stream.read()


def _objects(repo: Repo, workspace: Workspace) -> None:
    with pytest.raises(NotFoundError):
        workspace.reader.read(Oid("1" * 40))
    for name in ("1" * 40, "origin/main", "ext::x", "HEAD^{/lost}"):
        with pytest.raises(InvalidInputError):
            resolve(workspace.repository, name)


@pytest.mark.parametrize("work", [_checkpoints, _session, _squash, _revert, _upkeep, _gitpython, _objects])
def test_nothing_of_ours_runs_a_program_of_the_repository(
    repo: Repo, traps: Traps, work: Callable[[Repo, Workspace], None]
) -> None:
    with closing(open_workspace(repo.root, FixedClock())) as workspace:
        work(repo, workspace)
    assert traps.sung() == set()


def test_a_partial_clone_whose_objects_are_missing_fetches_nothing(repo: Repo, traps: Traps) -> None:
    blob = repo.git("rev-parse", "HEAD:c.txt")
    with open(os.path.join(repo.git_dir(), "config"), "a", encoding="utf-8") as file:
        file.write("[extensions]\n\tpartialClone = origin\n[core]\n\trepositoryFormatVersion = 1\n")
    os.unlink(repo.path(f".git/objects/{blob[:2]}/{blob[2:]}"))
    with closing(open_workspace(repo.root, FixedClock())) as workspace:
        with pytest.raises(NotFoundError):
            workspace.reader.read(Oid(blob))
        keep(workspace)
    assert traps.sung() == set()


@pytest.mark.parametrize(
    "place", ["", "lock", "ledger.db", "worktrees", "worktrees/main", "worktrees/main/private", "worktrees/main/lock"]
)
def test_a_link_among_our_own_files_leads_no_write_out_of_the_repository(
    repo: Repo, tmp_path: object, place: str
) -> None:
    outside = os.path.join(str(tmp_path), "outside")
    link = repo.path(os.path.join(".git/safe-rollback", place).rstrip("/"))
    os.makedirs(os.path.dirname(link), exist_ok=True)
    if place.endswith(("lock", ".db")):
        with open(outside, "w") as file:
            file.write("precious")
    else:
        os.mkdir(outside)
    os.symlink(outside, link)
    with pytest.raises(DamagedError, match="is a link") as refused:
        open_workspace(repo.root)
    assert refused.value.hint == "Remove it."
    if os.path.isfile(outside):
        with open(outside) as file:
            assert file.read() == "precious"
    else:
        assert os.listdir(outside) == []


def test_a_lock_file_that_became_a_link_is_not_followed(tmp_path: object) -> None:
    target, lock = (os.path.join(str(tmp_path), name) for name in ("target", "lock"))
    with open(target, "w") as file:
        file.write("precious")
    os.symlink(target, lock)
    with pytest.raises(OSError, match="symbolic links"), locked(lock, "test"):
        pytest.fail("it was followed")
    with open(target) as file:
        assert file.read() == "precious"
