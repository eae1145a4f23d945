"""Git commands whose refusal depends on the state say which files they would cost."""

import pytest

from safe_rollback.policies.effects import Stake
from safe_rollback.policies.shell.analysis import analyse
from tests.policies.shell.near import HERE
from tests.policies.shell.test_git_worktree import rows


def stakes(command: str) -> list[Stake | None]:
    return [one.stake for one in analyse(command, HERE) if one.effect in ("worktree.discard", "worktree.delete")]


AT = """
git checkout -- src/app.py : src/app.py : tracked
git checkout . : . : tracked
git checkout src/app.py : src/app.py : tracked
git checkout HEAD -- src : src : tracked
git checkout main -- src : src : tracked untracked ignored
git checkout main src/app.py README.md : src/app.py README.md : tracked untracked ignored
git checkout -p : . : tracked
git checkout --ours src/app.py : src/app.py : tracked
git checkout ':(top)src' : . : tracked
git checkout '*.py' : /**/*.py : tracked
git checkout 'src/*.py' : /src/**/*.py : tracked
git checkout 'src/a*' : src : tracked
git -C src checkout -- app.py : src/app.py : tracked
git restore src/app.py : src/app.py : tracked
git restore --source=main src : src : tracked untracked ignored
git restore --pathspec-from-file=x : . : tracked
git clean -fd : . : untracked
git clean -fdx : . : untracked ignored
git clean -fdX src : src : ignored
git -C src clean -fd : src : untracked
git rm -rf src : src : tracked
git mv -f a README.md : README.md : tracked untracked ignored
git apply -R x.patch : . : tracked
git -C src apply -R x.patch : . : tracked
git checkout-index -f src/app.py : src/app.py : tracked untracked ignored
git diff --output=README.md : README.md : tracked untracked ignored
"""


@pytest.mark.parametrize("row", rows(AT))
def test_what_git_would_overwrite_or_delete_is_named_from_the_root(row: str) -> None:
    command, places, reaches = row.split(" : ")
    (stake,) = stakes(command)
    assert stake is not None
    assert [*stake.paths, *stake.patterns] == places.split()
    assert [one for one in ("tracked", "untracked", "ignored") if getattr(stake, one)] == reaches.split()


NONE = """
git reset --hard
git reset --merge
git checkout -f
git switch -f main
git switch --discard-changes main
git read-tree -u -m HEAD
git checkout-index -f -a
git merge --abort
git worktree remove --force ../other
git submodule foreach 'git checkout -- .'
git -C ../other checkout -- .
git --git-dir=/other/.git clean -fd
"""


@pytest.mark.parametrize("command", rows(NONE))
def test_what_is_refused_whatever_the_state_has_no_stake(command: str) -> None:
    assert stakes(command)
    assert all(stake is None for stake in stakes(command))
