"""The built-in check: what was added with the form of a secret is named by its place, never by its value."""

import pytest

from safe_rollback.core.ids import Oid
from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.checks.secrets import check_secrets
from tests.harness.repo import Repo

_SECRET = "ghp_" + "a1B2" * 9
_OTHER = "ghp_" + "c3D4" * 9


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, f"a\nb\nkey = '{_SECRET}'\n", [("f", 3)]),
        (f"{_SECRET}\n", f"more\n{_SECRET}\n", []),
        (f"{_SECRET}\n", f"{_SECRET}\n{_OTHER}\n", [("f", 2)]),
        (f"{_SECRET}\n", "gone\n", []),
        (None, "token = os.environ['TOKEN']\npassword: changeme\n", []),
        (None, f"\0binary {_SECRET}\n", []),
    ],
)
def test_only_what_was_added_counts(
    repo: Repo, workspace: Workspace, before: str | None, after: str, expected: list[tuple[str, int]]
) -> None:
    old = repo.head() if before is None else repo.commit("Before", {"f": before})
    new = repo.commit("After", {"f": after})
    result = check_secrets(workspace, Oid(old), Oid(new))
    assert result.status == ("failed" if expected else "passed")
    assert _SECRET not in result.tail and _OTHER not in result.tail
    assert all(f"{path}:{line}: " in result.tail for path, line in expected)
    assert result.tail.count("the form of a secret") == max(len(expected), 1)


def test_names_links_and_the_first_commit(repo: Repo, workspace: Workspace) -> None:
    commit = repo.commit("Add", {"conf/a b.env": f"API_TOKEN={_SECRET}\n", "big": f"{_SECRET}\n" + "x" * (3 << 20)})
    result = check_secrets(workspace, None, Oid(commit))
    assert "conf/a b.env:1: API_TOKEN" in result.tail and "Not looked at, for they are large: big" in result.tail
