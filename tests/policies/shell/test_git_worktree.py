"""Git commands that touch files and the index: which are refused, and as what."""

import pytest

from tests.policies.shell.near import effects, verdict

DISCARDS = """
git reset --hard
git reset --hard HEAD~1
git reset --har
git reset --h
git reset -q --hard
git reset --hard -q origin/main
git reset HEAD~1 --hard
git reset --merge
git reset --mer HEAD
git reset --soft --hard
git -C . reset --hard
git -C src -C .. reset --hard
git -c user.name=x reset --hard
git -c core.quotePath=false -c a.b=c reset --hard
git --git-dir=.git reset --hard
git --git-dir .git --work-tree . reset --hard
git --work-tree=. reset --hard
git --no-pager reset --hard
git -p reset --hard
git --literal-pathspecs --no-optional-locks reset --hard
git-reset --hard
/usr/bin/git reset --hard
/usr/lib/git-core/git-reset --hard
git.exe reset --hard
GIT reset --hard
git checkout -- src/app.py
git checkout -- .
git checkout .
git checkout ./src
git checkout ..
git checkout :/
git checkout ':(top)src'
git checkout '*.py'
git checkout src/app.py
git checkout README.md
git checkout HEAD -- src/app.py
git checkout HEAD src/app.py
git checkout feature -- .
git checkout main src/app.py README.md
git checkout -f
git checkout -f main
git checkout -qf main
git checkout --force main
git checkout --forc main
git checkout --f main
git checkout -p
git checkout --patch HEAD
git checkout --ours src/app.py
git checkout --theirs -- src/app.py
git checkout --pathspec-from-file=list
git checkout --no-overlay HEAD -- src
git co -- src/app.py
git switch -f main
git switch --force main
git switch --discard-changes main
git switch --disc main
git restore src/app.py
git restore .
git restore -- .
git restore -W src/app.py
git restore --worktree .
git restore --staged --worktree .
git restore -SW .
git restore -s HEAD~1 .
git restore --source=HEAD~1 src/app.py
git restore -p
git restore --pathspec-from-file=list
git rm -f src/app.py
git rm -rf src
git rm --force src/app.py
git rm -r --forc src
git mv -f src/app.py README.md
git mv --force src/app.py README.md
git read-tree --reset -u HEAD
git read-tree -u -m HEAD main
git read-tree -um HEAD
git checkout-index -f -a
git checkout-index --force --all
git-checkout-index -fa
git apply -R fix.patch
git apply --reverse fix.patch
git diff | git apply -R
git diff HEAD | git apply --rev -
git am --abort
git am --skip
git merge --abort
git merge --abo
git rebase --abort
git cherry-pick --abort
git cherry-pick --skip
git revert --abort
git submodule deinit -f lib
git submodule deinit --force --all
git submodule update --force
git submodule foreach 'git reset --hard'
git submodule foreach git reset --hard
git submodule foreach --recursive git checkout -- .
git submodule --quiet foreach --recursive 'git restore .'
git bisect run git reset --hard
git bisect run sh -c 'git reset --hard' -h
"""

DELETES = """
git clean -f
git clean -fd
git clean -fdx
git clean -xdf
git clean -xfd
git clean -dxf .
git clean --force
git clean --f
git clean --forc -d
git clean -d -f -x
git clean -ffdx
git clean -fq -e keep.txt
git clean -f -e -n
git clean -fde -n
git clean --exclude -n -f
git clean -n --no-dry-run -f
git clean -fdx -- . clean -n
git clean -i
git clean --interactive
git -c clean.requireForce=false clean -d
git -c clean.requireForce= clean
git -c CLEAN.REQUIREFORCE=0 clean -x
git --config-env=clean.requireForce=OFF clean -d
git -C src clean -fd
git-clean -fd
git worktree remove --force ../other
git worktree remove -f ../other
"""

INDEX = """
git read-tree HEAD
git read-tree --empty
git update-index --assume-unchanged src/app.py
git update-index --force-remove src/app.py
git update-index --cacheinfo 100644,abc1234,x
"""

STASH = """
git stash drop
git stash drop stash@{0}
git stash clear
git stash -q drop
git-stash clear
"""


