"""What a tool says of small histories, in words."""

from collections.abc import Iterable

from safe_rollback.inventory.migrations.model import Migration, Operation, Tool, Touched
from tests.inventory.kit import Files, Story


def said(operation: Operation) -> str:
    """`effect ~touched +created -dropped`."""
    changed = {*operation.creates, *operation.drops}
    rest = [f"~{name}" for name in operation.objects if name not in changed]
    return " ".join(
        [
            operation.effect,
            *rest,
            *(f"+{name}" for name in operation.creates),
            *(f"-{name}" for name in operation.drops),
        ]
    )


def all_said(operations: Iterable[Operation]) -> list[str]:
    """Each operation in words."""
    return [said(one) for one in operations]


def touched(story: Story, tool: Tool, before: Files, *steps: Files) -> list[Touched]:
    """What the steps touched, as the tool reads it."""
    changes = story.changes(before, *steps)
    return list(tool.read(changes, [one for one in changes.deltas if tool.claims(one.path)]))


def migration(story: Story, tool: Tool, path: str, text: str, before: Files | None = None) -> Migration:
    """The one migration that adding a file adds."""
    (one,) = touched(story, tool, before or {}, {path: text})
    assert one.change == "added"
    return one.migration


def ups(
    story: Story, tool: Tool, path: str, source: str, rows: Iterable[str], before: Files | None = None
) -> dict[str, list[str]]:
    """What each of many bodies of an `up` does, by body; all are added in one step.

    Args:
        story: an empty one.
        tool: who reads them.
        path: of a file; `{}` is a number.
        source: of a file; `BODY` is the body, `{}` the number.
        rows: the bodies.
        before: other files.
    """
    paths = {path.replace("{}", f"{number:03}"): row for number, row in enumerate(rows)}
    files: dict[str, str | None] = {
        there: source.replace("{}", f"{number:03}").replace("BODY", row)
        for number, (there, row) in enumerate(paths.items())
    }
    found = touched(story, tool, before or {}, files)
    return {paths[one.migration.path]: all_said(one.migration.up) for one in found}
