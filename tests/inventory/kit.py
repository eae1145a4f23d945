"""Small histories and what the detectors say to them."""

import os
from collections.abc import Callable, Iterable, Mapping

from safe_rollback.core.workspace import Workspace
from safe_rollback.inventory.changes import Changes
from safe_rollback.inventory.model import Item
from safe_rollback.inventory.target import Stretch, read_changes
from tests.harness.repo import Repo

DATE = 1_772_000_000

Files = Mapping[str, str | None]
"""Path → content; None deletes it."""


class Story:
    """A repository in which each step is a commit.

    Args:
        repo: the repository.
        workspace: the same, opened.
    """

    def __init__(self, repo: Repo, workspace: Workspace) -> None:
        self.repo, self.workspace = repo, workspace

    def commit(self, files: Files, message: str = "step") -> str:
        """Commit files; the commit."""
        for path, text in files.items():
            if text is None:
                self.repo.git("rm", "-q", "--", path)
            else:
                self.repo.write(path, text)
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "--allow-empty", "-m", message)
        return self.repo.git("rev-parse", "HEAD").strip()

    def changes(self, before: Files, *steps: Files) -> Changes:
        """What the steps changed, each a commit, after a first commit that is not part of it."""
        return self.since(*self._imported(before, *steps)[1:])

    def _imported(self, *steps: Files) -> list[str]:
        """A commit for each of some steps, in one process; the worktree stays as it is."""
        stream = b""
        for number, files in enumerate(steps, start=1):
            head = f"commit refs/heads/main\nmark :{number}\ncommitter T <t@example.com> {DATE + number} +0000\n"
            stream += head.encode() + b"data 4\nstep\n" + (b"from refs/heads/main^0\n" if number == 1 else b"")
            for path, text in files.items():
                name = os.fsencode(path)
                if text is None:
                    stream += b"D " + name + b"\n"
                    continue
                data = text.encode("utf-8", "surrogateescape")
                stream += b"M 100644 inline " + name + b"\ndata %d\n" % len(data) + data + b"\n"
        marks = os.path.join(self.repo.root, ".git", "marks")
        self.repo.git("fast-import", "--quiet", f"--export-marks={marks}", stdin=stream)
        with open(marks, encoding="ascii") as file:
            found = dict(line.split() for line in file)
        return [found[f":{number}"] for number in range(1, len(steps) + 1)]

    def since(self, *commits: str) -> Changes:
        """What commits changed."""
        stretches = [Stretch(before=f"{commit}^", after=commit, commit=commit) for commit in commits]
        repository = self.workspace.repository
        return read_changes(
            repository.git, self.workspace.reader, stretches, lambda value: f"({len(value)} characters)"
        )


def names(items: Iterable[Item]) -> list[str]:
    """`kind name change` of items, sorted."""
    return sorted(f"{item.kind} {item.name} {item.change}" for item in items)


def only(items: Iterable[Item]) -> Item:
    """The one item there is."""
    (item,) = items
    return item


Detect = Callable[[Changes], Iterable[Item]]