def rows(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize(
    ("effect", "command"),
    [
        (effect, command)
        for effect, text in (
            ("worktree.discard", DISCARDS),
            ("worktree.delete", DELETES),
            ("index.discard", INDEX),
            ("stash.drop", STASH),
        )
        for command in rows(text)
    ],
)
def test_what_loses_uncommitted_work_is_refused_with_a_way_on(effect: str, command: str) -> None:
    answer = verdict(command)
    assert effect in effects(command)
    assert (answer.decision, answer.rule) == ("refuse", "destructive-command")
    assert answer.why
    assert answer.instead


HARMLESS = """
git reset : file.write
git reset HEAD : file.write
git reset @ : file.write
git reset src/app.py : file.write
git reset HEAD src/app.py : file.write
git reset HEAD~1 -- src/app.py : file.write
git reset -- src/app.py : file.write
git reset -q -- . : file.write
git reset -h : state.read
git reset --help : state.read
git checkout main : head.move
git checkout feature -- : head.move
git checkout - : head.move
git checkout --detach : head.move
git checkout --detach HEAD~3 : head.move
git checkout elsewhere : head.move
git checkout --track origin/main : head.move
git checkout -b fix : head.move ref.update
git checkout -bfix : head.move ref.update
git checkout -b fix origin/main : head.move ref.update
git checkout --orphan pages : head.move ref.update
git checkout -q main : head.move
git co main : head.move
git switch main : head.move
git switch - : head.move
git switch -c fix : head.move ref.update
git switch --create fix main : head.move ref.update
git switch --detach HEAD~1 : head.move
git restore --staged src/app.py : file.write
git restore -S . : file.write
git restore --stag -- . : file.write
git restore : state.read
git clean : state.read
git clean -n : state.read
git clean -nfd : state.read
git clean -fdn : state.read
git clean --dry-run -x : state.read
git clean -dx : state.read
git -c clean.requireForce=true clean -d : state.read
git -c clean.requireForce clean -d : state.read
git stash : file.write
git stash push -m "drop everything" : file.write
git stash push -m drop : file.write
git stash -u : file.write
git stash -- drop : file.write
git stash pop : file.write
git stash apply : file.write
git stash list : state.read
git stash show -p : state.read
git rm src/app.py : file.write
git rm --cached -r src : file.write
git rm -n src/app.py : state.read
git mv src/app.py src/main.py : file.write
git mv -k src/app.py src/main.py : file.write
git apply fix.patch : file.write
git apply --check -R fix.patch : state.read
git apply --stat fix.patch : state.read
git apply --cached -R fix.patch : file.write
git read-tree -n HEAD : state.read
git update-index --refresh : file.write
git worktree list : state.read
git worktree add ../other feature : file.write
git worktree prune : file.write
git submodule status : state.read
git submodule update --init : file.write
git submodule foreach git status : state.read
git add -A : file.write
git add . : file.write
git add -n . : state.read
git add -p : file.write
"""


@pytest.mark.parametrize("row", rows(HARMLESS))
def test_what_keeps_uncommitted_work_is_allowed_and_known(row: str) -> None:
    command, _, expected = row.rpartition(" : ")
    assert effects(command) == set(expected.split())
    assert verdict(command).decision == "allow"


@pytest.mark.parametrize("command", ["git worktree remove ../other", "git worktree remove -- -f"])
def test_a_worktree_is_removed_as_git_itself_allows(command: str) -> None:
    assert verdict(command).decision == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "git restore --no-staged src/app.py",
        "git restore -W --no-worktree src/app.py",
        "git restore src/app.py -h",
        "git reset --hard --help",
        "git checkout -h -- src/app.py",
        "git clean -fd --version",
        "git push --force -h",
    ],
)
def test_what_only_shows_help_or_an_error_does_nothing(command: str) -> None:
    assert effects(command) == {"state.read"}


@pytest.mark.parametrize(
    "command",
    ["git restore --no-staged -W src/app.py", "git restore -- -h", "git checkout -- --help", "git clean -fe -h",
     "git checkout -fh"],
)  # fmt: skip
def test_what_only_looks_like_help_is_judged(command: str) -> None:
    assert verdict(command).decision == "refuse"
