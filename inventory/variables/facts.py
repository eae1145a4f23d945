"""What one file says of the environment, and which names and values count."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["read", "example", "sets", "build"]
"""`sets` gives what runs its value, `example` shows people what to set, `build` is baked into an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A variable in a file.

    Attributes:
        name: the variable.
        role: what the file does with it.
        line: from 1.
        value: what it is set to; None where nothing says.
        how: what says so, for people: `.env`, `Dockerfile ENV`, `os.getenv`.
        platform: whose command line sets it, where the file tells: `fly`, `heroku`, `vercel`, `netlify`.
    """

    name: str
    role: Role
    line: int
    value: str | None = None
    how: str = ""
    platform: str = ""


Facts = Mapping[str, Fact]
"""By name; of several in one file the one that says most."""

_STRENGTH: Mapping[Role, int] = {"sets": 3, "example": 2, "build": 1, "read": 0}
_UPPER = re.compile(r"[A-Z][A-Z0-9_]*[A-Z0-9]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# What a system, shell, runner or bundler sets by itself: that code reads it asks nobody for anything.
_AMBIENT = words(
    "TMPDIR TMP TEMP TZ HOSTNAME LOGNAME EDITOR VISUAL PAGER DISPLAY UID GID PS1 IFS RANDOM LINENO COLUMNS LINES CI"
    " SHLVL OLDPWD GITHUB_TOKEN GITHUB_OUTPUT GITHUB_ENV GITHUB_SHA GITHUB_REF GITHUB_WORKSPACE GITHUB_REPOSITORY"
    " GITHUB_ACTIONS GITHUB_RUN_ID APPDATA LOCALAPPDATA PROGRAMFILES USERPROFILE WINDIR COMSPEC XDG_CONFIG_HOME"
    " XDG_CACHE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR LD_LIBRARY_PATH VIRTUAL_ENV CONDA_PREFIX PYTHONPATH GOPATH GOROOT"
    " GOBIN GOOS GOARCH CARGO_HOME CARGO_MANIFEST_DIR OUT_DIR JAVA_HOME BUNDLE_PATH BUNDLE_GEMFILE GEM_HOME PNPM_HOME"
    " NVM_DIR VITEST VITEST_WORKER_ID JEST_WORKER_ID PYTEST_CURRENT_TEST PYTEST_XDIST_WORKER TEST_ENV_NUMBER"
    " NEXT_RUNTIME NEXT_PHASE DYNO FORCE_COLOR NO_COLOR INIT_CWD BASH_SOURCE BASH_VERSION BASH_REMATCH FUNCNAME"
    " OSTYPE SECONDS PIPESTATUS OPTARG OPTIND REPLY EUID PPID HOSTTYPE MACHTYPE DIRSTACK GROUPS BASHPID BASH"
)
# Plumbing, also where a file sets it.
_PLUMBING = words(
    "PATH HOME USER SHELL PWD LANG LANGUAGE LC_ALL LC_CTYPE TERM DEBIAN_FRONTEND TARGETPLATFORM BUILDPLATFORM"
    " TARGETARCH TARGETOS TARGETVARIANT BUILDARCH BUILDOS BUILDKIT_INLINE_CACHE"
)
_BUNDLER = words("MODE BASE_URL DEV PROD SSR")
_STAGES = words("PRODUCTION DEVELOPMENT TEST STAGING LOCAL PROD DEV PREVIEW ALL DEFAULT")
_VERSION_ARGUMENT = re.compile(
    r"(?:^|_)(?:VERSION|IMAGE|TAG|SHA|SHA256|DIGEST|CHECKSUM|REGISTRY|BASE|DIR|HOME|UID|GID)$"
)
_LIKE_SECRET = re.compile(
    r"SECRET|TOKEN|PASS(?:WORD|WD|PHRASE)?(?:_|$)|PWD|APIKEY|(?:^|_)(?:KEY|KEYS|PAT|DSN|SALT|AUTH|CERT|CREDENTIALS?|"
    r"PRIVATE|SIGNING|COOKIE|SESSION|WEBHOOK|LICENSE)(?:_|$)",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"|true|false|yes|no|on|off|null|none|-?\d{1,7}(?:\.\d+)?(?:[a-z]{1,3})?|[a-z][a-z _./:-]{0,31}|"
    r"\$\{?\w+\}?|\{\{-?[\w.$| ]+-?\}\}|"
    r"https?://[\w.-]+(?::\d+)?(?:/[\w./-]{0,60})?|[a-z][a-z0-9-]{0,20}:\d{1,5}|"
    r"v?\d+(?:\.\d+){1,3}(?:-[a-z]+[\d.]*)?",
    re.IGNORECASE,
)
_PASSED_ON = re.compile(r"\{\{|\$\{?\w|<%")
_RANDOM = re.compile(r"(?=[A-Za-z0-9+/=_-]{16,})(?:[A-Za-z0-9+/=_-]*\d[A-Za-z0-9+/=_-]*)")


def is_shouted(name: str) -> bool:
    """Whether a name is written as variables are: `DATABASE_URL`."""
    return _UPPER.fullmatch(name) is not None


def counts(name: str, role: Role) -> bool:
    """Whether a name is a variable that somebody deploys."""
    if _NAME.fullmatch(name) is None or not name.strip("_") or name in _PLUMBING or name.startswith("npm_"):
        return False
    return role != "read" or name not in _AMBIENT


def is_bundlers(name: str) -> bool:
    """Whether a bundler defines a member of `import.meta.env` by itself."""
    return name in _BUNDLER


def is_stage(name: str) -> bool:
    """Whether a name says where something runs: members of an enumeration, not variables."""
    return name in _STAGES


def is_pinned(name: str) -> bool:
    """Whether a build argument pins what an image is made of: dependencies, not settings."""
    return _VERSION_ARGUMENT.search(name) is not None


def is_passed_on(fact: Fact) -> bool:
    """Whether a file gives a variable what another place holds: a template's value, another variable, nothing."""
    return not fact.value or _PASSED_ON.search(fact.value) is not None


def is_like_secret(name: str) -> bool:
    """Whether a variable's name says that its value is nobody's business."""
    return _LIKE_SECRET.search(name) is not None


def is_plain(name: str, value: str) -> bool:
    """Whether a value can be shown: its name is no secret's, and it is a number, a word or a host."""
    return not is_like_secret(name) and _PLAIN.fullmatch(value) is not None and not _RANDOM.search(value)


def collected(facts: "list[Fact]") -> dict[str, Fact]:
    """By name; the strongest role first, then what has a value, then the first line."""
    found: dict[str, Fact] = {}
    for fact in facts:
        if not counts(fact.name, fact.role):
            continue
        known = found.get(fact.name)
        if known is None or _rank(fact) > _rank(known):
            found[fact.name] = fact
    return found


def _rank(fact: Fact) -> tuple[int, bool]:
    return (_STRENGTH[fact.role], bool(fact.value))
