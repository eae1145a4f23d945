"""What goes into a client's files comes out again, to the byte, and nothing else is touched."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.server.clients import CLIENTS
from safe_rollback.server.clients.client import HOOK_PROGRAM, Entry, JsonFile, OwnFile, TomlFile
from safe_rollback.server.clients.settings import SettingsError, put, take
from tests.harness.sample import examples
from tests.server.clients.documents import BROKEN, JSON, TOML, lenient

FILES = [(client.name, file) for client in CLIENTS for file in client.files]
JSON_FILES = [(name, file) for name, file in FILES if isinstance(file, JsonFile)]
NAMES = [f"{name}:{file.paths[0]}" for name, file in JSON_FILES]
(TOML_FILE,) = [file for _, file in FILES if isinstance(file, TomlFile)]
(OWN_FILE,) = [file for _, file in FILES if isinstance(file, OwnFile)]


def at(data: Any, entry: Entry) -> Any:
    for key in entry.path:
        data = data[key]
    return data


def check_round(file: JsonFile, before: bytes | None) -> None:
    after, notes = put(file, before)
    assert after is not None
    assert notes == []
    data = lenient(after)
    old = lenient(before) if before and before.strip(b" \n\xef\xbb\xbf") else {}
    for entry in file.entries:
        found = at(data, entry)
        assert (found[-1] if entry.append else found) == entry.value
        del (found if entry.append else at(data, Entry(path=entry.path[:-1], value=None)))[
            -1 if entry.append else entry.path[-1]
        ]
    assert {key: value for key, value in data.items() if key in old} | old == {**old, **_same(data, old)}
    assert put(file, after)[0] == after
    assert take(file, after) == (before, [])


def _same(data: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Of what is left, what differs from before by more than containers that were made."""

    def differs(new: Any, past: Any) -> bool:
        if isinstance(new, dict) and isinstance(past, dict):
            return any(differs(value, past.get(key)) for key, value in new.items()) or any(k not in new for k in past)
        return bool(new != past and not (past is None and new in ([], {})))

    return {key: value for key, value in data.items() if key in old and differs(value, old[key])}


@pytest.mark.parametrize("before", JSON.values(), ids=JSON)
@pytest.mark.parametrize("file", [file for _, file in JSON_FILES], ids=NAMES)
def test_json_comes_back_to_the_byte(file: JsonFile, before: bytes | None) -> None:
    check_round(file, before)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
GROUPS = st.lists(st.fixed_dictionaries({"hooks": st.lists(VALUES, max_size=2)}), max_size=2)
EVENTS = st.dictionaries(st.sampled_from(["PreToolUse", "Stop", "BeforeTool", "preToolUse", "x"]), GROUPS, max_size=3)
SERVERS = st.dictionaries(st.text(max_size=5).filter(lambda name: name != "rollback"), VALUES, max_size=2)
OURS = ("hooks", "mcpServers", "mcp", "version")
OTHERS = st.text(max_size=5).filter(lambda name: name not in OURS)
DOCUMENTS = st.dictionaries(OTHERS, VALUES, max_size=3).flatmap(
    lambda rest: st.fixed_dictionaries(
        {}, optional={"hooks": EVENTS, "mcpServers": SERVERS, "mcp": SERVERS, "version": st.just(1)}
    ).map(lambda known: {**rest, **known})
)


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """A document as some editor would lay it out, with or without comments and trailing commas."""
    blank = st.sampled_from(["", " ", "\n", "\n\t", "\n    ", " /* c */ ", " // c \n  ", "\n\n"])

    def lay(value: Any) -> str:
        if not isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=draw(st.booleans()))
        parts = [
            f"{draw(blank)}{json.dumps(one)}{draw(blank)}:{draw(blank)}{lay(value[one])}{draw(blank)}"
            if isinstance(value, dict)
            else f"{draw(blank)}{lay(one)}{draw(blank)}"
            for one in value
        ]
        opened, closed = "{}" if isinstance(value, dict) else "[]"
        comma = "," + draw(blank) if parts and draw(st.booleans()) else ""
        return opened + ",".join(parts) + comma + draw(blank) + closed

    document = draw(DOCUMENTS)
    indent = draw(st.sampled_from([None, 1, 2, 4, "\t", "wild", "wild"]))
    text = draw(blank) + lay(document) + draw(blank) if indent == "wild" else json.dumps(document, indent=indent)
    text = draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", "\n"]))
    return (text.replace("\n", "\r\n") if draw(st.booleans()) else text).encode()


@examples(60)
@given(before=texts(), which=st.integers(0, len(JSON_FILES) - 1))
def test_any_json_comes_back_to_the_byte(before: bytes, which: int) -> None:
    check_round(JSON_FILES[which][1], before)


