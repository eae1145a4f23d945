"""What git does not record about directories: which are empty, nested repositories, special files.

A full walk costs as much as `git status`; directories change their times when an entry
comes or goes, so only those are read again. One whose times are too close to the moment it
was read is read again next time: an entry may have come in the same clock tick. The walk
runs beside `git status`, so the moment is that before both began.
"""

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import CaptureError
from ..files import canonical_json, read_json, write_atomically
from ..gate.runner import nul
from ..globs import first_match, literal_root, name_expression
from ..records import dataclass, field, fields
from ..text import show_path
from .site import Site

_FORMAT = 5
_IGNORE = ".gitignore"
# ext4 stamps with the kernel's tick (at most 10 ms); some file systems have whole seconds.
_TICK_NS = 20_000_000
_COARSE_NS = 2_000_000_000


def settled(info: os.stat_result, read_at: int) -> bool:
    """Whether a file was read long enough after its last change to be sure the clock has ticked since."""
    return max(info.st_mtime_ns, info.st_ctime_ns) < read_at - tick(info.st_ctime_ns)


def tick(stamp: int) -> int:
    """How long the clock that set a time stamp may have stood still, in nanoseconds."""
    return _COARSE_NS if stamp % 1_000_000_000 == 0 else _TICK_NS


@dataclass
class _Directory:
    """What one directory held when it was read."""

    mtime: int
    ctime: int
    inode: int
    read_at: int
    children: list[str] = field(default_factory=list)
    empty: bool = False
    nested: bool = False
    special: list[str] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # What a walk asks of every directory, each time: made once, for they outlive it.
        self.stamp = (self.mtime, self.ctime, self.inode)
        self.settled = max(self.mtime, self.ctime) < self.read_at - tick(self.ctime)
        self.below: Sequence[str] | None = None

    def values(self) -> list[Any]:
        """What the next process makes it from again."""
        return [getattr(self, one.name) for one in fields(self)]

    def paths(self, path: str) -> Sequence[str]:
        """Its directories, from the site's root, where `path` is its own."""
        if self.below is None:
            self.below = [_join(path, name) for name in self.children]
        return self.below


@dataclass(frozen=True, kw_only=True)
class Directories:
    """The result of a walk; paths relative to the site, ignored directories left out.

    Attributes:
        empty: directories without any entry.
        nested: directories that are repositories of their own.
        special: sockets, pipes and devices.
        ignored: ignored files that the capture patterns ask for.
    """

    empty: Sequence[str]
    nested: Sequence[str]
    special: Sequence[str]
    ignored: Sequence[str]


