"""How long the search for a breaking commit takes, against `git bisect run` of the same.

Sixty-four commits may have broken it, the check takes one second. git believes each verdict and neither of the ends
is tried; the first line is the search that believes each verdict, too, with two probes at once, and tries an end
where the answer rests on it. The second asks for the verdicts on both sides of the answer again, so that a flaky
check does not accuse a commit; the third does that with one probe more than there are cores, as by default. Of n
candidates k workers need log n to the base k + 1 rounds, git log n to the base 2; asking again is one round more.
"""

import os
import re
import tempfile

from safe_rollback.core.gate.environment import scrub_process
from safe_rollback.core.workspace import open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.find_breaking_commit import Wanted, search

from .repository import git
from .timing import Pair, report, seconds

_COMMITS = 64
_CULPRITS = (5, 22, 38, 57)
_BAR = 0.75
_WAYS = ((0, 2, "each verdict believed"), (1, 2, "verdicts at the answer twice"), (1, None, "as by default"))
_PLAIN = ("-c", "core.hooksPath=/dev/null")


def main() -> None:
    """Measure."""
    scrub_process()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = os.environ["XDG_CACHE_HOME"] = folder
        root, clone = os.path.join(folder, "project"), os.path.join(folder, "clone")
        commits = _generate(root)
        git(folder, *_PLAIN, "clone", "-q", "--local", root, clone)
        reference = [_git(clone, commits, culprit) for culprit in _CULPRITS]
        for confirm, workers, how in _WAYS:
            at_once = workers or (os.cpu_count() or 1) + 1
            what = f"find among {_COMMITS} commits, {at_once} at once, a check of 1 s, {how}"
            ours = [_ours(root, commits, culprit, confirm, workers) for culprit in _CULPRITS]
            mean = Pair(sum(ours) / len(ours), sum(reference) / len(reference))
            report(what, "git bisect run", mean, _BAR)


def _generate(root: str) -> list[str]:
    """A line of commits, each of which changes a number."""
    os.makedirs(root)
    git(root, "init", "-q", "-b", "main")
    stream = []
    for number in range(_COMMITS + 1):
        head = f"commit refs/heads/main\ncommitter Bench <bench@example.com> {1772000000 + number} +0000\n"
        text = f"{number}\n"
        stream.append(f"{head}data 6\nNumberM 100644 inline value\ndata {len(text)}\n{text}\n")
    git(root, "fast-import", "--quiet", stdin="".join(stream).encode())
    git(root, "reset", "-q", "--hard")
    return git(root, "rev-list", "--reverse", "main").split()


def _check(culprit: int) -> str:
    return f"sleep 1; test $(cat value) -lt {culprit}"


def _git(clone: str, commits: list[str], culprit: int) -> float:
    said: list[str] = []

    def run() -> None:
        git(clone, *_PLAIN, "bisect", "start", commits[-1], commits[0])
        said.append(git(clone, *_PLAIN, "bisect", "run", "/bin/sh", "-c", _check(culprit)))

    needed = seconds(run)
    git(clone, *_PLAIN, "bisect", "reset")
    _same(re.findall(r"^(\w+) is the first bad commit", said[0], re.MULTILINE), commits[culprit])
    return needed


def _ours(root: str, commits: list[str], culprit: int, confirm: int, workers: int | None) -> float:
    wanted = Wanted(good=commits[0], command=_check(culprit), typed=True, workers=workers, confirm=confirm)
    found: list[str] = []

    def run() -> None:
        workspace = open_workspace(root)
        answer = search(Desk(workspace), wanted)
        found.extend([] if answer.first_bad is None else [answer.first_bad.commit])
        workspace.close()

    needed = seconds(run)
    _same(found, commits[culprit])
    return needed


def _same(found: list[str], expected: str) -> None:
    if found != [expected]:
        raise SystemExit(f"wrong answer: {found}, it is {expected}")


if __name__ == "__main__":
    main()