@pytest.mark.parametrize("before", BROKEN)
@pytest.mark.parametrize("file", [file for _, file in JSON_FILES], ids=NAMES)
def test_json_that_does_not_read_is_refused(file: JsonFile, before: bytes) -> None:
    servers_only = not file.entries[0].append
    if servers_only and before == b'{"hooks": []}':
        pytest.skip("this file may have it")
    with pytest.raises(SettingsError):
        put(file, before)


def test_entries_of_another_version_are_renewed_in_place() -> None:
    file = next(file for name, file in JSON_FILES if name == "claude-code")
    old = (
        b'{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "safe-rollback-hook old"}]}, {"hooks": []}]}}'
    )
    after, _ = put(file, old)
    assert after is not None
    stop = lenient(after)["hooks"]["Stop"]
    assert len(stop) == 2
    assert stop[0] == next(entry.value for entry in file.entries if entry.path[-1] == "Stop")


def test_hook_the_user_put_beside_ours_stays() -> None:
    file = next(file for name, file in JSON_FILES if name == "claude-code")
    after, _ = put(file, None)
    assert after is not None
    mixed = json.loads(after)
    mixed["hooks"]["Stop"][0]["hooks"].append({"type": "command", "command": "mine.sh"})
    left, _ = take(file, json.dumps(mixed).encode())
    assert left is not None
    assert lenient(left)["hooks"]["Stop"] == [{"hooks": [{"type": "command", "command": "mine.sh"}]}]
    assert HOOK_PROGRAM.encode() not in left


def test_what_was_added_after_ours_stays() -> None:
    file = next(file for name, file in JSON_FILES if name == "cursor" and file.version)
    after, _ = put(file, None)
    assert after is not None
    data = json.loads(after)
    data["hooks"]["stop"].append({"command": "mine.sh"})
    left, _ = take(file, json.dumps(data, indent=2).encode())
    assert left is not None
    assert lenient(left) == {"hooks": {"stop": [{"command": "mine.sh"}]}, "version": 1}


def test_server_of_that_name_that_is_not_ours_stays() -> None:
    for _, file in JSON_FILES:
        for entry in (entry for entry in file.entries if not entry.append):
            theirs = json.dumps({entry.path[0]: {entry.path[1]: {"command": "mine"}}}).encode()
            only = JsonFile(paths=file.paths, entries=(entry,))
            assert put(only, theirs) == (
                theirs,
                [f"`{'.'.join(entry.path)}` is there already, and not ours; it stays."],
            )
            assert take(only, theirs)[0] == theirs


@pytest.mark.parametrize("before", TOML.values(), ids=TOML)
def test_toml_comes_back_to_the_byte(before: bytes | None) -> None:
    after, notes = put(TOML_FILE, before)
    assert after is not None
    assert notes == []
    data = tomllib.loads(after.decode())
    assert data["mcp_servers"].pop("rollback") == {"command": "safe-rollback", "args": ["serve"]}
    old = tomllib.loads((before or b"").decode())
    assert data == {"mcp_servers": {}} | old
    assert put(TOML_FILE, after)[0] == after
    assert take(TOML_FILE, after) == (before, [])


def test_toml_lines_added_after_ours_stay() -> None:
    after, _ = put(TOML_FILE, b"a = 1\n")
    assert after is not None
    assert take(TOML_FILE, after + b"\n[b]\nc = 2\n")[0] == b"a = 1\n\n[b]\nc = 2\n"


@pytest.mark.parametrize(
    "before", [b"= 1", b"mcp_servers = {}", b"mcp_servers = { other = { command = 'x' } }", b"\xff"]
)
def test_toml_that_cannot_take_the_table_is_refused(before: bytes) -> None:
    with pytest.raises(SettingsError):
        put(TOML_FILE, before)


@pytest.mark.parametrize(
    "theirs", [b"[mcp_servers.rollback]\ncommand = 'mine'\n", b"mcp_servers.rollback.command = 'm'\n"]
)
def test_toml_server_that_is_not_ours_stays(theirs: bytes) -> None:
    assert put(TOML_FILE, theirs)[0] == theirs
    assert take(TOML_FILE, theirs)[0] == theirs


def test_file_of_ours_is_written_and_deleted_whole() -> None:
    after, _ = put(OWN_FILE, None)
    assert after == OWN_FILE.text.encode()
    assert put(OWN_FILE, after.replace(b"60000", b"1"))[0] == after
    assert take(OWN_FILE, after) == (None, [])
    assert put(OWN_FILE, b"// mine\n")[0] == b"// mine\n"
    assert take(OWN_FILE, b"// mine\n")[0] == b"// mine\n"
