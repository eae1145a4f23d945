"""`impact`: what taking something back would reach."""

from typing import Annotated

import typer
from rich.markup import escape

from ...core.errors import InvalidInputError
from ...tools.blast_radius import BlastRadius, blast_radius
from .common import Json, Root, desk, say, show
from .drawing import dot, mermaid

_COLOURS = {"will_break": "red", "likely": "yellow", "reachable": "dim"}


def impact(
    target: Annotated[
        str | None, typer.Argument(help="A session, commit, commits a,b, range, merge or branch; default session.")
    ] = None,
    paths: Annotated[
        list[str] | None, typer.Option("--path", help="Only these; alone: who would miss them if they were gone.")
    ] = None,
    depth: Annotated[int | None, typer.Option("--depth", min=1, help="Steps to follow.")] = None,
    page: Annotated[int, typer.Option("--page", min=1)] = 1,
    as_dot: Annotated[bool, typer.Option("--dot", help="Print the graph for Graphviz.")] = False,
    as_mermaid: Annotated[bool, typer.Option("--mermaid", help="Print the graph for Mermaid.")] = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Show who uses what a rollback would take away, line by line, and which commits go together."""
    if sum((as_dot, as_mermaid, json)) > 1:
        raise InvalidInputError("--dot, --mermaid and --json exclude each other.", hint="Take one.")
    found = blast_radius(desk(root), target, paths or [], depth, page)
    if as_dot or as_mermaid:
        typer.echo(dot(found) if as_dot else mermaid(found))
        return
    show(found, json, lambda: _say(found))


def _say(found: BlastRadius) -> None:
    say(escape(found.estimate))
    for one in found.dependents:
        say(f"  [{_COLOURS[one.tier]}]{one.tier:10}[/] {escape(one.path)}")
        if one.tier != "reachable":
            for via in one.via[:3]:
                say(f"             line {via.line}: {escape(via.text)}")
    if found.next_page is not None:
        say(f"  More with --page {found.next_page}.")
    for chain in found.cascades[:5]:
        say(f"  {chain.commits[0]}" + "".join(f" → {commit}" for commit in chain.commits[1:]))
    for line in found.advice:
        say(f"[cyan]{escape(line)}[/]")
    if found.coverage.level != "exact":
        say(f"[yellow]Coverage: {found.coverage.level}[/], {found.coverage.files_total} files not wholly known:")
        for note in found.coverage.files[:5]:
            say(f"  {escape(note.path)}: {escape(note.why)}")
