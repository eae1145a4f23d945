"""Programs that write, move and delete files."""

import os
from collections.abc import Sequence

from ...core.late import late
from ..effects import Effect, Stake
from . import places
from .command import Command, Program
from .embedded import unread
from .options import NOTHING, Parsed, Takes
from .outcome import arguments, operands, outcome, patterns, reads

_COPY_TAKES = Takes(
    short="tSmgo", long=("target-directory", "suffix", "mode", "group", "owner", "sparse", "context", "strip-program")
)


def _rm(command: Command) -> list[Effect]:
    parsed = arguments(command)
    if parsed.on("--help", "--version"):
        return reads(command)
    # An option that is computed in part may be -r.
    recursive = parsed.on("-r", "-R", "--recursive", "-\0") or any("\0" in one for one in parsed.options)
    if command.context.fed and "\0" in parsed.words[:-1]:
        # So may a word from a stream that stands before what is deleted.
        recursive = recursive or any("\0" not in one for one in parsed.words[parsed.words.index("\0") :])
    return _deletes(command, operands(parsed), recursive=recursive, why="it deletes")


def _deletes(command: Command, words: Sequence[str], *, recursive: bool, why: str) -> list[Effect]:
    return places.deleted(
        words, command.context, recursive=recursive, span=command.span, why=why, wild=patterns(command)
    ) or reads(command, "it names no file")


def _removes(*, recursive: bool, takes: Takes = NOTHING) -> Program:
    def program(command: Command) -> list[Effect]:
        return _deletes(command, operands(arguments(command, takes)), recursive=recursive, why="it deletes")

    return program


def _writes(why: str, takes: Takes = NOTHING, *, skip: int = 0) -> Program:
    """A program that writes its operands, the first `skip` of them apart."""

    def program(command: Command) -> list[Effect]:
        words = operands(arguments(command, takes))[skip:]
        return places.written(words, command.context, span=command.span, why=why) or reads(
            command, "it names no file"
        )

    return program


def _tee(command: Command) -> list[Effect]:
    parsed = arguments(command)
    judge = places.written if parsed.on("-a", "--append") else places.replaced
    return judge(operands(parsed), command.context, span=command.span, why="it writes what it reads") or reads(
        command, "it names no file"
    )


def _copy(command: Command) -> list[Effect]:
    parsed = arguments(command, _COPY_TAKES)
    sources, targets = _sources_and_targets(command, parsed)
    return _onto(command, parsed, targets) + _linked(command, parsed, sources, targets) or reads(
        command, "it copies nothing"
    )


def _linked(command: Command, parsed: Parsed, sources: Sequence[str], targets: Sequence[str]) -> list[Effect]:
    """A link into git's own directory would let any later command write there."""
    if not parsed.on("-l", "-s", "--link", "--symbolic-link", "--symbolic"):
        return []
    # A relative link counts from where it stands.
    ways = [(one, os.path.join(os.path.dirname(target), one)) for one in sources for target in targets]
    inside = [(one[0], why) for one in ways for path in one if (why := places.tampers(path, command.context))]
    return [one for word, why in inside for one in outcome(command, "guard.tamper", f"it links, and {why}", [word])]


def _onto(command: Command, parsed: Parsed, targets: Sequence[str]) -> list[Effect]:
    keeps = parsed.on("-n", "--no-clobber", "--no-overwrite") or "none" in str(parsed.value("--update"))
    judge = places.written if keeps else places.overwritten
    return judge(targets, command.context, span=command.span, why="it writes over what stands there")


