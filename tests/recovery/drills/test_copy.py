"""A disposable copy shows the worktree as it is now, and nothing of it is left."""

import os
import tempfile

import pytest

from safe_rollback.core.gate.config import read_configuration
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import mint, trust, trusted
from safe_rollback.policies.repocode import configured_code, hooks
from safe_rollback.recovery.drills.copy import disposable
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session
from tests.core.snapshot import situations
from tests.core.snapshot.situations import Situation
from tests.core.snapshot.support import keep, opened
from tests.core.transition.kit import unlike
from tests.harness.repo import Repo
from tests.harness.sample import sampled

pytestmark = pytest.mark.usefixtures("own_tmp")

# A file monitor is a program of the repository's configuration.
EVERY = [
    one
    for group in (
        situations.FILES, situations.INDEX, situations.HEAD, situations.CONVERSION, situations.LAYOUT
    )
    for one in group
    if "ignore" not in one.__name__
    and not any(word in one.__name__ for word in ("monitor", "inside", "submodule", "sockets"))
]  # fmt: skip


@pytest.mark.parametrize("build", sampled(EVERY, 4), ids=lambda build: build.__name__)
def test_it_shows_files_index_refs_and_what_is_in_progress(repo: Repo, build: Situation) -> None:
    repo = build(repo) or repo
    before = repo.state()
    with opened(repo) as workspace, disposable(workspace, Desk(workspace).policy) as copy:
        assert unlike(before, Repo(copy.workspace.root).state()) == []
        assert os.path.basename(copy.workspace.root) == os.path.basename(repo.root)
    assert repo.state() == before


def test_what_is_done_in_it_stays_in_it(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task", create_branch=True)
    keep(workspace)
    trust(workspace, ["make test"])
    mint(workspace, "gate", "make test")
    before, records = repo.state(), workspace.ledger.records()
    ours = repo.git("for-each-ref", "refs/safe-rollback")
    with disposable(workspace, CapturePolicy()) as copy:
        there = copy.workspace
        assert Desk(there).session == Desk(workspace).session
        assert there.ledger.records()[: len(records)] == records and there.ledger.verify() == []
        assert trusted(there) == {"make test"}
        trust(there, ["rm -rf /"])
        inside = Repo(there.root)
        inside.write("README.md", "wrecked\n")
        inside.commit("In the copy", {"new.txt": "new\n"})
        keep(there)
        root = there.root
    assert not os.path.exists(root)
    assert repo.state() == before and workspace.ledger.records() == records
    assert repo.git("for-each-ref", "refs/safe-rollback") == ours
    assert trusted(workspace) == {"make test"}
    state = os.path.join(os.environ["HOME"], ".local", "state", "safe-rollback")
    assert len(os.listdir(state)) == 1


def test_neither_hooks_nor_remotes_nor_programs_nor_secrets_go_along(repo: Repo, workspace: Workspace) -> None:
    repo.git("remote", "add", "origin", "https://example.com/x.git")
    for key in ("core.sshCommand", "filter.other.clean", "filter.known.clean", "credential.helper", "alias.x"):
        repo.git("config", key, "!run-me")
    repo.git("config", "core.autocrlf", "input")
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n", 0o755)
    repo.write(".gitignore", ".env\n")
    repo.write(".env", "API_KEY=abcdef-0123456789\n")
    trust(workspace, ["filter.known.clean=!run-me"])
    with disposable(workspace, CapturePolicy()) as copy:
        there = copy.workspace
        assert configured_code(there) == ["filter.known.clean=!run-me"] and hooks(there) == []
        names = {one.key for one in read_configuration(there.repository).from_repository()}
        assert not any(name.startswith("remote.") for name in names) and "core.autocrlf" in names
        assert not os.path.exists(os.path.join(there.root, ".env"))
        assert repo.git("for-each-ref", "refs/safe-rollback/private") == ""


def test_after_an_error_nothing_is_left_either(repo: Repo, workspace: Workspace) -> None:
    with pytest.raises(RuntimeError), disposable(workspace, CapturePolicy()) as copy:
        os.chmod(os.path.join(copy.workspace.root, "src"), 0o500)
        raise RuntimeError
    assert not [one for one in os.listdir(tempfile.gettempdir()) if one.startswith("safe-rollback-drill-")]
