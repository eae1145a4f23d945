"""Whether a checkpoint that came from elsewhere is what it says, and writes nothing it must not.

A restore writes files of an operation in progress into the git directory, and the index as it was: a forged
checkpoint would bring a `config` along, or an index whose entries lie in `.git`. Trees need no look here: git's own
check of the pack refuses names such as `..` and `.git` in them.
"""

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ...core.clock import parse_stamp
from ...core.errors import DamagedError, GitError, InvalidInputError
from ...core.gate.objects import MODE_TREE, Entry
from ...core.gate.reader import ObjectReader
from ...core.gate.runner import Git
from ...core.ids import Oid, checkpoint_id, oid
from ...core.snapshot.chain import parents, tree_of
from ...core.snapshot.checkpoint import Checkpoint, decode
from ...core.snapshot.head import STATE_DIRECTORIES, STATE_FILES
from ...core.snapshot.index import staged
from ...core.text import show_path
from ...core.transition.requests import normal_path

MAX_META = 64 << 20
MAX_EVENTS = 512 << 20
_FRAME = {"worktree", "index", "meta"}
_WORKTREE = re.compile(r"[A-Za-z0-9._-]{1,80}\Z")
_SHARED = re.compile(r"sharedindex\.[0-9a-f]{40,64}\Z")


def sound_chain(reader: ObjectReader, chain: str, tip: Oid) -> Iterator[Checkpoint]:
    """The checkpoints of a chain, newest first, each looked at.

    Raises:
        DamagedError: if one is not sound.
        NotFoundError: if an object is missing.
    """
    commit: Oid | None = tip
    last: int | None = None
    while commit is not None:
        entries = reader.tree(tree_of(reader, commit))
        if not entries.keys() >= _FRAME:
            raise DamagedError(f"{commit} is no checkpoint.", hint="Use another copy of the bundle.")
        meta = reader.tree(entries["meta"].oid)
        checkpoint = decode(bounded(reader, _entry(meta, "checkpoint.json"), MAX_META), commit)
        above = parents(reader, commit)
        try:
            wrong = next(_wrong(reader, checkpoint, chain, last, above, entries, meta), None)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            wrong = f"it does not read ({type(error).__name__})"
        if wrong is not None:
            shown = show_path(str(checkpoint.id))[:100]
            raise DamagedError(
                f"Checkpoint {shown} is not as safe-rollback writes them: {wrong}.",
                hint="It was changed or forged. Use another copy of the bundle.",
            )
        last = checkpoint.number
        yield checkpoint
        first = above[0] if above else None
        goes_on = first is not None and first != checkpoint.head.oid
        commit = first if goes_on and first is not None and _is_frame(reader, first) else None


def bounded(reader: ObjectReader, name: Oid, limit: int) -> bytes:
    """A blob, if it is no larger than `limit` bytes.

    Raises:
        DamagedError: if it is.
    """
    parts, size = [], 0
    stream = reader.stream(name)
    for part in stream:
        size += len(part)
        if size > limit:
            stream.close()
            raise DamagedError(f"{name} is larger than {limit} bytes.", hint="Use another copy of the bundle.")
        parts.append(part)
    return b"".join(parts)


def events_of(reader: ObjectReader, checkpoint: Checkpoint) -> bytes:
    """The ledger's records that a checkpoint sealed, as lines."""
    meta = reader.tree(reader.tree(tree_of(reader, checkpoint.commit))["meta"].oid)
    return bounded(reader, _entry(meta, "events.jsonl"), MAX_EVENTS)


def _is_frame(reader: ObjectReader, commit: Oid) -> bool:
    return reader.tree(tree_of(reader, commit)).keys() >= _FRAME


def _entry(entries: Mapping[str, Entry], name: str) -> Oid:
    if name not in entries:
        raise DamagedError(f"A checkpoint has no {name}.", hint="Use another copy of the bundle.")
    return entries[name].oid


def _wrong(
    reader: ObjectReader,
    one: Checkpoint,
    chain: str,
    last: int | None,
    above: Sequence[Oid],
    top: Mapping[str, Entry],
    meta: Mapping[str, Entry],
) -> Iterator[str]:
    """What is wrong with a checkpoint, in words."""
    texts = (one.id, one.chain, one.name, one.note, one.reason, one.created, one.worktree_id, one.journal_head)
    if not all(isinstance(text, str) for text in texts) or not isinstance(one.pinned, bool):
        yield "a field is of the wrong kind"
    if one.chain != chain or not _holds(lambda: checkpoint_id(one.id)) or one.id.rpartition(".")[0] != chain:
        yield "its name is that of another chain"
    if last is not None and one.number >= last:
        yield "its number does not fit into the chain"
    if not _holds(lambda: parse_stamp(one.created)) or not _WORKTREE.match(one.worktree_id):
        yield "its time or its worktree has a wrong form"
    yield from _wrong_head(one, above)
    yield from _wrong_frame(one, top, meta)
    yield from _wrong_paths(reader, one, meta)


def _wrong_head(one: Checkpoint, above: Sequence[Oid]) -> Iterator[str]:
    branch: Any = one.head.branch
    if one.head.oid is not None and one.head.oid not in above:
        yield "its HEAD is not in its history"
    if branch is not None and not (isinstance(branch, str) and branch.startswith("refs/heads/")):
        yield "its branch is none"
    if one.private is not None and not _holds(lambda: oid(one.private or "")):
        yield "its ignored files have no name"


