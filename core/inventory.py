"""What a protocol says about the inventory: what is built, which running systems may be asked, own detectors.

No address and no token stands in it: sources name environment variables, which the server's own
process has, or a dotenv file of the worktree where the option `dotenv` names one.
"""

import os
from collections.abc import Mapping
from typing import Any

from .errors import InvalidInputError
from .late import late
from .records import asdict, dataclass, field

DOMAIN_NAMES = (
    "code",
    "artifacts",
    "database",
    "environment",
    "feature_flags",
    "third_party",
    "caches",
    "dependencies",
    "ci",
    "submodules_lfs",
    "published",
)
"""The domains of an inventory."""

_HTTP = ("token_env", "insecure")
COMMON_OPTIONS = ("dotenv", "under")
"""Options of every kind: a dotenv file to look variables up in; the directory whose items the source answers."""

LIVE_KINDS: Mapping[str, tuple[str, ...]] = {
    "postgres": ("schema",),
    "mysql": (),
    "sqlite": (),
    "redis": (),
    "vercel": ("environment",),
    "netlify": ("context", "site"),
    "fly": ("app",),
    "heroku": ("app",),
    "compose": ("service",),
    "kubernetes": ("context", "namespace"),
    "unleash": (*_HTTP, "project"),
    "posthog": (*_HTTP, "project"),
    "launchdarkly": (*_HTTP, "project"),
    "flagsmith": _HTTP,
    "growthbook": _HTTP,
    "flagd": ("insecure",),
    "stripe": _HTTP,
    "cloudflare": (*_HTTP, "zone"),
    "terraform": ("plan",),
    "docker": ("image",),
    "npm": ("insecure",),
    "pypi": ("insecure",),
    "crates": ("insecure",),
    "rubygems": ("insecure",),
}
"""The kinds of source there are, and the options each takes beside `COMMON_OPTIONS`."""

_VARIABLE = late(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class LiveSource:
    """A running system that may be asked, read-only.

    Attributes:
        kind: one of `LIVE_KINDS`.
        name: what the project calls it; part of what is answered.
        url_env: the environment variable that holds its address.
        path: a SQLite file, a flagd file, or the directory a tool is run in, from the root.
        options: what else it needs; never a secret.
    """

    kind: str
    name: str
    url_env: str = ""
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Whether it can be used as it is.

        Raises:
            InvalidInputError: naming what is wrong.
        """
        if self.kind not in LIVE_KINDS:
            known = ", ".join(LIVE_KINDS)
            raise InvalidInputError(f"{self.kind!r} is no kind of live source.", hint=f"Use one of {known}.")
        for option in self.options:
            if option not in (*LIVE_KINDS[self.kind], *COMMON_OPTIONS):
                known = ", ".join((*LIVE_KINDS[self.kind], *COMMON_OPTIONS))
                raise InvalidInputError(f"{self.name}: {option!r} is no option of {self.kind}.", hint=f"Use {known}.")
        for variable in (self.url_env, self.options.get("token_env", "")):
            if variable and not _VARIABLE.fullmatch(variable):
                raise InvalidInputError(
                    f"{self.name}: url_env and token_env name environment variables, and hold no address or token.",
                    hint='For example url_env = "DATABASE_URL".',
                )
        for path in (self.path, self.options.get("dotenv", ""), self.options.get("under", "")):
            if os.path.isabs(path) or ".." in path.split("/") or "\0" in path:
                raise InvalidInputError(
                    f"{self.name}: {path!r} is not inside of the worktree.", hint="Start at its root."
                )


@dataclass(frozen=True, kw_only=True)
class CustomDetector:
    """A detector of the project's own.

    Attributes:
        id: its name, and the kind of its items.
        paths: patterns of the files it reads.
        pattern: a regular expression; its group `name` is the item's name.
        domain: the domain of its items.
        action: what takes one back, in words; `{name}` is filled in.
        inverse: what does it again.
        verify: a read-only command that shows whether it is taken back.
    """

    id: str
    paths: tuple[str, ...]
    pattern: str
    domain: str
    action: str = ""
    inverse: str = ""
    verify: str = ""


@dataclass(frozen=True, kw_only=True)
class InventorySettings:
    """A protocol's `[inventory]`.

    Attributes:
        artifacts: patterns of what a build leaves, ignored files among them.
        live: systems that may be asked; none unless the project names them.
        custom: detectors of its own.
    """

    artifacts: tuple[str, ...] = ()
    live: tuple[LiveSource, ...] = ()
    custom: tuple[CustomDetector, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Plain values, for the ledger."""
        live = [{**asdict(one), "options": dict(one.options)} for one in self.live]
        custom = [{**asdict(one), "paths": list(one.paths)} for one in self.custom]
        return {"artifacts": list(self.artifacts), "live": live, "custom": custom}


def from_data(data: Mapping[str, Any]) -> InventorySettings:
    """The settings behind `to_data`; what is missing is empty."""
    return InventorySettings(
        artifacts=tuple(data.get("artifacts", ())),
        live=tuple(LiveSource(**{**one, "options": dict(one.get("options", {}))}) for one in data.get("live", ())),
        custom=tuple(CustomDetector(**{**one, "paths": tuple(one["paths"])}) for one in data.get("custom", ())),
    )
