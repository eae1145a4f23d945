"""CI: workflows and bots."""

import pytest

from safe_rollback.inventory.domains.ci import CI
from tests.inventory.kit import Story, names, only

WORKFLOW = """name: Deploy
on:
  push:
    branches: [main]
  schedule:
    - cron: "0 3 * * *"
jobs:
  ship:
    runs-on: ubuntu-latest
    steps:
      - run: ./deploy.sh
        env:
          TOKEN: ${{ secrets.DEPLOY_TOKEN }}
          OWN: ${{ secrets.GITHUB_TOKEN }}
"""


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml", ".github/workflows/ci.yaml", ".github/actions/setup/action.yml", "Jenkinsfile",
        ".gitlab-ci.yml", ".gitlab/ci/test.yml", ".circleci/config.yml", "ops/Jenkinsfile.release", ".travis.yml",
        "azure-pipelines.yml", "azure-pipelines-pr.yml", ".buildkite/pipeline.yml", ".buildkite/steps.sh",
        "bitbucket-pipelines.yml", ".drone.yml", "appveyor.yml", "cloudbuild.yaml", ".semaphore/semaphore.yml",
    ],
)  # fmt: skip
def test_workflows(story: Story, path: str) -> None:
    changes = story.changes({}, {path: "a: 1\n"}, {path: "a: 2\n"})
    assert names(CI.detect(changes)) == [f"workflow {path} added", f"workflow {path} changed"]


@pytest.mark.parametrize(
    "path", [".github/dependabot.yml", "renovate.json", ".github/renovate.json5", ".mergify.yml"]
)
def test_bots(story: Story, path: str) -> None:
    assert names(CI.detect(story.changes({path: "{}"}, {path: None}))) == [f"bot {path} removed"]


@pytest.mark.parametrize(
    "path",
    [
        ".github/CODEOWNERS", ".github/workflows/README.md", ".github/workflows/x/deep.yml", "docs/workflows/ci.yml",
        "site/.github/workflows/ci.yml", "compose.yml", ".github/ISSUE_TEMPLATE/bug.yml",
    ],
)  # fmt: skip
def test_what_no_system_reads(story: Story, path: str) -> None:
    assert list(CI.detect(story.changes({}, {path: "a: 1\n"}))) == []


def test_what_a_workflow_is_started_by_and_needs_is_said(story: Story) -> None:
    path = ".github/workflows/deploy.yml"
    after = (
        WORKFLOW.replace("push:\n    branches: [main]", "workflow_dispatch:")
        .replace("DEPLOY_TOKEN", "OTHER_TOKEN")
        .replace("  ship:", "  send:")
    )
    item = only(CI.detect(story.changes({path: WORKFLOW}, {path: after})))
    assert item.when == "with code"
    assert item.verify == "gh run list --workflow deploy.yml --limit 5"
    assert item.details["secrets"] == ["DEPLOY_TOKEN", "OTHER_TOKEN"]
    assert [(one.line, one.text) for one in item.evidence] == [
        (3, "workflow_dispatch:"),
        (12, "TOKEN: ${{ secrets.OTHER_TOKEN }}"),
    ]
    cautions = "\n".join(item.cautions)
    for part in [
        "push, schedule 0 3 * * * before, workflow_dispatch, schedule 0 3 * * * now",
        "needs secrets that the new one does not: DEPLOY_TOKEN",
        "Secrets that only the new one uses stay set: OTHER_TOKEN",
        "on a schedule",
        "deploys or publishes",
        "by name: send, ship",
        "Runs that are over",
    ]:
        assert part in cautions
    assert "GITHUB_TOKEN" not in cautions


def test_files_that_gitlab_includes_are_workflows(story: Story) -> None:
    changes = story.changes(
        {
            ".gitlab-ci.yml": "include:\n  - local: /ops/jobs/*.yml\n  - /ops/one.yml\n  - remote: https://example.org/x.yml\n"
        },
        {"ops/jobs/test.yml": "a: 1\n", "ops/one.yml": "a: 1\n", "ops/other.yml": "a: 1\n"},
    )
    assert names(CI.detect(changes)) == ["workflow ops/jobs/test.yml added", "workflow ops/one.yml added"]
    other = story.changes({".gitlab-ci.yml": "include: ops/x.yml\n"}, {"ops/x.yml": "a: 1\n"})
    assert names(CI.detect(other)) == ["workflow ops/x.yml added"]


@pytest.mark.parametrize(
    "text", ["", "\0", "a: [", "- 1\n- 2\n", "on: [push, 1]\njobs: 3\n", "on:\n  schedule: x\n", "x" * 200_000]
)
def test_odd_workflows_are_items_all_the_same(story: Story, text: str) -> None:
    path = ".github/workflows/ci.yml"
    assert names(CI.detect(story.changes({path: WORKFLOW}, {path: text}))) == [f"workflow {path} changed"]


def test_a_workflow_that_does_not_parse_is_named(story: Story) -> None:
    changes = story.changes({}, {".github/workflows/ci.yml": "a: [\n"})
    list(CI.detect(changes))
    assert [unknown.subject for unknown in changes.unknowns] == [".github/workflows/ci.yml"]
