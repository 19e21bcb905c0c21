"""`check`: whether everything that a server needs is there."""

import os
import sys

import typer

from turnkeeper.commands.options import with_settings
from turnkeeper.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Offer the command."""
    app.command()(check)


@with_settings("database", "server")
def check(settings: Settings) -> None:
    """Look at settings, disk, database, keys and the embedder; one line each, with what to do. Changes nothing.

    The exit code is 1 when something is wrong. It may run beside the server.

    Examples:

        turnkeeper check

        turnkeeper check --database-url postgresql://turnkeeper@db/turnkeeper
    """
    from turnkeeper.commands import inspection  # noqa: PLC0415 - slow import

    findings = inspection.inspect(settings, os.environ)
    for finding in findings:
        sys.stdout.write(f"{'ok     ' if finding.is_fine else 'WRONG  '} {finding.what:<10} {finding.sentence}\n")
    if not all(finding.is_fine for finding in findings):
        raise typer.Exit(1)
