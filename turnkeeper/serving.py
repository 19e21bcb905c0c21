"""A process that serves: all doors over HTTP, and the worker beside them."""

import asyncio
import importlib
import logging
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from uvicorn import Config, Server

from turnkeeper.actions.first_run import FirstRun
from turnkeeper.app import Turnkeeper, opened
from turnkeeper.demo import telecom_folder
from turnkeeper.doors import all_doors
from turnkeeper.process import run, stop_signal
from turnkeeper.retrieval.sources.folder import FoundFile, find_files
from turnkeeper.settings import Settings

_log = logging.getLogger(__name__)

LAST_REQUESTS_SECONDS = 5
"""At shutdown, how long requests under way may go on before their connections are closed."""

Started = Callable[[str, FirstRun | None], None]


def serve(
    settings: Settings, database_url: str, listener: socket.socket, *, with_worker: bool, started: Started
) -> None:
    """Serve all doors, and work on turns too unless told not to, until SIGINT or SIGTERM.

    `started` is called with the address once requests are answered, and with what a first start made.

    Raises:
        StartError: one sentence for the operator.
    """
    run(_serve(settings, database_url, listener, with_worker=with_worker, started=started))


async def _serve(
    settings: Settings,
    database_url: str,
    listener: socket.socket,
    *,
    with_worker: bool,
    started: Started,
) -> None:
    async with opened(settings, database_url, works=with_worker) as turnkeeper, stop_signal() as stop:
        demo = _demo_files if settings.demo else None
        made = await turnkeeper.actions.first_run(demo_sources=demo)
        drain = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            server = _server(turnkeeper, settings)
            serving = group.create_task(server.serve([listener]), name="http")
            if with_worker:
                group.create_task(_work_beside(turnkeeper, settings, drain), name="turns")
            host, port = listener.getsockname()[:2]
            started(f"http://{_shown(host)}:{port}", made)
            await stop.wait()
            _log.info("stopping: no new requests, turns under way may end")
            server.should_exit = True
            await serving
            drain.set()


async def _work_beside(turnkeeper: Turnkeeper, settings: Settings, drain: asyncio.Event) -> None:
    """Work on turns. Its imports wait until requests are answered, and do not hold them up."""
    await asyncio.to_thread(importlib.import_module, "turnkeeper.working")
    from turnkeeper.working import answer_turns  # noqa: PLC0415 - loaded in the thread above

    await answer_turns(turnkeeper, settings, drain)


def _server(turnkeeper: Turnkeeper, settings: Settings) -> Server:
    config = Config(
        all_doors(settings, turnkeeper),
        host=settings.host,
        port=settings.port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        http="httptools",
        ws="none",
        timeout_graceful_shutdown=LAST_REQUESTS_SECONDS,
    )
    return _QuietServer(config)


class _QuietServer(Server):
    """Signals are this file's business: the drain of turns comes after the last request."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals alone."""
        yield


def _shown(host: str) -> str:
    """The host as it stands in an address that can be opened."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - a comparison
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _demo_files() -> Sequence[FoundFile]:
    return find_files([telecom_folder()]).files
