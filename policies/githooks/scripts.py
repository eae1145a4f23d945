"""The scripts git runs: plain shell, which calls an earlier hook of that name, then our program."""

import shlex

from .who import MARKERS

PROGRAM = "safe-rollback-hook"
REFUSED = 3
"""Exit code of the program for a refusal. Any other failure is a broken installation, which stops no human."""

SUFFIX = ".before-safe-rollback"
"""What a hook that stood there before is renamed with."""

HOOKS = ("pre-commit", "commit-msg", "pre-push", "reference-transaction")

_READS_INPUT = frozenset({"pre-push", "reference-transaction"})
# Without the program an agent may not go on here; a commit's message and a moved ref can be mended later.
_CLOSED = frozenset({"pre-commit", "pre-push"})

_HEAD = """\
#!/bin/sh
# safe-rollback: {name}. `safe-rollback hooks remove` takes it out and puts back what was here.
earlier={earlier}
"""

_FORWARD = """\
[ -f "$earlier" ] && [ -x "$earlier" ] || exit 0
exec "$earlier" "$@"
"""

_CHAIN = """\
if [ -f "$earlier" ] && [ -x "$earlier" ]; then
    {feed}"$earlier" "$@" || exit $?
fi
"""

_INPUT = """\
input=$(cat && echo x)
input=${input%x}
"""

_ASK = """\
if command -v {program} >/dev/null 2>&1; then
    {feed}{program} git {name} "$@"{source}
    case $? in
        0) exit 0 ;;
        {refused}) exit 1 ;;
    esac
    problem="{program} failed"
else
    problem="{program} is not on PATH"
fi
echo "safe-rollback: $problem, so {name} was not checked." >&2
"""

_AGENTS = """\
if [ -n "{markers}" ]; then
    echo "An agent does not go on without it: ask a human to mend the installation." >&2
    exit 1
fi
"""

# A human's message stays as it is; telling that needs no Python either.
_BY_AGENT = """\
by_agent() (
    [ -z "{markers}" ] || exit 0
    set -- "$(git rev-parse --git-common-dir)"/safe-rollback/worktrees/*/pending/*.json
    [ -e "$1" ]
)
by_agent || exit 0
"""

# Almost every transaction creates or forwards refs. Telling that costs one git process here, not a Python.
_LOSSES = """\
loses() (
    case $input in
        *" refs/heads/"* | *" refs/tags/"* | *" refs/safe-rollback/"*) ;;
        *) exit 1 ;;
    esac
    GIT_NO_REPLACE_OBJECTS=1
    export GIT_NO_REPLACE_OBJECTS
    IFS='
'
    set -f
    count=0
    for line in $input; do
        old=${line%% *} line=${line#* }
        new=${line%% *} ref=${line#* }
        case $ref in
            refs/heads/* | refs/tags/* | refs/safe-rollback/*) count=$((count + 1)) ;;
            *) continue ;;
        esac
        [ $count -le 4 ] || exit 0
        case $old in
            ref:*) continue ;;
            *[!0]*) ;;
            *) old=$(git rev-parse --quiet --verify "$ref" 2>/dev/null) || continue ;;
        esac
        [ "$old" != "$new" ] || continue
        case $new,$ref in
            ref:*) ;;
            *[!0]*,refs/tags/*) exit 0 ;;
            *[!0]*,*) git merge-base --is-ancestor "$old" "$new" 2>/dev/null || exit 0 ;;
            *)
                packed=$(git rev-parse --git-common-dir)/packed-refs
                [ ! -e "$packed.lock" ] && grep -qxF -- "$old $ref" "$packed" 2>/dev/null || exit 0
                ;;
        esac
    done
    exit 1
)
[ "$1" = prepared ] && loses || exit 0
"""


def script(name: str, earlier: str | None = None) -> bytes:
    """The script of one hook.

    Args:
        name: the hook.
        earlier: the hook it calls first, absolute or from where hooks start; None for the one
            that stood in its own place and was renamed.
    """
    place = f'"${{0%/*}}/{name}{SUFFIX}"' if earlier is None else shlex.quote(earlier)
    parts = [_HEAD.format(name=name, earlier=place)]
    if name not in HOOKS:
        return (parts[0] + _FORWARD).encode(errors="surrogateescape")
    reads = name in _READS_INPUT
    feed = "printf '%s' \"$input\" | " if reads else ""
    if name == "reference-transaction":
        parts.append('[ "$1" = prepared ] || [ -x "$earlier" ] || exit 0\n')
    parts += [_INPUT] if reads else []
    parts.append(_CHAIN.format(feed=feed))
    parts += [_LOSSES] if name == "reference-transaction" else []
    markers = "".join(f"${one}" for one in MARKERS)
    parts += [_BY_AGENT.format(markers=markers)] if name == "commit-msg" else []
    source = "" if reads else " </dev/null"
    parts.append(_ASK.format(program=PROGRAM, name=name, feed=feed, source=source, refused=REFUSED))
    if name in _CLOSED:
        parts.append(_AGENTS.format(markers=markers))
    return "".join([*parts, "exit 0\n"]).encode(errors="surrogateescape")
