"""Configuration keys that make git run programs, skip hooks, prune or work elsewhere."""

import re

from ...core.late import late
from ..effects import Effect

# Configuration that makes git run a program.
RUNS_PROGRAM = late(
    r"core\.(fsmonitor|pager|editor|sshcommand|askpass|gitproxy|alternaterefscommand)"
    r"|sequence\.editor|diff\.external|diff\..*\.(command|textconv)|merge\..*\.driver"
    r"|filter\..*\.(clean|smudge|process)|gpg\.(.*\.)?(program|defaultkeycommand)|tar\..*\.command|credential\.(.*\.)?helper"
    r"|pager\..*|interactive\.difffilter|(difftool|mergetool|browser|man)\..*\.(cmd|path)"
    r"|uploadpack\.packobjectshook|trailer\..*\.(command|cmd)|submodule\..*\.update|sendemail\..*|web\.browser"
    r"|protocol\..*allow|remote\..*\.(uploadpack|receivepack|vcs|proxy)|url\..*\.(push)?insteadof",
    re.IGNORECASE,
)
# Of these, the ones whose value is a line that git gives to a shell.
_RUNS_LINE = late(
    r"core\.(pager|editor|sshcommand|fsmonitor|alternaterefscommand)|sequence\.editor|diff\.external"
    r"|diff\..*\.(command|textconv)|merge\..*\.driver|filter\..*\.(clean|smudge|process)|tar\..*\.command"
    r"|pager\..*|interactive\.difffilter|(difftool|mergetool|browser|man)\..*\.cmd"
    r"|uploadpack\.packobjectshook|trailer\..*\.(command|cmd)",
    re.IGNORECASE,
)
# A line only behind an exclamation mark.
_RUNS_MARKED = late(r"credential\.(.*\.)?helper|submodule\..*\.update", re.IGNORECASE)
# Configuration that brings in more of it, or leads to another worktree.
_LEADS_ELSEWHERE = late(
    r"include(if\..*)?\.path|core\.(worktree|excludesfile|attributesfile)|init\.templatedir", re.IGNORECASE
)
# Configuration that changes what git takes the repository for.
_FORMAT = late(r"core\.(bare|repositoryformatversion)|extensions\..*", re.IGNORECASE)
_FETCHES = late(r"remote\..*\.fetch", re.IGNORECASE)
_HOOKS = late(r"core\.hookspath|hook\..*", re.IGNORECASE)
_PRUNES = late(r"gc\.(.*\.)?(pruneexpire|reflogexpire|reflogexpireunreachable)", re.IGNORECASE)


def shell_line(key: str, value: str) -> str | None:
    """The shell line in a setting that git runs; None if there is none, or it is not known."""
    if "\0" in value:
        return None
    if _RUNS_MARKED.fullmatch(key):
        return value[1:] if value.startswith("!") else None
    return value if _RUNS_LINE.fullmatch(key) else None


def setting_effect(key: str, span: str) -> Effect | None:
    """What setting a configuration key makes possible, if it is dangerous."""
    if _HOOKS.fullmatch(key):
        return Effect(effect="hooks.bypass", targets=(key,), span=span, why="it changes which hooks run")
    if _PRUNES.fullmatch(key):
        return Effect(effect="history.prune", targets=(key,), span=span, why="it lets git prune what recovery needs")
    if RUNS_PROGRAM.fullmatch(key):
        return Effect(effect="unknown", targets=(key,), span=span, why="git runs the program it names")
    if _LEADS_ELSEWHERE.fullmatch(key):
        return Effect(effect="unknown", targets=(key,), span=span, why="git reads more from there")
    if _FORMAT.fullmatch(key):
        why = "it changes what git takes this repository for"
        return Effect(effect="unknown", targets=(key,), span=span, why=why)
    if _FETCHES.fullmatch(key):
        return Effect(effect="unknown", targets=(key,), span=span, why="it decides which refs a fetch moves")
    return None


def section_effect(section: str) -> Effect | None:
    """What removing or renaming a whole section of the configuration takes away, if it is dangerous."""
    if section.lower() == "core" or section.lower().partition(".")[0] == "hook":
        return Effect(effect="hooks.bypass", targets=(section,), span="", why="it changes which hooks run")
    if section.lower().partition(".")[0] == "extensions":
        why = "it changes what git takes this repository for"
        return Effect(effect="unknown", targets=(section,), span="", why=why)
    return None
