"""What a package.json's scripts say counts, wherever they are started from; that nobody knows it all stays said."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.check_command import check_command
from safe_rollback.tools.desk import Desk
from tests.core.revert.kit import agent_commit, begin
from tests.harness.repo import Repo
from tests.policies.shell.near import HERE, verdict

SCRIPTS: Mapping[str, Mapping[str, str]] = {
    "": {
        "nuke": "git reset --hard",
        "outer": "npm run inner",
        "inner": "git clean -fdx",
        "prebuild": "git checkout -f main",
        "build": "tsc -p .",
        "circle": "npm run circle",
        "other": "npm run nuke --prefix web",
        "args": "git",
        "dist": "rm -rf src",
        "migrate": "prisma migrate deploy",
        "test": "vitest run",
        "postinstall": "git reset --hard",
    },
    "web": {"nuke": "echo nothing"},
}


def scripts(directory: str) -> tuple[str, Mapping[str, str]]:
    folder = "web" if directory.split("/", maxsplit=1)[0] == "web" else ""
    return folder, SCRIPTS[folder]


CONTEXT = replace(HERE, scripts=scripts)


@pytest.mark.parametrize(
    "command",
    [
        "npm run nuke", "yarn nuke", "pnpm nuke", "bun run nuke", "bun nuke", "npm run outer", "npm run build",
        "npm run args -- reset --hard", "yarn args reset --hard", "sudo npm run nuke", "sh -c 'npm run nuke'",
        "cd src && npm run nuke", "npx -y npm run nuke", "CI=1 npm run nuke", "npm run test && npm run nuke",
        "npm ci", "npm install", "yarn", "pnpm i", "npm run nuke --ignore-scripts", "yarn nuke --ignore-scripts",
        "npm run nuke --prefix .", "cd web && npm run nuke --prefix ..",
    ],
)  # fmt: skip
def test_a_script_is_refused_as_its_commands_are(command: str) -> None:
    said = verdict(command, CONTEXT)
    assert said.decision == "refuse" and "in the script" in said.why, said


@pytest.mark.parametrize(
    "command",
    [
        "npm test", "npm run", "npm run nope", "npm run circle", "npm run other", "cd web && npm run nuke",
        "npm --prefix web run nuke", "npm run nuke --workspace web", "npm install x", "yarn add nuke",
        "npm ci --ignore-scripts",
        "npm run migrate",
        "cd /elsewhere && npm run nuke",
    ],
)  # fmt: skip
def test_others_are_not(command: str) -> None:
    assert verdict(command, CONTEXT).decision == "allow"


def test_what_it_runs_besides_stays_unknown() -> None:
    for command in ("npm run migrate", "npm test", "yarn migrate"):
        assert "unknown" in {one.effect for one in verdict(command, CONTEXT).effects}
    effects = verdict("npm run migrate", CONTEXT).effects
    assert ("db.migrate", "prisma migrate deploy") in {(one.effect, one.span) for one in effects}


def test_without_a_repository_nothing_is_read() -> None:
    assert verdict("npm run nuke", HERE).decision == "allow"


def test_the_file_that_stands_there_counts(repo: Repo, workspace: Workspace) -> None:
    begin(workspace)
    package = '{"scripts": {"clean": "rm -rf lib", "own": "rm -rf mine"}}'
    agent_commit(workspace, repo, "Package", {"package.json": package, "lib/a": "x\n", "mine/b": "x\n"})
    assert check_command(Desk(workspace), "npm run clean").verdict == "allow"
    repo.write("lib/a", "the human's\n")
    said = check_command(Desk(workspace), "npm run clean")
    assert (said.verdict, said.rule) == ("refuse", "uncommitted-work") and "lib/a" in said.why
    assert check_command(Desk(workspace), "npm run own").verdict == "allow"
    repo.write("package.json", package.replace("rm -rf mine", "git stash drop"))
    assert check_command(Desk(workspace), "npm run own").verdict == "refuse"


def test_a_new_version_is_a_commit_and_a_tag() -> None:
    said = {one.effect for one in verdict("npm version patch", CONTEXT).effects}
    assert {"commit", "ref.update"} <= said
    protected = replace(CONTEXT, branch="main")
    assert verdict("npm version patch", protected).rule == "protected-branches"
    for command in ("npm version", "npm version --help", "npm version patch --no-git-tag-version"):
        assert "commit" not in {one.effect for one in verdict(command, CONTEXT).effects}
