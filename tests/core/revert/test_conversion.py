"""Line endings, encodings and filters: a revert writes what git's checkout would, and edits stay."""

import os

import pytest

from safe_rollback.core.errors import ConflictError
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import trust
from tests.core.revert.kit import clone, execute, numbered, plan, roll_back
from tests.harness.repo import Repo

CRLF = "\r\n"


def _checked_out_by_git(repo: Repo, path: str, name: str, *settings: str) -> bytes:
    """A file's bytes as git itself writes them for HEAD."""
    other = clone(repo, path)
    for one in settings:
        other.git("config", *one.split("=", 1))
    other.git("rm", "-rq", "--cached", ".")
    other.git("reset", "-q", "--hard")
    return other.read(name)


@pytest.mark.parametrize(
    ("settings", "attributes"),
    [
        ((), ""),
        (("core.autocrlf=true",), ""),
        (("core.autocrlf=input",), ""),
        ((), "*.txt text eol=crlf\n"),
        ((), "*.txt text eol=lf\n"),
        (("core.eol=crlf",), "*.txt text\n"),
        (("core.autocrlf=true",), "*.txt -text\n"),
        ((), "*.txt working-tree-encoding=UTF-16LE-BOM\n"),
        ((), "*.txt ident\n"),
    ],
)
@pytest.mark.parametrize("edited", [False, True])
def test_the_worktree_gets_what_gits_checkout_writes(
    workspace: Workspace, repo: Repo, tmp_path: object, settings: tuple[str, ...], attributes: str, edited: bool
) -> None:
    repo.git("switch", "-q", "-c", "work")
    for one in settings:
        repo.git("config", *one.split("=", 1))
    repo.commit("Start", {".gitattributes": attributes})
    crlf = settings in (("core.autocrlf=true",), ("core.eol=crlf",)) or "crlf" in attributes
    ending = CRLF if crlf else "\n"

    def content(changed: dict[int, str]) -> bytes:
        text = numbered(30, {1: "$Id$", **changed}, ending)
        return b"\xff\xfe" + text.encode("utf-16-le") if "UTF-16" in attributes else text.encode()

    repo.commit("File", {"a.txt": content({})})
    wrong = repo.commit("Wrong", {"a.txt": content({5: "wrong"})})

    def encoded(text: str) -> bytes:
        return text.encode("utf-16-le") if "UTF-16" in attributes else text.encode()

    repo.remove("a.txt")
    repo.git("checkout", "--", "a.txt")
    if edited:
        repo.write("a.txt", repo.read("a.txt").replace(encoded("line 20"), encoded("mine")))
    diff = repo.diff()
    assert bool(diff) == edited
    roll_back(workspace, wrong)
    assert bool(repo.diff()) == edited
    if edited:
        assert [line for line in repo.diff().splitlines() if line[:1] in "+-"][2:] == [
            line for line in diff.splitlines() if line[:1] in "+-"
        ][2:]
        repo.write("a.txt", repo.read("a.txt").replace(encoded("mine"), encoded("line 20")))
    if "ident" in attributes and edited:
        return  # its $Id$ names the edited content
    assert repo.read("a.txt") == _checked_out_by_git(repo, f"{tmp_path}/clone", "a.txt", *settings)


