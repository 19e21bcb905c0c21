"""What `serve` and `work` do, for both readers of their flags. Imports nothing slow before the database is starting."""

import gc
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from turnkeeper.commands.welcome import first_words
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.actions.first_run import FirstRun


def run_server(settings: Settings, *, with_worker: bool) -> None:
    """Serve until SIGINT or SIGTERM, and say on standard output where.

    Raises:
        StartError: one sentence for the operator.
    """
    from turnkeeper.starting import database_ahead, place_to_serve  # noqa: PLC0415 - slow import

    _collect_no_garbage_yet()
    with place_to_serve(settings) as listener, database_ahead(settings) as database_url:
        from turnkeeper import serving  # noqa: PLC0415 - slow import
        from turnkeeper.telemetry.logs import configure_logs  # noqa: PLC0415 - slow import

        configure_logs(level=settings.log_level, log_format=settings.log_format)
        started = _started(with_worker=with_worker)
        serving.serve(settings, database_url, listener, with_worker=with_worker, started=started)


def run_worker(settings: Settings) -> None:
    """Work on turns until SIGINT or SIGTERM.

    Raises:
        StartError: one sentence for the operator.
    """
    from turnkeeper.starting import database_ahead  # noqa: PLC0415 - slow import

    _collect_no_garbage_yet()
    with database_ahead(settings) as database_url:
        from turnkeeper import working  # noqa: PLC0415 - slow import
        from turnkeeper.telemetry.logs import configure_logs  # noqa: PLC0415 - slow import

        configure_logs(level=settings.log_level, log_format=settings.log_format)
        working.work(settings, database_url())


def _collect_no_garbage_yet() -> None:
    """Start-up makes objects that stay; looking for garbage among them takes a twentieth of it. `process.run` begins to."""
    gc.disable()


def _started(*, with_worker: bool) -> "Callable[[str, FirstRun | None], None]":
    def started(address: str, made: "FirstRun | None") -> None:
        if made is not None:
            sys.stdout.write(
                first_words(
                    address,
                    secret=made.secret,
                    code=made.code,
                    data_set_id=made.data_set_id,
                    agent_slug=made.agent_slug,
                )
            )
        rest = "" if with_worker else " (turns wait for a `turnkeeper work`)"
        sys.stdout.write(f"Turnkeeper serves on {address}{rest}; stop it with Ctrl-C.\n")
        sys.stdout.flush()

    return started
