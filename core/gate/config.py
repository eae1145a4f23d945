"""The user's git configuration, read once; reading it runs nothing."""

import os
from collections.abc import Iterator, Mapping, Sequence

from ..errors import GitError
from ..records import dataclass
from ..text import clean
from .environment import users
from .process import DEFAULT_LIMITS, execute
from .repository import Repository
from .runner import EXECUTABLE

_TRUE = frozenset({"true", "yes", "on", "1"})


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One line of configuration: its scope (system, global, local, worktree), key and value."""

    scope: str
    key: str
    value: str


@dataclass(frozen=True)
class Configuration:
    """All settings that apply in a worktree, in the order git reads them."""

    settings: Sequence[Setting]

    def get(self, key: str) -> str | None:
        """The value that wins, or None; keys compare without case in section and name."""
        wanted = key.lower()
        return next((one.value for one in reversed(self.settings) if one.key.lower() == wanted), None)

    def true(self, key: str) -> bool:
        """Whether a boolean setting is on."""
        value = self.get(key)
        return value is not None and value.lower() in _TRUE

    def from_repository(self) -> Iterator[Setting]:
        """Settings that came with the repository's own files, not from the user or the system."""
        return (one for one in self.settings if one.scope in ("local", "worktree"))


def read_configuration(repository: Repository) -> Configuration:
    """Everything `git config --list` knows, the user's and the system's files included.

    Raises:
        GitError: if a file does not read; taken for empty it would hide what converts files.
    """
    argv = [EXECUTABLE, f"--git-dir={repository.git_dir}", "config", "--list", "--show-scope", "-z"]
    done = execute(argv, cwd=repository.root, env=users(), limits=DEFAULT_LIMITS)
    if done.exit_code != 0 or done.truncated:
        said = clean(os.fsdecode(done.stderr))
        raise GitError(done.argv, done.exit_code, said, hint="Correct the file; `git config --list` names the line.")
    words = os.fsdecode(done.stdout).split("\0")
    settings = []
    for scope, pair in zip(words[0::2], words[1::2], strict=False):
        # A key without a value means true; git prints it without a line end.
        key, given, value = pair.partition("\n")
        settings.append(Setting(scope=scope, key=key, value=value if given else "true"))
    return Configuration(settings)


def user_path(configuration: Configuration, key: str, default_name: str) -> str:
    """The file a path setting names, or git's default for it under the user's configuration directory."""
    value = configuration.get(key)
    if value:
        return os.path.expanduser(value)
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "git", default_name)


def identity(configuration: Configuration, environment: Mapping[str, str] | None = None) -> str | None:
    """`Name <email>` the user commits as, or None if git does not know it."""
    variables = os.environ if environment is None else environment
    name = configuration.get("user.name")
    email = configuration.get("user.email") or variables.get("EMAIL")
    if not name or not email:
        return None
    # What git itself strips from an identity; anything else would break the commit's header.
    clean = str.maketrans("", "", "<>\n\0")
    return f"{name.translate(clean).strip()} <{email.translate(clean).strip()}>"
