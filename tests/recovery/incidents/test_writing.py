"""Documents are written only where they belong, and only over what was seen there."""

import pytest

from safe_rollback.core.errors import InvalidInputError, StateMovedError
from safe_rollback.core.session import chain
from safe_rollback.core.transition.operation import Job
from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.incidents.writing import Document, document_path, write_documents
from safe_rollback.tools.desk import Desk
from tests.harness.repo import Repo


def test_documents_are_markdown_files_inside_that_agents_take_no_orders_from() -> None:
    assert [document_path(one) for one in ("DECISIONS.md", "./docs//log.MD")] == ["DECISIONS.md", "docs/log.MD"]
    for path in ("CLAUDE.md", "claude.MD", "sub/AGENTS.md", "CLAUDE.local.md", ".claude/x.md", ".Claude/x.md"):
        with pytest.raises(InvalidInputError):
            document_path(path)
    for path in ("../out.md", "/tmp/out.md", ".git/x.md", "a/.GIT/x.md", "a.py", "", ".md", "a\0.md", "docs/.."):
        with pytest.raises(InvalidInputError):
            document_path(path)


@pytest.mark.parametrize("before", [None, b"as somebody read it\n"])
def test_a_file_that_changed_since_it_was_read_is_left_alone(
    repo: Repo, workspace: Workspace, before: bytes | None
) -> None:
    repo.write("LOG.md", "as a human saved it meanwhile\n")
    state = repo.state()
    job = Job(kind="document", summary="x", chain=chain(workspace), policy=Desk(workspace).policy, session=None)
    documents = [
        Document(path="new.md", before=None, after=b"new\n"),
        Document(path="LOG.md", before=before, after=b"ours\n"),
    ]
    with pytest.raises(StateMovedError, match=r"LOG\.md changed meanwhile"):
        write_documents(workspace, documents, job)
    assert repo.state() == state
