"""Which paths a past state would ignore."""

import os
import tempfile
from collections.abc import Sequence

from ..gate.runner import nul
from ..gate.trees import list_files
from ..ids import Oid
from ..snapshot.capture import main_site
from ..workspace import Workspace


def still_ignored(workspace: Workspace, tree: Oid, paths: Sequence[str]) -> set[str]:
    """The paths that the `.gitignore` files of a tree ignore.

    When an agent deletes `.gitignore`, all of node_modules becomes untracked; going back must
    not delete it.
    """
    site = main_site(workspace)
    rules = {
        path: entry
        for path, entry in list_files(workspace.repository.git, tree).items()
        if path.rpartition("/")[2] == ".gitignore" and entry.mode != "120000"
    }
    with tempfile.TemporaryDirectory(dir=workspace.worktree_dir) as folder:
        for path, entry in rules.items():
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(workspace.reader.read(entry.oid).data)
        named = {f"./{path}" if path.startswith(":") else path: path for path in paths}
        argv = ("check-ignore", "--no-index", "-z", "--stdin")
        answer = site.git.using(work_tree=folder).run
        done = answer(*argv, stdin=nul(list(named)), ok=(0, 1))
        return {named[word] for word in os.fsdecode(done.stdout).split("\0") if word}
