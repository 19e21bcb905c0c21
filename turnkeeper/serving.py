"""A process that serves: all doors over HTTP, and the worker beside them.

It says that it lives as soon as it can. What is slow to import comes in a thread meanwhile, while the database starts too.
"""

import asyncio
import importlib
import logging
import resource
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from uvicorn import Config, Server

from turnkeeper.core.addresses import reached_at
from turnkeeper.http_kit.addresses import networks_in
from turnkeeper.http_kit.bounds import Bounds, Front
from turnkeeper.http_kit.connections import (
    LONGEST_MESSAGE_BYTES,
    PING_SECONDS,
    bounded_protocol,
    websocket_protocol,
)
from turnkeeper.http_kit.gate import Gate
from turnkeeper.process import run, stop_signal
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.actions.first_run import FirstRun
    from turnkeeper.app import Turnkeeper
    from turnkeeper.opening import OpenServer

_log = logging.getLogger(__name__)

LAST_REQUESTS_SECONDS = 5
"""At shutdown, how long requests under way may go on before their connections are closed."""

_OTHER_FILES = 512
"""Files that a process has open beside its clients' connections."""

Started = Callable[[str, "FirstRun | None"], None]


def serve(
    settings: Settings,
    database_url: Callable[[], str],
    listener: socket.socket,
    *,
    with_worker: bool,
    started: Started,
) -> None:
    """Serve all doors, and work on turns too unless told not to, until SIGINT or SIGTERM.

    `database_url` waits, in a thread, for a database that is migrated. `started` is called with the address once all
    requests are answered, and with what a first start made.

    Raises:
        StartError: one sentence for the operator.
    """
    run(_serve(settings, database_url, listener, with_worker=with_worker, started=started))


async def _serve(
    settings: Settings,
    database_url: Callable[[], str],
    listener: socket.socket,
    *,
    with_worker: bool,
    started: Started,
) -> None:
    gate = Gate()
    server = server_for(gate, settings)
    async with asyncio.TaskGroup() as front:
        serving = front.create_task(server.serve([listener]), name="http")
        async with (
            _giving_up(gate, server, serving),
            _opened(settings, database_url, works=with_worker) as opened,
            stop_signal() as stop,
        ):
            drain = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                if with_worker:
                    group.create_task(_work_beside(opened.turnkeeper, settings, drain), name="turns")
                host, port = listener.getsockname()[:2]
                started(reached_at(host, port), opened.made)
                gate.open(opened.doors)
                group.create_task(opened.doors.load(), name="the rest of the doors")
                await stop.wait()
                _log.info("stopping: no new requests, turns under way may end")
                # Streams would go on for ever: their clients go on with another process.
                opened.turnkeeper.actions.events.close()
                server.should_exit = True
                await serving
                drain.set()


@asynccontextmanager
async def _opened(settings: Settings, database_url: Callable[[], str], *, works: bool) -> AsyncGenerator["OpenServer"]:
    await asyncio.to_thread(importlib.import_module, "turnkeeper.opening")
    from turnkeeper.opening import opened_server  # noqa: PLC0415 - loaded in the thread above

    url = await asyncio.to_thread(database_url)
    async with opened_server(settings, url, works=works) as opened:
        yield opened


@asynccontextmanager
async def _giving_up(gate: Gate, server: Server, serving: "asyncio.Task[None]") -> AsyncGenerator[None]:
    """Should it go wrong, those whose requests wait at the gate are told to try again, before the process ends."""
    try:
        yield
    except Exception:
        gate.give_up()
        server.should_exit = True
        await serving
        raise


async def _work_beside(turnkeeper: "Turnkeeper", settings: Settings, drain: asyncio.Event) -> None:
    """Work on turns. Its imports wait until requests are answered, and do not hold them up."""
    await asyncio.to_thread(importlib.import_module, "turnkeeper.working")
    from turnkeeper.working import answer_turns  # noqa: PLC0415 - loaded in the thread above

    await answer_turns(turnkeeper, settings, drain)


def server_for(gate: Gate, settings: Settings) -> Server:
    """The HTTP server in front of the gate; signals are the business of others."""
    config = Config(
        gate,
        host=settings.host,
        port=settings.port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        http=bounded_protocol(Front(_bounds(settings))),  # pyright: ignore[reportArgumentType] - called like a class
        ws=websocket_protocol,  # pyright: ignore[reportArgumentType] - called like the class that it makes one of
        ws_max_size=LONGEST_MESSAGE_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=LAST_REQUESTS_SECONDS,
    )
    return _QuietServer(config)


def _bounds(settings: Settings) -> Bounds:
    """How many connections there may be: no more than the system lets this process have files open."""
    wanted = settings.most_connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in {soft, hard} and soft < wanted:
        soft = min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    has_room = soft == resource.RLIM_INFINITY or soft >= wanted
    return Bounds(
        connections=settings.most_connections if has_room else max(soft - _OTHER_FILES, soft // 2),
        connections_of_one=settings.most_connections_by_address,
        trusted=networks_in(settings.trusted_proxies),
    )


class _QuietServer(Server):
    """Signals are this file's business: the drain of turns comes after the last request."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals alone."""
        yield