class DirectoryWalk:
    """The directories of a site, remembered between captures.

    Args:
        site: what is walked.
        patterns: ignored files to look for (`[capture] ignored`).
        afresh: use nothing remembered: what is ignored has changed.

    Attributes:
        rules_changed: whether the last run could not build on what was ignored before.
        changed: directories the last run read anew; None for all of them.
    """

    def __init__(self, site: Site, patterns: Sequence[str], *, afresh: bool = False) -> None:
        # What changes from now on, another one has to see: before this, nothing of it was read.
        self._began = time.time_ns()
        self._site = site
        self._patterns = tuple(patterns)
        # One expression for the patterns that match a bare name: it meets every file there is.
        simple = [pattern for pattern in self._patterns if "/" not in pattern]
        always = [r"\.gitattributes", re.escape(_IGNORE)]
        self._names = re.compile("|".join([*always, *(name_expression(one) for one in simple)]))
        self._anchored = [pattern for pattern in self._patterns if "/" in pattern]
        self._cache_file = os.path.join(site.private, "directories.json")
        self._known: dict[str, _Directory] = {}
        self._ignored: dict[str, bool] = {}
        self._rules: dict[str, list[int] | None] = {}
        self.rules_changed = False
        self.changed: set[str] | None = None
        self._unsaved = False
        self._afresh = afresh
        self._device = os.lstat(site.root).st_dev
        self._prefix = os.path.join(site.root, "")

    def run(self) -> Directories:
        """Walk, reading only directories that changed; `rules_changed` then says whether
        something may have become ignored or is so no longer.

        Raises:
            CaptureError: if a directory cannot be read; a partial capture would pass for a whole one.
        """
        if not self._afresh:
            self._load()
        self.rules_changed = not self._known
        before, found = self._known, self._walk()
        rules = self._stamps()
        known = {path for path in {*rules, *self._rules} if os.path.dirname(path) in before}
        if any(rules.get(path) is None or rules.get(path) != self._rules.get(path) for path in known):
            self.rules_changed = True
            self._known, self._ignored = {}, {}
            found = self._walk()
        self._rules = rules
        ignored = self._wanted_files(found)
        self._unsaved = self.rules_changed or found != before
        if self.rules_changed:
            self.changed = None
        return Directories(
            empty=[path for path, one in found.items() if one.empty and path],
            nested=[path for path, one in found.items() if one.nested],
            special=[_join(path, name) for path, one in found.items() for name in one.special],
            ignored=ignored,
        )

    def _stamps(self) -> dict[str, list[int] | None]:
        """What tells one content of a `.gitignore` from another; None while it may still change unseen."""
        stamps: dict[str, list[int] | None] = {}
        for path in self.files_named(_IGNORE):
            with contextlib.suppress(OSError):
                info = os.lstat(self._site.path(path))
                stamp = [info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino]
                stamps[path] = stamp if settled(info, self._began) else None
        return stamps

    def _walk(self) -> dict[str, _Directory]:
        before = self._known
        found: dict[str, _Directory] = {}
        self.changed = set()
        level = [""]
        while level:
            fresh: list[str] = []
            following: list[str] = []
            for path in level:
                directory = self._look(path, before.get(path))
                if directory is None:
                    continue
                found[path] = directory
                below = directory.paths(path)
                if directory is before.get(path):
                    following += below
                    continue
                self.changed.add(path)
                for child in below:
                    (following if child in before or child in self._ignored else fresh).append(child)
            self._judge(fresh)
            level = [child for child in following + fresh if not self._ignored.get(child, False)]
        self._known = found
        return found

    def searched(self, path: str) -> bool:
        """Whether the last run came through a directory, and looked for its children."""
        directory = self._known.get(path)
        return directory is not None and not directory.nested

    def unchanged(self, path: str) -> bool:
        """Whether a directory of the last run had kept its entries since the one before."""
        return self.changed is not None and self.searched(path) and path not in self.changed

    def files_named(self, name: str) -> list[str]:
        """Files of this name in the directories of the last run; `name` must be a capture candidate."""
        return [_join(path, one) for path, d in self._known.items() for one in d.candidates if one == name]

    def _look(self, path: str, known: _Directory | None) -> _Directory | None:
        absolute = self._prefix + path
        try:
            info = os.lstat(absolute)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISDIR(info.st_mode):
            return None
        # What is mounted here may be of a kind whose directories do not tell.
        if known is not None and known.settled and info.st_dev == self._device:  # noqa: SIM102
            if known.stamp == (info.st_mtime_ns, info.st_ctime_ns, info.st_ino):
                return known
        directory = _Directory(info.st_mtime_ns, info.st_ctime_ns, info.st_ino, read_at=self._began)
        try:
            with os.scandir(absolute) as entries:
                self._read(path, directory, list(entries))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CaptureError(
                f"The directory {show_path(path) or '.'} cannot be read: {error.strerror}.",
                hint="Make it readable or ignore it in .gitignore; no checkpoint was taken.",
            ) from error
        return directory

    def _read(self, path: str, directory: _Directory, entries: list["os.DirEntry[str]"]) -> None:
        directory.empty = not entries
        # A pass for each question, in the interpreter's fastest form: this meets every file there is.
        folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        files = [entry.name for entry in entries if entry.is_file(follow_symlinks=False) or entry.is_symlink()]
        if ".git" in folders or ".git" in files:
            directory.nested = bool(path) and is_repository(_join(self._site.path(path), ".git"))
        directory.children = [name for name in folders if name != ".git"]
        if len(folders) + len(files) != len(entries):
            known = {*folders, *files}
            directory.special = [entry.name for entry in entries if entry.name not in known and entry.name != ".git"]
        directory.candidates = [name for name in filter(self._names.fullmatch, files) if name != ".git"]
        if self._anchored:
            others = set(files).difference(directory.candidates, (".git",))
            directory.candidates += [
                name for name in sorted(others) if first_match(_join(path, name), self._anchored)
            ]
        if directory.nested:
            directory.children, directory.candidates, directory.special = [], [], []

    def _judge(self, paths: Iterable[str]) -> None:
        """Ask git which of the paths are ignored."""
        asked = list(paths)
        if not asked:
            return
        # With ./ in front a leading colon is no pathspec magic; elsewhere ./ would be slow.
        named = {f"./{path}" if path.startswith(":") else path: path for path in asked}
        # --no-index: otherwise each path is compared with every entry of the index.
        argv = ("check-ignore", "--no-index", "-z", "--stdin")
        ignored = set(self._site.git.fields(*argv, stdin=nul(list(named)), ok=(0, 1)))
        self._ignored.update({path: word in ignored for word, path in named.items()})

    def _wanted_files(self, found: dict[str, _Directory]) -> list[str]:
        wanted = [
            path
            for folder, one in found.items()
            for path in (_join(folder, name) for name in one.candidates)
            if first_match(path, self._patterns)
        ]
        for pattern in self._patterns:
            root = literal_root(pattern)
            if root and root not in found:
                wanted += self._search(root, pattern)
        self._judge(path for path in wanted if path not in self._ignored)
        return sorted({path for path in wanted if self._ignored.get(path)})

    def _search(self, root: str, pattern: str) -> list[str]:
        """Files inside an ignored directory that a pattern names explicitly."""
        hits = []
        for folder, folders, names in os.walk(self._site.path(root)):
            relative = os.path.relpath(folder, self._site.root)
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            hits += [p for p in (_join(relative, name) for name in names + links) if first_match(p, [pattern])]
        return hits

    def _load(self) -> None:
        data = _remembered(self._cache_file)
        if data is None or data["format"] != [_FORMAT, list(self._patterns)] or data["telling"] != self._device:
            return
        self._known = data["directories"]
        self._ignored, self._rules = dict(data["ignored"]), dict(data["rules"])

    def save(self) -> None:
        """Remember the last run."""
        if not self._unsaved:
            return
        data = {
            "format": [_FORMAT, list(self._patterns)],
            "telling": _telling(self._site.private),
            "directories": {path: one.values() for path, one in self._known.items()},
            "ignored": self._ignored,
            "rules": self._rules,
        }
        write_atomically(self._cache_file, canonical_json(data).encode(), durable=False)


