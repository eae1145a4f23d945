"""Where a path really is: links, temporary directories around or inside a worktree, git's own, computed parts."""

import os
from pathlib import Path

import pytest

from safe_rollback.policies.effects import Effect
from safe_rollback.policies.shell import places
from safe_rollback.policies.shell.context import Context
from tests.policies.shell.near import verdict


@pytest.fixture
def here(tmp_path: Path) -> Context:
    root = tmp_path / "work"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text("x")
    (root / ".git").mkdir()
    (tmp_path / "beside").mkdir()
    os.symlink(root / ".git", root / "link")
    os.symlink(tmp_path / "beside", root / "out")
    return Context(
        root=str(root),
        exists=lambda path: os.path.lexists(root / path),
        is_directory=lambda path: os.path.isdir(path) and not os.path.islink(path),
        internals=(str(root / ".git"),),
        variables={"HOME": "/home/me"},
    )


def gone(word: str, here: Context, *, recursive: bool = True) -> Effect:
    (effect,) = places.deleted([word], here, recursive=recursive, span="x", why="it deletes")
    return effect


def test_a_file_is_named_even_where_directories_would_go_too(here: Context) -> None:
    assert gone("src/a.py", here).effect == "file.write"
    assert gone("src", here).effect == "worktree.delete"
    assert gone("src", here).stake == places.stake_of("src")


def test_a_pattern_stands_for_itself_where_the_shell_does_not_expand_it(here: Context) -> None:
    stake = gone("src/[id]", here).stake
    assert stake is not None
    assert (stake.paths, stake.patterns) == (["src/[id]"], ["/src/[id]"])
    named = places.deleted(["src/[id].py"], here, recursive=False, span="x", why="it deletes", wild=())
    assert [one.effect for one in named] == ["file.write"]


def test_links_are_followed_to_where_they_lead(here: Context) -> None:
    assert gone("link/config", here, recursive=False).effect == "guard.tamper"
    (effect,) = places.written(["link/hooks/x"], here, span="x", why="it writes")
    assert effect.effect == "guard.tamper"
    (effect,) = places.overwritten(["out/x"], here, span="x", why="it writes")
    assert effect.effect in ("file.write", "outside.write")
    assert effect.stake is None


def test_a_worktree_in_a_temporary_directory_is_no_temporary_place(here: Context) -> None:
    assert here.root is not None
    above = os.path.dirname(here.root)
    for word in (here.root, above, f"{above}/*", f"{above}/w*", f"{above}/**", f"{here.root}/src", f"{above}/\0"):
        assert not places.is_temporary(word, here), word
    assert gone(f"{above}/*", here).effect in ("outside.delete", "guard.tamper")
    assert gone(above, here).effect in ("outside.delete", "guard.tamper")
    assert gone(here.root, here).effect == "guard.tamper"


def test_what_is_beside_it_in_a_temporary_directory_is_temporary() -> None:
    context = Context(root="/tmp/work", exists=lambda path: False, variables={"TMPDIR": "/tmp/mine"})
    for word in ("/tmp/other", "/tmp/other*", "/tmp/x/\0", "/tmp/mine/x", "/var/tmp/x/.git"):
        assert places.is_temporary(word, context), word
    for word in ("/tmp", "/tmp/x/../../etc", "/tmp/x\0/../..", "/tmp\0", "/etc/x", "~/x", "\0/tmp/x"):
        assert not places.is_temporary(word, context), word


def test_a_computed_target_of_a_blind_deletion_has_no_stake(here: Context) -> None:
    assert (gone("\0", here).effect, gone("\0", here).stake) == ("worktree.delete", None)
    assert gone("src/\0", here).effect == "worktree.delete"
    assert gone("\0", here, recursive=False).effect == "unknown"
    assert gone("/var/tmp/x/\0", here).effect == "file.write"


def test_in_an_unknown_directory_the_same_name_at_any_depth_is_at_stake(here: Context) -> None:
    effect = gone("build", here.elsewhere())
    assert effect.effect == "worktree.delete"
    assert effect.stake is not None
    assert list(effect.stake.patterns) == ["**/build"]
    assert gone("*", here.elsewhere()).stake is None
    assert gone("..", here.elsewhere()).stake is None


def test_a_new_file_is_not_overwritten_and_streams_are_nothing(here: Context) -> None:
    (new,) = places.overwritten(["src/new.py"], here, span="x", why="it writes")
    (old,) = places.overwritten(["src/a.py"], here, span="x", why="it writes")
    assert (new.effect, old.effect) == ("file.write", "worktree.discard")
    assert places.overwritten(["/dev/null", "/dev/fd/3", "-"], here, span="x", why="it writes") == []
    (device,) = places.written(["/dev/sda"], here, span="x", why="it writes")
    assert device.effect == "outside.delete"


@pytest.mark.parametrize(
    ("word", "own"),
    [
        (".git/config", True),
        ("a/.GIT/x", True),
        ("a/git~1/x", True),
        (".claude/settings.json", True),
        (".claude/commands/x.md", False),
        ("~/.local/state/safe-rollback/key", True),
        ("src/safe_rollback/core.py", False),
        ("/usr/bin/safe-rollback-hook", True),
        (".gitignore", False),
        ("~/.gitconfig", True),
    ],
)
def test_gits_own_and_the_guards_own_are_known_by_name(here: Context, word: str, own: bool) -> None:
    assert bool(places.internal_to(word, here)) is own


BARE = Context(root="/repo", exists=lambda path: path == "src", variables={"PWD": "/repo"})


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf $TMPDIR/x",
        'rm -rf "${TMPDIR}/x"',
        "find $TMPDIR/x -depth -delete",
        "TMPDIR=/Users rm -rf $TMPDIR/x",
        'd=$(mktemp -d); rm -rf "$d"',
        'd=$(mktemp -d) && cp src/app.py "$d/" && rm -rf "$d"/*',
        'd=$(mktemp -d /tmp/work.XXXXXX); rm -rf "$d"',
        'cd "$(mktemp -d)" && rm -rf x',
    ],
)
def test_temporary_places_are_free_without_a_variable(command: str) -> None:
    assert verdict(command, BARE).decision == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf $TMPDIR/../escape",
        "TMPDIR=/Users; rm -rf $TMPDIR/x",
        "export TMPDIR=$HOME; rm -rf $TMPDIR/x",
        "d=$(mktemp -d -p src); rm -rf $d",
        "d=$(mktemp -d src/XXXXXX); rm -rf $d",
    ],
)
def test_what_is_not_certainly_temporary_is_not(command: str) -> None:
    assert verdict(command, BARE).decision == "refuse"


def test_the_environment_says_what_tmpdir_is() -> None:
    context = Context(root="/repo", exists=lambda path: False, variables={"TMPDIR": "/srv/mine"})
    assert verdict("rm -rf $TMPDIR/x", context).decision == "refuse"
