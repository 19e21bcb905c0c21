"""What stands before anything is opened: the port, the data folder, the database. Imports nothing slow."""

import contextlib
import socket
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from turnkeeper.core.addresses import reached_at
from turnkeeper.core.errors import StartError
from turnkeeper.settings import Settings
from turnkeeper.store.data_folder import default_data_dir, hold_server_lock, noted_address
from turnkeeper.store.embedded import join
from turnkeeper.store.migrate import migrate


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
        migrate(settings.direct_database_url or settings.database_url)
        yield settings.database_url
        return
    with join(data_dir_of(settings), postgres_bin=settings.postgres_bin) as lease:
        migrate(lease.url)
        yield lease.url


@contextmanager
def database_ahead(settings: Settings) -> Generator[Callable[[], str]]:
    """The same, begun at once in a thread, so that what is slow can be imported meanwhile.

    What is given waits until the database is ready and returns its URL, or raises the StartError.
    """
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(1, thread_name_prefix="database") as thread:
        yield thread.submit(stack.enter_context, database_ready(settings)).result


@contextmanager
def place_to_serve(settings: Settings) -> Generator[socket.socket]:
    """The right to be the server of the data folder, and a socket that is bound: what is taken must show at once.

    Raises:
        StartError: one sentence for the operator.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(_bound(settings.host, settings.port))
        if settings.database_url is None:
            stack.enter_context(hold_server_lock(data_dir_of(settings), address=_address(listener)))
        yield listener


def address_here(settings: Settings) -> str:
    """Where this machine's server is: as the one that runs on the data folder noted, else as the settings have it.

    Raises:
        StartError: it is not known.
    """
    noted = noted_address(data_dir_of(settings)) if settings.database_url is None else None
    if noted is not None:
        return noted
    if settings.port == 0:
        raise StartError("Which server? TURNKEEPER_PORT is 0, so its port is not known; name it with --url.")
    return reached_at(settings.host, settings.port)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return reached_at(host, port)


@contextmanager
def _bound(host: str, port: int) -> Generator[socket.socket]:
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
