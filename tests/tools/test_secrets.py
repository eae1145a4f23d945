"""The value of a secret stands in no record, no checkpoint's frame and no pushed ref."""

import json
import os
import subprocess

from safe_rollback.core.workspace import Workspace
from safe_rollback.policies import guard
from safe_rollback.policies.hook import HookEvent
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo

SECRET = "hunter2-correct-horse"
OTHER = "ghp_" + "a1B2" * 9


def test_a_value_from_a_dotenv_file_is_written_down_nowhere(repo: Repo, workspace: Workspace) -> None:
    repo.write(".gitignore", ".env\n")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "ignore")
    repo.write(".env", f"API_TOKEN={SECRET}\n")
    start_session(Desk(workspace), f"Use {SECRET}", create_branch=True)
    checkpoint(Desk(workspace), name=f"with {SECRET}", note=f"and {OTHER}")
    command = f"curl -H 'Authorization: Bearer {OTHER}' -d {SECRET} http://localhost > out.json"
    event = HookEvent(moment="before", cwd=repo.root, kind="shell", tool="Bash", command=command, call="1")
    assert guard.answer(event, workspace).decision == "pass"
    after = HookEvent(moment="after", cwd=repo.root, kind="shell", tool="Bash", command=command, call="1")
    guard.answer(after, workspace)
    refused = HookEvent(
        moment="before", cwd=repo.root, kind="shell", tool="Bash", command=f"git reset --hard # {SECRET}", call="2"
    )
    assert guard.answer(refused, workspace).decision == "deny"
    repo.write("README.md", "changed\n")
    run_git(Desk(workspace), ["commit", "-qam", "work"])
    plan_rollback(Desk(workspace), "session", f"because of {SECRET}")
    end_session(Desk(workspace), f"used {SECRET}")
    told = json.dumps([record.line() for record in workspace.ledger.records()])
    assert "API_TOKEN" in told  # by name
    for secret in (SECRET, OTHER):
        assert secret not in told
        assert secret not in everything_pushed(repo)
        for folder, _, files in os.walk(workspace.state_dir):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    assert secret.encode() not in file.read(), name


def everything_pushed(repo: Repo) -> str:
    """Every object that our refs reach, the private ones left out."""
    refs = repo.git("for-each-ref", "--format=%(refname)").split()
    ours = [ref for ref in refs if not ref.startswith("refs/safe-rollback/private/")]
    names = repo.git("rev-list", "--objects", *ours).splitlines()
    found = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=repo.root,
        input="\n".join(name.split(" ")[0] for name in names),
        capture_output=True,
        text=True,
        errors="replace",
        check=True,
    )
    return found.stdout
