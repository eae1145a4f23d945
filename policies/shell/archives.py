"""Programs that pack, unpack and mirror whole directories."""

import os
from collections.abc import Sequence

from ..effects import Effect
from . import places
from .command import Command, Program
from .options import Parsed, Takes
from .outcome import arguments, operands, outcome, patterns, reads

_TAR_TAKES = Takes(
    short="fCTXIbgHKLNV",
    long=(
        "file", "directory", "files-from", "exclude", "exclude-from", "use-compress-program", "to-command",
        "checkpoint-action", "transform", "strip-components", "owner", "group", "mode", "info-script", "rsh-command",
    ),
)  # fmt: skip
_TAR_RUNS = ("-I", "--use-compress-program", "--to-command", "--info-script", "--rsh-command")


def _tar(command: Command) -> list[Effect]:
    words = list(command.words)
    # `tar xf a.tar`: the first word is a cluster even without its dash.
    if len(words) > 1 and not words[1].startswith("-"):
        words[1] = f"-{words[1]}"
    parsed = arguments(
        Command(words=words, context=command.context, line=command.line, call=command.call), _TAR_TAKES
    )
    found = _started(command, parsed)
    folders, archives = parsed.all_values("-C", "--directory"), parsed.all_values("-f", "--file")
    if parsed.on("-x", "--extract", "--get") and not parsed.on("-O", "--to-stdout"):
        return found + _extracted(command, parsed, folders[-1] if folders else ".")
    if parsed.on("-c", "--create"):
        found += places.overwritten(archives, command.context, span=command.span, why="it writes an archive")
    elif parsed.on("-r", "-u", "-A", "--append", "--update", "--delete"):
        found += places.written(archives, command.context, span=command.span, why="it changes an archive")
    if parsed.on("--remove-files"):
        found += places.deleted(
            operands(parsed), command.context, recursive=True, span=command.span, why="it deletes what it packed"
        )
    return found or reads(command)


def _started(command: Command, parsed: Parsed) -> list[Effect]:
    lines = parsed.all_values(*_TAR_RUNS)
    actions = parsed.all_values("--checkpoint-action")
    lines += [one.removeprefix("exec=") for one in actions if one.startswith("exec=")]
    return [effect for line in lines for effect in command.line(line, command.context)]


def _extracted(command: Command, parsed: Parsed, folder: str) -> list[Effect]:
    why = "it unpacks, and what the archive holds is not known"
    if parsed.on("--recursive-unlink", "--unlink-first", "-U"):
        return places.deleted([folder], command.context, recursive=True, span=command.span, why="it deletes first")
    return _unpacked(command, folder, operands(parsed), why)


def _unpacked(command: Command, folder: str, members: Sequence[str], why: str) -> list[Effect]:
    for path in (folder, *(os.path.join(folder, one) for one in members)):
        if internal := places.tampers(path, command.context):
            return outcome(command, "guard.tamper", f"{why}, and {internal}", [path])
    if places.place_of(folder, command.context) is None:
        return places.written([folder], command.context, span=command.span, why="it unpacks")
    return outcome(command, "unknown", why)


def _unzip(command: Command) -> list[Effect]:
    parsed = arguments(command, Takes(short="dxP"))
    if parsed.on("-l", "-t", "-p", "-Z", "-z", "-v"):
        return reads(command)
    why = "it unpacks, and what the archive holds is not known"
    return _unpacked(command, parsed.value("-d") or ".", operands(parsed)[1:], why)


def _zip(command: Command) -> list[Effect]:
    parsed = arguments(command, Takes(short="xinbtT"))
    words = operands(parsed)
    found = places.written(words[:1], command.context, span=command.span, why="it writes an archive")
    if parsed.on("-m", "--move"):
        found += places.deleted(
            words[1:], command.context, recursive=True, span=command.span, why="it deletes what it packed"
        )
    return found or reads(command)


_RSYNC_TAKES = Takes(
    short="efBTM",
    long=(
        "rsh", "filter", "exclude", "exclude-from", "include", "include-from", "files-from", "rsync-path",
        "backup-dir", "suffix", "temp-dir", "log-file", "bwlimit", "port", "max-size", "min-size", "chmod", "chown",
        "compare-dest", "copy-dest", "link-dest", "password-file", "timeout", "info", "out-format", "partial-dir",
    ),
)  # fmt: skip
_MIRRORS = ("--delete", "--del", "--delete-before", "--delete-after", "--delete-during", "--delete-excluded")


def _rsync(command: Command) -> list[Effect]:
    parsed = arguments(command, _RSYNC_TAKES)
    words = operands(parsed)
    if len(words) < 2 or parsed.on("-n", "--dry-run", "--list-only"):
        return reads(command)
    *sources, target = words
    mirrors = parsed.on(*_MIRRORS, "--delete-delay", "--delete-missing-args")
    if ":" in target.partition("/")[0]:
        effect = "outside.delete" if mirrors else "deploy.run"
        return outcome(command, effect, "it writes to another machine", [target])
    found = _mirrored(command, parsed, target, mirrors)
    if parsed.on("--remove-source-files"):
        found += places.deleted(
            sources, command.context, recursive=True, span=command.span, why="it moves away", wild=patterns(command)
        )
    return found


def _mirrored(command: Command, parsed: Parsed, target: str, mirrors: bool) -> list[Effect]:
    if mirrors:
        why = "it deletes what the source does not have"
        return places.deleted([target], command.context, recursive=True, span=command.span, why=why)
    keeps = parsed.on("--ignore-existing", "-u", "--update")
    judge = places.written if keeps else places.overwritten
    return judge([target], command.context, span=command.span, why="it copies over what stands there")


def _scp(command: Command) -> list[Effect]:
    words = operands(arguments(command, Takes(short="cDFiJloPSX")))
    if ":" in words[-1].partition("/")[0] if words else False:
        return outcome(command, "deploy.run", "it writes to another machine", words[-1:])
    return places.overwritten(words[-1:], command.context, span=command.span, why="it copies") or reads(command)


PROGRAMS: dict[str, Program] = {
    "tar": _tar,
    "gtar": _tar,
    "bsdtar": _tar,
    "unzip": _unzip,
    "zip": _zip,
    "rsync": _rsync,
    "scp": _scp,
}
"""Programs by name."""
