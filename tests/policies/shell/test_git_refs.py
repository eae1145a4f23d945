"""Git commands that change refs, history, remotes, hooks and configuration."""

import dataclasses

import pytest

from safe_rollback.policies.protocol.model import Protocol
from safe_rollback.policies.shell.context import NOWHERE
from tests.policies.shell.near import HERE, effects, verdict
from tests.policies.shell.test_git_worktree import rows

REFUSED = {
    "ref.delete": """
git branch -D feature
git branch -d -f feature
git branch -df feature
git branch -fd feature
git branch --delete --force feature
git branch --del --force feature
git branch -rD origin/main
git tag -d v1
git tag --delete v1
git tag --del v1
git update-ref -d refs/heads/feature
git update-ref -d refs/heads/feature abc1234
git fetch --prune origin 'refs/heads/*:refs/heads/*'
""",
    "ref.rewrite": """
git reset --soft HEAD~1
git reset HEAD~1
git reset --mixed HEAD^
git reset --keep HEAD~3
git reset origin/main
git branch -f main HEAD~3
git branch --force main
git branch -M main
git branch -M old main
git branch -C old main
git branch -m -f old main
git checkout -B main
git checkout -Bmain origin/main
git switch -C main
git switch -Cmain
git switch --force-create main HEAD~3
git switch --force-c main
git tag -f v1
git tag --force v1 HEAD
git tag -af v1 -m again
git update-ref refs/heads/main HEAD~3
git update-ref --stdin
git symbolic-ref HEAD refs/heads/main
git symbolic-ref -d HEAD
git symbolic-ref --delete HEAD
git worktree add -B main ../other
git fetch origin +main:main
git fetch -f origin main:main
git fetch --force origin main:refs/heads/main
git pull --force
git fast-import
""",
    "history.rewrite": """
git commit --amend
git commit --amend --no-edit
git commit --am -m x
git commit -a --amend -C HEAD
git rebase main
git rebase -i HEAD~3
git rebase --onto main feature
git rebase --continue
git rebase --exec 'make test' main
git pull --rebase
git pull -r
git pull --reb origin main
git pull --rebase=merges
git -c pull.rebase=true pull
git filter-branch --tree-filter true HEAD
git filter-repo --path src
git replace HEAD HEAD~1
git replace --graft HEAD
git replace -d abc1234
""",
    "history.prune": """
git reflog expire --expire=now --all
git reflog delete HEAD@{1}
git reflog drop --all
git gc --prune=now
git gc --aggressive --prune=all
git gc --pru=now
git -c gc.pruneExpire=now gc
git -c gc.reflogExpire=0 gc
git prune
git prune --expire=now
git repack -ad
git repack -a -d
git config gc.pruneExpire now
git config gc.refs/heads/*.reflogExpire 0
""",
    "remote.rewrite": """
git push --force
git push -f
git push -f origin feature
git push -uf origin feature
git push -fu origin feature
git push origin feature --force
git push --forc origin feature
git push --force-with-lease
git push --force-with-lease=feature:abc1234 origin feature
git push --force-w
git push --mirror
git push --mirror backup
git push origin +feature
git push origin +HEAD:feature
git push origin -- +feature
git push origin fix +feature
""",
    "remote.delete": """
git push --delete origin feature
git push -d origin feature
git push origin --del feature
git push origin :feature
git push origin :refs/tags/v1
git push --prune origin
""",
    "hooks.bypass": """
git commit --no-verify -m x
git commit -n -m x
git commit -nm x
git commit -anm x
git commit --no-v -m x
git push --no-verify
git push --no-ver origin feature
git merge --no-verify feature
git merge -S --no-verify feature
git am --no-verify fix.mbox
git am -n fix.mbox
git pull --no-verify
git -c core.hooksPath=/dev/null commit -m x
git -c CORE.HOOKSPATH= commit -m x
git -c core.hooksPath commit -m x
git --config-env=core.hooksPath=NOWHERE commit -m x
git --config-env core.hooksPath=NOWHERE commit -m x
git -c hook.lint.command=true commit -m x
git config core.hooksPath /dev/null
git config core.hooksPath list
git config core.hooksPath get
git config set core.hooksPath /dev/null
git config --global core.hookspath x
git config --unset core.hooksPath
git config unset core.hooksPath
git config --add hook.lint.enabled false
git config --replace-all hook.lint.command true
git config --remove-section core
git config remove-section hook.lint
git config -f .git/config core.hooksPath x
HUSKY=0 git commit -m x
LEFTHOOK=0 git push
LEFTHOOK=false git push
SKIP=ruff git commit -m x
HUSKY="0" git commit -m x
env HUSKY=0 git commit -m x
env -i HUSKY=0 git commit -m x
sudo HUSKY=0 git commit -m x
export HUSKY=0; git commit -m x
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=x git commit -m x
""",
}


@pytest.mark.parametrize(("effect", "command"), [(name, one) for name, text in REFUSED.items() for one in rows(text)])
def test_what_loses_commits_or_skips_hooks_is_refused_with_a_way_on(effect: str, command: str) -> None:
    answer = verdict(command)
    assert effect in effects(command)
    assert (answer.decision, answer.rule) == ("refuse", "destructive-command")
    assert answer.instead


