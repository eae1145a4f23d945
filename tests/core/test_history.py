"""Commits as a person reads them: order, trailers, odd encodings, and nothing that runs on a terminal."""

import os
from collections.abc import Iterator

import pytest

from safe_rollback.core.history import CommitInfo, History
from safe_rollback.core.ids import Oid
from safe_rollback.core.workspace import Workspace, open_workspace
from tests.harness.clock import FixedClock
from tests.harness.repo import DATE, Repo


@pytest.fixture(params=["sha1", "sha256"])
def place(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[tuple[Repo, Workspace]]:
    """A repository of either object format; GitPython reads only one of them."""
    root = f"{tmp_path}/{request.param}"
    os.makedirs(root)
    repo = Repo(root)
    repo.git("init", "-q", "-b", "main", f"--object-format={request.param}")
    repo.commit("Start", {"a.txt": "a\n"})
    opened = open_workspace(root, FixedClock())
    yield repo, opened
    opened.close()


def _read(place: tuple[Repo, Workspace], revision: str = "HEAD") -> CommitInfo:
    repo, workspace = place
    with History(workspace) as history:
        return history.commit(Oid(repo.git("rev-parse", revision)))


def test_a_commit_is_read_whole(place: tuple[Repo, Workspace]) -> None:
    repo, _ = place
    parent = repo.head()
    oid = repo.commit("A subject", {"b.txt": "b\n"}, trailer="Reviewed-by: R <r@example.com>\nFixes: #7")
    found = _read(place)
    assert found.oid == oid
    assert found.short == oid[:7]
    assert list(found.parents) == [parent]
    assert found.tree == repo.git("rev-parse", "HEAD^{tree}")
    assert found.author == "Hana Human <hana@example.com>"
    assert found.seconds == int(repo.git("show", "-s", "--format=%at"))
    assert DATE.startswith("2026-03-01")
    assert found.subject == "A subject"
    assert list(found.trailers) == [("reviewed-by", "R <r@example.com>"), ("fixes", "#7")]


def test_a_root_has_no_parents_and_a_merge_has_them_in_order(place: tuple[Repo, Workspace]) -> None:
    repo, _ = place
    assert list(_read(place).parents) == []
    repo.git("switch", "-q", "-c", "side")
    side = repo.commit("Side")
    repo.git("switch", "-q", "main")
    ours = repo.commit("Ours")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    assert list(_read(place).parents) == [ours, side]


def test_between_follows_first_parents_newest_first(place: tuple[Repo, Workspace]) -> None:
    repo, workspace = place
    start = repo.head()
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side")
    repo.git("switch", "-q", "main")
    repo.commit("Ours")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    repo.commit("Last")
    tip = Oid(repo.head())
    with History(workspace) as history:
        assert [one.subject for one in history.between(Oid(start), tip)] == ["Last", "Merge", "Ours"]
        assert [one.subject for one in history.between(None, tip)] == ["Last", "Merge", "Ours", "Start"]
        assert history.between(tip, tip) == []


@pytest.mark.parametrize(
    ("message", "subject", "trailers"),
    [
        ("", "", []),
        ("\n\n  Late  \n", "Late", []),
        ("Only a subject", "Only a subject", []),
        ("S\n\nBody: looks like one\nbut is prose\n", "S", [("body", "looks like one")]),
        ("S\n\nKey: value\n\nLast paragraph\n", "S", []),
        ("S\r\n\r\nKey: value\r\n", "S", [("key", "value")]),
        ("S\n\nkey:no space\nKey : space\n- Key: list\n", "S", []),
        ("\x1b]0;owned\x07S\n\nKey: \x1b[31mred\n", "\ufffd]0;owned\ufffdS", [("key", "\ufffd[31mred")]),
    ],
)
def test_messages_of_any_form_are_read(
    place: tuple[Repo, Workspace], message: str, subject: str, trailers: list[tuple[str, str]]
) -> None:
    repo, _ = place
    made = repo.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", stdin=message.encode())
    found = _read(place, made)
    assert found.subject == subject
    assert list(found.trailers) == trailers


def test_a_message_in_another_encoding_is_decoded(place: tuple[Repo, Workspace]) -> None:
    repo, _ = place
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    made = repo.git("commit-tree", "HEAD^{tree}", stdin="Grüße\n".encode("latin-1"))
    assert _read(place, made).subject == "Grüße"


@pytest.mark.parametrize("encoding", ["no-such-encoding", "utf-8"])
def test_bytes_that_do_not_decode_do_not_stop_it(place: tuple[Repo, Workspace], encoding: str) -> None:
    repo, _ = place
    tree = repo.git("rev-parse", "HEAD^{tree}")
    raw = f"tree {tree}\nauthor \xff\xfe <x@y> 5 +0000\ncommitter C <c@d> 6 +0000\nencoding {encoding}\n\nB\xe9\n"
    made = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=raw.encode("latin-1"))
    found = _read(place, made)
    assert found.subject.startswith("B")
    assert "<x@y>" in found.author
    assert found.seconds == 5


def test_a_signed_commit_is_read_past_its_signature(place: tuple[Repo, Workspace]) -> None:
    repo, _ = place
    tree, parent = repo.git("rev-parse", "HEAD^{tree}"), repo.head()
    raw = (
        f"tree {tree}\nparent {parent}\nauthor A <a@b> 5 +0000\ncommitter C <c@d> 6 +0000\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n parent nobody\n -----END PGP SIGNATURE-----\n"
        "\nSigned\n\nKey: value\n"
    )
    made = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode())
    found = _read(place, made)
    assert (found.subject, list(found.parents), list(found.trailers)) == ("Signed", [parent], [("key", "value")])
