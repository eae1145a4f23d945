"""Puts our entries into a client's files and takes them out: bytes in, bytes out.

For `init` only. What `put` does, `take` undoes to the byte; neither touches anything else.
"""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from .client import HOOK_PROGRAM, SERVER_ARGV, Entry, JsonFile, OwnFile, TomlFile
from .jsontext import JsonTextError, Node, Path, find, insert, read, remove, replace

File = JsonFile | TomlFile | OwnFile
_Change = Callable[[str | None], tuple[str | None, list[str]]]


class SettingsError(ValueError):
    """A file cannot be changed; the message says why."""


def paths(file: File) -> tuple[str, ...]:
    """Where a file may stand; it is made at the first."""
    return file.paths if isinstance(file, JsonFile) else (file.path,)


def put(file: File, before: bytes | None) -> tuple[bytes | None, list[str]]:
    """The file with our entries, and what was there already and stays.

    Args:
        file: what we want in it.
        before: its bytes, None if there is no file.

    Raises:
        SettingsError: if it does not parse, or has another shape.
    """
    if isinstance(file, OwnFile):
        if before is not None and not _own(file, before):
            return before, ["it is there already, and not ours; it stays."]
        return file.text.encode(), []
    return _changed(
        before, lambda text: _put_json(file, text) if isinstance(file, JsonFile) else _put_toml(file, text)
    )


def take(file: File, before: bytes | None) -> tuple[bytes | None, list[str]]:
    """The file without our entries, None if it is only there because of them, and what stays.

    Raises:
        SettingsError: if it does not parse, or has another shape.
    """
    if before is None:
        return None, []
    if isinstance(file, OwnFile):
        return (None, []) if _own(file, before) else (before, ["it is not ours; it stays."])
    return _changed(
        before,
        lambda text: _take_json(file, text or "") if isinstance(file, JsonFile) else _take_toml(file, text or ""),
    )


def _own(file: OwnFile, before: bytes) -> bool:
    return before.startswith(file.text.encode().partition(b"\n")[0])


def _changed(before: bytes | None, change: _Change) -> tuple[bytes | None, list[str]]:
    try:
        text, notes = change(None if before is None else before.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError("it is not UTF-8") from error
    except (JsonTextError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(error)) from error
    return None if text is None else text.encode(), notes


def _put_json(file: JsonFile, before: str | None) -> tuple[str | None, list[str]]:
    text, notes = before or "", list[str]()
    begun = file.version is not None and find(read(text), ["hooks"]) is None
    for entry in file.entries:
        node = find(read(text), entry.path)
        mine = _mine(node, entry)
        if mine and any(child.value == entry.value for child in mine):
            continue
        if mine:
            text = replace(text, mine[0], entry.value)
        elif node is not None and not entry.append:
            notes.append(f"`{'.'.join(entry.path)}` is there already, and not ours; it stays.")
        else:
            text = insert(text, entry.path, entry.value, append=entry.append)
    if begun and find(read(text), ["version"]) is None:
        text = insert(text, ["version"], file.version)
    # A file we make ends with a newline.
    return (text + "\n" if before is None else text), notes


def _take_json(file: JsonFile, before: str) -> tuple[str | None, list[str]]:
    taken, notes = _take_entries(file, before)
    if file.version is None or taken == before:
        return taken, notes
    # The version is ours if we put it there, behind the hooks we began.
    document = read(before)
    keys = [child.key for child in document.children] if document is not None else []
    if "version" in keys and "hooks" in keys and keys.index("version") > keys.index("hooks"):
        without = remove(before, ["version"])
        clean, _ = _take_entries(file, without or "")
        if clean is None or find(read(clean), ["hooks"]) is None:
            return clean, notes
    return taken, notes


def _take_entries(file: JsonFile, before: str) -> tuple[str | None, list[str]]:
    text, notes = before, list[str]()
    for entry in reversed(file.entries):
        while mine := _mine(node := find(read(text), entry.path), entry):
            left = remove(text, _place(node, mine[-1], entry))
            if left is None:
                return None, notes
            text = left
        if node is not None and not entry.append:
            notes.append(f"`{'.'.join(entry.path)}` is not ours; it stays.")
    return text, notes


def _place(node: Node | None, mine: Node, entry: Entry) -> Path:
    """Where the part of an entry that is ours stands: a group of hooks may have got others."""
    if node is None or not entry.append:
        return entry.path
    path: list[str | int] = [*entry.path, node.children.index(mine)]
    handlers = mine.value.get("hooks") if isinstance(mine.value, dict) else None
    if isinstance(handlers, list) and not all(map(_runs_us, handlers)):
        return [*path, "hooks", next(place for place, one in enumerate(handlers) if _runs_us(one))]
    return path


def _mine(node: Node | None, entry: Entry) -> list[Node]:
    """What of the values at an entry's path is ours, of whatever version."""
    if node is None:
        return []
    if not entry.append:
        return [node] if _serves_us(node.value) else []
    if not isinstance(node.value, list):
        raise JsonTextError(f"{'.'.join(entry.path)} is no list")
    return [child for child in node.children if _hooks_us(child.value)]


def _runs_us(handler: object) -> bool:
    command = handler.get("command") if isinstance(handler, dict) else None
    return isinstance(command, str) and command.split()[:1] == [HOOK_PROGRAM]


def _hooks_us(value: object) -> bool:
    handlers = value.get("hooks") if isinstance(value, dict) else None
    return _runs_us(value) or (isinstance(handlers, list) and any(map(_runs_us, handlers)))


def _serves_us(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    command, arguments = value.get("command"), value.get("args", [])
    argv = command if isinstance(command, list) else [command, *arguments] if isinstance(arguments, list) else []
    return argv == [*SERVER_ARGV]


def _table(text: str, file: TomlFile) -> Any:
    found: Any = tomllib.loads(text.removeprefix("\ufeff"))
    for key in file.table:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _block(file: TomlFile, text: str) -> tuple[str, str]:
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"[{'.'.join(file.table)}]\n{file.body}".rstrip("\n").replace("\n", newline), newline


def _put_toml(file: TomlFile, before: str | None) -> tuple[str | None, list[str]]:
    text = before or ""
    found = _table(text, file)
    if _serves_us(found):
        return text, []
    if found is not None:
        return text, [f"`{'.'.join(file.table)}` is there already, and not ours; it stays."]
    block, newline = _block(file, text)
    # A file that ends without a newline goes on to do so.
    if before is None:
        return block + newline, []
    after = block if not text else text + newline + (block + newline if text.endswith("\n") else newline + block)
    try:
        tomllib.loads(after.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        name = ".".join(file.table[:-1])
        raise SettingsError(f"`{name}` is written so that no table can follow; make it a [{name}.…] table") from error
    return after, []


def _take_toml(file: TomlFile, before: str) -> tuple[str | None, list[str]]:
    if _table(before, file) is None:
        return before, []
    block, newline = _block(file, before)
    head, found, tail = before.partition(block)
    whole = found and (not head or head.endswith("\n")) and (not tail or tail.startswith(newline))
    if not whole:
        return before, [f"`{'.'.join(file.table)}` is not as we wrote it; it stays."]
    if not tail:
        return head.removesuffix(newline).removesuffix(newline), []
    tail = tail.removeprefix(newline)
    left = head.removesuffix(newline) + tail
    return (None if not head and not tail else left), []
