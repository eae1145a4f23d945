"""Pushes checkpoints to a remote, each ref to the same name; nothing there is deleted, moved back or replaced.

Git runs with the user's own configuration, and so with their credential helpers, SSH settings, proxies and
`url.<base>.insteadOf`; of the repository's configuration only the remote's address counts. It runs in a git directory
of our own that has the repository's objects and nothing else: no hook and no program of the repository is started,
and where the remote is a repository on this machine, none of its hooks either. Only file, https and ssh are spoken.
"""

import contextlib
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ...core.errors import GitError, InvalidInputError, NotFoundError, SafeRollbackError
from ...core.gate.environment import users
from ...core.gate.process import Completed, Limits, execute
from ...core.gate.refs import Ref, is_ancestor
from ...core.gate.runner import EXECUTABLE, HARDENING_ARGS, Git
from ...core.ids import OURS, MaybeOid, Oid, oid
from ...core.ledger.recovery_events import BackedUp
from ...core.snapshot.chain import walk
from ...core.snapshot.checkpoint import SESSIONS
from ...core.text import clean, show_path
from ...core.workspace import Workspace
from .fresh import fresh
from .travel import travel

PROTOCOLS = "file:https:ssh"
_ASKING = Limits(seconds=120)
_PUSHING = Limits(seconds=3600)
_AT_ONCE = 200
_OURS_ONLY = (
    "core.hooksPath=/dev/null",
    "hook.pre-push.enabled=false",
    "hook.reference-transaction.enabled=false",
    "core.alternateRefsCommand=false",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
_PUSH_OPTIONS = (
    "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no", "--porcelain", "--quiet",
)  # fmt: skip
_LOCAL = (*HARDENING_ARGS, "-c", "receive.autoGC=false")


@dataclass(frozen=True, kw_only=True)
class Remote:
    """Where checkpoints go.

    Attributes:
        name: as it is shown and recorded: a remote's name, or an address without user and password.
        url: its address.
    """

    name: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Pushing:
    """What a push would do.

    Attributes:
        remote: where.
        new: refs it does not have.
        forward: refs it has an older state of.
        same: refs it has.
        differs: refs under whose name it has something that is not an older state of ours.
        kept_here: refs with captured ignored files, which never go.
    """

    remote: Remote
    new: Sequence[Ref]
    forward: Sequence[Ref]
    same: Sequence[Ref]
    differs: Sequence[Ref]
    kept_here: int

    @property
    def going(self) -> list[Ref]:
        """What has to be sent."""
        return [*self.new, *self.forward]


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """What a push did.

    Attributes:
        arrived: refs the remote has now, as it answered.
        lost: refs that were sent and that it does not have.
        checkpoints: how many stand in what arrived.
        said: git's own words.
    """

    arrived: Sequence[Ref]
    lost: Sequence[Ref]
    checkpoints: int
    said: str


def remote_of(workspace: Workspace, name: str) -> Remote:
    """A remote by its name, or by an address.

    Raises:
        InvalidInputError: if it looks like an option.
        NotFoundError: if there is no such remote.
    """
    if not name or name.startswith("-") or "\n" in name or "\0" in name:
        raise InvalidInputError("That is no remote.", hint="`git remote -v` shows the remotes.")
    configuration = workspace.configuration
    url = configuration.get(f"remote.{name}.pushurl") or configuration.get(f"remote.{name}.url")
    if url is None and ":" not in name and "/" not in name:
        raise NotFoundError(f"There is no remote {show_path(name)}.", hint="`git remote -v` shows the remotes.")
    return Remote(name=show_path(name) if url else _bare(name), url=url or name)


def _bare(url: str) -> str:
    """An address without user, password and query."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme and parts.netloc:
            return clean(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")))
    return clean(url)


def plan_push(workspace: Workspace, remote: Remote) -> Pushing:
    """Ask the remote what it has of ours.

    Raises:
        SafeRollbackError: if it does not answer, with what git said.
    """
    found = travel(workspace)
    with _outward(workspace) as git:
        there = _listed(git, remote)
    kinds: dict[str, list[Ref]] = {"new": [], "forward": [], "same": [], "differs": []}
    for ref in found.ours:
        kinds[_kind(workspace, there.get(ref.name), ref)].append(ref)
    return Pushing(remote=remote, **kinds, kept_here=len(found.private))


def push(workspace: Workspace, plan: Pushing) -> Pushed:
    """Send what the plan names, and ask the remote whether it arrived.

    Recorded as a backup if the remote then has everything that may travel.

    Raises:
        SafeRollbackError: if git cannot push at all, with what it said.
    """
    going = plan.going
    said = b""
    with _outward(workspace) as git:
        for first in range(0, len(going), _AT_ONCE):
            some = going[first : first + _AT_ONCE]
            done = _run(git, plan.remote, "push", _PUSHING, *(f"{ref.oid}:{ref.name}" for ref in some))
            said += b"\n".join([*(line for line in done.stdout.split(b"\n") if line.startswith(b"!")), done.stderr])
        there = _listed(git, plan.remote) if going else {ref.name: ref.oid for ref in plan.same}
    arrived = [ref for ref in (*plan.same, *going) if there.get(ref.name) == ref.oid]
    lost = [ref for ref in going if there.get(ref.name) != ref.oid]
    checkpoints = count_checkpoints(workspace, arrived)
    if not lost and not plan.differs:
        to = workspace.redact(plan.remote.name)
        with workspace.repository_lock("backup"):
            workspace.ledger.append(BackedUp(to=to, kind="remote", refs=len(arrived), checkpoints=checkpoints))
    return Pushed(arrived=arrived, lost=lost, checkpoints=checkpoints, said=_without_url(said, plan.remote))


def count_checkpoints(workspace: Workspace, refs: Sequence[Ref]) -> int:
    """How many checkpoints stand in refs."""
    return sum(1 for ref in refs if ref.name.startswith(SESSIONS) for _ in walk(workspace.reader, ref.oid))


def _kind(workspace: Workspace, has: MaybeOid, ref: Ref) -> str:
    """What has to be done with a ref of which the remote has `has`; what is not here is no earlier state of ours."""
    if has in (None, ref.oid):
        return "new" if has is None else "same"
    try:
        return "forward" if has and is_ancestor(workspace.repository, has, ref.oid) else "differs"
    except GitError:
        return "differs"


@contextlib.contextmanager
def _outward(workspace: Workspace) -> Iterator[Git]:
    """Git that reads the repository's objects, and of configuration only the user's and the system's."""
    repository = workspace.repository
    folder = tempfile.mkdtemp(prefix="safe-rollback-")
    try:
        git_dir = os.path.join(folder, "git")
        fresh(git_dir, repository.object_format, bare=True)
        if repository.shallow:
            shutil.copyfile(os.path.join(repository.common_dir, "shallow"), os.path.join(git_dir, "shallow"))
        # Relative addresses start at the root, as git reads them there.
        yield Git(git_dir=git_dir, cwd=workspace.root, env={"GIT_OBJECT_DIRECTORY": repository.objects_dir})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _listed(git: Git, remote: Remote) -> dict[str, Oid]:
    done = _run(git, remote, "ls-remote", _ASKING, f"{OURS}*")
    pairs = (line.partition("\t") for line in os.fsdecode(done.stdout).split("\n") if line)
    return {name: oid(tip) for tip, _, name in pairs}


def _run(git: Git, remote: Remote, command: str, limits: Limits, *words: str) -> Completed:
    """`git push` or `git ls-remote` on the user's behalf; the only two commands of ours that leave the machine."""
    environment = users({**git.env, "GIT_ALLOW_PROTOCOL": PROTOCOLS, "GIT_NO_REPLACE_OBJECTS": "1"})
    start = [EXECUTABLE, "--no-pager", f"--git-dir={git.git_dir}"]
    for setting in _OURS_ONLY:
        start += ("-c", setting)
    asked = [*start, "ls-remote", "--get-url", "--", remote.url]
    address = os.fsdecode(execute(asked, cwd=git.cwd, env=environment, limits=_ASKING).stdout).rstrip("\n")
    options = list(_PUSH_OPTIONS) if command == "push" else []
    if _is_local(git.cwd, address):
        other = "receive-pack" if command == "push" else "upload-pack"
        options.append(f"--{other}={shlex.join([EXECUTABLE, *_LOCAL, other])}")
    done = execute([*start, command, *options, "--", remote.url, *words], cwd=git.cwd, env=environment, limits=limits)
    # 1: some refs were not taken. Which, the remote is asked afterwards.
    if done.exit_code == 0 or (command == "push" and done.exit_code == 1):
        return done
    why = f"no answer within {limits.seconds:.0f} s" if done.exit_code is None else _without_url(done.stderr, remote)
    raise SafeRollbackError(
        f"git {command} to {remote.name} failed: {why or '(no message)'}",
        hint="It ran with your own git configuration, not the repository's: see that your credentials work there.",
    )


def _without_url(said: bytes, remote: Remote) -> str:
    """Git's words without an address that may hold a password."""
    text = os.fsdecode(said).replace(remote.url, remote.name).strip()
    return clean(re.sub(r"(?<=://)[^/@\s]+@", "", text))


def _is_local(root: str, address: str) -> bool:
    """Whether an address names a repository on this machine, whose programs would run here."""
    return address.startswith("file://") or os.path.exists(os.path.join(root, address))
