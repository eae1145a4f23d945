"""Addresses: kept for their owner only, never shown."""

import os
import stat

import pytest

from safe_rollback.core.errors import InvalidInputError, NotFoundError
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.userstate import folder
from safe_rollback.recovery.incidents.targets import add_target, masked, remove_target, secrets_of, targets


def test_they_stand_in_the_users_own_directory_for_the_user_only(workspace: Workspace) -> None:
    add_target(workspace, "team", "json://127.0.0.1/one")
    path = os.path.join(folder(workspace), "notify.json")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(folder(workspace)).st_mode) == 0o700
    assert os.path.commonpath([path, workspace.root]) != workspace.root


def test_a_tag_has_several_each_once_and_loses_all_at_once(workspace: Workspace) -> None:
    for url in ("json://a/1", "json://a/2", "json://a/1"):
        add_target(workspace, "team", url)
    add_target(workspace, "boss", "json://b/1")
    assert [(one.tag, one.url) for one in targets(workspace)] == [
        ("boss", "json://b/1"),
        ("team", "json://a/1"),
        ("team", "json://a/2"),
    ]
    assert remove_target(workspace, "team") == 2
    assert [one.tag for one in targets(workspace)] == ["boss"]
    with pytest.raises(NotFoundError):
        remove_target(workspace, "team")


@pytest.mark.parametrize(
    ("tag", "url"), [("Team", "json://a"), ("", "json://a"), ("a b", "json://a"), ("t", "a@b.c"), ("t", "json://a b")]
)
def test_what_is_no_tag_or_no_address_is_not_kept(workspace: Workspace, tag: str, url: str) -> None:
    with pytest.raises(InvalidInputError):
        add_target(workspace, tag, url)
    assert targets(workspace) == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("json://me:pass1234@127.0.0.1:8080/path/token99?a=b", "json://127.0.0.1:8080/… #"),
        ("slack://TokenAAAA/TokenBBBB/TokenCCCC/#general", "slack://… #"),
        ("mailto://user:secret@example.com", "mailto://… #"),
        ("jsons://token@evil/path", "jsons://evil/… #"),
    ],
)
def test_an_address_is_shown_without_what_lets_one_use_it(workspace: Workspace, url: str, shown: str) -> None:
    said = masked(workspace, url)
    assert said.startswith(shown) and len(said) == len(shown) + 8
    host = shown.split("/")[2]
    assert not [part for part in secrets_of(url) if part in said and part not in host]


def test_a_damaged_file_names_nobody(workspace: Workspace) -> None:
    add_target(workspace, "team", "json://a/1")
    with open(os.path.join(folder(workspace), "notify.json"), "w", encoding="utf-8") as file:
        file.write('{"targets": {"team": "json://a", "x": [1]}}')
    assert targets(workspace) == []
