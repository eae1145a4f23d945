"""What a probe is: a read-only question to one kind of running system."""

import os
import re
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ...core.dotenv import parse
from ...core.inventory import LiveSource
from ...core.redaction import Redactor, hashed
from ..model import Item, Live

_MAX_DOTENV = 256 << 10


ELSEWHERE = "elsewhere"
"""The state of a migration in a database that its tool keeps no history in; what another one says counts."""


class ProbeError(Exception):
    """A system could not be asked, or gave no answer that can be used.

    Args:
        why: what is wrong and what to do, without secrets.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Secret:
    """A value of the environment, with where it comes from; its text never shows the value."""

    value: str = field(repr=False)
    from_worktree: bool = False


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What a probe needs to ask one source.

    Attributes:
        source: as the project configured it.
        root: the worktree's.
        environ: the server's own environment.
        deadline: of `time.monotonic`; no answer counts after it.
        salt: of the hashes that stand for values.
        redactor: hides what was looked up here, wherever it appears.
        artifacts: the project's patterns of what a build leaves.
        recorded: this source's fingerprint from before the target; empty if none was taken.
    """

    source: LiveSource
    root: str
    environ: Mapping[str, str] = field(repr=False)
    deadline: float
    salt: bytes = field(repr=False)
    redactor: Redactor = field(repr=False)
    artifacts: Sequence[str] = ()
    recorded: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Seconds left.

        Raises:
            ProbeError: if there are none.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise ProbeError("it did not answer in time")
        return left

    def option(self, name: str, default: str = "") -> str:
        """An option of the source."""
        return self.source.options.get(name, default)

    def needed(self, name: str) -> str:
        """An option of the source that it cannot be asked without.

        Raises:
            ProbeError: if it is not set.
        """
        if value := self.option(name):
            return value
        raise ProbeError(f"the option {name!r} is not set in the protocol")

    def hash(self, value: str) -> str:
        """What stands for a value."""
        return hashed(value, self.salt)

    def path(self) -> str:
        """The source's path, absolute, with no symbolic link on the way out of the worktree.

        Raises:
            ProbeError: if it is outside.
        """
        return inside(self.root, self.source.path)

    def address(self, default: str = "") -> Secret:
        """The source's address: of its variable, or the default of its kind.

        Raises:
            ProbeError: if there is none.
        """
        if not self.source.url_env:
            if default:
                return Secret(default)
            raise ProbeError("url_env is not set: name the environment variable that holds its address")
        return self._variable(self.source.url_env)

    def token(self, address: Secret) -> str:
        """The source's token, for an address.

        A token of the server's own environment goes only where that environment, or this program, says: a
        repository that brings a dotenv file cannot have it sent to a host of its choice.

        Raises:
            ProbeError: if there is none, or if it would.
        """
        secret = self._variable(self.needed("token_env"))
        if address.from_worktree and not secret.from_worktree:
            raise ProbeError(
                f"the address stands in the worktree, the token in the server's environment: "
                f"set {self.source.url_env} in the server's environment too"
            )
        return secret.value

    def _variable(self, name: str) -> Secret:
        found = self.environ.get(name, "")
        from_worktree = False
        if not found and (dotenv := self.option("dotenv")):
            text = read_file(inside(self.root, dotenv), _MAX_DOTENV)
            found = dict(parse(text.decode("utf-8", "replace"))).get(name, "")
            from_worktree = True
        if not found:
            raise ProbeError(f"the environment variable {name} is not set")
        self.redactor.hide(found, name)
        return Secret(found, from_worktree)


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A kind of system that can be asked.

    Attributes:
        kind: as `core.inventory.LIVE_KINDS` names it.
        domain: the domain that is unknown if it does not answer.
        answers: whether it can say something about an item.
        ask: what it says, by the items' ids; may leave some out. Raises `ProbeError`.
        fingerprint: the state of everything it knows, as states and salted hashes, for a checkpoint. Raises
            `ProbeError`.
    """

    kind: str
    domain: str
    answers: Callable[[Item], bool]
    ask: Callable[[Connection, Sequence[Item]], Mapping[str, Live]]
    fingerprint: Callable[[Connection], Mapping[str, str]]


def inside(root: str, path: str) -> str:
    """A path from the root, absolute; links on the way are followed as long as they stay inside.

    Raises:
        ProbeError: if it leads outside.
    """
    base = os.path.realpath(root)
    full = os.path.realpath(os.path.join(base, path))
    if full != base and os.path.commonpath([base, full]) != base:
        raise ProbeError(f"{path} leads outside of the worktree")
    return full


def presence(item: Item, there: bool, detail: str) -> Live:
    """What it means for an item that its thing is there, or is not.

    What the target added has to be gone, what it removed has to be back; what it changed has to be looked at.
    """
    clean = {"added": not there, "removed": there}.get(item.change)
    return Live(checked=True, state="present" if there else "absent", detail=detail, clean=clean)


def unknown(why: str, *, checked: bool = False) -> Live:
    """Nothing could tell."""
    return Live(checked=checked, detail=why)


def recorded_hash(text: str) -> str:
    """The salted hash in what was shown in place of a value; empty if there is none."""
    found = re.search(r"#([0-9a-f]{8})\b", text)
    return found[1] if found else ""


def read_file(path: str, limit: int) -> bytes:
    """The content of a regular file that is no link; no pipe is waited for.

    Raises:
        ProbeError: if it cannot be read, or is larger than `limit` bytes.
    """
    name = os.path.basename(path)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise ProbeError(f"{name} cannot be read: {getattr(error, 'strerror', None) or 'no such name'}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ProbeError(f"{name} is no file")
    with os.fdopen(handle, "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ProbeError(f"{name} is too large")
    return data
