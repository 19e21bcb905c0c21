"""One process of Turnkeeper, from its start to its end: database, doors, worker, signals."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
import uvloop

from turnkeeper.actions.first_run import FirstRun
from turnkeeper.app import Turnkeeper, opened
from turnkeeper.core.errors import StartError
from turnkeeper.demo import telecom_folder
from turnkeeper.retrieval.sources.folder import FoundFile, find_files
from turnkeeper.settings import Settings
from turnkeeper.store.data_folder import default_data_dir, hold_server_lock
from turnkeeper.store.embedded import join
from turnkeeper.store.migrate import migrate

_log = logging.getLogger(__name__)

LAST_REQUESTS_SECONDS = 5
"""At shutdown, how long requests under way may go on before their connections are closed."""


def data_dir_of(settings: Settings) -> Path:
    """The data folder: the setting, else the default of this user."""
    return settings.data_dir or default_data_dir()


@contextmanager
def database_ready(settings: Settings) -> Generator[str]:
    """The URL of a database that runs and is migrated; the embedded one keeps running until the end of the block.

    Raises:
        StartError: one sentence for the operator.
    """
    if settings.database_url is not None:
        migrate(settings.database_url)
        yield settings.database_url
        return
    with join(data_dir_of(settings), postgres_bin=settings.postgres_bin) as lease:
        migrate(lease.url)
        yield lease.url


def serve(settings: Settings, *, with_worker: bool, started: Callable[[str, FirstRun | None], None]) -> None:
    """Serve all doors, and work on turns too unless told not to, until SIGINT or SIGTERM.

    `started` is called with the address once requests are answered, and with what a first start made.

    Raises:
        StartError: one sentence for the operator.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(_bound(settings.host, settings.port))
        if settings.database_url is None:
            stack.enter_context(hold_server_lock(data_dir_of(settings)))
        url = stack.enter_context(database_ready(settings))
        _run(_serve(settings, url, listener, with_worker=with_worker, started=started))


def work(settings: Settings) -> None:
    """Work on turns, without any door, until SIGINT or SIGTERM.

    Raises:
        StartError: one sentence for the operator.
    """
    with database_ready(settings) as url:
        _run(_work(settings, url))


async def _serve(
    settings: Settings,
    url: str,
    listener: socket.socket,
    *,
    with_worker: bool,
    started: Callable[[str, FirstRun | None], None],
) -> None:
    async with opened(settings, url, works=with_worker) as turnkeeper, _stop_signal() as stop:
        demo = _demo_files if settings.demo else None
        made = await turnkeeper.actions.first_run(demo_sources=demo)
        async with asyncio.TaskGroup() as group:
            server = _server(turnkeeper, settings)
            serving = group.create_task(server.serve([listener]), name="http")
            working = group.create_task(_answer_turns(turnkeeper, settings), name="turns") if with_worker else None
            host, port = listener.getsockname()[:2]
            started(f"http://{_shown(host)}:{port}", made)
            await stop.wait()
            _log.info("stopping: no new requests, turns under way may end")
            server.should_exit = True
            await serving
            turnkeeper.queue.stop()
            if working is not None:
                await working


async def _work(settings: Settings, url: str) -> None:
    async with opened(settings, url, works=True) as turnkeeper, _stop_signal() as stop, asyncio.TaskGroup() as group:
        working = group.create_task(_answer_turns(turnkeeper, settings), name="turns")
        _log.info("working")
        await stop.wait()
        _log.info("stopping: turns under way may end")
        turnkeeper.queue.stop()
        await working


async def _answer_turns(turnkeeper: Turnkeeper, settings: Settings) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(turnkeeper.embedder.load(), name="load the embedder")
        await turnkeeper.queue.work(concurrency=settings.concurrency, drain_seconds=settings.drain_seconds)


def _server(turnkeeper: Turnkeeper, settings: Settings) -> uvicorn.Server:
    config = uvicorn.Config(
        turnkeeper.asgi,
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


class _QuietServer(uvicorn.Server):
    """Signals are this file's business: the drain of turns comes after the last request."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals alone."""
        yield


@asynccontextmanager
async def _stop_signal() -> AsyncGenerator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set; a second signal ends the process at once, as it would without us."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def asked() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    yield stop


def _demo_files() -> Sequence[FoundFile]:
    return find_files([telecom_folder()]).files


@contextmanager
def _bound(host: str, port: int) -> Generator[socket.socket]:
    """A socket bound before anything else is started: that the port is taken must show at once."""
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise StartError(f"The address {host!r} cannot be listened on: {error.strerror or error}.") from error
    family, kind, protocol, _, where = address
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(where)
            listener.listen(2048)
        except OSError as error:
            raise StartError(
                f"Port {port} on {host} cannot be used ({error.strerror}); stop what has it, or choose another --port."
            ) from error
        listener.setblocking(False)
        yield listener


def _shown(host: str) -> str:
    """The host as it stands in an address that can be opened."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - a comparison
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _run(main: Coroutine[None, None, None]) -> None:
    try:
        uvloop.run(main)
    except BaseExceptionGroup as errors:
        raise _first(errors) from errors


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first  # pyright: ignore[reportUnknownArgumentType]
