"""Which file counts as the protocol, and what is said about one that cannot be read."""

import os

import pytest

from safe_rollback.policies.protocol.model import Protocol
from safe_rollback.policies.protocol.reading import SOURCES, read_protocol


def block(max_files: int) -> str:
    return f"```toml safe-rollback\n[session]\nmax_files = {max_files}\n```\n"


def put(root: str, name: str, text: str | bytes) -> str:
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("worktree"))


def limit(root: str) -> tuple[str, int | None]:
    reading = read_protocol(root)
    return reading.source, reading.protocol.max_files


def test_without_a_file_the_built_in_protocol_holds(root: str) -> None:
    reading = read_protocol(root)
    assert (reading.source, reading.protocol, reading.problems) == ("built-in", Protocol(), [])
    assert reading.protocol.require_branch and "main" in reading.protocol.branches


def test_the_first_file_that_says_anything_counts(root: str) -> None:
    for number, source in reversed(list(enumerate(SOURCES, start=1))):
        put(root, source, block(number))
        assert limit(root) == (source, number)
    put(root, "CLAUDE.md", "# Nothing about sessions\n")
    assert limit(root) == (".claude/CLAUDE.md", 2)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + block(5).encode(),
        block(5).replace("\n", "\r\n").encode(),
        b"caf\xe9 \xff\n" + block(5).encode(),
        b"\0\0\n" + block(5).encode(),
        b"\xef\xbb\xbf## scope_management\r\n- Maximum 5 files per session\r\n",
        b"## scope_management\r- Maximum 5 files per session",
    ],
    ids=["bom", "crlf", "latin-1", "nul", "bom sentence", "cr"],
)
def test_a_file_in_another_shape_says_the_same(root: str, data: bytes) -> None:
    put(root, "CLAUDE.md", data)
    assert limit(root) == ("CLAUDE.md", 5)


def test_a_path_that_is_not_utf8_is_protected_by_its_bytes(root: str) -> None:
    put(root, "CLAUDE.md", b"## scope_management\n- Never touch `caf\xe9/**`\n")
    assert read_protocol(root).protocol.paths == (os.fsdecode(b"caf\xe9/**"),)


def unusable(root: str, says: str) -> None:
    reading = read_protocol(root)
    (text,) = reading.problems
    assert text.startswith("CLAUDE.md: ")
    assert says in text
    assert reading.protocol == Protocol()


def test_a_file_that_is_too_large_is_said_to_be(root: str) -> None:
    put(root, "CLAUDE.md", "x\n" * (1 << 19) + block(5))
    unusable(root, "larger than 1 MiB")


def test_a_file_just_small_enough_is_read_whole(root: str) -> None:
    put(root, "CLAUDE.md", "x" * ((1 << 20) - len(block(5)) - 1) + "\n" + block(5))
    assert limit(root) == ("CLAUDE.md", 5)


@pytest.mark.parametrize("link", ["CLAUDE.md", ".claude"])
def test_a_link_out_of_the_repository_is_not_the_projects_text(
    root: str, link: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = str(tmp_path_factory.mktemp("outside"))
    put(outside, "CLAUDE.md", block(5))
    os.symlink(outside if link == ".claude" else os.path.join(outside, "CLAUDE.md"), os.path.join(root, link))
    reading = read_protocol(root)
    assert reading.protocol == Protocol()
    assert "link out of the repository" in reading.problems[0]
    put(root, "AGENTS.md", block(7))
    assert limit(root) == ("AGENTS.md", 7), "what another file says still holds"


def test_a_link_within_the_repository_is_followed(root: str) -> None:
    put(root, "docs/agents.md", block(5))
    os.symlink("docs/agents.md", os.path.join(root, "CLAUDE.md"))
    assert limit(root) == ("CLAUDE.md", 5)


def test_a_dangling_link_is_no_file(root: str) -> None:
    os.symlink("gone.md", os.path.join(root, "CLAUDE.md"))
    assert limit(root) == ("built-in", None)


def test_a_link_to_itself_is_said_to_be_unusable(root: str) -> None:
    os.symlink("CLAUDE.md", os.path.join(root, "CLAUDE.md"))
    assert read_protocol(root).problems


def test_a_pipe_of_that_name_blocks_nobody(root: str) -> None:
    os.mkfifo(os.path.join(root, "CLAUDE.md"))
    unusable(root, "not a file")


def test_a_directory_of_that_name_is_said_to_be_one(root: str) -> None:
    os.makedirs(os.path.join(root, "CLAUDE.md"))
    unusable(root, "not a file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_nobody_may_read_is_not_taken_for_none(root: str) -> None:
    os.chmod(put(root, "CLAUDE.md", block(5)), 0)
    unusable(root, "cannot be read")


def test_the_root_may_be_reached_through_a_link(root: str) -> None:
    put(root, "CLAUDE.md", block(5))
    os.symlink(root, f"{root}-link")
    assert limit(f"{root}-link") == ("CLAUDE.md", 5)