def _move(command: Command) -> list[Effect]:
    parsed = arguments(command, _COPY_TAKES)
    sources, targets = _sources_and_targets(command, parsed)
    if not sources:
        return reads(command, "it moves nothing")
    context = command.context
    # Of a name that is computed at its end, the directory tells.
    known = [os.path.join(os.path.dirname(one.partition("\0")[0]), "x") if "\0" in one else one for one in targets]
    leaves = any(places.place_of(one, context) is None for one in known)
    found = _onto(command, parsed, targets)
    for source, target in zip(sources, targets, strict=False):
        old, new = places.place_of(source, context), places.place_of(target, context)
        if old is not None and new is not None:
            context.moved.update(dict.fromkeys([new], context.moved.get(old, old)))
    for source in sources:
        streamed = context.fed and places.is_whole(source)
        whole = places.deleted([source], context, recursive=not streamed, span=command.span, why="it moves away")
        protected = [one for one in whole if one.effect == "guard.tamper"]
        gone = leaves and (streamed or places.place_of(source, context) is not None)
        if protected or gone:
            found += whole
        else:
            found += places.written([source], context, span=command.span, why="it renames")
    return found


def _sources_and_targets(command: Command, parsed: Parsed) -> tuple[list[str], list[str]]:
    """What is copied or moved, and the files it lands on."""
    words, folder = operands(parsed), parsed.value("-t", "--target-directory")
    if folder is None:
        if len(words) < 2:
            return words, []
        *words, last = words
        into = len(words) > 1 or last.endswith("/") or _is_directory(last, command)
        if not into or parsed.on("-T", "--no-target-directory"):
            return words, [last]
        folder = last
    if "\0" in folder:
        return words, [folder]
    return words, [os.path.join(folder, os.path.basename(one.rstrip("/")) or ".") for one in words]


def _is_directory(word: str, command: Command) -> bool:
    if word.rstrip("/").endswith((".", "..")) and os.path.basename(word.rstrip("/")) in (".", ".."):
        return True
    absolute = command.context.absolute(word) if "\0" not in word else None
    return (
        absolute is not None and command.context.is_directory is not None and command.context.is_directory(absolute)
    )


def _install(command: Command) -> list[Effect]:
    parsed = arguments(command, _COPY_TAKES)
    if parsed.on("-d", "--directory"):
        return places.made(operands(parsed), command.context, span=command.span, why="it makes directories")
    return _copy(command)


def _ln(command: Command) -> list[Effect]:
    parsed = arguments(command, Takes(short="tS", long=("target-directory", "suffix")))
    words = operands(parsed)
    if len(words) == 1 and not parsed.value("-t", "--target-directory"):
        parsed.words, parsed.paths = [*words, "."], []
    sources, targets = _sources_and_targets(command, parsed)
    judge = places.overwritten if parsed.on("-f", "--force") else places.written
    found = judge(targets, command.context, span=command.span, why="it makes a link")
    parsed.options.append("-s")
    return found + _linked(command, parsed, sources, targets)


def _truncate(command: Command) -> list[Effect]:
    parsed = arguments(command, Takes(short="sr", long=("size", "reference")))
    grows = (parsed.value("-s", "--size") or "").startswith("+")
    judge = places.written if grows else places.overwritten
    return judge(operands(parsed), command.context, span=command.span, why="it cuts a file") or reads(command)


def _dd(command: Command) -> list[Effect]:
    outputs = [word.removeprefix("of=") for word in command.words[1:] if word.startswith("of=")]
    found = places.overwritten(outputs, command.context, span=command.span, why="it writes over it")
    if any(word.startswith("\0") for word in command.words[1:]):
        found += outcome(command, "unknown", "part of it is computed")
    return found or reads(command)


def _shred(command: Command) -> list[Effect]:
    words = operands(arguments(command, Takes(short="ns", long=("iterations", "size", "random-source"))))
    why = "it destroys the content of files"
    return places.overwritten(words, command.context, span=command.span, why=why) or reads(command)


