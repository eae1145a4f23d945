"""Every entry of the catalogue says what its examples say, and nothing to its counterexamples."""

import os
from collections.abc import Sequence

import pytest

from safe_rollback.inventory.model import Item
from safe_rollback.inventory.observed import observed, split
from safe_rollback.inventory.observed.catalogue import FILES, Catalogue, catalogue
from safe_rollback.inventory.observed.entry import Entry, entry_of, rows_of, tools_of
from safe_rollback.policies.effects import EFFECTS


def items(command: str, exit_code: int | None = 0) -> list[Item]:
    """What is said to a command line."""
    return [
        item
        for argv in split(command)
        for item in observed(
            argv,
            action="act-1",
            at="2026-01-01T00:00:00Z",
            command=command,
            exit_code=exit_code,
            hide=lambda _: "(h)",
        )
    ]


@pytest.mark.parametrize("entry", catalogue().entries, ids=lambda entry: entry.source)
def test_examples(entry: Entry) -> None:
    assert entry.examples and entry.counterexamples
    for example in entry.examples:
        said = [(item.name, item.action.command) for item in items(example.run)]
        assert (example.name, example.action) in said, example.run
    for command in entry.counterexamples:
        assert items(command) == [], command


@pytest.mark.parametrize("entry", catalogue().entries, ids=lambda entry: entry.source)
def test_an_example_is_answered_by_its_own_entry(entry: Entry) -> None:
    for example in entry.examples:
        found = [item for item in items(example.run) if item.name == example.name]
        assert [(item.domain, item.kind, item.details["effect"]) for item in found] == [
            (entry.domain, entry.kind, entry.effect)
        ], example.run


def test_effects_are_those_of_the_policies() -> None:
    assert {entry.effect for entry in catalogue().entries} <= EFFECTS.keys()


def test_the_catalogue_is_as_large_as_it_says() -> None:
    known = catalogue()
    used = {row.tool for row in known.rows if row.tool}
    assert used == {tool.name for tool in known.tools}
    assert len(known.entries) >= 150
    assert len(used) >= 45


def test_every_file_of_the_catalogue_is_read() -> None:
    folder = os.path.dirname(os.path.abspath(catalogue.__wrapped__.__code__.co_filename))
    assert {name for name in os.listdir(folder) if name.endswith(".toml")} == {*FILES, "tools.toml"}


def test_no_program_belongs_to_two_tools() -> None:
    programs = [program for tool in catalogue().tools for program in tool.programs]
    assert len(programs) == len(set(programs))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"domain": "nowhere"}, "no domain"),
        ({"domain": "caches", "comand": []}, "mean nothing"),
        ({"domain": "caches", "command": [{"argv": ["x"], "effect": "cache.purge", "kind": "c"}]}, "no name"),
        (
            {"domain": "caches", "command": [{"argv": ["x"], "effect": "cache.purge", "kind": "c", "name": "n"}]},
            "how it is taken back",
        ),
        ({"domain": "caches", "command": [{"effect": "cache.purge", "kind": "c", "name": "n"}]}, "one of argv"),
        (
            {"domain": "caches", "command": [{"argv": ["x", "{a"], "effect": "e", "kind": "c", "name": "{b}"}]},
            "nothing captures",
        ),
        (
            {
                "domain": "caches",
                "command": [
                    {"argv": ["x", "{a!}"], "effect": "e", "kind": "c", "name": "{a}", "action": {"text": "t"}},
                ],
            },
            "would be shown",
        ),
        (
            {
                "domain": "caches",
                "command": [
                    {"argv": ["x"], "effect": "e", "kind": "c", "name": "n", "action": {"text": "t"}, "when": "soon"}
                ],
            },
            "is none of",
        ),
    ],
)
def test_a_file_that_does_not_follow_the_schema_is_an_error(data: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        for row in rows_of("x.toml", data):
            entry_of(row)


def test_a_tool_with_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ValueError, match="mean nothing"):
        tools_of({"x": {"value": ["-a"]}})


def test_the_first_entry_that_fits_counts() -> None:
    tools = tools_of({"x": {}})

    def known(order: Sequence[str]) -> Catalogue:
        rows = [
            {"argv": ["x", word], "effect": "e", "kind": "k", "name": word, "action": {"text": "t"}} for word in order
        ]
        return Catalogue(tools, rows_of("x.toml", {"domain": "caches", "command": rows}))

    assert [entry.names for entry in known(["{a}", "b"]).of_tool("x")] == [["{a}"], ["b"]]
