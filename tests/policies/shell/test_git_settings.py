"""Settings, templates and commands in progress: what needs a human, and the way back that works."""

import pytest

from tests.policies.shell.near import effects, verdict
from tests.policies.shell.test_git_worktree import rows

UNKNOWN = """
git config --global user.name Hana
git config --glob user.name Hana
git config --system core.autocrlf false
git config --file ../other/.git/config user.name Hana
git config --file=/etc/gitconfig user.name Hana
git config -f ~/.gitconfig user.name Hana
git config -f.gitmodules submodule.x.url ../x
git config --global --unset user.name
git config set --global user.name Hana
git config --global --add safe.directory '*'
git config --global --remove-section user
git config core.bare true
git config CORE.bare true
git config core.repositoryFormatVersion 1
git config extensions.worktreeConfig true
git config extensions.partialClone origin
git config --unset extensions.objectFormat
git config --remove-section extensions
git config init.templateDir ../template
git -c core.bare=true status
git -c extensions.refStorage=reftable status
git -c init.templateDir=../template init x
git clone --template=../template ../other copy
git clone --template ../template ../other copy
git clone --templ=../template ../other copy
git clone -c core.sshCommand=./evil ../other copy
git clone -c init.templateDir=../template ../other copy
git clone --config core.fsmonitor=./evil ../other copy
git init --template=../template
git init --template ../template x
git stash -a
git stash --all
git stash push -a
git stash push --all -m x
git stash -qa
git stash save --all
"""


@pytest.mark.parametrize("command", rows(UNKNOWN))
def test_what_reaches_beyond_this_repository_or_a_checkpoint_is_unknown(command: str) -> None:
    assert "unknown" in effects(command)


KNOWN = """
git config --global user.name : state.read
git config --global --list : state.read
git config --system --get core.autocrlf : state.read
git config -f .gitmodules --get-regexp path : state.read
git config --file .gitmodules --list : state.read
git config get --global user.name : state.read
git config --local user.name Hana : file.write
git config --worktree user.name Hana : file.write
git config core.bare : state.read
git config --get extensions.worktreeConfig : state.read
git config core.autocrlf false : file.write
git -c core.autocrlf=false status : state.read
git clone ../other copy : file.write
git clone -b main --depth 1 ../other copy : file.write
git clone -c user.name=Hana ../other copy : file.write
git clone --template= ../other copy : file.write
git init x : file.write
git init -b main x : file.write
git stash -u : file.write
git stash push -u -m all : file.write
git stash push --include-untracked : file.write
git stash push -m -a : file.write
git maintenance run : file.write
git fsck : state.read
git fsck --lost-found : file.write
git help log : state.read
"""


@pytest.mark.parametrize("row", rows(KNOWN))
def test_what_stays_here_is_known(row: str) -> None:
    command, _, expected = row.rpartition(" : ")
    assert effects(command) == set(expected.split())


def test_a_dangerous_setting_is_refused_wherever_it_is_written() -> None:
    assert verdict("git config --global core.hooksPath x").rule == "destructive-command"
    assert verdict("git clone -c core.hooksPath=x ../other copy").rule == "destructive-command"
    assert verdict("git init --separate-git-dir=../elsewhere").rule == "destructive-command"


@pytest.mark.parametrize("name", ["merge", "cherry-pick", "revert", "rebase", "am"])
def test_an_abort_is_refused_with_the_way_back_that_works(name: str) -> None:
    answer = verdict(f"git {name} --abort")
    assert (answer.decision, answer.rule) == ("refuse", "destructive-command")
    for word in ("restore_checkpoint", "before_checkpoint_id", "list_checkpoints", name):
        assert word in answer.instead


LINES = """
GIT_SSH_COMMAND='sh -c "rm -rf src"' git fetch
export GIT_SSH_COMMAND='rm -rf src'; git fetch
env GIT_EXTERNAL_DIFF='rm -rf src;' git diff
GIT_EDITOR='rm -rf src' git commit
EDITOR='git reset --hard;' git commit
VISUAL='git reset --hard;' git commit
PAGER='git reset --hard' git log
git -c core.sshCommand='sh -c "git reset --hard"' fetch
git -c core.editor='rm -rf src;' commit
git -c sequence.editor='rm -rf src;' rebase -i
git -c diff.x.textconv='rm -rf src;' diff
git -c credential.helper='!rm -rf src' fetch
git config core.sshCommand 'rm -rf src'
git config set core.pager 'git reset --hard'
git clone -c core.sshCommand='rm -rf src' ../other copy
git difftool -x 'git reset --hard' HEAD
git grep --open-files-in-pager='git reset --hard' x
git grep -O'git reset --hard' x
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.pager GIT_CONFIG_VALUE_0='rm -rf src' git log
GIT_CONFIG_COUNT=+1 GIT_CONFIG_KEY_0=alias.x GIT_CONFIG_VALUE_0='reset --hard' git x
GIT_CONFIG_COUNT=' 1' GIT_CONFIG_KEY_0=alias.x GIT_CONFIG_VALUE_0='reset --hard' git x
"""


@pytest.mark.parametrize("command", rows(LINES))
def test_a_line_that_git_is_told_to_run_is_judged(command: str) -> None:
    assert verdict(command).rule == "destructive-command"


@pytest.mark.parametrize(
    "command",
    [
        "GIT_SSH_COMMAND='ssh -i ~/.ssh/key -o IdentitiesOnly=yes' git fetch",
        "GIT_SSH_COMMAND=./helper git fetch",
        "git -c core.sshCommand='ssh -v' fetch",
        "git -c core.pager=cat log",
        "git -c credential.helper='rm -rf src' fetch",
        "GIT_EDITOR=true git commit",
        'GIT_EDITOR="$EDITOR" git commit',
        "EDITOR=vim git commit",
        "PAGER=less git log",
    ],
)
def test_an_ordinary_program_for_git_is_allowed(command: str) -> None:
    assert verdict(command).decision == "allow"


def test_the_editor_of_a_person_is_nobodys_business() -> None:
    assert effects("EDITOR=vim git commit -m x") == {"commit"}