# Two scripts in one: `e` runs what follows, `w` writes to what follows.
_SED_RUNS = late(r"(?:^|[;{\n])\s*(?:[\d$,!]|/[^/]*/)*\s*e\s+([^\n]+)")
_SED_PATTERN_RUNS = late(r"s(\W)(?:\\.|(?!\1)[^\\])*\1(?:\\.|(?!\1)[^\\])*\1[gpiImM0-9]*e")
_SED_ADDRESS = r"(?:[\d$,!~+ ]|/[^/\n]*/[IM]?|\\(?P<edge>[^\w\s])(?:(?!(?P=edge))[^\n])*(?P=edge))*"
_SED_WRITES = late(
    rf"(?:(?:^|[;{{\n])\s*{_SED_ADDRESS}|s(?P<mark>[^\w\s])(?:\\.|(?!(?P=mark))[^\\])*(?P=mark)"
    r"(?:\\.|(?!(?P=mark))[^\\])*(?P=mark)[gpiImMe0-9]*)[wW]\s*(?P<file>[^\n}]+)"
)


def _sed(command: Command) -> list[Effect]:
    parsed = arguments(command, Takes(short="efl", attached="i", long=("expression", "file", "line-length")))
    scripts, words = parsed.all_values("-e", "--expression"), operands(parsed)
    if not scripts and not parsed.all_values("-f", "--file"):
        # `-i ''` is how BSD says that no copy is kept.
        words = words[1:] if words[:1] == [""] else words
        scripts, words = words[:1], words[1:]
    from_files = parsed.all_values("-f", "--file")
    found = outcome(command, "unknown", "what its script does is not followed") if from_files else []
    for script in scripts:
        found += [one for line in _SED_RUNS.findall(script) for one in command.line(line, command.context)]
        if _SED_PATTERN_RUNS.search(script):
            found += outcome(command, "unknown", "it runs what it matches")
        targets = [one["file"].strip() for one in _SED_WRITES.finditer(script)]
        found += places.written(targets, command.context, span=command.span, why="its script writes")
    if parsed.on("-i", "--in-place"):
        found += places.written(words, command.context, span=command.span, why="it edits in place")
    return found or reads(command)


_CHMOD_OPTIONS = late(r"-[Rcfv]+|--(?!$).*")


def _chmod(command: Command) -> list[Effect]:
    # `-x` is a mode, no option.
    words = [word for word in command.words[1:] if not _CHMOD_OPTIONS.fullmatch(word) and word != "--"]
    by_reference = any(word.startswith("--ref") for word in command.words)
    targets = words if by_reference else words[1:]
    return places.written(targets, command.context, span=command.span, why="it changes permissions") or reads(command)


def _patch(command: Command) -> list[Effect]:
    parsed = arguments(
        command, Takes(short="pidorBDFgVxYz", long=("strip", "input", "directory", "output", "reject-file"))
    )
    if parsed.on("--dry-run", "--help", "--version", "-v"):
        return reads(command, "a dry run")
    context, folder = command.context, parsed.value("-d", "--directory")
    if folder:
        context = context.within(folder) if "\0" not in folder else context.elsewhere()
    words = operands(parsed)[:1] + parsed.all_values("-o", "--output")
    named = places.written(words, context, span=command.span, why="it changes files as a patch says")
    if not parsed.on("-R", "--reverse"):
        return named or outcome(command, "file.write", "it changes files as a patch says")
    at = [place for word in words if (place := places.place_of(word, context)) is not None] or ["."]
    stake = Stake(paths=at, untracked=False, ignored=False)
    tampers = [one for one in named if one.effect != "file.write"]
    return tampers + outcome(command, "worktree.discard", "-R takes changes out of files", at, stake=stake)


def _sort(command: Command) -> list[Effect]:
    parsed = arguments(
        command,
        Takes(short="okStT", long=("output", "key", "field-separator", "buffer-size", "compress-program")),
    )
    outputs = parsed.all_values("-o", "--output")
    found = places.written(outputs, command.context, span=command.span, why="it writes its output")
    for program in parsed.all_values("--compress-program"):
        found += command.call([program], command.context)
    return found or reads(command)


def _rewrites(takes: Takes, *quiet: str) -> Program:
    """A compressor: it replaces each file by another with the same content."""

    def program(command: Command) -> list[Effect]:
        parsed = arguments(command, takes)
        if parsed.on("-c", "-l", "-t", "--stdout", "--list", "--test", *quiet):
            return reads(command)
        return places.written(operands(parsed), command.context, span=command.span, why="it packs") or reads(command)

    return program


