"""One opened worktree with everything the rest works on: repository, configuration, ledger, clock, locks."""

import contextlib
import os
import threading
from collections.abc import Iterator
from functools import cached_property

from .clock import Clock, SystemClock
from .errors import DamagedError
from .gate.config import Configuration, read_configuration
from .gate.objects import ObjectWriter
from .gate.reader import ObjectReader
from .gate.refs import list_refs
from .gate.repository import Repository, open_repository
from .gate.runner import Git
from .ids import OURS
from .ledger.store import FILE as LEDGER_FILE
from .ledger.store import Ledger
from .lock import locked
from .text import show_path


class Workspace:
    """A worktree and our state for it.

    Args:
        repository: the opened repository.
        clock: time and tokens.
    """

    def __init__(self, repository: Repository, clock: Clock | None = None) -> None:
        self.repository = repository
        self.clock: Clock = clock or SystemClock()
        self._held = threading.local()
        self._configuration: tuple[tuple[object, ...], Configuration] | None = None
        self._ledger: Ledger | None = None
        self._guard = threading.Lock()
        self._notices: list[str] = []

    @property
    def state_dir(self) -> str:
        """Our state for the whole repository."""
        return self.repository.state_dir

    @property
    def worktree_dir(self) -> str:
        """Our state for this worktree."""
        return os.path.join(self.state_dir, "worktrees", self.repository.worktree_id)

    @property
    def intents_dir(self) -> str:
        """Where operations under way, or cut short, have written what they do."""
        return os.path.join(self.worktree_dir, "intents")

    @property
    def interrupted(self) -> bool:
        """Whether an operation may have been cut short."""
        with contextlib.suppress(FileNotFoundError):
            return any(name.endswith(".json") and not name.startswith(".") for name in os.listdir(self.intents_dir))
        return False

    @property
    def root(self) -> str:
        """Top of the worktree."""
        return self.repository.root

    @cached_property
    def writer(self) -> ObjectWriter:
        """Writes objects next to the user's."""
        return ObjectWriter(directory=self.repository.objects_dir, object_format=self.repository.object_format)

    @cached_property
    def reader(self) -> ObjectReader:
        """Reads objects; one process for the life of the workspace."""
        return ObjectReader(Git(git_dir=self.repository.git_dir, cwd=self.repository.common_dir))

    def redact(self, text: str) -> str:
        """A text without the values of the worktree's dotenv files, and without what has the form of a secret."""
        from .dotenv import dotenv_values
        from .redaction import Redactor, salt_of  # slow to load, and no event that only reads needs it

        return Redactor(salt_of(self.state_dir), dotenv_values(self.root)).redact(text)

    @property
    def ledger(self) -> Ledger:
        """The record, opened at first use.

        Raises:
            DamagedError: if it cannot be read, or is gone while checkpoints stand.
        """
        known = self._ledger
        return known if known is not None and known.stands else self._open_ledger()

    def _open_ledger(self) -> Ledger:
        with self._guard:
            if self._ledger is not None and not self._ledger.stands:
                # Rebuilt by another process, or deleted: what is written to the old file is lost.
                self._ledger.close()
                self._ledger = None
            if self._ledger is None:
                if not self._recorded() and list_refs(self.repository, OURS):
                    raise DamagedError(
                        "The ledger is gone, and checkpoints stand.", hint="Run `safe-rollback doctor --repair`."
                    )
                self._ledger = Ledger(self.state_dir, self.clock)
            return self._ledger

    def _recorded(self) -> bool:
        try:
            return os.path.getsize(os.path.join(self.state_dir, LEDGER_FILE)) > 0
        except FileNotFoundError:
            return False

    def reopen_ledger(self) -> None:
        """Close the record, so that the next use opens what stands on disk now."""
        with self._guard:
            if self._ledger is not None:
                self._ledger.close()
            self._ledger = None

    def close(self) -> None:
        """Release what is open."""
        self.reopen_ledger()
        if "reader" in self.__dict__:
            self.reader.close()

    @property
    def configuration(self) -> Configuration:
        """The user's git configuration, read again when one of its files changed."""
        home = os.path.expanduser("~")
        base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
        files = [
            os.path.join(self.repository.common_dir, "config"),
            os.path.join(self.repository.git_dir, "config.worktree"),
            os.path.join(home, ".gitconfig"),
            os.path.join(base, "git", "config"),
        ]
        signature = tuple(_stat(path) for path in files)
        known = self._configuration
        # A file that is included is not among these four: with one, nothing is remembered.
        if known is None or known[0] != signature or any(one.key.startswith("include") for one in known[1].settings):
            known = (signature, read_configuration(self.repository))
            self._configuration = known
        return known[1]

    @property
    def missing_ok(self) -> bool:
        """Whether objects may be absent: a partial clone fetches them later."""
        configuration = self.configuration
        promised = (
            one for one in configuration.settings if one.key.startswith("remote.") and one.key.endswith(".promisor")
        )
        return configuration.get("extensions.partialClone") is not None or any(
            one.value.lower() in ("true", "yes", "on", "1", "") for one in promised
        )

    def notice(self, text: str) -> None:
        """Keep a sentence the next answer has to carry."""
        with self._guard:
            self._notices.append(text)

    def take_notices(self) -> list[str]:
        """What the next answer has to carry, once."""
        with self._guard:
            taken, self._notices = self._notices, []
            return taken

    def worktree_lock(self, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Exclude other work on this worktree; a thread may take it again. Taken before `repository_lock`."""
        return self._lock(os.path.join(self.worktree_dir, "lock"), purpose)

    def repository_lock(self, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Exclude other writers of refs and ledger in all worktrees; a thread may take it again."""
        return self._lock(os.path.join(self.state_dir, "lock"), purpose)

    @contextlib.contextmanager
    def _lock(self, path: str, purpose: str) -> Iterator[None]:
        held: set[str] = self._held.__dict__.setdefault("paths", set())
        if path in held:
            yield
            return
        with locked(path, purpose):
            held.add(path)
            try:
                yield
            finally:
                held.discard(path)


def open_workspace(start: str, clock: Clock | None = None) -> Workspace:
    """Open the worktree that `start` is in.

    Raises:
        SafeRollbackError: see `open_repository`.
        DamagedError: if something in our state directory is a link.
    """
    repository = open_repository(start)
    _check_state(repository.state_dir)
    return Workspace(repository, clock)


def _check_state(folder: str) -> None:
    """We make no links; one that came with a repository would lead our writes out of it."""
    found = [folder] if os.path.islink(folder) else []
    for inner, folders, names in os.walk(folder):
        found += [path for name in (*folders, *names) if os.path.islink(path := os.path.join(inner, name))]
    if found:
        raise DamagedError(f"{show_path(found[0])} is a link, and not made by safe-rollback.", hint="Remove it.")


def _stat(path: str) -> tuple[int, int, int] | None:
    try:
        info = os.stat(path)
    except OSError:
        return None
    return info.st_mtime_ns, info.st_size, info.st_ino
