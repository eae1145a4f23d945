"""Templates of status messages: filled in, and nothing but that."""

import pytest

from safe_rollback.core.errors import InvalidInputError
from safe_rollback.recovery.incidents.messages import BUILT_IN, FIELDS, fill, template

VALUES = {name: f"<{name}>" for name in FIELDS}


def test_every_built_in_message_can_be_filled_in() -> None:
    assert set(BUILT_IN) == {"investigating", "identified", "rolling_back", "monitoring", "resolved"}
    for text in BUILT_IN.values():
        assert "{" not in fill(text, VALUES) and "<title>" in fill(text, VALUES)


def test_placeholders_and_doubled_braces() -> None:
    text = "{{{id}}} {title}{severity} {branch} {commit} {session} {elapsed} {next}"
    assert fill(text, VALUES) == "{<id>} <title><severity> <branch> <commit> <session> <elapsed> <next>"


@pytest.mark.parametrize("text", ["{nobody}", "{id.__class__}", "{id!r}", "{id:>10}", "{0}", "{}", "{", "a } b"])
def test_anything_else_in_braces_is_an_error_that_says_what_may_stand_there(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"means nothing.*\{elapsed\}"):
        fill(text, VALUES)


def test_what_is_filled_in_is_not_read_as_a_template() -> None:
    assert fill("{title}", {**VALUES, "title": "{id} {{x}}"}) == "{id} {{x}}"


def test_the_protocols_template_comes_before_the_built_in_and_adds_to_it() -> None:
    own = {"resolved": "over", "paged": "wake up"}
    assert [template(name, own) for name in ("resolved", "paged")] == ["over", "wake up"]
    assert template("monitoring", own) == BUILT_IN["monitoring"]
    with pytest.raises(InvalidInputError, match=r"no message 'gone'.*identified.*paged"):
        template("gone", own)
