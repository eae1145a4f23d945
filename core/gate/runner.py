"""Git bound to a git directory: the plain runner, which imports nothing beyond the standard library."""

import os
from collections.abc import Mapping, Sequence
from subprocess import DEVNULL

from ..errors import GitError
from ..records import dataclass, field, replace
from ..text import clean
from .environment import hardened
from .process import DEFAULT_LIMITS, Completed, Limits, Running, execute, kill_group, spawn

EXECUTABLE = "git"

# Each of these makes git run a program or follow a path that the repository's own
# configuration may set. `hook.<event>.enabled` covers the hooks that git 2.54 and
# later define in configuration, which core.hooksPath does not stop.
_HARDENING = (
    "core.hooksPath=/dev/null",
    "hook.reference-transaction.enabled=false",
    "hook.post-index-change.enabled=false",
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.editor=false",
    "core.askPass=",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.alternateRefsCommand=false",
    "credential.helper=",
    # `git log` verifies signatures where the configuration says so.
    "log.showSignature=false",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
    # A default commit issues no fsync at all; under a power-loss model HEAD and index broke.
    "core.fsync=all",
    # Paths come back as bytes with -z; this is for the commands that have none.
    "core.quotePath=true",
)
HARDENING_ARGS = tuple(word for setting in _HARDENING for word in ("-c", setting))


@dataclass(frozen=True, kw_only=True)
class Git:
    """Git plumbing on one git directory, hardened.

    Attributes:
        git_dir: the git directory, absolute; passed explicitly, so nothing is discovered.
        work_tree: the work tree, absolute, or None for commands that have none.
        cwd: directory to run in.
        env: variables on top of the hardened environment.
        settings: further `-c` settings, after the hardening.
    """

    git_dir: str
    cwd: str
    work_tree: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[str, ...] = ()

    def argv(self, *args: str) -> list[str]:
        """The whole command line for `args`."""
        words = [EXECUTABLE, "--no-pager", f"--git-dir={self.git_dir}"]
        if self.work_tree is not None:
            words.append(f"--work-tree={self.work_tree}")
        words.extend(HARDENING_ARGS)
        for setting in self.settings:
            words += ("-c", setting)
        words.extend(args)
        return words

    def environment(self) -> dict[str, str]:
        """The whole environment."""
        return hardened(self.env)

    def run(
        self,
        *args: str,
        stdin: bytes | None = None,
        ok: Sequence[int] = (0,),
        limits: Limits = DEFAULT_LIMITS,
    ) -> Completed:
        """Run `git <args>`.

        Raises:
            GitError: if the exit code is not in `ok`, the time limit passed, or output was cut.
        """
        done = execute(self.argv(*args), cwd=self.cwd, env=self.environment(), stdin=stdin, limits=limits)
        return self.checked(done, ok, limits)

    def start(self, *args: str, limits: Limits = DEFAULT_LIMITS) -> Running:
        """Start `git <args>`; its result is for `checked`."""
        return Running(self.argv(*args), cwd=self.cwd, env=self.environment(), limits=limits)

    @staticmethod
    def checked(done: Completed, ok: Sequence[int], limits: Limits) -> Completed:
        """The same, if it went well.

        Raises:
            GitError: as in `run`.
        """
        if done.exit_code is None:
            raise GitError(done.argv, None, f"no answer within {limits.seconds:.0f} s")
        if done.exit_code not in ok:
            raise GitError(done.argv, done.exit_code, clean(os.fsdecode(done.stderr)))
        if done.truncated:
            raise GitError(done.argv, done.exit_code, f"more than {limits.stdout} bytes of output")
        return done

    def piped(self, source: Sequence[str], *args: str) -> Completed:
        """Run `git <source> | git <args>`, without the bytes between them passing through here.

        Raises:
            GitError: as in `run`, for either of them.
        """
        first = spawn(self.argv(*source), cwd=self.cwd, env=self.environment(), stdin=DEVNULL, stderr=DEVNULL)
        try:
            assert first.stdout is not None
            done = execute(self.argv(*args), cwd=self.cwd, env=self.environment(), stdin=first.stdout.fileno())
            first.stdout.close()
            code = first.wait(timeout=DEFAULT_LIMITS.seconds)
        except BaseException:
            kill_group(first)
            raise
        if code != 0:
            raise GitError(tuple(self.argv(*source)), code, "")
        return self.checked(done, (0,), DEFAULT_LIMITS)

    def out(self, *args: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> str:
        """Standard output without its final line end, as an `os.fsdecode` string."""
        return os.fsdecode(self.run(*args, stdin=stdin, ok=ok).stdout).removesuffix("\n")

    def fields(self, *args: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> list[str]:
        """Output of a `-z` command, split at NUL."""
        text = os.fsdecode(self.run(*args, stdin=stdin, ok=ok).stdout)
        return text.split("\0")[:-1] if text.endswith("\0") else text.split("\0") if text else []

    def using(
        self,
        *,
        env: Mapping[str, str] | None = None,
        settings: Sequence[str] = (),
        work_tree: str | None = None,
    ) -> "Git":
        """The same git with more environment, settings, or another work tree."""
        return replace(
            self,
            env={**self.env, **(env or {})},
            settings=(*self.settings, *settings),
            work_tree=self.work_tree if work_tree is None else work_tree,
        )


def nul(paths: Sequence[str]) -> bytes:
    """Paths for a `-z --stdin` command."""
    return b"".join(os.fsencode(path) + b"\0" for path in paths)
