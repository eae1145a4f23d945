"""`backup`: checkpoints into a bundle, or to a remote."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from ...core.text import plural, show_path
from ...recovery.backup.push import Pushing, count_checkpoints, plan_push, push, remote_of
from ...recovery.backup.seal import seal, unsealed
from ...recovery.backup.travel import travel
from ...recovery.backup.write import check_target, chosen, write_bundle
from ...tools.desk import Desk
from .common import (
    EXIT_FAILED,
    EXIT_UNCHANGED,
    EXIT_USAGE,
    Json,
    Root,
    confirm_on_terminal,
    desk,
    errors,
    say,
    show,
)

_SHOWN = 20


def backup(
    bundle: Annotated[
        str | None, typer.Option("--bundle", help="Write this file; it holds all that is needed.")
    ] = None,
    remote: Annotated[
        str | None, typer.Option("--push", help="Push to this remote, each ref to its own name.")
    ] = None,
    with_private: Annotated[
        bool, typer.Option("--with-private", help="Captured ignored files too, secrets among them (terminal only).")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace whatever file stands there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only show what would go.")] = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Back up every checkpoint with the ledger: into a bundle that is read back, or to a remote.

    Takes a checkpoint first, so that the state of now is in it. To bring a bundle back, on an empty machine too, see
    the help of restore.

    A push uses your own git configuration (credentials, SSH, proxies), not the repository's; it runs no hooks, and
    deletes and replaces nothing.
    """
    if (bundle is None) == (remote is None):
        errors.print("Name one of --bundle FILE and --push REMOTE.")
        raise typer.Exit(EXIT_USAGE)
    if remote is not None and (with_private or force):
        errors.print(
            "--with-private and --force are for --bundle: ignored files are never pushed, nor is a ref forced."
        )
        raise typer.Exit(EXIT_USAGE)
    here = desk(root)
    if bundle is not None:
        _bundle(here, bundle, private=with_private, force=force, dry_run=dry_run, as_json=json)
    elif remote is not None:
        _push(here, remote, dry_run=dry_run, as_json=json)


def _bundle(here: Desk, path: str, *, private: bool, force: bool, dry_run: bool, as_json: bool) -> None:
    target = check_target(here.workspace, path, force=force)
    if dry_run:
        found = travel(here.workspace)
        refs = chosen(found, private=private)
        left = 0 if private else len(found.private)
        count = count_checkpoints(here.workspace, refs)
        data = {"dry_run": True, "path": target, "refs": [show_path(ref.name) for ref in refs], "checkpoints": count}
        show({**data, "left_out": left, "unsealed": unsealed(here.workspace)}, as_json, lambda: _would(data, left))
        return
    if private:
        errors.print("Captured ignored files hold secrets; whoever has the bundle has them.")
        confirm_on_terminal("A backup with ignored files")
    taken = seal(here.workspace, here.chain, here.policy)
    done = write_bundle(here.workspace, target, private=private, force=force)

    def human() -> None:
        if taken is not None:
            say(f"Checkpoint {taken.id} keeps the state of now.")
        size = f"{plural(done.checkpoints, 'checkpoint')} in {plural(done.refs, 'ref')}, {plural(done.bytes, 'byte')}"
        say(f"[green]{escape(show_path(done.path))}[/]: {size}, read back.")
        for note in done.notes:
            say(f"  {escape(note)}")
        say(f"Back from it: safe-rollback restore --from-bundle {escape(show_path(done.path))} --into <directory>")

    result = {
        "path": done.path, "refs": done.refs, "checkpoints": done.checkpoints, "bytes": done.bytes,
        "left_out": done.left_out, "notes": list(done.notes), "checkpoint_id": taken.id if taken else None,
    }  # fmt: skip
    show(result, as_json, human)


def _would(data: dict[str, Any], left: int) -> None:
    for name in data["refs"][:_SHOWN]:
        say(f"  {escape(name)}")
    if len(data["refs"]) > _SHOWN:
        say(f"  … and {len(data['refs']) - _SHOWN} more")
    say(f"{plural(data['checkpoints'], 'checkpoint')} would go into {escape(show_path(data['path']))}.")
    if left:
        say("Captured ignored files would not; --with-private takes them along.")


def _push(here: Desk, name: str, *, dry_run: bool, as_json: bool) -> None:
    remote = remote_of(here.workspace, name)
    taken = None if dry_run else seal(here.workspace, here.chain, here.policy)
    plan = plan_push(here.workspace, remote)
    data: dict[str, Any] = {
        "dry_run": dry_run,
        "remote": remote.name,
        "new": [show_path(ref.name) for ref in plan.new],
        "forward": [show_path(ref.name) for ref in plan.forward],
        "same": len(plan.same),
        "differs": [show_path(ref.name) for ref in plan.differs],
        "checkpoint_id": taken.id if taken else None,
    }
    lost: list[str] = []
    said = ""
    if not dry_run:
        done = push(here.workspace, plan)
        lost, said = [show_path(ref.name) for ref in done.lost], done.said
        data |= {"arrived": len(done.arrived), "checkpoints": done.checkpoints, "lost": lost}
    show(data, as_json, lambda: _show_push(plan, data, lost, said))
    if lost:
        raise typer.Exit(EXIT_FAILED)
    if plan.differs:
        raise typer.Exit(EXIT_UNCHANGED)


def _show_push(plan: Pushing, data: dict[str, Any], lost: list[str], said: str) -> None:
    for word, names in (("new", data["new"]), ("forward", data["forward"])):
        for name in names[:_SHOWN]:
            say(f"  [green]{word:8}[/] {escape(name)}")
        if len(names) > _SHOWN:
            say(f"  … and {len(names) - _SHOWN} more")
    for name in data["differs"]:
        say(f"  [red]differs[/]  {escape(name)}: left as it is there")
    for name in lost:
        say(f"  [red]refused[/]  {escape(name)}")
    where = escape(plan.remote.name)
    if data["dry_run"]:
        say(f"{plural(len(plan.going), 'ref')} would go to {where}; {plural(len(plan.same), 'ref')} stand there.")
    else:
        say(f"{where} has {plural(data['checkpoints'], 'checkpoint')} in {plural(data['arrived'], 'ref')} now.")
    if lost:
        say(escape(said))
    if plan.differs:
        say(
            "What differs there is another machine's, or from before a pruning here. A bundle takes everything; or "
            "rename it there and push again."
        )
    if plan.kept_here:
        say("Captured ignored files are never pushed.")
