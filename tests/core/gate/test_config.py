"""The user's configuration, read as git reads it."""

import os

import pytest

from safe_rollback.core.errors import GitError
from safe_rollback.core.gate.config import Configuration, Setting, identity, read_configuration, user_path
from safe_rollback.core.gate.repository import open_repository
from safe_rollback.core.workspace import Workspace
from tests.harness.repo import Repo


def test_settings_come_with_their_scope_and_the_last_wins(repo: Repo) -> None:
    repo.git("config", "--global", "x.Y", "one")
    repo.git("config", "x.y", "two\nlines = é")
    repo.git("config", "--add", "sub.A b C.key", "three")
    found = read_configuration(open_repository(repo.root))
    assert found.get("X.y") == "two\nlines = é"
    mine = {(one.scope, one.key): one.value for one in found.settings if one.key.lower().startswith(("x.", "sub."))}
    assert mine[("global", "x.y")] == "one" and mine[("local", "x.y")] == "two\nlines = é"
    assert "x.y" in {one.key for one in found.from_repository()}
    assert "user.name" not in {one.key for one in found.from_repository()}
    assert found.get("no.such") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("yes = true", True),
        ("yes", True),
        ("yes = on", True),
        ("yes = 1", True),
        ("yes = no", False),
        ("yes =", False),
    ],
)
def test_a_boolean_is_what_git_takes_it_for(repo: Repo, line: str, expected: bool) -> None:
    with open(repo.path(".git/config"), "a") as file:
        file.write(f"[test]\n\t{line}\n")
    assert (repo.git("config", "--type=bool", "test.yes") == "true") is expected
    assert read_configuration(open_repository(repo.root)).true("test.yes") is expected


def test_a_file_that_does_not_read_is_an_error_and_not_an_empty_configuration(repo: Repo) -> None:
    repository = open_repository(repo.root)
    with open(os.path.expanduser("~/.gitconfig"), "a") as file:
        file.write("[core\n")
    with pytest.raises(GitError, match="bad config line"):
        read_configuration(repository)


def test_a_change_of_the_configuration_is_seen_by_an_open_workspace(repo: Repo, workspace: Workspace) -> None:
    assert workspace.configuration.get("core.autocrlf") is None
    repo.git("config", "core.autocrlf", "true")
    assert workspace.configuration.get("core.autocrlf") == "true"
    repo.git("config", "--global", "core.eol", "crlf")
    assert workspace.configuration.get("core.eol") == "crlf"


def test_paths_are_those_git_would_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/h")
    empty = Configuration([])
    assert user_path(empty, "core.excludesFile", "ignore") == "/h/.config/git/ignore"
    monkeypatch.setenv("XDG_CONFIG_HOME", "/x")
    assert user_path(empty, "core.excludesFile", "ignore") == "/x/git/ignore"
    given = Configuration([Setting(scope="global", key="core.excludesfile", value="~/mine")])
    assert user_path(given, "core.excludesFile", "ignore") == "/h/mine"


@pytest.mark.parametrize("email", ["x@y", "$(touch ran)@y", "a>\ncommitter evil <e@e> 0 +0000\n\n"])
def test_an_identity_cannot_add_a_line_to_a_commit(email: str) -> None:
    settings = [
        Setting(scope="local", key=key, value=value) for key, value in (("user.name", "N"), ("user.email", email))
    ]
    who = identity(Configuration(settings), {})
    assert who is not None and "\n" not in who and who.count("<") == who.count(">") == 1


def test_without_a_name_or_an_address_there_is_no_identity() -> None:
    name = Setting(scope="global", key="user.name", value="N")
    assert identity(Configuration([name]), {}) is None
    assert identity(Configuration([name]), {"EMAIL": "e@x"}) == "N <e@x>"