def test_mixed_line_endings_without_conversion_stay_byte_for_byte(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    mixed = "".join(f"line {number}" + (CRLF if number % 3 else "\n") for number in range(1, 31)).encode()
    repo.commit("Mixed", {"mixed.txt": mixed})
    wrong = repo.commit("Wrong", {"mixed.txt": mixed.replace(b"line 4\r\n", b"wrong\r\n")})
    repo.write("mixed.txt", mixed.replace(b"line 4\r\n", b"wrong\r\n").replace(b"line 20\r\n", b"mine\n"))
    roll_back(workspace, wrong)
    assert repo.read("mixed.txt") == mixed.replace(b"line 20\r\n", b"mine\n")


@pytest.mark.parametrize("edited", [False, True])
def test_attributes_the_revert_itself_takes_back_no_longer_convert(
    workspace: Workspace, repo: Repo, edited: bool
) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Plain", {"a.txt": numbered(30)})
    repo.write(".gitattributes", "*.txt text eol=crlf\n")
    repo.write("a.txt", numbered(30, {5: "wrong"}, CRLF))
    repo.git("add", ".")
    wrong = repo.commit("Attributes and an edit")
    if edited:
        repo.write("a.txt", numbered(30, {5: "wrong", 20: "mine"}, CRLF))
    roll_back(workspace, wrong)
    expected = numbered(30, {20: "mine"} if edited else {})
    assert repo.read("a.txt").decode() == expected
    assert repo.git("status", "--porcelain") == (" M a.txt" if edited else "")


def test_attributes_the_revert_brings_back_convert_again(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.write(".gitattributes", "*.txt text eol=crlf\n")
    repo.write("a.txt", numbered(30, ending=CRLF))
    repo.git("add", ".")
    repo.commit("With attributes")
    repo.git("rm", "-q", ".gitattributes")
    repo.write("a.txt", numbered(30, {5: "wrong"}))
    repo.git("add", ".")
    wrong = repo.commit("Without")
    roll_back(workspace, wrong)
    assert repo.read("a.txt").decode() == numbered(30, ending=CRLF)
    assert repo.git("status", "--porcelain") == ""


def _filtered(repo: Repo) -> str:
    """A filter of the repository's own configuration that turns letters; the wrong commit."""
    repo.git("switch", "-q", "-c", "work")
    for key in ("clean", "smudge"):
        repo.git("config", f"filter.turn.{key}", "tr a-z b-za")
    repo.git("config", "filter.turn.clean", "tr b-za a-z")
    repo.commit("Start", {".gitattributes": "*.txt filter=turn\n", "a.txt": "abc\n" * 9})
    wrong = repo.commit("Wrong", {"a.txt": "abc\n" * 9 + "xyz\n"})
    assert repo.git("show", "HEAD:a.txt").startswith("zab")
    return wrong


def test_a_filter_nobody_trusted_does_not_run_and_is_named(
    workspace: Workspace, repo: Repo, tmp_path: object
) -> None:
    wrong = _filtered(repo)
    repo.git("config", "filter.turn.smudge", f"touch {tmp_path}/ran; tr a-z b-za")
    before = repo.state()
    planned = plan(workspace, wrong)
    assert not planned.prediction.clean
    assert "filter turn" in planned.prediction.blocked[0].why
    assert "safe-rollback trust" in planned.prediction.blocked[0].why
    with pytest.raises(ConflictError):
        execute(workspace, planned)
    assert repo.state() == before
    assert not os.path.exists(f"{tmp_path}/ran")


def test_a_trusted_filter_runs_on_the_way_in_and_out(workspace: Workspace, repo: Repo) -> None:
    wrong = _filtered(repo)
    trust(workspace, ["filter.turn.clean=tr b-za a-z", "filter.turn.smudge=tr a-z b-za"])
    repo.write("a.txt", "mine\n" + "abc\n" * 9 + "xyz\n")
    roll_back(workspace, wrong)
    assert repo.read("a.txt").decode() == "mine\n" + "abc\n" * 9
    assert repo.git("diff", "--numstat") == "1\t0\ta.txt"


def test_a_filter_that_fails_changes_nothing(workspace: Workspace, repo: Repo) -> None:
    wrong = _filtered(repo)
    repo.git("config", "filter.turn.smudge", "false")
    repo.git("config", "filter.turn.required", "true")
    trust(workspace, ["filter.turn.clean=tr b-za a-z", "filter.turn.smudge=false", "filter.turn.required=true"])
    before = repo.state()
    planned = plan(workspace, wrong)
    assert "a filter failed" in planned.prediction.blocked[0].why
    assert repo.state() == before


def test_a_file_mode_git_is_told_to_ignore_is_kept(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.git("config", "core.fileMode", "false")
    wrong = repo.commit("Wrong", {"bin/run.sh": "#!/bin/sh\nwrong\n"})
    os.chmod(repo.path("bin/run.sh"), 0o755)
    roll_back(workspace, wrong)
    assert os.stat(repo.path("bin/run.sh")).st_mode & 0o777 == 0o755
    assert repo.git("status", "--porcelain") == ""
