"""What an analysis may ask about the repository a command runs in."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from ...core.late import late
from ...core.records import dataclass, field, replace

OFF = frozenset({"false", "no", "off", "0", ""})
# As they are meant: `@{-1}` and `-` stand for other branches.
_BRANCH = late(r"\w[\w./#+-]*")
_ON = frozenset({"true", "yes", "on", "1"})


@dataclass(frozen=True, kw_only=True)
class Context:
    """The surroundings of a command.

    Attributes:
        aliases: git aliases of the configuration, by lower-case name.
        settings: all values of the git configuration by lower-case key; one that is not known holds a NUL.
        is_revision: whether a word names a commit here; without a repository nothing is known to.
        is_remote_branch: whether a remote has a branch of that name, which `checkout` then makes.
        holds_checkpoints: whether a revision (or `--branches`) reaches commits of ours that no remote has.
        branch: the current branch, short; None when detached or unknown.
        root: the worktree's root, absolute; None if unknown.
        directory: where the command runs, from the root; it counts only if `exists` is known.
        exists: whether a path from the root is taken; None if that is not known.
        is_directory: whether an absolute path is a directory and no link; None if that is not known.
        internals: absolute paths that are git's own or the guard's: files, or directories with all below.
        variables: the shell's and the environment's variables whose values are known.
        scripts: the scripts of the nearest package.json at or above a directory (from the root), with the directory
            it stands in; None if there is none that reads.
        fed: whether `xargs`, `parallel`, `find` or a loop starts the command, with words it takes from a stream.
        links: where paths lead, as far as it was asked.
        moved: where files were that the line has renamed before, by where they are then; from the root.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_revision: Callable[[str], bool] | None = None
    is_remote_branch: Callable[[str], bool] | None = None
    holds_checkpoints: Callable[[str], bool] | None = None
    branch: str | None = None
    root: str | None = None
    directory: str = ""
    exists: Callable[[str], bool] | None = None
    is_directory: Callable[[str], bool] | None = None
    internals: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    scripts: Callable[[str], tuple[str, Mapping[str, str]] | None] | None = None
    fed: bool = False
    links: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    moved: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def begin(self) -> None:
        """Forget what an analysis before this one learnt."""
        self.links.clear()
        self.moved.clear()

    def came_from(self, place: str) -> list[str]:
        """Where the files were that the line has renamed to a path, or to one below it."""
        return [origin for now, origin in self.moved.items() if now == place or now.startswith(f"{place}/")]

    def real(self, path: str) -> str:
        """An absolute path without links, looked up once in an analysis."""
        found = self.links.get(path)
        if found is None:
            found = self.links[path] = os.path.realpath(path)
        return found

    @property
    def real_root(self) -> str:
        """The worktree's root without links; empty if it is not known."""
        return "" if self.root is None else self.real(self.root)

    def having(self, settings: Iterable[tuple[str, str]]) -> "Context":
        """The same with more settings, as `-c` and `GIT_CONFIG_KEY_0` make them."""
        every, aliases = dict(self.settings), dict(self.aliases)
        for key, text in settings:
            every[key] = (*every.get(key, ()), text)
            if key.startswith("alias."):
                aliases[key.removeprefix("alias.")] = text
        return replace(self, settings=every, aliases=aliases)

    def within(self, directory: str) -> "Context":
        """The same from another directory, as `-C` names it."""
        place = self.place(directory)
        return self.elsewhere() if place is None else replace(self, directory=place)

    def elsewhere(self) -> "Context":
        """The same from a directory that is not known."""
        return replace(self, exists=None)

    def place(self, path: str) -> str | None:
        """A path from the root of the worktree; None if it leads out of it."""
        if path.startswith("~") or (os.path.isabs(path) and self.root is None):
            return None
        whole = os.path.join(self.root or "", self.directory, path)
        place = os.path.relpath(whole, self.root) if self.root is not None else os.path.normpath(whole)
        return None if place == ".." or place.startswith("../") else place

    def absolute(self, path: str) -> str | None:
        """A path from the file system's root, `..` resolved by name; None where nothing tells the directory."""
        if path == "~" or path.startswith("~/"):
            home = self.variables.get("HOME")
            path = home + path[1:] if home else path
        if path.startswith("~"):
            return None
        if not os.path.isabs(path) and (self.root is None or self.exists is None):
            return None
        return os.path.normpath(os.path.join(self.root or "/", self.directory, path))

    def lacks_branch(self, name: str) -> bool:
        """Whether a branch certainly does not exist in the repository a command runs in."""
        if self.is_revision is None or self.exists is None or not _BRANCH.fullmatch(name):
            return False
        parts = [one for one in self.directory.split("/") if one not in ("", ".")]
        nested = any(self.exists("/".join([*parts[:count], ".git"])) for count in range(1, len(parts) + 1))
        return not nested and not self.is_revision(f"refs/heads/{name}")

    def value(self, key: str) -> str | None:
        """The value of a setting that counts, the last one."""
        return values[-1] if (values := self.settings.get(key)) else None

    def may_be_off(self, key: str, *, default: bool) -> bool:
        """Whether a boolean setting is off, or not known to be on."""
        value = self.value(key)
        return not default if value is None else value.lower() not in _ON

    def may_be_on(self, key: str) -> bool:
        """Whether a setting that is off by default is on, or not known to be off."""
        value = self.value(key)
        return value is not None and value.lower() not in OFF


NOWHERE = Context()
