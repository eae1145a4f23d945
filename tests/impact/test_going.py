"""What has to go together: the cascade of a renamed field, from the connector to the gold table."""

import pytest

from safe_rollback.core.ids import oid
from safe_rollback.core.workspace import Workspace
from safe_rollback.impact.going import Going, going
from safe_rollback.impact.library import Library
from tests.harness.repo import Repo

BASE = {
    "src/connector.py": 'def fetch():\n    return {"customer_id": 1, "amount": 2}\n',
    "config/merge.yaml": "source: src/connector.py\nfields:\n  - amount\n",
    "src/merge_job.py": 'from src.connector import fetch\n\n\ndef merge():\n    return fetch()["amount"]\n',
    "sql/silver.sql": "create table silver.orders as select amount from bronze.orders\n",
    "sql/gold.sql": "create table gold.sales as select amount from silver.orders\n",
}
STEPS = [
    ("src/connector.py", 'def fetch():\n    return {"client_ref": 1, "amount": 2}\n'),
    ("config/merge.yaml", "source: src/connector.py\nfields:\n  - amount\n  - client_ref\n"),
    (
        "src/merge_job.py",
        (
            "from src.connector import fetch\n\n\ndef merge():\n    row = fetch()\n"
            '    return row["amount"], row["client_ref"]\n'
        ),
    ),
    ("notes.txt", "nobody needs these\n"),
    ("sql/silver.sql", "create table silver.orders as select amount, client_ref from bronze.orders\n"),
    ("sql/gold.sql", "create table gold.sales as select amount, client_ref from silver.orders\n"),
]


@pytest.fixture
def commits(repo: Repo) -> dict[str, str]:
    """The commit of each step, by its file."""
    repo.commit("Base", BASE)
    return {path: repo.commit(f"Change {path}", {path: text}) for path, text in STEPS}


def look(repo: Repo, workspace: Workspace, *targets: str) -> Going:
    library = Library(workspace.repository)
    graph = library.graph(repo.git("rev-parse", "HEAD^{tree}"))
    base = oid(repo.git("rev-parse", f"HEAD~{len(STEPS)}"))
    return going(library, graph, oid(repo.head()), base, {oid(one) for one in targets})


def test_a_renamed_field_takes_everything_along_that_uses_it(
    repo: Repo, workspace: Workspace, commits: dict[str, str]
) -> None:
    found = look(repo, workspace, commits["src/connector.py"])
    names = {commit: path for path, commit in commits.items()}
    assert [names[one] for one in found.together.commits] == [
        "sql/gold.sql", "sql/silver.sql", "src/merge_job.py", "config/merge.yaml", "src/connector.py"
    ]  # fmt: skip
    assert found.together.proven and not found.alone
    chains = [[names[one] for one in chain.commits] for chain in found.chains]
    assert ["src/connector.py", "sql/silver.sql", "sql/gold.sql"] in chains
    assert ["src/connector.py", "src/merge_job.py"] in chains
    assert all(link.detail == "client_ref" for chain in found.chains for link in chain.links)


def test_files_go_leaf_first(repo: Repo, workspace: Workspace, commits: dict[str, str]) -> None:
    order = [path for group in look(repo, workspace, commits["src/connector.py"]).order for path in group]
    for later, earlier in [
        ("sql/gold.sql", "sql/silver.sql"),
        ("src/merge_job.py", "src/connector.py"),
        ("config/merge.yaml", "src/connector.py"),
    ]:
        assert order.index(later) < order.index(earlier)


def test_a_commit_that_nobody_needs_goes_alone(repo: Repo, workspace: Workspace, commits: dict[str, str]) -> None:
    found = look(repo, workspace, commits["notes.txt"])
    assert found.alone and list(found.together.commits) == [commits["notes.txt"]]


def test_a_commit_in_the_middle_takes_along_only_what_builds_on_it(
    repo: Repo, workspace: Workspace, commits: dict[str, str]
) -> None:
    found = look(repo, workspace, commits["sql/silver.sql"])
    assert set(found.together.commits) == {commits["sql/silver.sql"], commits["sql/gold.sql"]}


def test_a_name_that_stood_there_before_ties_nothing_together(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Base", {**BASE, "old.txt": "client_ref\n"})
    commits = {path: repo.commit(f"Change {path}", {path: text}) for path, text in STEPS}
    found = look(repo, workspace, commits["src/connector.py"])
    assert list(found.together.commits) == [commits["src/connector.py"]]


def test_an_everyday_word_counts_only_where_the_files_depend_on_each_other(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Base", {"a.py": "x = 1\n", "b.py": "from a import x\n", "c.py": "y = 1\n"})
    first = repo.commit("Introduce", {"a.py": "x = 1\n\n\ndef total():\n    return x\n"})
    second = repo.commit("Use", {"b.py": "from a import total, x\n\nprint(total())\n"})
    repo.commit("Chance", {"c.py": "y = 1\ntotal = 2\n"})
    library = Library(workspace.repository)
    graph = library.graph(repo.git("rev-parse", "HEAD^{tree}"))
    base = oid(repo.git("rev-parse", "HEAD~3"))
    found = going(library, graph, oid(repo.head()), base, {oid(first)})
    assert set(found.together.commits) == {first, second}
