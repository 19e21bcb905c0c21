"""`serve`, `work` and `migrate`: the commands that run a server."""

import gc
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.options import with_settings
from turnkeeper.commands.welcome import first_words
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.actions.first_run import FirstRun

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
    from turnkeeper.starting import database_ahead, place_to_serve  # noqa: PLC0415 - slow import

    _collect_no_garbage_yet()
    with place_to_serve(settings) as listener, database_ahead(settings) as database_url:
        from turnkeeper import serving  # noqa: PLC0415 - slow import
        from turnkeeper.telemetry.logs import configure_logs  # noqa: PLC0415 - slow import

        configure_logs(level=settings.log_level, log_format=settings.log_format)
        with_worker = not no_worker
        started = _started(with_worker=with_worker)
        serving.serve(settings, database_url(), listener, with_worker=with_worker, started=started)


@with_settings("database", "server")
def work(settings: Settings) -> None:
    """Work on turns without answering requests; run as many of these as you like, on any machine.

    Examples:

        turnkeeper work --database-url postgresql://turnkeeper@db/turnkeeper

        turnkeeper work --concurrency 128
    """
    from turnkeeper.starting import database_ahead  # noqa: PLC0415 - slow import

    _collect_no_garbage_yet()
    with database_ahead(settings) as database_url:
        from turnkeeper import working  # noqa: PLC0415 - slow import
        from turnkeeper.telemetry.logs import configure_logs  # noqa: PLC0415 - slow import

        configure_logs(level=settings.log_level, log_format=settings.log_format)
        working.work(settings, database_url())


@with_settings("database")
def migrate(settings: Settings) -> None:
    """Bring the database up to date, then end. `serve` and `work` do this by themselves.

    Example:

        turnkeeper migrate --database-url postgresql://turnkeeper@db/turnkeeper
    """
    from turnkeeper.starting import database_ready  # noqa: PLC0415 - slow import

    with database_ready(settings):
        sys.stdout.write("The database is up to date.\n")


def _collect_no_garbage_yet() -> None:
    """Start-up makes objects that stay; looking for garbage among them takes a twentieth of it. `process.run` begins to."""
    gc.disable()


def _started(*, with_worker: bool) -> "Callable[[str, FirstRun | None], None]":
    def started(address: str, made: "FirstRun | None") -> None:
        if made is not None:
            sys.stdout.write(
                first_words(address, secret=made.secret, data_set_id=made.data_set_id, agent_slug=made.agent_slug)
            )
        rest = "" if with_worker else " (turns wait for a `turnkeeper work`)"
        sys.stdout.write(f"Turnkeeper serves on {address}{rest}; stop it with Ctrl-C.\n")
        sys.stdout.flush()

    return started
