"""Git commands that only look, and those that write files in the ordinary way."""

from collections.abc import Sequence

from ..effects import Effect
from .context import Context
from .gitoutput import written
from .handlers import Handler, always, found
from .options import Parsed, Takes
from .settings import setting_effect

READ_TAKES = Takes(
    short="nLSGO", long=("output", "format", "max-count", "since", "until", "author", "grep", "upload-pack", "exec")
)
WRITE_TAKES = Takes(short="o", long=("output", "output-directory", "pathspec-from-file", "exec", "format"))


def read(_: Parsed, __: Context) -> list[Effect]:
    """Commands that only look."""
    return found("state.read", "it only looks")


def prints_version(words: Sequence[str]) -> bool:
    """Whether a command prints what a file was in a commit: `git show HEAD:file`."""
    if words[:1] != ["git"] or not {"show", "cat-file"} & set(words[1:4]):
        return False
    return any(":" in word and not word.startswith("-") for word in words[2:])


def write(parsed: Parsed, _: Context) -> list[Effect]:
    """Commands that add files, objects or index entries and discard nothing."""
    return found("file.write", "it adds, nothing is lost", [*parsed.words, *parsed.paths])


def _add(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("-n", "--dry-run"):
        return found("state.read", "a dry run")
    return write(parsed, context)


def _grep(parsed: Parsed, _: Context) -> list[Effect]:
    if parsed.on("-O", "--open-files-in-pager"):
        return found("unknown", "it opens files in a program")
    return found("state.read", "it only looks")


def _new_repository(parsed: Parsed, context: Context) -> list[Effect]:
    """What clone and init do: hooks and settings can come with them."""
    effects: list[Effect] = []
    if parsed.on("--template") and parsed.value("--template") != "":
        effects += found("unknown", "a template brings hooks")
    if parsed.on("--separate-git-dir"):
        effects += found("guard.tamper", "it moves git's own directory")
    for setting in parsed.all_values("-c", "--config"):
        effect = setting_effect(setting.partition("=")[0], "")
        effects += [] if effect is None else [effect]
    return effects + write(parsed, context)


def _help(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("-w", "--web"):
        return found("unknown", "it opens a browser")
    return read(parsed, context)


def _merge_file(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("-p", "--stdout"):
        return found("state.read", "it prints")
    if parsed.on("--object-id"):
        return found("file.write", "it adds an object")
    return [effect for path in [*parsed.words, *parsed.paths][:1] for effect in written(path, context)]


def _trailers(parsed: Parsed, context: Context) -> list[Effect]:
    if not parsed.on("--in-place"):
        return found("state.read", "it prints")
    return [effect for path in [*parsed.words, *parsed.paths] for effect in written(path, context)]


def _maintenance(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.words[:1] != ["run"]:
        return found("unknown", "it changes settings outside this repository", parsed.words)
    return write(parsed, context)


def _fsck(parsed: Parsed, context: Context) -> list[Effect]:
    if parsed.on("--lost-found"):
        return found("file.write", "--lost-found writes what it finds")
    return read(parsed, context)


HANDLERS: dict[str, tuple[Takes, Handler]] = {
    "difftool": (
        Takes(short="tx", long=("tool", "extcmd")),
        always("unknown", "it starts a program to compare with"),
    ),
    "add": (Takes(long=("pathspec-from-file", "chmod")), _add),
    "grep": (Takes(short="efmABC", attached="O", long=("max-depth", "threads", "max-count")), _grep),
    "clone": (
        Takes(
            short="obucj",
            long=(
                "template",
                "origin",
                "branch",
                "upload-pack",
                "reference",
                "config",
                "separate-git-dir",
                "depth",
                "jobs",
            ),
        ),
        _new_repository,
    ),
    "fsck": (READ_TAKES, _fsck),
    "help": (READ_TAKES, _help),
    "init": (
        Takes(short="b", long=("template", "separate-git-dir", "object-format", "initial-branch")),
        _new_repository,
    ),
    "interpret-trailers": (Takes(long=("where", "if-exists", "if-missing", "trailer")), _trailers),
    "maintenance": (Takes(long=("task", "schedule", "scheduler", "config-file")), _maintenance),
    "merge-file": (Takes(short="L", long=("marker-size",)), _merge_file),
    "stage": (Takes(long=("pathspec-from-file", "chmod")), _add),
}