ALLOWED = """
git branch : state.read
git branch -v : state.read
git branch -avv : state.read
git branch --list 'feature/*' : state.read
git branch --contains HEAD~1 : state.read
git branch --show-current : state.read
git branch fix : ref.update
git branch fix main : ref.update
git branch -d feature : ref.update
git branch -m fix : ref.update
git branch -u origin/main : ref.update
git branch --format='%(refname)' : state.read
git tag : state.read
git tag -l 'v*' : state.read
git tag -n5 : state.read
git tag v2 : ref.update
git tag -a v2 -m "delete -f the old one" : ref.update
git tag -m -f v2 : ref.update
git push : remote.update
git push origin feature : remote.update
git push -u origin feature : remote.update
git push --set-upstream origin HEAD:fix : remote.update
git push origin v1 : remote.update
git push --tags : remote.update
git push --force-if-includes origin feature : remote.update
git push -n -f : state.read
git push --dry-run --force : state.read
git push -o ci.skip origin feature : remote.update
git push -o --force origin feature : remote.update
git fetch : ref.update
git fetch --all --prune : ref.update
git fetch origin '+refs/heads/*:refs/remotes/origin/*' : ref.update
git fetch origin fix:fix : ref.update
git pull : commit
git pull --ff-only : commit
git pull --rebase=false : commit
git -c pull.rebase=true pull --no-rebase : commit
git -c pull.rebase=false pull : commit
git merge feature : commit
git merge -n feature : commit
git merge --no-ff -m "reset --hard" feature : commit
git merge --continue : commit
git cherry-pick -n HEAD~1 : commit
git revert -n HEAD : commit
git revert HEAD : commit
git commit -m x : commit
git commit -am x : commit
git commit -uno -m x : commit
git commit -Snathan -m x : commit
git commit -mn : commit
git commit --dry-run --amend : state.read
git commit -F - : commit
git gc : file.write
git gc --auto : file.write
git gc --no-prune : file.write
git reflog : state.read
git reflog show HEAD : state.read
git prune -n : state.read
git replace -l : state.read
git replace : state.read
git notes list : state.read
git notes add -m x HEAD : ref.update
git bisect start : head.move
git bisect log : state.read
git symbolic-ref HEAD : state.read
git symbolic-ref --short HEAD : state.read
git remote -v : state.read
git remote show origin : state.read
git remote add backup ../backup : file.write
git remote prune origin : ref.update
git config user.name : state.read
git config --get core.hooksPath : state.read
git config get core.hooksPath : state.read
git config --list --show-origin : state.read
git config core.hooksPath : state.read
git config user.name "Hana" : file.write
git config set user.name Hana : file.write
git config alias.co checkout : file.write
git config --unset user.name : file.write
git log --grep "reset --hard" : state.read
git log --grep=reset -- --hard : state.read
git log -S"git push --force" : state.read
git log --oneline -n 5 : state.read
git show HEAD:src/app.py : state.read
git diff HEAD~1 -- src : state.read
git grep -n "clean -fdx" : state.read
git blame src/app.py : state.read
git status --short : state.read
git ls-remote -h origin : state.read
git rev-parse --abbrev-ref HEAD : state.read
git cat-file -p HEAD : state.read
git help reset : state.read
git --version : state.read
git : state.read
git diff --output=out.patch : file.write
git format-patch -n HEAD~1 : file.write
git clone -n ../other copy : file.write
git archive -o out.tar HEAD : file.write
"""


@pytest.mark.parametrize("row", rows(ALLOWED))
def test_what_loses_no_commit_is_allowed_and_known(row: str) -> None:
    command, _, expected = row.rpartition(" : ")
    assert effects(command) == set(expected.split())
    assert verdict(command).decision == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "git push origin main",
        "git push origin HEAD:main",
        "git push origin feature:refs/heads/main",
        "git push origin feature:heads/main",
        "git push --all",
        "git push --branches origin",
        "git push origin 'refs/heads/*'",
        "git push origin :",
        "git -c push.default=matching push",
        "git -c push.default=upstream -c branch.feature.merge=refs/heads/main push",
        "git -c remote.origin.push=HEAD:main push",
    ],
)
def test_nothing_is_published_to_a_protected_branch(command: str) -> None:
    answer = verdict(command)
    assert (answer.decision, answer.rule) == ("refuse", "protected-branches")


@pytest.mark.parametrize(
    "command", ["git push", "git push origin HEAD", "git push origin @", "git commit -m x", "git merge x"]
)
def test_on_a_protected_branch_nothing_is_committed_or_pushed(command: str) -> None:
    on_main = HERE.having([])
    on_main = type(on_main)(is_revision=HERE.is_revision, branch="main")
    answer = verdict(command, on_main)
    assert (answer.decision, answer.rule) == ("refuse", "protected-branches")
    assert verdict(command, on_main, Protocol(branches=("release/*",), require_branch=True)).decision == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "git checkout -B new",
        "git checkout -Bnew HEAD~1",
        "git switch -C new origin/main",
        "git switch --force-create new",
        "git branch -f new HEAD~1",
        "git branch -M new",
        "git branch -M feature",
        "git branch -M feature new",
        "git branch -C feature new",
        "git worktree add -B new ../other",
    ],
)
def test_a_forced_branch_that_is_new_takes_nothing(command: str) -> None:
    assert verdict(command).decision == "allow"
    nowhere = verdict(command, NOWHERE)
    assert nowhere.decision == "refuse"


@pytest.mark.parametrize(
    "command",
    [
        "git checkout -B main",
        "git switch -C main origin/main",
        "git branch -f main HEAD~1",
        "git branch -M main",
        "git branch -C feature main",
        "git worktree add -B main ../other",
        "git checkout -B @{-1}",
        "git checkout -B -",
        'git checkout -B "$NAME"',
        "cd sub && git checkout -B new",
        "git -C ../other checkout -B new",
    ],
)
def test_a_forced_branch_that_may_exist_is_refused(command: str) -> None:
    with_another = dataclasses.replace(HERE, exists=lambda path: path in ("sub", "sub/.git"))
    assert "ref.rewrite" in effects(command, with_another)
    assert verdict(command, with_another).decision == "refuse"
