"""Pushes and fetches: what the refspecs, given or configured, publish and move."""

import pytest

from safe_rollback.policies.protocol.model import Protocol
from safe_rollback.policies.shell.context import Context
from tests.policies.shell.near import HERE, effects, verdict
from tests.policies.shell.test_git_worktree import rows

ORIGIN = HERE.having([("remote.origin.url", "x"), ("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")])


def configured(*pairs: str) -> Context:
    return ORIGIN.having((key, value) for key, _, value in (pair.partition("=") for pair in pairs))


PUBLISHES_CHECKPOINTS = """
git push origin 'refs/*:refs/*'
git push origin '+refs/*:refs/*'
git push origin 'refs/*'
git push origin '*:*'
git push origin 'refs/s*:refs/s*'
git push origin 'refs/safe-rollback/*'
git push origin 'refs/safe-rollback/*:refs/heads/*'
git push origin refs/safe-rollback/checkpoints/1:refs/heads/x
git push origin refs/safe-rollback/checkpoints/1^{tree}:refs/heads/x
git push origin safe-rollback/checkpoints/1:refs/heads/x
git push origin Refs/Safe-Rollback/checkpoints/1:refs/heads/x
git push origin feature refs/safe-rollback/checkpoints/1
git push origin -- refs/safe-rollback/checkpoints/1
git push --repo=origin -- origin 'refs/*'
git push --mirror
git push --mirror backup
git -c remote.origin.push='refs/*:refs/*' push
git -c remote.origin.push=feature -c remote.origin.push='refs/safe-rollback/*' push
git -c remote.origin.push='refs/safe-rollback/*' push origin
git -c remote.origin.push='refs/safe-rollback/*' push --repo origin
git -c remote.backup.push='refs/*' -c branch.feature.pushRemote=backup push
git -c remote.backup.push='refs/*' -c remote.pushDefault=backup push
git -c remote.backup.push='refs/*' -c branch.feature.remote=backup push
git -c remote.Backup.push='refs/*' push Backup
git -c remote.backup.mirror=true push backup
git -c remote.backup.mirror push backup
git --config-env=remote.backup.mirror=X push backup
"""


@pytest.mark.parametrize("command", rows(PUBLISHES_CHECKPOINTS))
def test_no_push_publishes_checkpoints(command: str) -> None:
    answer = verdict(command, ORIGIN)
    assert "guard.tamper" in effects(command, ORIGIN)
    assert (answer.decision, answer.rule) == ("refuse", "destructive-command")
    assert "checkpoints" in answer.why and "push <remote> <branch>" in answer.instead


PUBLISHES = """
git push origin feature
git push origin HEAD:refs/heads/fix
git push origin 'refs/tags/*'
git push origin 'refs/tags/v*:refs/tags/v*'
git push origin refs/heads/safe-rollback
git push origin feature '^refs/safe-rollback/x'
git push --tags
git -c remote.other.push='refs/*' push origin feature
git -c remote.other.mirror=true push origin feature
git -c remote.origin.mirror=false push origin feature
git -c remote.origin.push='refs/*' push origin feature
git -c remote.origin.push=feature push
git -c remote.origin.push=feature -c remote.origin.push=fix push
"""


@pytest.mark.parametrize("command", rows(PUBLISHES))
def test_a_push_of_branches_and_tags_is_allowed(command: str) -> None:
    assert effects(command, ORIGIN) == {"remote.update"}
    assert verdict(command, ORIGIN).decision == "allow"


@pytest.mark.parametrize(
    ("value", "effect"),
    [
        ("+feature:feature", "remote.rewrite"),
        ("+HEAD", "remote.rewrite"),
        ("+:", "remote.rewrite"),
        (":feature", "remote.delete"),
        ("+:feature", "remote.delete"),
    ],
)
@pytest.mark.parametrize("command", ["git push", "git push origin", "git push -u origin"])
def test_a_configured_refspec_counts_where_the_push_names_none(value: str, effect: str, command: str) -> None:
    for context in (
        configured(f"remote.origin.push={value}"),
        configured(f"remote.origin.push={value}", "remote.origin.push=feature"),
        configured("remote.origin.push=feature", f"remote.origin.push={value}"),
    ):
        assert effect in effects(command, context)
        assert verdict(command, context).decision == "refuse"
        assert verdict("git push origin feature", context).decision == "allow"
        assert verdict("git push --tags", context).decision == "allow"


def test_a_configured_refspec_that_is_not_known_is_unknown() -> None:
    assert "unknown" in effects("git --config-env=remote.origin.push=X push", ORIGIN)


def test_every_configured_refspec_names_a_protected_branch() -> None:
    answer = verdict("git push", configured("remote.origin.push=HEAD:main", "remote.origin.push=feature"))
    assert (answer.decision, answer.rule) == ("refuse", "protected-branches")


MOVES_MAIN = """
git fetch origin main:main
git fetch origin feature:refs/heads/main
git fetch origin feature:heads/main
git fetch origin 'refs/heads/*:refs/heads/*'
git fetch origin -- main:main
git fetch --refmap='refs/heads/*:refs/heads/*' origin main
git fetch . feature:main
git pull origin feature:main
"""


@pytest.mark.parametrize("command", rows(MOVES_MAIN))
def test_no_fetch_moves_a_protected_branch(command: str) -> None:
    answer = verdict(command, ORIGIN)
    assert (answer.decision, answer.rule) == ("refuse", "protected-branches")
    assert "main" in answer.why and answer.instead
    free = Protocol(branches=("release/*",), require_branch=True)
    assert verdict(command, ORIGIN, free).decision == ("refuse" if "*" in command else "allow")


