"""The commands, in the order `--help` lists them."""

import os
import sys

import typer
from rich.markup import escape

from ... import __version__
from ...core.errors import RefusedError, SafeRollbackError
from ...core.gate.environment import scrub_process
from ...core.text import clean
from . import (
    approve,
    backup,
    checkpoint,
    demo,
    doctor,
    drill,
    end,
    find,
    githooks,
    grant,
    impact,
    incident,
    init,
    inventory,
    log,
    notify,
    policy,
    prune,
    restore,
    serve,
    status,
    trust,
    undo,
    verify,
)
from .common import EXIT_CODES, EXIT_FAILED, EXIT_REFUSED, EXIT_USAGE, errors, exit_code, resources, show_refusal

app = typer.Typer(
    name="safe-rollback",
    help="Makes whatever an AI coding agent does undoable.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

COMMANDS = (
    serve.serve,
    init.init,
    status.status,
    log.log,
    checkpoint.checkpoint,
    restore.restore,
    undo.undo,
    end.end,
    verify.verify,
    find.find,
    drill.drill,
    impact.impact,
    inventory.inventory,
    inventory.close,
    incident.postmortem,
    trust.trust,
    grant.grant,
    approve.approve,
    doctor.doctor,
    backup.backup,
    prune.prune,
    demo.demo,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(policy.app, name="policy")
app.add_typer(githooks.app, name="hooks")
app.add_typer(incident.app, name="incident")
app.add_typer(notify.app, name="notify")


def _version(show: bool) -> None:
    if show:
        typer.echo(f"safe-rollback {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    del version


def main(arguments: list[str]) -> None:
    """Run a command and exit with its code."""
    scrub_process()
    try:
        with resources:
            code = app(arguments, prog_name="safe-rollback", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except RefusedError as error:
        show_refusal(error.refusal)
        sys.exit(EXIT_REFUSED)
    except SafeRollbackError as error:
        said = str(error)
        errors.print(f"[red]{escape(clean(said, limit=len(said)))}[/]")
        sys.exit(exit_code(error))
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_FAILED)
    except typer.Abort:
        errors.print("Stopped; nothing more was changed.")
        sys.exit(EXIT_FAILED)
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is None:
            raise
        errors.print(f"{escape(usage())} Try --help.")
        sys.exit(EXIT_USAGE)
