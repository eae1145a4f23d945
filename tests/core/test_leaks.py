"""Secrets in what commits added: the place is named, the secret is not, and what was there before does not count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.core import leaks as module
from safe_rollback.core.history import History, changed_by
from safe_rollback.core.ids import Oid
from safe_rollback.core.leaks import Leak, leaks
from safe_rollback.core.workspace import Workspace
from tests.harness.repo import Repo

TOKEN = "ghp_" + "a1B2c3D4e5" * 4
KEY = "-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBg1kqhkiG9w0\n-----END PRIVATE KEY-----\n"


def found(repo: Repo, workspace: Workspace, *commits: str) -> list[Leak]:
    with History(workspace) as history:
        rows = changed_by(workspace, [history.commit(Oid(one)) for one in commits])
    return leaks(workspace, rows)[0]


def test_each_place_is_named_with_its_line(repo: Repo, workspace: Workspace) -> None:
    first = repo.commit("Config", {"config/app.yml": f"a: 1\ntoken: {TOKEN}\n", "key.pem": KEY})
    assert found(repo, workspace, first) == [
        Leak(path="config/app.yml", line=2),
        Leak(path="key.pem", line=1, name="private key"),
    ]


def test_what_a_later_commit_took_out_again_is_in_the_history(repo: Repo, workspace: Workspace) -> None:
    first = repo.commit("Oops", {"a.txt": f"{TOKEN}\n"})
    second = repo.commit("Remove it", {"a.txt": "nothing\n"})
    assert found(repo, workspace, second) == []
    assert found(repo, workspace, second, first) == [Leak(path="a.txt", line=1)]


@pytest.mark.parametrize("newest_first", [True, False])
def test_many_commits_are_read_in_parts(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    tokens = [TOKEN[:-1] + str(number) for number in range(5)]
    commits = [
        repo.commit("One more", {"a.txt": "\n".join(tokens[: number + 1]) + "\n", f"{number}.txt": token})
        for number, token in enumerate(tokens)
    ]
    places = found(repo, workspace, *(reversed(commits) if newest_first else commits))
    expected = {Leak(path="a.txt", line=number + 1) for number in range(5)}
    assert set(places) == expected | {Leak(path=f"{number}.txt", line=1) for number in range(5)}


def test_what_only_moved_within_its_file_was_there_before(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Old", {"a.txt": f"{TOKEN}\n"})
    later = repo.commit("A line above", {"a.txt": f"new\n{TOKEN}\n"})
    assert found(repo, workspace, later) == []


def test_names_binary_files_and_words_are_no_leaks(repo: Repo, workspace: Workspace) -> None:
    repo.write("data.bin", b"\0" + TOKEN.encode())
    plain = repo.commit("Plain", {"a.css": ".sk-folding-cube-container-inner { }\n", "b.env": "PASSWORD=hunter2\n"})
    assert found(repo, workspace, plain) == []


def test_a_root_commit_and_nothing(repo: Repo, workspace: Workspace) -> None:
    root = repo.git("rev-list", "--max-parents=0", "HEAD")
    assert found(repo, workspace, root) == [] and found(repo, workspace) == []


TEXTS = st.text(alphabet="ab\n", max_size=14)


@given(start=TEXTS, old=TEXTS, new=TEXTS, end=TEXTS)
def test_what_both_texts_begin_and_end_with_are_whole_lines_of_both(start: str, old: str, new: str, end: str) -> None:
    old, new = start + old + end, start + new + end
    first, last = module._same(old, new)
    assert first + last <= min(len(old), len(new))
    assert old[:first] == new[:first] and (not first or old[first - 1] == "\n")
    assert not last or (old[-last:] == new[-last:] and old[-last] == "\n")


def test_what_brought_none_is_not_looked_at_again_and_what_did_is(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = repo.commit("Clean", {"a.txt": "nothing\n"})
    secret = repo.commit("Secret", {"b.txt": f"{TOKEN}\n"})
    places = [Leak(path="b.txt", line=1)]
    assert found(repo, workspace, clean, secret) == places
    read: list[str] = []
    monkeypatch.setattr(module, "_added", lambda old, new, find: read.append(new) or _added(old, new, find))
    assert found(repo, workspace, clean, secret) == places
    assert read == [f"{TOKEN}\n"]


_added = module._added
