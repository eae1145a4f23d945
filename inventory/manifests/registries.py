"""How each registry takes a published version back, as far as it does."""

import shlex
from dataclasses import dataclass

from ..model import Reversible, Step


@dataclass(frozen=True, kw_only=True)
class Registry:
    """A registry.

    Attributes:
        name: as `versions.Source.registry` has it.
        text: what to do about a version that was published.
        withdraw: the command, with `{name}` and `{version}`; empty if there is none.
        restore: the command that takes that back.
        check: a read-only command that shows whether the version is there.
        caution: its own rule.
        reversible: whether a version can be taken back.
    """

    name: str
    text: str
    withdraw: str = ""
    restore: str = ""
    check: str = ""
    caution: str = ""
    reversible: Reversible = "lossy"

    def step(self, name: str, version: str) -> Step:
        """What takes a version back."""
        return Step(text=self.text, command=_filled(self.withdraw, name, version))

    def back(self, name: str, version: str) -> Step:
        """What brings it back."""
        text = "Bring it back." if self.restore else "Publish a new version: this one cannot be published again."
        return Step(text=text, command=_filled(self.restore, name, version))

    def check_for(self, name: str, version: str) -> str:
        """The command that shows whether a version is there."""
        return _filled(self.check, name, version)


def _filled(command: str, name: str, version: str) -> str:
    both = shlex.quote(f"{name}@{version}")
    return command.format(name=shlex.quote(name), version=shlex.quote(version), both=both)


REGISTRIES: tuple[Registry, ...] = (
    Registry(
        name="npm",
        text="If it was published: deprecate it, and point the tag latest at the version before.",
        withdraw="npm deprecate {both} 'Rolled back, use the version before.'",
        restore="npm deprecate {both} ''",
        check="npm view {both} version deprecated",
        caution="npm unpublish works for 72 hours after publishing, and later only where nothing depends on it.",
    ),
    Registry(
        name="pypi",
        text="If it was published: yank it on the project's page; installers skip it then unless it is pinned.",
        check="python -m pip index versions {name}",
        caution="A file name that was uploaded once is refused for ever, even after deleting.",
    ),
    Registry(
        name="rubygems",
        text="If it was published: yank it.",
        withdraw="gem yank {name} -v {version}",
        check="gem list --remote --exact --all {name}",
        caution="A yanked version can be neither installed nor pushed again.",
    ),
    Registry(
        name="cargo",
        text="If it was published: yank it; lock files that have it go on working.",
        withdraw="cargo yank --version {version} {name}",
        restore="cargo yank --undo --version {version} {name}",
        check="cargo info {both}",
    ),
    Registry(
        name="helm",
        text="If it was published: take the version out of the repository's index, or delete its tag.",
        check="helm search repo {name} --versions",
        caution="Releases that run it stay as they are: helm rollback takes each of them back.",
    ),
    Registry(
        name="packagist",
        text="If it was published: delete the git tag that the version comes from.",
        check="composer show --all {name}",
    ),
    Registry(
        name="maven",
        text="A release in a central repository cannot be taken back: publish a newer version of the old code.",
        reversible="no",
    ),
    Registry(
        name="nuget",
        text="If it was published: unlist it.",
        withdraw="dotnet nuget delete {name} {version} --source nuget.org --non-interactive",
        caution="Unlisted is not deleted: who pins the version still gets it.",
    ),
    Registry(
        name="hex",
        text="If it was published: retire it, or within an hour of publishing revert it.",
        withdraw="mix hex.retire {name} {version} deprecated",
        restore="mix hex.retire {name} {version} --unretire",
        check="mix hex.info {name} {version}",
    ),
    Registry(
        name="pub",
        text="If it was published: retract it on the package's page, within seven days.",
        caution="A retracted version stays for those who have it in their lock files.",
    ),
)


def registry_of(name: str) -> Registry:
    """The registry of a name that `versions.SOURCES` has."""
    return next(one for one in REGISTRIES if one.name == name)