def _telling(folder: str) -> int | None:
    """The device of a directory of ours, if directories there change their time with their entries.

    Some network and FUSE file systems leave it as it was.
    """
    import tempfile  # late: it is slow to load, and needed once for a worktree

    with tempfile.TemporaryDirectory(dir=folder, prefix="times-") as probe:
        for change in (os.mkdir, os.rmdir):
            os.utime(probe, ns=(0, 0))
            change(os.path.join(probe, "entry"))
            info = os.lstat(probe)
            if info.st_mtime_ns == 0:
                return None
        return info.st_dev


_last: dict[str, tuple[tuple[int, int, int], dict[str, Any]]] = {}


def _remembered(path: str) -> dict[str, Any] | None:
    """What a walk left in a file, read again only if the file is another one; not to be changed."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    stamp = (info.st_mtime_ns, info.st_size, info.st_ino)
    known = _last.get(path)
    if known is None or known[0] != stamp:
        data = read_json(path)
        if not isinstance(data, dict) or data.get("format", [None])[0] != _FORMAT:
            return None
        data["directories"] = {name: _Directory(*values) for name, values in data["directories"].items()}
        known = _last[path] = (stamp, data)
    return known[1]


def is_repository(dot_git: str) -> bool:
    """Whether a `.git` entry is a repository: a directory with HEAD, or a file that names one."""
    if os.path.isdir(dot_git):
        return os.path.lexists(os.path.join(dot_git, "HEAD"))
    try:
        with open(dot_git, "rb") as file:
            return file.read(8) == b"gitdir: "
    except OSError:
        return False


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