def _disk(command: Command) -> list[Effect]:
    """Formatting a disk: what was there is gone."""
    values = Takes(short="tLbNTUm", long=("type", "label"))
    words = [one for one in operands(arguments(command, values)) if not one.isdigit()]
    return places.overwritten(words, command.context, span=command.span, why="it formats") or reads(command)


def _xxd(command: Command) -> list[Effect]:
    words = operands(arguments(command, Takes(short="clsog")))
    return places.written(words[1:], command.context, span=command.span, why="it writes") or reads(command)


def _csplit(command: Command) -> list[Effect]:
    prefixes = arguments(command, Takes(short="bfn", long=("prefix",))).all_values("-f", "--prefix")
    return places.written(prefixes, command.context, span=command.span, why="it writes parts") or reads(command)


def _mkdir(command: Command) -> list[Effect]:
    words = operands(arguments(command, _MODE))
    return places.made(words, command.context, span=command.span, why="it makes a directory") or reads(command)


_MODE = Takes(short="m", long=("mode", "context"))
_PACK = Takes(short="S", long=("suffix",))
_FORMATTERS = ("ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "fat", "ntfs", "f2fs", "exfat", "minix", "msdos")

PROGRAMS: dict[str, Program] = {
    "rm": _rm,
    "grm": _rm,
    "srm": _removes(recursive=True),
    "rimraf": _removes(recursive=True),
    "del-cli": _removes(recursive=True),
    "trash": _removes(recursive=True),
    "trash-put": _removes(recursive=True),
    "unlink": _removes(recursive=False),
    "rmdir": _writes("it removes empty directories"),
    "shred": _shred,
    "mv": _move,
    "gmv": _move,
    "cp": _copy,
    "gcp": _copy,
    "install": _install,
    "ln": _ln,
    "truncate": _truncate,
    "dd": _dd,
    "tee": _tee,
    "sed": _sed,
    "gsed": _sed,
    "touch": _writes("it makes or stamps it", Takes(short="drt", long=("date", "reference", "time"))),
    "mkdir": _mkdir,
    "mkfifo": _writes("it makes a pipe", _MODE),
    "mktemp": lambda command: outcome(command, "file.write", "it makes a temporary file"),
    "chmod": _chmod,
    "chown": _writes("it changes the owner", Takes(long=("reference", "from")), skip=1),
    "chgrp": _writes("it changes the group", Takes(long=("reference",)), skip=1),
    "setfacl": _writes("it changes permissions", Takes(short="mxM", long=("modify", "remove"))),
    "xattr": _writes("it changes attributes", skip=1),
    "patch": _patch,
    "split": _writes("it writes parts", Takes(short="abClnt"), skip=1),
    "csplit": _csplit,
    "sort": _sort,
    "uniq": _writes("it writes its output", Takes(short="fsw"), skip=1),
    "xxd": _xxd,
    "dos2unix": _writes("it edits in place"),
    "unix2dos": _writes("it edits in place"),
    "rename": lambda command: outcome(command, "unknown", "which files it renames is not followed"),
    **dict.fromkeys(("gzip", "gunzip", "bzip2", "bunzip2", "xz", "unxz", "zstd", "unzstd", "lz4"), _rewrites(_PACK)),
    **dict.fromkeys(
        ("ed", "ex", "vi", "vim", "nvim", "nano", "emacs"), unread("what an editor does is not followed")
    ),
    **dict.fromkeys(
        ("mkfs", "mke2fs", "wipefs", "mkswap", "fdisk", "sfdisk", "sgdisk", "parted", "blkdiscard"), _disk
    ),
    **{f"mkfs.{name}": _disk for name in _FORMATTERS},
    **{f"newfs_{name}": _disk for name in ("apfs", "hfs", "msdos", "exfat")},
}
"""Programs by name."""
