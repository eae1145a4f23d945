"""`notify`: where people are told; addresses are a human's, protocols name only their tags."""

from typing import Annotated

import typer
from rich.markup import escape

from ...recovery.incidents.notify import notify
from ...recovery.incidents.targets import add_target, masked, remove_target, targets
from .common import EXIT_FAILED, Json, Root, confirm_on_terminal, desk, require_terminal, say, show, workspace

app = typer.Typer(
    help="Say where people are told about incidents.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Tag = Annotated[str, typer.Argument(help="What [incident] notify calls it, such as team.")]


@app.command()
def add(
    tag: Tag,
    url: Annotated[str, typer.Argument(help="An Apprise URL: mailto://…, slack://…, jsons://host/path …")],
    root: Root = ".",
    json: Json = False,
) -> None:
    """Keep an address under a tag, for you and this repository (terminal only)."""
    here = workspace(root)
    say(f"Messages for [bold]{escape(tag)}[/] about {escape(here.root)} go to {escape(masked(here, url))}")
    confirm_on_terminal("A target")
    added = add_target(here, tag, url)
    show(
        {"tag": added.tag, "url": masked(here, added.url)},
        json,
        lambda: say(f"Kept. Try it: safe-rollback notify test {escape(added.tag)}"),
    )


@app.command("list")
def list_(root: Root = ".", json: Json = False) -> None:
    """List the targets, addresses masked, and the tags that the protocol names."""
    here = desk(root)
    rows = [{"tag": one.tag, "url": masked(here.workspace, one.url)} for one in targets(here.workspace)]
    named = here.protocol.recovery.incident.notify
    known = {one["tag"] for one in rows}

    def human() -> None:
        for one in rows:
            used = "" if one["tag"] in named else "  [dim](no protocol names it)[/]"
            say(f"{escape(one['tag']):12} {escape(one['url'])}{used}")
        for tag in named:
            if tag not in known:
                say(f"[yellow]{escape(tag)} has no address: safe-rollback notify add {escape(tag)} URL[/]")
        if not rows and not named:
            say("There is no target: safe-rollback notify add TAG URL")

    show({"targets": rows, "protocol": list(named)}, json, human)


@app.command()
def remove(tag: Tag, root: Root = ".", json: Json = False) -> None:
    """Forget every address of a tag (terminal only)."""
    require_terminal("Who is told")
    gone = remove_target(workspace(root), tag)
    show({"tag": tag, "removed": gone}, json, lambda: say(f"{gone} removed."))


@app.command()
def test(tag: Tag, root: Root = ".", json: Json = False) -> None:
    """Send a short text to every address of a tag (terminal only); fails if one does not take it."""
    require_terminal("A message to people")
    here = workspace(root)
    told = notify(here, [tag], "safe-rollback: a test", "This is a test. Nothing is wrong.", by="human")
    rows = [{"tag": one, "ok": ok, "detail": detail} for one, ok, detail in told]

    def human() -> None:
        for one, ok, detail in told:
            say(f"{'[green]told[/]' if ok else '[red]not told[/]'} {escape(one)}: {escape(detail)}")

    show({"told": rows}, json, human)
    if not all(ok for _, ok, _ in told):
        raise typer.Exit(EXIT_FAILED)