@pytest.mark.parametrize(
    "command",
    [
        "git branch main",
        "git switch -c main",
        "git checkout -b main",
        "git fetch origin main",
        "git fetch origin main:fix",
        "git fetch origin main:refs/remotes/origin/main",
        "git fetch origin main:remotes/origin/main",
        "git pull origin main",
        "git fetch",
        "git remote update",
    ],
)
def test_what_makes_a_branch_or_follows_the_remote_is_allowed(command: str) -> None:
    assert verdict(command, ORIGIN).decision == "allow"
    assert effects(command, ORIGIN) <= {"ref.update", "head.move", "commit"}


def test_a_configured_mirror_fetch_is_no_ordinary_fetch() -> None:
    mirror = configured("remote.m.url=x", "remote.m.fetch=+refs/*:refs/*")
    for command in ("git fetch m", "git fetch --all", "git pull m", "git remote update", "git fetch m main"):
        assert {"ref.rewrite", "guard.tamper"} <= effects(command, mirror), command
        assert verdict(command, mirror).decision == "refuse"
    assert effects("git remote prune m", mirror) >= {"ref.delete"}
    assert effects("git fetch origin", mirror) == {"ref.update"}
    assert effects("git fetch", mirror) == {"ref.update"}
    assert effects("git remote prune origin", mirror) == {"ref.update"}


def test_a_configured_refspec_of_a_humans_own_kind_is_an_ordinary_fetch() -> None:
    pulls = configured("remote.origin.fetch=+refs/pull/*/head:refs/pull/*/head")
    assert effects("git fetch", pulls) == {"ref.update"}


TAMPERS = """
git fetch origin x:refs/safe-rollback/checkpoints/1
git fetch origin 'refs/*:refs/*'
git fetch origin '+refs/safe-rollback/*:refs/safe-rollback/*'
git pull origin x:refs/safe-rollback/checkpoints/1
"""


@pytest.mark.parametrize("command", rows(TAMPERS))
def test_no_fetch_moves_what_is_ours(command: str) -> None:
    assert "guard.tamper" in effects(command, ORIGIN)
    assert verdict(command, ORIGIN).decision == "refuse"


FORCES = """
git fetch -f --tags
git fetch --force -t origin
git fetch -f origin tag v1
git fetch -u origin x:feature
git fetch --update-head-ok origin x:feature
git pull origin +x:fix
"""


@pytest.mark.parametrize("command", rows(FORCES))
def test_a_fetch_that_moves_refs_off_their_commits_is_refused(command: str) -> None:
    assert "ref.rewrite" in effects(command, ORIGIN)
    assert verdict(command, ORIGIN).decision == "refuse"


SWEEPS_TAGS = """
git fetch --prune-tags
git fetch -P
git fetch -pP origin
git fetch --prune --prune-tags origin
git fetch --prune-t -p
git fetch -p origin 'refs/tags/*:refs/tags/*'
git -c fetch.pruneTags=true fetch --prune
git -c fetch.pruneTags=true -c fetch.prune=true fetch
git -c fetch.pruneTags -c fetch.prune pull
git -c remote.origin.pruneTags=true fetch -p origin
git -c remote.origin.pruneTags=true -c remote.origin.prune=true fetch origin
git -c remote.origin.pruneTags=true -c remote.origin.prune=true fetch --all
git -c fetch.pruneTags=true remote prune origin
git -c fetch.pruneTags=true remote update -p
"""


@pytest.mark.parametrize("command", rows(SWEEPS_TAGS))
def test_tags_that_only_this_repository_has_are_not_pruned(command: str) -> None:
    answer = verdict(command, ORIGIN)
    assert "ref.delete" in effects(command, ORIGIN)
    assert answer.decision == "refuse"
    assert "tag" in answer.instead and "plan_rollback" not in answer.instead


@pytest.mark.parametrize(
    "command",
    [
        "git fetch -p",
        "git fetch --prune --no-prune-tags",
        "git -c fetch.pruneTags=true fetch",
        "git -c fetch.pruneTags=true -c fetch.prune=true fetch --no-prune",
        "git -c fetch.pruneTags=true -c fetch.prune=true fetch --no-prune-tags",
        "git -c fetch.pruneTags=false -c fetch.prune=true fetch",
        "git -c fetch.pruneTags=true -c remote.origin.pruneTags=false fetch -p origin",
        "git -c remote.other.pruneTags=true fetch -p origin",
        "git -c fetch.prune=true fetch origin fix:fix",
    ],
)
def test_pruning_what_follows_the_remote_is_allowed(command: str) -> None:
    assert effects(command, ORIGIN) == {"ref.update"}


@pytest.mark.parametrize(
    "command",
    [
        "git -c remote.origin.fetch=+refs/heads/x:refs/heads/x fetch",
        "git -c REMOTE.origin.FETCH=x status",
        "git config remote.origin.fetch '+refs/*:refs/*'",
        "git config --add remote.origin.fetch '+refs/*:refs/*'",
        "git remote add --mirror=fetch backup ../backup",
        "git remote add --mirror backup ../backup",
        "git fetch --stdin origin",
    ],
)
def test_what_decides_which_refs_a_fetch_moves_is_unknown(command: str) -> None:
    assert "unknown" in effects(command, ORIGIN)


@pytest.mark.parametrize(
    "command", ["git config remote.origin.fetch", "git config --get-all remote.origin.fetch", "git remote -v"]
)
def test_looking_at_it_is_reading(command: str) -> None:
    assert effects(command, ORIGIN) == {"state.read"}


@pytest.mark.parametrize("command", ["git tag -d v1", "git update-ref -d refs/tags/v1", "git fetch -P"])
def test_advice_for_a_tag_does_not_lead_to_a_tool_for_branches(command: str) -> None:
    assert "plan_rollback" not in verdict(command).instead
    assert "plan_rollback" in verdict("git branch -D feature").instead
