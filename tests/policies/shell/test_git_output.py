"""Options that name a file to write: an existing file, git's own and one outside are told from a new one."""

import dataclasses

import pytest

from safe_rollback.policies.shell.context import NOWHERE
from tests.policies.shell.near import HERE, effects, verdict
from tests.policies.shell.test_git_worktree import rows

OVERWRITES = """
git diff --output=README.md
git diff --output README.md
git diff --out=README.md
git diff --output=./src/../README.md
git diff --output=/repo/README.md
git diff --output
git log --output=src/app.py
git show HEAD --output=src/app.py
git diff-tree HEAD --output=README.md
git shortlog --output=README.md HEAD
git stash show -p --output=README.md
git stash show -p --output README.md
git stash list --output=README.md
git reflog show --output=README.md
git range-diff main feature v1 --output=README.md
git format-patch -1 --output=README.md
git archive -o README.md HEAD
git archive -oREADME.md HEAD
git archive --output=README.md HEAD
git archive --output README.md HEAD
git bundle create README.md HEAD
git bundle create -- README.md HEAD
git index-pack -o README.md x.pack
git -C src diff --output=app.py
git -C src -C .. diff --output=README.md
git interpret-trailers --in-place README.md
git interpret-trailers --in-p --trailer x=y README.md
git merge-file README.md base other
git log --output=new.txt --output=README.md
cd src && git diff --output=app.py
cd $X && git diff --output=new.txt
git submodule foreach 'git diff --output=new.txt'
"""

TAMPERS = """
git diff --output=.git/config
git diff --output=.git/hooks/pre-commit
git diff --output .GIT/config
git diff --output=src/../.git/HEAD
git diff --output=../other/.git/config
git -C .git diff --output=config
git archive -o .git/index HEAD
git bundle create .git/objects/x HEAD
git format-patch -o .git/hooks HEAD~1
git format-patch --output-directory=.git HEAD~1
git -c format.outputDirectory=.git format-patch HEAD~1
git interpret-trailers --in-place .git/COMMIT_EDITMSG
git submodule foreach 'git diff --output=.git/config'
"""

UNKNOWN = """
git diff --output=../out.patch
git diff --output=/etc/motd
git diff --output=~/out.patch
git -C src diff --output=../../out.patch
git archive -o /tmp/out.tar HEAD
git bundle create ../out.bundle HEAD
git format-patch -o ../patches HEAD~1
git format-patch --output-directory /tmp HEAD~1
git bugreport -o /tmp
git diagnose --output-directory=..
"""

WRITES = """
git diff --output=new.patch : file.write
git diff --output=/repo/new.patch : file.write
git -C src diff --output=../new.patch : file.write
git log --output new.txt : file.write
git archive -o new.tar HEAD : file.write
git archive --format=tar HEAD : file.write
git bundle create new.bundle HEAD : file.write
git bundle create - HEAD : file.write
git bundle verify README.md : file.write
git format-patch HEAD~1 : file.write
git format-patch -o patches HEAD~1 : file.write
git format-patch --output-directory=src HEAD~1 : file.write
git diff --output=/dev/null : state.read
git diff --output-indicator-new=x : state.read
git log --oneline : state.read
git interpret-trailers README.md : state.read
git merge-file -p README.md base other : state.read
git bugreport : file.write
git diff -- --output=README.md : state.read
git log --grep=--output=README.md : state.read
"""


@pytest.mark.parametrize(
    ("effect", "command"),
    [
        (name, one)
        for name, text in (("worktree.discard", OVERWRITES), ("guard.tamper", TAMPERS))
        for one in rows(text)
    ],
)
def test_no_output_overwrites_a_file_or_gits_own(effect: str, command: str) -> None:
    answer = verdict(command)
    assert effect in effects(command)
    assert (answer.decision, answer.rule) == ("refuse", "destructive-command")
    assert answer.instead


@pytest.mark.parametrize("command", rows(UNKNOWN))
def test_output_to_somewhere_else_is_unknown(command: str) -> None:
    assert effects(command) - {"file.write"} == {"unknown"}


@pytest.mark.parametrize("row", rows(WRITES))
def test_output_to_a_new_file_is_ordinary_writing(row: str) -> None:
    command, _, expected = row.rpartition(" : ")
    assert effects(command) == set(expected.split())
    assert verdict(command).decision == "allow"


def test_a_file_that_is_not_known_to_be_new_counts_as_existing() -> None:
    assert effects("git diff --output=new.patch", NOWHERE) == {"worktree.discard"}
    assert effects("git diff --output=../new.patch", NOWHERE) == {"worktree.discard"}
    assert effects("git diff --output=/new.patch", NOWHERE) == {"unknown"}


def test_a_path_counts_from_where_the_command_runs() -> None:
    inside = dataclasses.replace(HERE, directory="src")
    assert effects("git diff --output=app.py", inside) == {"worktree.discard"}
    assert effects("git diff --output=README.md", inside) == {"file.write"}
    assert effects("git diff --output=../README.md", inside) == {"worktree.discard"}
    assert effects("git -C .. diff --output=README.md", inside) == {"worktree.discard"}
