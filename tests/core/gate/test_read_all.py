"""Many objects at once: the same as one by one."""

from safe_rollback.core.ids import oid
from safe_rollback.core.workspace import Workspace
from tests.harness.repo import Repo


def test_it_reads_what_is_there_and_leaves_out_what_is_missing_or_large(repo: Repo, workspace: Workspace) -> None:
    texts = [f"blob {number}\n" * (number + 1) for number in range(1200)]
    names = [workspace.writer.blob(text.encode()) for text in texts]
    large = workspace.writer.blob(b"x" * 50_000)
    missing = oid("12" * 20)
    found = workspace.reader.read_all([*names, missing, large, names[0]], 40_000)
    assert found == {name: text.encode() for name, text in zip(names, texts, strict=True)}
    assert workspace.reader.read(large).data == b"x" * 50_000  # it is in step for the next question
    assert workspace.reader.read_all([], 10) == {}
