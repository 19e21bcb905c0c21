"""`serve`, `work` and `migrate`: the commands that run a server."""

import sys
from typing import Annotated

import typer

from turnkeeper.commands.options import with_settings
from turnkeeper.commands.running import run_server, run_worker
from turnkeeper.settings import Settings

NoWorker = Annotated[
    bool, typer.Option("--no-worker", help="Answer requests only; `turnkeeper work` elsewhere answers the turns.")
]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    app.command()(serve)
    app.command()(work)
    app.command()(migrate)


@with_settings("database", "server")
def serve(settings: Settings, no_worker: NoWorker = False) -> None:
    """Serve on http://127.0.0.1:8000: every dialect, and the work on turns.

    The first start makes an organization, an admin, an API key (printed once) and a demo to talk to.

    Examples:

        turnkeeper serve

        turnkeeper serve --port 9000 --no-demo

        turnkeeper serve --no-worker --database-url postgresql://turnkeeper@db/turnkeeper
    """
    run_server(settings, with_worker=not no_worker)


@with_settings("database", "server")
def work(settings: Settings) -> None:
    """Work on turns without answering requests; run as many of these as you like, on any machine.

    Examples:

        turnkeeper work --database-url postgresql://turnkeeper@db/turnkeeper

        turnkeeper work --concurrency 128
    """
    run_worker(settings)


@with_settings("database")
def migrate(settings: Settings) -> None:
    """Bring the database up to date, then end. `serve` and `work` do this by themselves.

    Example:

        turnkeeper migrate --database-url postgresql://turnkeeper@db/turnkeeper
    """
    from turnkeeper.starting import database_ready  # noqa: PLC0415 - slow import

    with database_ready(settings):
        sys.stdout.write("The database is up to date.\n")
