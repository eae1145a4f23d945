"""The message a hook process and its server exchange."""

import os

import pytest

from safe_rollback.server.hooksocket import NAME, ask_server, pack, socket_path, unpack
from tests.harness.repo import Repo


@pytest.mark.parametrize("piece", [1, 2, 7, 1 << 16])
def test_fields_come_back_whatever_the_pieces(piece: int) -> None:
    fields = [b"", b"a\nb", b"\xff" * 300, b"12\n"]
    rest = bytearray(pack(fields))

    def receive(_: int) -> bytes:
        taken = bytes(rest[:piece])
        del rest[:piece]
        return taken

    assert unpack(receive) == fields


@pytest.mark.parametrize("message", [b"", b"2\n1\na", b"x\n", b"9" * 40, b"1\n-5\n", b"1\n99999999999\n"])
def test_anything_else_is_an_error(message: bytes) -> None:
    pieces = iter([message])
    with pytest.raises(ValueError):
        unpack(lambda _: next(pieces, b""))


def test_each_worktree_has_its_own_place(repo: Repo, tmp_path: object) -> None:
    repo.git("worktree", "add", "-q", "../side", "-b", "side")
    repo.write("deep/er/x", "x\n")
    side = os.path.join(os.path.dirname(repo.root), "side")
    main = os.path.join(repo.root, ".git", "safe-rollback", "worktrees")
    assert socket_path(os.path.join(repo.root, "deep/er")) == os.path.join(main, "main", NAME)
    assert socket_path(side) == os.path.join(main, "side", NAME)
    assert socket_path(str(tmp_path)) is None
    assert socket_path("/" + "x" * 200) is None


def test_a_server_that_has_ended_is_not_waited_for(repo: Repo) -> None:
    path = socket_path(repo.root)
    assert path is not None
    os.makedirs(os.path.dirname(path))
    with open(path, "w"):
        pass
    assert ask_server(["claude-code"], b"{}", repo.root) is None
