"""Histories to search, made in one process, and a shell's view of what a probe sees."""

from collections.abc import Callable, Mapping
from typing import Any

from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.find_breaking_commit import FindBreakingCommit, Wanted, search
from tests.harness.repo import Repo

Files = Callable[[int], Mapping[str, str]]


def value(number: int) -> dict[str, str]:
    """The commit's number, in a file."""
    return {"value": f"{number}\n"}


def line(repo: Repo, count: int, files: Files = value, *, branch: str = "work", start: str = "main") -> list[str]:
    """Commits 0 to `count` on a new branch, checked out; their names. A tag `begin-<branch>` names the first."""
    stream = [f"reset refs/heads/{branch}\nfrom {repo.git('rev-parse', start)}\n"]
    for number in range(count + 1):
        message = f"Commit {number}"
        stream.append(f"commit refs/heads/{branch}\ncommitter Hana <hana@example.com> {1772000000 + number} +0000\n")
        stream.append(f"data {len(message)}\n{message}\n")
        stream += [f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in files(number).items()]
    repo.git("fast-import", "--quiet", stdin="".join(stream).encode())
    repo.git("switch", "-q", branch)
    commits = repo.git("rev-list", "--reverse", f"{start}..{branch}").split("\n")
    repo.git("tag", f"begin-{branch}", commits[0])
    return commits


def below(limit: int) -> str:
    """A check that passes while the file's number is less."""
    return f"test $(cat value) -lt {limit}"


def find(workspace: Workspace, command: str, **more: Any) -> FindBreakingCommit:
    """A search whose commands a person typed, two probes at once."""
    wanted = Wanted(**{"good": "begin-work", "command": command, "typed": True, "workers": 2, **more})
    return search(Desk(workspace), wanted)
