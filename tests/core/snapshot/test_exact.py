"""In every situation a checkpoint holds exactly what stands, and a restore into a ruin brings it back."""

import os

import pytest

from tests.core.snapshot.situations import SITUATIONS, Situation
from tests.core.snapshot.support import (
    assert_holds,
    assert_same,
    forget_unreachable,
    git_side,
    keep,
    opened,
    restore,
    unfinished,
    wreck,
)
from tests.harness.repo import Repo
from tests.harness.sample import sampled

by_name = pytest.mark.parametrize("build", SITUATIONS, ids=lambda build: build.__name__)


@by_name
def test_a_checkpoint_holds_what_stands_and_restores_it_after_the_ruin(repo: Repo, build: Situation) -> None:
    repo = build(repo) or repo
    before, git_before, started = repo.state(), git_side(repo), unfinished(repo)
    with opened(repo) as workspace:
        checkpoint = keep(workspace)
        assert_holds(workspace, repo, checkpoint)
        assert (repo.state(), git_side(repo)) == (before, git_before)
        index = os.path.join(repo.git_dir(), "index")
        if checkpoint.index_raw is None:
            assert not os.path.exists(index)
        else:
            with open(index, "rb") as file:
                assert workspace.reader.read(checkpoint.index_raw).data == file.read()
        wreck(repo, workspace, checkpoint)
        forget_unreachable(repo)
    with opened(repo) as workspace:
        restore(workspace, checkpoint)
        after = repo.state()
    assert after.files == before.files
    assert after == before
    assert unfinished(repo) == started
    assert not os.path.exists(f"{repo.root}.ran")


@pytest.mark.parametrize("build", sampled(SITUATIONS, 16), ids=lambda build: build.__name__)
def test_a_second_checkpoint_of_the_same_state_shares_everything(repo: Repo, build: Situation) -> None:
    repo = build(repo) or repo
    with opened(repo) as workspace:
        one = keep(workspace)
        two = keep(workspace)
        third = keep(workspace)
    assert_same(one, two)
    assert_same(one, third)
