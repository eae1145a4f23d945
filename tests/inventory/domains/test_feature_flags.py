"""What a target does to the flags that code asks for."""

import pytest

from safe_rollback.inventory.domains.feature_flags import FEATURE_FLAGS, detect
from safe_rollback.inventory.fold import fold
from tests.inventory.kit import Files, Story, names, only

LIST = "export const FEATURE_FLAGS = {{ {} }};\n"


@pytest.mark.parametrize(
    ("before", "steps", "expected"),
    [
        ({}, [{"a.ts": "useFlag('new')"}], ["flag new added"]),
        ({"a.ts": "useFlag('old')"}, [{"a.ts": "x()"}], ["flag old removed"]),
        ({}, [{"a.ts": "import { isEnabled } from 'unleash-client';\nif (isEnabled('new')) {}"}], ["flag new added"]),
        ({}, [{"a.js": "const u = require('unleash-client');\ngetVariant('new')"}], ["flag new added"]),
        ({}, [{"a.ts": "import { isEnabled } from './buttons';\nif (isEnabled('save')) {}"}], []),
        ({"a.ts": "useFlag('old')"}, [{"b.ts": "useFlag('old')"}], []),
        ({"a.ts": "useFlag('old')"}, [{"a.ts": None, "b.ts": "useFlag('old')"}], []),
        ({"a.ts": "useFlag('old')\n"}, [{"a.ts": "\n\nuseFlag('old')\n"}], []),
        ({"a.ts": "useFlag('old')", "b.ts": "useFlag('old')"}, [{"a.ts": "x()"}], []),
        ({"a.rb": "Feature.old_enabled?", "b.rb": "Feature.old_enabled?"}, [{"a.rb": "x"}], []),
        ({"flags.ts": LIST.format("a: true")}, [{"b.ts": "useFlag('a')"}], []),
        ({"flags.ts": LIST.format("a: true")}, [{"flags.ts": LIST.format("a: false")}], ["flag a changed"]),
        ({"flags.ts": LIST.format("a: true")}, [{"flags.ts": LIST.format("b: true, a: true")}], ["flag b added"]),
        (
            {"flags.ts": LIST.format("a: true"), "b.ts": "useFlag('a')"},
            [{"flags.ts": LIST.format("")}],
            ["flag a removed"],
        ),
        ({"b.ts": "useFlag('a')"}, [{"flags.ts": LIST.format("a: true")}], ["flag a added"]),
        ({"flags.ts": LIST.format("a: true")}, [{"ui.ts": "type UiFlags = { a: boolean }"}], []),
        (
            {"flags.ts": LIST.format("a: true"), "ui.ts": "type UiFlags = { a: boolean }"},
            [{"flags.ts": LIST.format("")}],
            ["flag a removed"],
        ),
        ({"a.ts": "go('teams')"}, [{"b.ts": "useFlag('teams')"}], ["flag teams added"]),
        ({}, [{"a.ts": "useFlag('a')"}, {"a.ts": "x()"}], []),
        (
            {"config/features.yml": "- name: a\n  enabled: false\n"},
            [{"config/features.yml": "- name: a\n  enabled: true\n"}],
            ["flag a changed"],
        ),
        (
            {"flags.ts": LIST.format("a: true")},
            [{"m/1.sql": "DELETE FROM \"Feature\" WHERE slug = 'a';", "flags.ts": LIST.format("")}],
            ["flag a removed"],
        ),
        (
            {"m/1.sql": "INSERT INTO feature_flags (name) VALUES ('a');", "f.ts": "type AppFlags = { a: boolean }"},
            [{"f.ts": ""}],
            ["flag a removed"],
        ),
        (
            {"m/1.sql": "DELETE FROM feature_flags WHERE name = 'a';"},
            [{"m/1.sql": "DELETE FROM feature_flags  WHERE name = 'a';"}],
            [],
        ),
    ],
)
def test_what_counts(story: Story, before: Files, steps: list[Files], expected: list[str]) -> None:
    assert names(fold(detect(story.changes({"x": "x\n", **before}, *steps)))) == expected


def test_a_last_question_somewhere_keeps_no_flag_alive_that_nothing_lists(story: Story) -> None:
    asked: Files = {f"{name}.ts": "useFlag('old')" for name in "abcd"}
    changes = story.changes(asked, {f"{name}.ts": "x()" for name in "abc"})
    assert names(detect(changes)) == ["flag old removed"]


def test_a_list_comes_first_in_evidence_and_names_the_variable(story: Story) -> None:
    changes = story.changes(
        {"x": "x\n"},
        {
            "a.ts": "useFlag('shiny')\n",
            "experimental.ts": "const flags = {\n  shiny: parseEnvVarBoolean(process.env.SHINY_ON, false),\n};\n",
        },
    )
    item = only(detect(changes))
    assert [(one.path, one.line) for one in item.evidence] == [("experimental.ts", 2), ("a.ts", 1)]
    assert (item.before, item.after, item.when, item.reversible) == ("", "false", "before code", "yes")
    assert any("SHINY_ON" in caution for caution in item.cautions)
    assert (item.details["provider"], item.details["variable"]) == ("unleash", "SHINY_ON")
    assert "Unleash" in item.action.text


def test_a_flag_that_gets_variants_has_changed(story: Story) -> None:
    plain = "const flags = {\n  shiny: parse(process.env.SHINY, false),\n};\n"
    several = (
        "const flags = {\n  shiny: { name: 'shiny', enabled: parse(process.env.SHINY, false), payload: x() },\n};\n"
    )
    item = only(detect(story.changes({"experimental.ts": plain}, {"experimental.ts": several})))
    assert (item.change, item.before, item.after) == ("changed", "false", "false, with variants")


def test_a_changed_default_shows_both(story: Story) -> None:
    item = only(
        detect(
            story.changes(
                {"config/feature_flags/a.yml": "name: a\ndefault_enabled: false\n"},
                {"config/feature_flags/a.yml": "name: a\ndefault_enabled: true\n"},
            )
        )
    )
    assert (item.change, item.before, item.after, item.when) == ("changed", "false", "true", "with code")


def test_commands_are_those_of_the_library_and_quote_the_key(story: Story) -> None:
    item = only(detect(story.changes({"x": "x\n"}, {"a.rb": "Flipper.enabled?(:shiny)\n"})))
    assert item.action.command == "bin/rails runner 'Flipper.disable(:shiny)'"
    assert item.verify == "bin/rails runner 'puts Flipper.enabled?(:shiny)'"


def test_a_row_in_a_table_is_named(story: Story) -> None:
    item = only(
        detect(
            story.changes({"x": "x\n"}, {"m/1.sql": "INSERT INTO \"Feature\" (slug, enabled) VALUES ('a', true);"})
        )
    )
    assert (item.after, item.when) == ("true", "before code")
    assert any("table Feature" in caution for caution in item.cautions)


def test_the_domain_has_its_name() -> None:
    assert FEATURE_FLAGS.name == "feature_flags"