def _wrong_frame(one: Checkpoint, top: Mapping[str, Entry], meta: Mapping[str, Entry]) -> Iterator[str]:
    """What it names has to be what its commit holds: only that is known to be here, and looked at by git."""
    named: dict[str, tuple[Entry | None, str]] = {
        "worktree": (top.get("worktree"), one.worktree),
        "index": (top.get("index"), one.index_tree),
        "sidecar": (meta.get("sidecar.json"), one.sidecar),
        "refs": (meta.get("refs"), one.refs),
        **({} if one.index_raw is None else {"staged files": (meta.get("index"), one.index_raw)}),
    }
    for what, (entry, name) in named.items():
        if entry is None or entry.oid != name or (entry.mode == MODE_TREE) != (what in ("worktree", "index")):
            yield f"its {what} is not what its commit holds"
    for name, blob in one.shared.items():
        if not _SHARED.match(name) or name not in meta or meta[name].oid != blob:
            yield "a base of its index is not what its commit holds"
    if ("stages" in top) != bool(one.stages) or not set(one.stages) <= {"1", "2", "3"}:
        yield "its conflicts are not what its commit holds"
    if ("nested" in top) != bool(one.nested):
        yield "its inner repositories are not what its commit holds"


def _wrong_paths(reader: ObjectReader, one: Checkpoint, meta: Mapping[str, Entry]) -> Iterator[str]:
    """Every path a restore would write outside of what the worktree's tree says."""
    state = dict(_files(reader, meta["state"].oid)) if "state" in meta else {}
    if state != dict(one.state):
        yield "its operation in progress is not what its commit holds"
    if bad := next((path for path in one.state if not _is_state(path)), None):
        yield f"{show_path(bad)[:100]} is no file of an operation in progress"
    top = reader.tree(tree_of(reader, one.commit))
    for part, listed in (("stages", dict(one.stages)), ("nested", _trees(one))):
        found = {name: entry.oid for name, entry in reader.tree(top[part].oid).items()} if part in top else {}
        if found != listed:
            yield f"its {part} are not what its commit holds"
    if not all(_is_path(inner.path) for inner in one.nested):
        yield "an inner repository lies outside of the worktree"
    yield from _wrong_sidecar(reader, one)


def _wrong_sidecar(reader: ObjectReader, one: Checkpoint) -> Iterator[str]:
    data: Any = None
    try:
        data = json.loads(bounded(reader, one.sidecar, MAX_META))
        empty, modes = list(data["empty"]), dict(data["modes"])
    except (ValueError, TypeError, KeyError):
        yield "its permissions do not read"
        return
    if not all(_is_path(path) for path in (*empty, *modes)):
        yield "a directory or a permission is of a path outside of the worktree"
    if not all(isinstance(mode, int) and 0 <= mode <= 0o7777 for mode in modes.values()):
        yield "a permission is none"


def _trees(one: Checkpoint) -> dict[str, Oid]:
    return {str(number): inner.tree for number, inner in enumerate(one.nested)}


def _files(reader: ObjectReader, tree: Oid, above: str = "") -> Iterator[tuple[str, Oid]]:
    for name, entry in reader.tree(tree).items():
        if entry.mode == MODE_TREE:
            yield from _files(reader, entry.oid, f"{above}{name}/")
        else:
            yield f"{above}{name}", entry.oid


def _is_state(path: str) -> bool:
    """Whether git keeps an operation in progress in this file of its directory."""
    folder, _, rest = path.partition("/")
    inside = folder in STATE_DIRECTORIES and rest != "" and not {"", ".", ".."} & set(rest.split("/"))
    return path in STATE_FILES or inside


def _is_path(path: Any) -> bool:
    try:
        return isinstance(path, str) and path != "" and normal_path(path) == path
    except InvalidInputError:
        return False


def _holds(check: Callable[[], object]) -> bool:
    try:
        check()
    except (InvalidInputError, ValueError, TypeError, AttributeError):
        return False
    return True


def check_index(git: Git, reader: ObjectReader, one: Checkpoint, folder: str) -> None:
    """Whether every entry of a checkpoint's index lies in the worktree: a checkout writes what stands there.

    Args:
        git: where the checkpoint's objects are.
        reader: the same.
        one: the checkpoint.
        folder: an empty directory.

    Raises:
        DamagedError: if not, or git cannot read it.
    """
    assert one.index_raw is not None
    for name, blob in {"index": one.index_raw, **one.shared}.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.writelines(reader.stream(blob))
    # The base of a split index is looked for in the git directory.
    bases = [os.path.join(git.git_dir, name) for name in one.shared]
    try:
        for base in bases:
            os.link(os.path.join(folder, os.path.basename(base)), base)
        found = staged(git.using(env={"GIT_INDEX_FILE": os.path.join(folder, "index")}))
        sound = all(_is_path(path.rstrip("/")) for _, _, _, path in found)
    except (GitError, ValueError) as error:
        raise DamagedError(f"The index of checkpoint {one.id} does not read: {error}.") from error
    finally:
        for base in bases:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(base)
    if not sound:
        raise DamagedError(
            f"The index of checkpoint {one.id} has entries outside of the worktree.",
            hint="It was changed or forged. Use another copy of the bundle.",
        )
