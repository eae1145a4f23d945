"""Whatever was done to the files: a checkpoint holds what stands, and any earlier one can be had back."""

import contextlib
import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.core.snapshot.checkpoint import Checkpoint
from safe_rollback.core.workspace import Workspace
from tests.core.snapshot.support import afresh, assert_holds, assert_same, ignored, keep, opened, restore, wreck
from tests.harness.repo import Repo, State, make_repo
from tests.harness.sample import examples

NAMES = ("README.md", "src/app.py", "src", "new", "new/deep", b"caf\xe9", "-x y\n", "a.log", "bin/run.sh", ".env")
CONTENTS = (b"", b"one\n", b"two\n", b"one\r\n", b"\0\xff", b"three\n" * 5000)
COMMANDS = ("commit -qam x", "reset -q", "stash -q", "rm -qr --cached .")
MODES = (0o644, 0o755, 0o600, 0o444)

name = st.sampled_from(NAMES)
step = st.one_of(
    st.tuples(st.just("write"), name, st.sampled_from(CONTENTS)),
    st.tuples(st.just("rewrite in place"), name, st.sampled_from(CONTENTS)),
    st.tuples(st.just("link"), name, st.sampled_from((b"src", b"nowhere", b"README.md", b"\xff"))),
    st.tuples(st.just("mode"), name, st.sampled_from(MODES)),
    st.tuples(st.just("delete"), name, st.none()),
    st.tuples(st.just("directory"), name, st.none()),
    st.tuples(st.just("rename"), name, name),
    st.tuples(st.just("stage"), name, st.none()),
    st.tuples(st.just("unstage"), name, st.none()),
    st.tuples(
        st.just("git"), st.sampled_from(("commit -qam x", "reset -q", "stash -q", "rm -qr --cached .")), st.none()
    ),
    st.tuples(st.just("ignore"), st.sampled_from(("*.log\n", "", "new/\n.env\n")), st.none()),
    st.tuples(st.just("checkpoint"), st.booleans(), st.none()),
)


def _clear(repo: Repo, where: bytes) -> None:
    path = repo.path(where)
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def _do(repo: Repo, what: str, where: str | bytes, with_: object) -> None:
    """One step; one that the file system or git refuses is left out."""
    path = repo.path(where)
    if what == "git":
        repo.git(*os.fsdecode(where).split(" "), ok=(0, 1, 128))
    elif what == "ignore":
        repo.write(".gitignore", where)
    elif what == "stage":
        repo.git("add", "-f", "-A", "--", f":(literal){os.fsdecode(where)}", ok=(0, 1, 128))
    elif what == "unstage":
        repo.git("rm", "-q", "-r", "-f", "--cached", "--", f":(literal){os.fsdecode(where)}", ok=(0, 1, 128))
    elif os.path.realpath(os.path.dirname(path)) != os.path.dirname(path):
        return  # behind a link: it would be another path
    elif what == "write":
        _clear(repo, os.fsencode(where))
        repo.write(where, with_)
    elif what == "rewrite in place" and os.path.isfile(path) and not os.path.islink(path):
        info = os.stat(path)
        repo.write(where, with_)
        os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    elif what == "link":
        _clear(repo, os.fsencode(where))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(with_, path)
    elif what == "mode" and os.path.isfile(path) and not os.path.islink(path):
        os.chmod(path, with_)
    elif what == "delete":
        _clear(repo, os.fsencode(where))
    elif what == "directory":
        os.makedirs(path, exist_ok=True)
    elif what == "rename":
        target = repo.path(with_)
        if os.path.lexists(path) and os.path.realpath(os.path.dirname(target)) == os.path.dirname(target):
            os.rename(path, target)


def _visible(state: State, hidden: set[bytes]) -> dict[bytes, object]:
    files = {path: entry for path, entry in state.files.items() if path not in hidden}
    return files | {b"<index>": state.index, b"<HEAD>": state.head, b"<branch>": state.refs.get("refs/heads/work")}


def _hidden(repo: Repo) -> set[bytes]:
    """Ignored files and empty directories: no checkpoint holds them, no restore deletes them."""
    empty = [path for path, entry in repo.files().items() if entry[0] == "directory"]
    asked = b"".join(path + b"\0" for path in empty)
    found = os.fsencode(repo.git("check-ignore", "--no-index", "-z", "--stdin", stdin=asked, ok=(0, 1)))
    return (ignored(repo) - {b".env"}) | {path for path in found.split(b"\0") if path}


def _take(workspace: Workspace, repo: Repo, *, compare: bool) -> tuple[Checkpoint, State, set[bytes]]:
    checkpoint = keep(workspace)
    assert_holds(workspace, repo, checkpoint)
    if compare:
        again = afresh(workspace)
        assert_same(checkpoint, again)
    return checkpoint, repo.state(), _hidden(repo)


@pytest.mark.parametrize("attributes", ["", "* text=auto\n"], ids=["plain", "line ends convert"])
@examples(9)
@given(steps=st.lists(step, min_size=2, max_size=14), back=st.integers(min_value=0, max_value=3))
def test_any_checkpoint_comes_back_whole(
    tmp_path_factory: pytest.TempPathFactory, attributes: str, steps: list[tuple[str, str | bytes, object]], back: int
) -> None:
    repo = make_repo(str(tmp_path_factory.mktemp("property") / "project"))
    repo.git("switch", "-q", "-c", "work")  # main is protected: a restore would not move it back
    if attributes:
        repo.commit("Rules", {".gitattributes": attributes})
    with opened(repo) as workspace:
        taken = []
        for what, where, with_ in steps:
            if what == "checkpoint":
                taken.append(_take(workspace, repo, compare=bool(where)))
                continue
            with contextlib.suppress(OSError):
                _do(repo, what, where, with_)
        taken.append(_take(workspace, repo, compare=False))
        checkpoint, before, hidden = taken[back % len(taken)]
        newest = taken[-1][0]
        for one in (newest, checkpoint):
            wreck(repo, workspace, one)
        hidden |= _hidden(repo)
        restore(workspace, checkpoint)
        hidden |= _hidden(repo)
        assert _visible(repo.state(), hidden) == _visible(before, hidden)
    shutil.rmtree(repo.root)
