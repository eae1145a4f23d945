"""A repository that would run a program wherever git lets its configuration, attributes or hooks name one."""

import os
import stat

from tests.harness.repo import Repo

HOOKS = (
    "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg",
    "commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "pre-receive", "update",
    "proc-receive", "post-receive", "post-update", "reference-transaction", "push-to-checkout", "pre-auto-gc",
    "post-rewrite", "sendemail-validate", "fsmonitor-watchman", "post-index-change",
)  # fmt: skip
_SETTINGS = (
    "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy",
    "core.alternateRefsCommand", "sequence.editor", "diff.external", "gpg.program", "gpg.ssh.program",
    "gpg.ssh.defaultKeyCommand", "gpg.x509.program", "interactive.diffFilter", "credential.helper",
    "uploadpack.packObjectsHook", "diff.canary.command", "diff.canary.textconv", "merge.canary.driver",
    "filter.canary.clean", "filter.canary.smudge", "filter.lfs.process", "pager.log", "pager.status",
    "pager.for-each-ref", "pager.rev-list", "pager.config", "trailer.x.command", "trailer.x.cmd",
    "trailer.separators", "remote.origin.uploadpack", "remote.origin.receivepack", "remote.origin.vcs",
    "browser.x.cmd", "man.x.cmd", "mergetool.x.cmd", "difftool.x.cmd", "sendemail.smtpserver", "web.browser",
    "submodule.x.update", "tar.x.command", "hook.canary.command", "notes.rewrite.command",
)  # fmt: skip
_ALIASES = (
    "status", "st", "rev-parse", "for-each-ref", "cat-file", "log", "diff-tree", "write-tree", "update-ref",
)  # fmt: skip
_EVENTS = ("reference-transaction", "post-index-change", "pre-commit", "post-checkout")


class Traps:
    """The programs of a repository, each with a canary file that tells that it ran.

    Args:
        repo: gets the traps.
        folder: where the canaries sing, outside the repository.
    """

    def __init__(self, repo: Repo, folder: str) -> None:
        self._folder = folder
        os.makedirs(folder)
        inner = os.path.join(repo.git_dir(), "config.traps")
        for key in _SETTINGS:
            value = self._program(key)
            repo.git("config", "--file", inner, key, f"!{value}" if key == "credential.helper" else value)
        for name in _ALIASES:
            repo.git("config", "--file", inner, f"alias.{name}", f"!{self._program('alias.' + name)}")
        for name in _EVENTS:
            repo.git("config", "--file", inner, "--add", "hook.canary.event", name)
        for key, value in (
            ("core.hooksPath", self._hooks("configured")),
            ("log.showSignature", "true"),
            ("commit.gpgSign", "true"),
            ("tag.gpgSign", "true"),
            ("protocol.allow", "always"),
            ("protocol.ext.allow", "always"),
            ("remote.origin.url", f"ext::{self._program('promisor')} %S"),
            ("remote.origin.promisor", "true"),
            ("submodule.recurse", "true"),
            ("index.threads", "true"),
            ("filter.lfs.required", "true"),
            ("filter.canary.required", "true"),
        ):
            repo.git("config", "--file", inner, key, value)
        self._hooks(os.path.join(repo.git_dir(), "hooks"))
        with open(os.path.join(repo.git_dir(), "info", "attributes"), "w", encoding="utf-8") as file:
            file.write("*.txt filter=canary diff=canary merge=canary\n*.bin filter=lfs\n")
        self._main = os.path.join(repo.git_dir(), "config")

    def _program(self, name: str) -> str:
        canary = os.path.join(self._folder, "sang-" + name.replace("/", "_"))
        path = os.path.join(self._folder, "run-" + name.replace("/", "_"))
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\necho \"$0 $*\" >> '{canary}'\ncat 2>/dev/null\n")
        os.chmod(path, stat.S_IRWXU)
        return path

    def _hooks(self, folder: str) -> str:
        folder = os.path.join(self._folder, folder)
        os.makedirs(folder, exist_ok=True)
        for name in HOOKS:
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\necho ran >> '{self._folder}/sang-hook-{name}'\n")
            os.chmod(os.path.join(folder, name), stat.S_IRWXU)
        return folder

    def arm(self) -> None:
        """From here on the repository's configuration includes them."""
        with open(self._main, "a", encoding="utf-8") as file:
            file.write("[include]\n\tpath = config.traps\n")

    def hush(self) -> None:
        """Forget what ran so far: a program that ran before must not hide that it runs again."""
        for name in self.sung():
            os.unlink(os.path.join(self._folder, f"sang-{name}"))

    def sung(self) -> set[str]:
        """Which programs ran."""
        return {name.removeprefix("sang-") for name in os.listdir(self._folder) if name.startswith("sang-")}
