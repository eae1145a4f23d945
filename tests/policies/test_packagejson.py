"""The package.json a command goes by, read without waiting for anything."""

import os
from pathlib import Path

import pytest

from safe_rollback.core.packagejson import MAX_BYTES
from safe_rollback.policies.packagejson import scripts_at


def test_the_nearest_one_counts(tmp_path: Path) -> None:
    (tmp_path / "web" / "src").mkdir(parents=True)
    (tmp_path / "lib").mkdir()
    assert scripts_at(str(tmp_path), "web/src") is None
    (tmp_path / "package.json").write_text('{"scripts": {"a": "top"}}')
    (tmp_path / "web" / "package.json").write_text('{"scripts": {"a": "web"}}')
    root = str(tmp_path)
    assert scripts_at(root, "web/src") == scripts_at(root, "web/") == ("web", {"a": "web"})
    assert scripts_at(root, "lib") == scripts_at(root, ".") == scripts_at(root, "") == ("", {"a": "top"})
    assert scripts_at(root, "not/there") == ("", {"a": "top"})


@pytest.mark.parametrize("what", ["fifo", "directory", "large", "broken", "dangling"])
def test_what_is_no_such_file_is_none(tmp_path: Path, what: str) -> None:
    path = tmp_path / "package.json"
    match what:
        case "fifo":
            os.mkfifo(path)
        case "directory":
            path.mkdir()
        case "large":
            path.write_text('{"scripts": {"a": "' + "x" * MAX_BYTES + '"}}')
        case "broken":
            path.write_text("{")
        case _:
            path.symlink_to("nowhere")
    assert scripts_at(str(tmp_path), "") is None
