"""CI systems: which files are theirs, and how each tells what ran."""

import re
import shlex
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class System:
    """A CI system.

    Attributes:
        name: of the system.
        path: which paths configure it.
        check: lists what ran, read-only; `{}` in the place of the file's name; empty if there is no such command.
        kind: of the items.
    """

    name: str
    path: re.Pattern[str]
    check: str = ""
    kind: str = "workflow"

    def check_for(self, path: str) -> str:
        """The command about one file."""
        return self.check.format(shlex.quote(path.rpartition("/")[2]))


def _system(name: str, path: str, check: str = "", kind: str = "workflow") -> System:
    return System(name=name, path=re.compile(path), check=check, kind=kind)


_YAML = r"\.ya?ml$"

SYSTEMS: tuple[System, ...] = (
    _system("GitHub Actions", rf"^\.github/workflows/[^/]+{_YAML}", "gh run list --workflow {} --limit 5"),
    _system("GitHub Actions", rf"^\.github/actions/(?:.*/)?action{_YAML}"),
    _system("Dependabot", rf"^\.github/dependabot{_YAML}|^\.dependabot/config{_YAML}", kind="bot"),
    _system(
        "Renovate",
        r"^(?:\.github/|\.gitlab/)?(?:renovate\.json5?|\.renovaterc(?:\.json5?)?)$",
        kind="bot",
    ),
    _system("Mergify", rf"^(?:\.github/|\.mergify/)?\.?mergify{_YAML}|^\.mergify/config{_YAML}", kind="bot"),
    _system("Kodiak", r"^(?:\.github/)?\.kodiak\.toml$", kind="bot"),
    _system("bots of GitHub", rf"^\.github/(?:stale|lock|labeler|no-response|auto-merge){_YAML}", kind="bot"),
    _system(
        "GitLab CI",
        rf"(?:^|/)\.gitlab-ci(?:[.-][^/]*)?{_YAML}|^\.gitlab/ci/.*{_YAML}|^\.gitlab-ci/.*{_YAML}",
        "glab ci list",
    ),
    _system("CircleCI", rf"^\.circleci/.*{_YAML}|^circle{_YAML}"),
    _system("Jenkins", r"(?:^|/)Jenkinsfile(?:[.-][^/]*)?$|\.jenkinsfile$"),
    _system(
        "Azure Pipelines",
        rf"(?:^|/)azure-pipelines?[^/]*{_YAML}|^\.azure-pipelines/.*{_YAML}|^\.azuredevops/.*{_YAML}",
    ),
    _system("Buildkite", r"^\.buildkite/.+$"),
    _system("Bitbucket Pipelines", rf"^bitbucket-pipelines{_YAML}"),
    _system("Travis CI", rf"^\.travis{_YAML}"),
    _system("Drone", r"^\.drone(?:\.ya?ml|\.star|\.jsonnet)$"),
    _system("Woodpecker", rf"^\.woodpecker(?:/.*)?{_YAML}"),
    _system("AppVeyor", rf"^\.?appveyor{_YAML}"),
    _system("Google Cloud Build", rf"(?:^|/)cloudbuild[^/]*(?:{_YAML}|\.json$)", "gcloud builds list --limit 5"),
    _system("AWS CodeBuild", rf"(?:^|/)buildspec[^/]*{_YAML}"),
    _system("Semaphore", rf"^\.semaphore/.*{_YAML}"),
    _system("Cirrus CI", rf"^\.cirrus(?:{_YAML}|\.star$)"),
    _system("TeamCity", r"^\.teamcity/.+$"),
    _system("Tekton", rf"^\.tekton/.*{_YAML}"),
    _system("Gitea Actions", rf"^\.(?:gitea|forgejo)/workflows/[^/]+{_YAML}"),
    _system("Bitrise", rf"^bitrise{_YAML}"),
    _system("Codemagic", rf"^codemagic{_YAML}"),
)
"""The first that fits a path has it."""


def system_of(path: str) -> System | None:
    """The CI system that a path configures."""
    return next((one for one in SYSTEMS if one.path.search(path)), None)
